//! Keys and chords: how they are written in the config file, and how a key press of the terminal compares to them.

use std::{fmt, str::FromStr};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// One key with its modifiers, in the one form that the terminal's different reports of it share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// One key, or several pressed one after the other: `ctrl-x e`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Chord(Vec<Key>);

/// The text names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key: expected for instance `ctrl-r`, `f5`, `shift-tab`, `alt-enter` or `ctrl-x e`")]
pub struct InvalidChord(pub String);

/// The names of the keys that have no character of their own.
const NAMES: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("tab", KeyCode::Tab),
    ("backspace", KeyCode::Backspace),
    ("esc", KeyCode::Esc),
    ("space", KeyCode::Char(' ')),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("insert", KeyCode::Insert),
    ("delete", KeyCode::Delete),
];

/// The prefixes of the modifiers, in the order they are printed.
const MODIFIERS: &[(&str, KeyModifiers)] =
    &[("ctrl-", KeyModifiers::CONTROL), ("alt-", KeyModifiers::ALT), ("shift-", KeyModifiers::SHIFT)];

impl Key {
    /// Returns the key in its common form: a letter carries its own shift, ctrl has no capitals, and shift-tab is
    /// the terminal's back-tab.
    pub fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let modifiers = modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        match code {
            KeyCode::Char(letter) if modifiers.contains(KeyModifiers::CONTROL) => {
                Self { code: KeyCode::Char(letter.to_ascii_lowercase()), modifiers: modifiers - KeyModifiers::SHIFT }
            }
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => {
                Self { code: KeyCode::BackTab, modifiers: modifiers - KeyModifiers::SHIFT }
            }
            KeyCode::Char(_) | KeyCode::BackTab => Self { code, modifiers: modifiers - KeyModifiers::SHIFT },
            _ => Self { code, modifiers },
        }
    }

    /// Returns the character that the key types, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(letter) if self.modifiers.is_empty() => Some(letter),
            _ => None,
        }
    }

    /// Returns the key as it is written where there is little room: `^x`, `F1`, `⏎`.
    pub fn short(self) -> String {
        match (self.code, self.modifiers) {
            (KeyCode::Enter, KeyModifiers::NONE) => "⏎".to_owned(),
            (KeyCode::F(number), KeyModifiers::NONE) => format!("F{number}"),
            (KeyCode::Char(letter), KeyModifiers::CONTROL) if letter != ' ' => format!("^{letter}"),
            _ => self.to_string(),
        }
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        Self::new(event.code, event.modifiers)
    }
}

impl Chord {
    /// Returns the chord of these keys, pressed one after the other.
    pub fn new(keys: Vec<Key>) -> Self {
        Self(keys)
    }

    /// Returns its keys; there is at least one in every chord that was parsed.
    pub fn keys(&self) -> &[Key] {
        &self.0
    }

    /// Returns the chord as it is written where there is little room: `^x e`.
    pub fn short(&self) -> String {
        self.0.iter().map(|key| key.short()).collect::<Vec<_>>().join(" ")
    }
}

impl FromStr for Key {
    type Err = InvalidChord;

    fn from_str(text: &str) -> Result<Self, InvalidChord> {
        let mut rest = text;
        let mut modifiers = KeyModifiers::NONE;
        while let Some((name, modifier)) = MODIFIERS.iter().find(|(name, _)| rest.starts_with(name)) {
            rest = &rest[name.len()..];
            modifiers |= *modifier;
        }
        let code = code(rest).ok_or_else(|| InvalidChord(text.to_owned()))?;
        Ok(Self::new(code, modifiers))
    }
}

impl FromStr for Chord {
    type Err = InvalidChord;

    fn from_str(text: &str) -> Result<Self, InvalidChord> {
        let keys: Vec<Key> = text
            .split_whitespace()
            .map(|key| key.parse().map_err(|_| InvalidChord(text.to_owned())))
            .collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(InvalidChord(text.to_owned())) } else { Ok(Self(keys)) }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, modifier) in MODIFIERS {
            if self.modifiers.contains(*modifier) {
                f.write_str(name)?;
            }
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::BackTab => f.write_str("shift-tab"),
            KeyCode::F(number) => write!(f, "f{number}"),
            KeyCode::Char(letter) => write!(f, "{letter}"),
            other => write!(f, "{other}"),
        }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, key) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{key}")?;
        }
        Ok(())
    }
}

/// Returns the key of this name: one of [`NAMES`], `f1` to `f24`, or a single character.
fn code(name: &str) -> Option<KeyCode> {
    if let Some((_, code)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(*code);
    }
    if let Some(number) = name.strip_prefix('f').and_then(|number| number.parse().ok()) {
        return (1..=24).contains(&number).then_some(KeyCode::F(number));
    }
    let mut letters = name.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if !letter.is_control() && !letter.is_whitespace() => Some(KeyCode::Char(letter)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keys() -> impl Strategy<Value = Key> {
        let code = prop_oneof![
            (0..NAMES.len()).prop_map(|index| NAMES[index].1),
            (1_u8..=24).prop_map(KeyCode::F),
            proptest::char::range('!', '~').prop_map(KeyCode::Char),
            Just(KeyCode::BackTab),
            Just(KeyCode::Char('ü')),
        ];
        (code, 0_u8..8).prop_map(|(code, modifiers)| Key::new(code, KeyModifiers::from_bits_truncate(modifiers)))
    }

    proptest! {
        #[test]
        fn every_chord_prints_and_parses_back(keys in proptest::collection::vec(keys(), 1..3)) {
            let chord = Chord::new(keys);
            prop_assert_eq!(chord.to_string().parse::<Chord>(), Ok(chord));
        }

        #[test]
        fn no_text_panics(text in ".{0,12}") {
            let _ = text.parse::<Chord>();
        }
    }

    #[test]
    fn the_terminals_reports_of_one_key_are_one_key() {
        let back_tab = Key::new(KeyCode::BackTab, KeyModifiers::SHIFT);
        assert_eq!("shift-tab".parse(), Ok(back_tab));
        assert_eq!(Key::new(KeyCode::Char('X'), KeyModifiers::SHIFT), Key::new(KeyCode::Char('X'), KeyModifiers::NONE));
        assert_eq!("ctrl-R".parse::<Key>(), "ctrl-r".parse());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", " ", "ctrl-", "return", "f0", "f25", "ctl-x", "ctrl-x return"] {
            assert_eq!(text.parse::<Chord>(), Err(InvalidChord(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn only_a_bare_character_types() {
        let typed = |text: &str| text.parse::<Key>().unwrap().typed();
        assert_eq!((typed("a"), typed("space"), typed("ctrl-a"), typed("enter")), (Some('a'), Some(' '), None, None));
    }
}

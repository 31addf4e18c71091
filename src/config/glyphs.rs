//! Which characters are drawn and written, and what stands for our own signs where that is ASCII alone.

use std::borrow::Cow;

/// What the browser's own marks and frames are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Glyphs {
    /// Lines and signs of Unicode.
    #[default]
    Full,
    /// ASCII; what comes from elsewhere stays as it is.
    Plain,
    /// ASCII alone, because the terminal shows nothing else: other characters are question marks.
    Ascii,
}

impl Glyphs {
    /// Returns what to draw with. `plain` is what flags and file say; `locale` what the environment says of the
    /// characters that the terminal shows, where it says anything: `de_DE.UTF-8`.
    pub fn of(plain: Option<bool>, locale: Option<&str>) -> Self {
        let is_utf8 = locale.is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        match (plain, is_utf8) {
            (Some(false), _) | (None, true) => Self::Full,
            (Some(true), true) => Self::Plain,
            (Some(true) | None, false) => Self::Ascii,
        }
    }

    /// Returns a text of ours in these characters; letters that come from elsewhere stay as they are.
    pub fn written(self, text: &str) -> Cow<'_, str> {
        if self == Self::Full || text.is_ascii() {
            return text.into();
        }
        let mut written = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '…' => written.push_str("..."),
                '→' => written.push_str("->"),
                '≥' => written.push_str(">="),
                '≤' => written.push_str("<="),
                letter => written.push(ascii(letter).unwrap_or(letter)),
            }
        }
        written.into()
    }
}

/// Returns what stands for one of our signs in one cell.
pub fn ascii(sign: char) -> Option<char> {
    Some(match sign {
        '─' | '–' | '—' | '·' | '▄' => '-',
        '│' | '◒' => '|',
        '╭' | '╮' | '╰' | '╯' | '♥' | '▆' => '+',
        '▸' | '›' | '→' | '≥' => '>',
        '●' | '•' | '▇' => '*',
        '○' => 'o',
        '✖' => 'x',
        '✔' => 'v',
        '…' => '~',
        '⟳' => '@',
        '◐' => '/',
        '◓' | '▅' => '=',
        '◑' => '\\',
        '▁' => '_',
        '▂' | '░' => '.',
        '▃' => ':',
        '█' => '#',
        '⏎' | '≤' => '<',
        // What an invisible character is shown as.
        '\u{2400}'..='\u{243f}' | '\u{fffd}' => '?',
        _ => return None,
    })
}

/// Whether the terminal is told which text leads to pages of the web (OSC 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hyperlinks {
    /// It is.
    #[default]
    Told,
    /// It is not.
    Untold,
}

impl Hyperlinks {
    /// Returns whether to tell: what the file says, or else by what is drawn with and the kind of terminal (`TERM`).
    /// Those of Linux's console and dumb ones know of no links, and may print what they do not know.
    pub fn of(said: Option<bool>, glyphs: Glyphs, terminal: Option<&str>) -> Self {
        let may_know = glyphs == Glyphs::Full && !matches!(terminal, Some("dumb" | "linux"));
        if said.unwrap_or(may_know) { Self::Told } else { Self::Untold }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_without_unicode_gets_ascii_unless_somebody_knows_better() {
        assert_eq!(Glyphs::of(None, None), Glyphs::Full);
        assert_eq!(Glyphs::of(None, Some("de_DE.UTF-8")), Glyphs::Full);
        assert_eq!(Glyphs::of(None, Some("C.utf8")), Glyphs::Full);
        assert_eq!(Glyphs::of(None, Some("C")), Glyphs::Ascii);
        assert_eq!(Glyphs::of(Some(true), Some("de_DE.ISO-8859-1")), Glyphs::Ascii);
        assert_eq!(Glyphs::of(Some(true), Some("C.UTF-8")), Glyphs::Plain);
        assert_eq!(Glyphs::of(Some(false), Some("C")), Glyphs::Full);
    }

    #[test]
    fn our_signs_have_words_of_ascii_and_theirs_stay() {
        let text = "a → b … 支払い — ≥ ••";
        assert_eq!(Glyphs::Full.written(text), text);
        assert_eq!(Glyphs::Plain.written(text), "a -> b ... 支払い - >= **");
    }
}

//! Text from outside, made safe to show.

use std::fmt::{self, Write as _};

/// Text in which nothing can move a cursor, change a colour, reverse the reading order or hide: what a frame or a
/// line of output may hold.
///
/// C0 and C1 controls become their picture (`␛`) or `�`, bidirectional overrides and zero-width characters `�`; line
/// breaks and tabs become a space, so that a row stays a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Clean(String);

impl Clean {
    /// Returns `text` with everything invisible replaced by a visible mark.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().chars().map(visible).collect())
    }

    /// Returns the safe text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the safe text, owned.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Clean {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Returns `text` with everything invisible replaced by a visible mark; see [`Clean`].
pub fn clean(text: impl AsRef<str>) -> String {
    Clean::new(text).into_string()
}

/// Returns JSON in which everything that a terminal would obey or hide is escaped: the same values, safe to show. Line
/// breaks stay.
pub fn escaped(json: &str) -> String {
    if json.lines().all(|line| clean(line) == line) {
        return json.to_owned();
    }
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '\n' || visible(character) == character {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

/// Returns names one after the other, safe to show, cut where the sentence would become a page.
pub fn listing(names: &[impl AsRef<str>]) -> String {
    const MOST: usize = 12;
    let shown: Vec<String> = names.iter().take(MOST).map(clean).collect();
    match names.len().checked_sub(MOST) {
        None | Some(0) => shown.join(", "),
        Some(more) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Returns what stands for `character` on a screen.
fn visible(character: char) -> char {
    match character {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => ' ',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}' => '\u{fffd}',
        _ if hides(character) => '\u{fffd}',
        _ => character,
    }
}

/// Whether a character has no width of its own or changes the reading order: those of Unicode's Cf that show nothing,
/// Bidi_Control, the fillers, variation selectors and tags.
fn hides(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
        | '\u{34f}' | '\u{17b4}' | '\u{17b5}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_escape_sequence_is_seen_and_not_obeyed() {
        assert_eq!(clean("a\u{1b}[31mred\u{1b}]52;c;eA==\u{7}"), "a␛[31mred␛]52;c;eA==␇");
    }

    #[test]
    fn escaped_json_says_the_same() {
        let value = serde_json::json!({ "a\u{202e}": "x\u{9b}2J\u{1b}[31m\u{e0041}\u{2028}", "b": ["ü", 1] });
        let text = escaped(&format!("{value:#}"));
        assert_eq!(text.lines().count(), 7);
        assert!(text.lines().all(|line| clean(line) == line), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn a_row_stays_a_row() {
        assert_eq!(clean("one\r\ntwo\tthree"), "one  two three");
    }

    #[test]
    fn a_long_listing_is_cut() {
        let names: Vec<String> = (0..20).map(|n| format!("p{n}")).collect();
        assert!(listing(&names).ends_with("p11 and 8 more"));
        assert_eq!(listing(&names[..12]).matches(", ").count(), 11);
        assert_eq!(listing(&["a\u{7}"]), "a␇");
    }

    #[test]
    fn overrides_and_zero_widths_are_marked() {
        assert_eq!(clean("user\u{202e}gpj.exe\u{200b}\u{9b}0m"), "user\u{fffd}gpj.exe\u{fffd}\u{fffd}0m");
    }

    #[test]
    fn letters_of_every_script_stay() {
        assert_eq!(clean("zahlungen-ä 支払い оплата مدفوعات é"), "zahlungen-ä 支払い оплата مدفوعات é");
    }

    proptest! {
        #[test]
        fn nothing_invisible_is_left(text in ".*") {
            prop_assert!(clean(text).chars().all(|c| !c.is_control() && !hides(c)));
        }
    }
}

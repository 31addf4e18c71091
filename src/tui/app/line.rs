//! A line that is typed into: a query, or the answer to a question.

use crate::model::text::clean;

/// Text and a cursor. Holds clean text only, whatever was pasted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    text: String,
    cursor: usize,
}

impl Line {
    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns the text before the cursor.
    pub fn before(&self) -> &str {
        &self.text[..self.cursor]
    }

    /// Returns the same line with a dot for each character.
    #[must_use]
    pub fn masked(&self) -> Self {
        let dots = |text: &str| "•".repeat(text.chars().count());
        Self { cursor: dots(self.before()).len(), text: dots(&self.text) }
    }

    /// Inserts at the cursor what was typed or pasted, as one line.
    pub fn insert(&mut self, text: &str) {
        let text = clean(text.trim_end_matches(['\r', '\n']));
        self.text.insert_str(self.cursor, &text);
        self.cursor += text.len();
    }

    /// Deletes the character before the cursor.
    pub fn delete_back(&mut self) {
        let start = self.before().char_indices().next_back().map_or(0, |(start, _)| start);
        self.delete_from(start);
    }

    /// Deletes the word before the cursor, and the blanks after it.
    pub fn delete_word(&mut self) {
        let word = self.before().trim_end();
        let blank = word.char_indices().rev().find(|(_, letter)| letter.is_whitespace());
        self.delete_from(blank.map_or(0, |(start, blank)| start + blank.len_utf8()));
    }

    /// Deletes everything before the cursor.
    pub fn delete_line(&mut self) {
        self.delete_from(0);
    }

    /// Deletes everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Puts the cursor at the start.
    pub fn to_start(&mut self) {
        self.cursor = 0;
    }

    /// Puts the cursor at the end.
    pub fn to_end(&mut self) {
        self.cursor = self.text.len();
    }

    fn delete_from(&mut self, start: usize) {
        self.text.replace_range(start..self.cursor, "");
        self.cursor = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed(text: &str) -> Line {
        let mut line = Line::default();
        line.insert(text);
        line
    }

    #[test]
    fn a_word_goes_with_the_blanks_after_it() {
        let mut line = typed("pay api  ");
        line.delete_word();
        assert_eq!(line.text(), "pay ");
        line.delete_word();
        assert_eq!(line.text(), "");
    }

    #[test]
    fn editing_happens_at_the_cursor() {
        let mut line = typed("api");
        line.to_start();
        line.insert("ü");
        assert_eq!((line.text(), line.before()), ("üapi", "ü"));
        line.delete_back();
        line.delete_back();
        line.to_end();
        line.delete_back();
        assert_eq!(line.text(), "ap");
        line.delete_line();
        assert!(line.is_empty());
    }

    #[test]
    fn what_is_pasted_becomes_one_clean_line() {
        assert_eq!(typed("a\nb\u{1b}[2J\n").text(), "a b␛[2J");
    }

    proptest! {
        #[test]
        fn the_cursor_never_splits_a_character(words in proptest::collection::vec(".{0,4}", 0..5), steps in proptest::collection::vec(0_u8..5, 0..12)) {
            let mut line = Line::default();
            for (index, step) in steps.iter().enumerate() {
                match step {
                    0 => line.delete_back(),
                    1 => line.delete_word(),
                    2 => line.to_start(),
                    3 => line.to_end(),
                    _ => line.insert(words.get(index).map_or("é", String::as_str)),
                }
                prop_assert!(line.text().starts_with(line.before()));
            }
        }
    }
}

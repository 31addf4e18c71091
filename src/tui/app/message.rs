//! What the program has to say in passing, above the query line.

use super::{Notice, wrap::wrap};
use crate::model::text::clean;

/// A message never takes more rows than this.
const MOST_ROWS: usize = 5;

/// Something said to the person until the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Whether something failed.
    pub failure: bool,
    /// What is said, clean; then what to do about it, a line each.
    pub lines: Vec<String>,
}

impl Message {
    /// Returns a word of news.
    pub fn news(text: impl AsRef<str>) -> Self {
        Self { failure: false, lines: vec![clean(text)] }
    }

    /// Returns what is wrong with what somebody did.
    pub fn complaint(text: impl AsRef<str>) -> Self {
        Self { failure: true, ..Self::news(text) }
    }

    /// Returns a failure in words.
    pub fn failure(notice: &Notice) -> Self {
        let hints = notice.hints.iter().map(|hint| format!("hint: {}", clean(hint)));
        Self { failure: true, lines: std::iter::once(clean(&notice.text)).chain(hints).collect() }
    }

    /// Returns the rows it takes at this width, with two cells left free for its mark.
    pub fn rows(&self, width: u16) -> Vec<&str> {
        let width = usize::from(width).saturating_sub(3);
        let rows = self.lines.iter().flat_map(|line| wrap(line, width, 0).into_iter().map(|range| &line[range]));
        rows.take(MOST_ROWS).collect()
    }
}

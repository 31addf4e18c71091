//! What the program has to say in passing, above the query line.

use super::{Notice, wrap::wrap};
use crate::{
    model::{Page, text::clean},
    session::Exit,
};

/// A message never takes more rows than this.
const MOST_ROWS: usize = 5;

/// Something said to the person until the next key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// Whether something failed.
    pub failure: bool,
    /// What is said, clean; then what to do about it, a line each.
    pub lines: Vec<String>,
    /// The page whose address is one of the lines.
    pub link: Option<Page>,
}

impl Message {
    /// Returns a word of news.
    pub fn news(text: impl AsRef<str>) -> Self {
        Self { lines: vec![clean(text)], ..Self::default() }
    }

    /// Returns a word of news with a page, whose address stands below it.
    pub fn linked(text: impl AsRef<str>, page: Page) -> Self {
        Self { lines: vec![clean(text), page.to_string()], link: Some(page), ..Self::default() }
    }

    /// Returns what is wrong with what somebody did.
    pub fn complaint(text: impl AsRef<str>) -> Self {
        Self { failure: true, ..Self::news(text) }
    }

    /// Returns a failure in words.
    pub fn failure(notice: &Notice) -> Self {
        let hints = notice.hints.iter().map(|hint| format!("hint: {}", clean(hint)));
        let lines = std::iter::once(clean(&notice.text)).chain(hints).collect();
        Self { failure: true, lines, ..Self::default() }
    }

    /// Returns how something ended; losing it is a failure.
    pub fn ended(text: impl AsRef<str>, exit: &Exit) -> Self {
        match exit {
            Exit::Lost(_) => Self::complaint(text),
            Exit::Code(_) | Exit::Signal(_) | Exit::Closed(_) => Self::news(text),
        }
    }

    /// Returns the rows it takes at this width, with two cells left free for its mark.
    pub fn rows(&self, width: u16) -> Vec<&str> {
        self.linked_rows(width).into_iter().map(|(row, _)| row).collect()
    }

    /// Returns the rows as [`Message::rows`] does, each with the page that it leads to.
    pub fn linked_rows(&self, width: u16) -> Vec<(&str, Option<&Page>)> {
        let width = usize::from(width).saturating_sub(3);
        let rows = self.lines.iter().flat_map(|line| {
            let page = self.link.as_ref().filter(|page| page.as_str() == line);
            wrap(line, width, 0).into_iter().map(move |range| (&line[range], page))
        });
        rows.take(MOST_ROWS).collect()
    }
}

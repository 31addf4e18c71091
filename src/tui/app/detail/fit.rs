//! How the details fit the screen: which lines match and where each begins, so that drawing and scrolling look at the
//! lines in sight alone.

use std::borrow::Cow;

use super::{DetailText, TextLine};
use crate::model::query::Query;

/// The lines of a text that match a query, at a width.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fit {
    query: String,
    width: usize,
    /// The places of the lines that match, in their own order.
    lines: Vec<usize>,
    /// Where each of these ends, in screen lines from the top.
    ends: Vec<usize>,
    /// Why nothing can be looked for.
    trouble: Option<String>,
}

impl Fit {
    /// Returns how a text fits.
    pub(in crate::tui::app) fn new(text: &DetailText, query: &str, width: usize) -> Self {
        let (lines, trouble) = match Query::parse(query, text.columns) {
            Ok(query) => ((0..text.lines.len()).filter(|line| fits(&query, &text.lines[*line])).collect(), None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        let mut end = 0;
        let ends = lines.iter().map(|line: &usize| {
            end += text.lines[*line].wrapped(width).len();
            end
        });
        Self { query: query.to_owned(), width, ends: ends.collect(), lines, trouble }
    }

    /// Returns why nothing can be looked for: a column was named that is not there.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Whether it is for this query and width.
    pub(in crate::tui::app) fn is_for(&self, query: &str, width: usize) -> bool {
        self.query == query && self.width == width
    }

    /// Returns the places of the lines that match, in their own order.
    pub fn lines(&self) -> &[usize] {
        &self.lines
    }

    /// Returns how many screen lines these take.
    pub fn height(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Returns the lines from the one in which so many screen lines are past, and how many of its own are.
    pub fn past(&self, scroll: usize) -> (&[usize], usize) {
        let place = self.place(scroll);
        (&self.lines[place..], scroll - self.begin(place))
    }

    /// Returns how far this text is to be scrolled so that the line stays at the top that was there `before`.
    pub(in crate::tui::app) fn followed(
        &self,
        text: &DetailText,
        before: (&DetailText, &Self),
        scroll: usize,
    ) -> usize {
        let (old, fitted) = before;
        let place = fitted.place(scroll);
        let Some(line) = fitted.lines.get(place) else { return scroll };
        let same = |at: &usize| text.lines[self.lines[*at]].text == old.lines[*line].text;
        // Lines may have gone before it, or come: the nearest that reads the same is taken for it.
        let nearest = (0..self.lines.len()).filter(same).min_by_key(|at| at.abs_diff(place));
        nearest.map_or(scroll, |at| self.begin(at) + scroll - fitted.begin(place))
    }

    /// Returns the place of the line in which so many screen lines are past.
    fn place(&self, scroll: usize) -> usize {
        self.ends.partition_point(|end| *end <= scroll)
    }

    /// Returns where a line begins, or the end.
    fn begin(&self, place: usize) -> usize {
        place.checked_sub(1).map_or(0, |before| self.ends[before])
    }
}

/// Whether a line matches. What belongs to no row has no columns, and so nothing that words in columns could mean.
fn fits(query: &Query, line: &TextLine) -> bool {
    let value = |column: usize| line.cells.as_ref().and_then(|cells| cells.get(column)).map_or("", String::as_str);
    (line.cells.is_some() || !query.looks_in_columns())
        && query.score(&line.text, |column| Cow::Borrowed(value(column))).is_some()
}

//! Incremental fuzzy search over the rows of a list. Pure: the same rows and query give the same hits.
//!
//! The query language is [`crate::model::query`]'s. A query that extends the old one scores only the old hits.

use std::borrow::Cow;

use crate::model::query::{Column, Query};

/// What is searched: rows, each with the text that words are held against, and with columns.
pub(super) trait List<'row> {
    /// Returns the columns that words can look in; none where a colon means nothing.
    fn columns(&self) -> &'static [Column];
    /// Returns how many rows there are.
    fn len(&self) -> usize;
    /// Returns the text of a row.
    fn text(&self, row: usize) -> &'row str;
    /// Returns what stands in a column of a row.
    fn value(&self, row: usize, column: usize) -> Cow<'row, str>;
}

/// Rows of text alone.
struct Texts<F>(usize, F);

impl<'row, F: Fn(usize) -> &'row str> List<'row> for Texts<F> {
    fn columns(&self) -> &'static [Column] {
        &[]
    }

    fn len(&self) -> usize {
        self.0
    }

    fn text(&self, row: usize) -> &'row str {
        self.1(row)
    }

    fn value(&self, _: usize, _: usize) -> Cow<'row, str> {
        Cow::Borrowed("")
    }
}

/// The hits of a query in a list of rows, best first; without a query all rows in their own order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Finder {
    query: String,
    hits: Vec<Hit>,
    /// Why nothing can be looked for.
    trouble: Option<String>,
    /// Whether hits stand in the order of the rows, however well they match.
    in_order: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hit {
    row: u32,
    score: u32,
}

impl Finder {
    /// Searches rows that are new or have changed.
    pub(super) fn search<'row>(&mut self, query: &str, list: &impl List<'row>) {
        self.hits.clear();
        self.hits.extend((0..list.len() as u32).map(|row| Hit { row, score: 0 }));
        query.clone_into(&mut self.query);
        self.score(list);
    }

    /// Searches the same rows as the last time with another query.
    pub(super) fn refine<'row>(&mut self, query: &str, list: &impl List<'row>) {
        let in_columns = !list.columns().is_empty() && query.contains(':');
        if in_columns || !narrows(&self.query, query) {
            return self.search(query, list);
        }
        if query != self.query {
            query.clone_into(&mut self.query);
            self.score(list);
        }
    }

    /// Says whether hits stand in the order of the rows from the next search on, however well they match.
    pub(super) fn keep_order(&mut self, keep: bool) {
        self.in_order = keep;
    }

    /// Returns why nothing can be looked for: a column was named that is not there.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Returns how many rows match.
    pub(super) fn len(&self) -> usize {
        self.hits.len()
    }

    /// Returns the row at this place among the hits.
    pub(super) fn row(&self, place: usize) -> Option<usize> {
        self.hits.get(place).map(|hit| hit.row as usize)
    }

    /// Returns the rows that match, best first.
    pub(super) fn rows(&self) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator + '_ {
        self.hits.iter().map(|hit| hit.row as usize)
    }

    /// Scores the rows that are hits so far, and keeps those that match.
    fn score<'row>(&mut self, list: &impl List<'row>) {
        self.trouble = None;
        match Query::parse(&self.query, list.columns()) {
            Ok(query) if query.is_empty() => {
                for hit in &mut self.hits {
                    hit.score = 0;
                }
            }
            Ok(query) => self.hits.retain_mut(|hit| {
                let row = hit.row as usize;
                let score = query.score(list.text(row), |column| list.value(row, column));
                hit.score = score.unwrap_or_default();
                score.is_some()
            }),
            Err(error) => {
                self.hits.clear();
                self.trouble = Some(error.to_string());
            }
        }
        let in_order = self.in_order;
        self.hits.sort_unstable_by_key(|hit| (std::cmp::Reverse(if in_order { 0 } else { hit.score }), hit.row));
    }
}

/// A query, to hold one text after the other against it.
#[derive(Debug)]
pub(super) struct Filter(Query);

impl Filter {
    /// Returns what looks for this query.
    pub(super) fn new(query: &str) -> Self {
        Self(parse(query))
    }

    /// Whether a text matches.
    pub(super) fn fits(&self, text: &str) -> bool {
        self.0.score(text, |_| Cow::Borrowed("")).is_some()
    }
}

/// Returns the rows that match, in their own order: for text that is read from top to bottom.
pub(super) fn in_order<'row>(query: &str, rows: usize, text: impl Fn(usize) -> &'row str) -> Vec<usize> {
    let mut finder = Finder::default();
    finder.search(query, &Texts(rows, text));
    let mut hits: Vec<usize> = finder.rows().collect();
    hits.sort_unstable();
    hits
}

/// Returns the rows that match, best first: for lists in which one is looked for.
pub(super) fn best_first<'row>(query: &str, rows: usize, text: impl Fn(usize) -> &'row str) -> Vec<usize> {
    let mut finder = Finder::default();
    finder.search(query, &Texts(rows, text));
    finder.rows().collect()
}

/// Returns which characters of `text` the query matched, counted in `char`s, ascending.
pub(super) fn positions(query: &str, text: &str) -> Vec<u32> {
    parse(query).positions(text)
}

/// Returns which characters of the text of a row with columns the query matched, counted in `char`s, ascending.
pub(super) fn positions_beside(columns: &[Column], query: &str, text: &str) -> Vec<u32> {
    Query::parse(query, columns).map(|query| query.positions(text)).unwrap_or_default()
}

/// Reads a query over text without columns, in which every query can be looked for.
fn parse(query: &str) -> Query {
    Query::parse(query, &[]).unwrap_or_default()
}

/// Whether every row that matches `new` also matched `old`. Negations, anchors at the end and escapes can turn into
/// something else when a letter is added, so after those everything is searched again.
pub(super) fn narrows(old: &str, new: &str) -> bool {
    new.starts_with(old) && !old.contains(['!', '$', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(query: &str, rows: &[&str]) -> Vec<usize> {
        let mut finder = Finder::default();
        finder.search(query, &Texts(rows.len(), |row: usize| rows[row]));
        finder.rows().collect()
    }

    #[test]
    fn without_a_query_every_row_stands_in_its_own_order() {
        assert_eq!(found("", &["b", "a"]), [0, 1]);
        assert_eq!(found("  ", &["b", "a"]), [0, 1]);
    }

    #[test]
    fn the_best_row_comes_first() {
        assert_eq!(found("pay", &["prod-analytics-y", "payments-api", "web"]), [1, 0]);
    }

    #[test]
    fn rows_that_match_alike_keep_their_order() {
        assert_eq!(found("web", &["web-b", "web-a"]), [0, 1]);
    }

    #[test]
    fn the_marks_of_fzf_work() {
        let rows = ["payments-api", "payments-web", "api-gateway"];
        assert_eq!(found("'ments", &rows), [0, 1]);
        assert_eq!(found("^api", &rows), [2]);
        assert_eq!(found("api$", &rows), [0]);
        assert_eq!(found("'ments !web", &rows), [0]);
    }

    #[test]
    fn capitals_count_only_when_typed() {
        assert_eq!(found("api", &["API", "api"]), [0, 1]);
        assert_eq!(found("API", &["API", "api"]), [0]);
    }

    #[test]
    fn positions_are_counted_in_characters() {
        assert_eq!(positions("ba", "ü支b-a"), [2, 4]);
        assert_eq!(positions("e", "e\u{301}e"), [0]);
        assert_eq!(positions("!x", "abc"), Vec::<u32>::new());
        assert_eq!(positions("", "abc"), Vec::<u32>::new());
    }

    #[test]
    fn text_can_be_filtered_in_its_own_order() {
        assert_eq!(in_order("a", 3, |row| ["b-a", "x", "a"][row]), [0, 2]);
    }

    proptest! {
        #[test]
        fn typing_on_finds_what_a_fresh_search_finds(
            rows in proptest::collection::vec("[ab!$\\\\' ^A-]{0,8}|[aäÄb\u{301} ]{0,5}", 0..12),
            queries in proptest::collection::vec("[ab!$\\\\' ^A]{0,3}|[aäÄ\u{301} ]{0,2}", 1..6),
        ) {
            let texts = Texts(rows.len(), |row: usize| rows[row].as_str());
            let mut typed = String::new();
            let mut finder = Finder::default();
            finder.search("", &texts);
            for more in queries {
                typed.push_str(&more);
                finder.refine(&typed, &texts);
                let mut fresh = Finder::default();
                fresh.search(&typed, &texts);
                prop_assert_eq!(&finder, &fresh, "{:?}", typed);
            }
        }

        #[test]
        fn positions_lie_in_the_text(query in ".{0,6}", text in ".{0,12}") {
            let length = text.chars().count() as u32;
            prop_assert!(positions(&query, &text).iter().all(|position| *position < length));
        }
    }
}

//! The lines of logs that are held for the screen: so many and no more, in the order of their times, with those that
//! match a query.

mod hits;

use std::{collections::VecDeque, sync::Arc};

use super::{RequestId, TextLine, Tone};
use crate::{
    model::{LogSource, Timestamp},
    tui::finder::Filter,
};
use hits::Hits;

/// How many lines are held, and how many bytes of them.
const MOST_ROWS: usize = 20_000;
const MOST_BYTES: usize = 16 << 20;
/// What a line takes beside its text.
const ROW_BYTES: usize = 64;
/// How far up a line may go to its place by time: streams come into sight a second or two apart.
const REACH: usize = 2000;
/// The number of the first line; older ones have lower numbers.
const FIRST: usize = usize::MAX / 2;
/// How many notes are kept.
const NOTES: usize = 4;

/// A line of a log, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it.
    pub source: Arc<LogSource>,
    /// What was written, clean.
    pub text: String,
}

/// What is heard of logs that are followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogPiece {
    /// Lines that are new.
    Rows(Vec<LogRow>),
    /// What there was at the beginning is told; whether that was all.
    Caught {
        /// Whether there are no older lines.
        whole: bool,
    },
    /// Something to know, clean.
    Note(String),
}

/// The lines that are held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogBook {
    /// Who brings the lines.
    request: RequestId,
    rows: VecDeque<LogRow>,
    /// The number of the first row.
    first: usize,
    bytes: usize,
    /// Which rows match what is searched for.
    hits: Hits,
    notes: VecDeque<String>,
    /// Whether nothing is older than the first row.
    whole: bool,
    caught: bool,
    /// Whether newer lines were left out, because somebody reads older ones.
    missed: bool,
}

/// The lines that are on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogPage {
    /// The numbers of the rows, from top to bottom.
    pub rows: Vec<usize>,
    /// How many screen lines of the first row are above the page.
    pub skip: usize,
    /// Whether the first row that is held is on it.
    pub at_top: bool,
}

impl LogBook {
    /// Returns a book without lines.
    pub(super) fn new(request: RequestId) -> Self {
        Self {
            request,
            rows: VecDeque::new(),
            first: FIRST,
            bytes: 0,
            hits: Hits::default(),
            notes: VecDeque::new(),
            whole: false,
            caught: false,
            missed: false,
        }
    }

    /// Whether this request brings its lines.
    pub(super) fn is_by(&self, request: RequestId) -> bool {
        self.request == request
    }

    /// Takes what is heard. Where somebody reads older lines these are not pushed out by new ones.
    pub(super) fn take(&mut self, piece: LogPiece, held: bool) {
        match piece {
            LogPiece::Rows(_) if held && self.is_full() => self.missed = true,
            LogPiece::Rows(rows) => self.add(rows),
            LogPiece::Caught { whole } => (self.caught, self.whole) = (true, whole),
            LogPiece::Note(note) => {
                if self.notes.len() == NOTES {
                    self.notes.pop_front();
                }
                self.notes.push_back(note);
            }
        }
    }

    /// Puts older lines before the others; they may push out the newest.
    pub(super) fn prepend(&mut self, rows: Vec<LogRow>) {
        self.whole = rows.is_empty();
        for row in rows.into_iter().rev() {
            self.bytes += size(&row);
            self.first -= 1;
            self.rows.push_front(row);
        }
        while self.is_over() {
            self.bytes -= self.rows.pop_back().as_ref().map_or(0, size);
            self.missed = true;
        }
        self.hits.end_at(self.end());
    }

    /// Shows only what matches from now on. Of many rows only so many are looked at, the newest first; what is left is
    /// for [`LogBook::search_on`].
    pub(super) fn search(&mut self, query: &str) {
        self.hits.search(query, self.end());
        self.search_on();
    }

    /// Looks at rows that were not looked at yet.
    pub(super) fn search_on(&mut self) {
        let (rows, first) = (&self.rows, self.first);
        self.hits.look_on(first, |number| &rows[number - first].text);
    }

    /// Whether some rows were not looked at yet.
    pub fn is_searching(&self) -> bool {
        self.hits.are_unsure(self.first)
    }

    /// Returns a row.
    pub fn row(&self, number: usize) -> Option<&LogRow> {
        self.rows.get(number.checked_sub(self.first)?)
    }

    /// Returns how many rows are held, and how many of them match.
    pub fn counts(&self) -> (usize, usize) {
        (self.rows.len(), self.len())
    }

    /// Returns what there is to know about the lines.
    pub(super) fn notes(&self) -> impl Iterator<Item = &String> {
        self.notes.iter()
    }

    /// Whether newer lines were left out.
    pub(super) fn has_missed(&self) -> bool {
        self.missed
    }

    /// Whether what there was at the beginning is here.
    pub(super) fn is_caught_up(&self) -> bool {
        self.caught
    }

    /// Returns the time of the first line, where there are older ones.
    pub(super) fn older_than(&self) -> Option<Timestamp> {
        self.rows.front().filter(|_| self.caught && !self.whole).map(|row| row.at)
    }

    /// Returns what is on a page of this height that ends with the row `last`, or with the newest. `height` tells how
    /// many screen lines a row takes. Only the rows of the page are looked at.
    pub(super) fn page(&self, last: Option<usize>, lines: usize, height: impl Fn(&LogRow) -> usize) -> LogPage {
        let height = |place: usize| self.row(self.hit(place)).map_or(0, &height);
        let (mut start, mut used) = (self.place(last), 0);
        let end = start;
        while start > 0 && used < lines {
            start -= 1;
            used += height(start);
        }
        let mut rows: Vec<usize> = (start..end).map(|place| self.hit(place)).collect();
        let skip = used.saturating_sub(lines);
        let mut below = end;
        while used < lines && below < self.len() {
            rows.push(self.hit(below));
            used += height(below);
            below += 1;
        }
        LogPage { rows, skip, at_top: start == 0 && !self.is_searching() }
    }

    /// Returns the row at which the page before this one ends, and at which the one after it does; `None` is the
    /// newest.
    pub(super) fn turned(&self, last: Option<usize>, rows: isize) -> Option<usize> {
        let place = self.place(last).saturating_add_signed(rows).max(1);
        (place < self.len()).then(|| self.hit(place - 1))
    }

    /// Returns the first row that is shown.
    pub(super) fn top(&self) -> Option<usize> {
        (self.len() > 0).then(|| self.hit(0))
    }

    fn add(&mut self, rows: Vec<LogRow>) {
        let filter = self.hits.filter();
        for row in rows {
            self.insert(row, filter.as_ref());
        }
        while self.is_over() {
            self.bytes -= self.rows.pop_front().as_ref().map_or(0, size);
            self.first += 1;
            self.whole = false;
        }
        self.hits.begin_at(self.first);
    }

    /// Puts a row at its place by time, behind what its stream has said before it.
    fn insert(&mut self, row: LogRow, filter: Option<&Filter>) {
        self.bytes += size(&row);
        let mut place = self.rows.len();
        let least = place.saturating_sub(REACH);
        while place > least
            && self.rows[place - 1].at > row.at
            && self.rows[place - 1].source.stream != row.source.stream
        {
            place -= 1;
        }
        if let Some(filter) = filter {
            self.hits.insert(self.first + place, filter.fits(&row.text));
        }
        self.rows.insert(place, row);
    }

    /// Returns the number after that of the last row.
    fn end(&self) -> usize {
        self.first + self.rows.len()
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= MOST_ROWS || self.bytes >= MOST_BYTES
    }

    fn is_over(&self) -> bool {
        self.rows.len() > MOST_ROWS || (self.bytes > MOST_BYTES && self.rows.len() > 1)
    }

    /// Returns how many rows match.
    fn len(&self) -> usize {
        self.hits.len().unwrap_or(self.rows.len())
    }

    /// Returns the number of the row at this place among those that match.
    fn hit(&self, place: usize) -> usize {
        self.hits.at(place).unwrap_or(self.first + place)
    }

    /// Returns the place after that of a row, or after the last.
    fn place(&self, last: Option<usize>) -> usize {
        let Some(number) = last else { return self.len() };
        let place = self.hits.up_to(number).unwrap_or_else(|| (number + 1).saturating_sub(self.first));
        place.clamp(1.min(self.len()), self.len())
    }
}

impl LogRow {
    /// Returns the line that shows it, from where its words begin; whose it is where several write.
    pub(super) fn line(&self, at: &str, several: bool) -> (TextLine, usize) {
        let line = TextLine::said(Tone::Faint, format!("{at} "));
        let line = if several {
            let who = format!("{}/{} ", self.source.task.short(), self.source.container);
            line.with(Tone::Task(colour(self.source.task.name())), who)
        } else {
            line
        };
        let words = line.text.len();
        (line.with(Tone::Plain, &self.text), words)
    }
}

/// Returns which colour a task has: the same whenever it is seen.
fn colour(task: &str) -> u8 {
    task.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte))
}

fn size(row: &LogRow) -> usize {
    row.text.len() + ROW_BYTES
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(stream: &str, at: i64, text: &str) -> LogRow {
        LogRow {
            at: Timestamp::from_millisecond(at).unwrap(),
            source: Arc::new(LogSource {
                group: "/ecs/api".into(),
                stream: stream.into(),
                task: "arn:aws:ecs:eu-west-1:123456789012:task/prod/4f2ab81c0d0e".parse().unwrap(),
                service: None,
                container: "app".into(),
            }),
            text: text.to_owned(),
        }
    }

    fn texts(book: &LogBook, page: &LogPage) -> Vec<String> {
        page.rows.iter().map(|number| book.row(*number).unwrap().text.clone()).collect()
    }

    fn rows(range: std::ops::Range<i64>) -> LogPiece {
        LogPiece::Rows(range.map(|number| row("a", number, &number.to_string())).collect())
    }

    #[test]
    fn streams_are_merged_by_time_and_each_keeps_its_order() {
        let mut book = LogBook::new(RequestId(1));
        book.take(LogPiece::Rows(vec![row("a", 10, "a1"), row("a", 30, "a2")]), false);
        book.take(LogPiece::Rows(vec![row("b", 20, "b1"), row("a", 25, "a3")]), false);
        assert_eq!(texts(&book, &book.page(None, 9, |_| 1)), ["a1", "b1", "a2", "a3"]);
    }

    #[test]
    fn a_page_ends_with_the_newest_or_with_the_row_that_is_read() {
        let mut book = LogBook::new(RequestId(1));
        book.take(rows(0..10), false);
        assert_eq!(texts(&book, &book.page(None, 3, |_| 1)), ["7", "8", "9"]);
        let up = book.turned(None, -3);
        assert_eq!(texts(&book, &book.page(up, 3, |_| 1)), ["4", "5", "6"]);
        assert_eq!(book.page(up, 3, |_| 2), LogPage { rows: book.page(up, 2, |_| 1).rows, skip: 1, at_top: false });
        assert_eq!(book.turned(up, 3), None, "back at the end it is followed again");
        let top = book.page(book.top(), 3, |_| 1);
        assert_eq!((texts(&book, &top), top.at_top), (vec!["0".to_owned(), "1".into(), "2".into()], true));
    }

    #[test]
    fn the_book_is_bounded_and_what_is_read_stays() {
        let mut book = LogBook::new(RequestId(1));
        for start in 0..50 {
            book.take(rows(start * 1000..(start + 1) * 1000), false);
        }
        assert_eq!((book.rows.len(), book.has_missed()), (MOST_ROWS, false));
        let top = book.top();
        let read = texts(&book, &book.page(top, 3, |_| 1));
        book.take(rows(90_000..91_000), true);
        assert_eq!((texts(&book, &book.page(top, 3, |_| 1)), book.has_missed()), (read, true));
    }

    #[test]
    fn older_lines_go_before_the_others() {
        let mut book = LogBook::new(RequestId(1));
        book.take(rows(100..120), false);
        book.take(LogPiece::Caught { whole: false }, false);
        assert_eq!(book.older_than(), Timestamp::from_millisecond(100).ok());
        let read = book.top();
        book.prepend((80..100).map(|number| row("a", number, &number.to_string())).collect());
        assert_eq!(texts(&book, &book.page(read, 3, |_| 1)), ["98", "99", "100"]);
        book.prepend(Vec::new());
        assert_eq!(book.older_than(), None);
    }

    #[test]
    fn a_long_book_is_searched_bit_by_bit_and_the_newest_first() {
        let mut book = LogBook::new(RequestId(1));
        book.take(rows(0..20_000), false);
        book.search("'7");
        assert!(book.is_searching());
        assert_eq!(texts(&book, &book.page(None, 2, |_| 1)), ["19987", "19997"]);
        assert!(!book.page(book.top(), 9, |_| 1).at_top, "older rows may match as well");
        while book.is_searching() {
            book.search_on();
        }
        let sevens = |digits: &str| (0..20_000).filter(|number| number.to_string().contains(digits)).count();
        assert_eq!(book.counts(), (20_000, sevens("7")));
        book.search("'77");
        assert!(book.is_searching(), "even those that match so far are many");
        while book.is_searching() {
            book.search_on();
        }
        assert_eq!(book.counts(), (20_000, sevens("77")));
        book.search("'777");
        assert!(!book.is_searching(), "only what matched so far was looked at");
        assert_eq!(book.counts(), (20_000, sevens("777")));
    }

    /// What may happen to a book.
    #[derive(Debug, Clone)]
    enum Step {
        Take(Vec<(i64, u8, String)>),
        Prepend(Vec<String>),
        Search(String),
        SearchOn,
    }

    fn step() -> impl Strategy<Value = Step> {
        let row = (0_i64..40, 0_u8..3, "[ab]{1,3}");
        prop_oneof![
            proptest::collection::vec(row, 0..12).prop_map(Step::Take),
            proptest::collection::vec("[ab]{1,3}", 0..6).prop_map(Step::Prepend),
            "'?[ab!]{0,3}".prop_map(Step::Search),
            Just(Step::SearchOn),
        ]
    }

    proptest! {
        /// However lines come in and whatever is typed meanwhile, those that match are those that match.
        #[test]
        fn the_hits_are_kept_as_lines_come(steps in proptest::collection::vec(step(), 0..24), typed in "'?[ab]{0,3}") {
            let mut book = LogBook::new(RequestId(1));
            book.hits.look_at(5);
            for step in steps {
                match step {
                    Step::Take(batch) => {
                        let rows = batch.into_iter().map(|(at, stream, text)| row(&stream.to_string(), at, &text));
                        book.take(LogPiece::Rows(rows.collect()), false);
                    }
                    Step::Prepend(texts) => book.prepend(texts.iter().map(|text| row("a", -1, text)).collect()),
                    Step::Search(query) => book.search(&query),
                    Step::SearchOn => book.search_on(),
                }
                let filter = Filter::new(book.hits.query());
                let all = (book.first..book.end()).filter(|number| filter.fits(&book.row(*number).unwrap().text));
                let all: Vec<usize> = all.collect();
                let shown: Vec<usize> = (0..book.len()).map(|place| book.hit(place)).collect();
                prop_assert!(shown.is_sorted() && shown.iter().all(|number| all.contains(number)), "{:?}", shown);
                prop_assert!(book.is_searching() || shown == all, "{:?} for {:?}", shown, all);
            }
            book.search(&typed);
            while book.is_searching() {
                book.search_on();
            }
            let fresh = Filter::new(&typed);
            let hits: Vec<usize> = (0..book.len()).map(|place| book.hit(place)).collect();
            let expected: Vec<usize> =
                (book.first..book.end()).filter(|number| fresh.fits(&book.row(*number).unwrap().text)).collect();
            prop_assert_eq!(hits, expected);
        }
    }
}

//! The query language of every list and of the words that name targets: words that must all match, with fzf's marks,
//! and words that look in one column.
//!
//! A word is fuzzy; `'word` stands as it is typed, `^start` and `end$` where they say, `!word` must not be there at all.
//! `column:word` looks in one column, with the same marks; without one the word stands there as it is typed, at the
//! beginning where the column holds ECS's own words, and it is the whole of a number. `\ ` is a space and `\:` a colon
//! of the word itself.

use std::{borrow::Cow, cell::RefCell};

use nucleo::{
    Config, Matcher, Utf32Str,
    pattern::{Atom, AtomKind, CaseMatching, Normalization, Pattern},
};

thread_local! {
    /// The matcher's scratch memory (130 KiB); nothing in it outlives a call.
    static MATCHER: RefCell<Matcher> = RefCell::new(Matcher::new(Config::DEFAULT));
}

/// A column that words can look in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// What stands before the colon.
    pub name: &'static str,
    /// What may stand there as well.
    pub also: &'static [&'static str],
    /// What a word without a mark is of what stands there.
    pub by: By,
}

/// What a word without a mark has to be of what stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A part of it.
    Part,
    /// Its beginning: of ECS's own words, of which some hold others, as UNHEALTHY does HEALTHY.
    Start,
    /// All of it: of numbers.
    Whole,
}

/// A column was named that is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no column {name}: there are {}; {name}\\: is the text itself", .there.join(", "))]
pub struct NoColumn {
    /// The name, as it was typed.
    pub name: String,
    /// The names of the columns there are.
    pub there: Vec<&'static str>,
}

/// A query, ready to be held against one text after the other.
#[derive(Debug, Clone, Default)]
pub struct Query {
    free: Pattern,
    cells: Vec<Cell>,
}

/// How well a text of parts matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fit {
    /// How many words the first part does not hold.
    pub astray: u32,
    /// How well the words match, each in the first part that holds it.
    pub score: u32,
}

/// A word that looks in one column.
#[derive(Debug, Clone)]
struct Cell {
    column: usize,
    atom: Atom,
}

impl Column {
    /// Returns the column of this name.
    pub const fn new(name: &'static str) -> Self {
        Self { name, also: &[], by: By::Part }
    }

    /// Returns the column of this name that holds a number.
    pub const fn number(name: &'static str) -> Self {
        Self { name, also: &[], by: By::Whole }
    }

    /// Returns the column of this name that holds one of ECS's own words.
    pub const fn state(name: &'static str) -> Self {
        Self { name, also: &[], by: By::Start }
    }

    /// Returns the same column with other names too.
    #[must_use]
    pub const fn or(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    /// Whether people look for the most, or the newest, first.
    pub fn is_most_first(&self) -> bool {
        self.by == By::Whole || matches!(self.name, "deployed" | "since")
    }

    /// Whether this is what people call it.
    pub fn is_called(&self, name: &str) -> bool {
        std::iter::once(&self.name).chain(self.also).any(|known| known.eq_ignore_ascii_case(name))
    }
}

impl Query {
    /// Reads a query over a list of these columns. Where there are none, a colon is a character like any other.
    pub fn parse(text: &str, columns: &[Column]) -> Result<Self, NoColumn> {
        let mut query = Self { free: Pattern::default(), cells: Vec::new() };
        for word in words(text) {
            let Some(in_column) = InColumn::of(word).filter(|_| !columns.is_empty()) else {
                let word = if columns.is_empty() { Cow::Borrowed(word) } else { Cow::Owned(word.replace("\\:", ":")) };
                query.free.atoms.push(Atom::parse(&word, CaseMatching::Smart, Normalization::Smart));
                continue;
            };
            let column = columns.iter().position(|column| column.is_called(in_column.name)).ok_or_else(|| {
                NoColumn { name: in_column.name.to_owned(), there: columns.iter().map(|column| column.name).collect() }
            })?;
            query.cells.push(Cell { column, atom: in_column.atom(columns[column].by) });
        }
        query.free.atoms.retain(|atom| !atom.needle_text().is_empty());
        query.cells.retain(|cell| !cell.atom.needle_text().is_empty());
        Ok(query)
    }

    /// Whether everything matches.
    pub fn is_empty(&self) -> bool {
        self.free.atoms.is_empty() && self.cells.is_empty()
    }

    /// Whether a word looks in a column.
    pub fn looks_in_columns(&self) -> bool {
        !self.cells.is_empty()
    }

    /// Returns how many words there are to look for.
    pub fn len(&self) -> usize {
        self.free.atoms.len() + self.cells.len()
    }

    /// Returns which letters and digits a text must have so that it can match; see [`letters`].
    pub fn letters(&self) -> u64 {
        let atoms = self.free.atoms.iter().filter(|atom| !atom.negative);
        atoms.flat_map(|atom| atom.needle_text().chars().collect::<Vec<_>>()).fold(0, |set, c| set | bit(c))
    }

    /// Returns how well a text matches whose columns hold these values; `None` where it does not.
    pub fn score<'value>(&self, text: &str, value: impl Fn(usize) -> Cow<'value, str>) -> Option<u32> {
        self.fit(&[text], value).map(|fit| fit.score)
    }

    /// Returns how well a text of parts matches whose columns hold these values; `None` where it does not. Each word is
    /// looked for in one part after the other, with a beginning and an end of its own each; what must not be there must
    /// be in none of them.
    pub fn fit<'value>(&self, parts: &[&str], value: impl Fn(usize) -> Cow<'value, str>) -> Option<Fit> {
        MATCHER.with_borrow_mut(|matcher| {
            let mut letters = Vec::new();
            let fits = |cell: &Cell, letters: &mut Vec<char>, matcher: &mut Matcher| {
                cell.atom.score(haystack(&value(cell.column), letters), matcher).is_some()
            };
            if !self.cells.iter().all(|cell| fits(cell, &mut letters, matcher)) {
                return None;
            }
            let mut fit = Fit::default();
            for atom in &self.free.atoms {
                let mut scored = parts.iter().map(|part| atom.score(haystack(part, &mut letters), matcher));
                if atom.negative {
                    if !scored.all(|score| score.is_some()) {
                        return None;
                    }
                    continue;
                }
                let (part, score) = scored.enumerate().find_map(|(part, score)| Some((part, score?)))?;
                fit.astray += u32::from(part > 0);
                fit.score += u32::from(score);
            }
            Some(fit)
        })
    }

    /// Returns which characters of a text the words outside of columns matched, counted in `char`s, ascending.
    pub fn positions(&self, text: &str) -> Vec<u32> {
        self.positions_in(&[text])
    }

    /// Returns which characters of a text of parts, between which one character stands, the words outside of columns
    /// matched, counted in `char`s, ascending.
    pub fn positions_in(&self, parts: &[&str]) -> Vec<u32> {
        let mut positions = Vec::new();
        let mut letters = Vec::new();
        MATCHER.with_borrow_mut(|matcher| {
            for atom in self.free.atoms.iter().filter(|atom| !atom.negative) {
                let mut before = 0;
                for part in parts {
                    let known = positions.len();
                    if atom.indices(haystack(part, &mut letters), matcher, &mut positions).is_some() {
                        positions[known..].iter_mut().for_each(|position| *position += before);
                        break;
                    }
                    positions.truncate(known);
                    before += part.chars().count() as u32 + 1;
                }
            }
        });
        positions.sort_unstable();
        positions.dedup();
        positions
    }
}

/// A word as it was typed: `!status:stopped`.
struct InColumn<'text> {
    excludes: bool,
    name: &'text str,
    value: &'text str,
}

impl<'text> InColumn<'text> {
    /// Returns the parts of a word that begins with a name and a colon.
    fn of(word: &'text str) -> Option<Self> {
        let (name, value) = word.split_once(':')?;
        let (name, excludes) = name.strip_prefix('!').map_or((name, false), |name| (name, true));
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        is_name.then_some(Self { excludes, name, value })
    }

    fn atom(&self, by: By) -> Atom {
        let mut atom = Atom::parse(self.value, CaseMatching::Ignore, Normalization::Smart);
        let value = self.value.trim_start_matches('!');
        if !value.starts_with(['\'', '^']) && !matches!(atom.kind, AtomKind::Postfix | AtomKind::Exact) {
            atom.kind = match by {
                By::Part => AtomKind::Substring,
                By::Start => AtomKind::Prefix,
                By::Whole => AtomKind::Exact,
            };
        }
        atom.negative ^= self.excludes;
        atom
    }
}

/// Returns the name before a word's colon and what stands after it, where it can be the name of a column.
pub fn column_of(word: &str) -> Option<(&str, &str)> {
    InColumn::of(word).map(|word| (word.name, word.value))
}

/// Returns which letters and digits a text has, a bit each; all of them where it has others than ASCII's, which may be
/// taken for these.
pub fn letters(text: &str) -> u64 {
    if text.is_ascii() { text.chars().fold(0, |set, c| set | bit(c)) } else { u64::MAX }
}

fn bit(c: char) -> u64 {
    match c.to_ascii_lowercase() {
        letter @ 'a'..='z' => 1 << (u32::from(letter) - u32::from('a')),
        digit @ '0'..='9' => 1 << (26 + u32::from(digit) - u32::from('0')),
        _ => 0,
    }
}

/// Returns the words of a query; a backslash keeps a space in its word.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    let apart = move |c: char| {
        let is_apart = c == ' ' && !escaped;
        escaped = c == '\\';
        is_apart
    };
    text.split(apart).filter(|word| !word.is_empty())
}

/// Returns the text as the matcher reads it, one `char` a place (nucleo's own conversion counts graphemes).
fn haystack<'text>(text: &'text str, letters: &'text mut Vec<char>) -> Utf32Str<'text> {
    if text.is_ascii() {
        return Utf32Str::Ascii(text.as_bytes());
    }
    letters.clear();
    letters.extend(text.chars());
    Utf32Str::Unicode(letters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COLUMNS: &[Column] =
        &[Column::state("status"), Column::number("rev").or(&["revision"]), Column::new("az").or(&["zone"])];

    fn fits(query: &str, text: &str, values: [&'static str; 3]) -> bool {
        let query = Query::parse(query, COLUMNS).unwrap();
        query.score(text, |column| values[column].into()).is_some()
    }

    const TASK: [&str; 3] = ["RUNNING", "41", "eu-west-1b"];

    #[test]
    fn a_word_in_a_column_looks_there_alone() {
        assert!(fits("status:running", "4f2a", TASK));
        assert!(fits("STATUS:run zone:1b 4a", "4f2a", TASK));
        assert!(!fits("status:stopped", "stopped", TASK));
        assert!(!fits("status:rnn", "4f2a", TASK), "it stands there as it is typed");
    }

    #[test]
    fn a_number_is_the_whole_of_it() {
        assert!(fits("rev:41", "x", TASK));
        assert!(fits("revision:^4", "x", TASK));
        assert!(fits("rev:'1", "x", TASK));
        assert!(!fits("rev:4", "x", TASK));
        assert!(fits("rev:!4", "x", TASK) && !fits("rev:!41", "x", TASK));
    }

    #[test]
    fn a_state_is_known_by_its_beginning() {
        let of = |status| [status, "", ""];
        assert!(fits("status:healthy", "x", of("HEALTHY")) && !fits("status:healthy", "x", of("UNHEALTHY")));
        assert!(fits("status:'healthy", "x", of("UNHEALTHY")) && fits("status:healthy$", "x", of("UNHEALTHY")));
        assert!(fits("status:!healthy", "x", of("UNHEALTHY")) && !fits("status:!healthy", "x", of("HEALTHY")));
    }

    #[test]
    fn the_marks_work_in_a_column() {
        assert!(fits("az:^eu", "x", TASK) && fits("az:1b$", "x", TASK) && !fits("az:^1b", "x", TASK));
        assert!(fits("!status:stopped", "x", TASK) && fits("status:!stopped", "x", TASK));
        assert!(!fits("!status:running", "x", TASK) && fits("!status:!running", "x", TASK));
    }

    #[test]
    fn a_column_without_a_word_looks_for_nothing_yet() {
        assert!(fits("status:", "x", TASK) && fits("status:!", "x", TASK) && fits("!status:", "x", TASK));
        assert!(Query::parse("status: ! ^", COLUMNS).unwrap().is_empty());
    }

    #[test]
    fn a_column_that_is_not_there_is_said() {
        let error = Query::parse("api nginx:1.25", COLUMNS).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no column nginx: there are status, rev, az; nginx\\: is the text itself"
        );
    }

    const PARTS: [&str; 3] = ["prod/api/4f2a/app", "appmesh/envoy:v1", "10.0.1.2"];

    fn fit(query: &str, parts: &[&str]) -> Option<Fit> {
        Query::parse(query, COLUMNS).unwrap().fit(parts, |_| "".into())
    }

    #[test]
    fn each_part_begins_and_ends_by_itself() {
        for query in ["app$", "api v1$", "1.2$", "^prod", "^appm", "^10.", "^10.0.1.2$", "^appmesh ^prod app$ ^10"] {
            assert!(fit(query, &PARTS).is_some(), "{query}");
        }
        for query in ["4f2a$", "^envoy", "^app$", "'app\\ appmesh", "!app", "!10.0", "!v1$", "appmeshv12"] {
            assert_eq!(fit(query, &PARTS), None, "{query}");
        }
        assert!(fit("!mesh$ !^envoy !4f2a$", &PARTS).is_some());
    }

    #[test]
    fn a_word_is_looked_for_in_the_first_part_first() {
        let (within, beside) = (fit("pro app", &PARTS).unwrap(), fit("pro appm", &PARTS).unwrap());
        assert_eq!((within.astray, beside.astray, fit("envoy 10.0", &PARTS).unwrap().astray), (0, 1, 2));
        assert_eq!(within.score, fit("pro app", &PARTS[..1]).unwrap().score, "what stands behind it adds nothing");
    }

    #[test]
    fn positions_are_those_of_the_parts_with_a_character_between_them() {
        let positions = |query: &str| Query::parse(query, COLUMNS).unwrap().positions_in(&["é/app", "app", "1.2"]);
        assert_eq!(positions("app"), [2, 3, 4]);
        assert_eq!(positions("^app"), [6, 7, 8]);
        assert_eq!(positions("2$ app !x"), [2, 3, 4, 12]);
    }

    #[test]
    fn a_colon_can_be_meant_as_it_is() {
        for query in ["nginx\\:1", "'nginx:1", "^nginx:1", "\\!nginx\\:1 nginx"] {
            assert_eq!(fits(query, "nginx:1.25", TASK), !query.contains("\\!"), "{query}");
        }
        assert!(fits("12:03", "at 12:03", TASK));
        assert!(Query::parse("error:", &[]).unwrap().score("an error: x", |_| "".into()).is_some());
    }

    proptest! {
        #[test]
        fn without_columns_it_is_fzfs_language(query in "[ab!$\\\\' ^:A-]{0,10}", text in "[ab!$' ^:A-]{0,10}") {
            let ours = Query::parse(&query, &[]).unwrap();
            let nucleos = Pattern::parse(&query, CaseMatching::Smart, Normalization::Smart);
            let mut letters = Vec::new();
            let expected = nucleos.score(haystack(&text, &mut letters), &mut Matcher::new(Config::DEFAULT));
            prop_assert_eq!(ours.score(&text, |_| "".into()), expected);
        }

        #[test]
        fn every_word_narrows(words in proptest::collection::vec("!?(status:|rev:|az:)?[!'^]?[a-z0-9]{0,3}[$]?", 1..4), text in "[a-z0-9]{0,8}") {
            let all = fits(&words.join(" "), &text, TASK);
            prop_assert_eq!(all, words.iter().all(|word| fits(word, &text, TASK)), "{:?}", words);
        }

        #[test]
        fn excluding_is_the_other_answer(value in "[a-z0-9]{1,4}", mark in "['^]?", column in 0_usize..3) {
            let name = COLUMNS[column].name;
            let (with, without) = (format!("{name}:{mark}{value}"), format!("!{name}:{mark}{value}"));
            prop_assert_ne!(fits(&with, "x", TASK), fits(&without, "x", TASK));
        }

        #[test]
        fn no_query_panics_and_positions_lie_in_the_text(query in ".{0,12}", text in ".{0,12}") {
            if let Ok(query) = Query::parse(&query, COLUMNS) {
                let _ = query.score(&text, |_| "é支".into());
                let length = text.chars().count() as u32;
                prop_assert!(query.positions(&text).iter().all(|position| *position < length));
            }
        }
    }
}

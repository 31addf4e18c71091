//! Results on standard output: tables for people, JSON and TSV for programs, all from one list of columns.

mod tone;

use std::{
    borrow::Borrow,
    fmt::Write as _,
    io::{self, BufWriter, Write},
};

use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{arguments::Format, signs};
use crate::{
    model::{
        Timestamp,
        text::{clean, escaped},
    },
    tui::app::width,
};

/// How much is written at once: below standard output's own buffer lies one that cuts at each line.
const BUFFER: usize = 64 * 1024;

/// How results are printed.
#[derive(Debug, Clone)]
pub(super) struct Style {
    /// As what.
    pub(super) format: Format,
    /// Whether the state words of a table are coloured.
    pub(super) colours: bool,
    /// Where the times of a table are told; programs always get UTC.
    pub(super) zone: TimeZone,
}

/// One column of a result: a heading in tables, a field in JSON, a place in TSV.
#[derive(Debug)]
pub(super) struct Column<R> {
    /// The field's name in JSON; in capitals, the heading.
    pub(super) name: &'static str,
    /// What it says, for the documents.
    pub(super) about: &'static str,
    /// Takes it from a row.
    cell: fn(&R) -> Cell,
    /// Whether tables show it; JSON and TSV always do.
    pub(super) in_tables: bool,
}

impl<R> Column<R> {
    /// Returns a column that every format shows.
    pub(super) const fn new(name: &'static str, about: &'static str, cell: fn(&R) -> Cell) -> Self {
        Self { name, about, cell, in_tables: true }
    }

    /// Returns a column for programs.
    pub(super) const fn fields_only(name: &'static str, about: &'static str, cell: fn(&R) -> Cell) -> Self {
        Self { name, about, cell, in_tables: false }
    }
}

impl<R> Column<R> {
    /// Returns what a row has here, as a TSV line shows it.
    pub(super) fn plain(&self, row: &R) -> String {
        (self.cell)(row).plain()
    }
}

/// What stands in one column of one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Cell {
    /// Words, untrusted.
    Text(String),
    /// A word for a state, untrusted; tables colour those that are known.
    State(String),
    /// A count.
    Count(i64),
    /// Yes or no.
    Truth(bool),
    /// A point in time.
    #[serde(serialize_with = "as_text")]
    Moment(Timestamp),
    /// Rows of their own, for JSON; elsewhere their number.
    Rows(Vec<Fields>),
    /// AWS says nothing: `null`, `-`, or an empty field.
    Nothing,
}

/// A row as names and cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fields(Vec<(&'static str, Cell)>);

fn as_text<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(moment)
}

impl Cell {
    /// Returns a text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Returns a text, if there is one.
    pub(super) fn maybe(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Nothing, Self::text)
    }

    /// Returns a word for a state.
    pub(super) fn state(word: impl Into<String>) -> Self {
        Self::State(word.into())
    }

    /// Returns a word for a state, if there is one.
    pub(super) fn maybe_state(word: Option<impl Into<String>>) -> Self {
        word.map_or(Self::Nothing, Self::state)
    }

    /// Returns words in a row, if there are any.
    pub(super) fn joined(words: impl Iterator<Item = String>) -> Self {
        let words: Vec<String> = words.collect();
        if words.is_empty() { Self::Nothing } else { Self::Text(words.join(" ")) }
    }

    /// Returns a count.
    pub(super) fn count(count: u32) -> Self {
        Self::Count(count.into())
    }

    /// Returns a point in time, if there is one.
    pub(super) fn moment(moment: Option<Timestamp>) -> Self {
        moment.map_or(Self::Nothing, Self::Moment)
    }

    /// Returns rows of their own.
    pub(super) fn rows<R>(columns: &[Column<R>], rows: &[R]) -> Self {
        Self::Rows(rows.iter().map(|row| Fields::of(columns, row)).collect())
    }

    /// Returns what a TSV line shows: nothing in it that breaks the line.
    fn plain(&self) -> String {
        match self {
            Self::Text(text) | Self::State(text) => clean(text),
            Self::Count(count) => count.to_string(),
            Self::Truth(truth) => truth.to_string(),
            Self::Moment(moment) => moment.to_string(),
            Self::Rows(rows) => rows.len().to_string(),
            Self::Nothing => String::new(),
        }
    }

    /// Returns what a table shows: one line, and nothing in it that a terminal obeys.
    pub(super) fn shown(&self, zone: &TimeZone) -> String {
        match self {
            Self::Truth(true) => "yes".to_owned(),
            Self::Truth(false) => "no".to_owned(),
            Self::Moment(moment) => moment.to_zoned(zone.clone()).strftime("%F %T").to_string(),
            Self::Nothing => "-".to_owned(),
            Self::Text(_) | Self::State(_) | Self::Count(_) | Self::Rows(_) => self.plain(),
        }
    }

    /// Returns a text that stands for this cell, in the colour of its state.
    fn painted(&self, text: &str, colours: bool) -> String {
        match self {
            Self::State(word) if colours => tone::of(word).map_or_else(|| text.to_owned(), |tone| tone.paint(text)),
            _ => text.to_owned(),
        }
    }
}

/// Prints rows to standard output.
pub(super) fn print<R>(columns: &[Column<R>], rows: &[R], style: &Style) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(BUFFER, io::stdout().lock());
    match style.format {
        Format::Table => out.write_all(table(columns, rows, style).as_bytes())?,
        format @ (Format::Tsv | Format::Json) => {
            write_fields(&mut out, rows.iter().map(|row| Fields::of(columns, row)), format)?;
        }
    }
    out.flush()
}

/// Prints rows that programs read; there is no table of them.
pub(super) fn print_fields(rows: &[Fields], format: Format) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(BUFFER, io::stdout().lock());
    write_fields(&mut out, rows.iter(), format)?;
    out.flush()
}

/// Prints rows as they come: a table goes on below its heading, JSON is an object a line.
#[derive(Debug)]
pub(super) struct Live<R: 'static> {
    columns: &'static [Column<R>],
    style: Style,
    /// How wide the columns of the table are by now.
    widths: Vec<usize>,
}

impl<R> Live<R> {
    /// Returns a printer that has printed nothing yet.
    pub(super) fn new(columns: &'static [Column<R>], style: Style) -> Self {
        Self { columns, style, widths: Vec::new() }
    }

    /// Prints some rows; the first of a table have its heading above them.
    pub(super) fn print(&mut self, rows: &[R]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(&self.text(rows)?)?;
        out.flush()
    }

    fn text(&mut self, rows: &[R]) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        match self.style.format {
            Format::Table => {
                let first = self.widths.is_empty();
                let lines = cells(self.columns, rows, &self.style.zone);
                text.extend(aligned(&lines[usize::from(!first)..], &mut self.widths, self.style.colours).into_bytes());
            }
            Format::Json => {
                for row in rows {
                    let mut serializer = serde_json::Serializer::with_formatter(&mut text, Lines::default());
                    Fields::of(self.columns, row).serialize(&mut serializer)?;
                    text.push(b'\n');
                }
            }
            Format::Tsv => write_fields(&mut text, rows.iter().map(|row| Fields::of(self.columns, row)), Format::Tsv)?,
        }
        Ok(text)
    }
}

/// Prints a JSON value as it is, indented; what a terminal would obey or hide is escaped.
pub(super) fn print_json(value: &Value) -> io::Result<()> {
    print_text(&(escaped(&format!("{value:#}")) + "\n"))
}

/// Prints a text for people to standard output.
pub(super) fn print_page(text: &str) -> io::Result<()> {
    print_text(&signs::written(text))
}

/// Prints a text to standard output as it is.
pub(super) fn print_text(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Returns headings and rows in columns as wide as the terminal will show them.
pub(super) fn table<R>(columns: &[Column<R>], rows: &[R], style: &Style) -> String {
    aligned(&cells(columns, rows, &style.zone), &mut Vec::new(), style.colours)
}

/// Returns the heading of a table and its lines, each cell with what is shown of it.
fn cells<R>(columns: &[Column<R>], rows: &[R], zone: &TimeZone) -> Vec<Vec<(Cell, String)>> {
    let columns: Vec<&Column<R>> = columns.iter().filter(|column| column.in_tables).collect();
    let heading = columns.iter().map(|column| Cell::Text(column.name.replace('_', " ").to_uppercase())).collect();
    let cells = rows.iter().map(|row| columns.iter().map(|column| (column.cell)(row)).collect());
    let shown = |line: Vec<Cell>| {
        line.into_iter()
            .map(|cell| (signs::written(&cell.shown(zone)).into_owned(), cell))
            .map(|(text, cell)| (cell, text))
    };
    std::iter::once(heading).chain(cells).map(|line: Vec<Cell>| shown(line).collect()).collect()
}

/// Returns the lines in columns at least as wide as they were before.
fn aligned(lines: &[Vec<(Cell, String)>], widths: &mut Vec<usize>, colours: bool) -> String {
    for line in lines {
        widths.resize(line.len(), 0);
        for (width, (_, shown)) in widths.iter_mut().zip(line) {
            *width = cells_of(shown).max(*width);
        }
    }
    let mut text = String::new();
    for line in lines {
        let filled = line.iter().rposition(|(_, shown)| !shown.trim_end().is_empty()).map_or(0, |last| last + 1);
        for (index, ((cell, shown), width)) in line.iter().zip(&*widths).take(filled).enumerate() {
            let is_last = index + 1 == filled;
            let padding = if is_last { 0 } else { width - cells_of(shown) + 2 };
            let shown = if is_last { shown.trim_end() } else { shown };
            write!(text, "{}{:padding$}", cell.painted(shown, colours), "").expect("a string takes everything");
        }
        text.push('\n');
    }
    text
}

/// Returns how many cells of a terminal a text takes.
fn cells_of(text: &str) -> usize {
    usize::from(width(text))
}

/// Writes rows as programs read them: an array with an object for each, or else a line for each.
fn write_fields<F>(mut out: impl Write, rows: impl Iterator<Item = F>, format: Format) -> io::Result<()>
where
    F: Serialize + Borrow<Fields>,
{
    match format {
        Format::Json => {
            let mut serializer = serde_json::Serializer::with_formatter(&mut out, Lines::default());
            serializer.collect_seq(rows)?;
            out.write_all(b"\n")
        }
        Format::Table | Format::Tsv => {
            let mut rows = rows;
            rows.try_for_each(|row| {
                let cells: Vec<String> = row.borrow().0.iter().map(|(_, cell)| cell.plain()).collect();
                writeln!(out, "{}", cells.join("\t"))
            })
        }
    }
}

impl Fields {
    /// Returns what the columns say of a row.
    pub(super) fn of<R>(columns: &[Column<R>], row: &R) -> Self {
        Self(columns.iter().map(|column| (column.name, (column.cell)(row))).collect())
    }

    /// Returns these fields and those that more columns say of another row.
    #[must_use]
    pub(super) fn and<R>(mut self, columns: &[Column<R>], row: &R) -> Self {
        self.0.extend(Self::of(columns, row).0);
        self
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, cell)| (name, cell)))
    }
}

/// One object a line; what a terminal would obey or hide is escaped, so that nothing is lost and nothing happens.
#[derive(Debug, Default)]
struct Lines {
    depth: usize,
    /// Whether the outermost array holds something.
    filled: bool,
}

impl serde_json::ser::Formatter for Lines {
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"}")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.filled = true;
        let separator: &[u8] = match (self.depth, first) {
            (0, true) => b"\n",
            (0, false) => b",\n",
            (_, true) => b"",
            (_, false) => b",",
        };
        writer.write_all(separator)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(if self.depth == 0 && self.filled { b"\n]" } else { b"]" })
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if clean(fragment) == fragment {
            return writer.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            let alone = character.to_string();
            if clean(&alone) == alone {
                writer.write_all(alone.as_bytes())?;
                continue;
            }
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Service {
        name: &'static str,
        running: i64,
        exec: Option<bool>,
    }

    const COLUMNS: &[Column<Service>] = &[
        Column::new("service", "its name", |row| Cell::text(row.name)),
        Column::new("running_count", "tasks that run", |row| Cell::Count(row.running)),
        Column::new("exec", "whether one can log in", |row| row.exec.map_or(Cell::Nothing, Cell::Truth)),
        Column::fields_only("since", "when it began", |row| {
            Cell::moment(row.exec.map(|_| Timestamp::from_second(row.running).unwrap()))
        }),
        Column::fields_only("parts", "its parts", |row| {
            Cell::rows(
                &[Column::new("name", "a name", |part: &&str| Cell::text(*part))],
                &row.name.split('-').collect::<Vec<_>>(),
            )
        }),
    ];

    const ROWS: &[Service] = &[
        Service { name: "支払い-api", running: 3, exec: Some(true) },
        Service { name: "web\u{1b}[31m\u{202e}\tx", running: 12, exec: None },
    ];

    fn written(rows: &[Service], format: Format) -> String {
        let mut out = Vec::new();
        write_fields(&mut out, rows.iter().map(|row| Fields::of(COLUMNS, row)), format).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_table_is_aligned_as_it_is_seen() {
        let style = |colours| Style { format: Format::Table, colours, zone: TimeZone::UTC };
        assert_eq!(
            table(COLUMNS, ROWS, &style(false)),
            "SERVICE      RUNNING COUNT  EXEC\n\
             支払い-api   3              yes\n\
             web␛[31m\u{fffd} x  12             -\n"
        );
        assert_eq!(table(COLUMNS, &[], &style(false)), "SERVICE  RUNNING COUNT  EXEC\n");
    }

    #[test]
    fn letters_that_are_one_sign_in_print_take_their_cells() {
        let row = |name| Service { name, running: 3, exec: None };
        let style = Style { format: Format::Table, colours: false, zone: TimeZone::UTC };
        let text = table(COLUMNS, &[row("web"), row("لا"), row("e\u{301}")], &style);
        let before: Vec<usize> = text.lines().map(|line| line.chars().filter(|c| *c != '\u{301}').count()).collect();
        assert_eq!(before[1..], [before[1]; 3], "{text}");
    }

    #[test]
    fn states_are_coloured_and_nothing_else_is() {
        let columns: &[Column<&str>] = &[
            Column::new("status", "its state", |word| Cell::state(*word)),
            Column::new("name", "its name", |word| Cell::text(*word)),
        ];
        let style = |colours| Style { format: Format::Table, colours, zone: TimeZone::UTC };
        let rows = ["RUNNING", "draining", "FAILED", "odd\u{1b}[31m"];
        assert_eq!(
            table(columns, &rows, &style(true)),
            "STATUS    NAME\n\
             \u{1b}[32mRUNNING\u{1b}[0m   RUNNING\n\
             \u{1b}[33mdraining\u{1b}[0m  draining\n\
             \u{1b}[1;31mFAILED\u{1b}[0m    FAILED\n\
             odd␛[31m  odd␛[31m\n"
        );
        assert!(!table(columns, &rows, &style(false)).contains('\u{1b}'));
    }

    #[test]
    fn a_table_that_goes_on_keeps_its_columns() {
        let style = |format| Style { format, colours: false, zone: TimeZone::UTC };
        let mut live = Live::new(COLUMNS, style(Format::Table));
        let mut text = |rows: &[Service]| String::from_utf8(live.text(rows).unwrap()).unwrap();
        assert_eq!(text(&ROWS[..1]), "SERVICE     RUNNING COUNT  EXEC\n支払い-api  3              yes\n");
        let small = Service { name: "a", running: 1, exec: None };
        assert_eq!(text(&[small]), "a           1              -\n");
        assert_eq!(text(&[]), "");
        let mut live = Live::new(COLUMNS, style(Format::Json));
        let lines = String::from_utf8(live.text(ROWS).unwrap()).unwrap();
        let parsed: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((parsed.len(), &parsed[1]["service"]), (2, &ROWS[1].name.into()));
    }

    #[test]
    fn tsv_has_its_tabs_between_fields_only() {
        assert_eq!(
            written(ROWS, Format::Tsv),
            "支払い-api\t3\ttrue\t1970-01-01T00:00:03Z\t2\nweb␛[31m\u{fffd} x\t12\t\t\t1\n"
        );
    }

    #[test]
    fn json_loses_nothing_and_is_safe_to_look_at() {
        let text = written(ROWS, Format::Json);
        assert_eq!(clean(&text).trim(), text.replace('\n', " ").trim());
        let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed[1]["service"], ROWS[1].name);
        assert_eq!(
            parsed[0],
            serde_json::json!({
                "service": "支払い-api", "running_count": 3, "exec": true, "since": "1970-01-01T00:00:03Z",
                "parts": [{"name": "支払い"}, {"name": "api"}],
            })
        );
        assert_eq!(parsed[1]["exec"], serde_json::Value::Null);
    }

    #[test]
    fn json_of_nothing_is_an_empty_array() {
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&written(&[], Format::Json)).unwrap(),
            serde_json::json!([])
        );
    }
}

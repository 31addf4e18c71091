//! Lines of logs on standard output.

use std::io::{self, Write as _};

use crate::{
    cli::{
        arguments::Format,
        output::{self, Cell, Column, Fields, Live, Style},
    },
    model::{LogLine, text::clean},
};

/// The colours of tasks: those that are told apart on dark and on light ground.
const COLOURS: [u8; 6] = [36, 33, 35, 32, 34, 31];

/// The fields of a line.
pub(in crate::cli) const COLUMNS: &[Column<LogLine>] = &[
    Column::new("at", "when it was written", |line| Cell::moment(Some(line.at))),
    Column::new("service", "the service's name; nothing for a standalone task", |line| {
        Cell::maybe(line.source.service.as_deref())
    }),
    Column::new("task", "the task's id", |line| Cell::text(line.source.task.name())),
    Column::new("container", "the container's name", |line| Cell::text(&*line.source.container)),
    Column::new("message", "what was written", |line| Cell::text(&*line.message)),
    Column::new("ingested", "when CloudWatch Logs took it in", |line| Cell::moment(line.ingested)),
    Column::new("group", "the log group", |line| Cell::text(&*line.source.group)),
    Column::new("stream", "the log stream", |line| Cell::text(&*line.source.stream)),
];

/// Puts a line into words, with the line break at its end.
pub(in crate::cli) type Words = Box<dyn Fn(&LogLine) -> String>;

/// How lines look to people.
pub(in crate::cli) struct Layout {
    /// Whether each line says whose it is.
    pub(in crate::cli) prefixed: bool,
    /// What the person wants instead.
    pub(in crate::cli) words: Option<Words>,
}

/// A line with fields in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// By its place among the columns.
    Field(usize),
    /// The start of the task's id.
    ShortTask,
}

/// Prints lines, piece by piece.
pub(in crate::cli) struct Printer {
    layout: Layout,
    style: Style,
    follows: bool,
    live: Live<LogLine>,
    /// What becomes one array.
    gathered: Vec<Fields>,
}

impl Printer {
    /// Returns a printer; one that follows prints objects a line instead of an array.
    pub(in crate::cli) fn new(layout: Layout, style: Style, follows: bool) -> Self {
        let live = Live::new(COLUMNS, style.clone());
        Self { layout, style, follows, live, gathered: Vec::new() }
    }

    /// Prints some lines.
    pub(in crate::cli) fn print(&mut self, lines: &[LogLine]) -> io::Result<()> {
        match (&self.layout.words, self.style.format) {
            (Some(words), _) => write(lines.iter().map(words)),
            (None, Format::Table) => write(lines.iter().map(|line| self.line(line))),
            (None, Format::Json) if !self.follows => {
                self.gathered.extend(lines.iter().map(|line| Fields::of(COLUMNS, line)));
                Ok(())
            }
            (None, Format::Json | Format::Tsv) => self.live.print(lines),
        }
    }

    /// Prints what is printed last.
    pub(super) fn end(self) -> io::Result<()> {
        let is_array = self.style.format == Format::Json && self.layout.words.is_none() && !self.follows;
        if is_array { output::print_fields(&self.gathered, Format::Json) } else { Ok(()) }
    }

    /// Returns a line for people: its time, whose it is, and its words.
    fn line(&self, line: &LogLine) -> String {
        let at = line.at.to_zoned(self.style.zone.clone()).strftime("%F %T%.3f").to_string();
        let message = clean(&line.message);
        if !self.layout.prefixed {
            return format!("{at} {message}\n");
        }
        let who = clean(format!("{}/{}", line.source.task.short(), line.source.container));
        if !self.style.colours {
            return format!("{at} {who} {message}\n");
        }
        let colour = colour(line.source.task.name());
        format!("\u{1b}[2m{at}\u{1b}[0m \u{1b}[{colour}m{who}\u{1b}[0m {message}\n")
    }
}

fn write(lines: impl Iterator<Item = String>) -> io::Result<()> {
    let text: String = lines.collect();
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Returns the colour of a task: the same whenever it is seen.
fn colour(task: &str) -> u8 {
    let sum = task.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
    COLOURS[sum % COLOURS.len()]
}

impl Template {
    /// Reads a template. Two braces stand for one; `\t` and `\n` are what they are elsewhere.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(letter) = rest.chars().next() {
            let (said, len) = match rest.get(..2) {
                Some("{{") => ("{", 2),
                Some("}}") => ("}", 2),
                Some("\\t") => ("\t", 2),
                Some("\\n") => ("\n", 2),
                _ => (&rest[..letter.len_utf8()], letter.len_utf8()),
            };
            if len == 1 && letter == '{' {
                let (name, after) = rest[1..].split_once('}').ok_or("a brace is opened and not closed")?;
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                pieces.push(field(name)?);
                rest = after;
            } else {
                plain.push_str(said);
                rest = &rest[len..];
            }
        }
        pieces.push(Piece::Text(plain));
        Ok(Self(pieces))
    }

    /// Returns what fills it.
    pub(super) fn words(self) -> Words {
        Box::new(move |line| self.fill(line))
    }

    fn fill(&self, line: &LogLine) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Field(place) => text.push_str(&COLUMNS[*place].plain(line)),
                Piece::ShortTask => text.push_str(&clean(line.source.task.short())),
            }
        }
        text.push('\n');
        text
    }
}

fn field(name: &str) -> Result<Piece, String> {
    if name == "short_task" {
        return Ok(Piece::ShortTask);
    }
    let place = COLUMNS.iter().position(|column| column.name == name);
    place.map(Piece::Field).ok_or_else(|| {
        let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
        format!("there is no field {name:?}: {}, short_task", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_says_whose_it_is_where_several_write() {
        let printer = |prefixed, colours| {
            let style = Style { format: Format::Table, colours, zone: TimeZone::UTC };
            Printer::new(Layout { prefixed, words: None }, style, false)
        };
        let evil = LogLine::example("done\u{1b}[2J");
        assert_eq!(printer(false, true).line(&evil), "2026-03-10 12:00:00.250 done␛[2J\n");
        assert_eq!(printer(true, false).line(&evil), "2026-03-10 12:00:00.250 4f2ab81c/app done␛[2J\n");
        let coloured = printer(true, true).line(&evil);
        assert!(coloured.contains("m4f2ab81c/app\u{1b}[0m done␛[2J"), "{coloured:?}");
    }

    #[test]
    fn a_template_is_filled() {
        let filled = |text: &str| Template::parse(text).map(|template| template.fill(&LogLine::example("done")));
        assert_eq!(filled("{at} {short_task}\\t{message}").unwrap(), "2026-03-10T12:00:00.25Z 4f2ab81c\tdone\n");
        assert_eq!(filled("{{{container}}}").unwrap(), "{app}\n");
        assert!(filled("{nothing}").unwrap_err().contains("there is no field"));
        assert!(filled("{at").unwrap_err().contains("not closed"));
    }

    proptest! {
        #[test]
        fn no_template_panics(text in ".*") {
            let _filled = Template::parse(&text).map(|template| template.fill(&LogLine::example("x")));
        }
    }
}

//! The part of Go's templates that formats of lines are made of: fields, and the colours of fields.

use jiff::tz::TimeZone;

use super::event::Event;
use crate::{
    cli::output::Style,
    model::{LogLine, Timestamp, text::clean},
};

/// A format, with fields in double braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Format(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Said(Field, Option<Paint>),
}

/// What a field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Level,
    Message,
    Time,
    TimeShort,
    TaskShort,
    Stream,
    Group,
    IngestTime,
    CreationTime,
    PrettyPrint,
}

/// In which colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    /// This one.
    Plain(u8),
    /// That of the text.
    Unique,
    /// That of the level.
    Level,
}

const FIELDS: [(&str, Field); 10] = [
    (".Level", Field::Level),
    (".Message", Field::Message),
    (".Time", Field::Time),
    (".TimeShort", Field::TimeShort),
    (".TaskShort", Field::TaskShort),
    (".Stream", Field::Stream),
    (".Group", Field::Group),
    (".IngestTime", Field::IngestTime),
    (".CreationTime", Field::CreationTime),
    (".PrettyPrint", Field::PrettyPrint),
];

const PAINTS: [(&str, Paint); 9] = [
    ("colorlevel", Paint::Level),
    ("uniquecolor", Paint::Unique),
    ("red", Paint::Plain(31)),
    ("green", Paint::Plain(32)),
    ("yellow", Paint::Plain(33)),
    ("blue", Paint::Plain(34)),
    ("magenta", Paint::Plain(35)),
    ("cyan", Paint::Plain(36)),
    ("white", Paint::Plain(37)),
];

/// The colours that texts are told apart by.
const UNIQUE: [u8; 4] = [34, 36, 32, 35];

impl Format {
    /// Reads a format; what of Go's templates is not understood is an error that says what to use.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once("{{") {
            let (action, after) = after.split_once("}}").ok_or("\"{{\" is opened and not closed")?;
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(said_by(action)?);
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// Returns a line in this format, without a line break at its end.
    pub(super) fn fill(&self, event: &Event, line: &LogLine, style: &Style) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Said(field, paint) => said(*field, *paint, event, line, style),
        };
        self.0.iter().map(piece).collect()
    }
}

/// Returns what a field says of a line, with nothing in it that a terminal obeys but the colour.
pub(super) fn said(field: Field, paint: Option<Paint>, event: &Event, line: &LogLine, style: &Style) -> String {
    let text = match field {
        Field::Level => event.level.to_owned(),
        Field::Message => clean(&event.message),
        Field::Time => moment(event.time, &style.zone),
        Field::TimeShort => event.time.to_zoned(style.zone.clone()).strftime("%m-%d %T").to_string(),
        Field::TaskShort => clean(line.source.task.short()),
        Field::Stream => clean(&*line.source.stream),
        Field::Group => clean(&*line.source.group),
        Field::IngestTime => line.ingested.map(|at| moment(at, &style.zone)).unwrap_or_default(),
        Field::CreationTime => moment(line.at, &style.zone),
        Field::PrettyPrint => event.raw(line),
    };
    match paint.and_then(|paint| colour(paint, &text)).filter(|_| style.colours) {
        Some(colour) => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
        None => text,
    }
}

/// Returns a time as Go prints it.
fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%F %T%.f %z %Z").to_string()
}

fn colour(paint: Paint, text: &str) -> Option<u8> {
    match (paint, text) {
        (Paint::Plain(colour), _) => Some(colour),
        (Paint::Level, "ERROR" | "ALERT" | "CRIT") => Some(31),
        (Paint::Level, "WARN") => Some(33),
        (Paint::Level, _) => None,
        (Paint::Unique, text) => {
            let sum = text.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
            Some(UNIQUE[sum % UNIQUE.len()])
        }
    }
}

/// Reads what stands between double braces: `.Field`, `colour .Field`, `colour (print .Field)` or `.Field | colour`.
fn said_by(action: &str) -> Result<Piece, String> {
    let words: Vec<&str> = action.split_whitespace().collect();
    let (field, paint) = match words[..] {
        [field] => (field, None),
        [field, "|", paint] => (field, Some(paint)),
        [paint, field] if PAINTS.iter().any(|(name, _)| *name == paint) => (field, Some(paint)),
        [paint, "(print", field] if field.ends_with(')') => (field.trim_end_matches(')'), Some(paint)),
        _ => return Err(not_understood(action)),
    };
    let paint = match paint {
        None => None,
        Some(name) => Some(named(&PAINTS, name).ok_or_else(|| not_understood(action))?),
    };
    let field = named(&FIELDS, field).ok_or_else(|| match field {
        ".Data" | ".DataFlat" | ".Info" => format!("{field} has no place in a format here: --verbose prints it"),
        ".ID" => ".ID is not kept here: .Stream and .CreationTime tell a line".to_owned(),
        _ => not_understood(action),
    })?;
    Ok(Piece::Said(field, paint))
}

fn named<T: Copy>(known: &[(&str, T)], name: &str) -> Option<T> {
    known.iter().find(|(known, _)| *known == name).map(|(_, meant)| *meant)
}

fn not_understood(action: &str) -> String {
    let fields = FIELDS.map(|(name, _)| name).join(" ");
    let colours = PAINTS.map(|(name, _)| name).join(" ");
    format!("{:?} is not understood here. Fields: {fields}. Their colours: {colours}", action.trim())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cli::arguments;

    fn style(colours: bool) -> Style {
        Style { format: arguments::Format::Table, colours, zone: TimeZone::UTC }
    }

    fn filled(format: &str, message: &str, colours: bool) -> Result<String, String> {
        let line = LogLine::example(message);
        Format::parse(format).map(|format| format.fill(&Event::of(&line), &line, &style(colours)))
    }

    const WRITTEN: &str = r#"{"level":"error","time":"2026-03-10T11:59:59Z","info":{"errors":[{"type":"*E","error":"no"}]},"data":{"b":{"c":1},"a":"x"},"message":"it\u001b[2J broke"}"#;

    #[test]
    fn a_line_is_an_event_or_a_text() {
        let format = "[ {{ colorlevel .Level }} - {{ .Message }}";
        assert_eq!(filled(format, "done\u{1b}[2J", true).unwrap(), "[ INFO - done␛[2J");
        assert_eq!(filled(format, WRITTEN, true).unwrap(), "[ \u{1b}[31mERROR\u{1b}[0m - it␛[2J broke");
        assert_eq!(filled(format, WRITTEN, false).unwrap(), "[ ERROR - it␛[2J broke");
        // JSON of somebody else's is not cut down to nothing.
        assert_eq!(filled(format, "{\"msg\":\"x\"}", false).unwrap(), "[ INFO - {\"msg\":\"x\"}");
    }

    #[test]
    fn fields_are_filled_and_painted() {
        let all = "{{uniquecolor (print .TaskShort)}} {{.TimeShort}} {{ .Stream | cyan }} {{.Group}} {{.CreationTime}}";
        assert_eq!(
            filled(all, "x", false).unwrap(),
            "4f2ab81c 03-10 12:00:00 ecs/app/4f2ab81c0d0e /ecs/api 2026-03-10 12:00:00.25 +0000 UTC"
        );
        assert_eq!(filled("{{ red .Message }}", "x", true).unwrap(), "\u{1b}[31mx\u{1b}[0m");
        for (wrong, said) in [
            ("{{ .Level", "not closed"),
            ("{{ range .Data }}{{ end }}", "\"range .Data\" is not understood"),
            ("{{ .DataFlat }}", "--verbose prints it"),
            ("{{ .ID }}", ".ID is not kept"),
            ("{{ pink .Level }}", "\"pink .Level\" is not understood"),
        ] {
            let refused = filled(wrong, "x", false).unwrap_err();
            assert!(refused.contains(said), "{wrong}: {refused}");
        }
    }

    #[test]
    fn verbose_and_raw_tell_the_rest() {
        let line = LogLine::example(WRITTEN);
        let event = Event::of(&line);
        assert_eq!(
            event.verbose(&line, &style(false)),
            "[ 4f2ab81c ] 03-10 11:59:59 ERROR a=x  b.c=1  Errors=[ Type=*E Error=no ]  - it␛[2J broke"
        );
        let raw: serde_json::Value = serde_json::from_str(&event.raw(&line)).unwrap();
        assert_eq!((&raw["level"], &raw["data"]["b"]["c"]), (&"ERROR".into(), &1.into()));
        assert_eq!((&raw["message"], &raw["Group"]), (&"it\u{1b}[2J broke".into(), &"/ecs/api".into()));
    }

    proptest! {
        #[test]
        fn no_format_and_no_line_panics(format in ".*", action in "[ .a-zA-Z()|]*", message in ".*") {
            let _filled = filled(&format, &message, true);
            let _filled = filled(&format!("{{{{{action}}}}}"), &message, true);
        }
    }
}

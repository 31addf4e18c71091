//! What a line says: an event of ecs-logs' JSON, or a text.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::format::{self, Field, Paint};
use crate::{
    cli::output::Style,
    model::{LogLine, Timestamp, text::clean},
};

/// The levels, by <https://github.com/segmentio/ecs-logs-go>.
const LEVELS: [&str; 8] = ["EMERG", "ALERT", "CRIT", "ERROR", "WARN", "NOTICE", "INFO", "DEBUG"];

/// What a line says.
#[derive(Debug, PartialEq)]
pub(super) struct Event {
    pub(super) level: &'static str,
    pub(super) time: Timestamp,
    pub(super) message: String,
    info: Map<String, Value>,
    data: Map<String, Value>,
}

/// An event as ecs-logs writes it.
#[derive(Deserialize)]
struct Written {
    level: String,
    message: String,
    time: Option<String>,
    #[serde(default)]
    info: Map<String, Value>,
    #[serde(default)]
    data: Map<String, Value>,
}

impl Event {
    /// Returns what a line says. One without a level and a message of ecs-logs is a text, and informs.
    pub(super) fn of(line: &LogLine) -> Self {
        let written = serde_json::from_str::<Written>(&line.message).ok();
        let levelled = written.and_then(|written| {
            let level = LEVELS.into_iter().find(|level| level.eq_ignore_ascii_case(&written.level))?;
            Some((level, written))
        });
        let Some((level, written)) = levelled else {
            let message = line.message.to_string();
            return Self { level: "INFO", time: line.at, message, info: Map::new(), data: Map::new() };
        };
        let Written { message, time, info, data, .. } = written;
        let time = time.and_then(|time| time.parse().ok()).unwrap_or(line.at);
        Self { level, time, message, info, data }
    }

    /// Returns the event with all its data, as `--verbose` has it.
    pub(super) fn verbose(&self, line: &LogLine, style: &Style) -> String {
        let field = |field: Field, paint| format::said(field, Some(paint), self, line, style);
        let mut text = format!(
            "[ {} ] {} {}",
            field(Field::TaskShort, Paint::Unique),
            format::said(Field::TimeShort, None, self, line, style),
            field(Field::Level, Paint::Level)
        );
        let mut flat = Vec::new();
        flatten("", &self.data, &mut flat);
        flat.sort();
        let errors = self.info.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (name, value) in flat {
            let _ = write!(text, " {}={} ", clean(name), clean(value));
        }
        if !errors.is_empty() {
            text.push_str(" Errors=[");
            for error in errors {
                let _ = write!(text, " Type={} Error={} ", plain(&error["type"]), plain(&error["error"]));
                if !error["stack"].is_null() {
                    let _ = write!(text, " Stack={}", plain(&error["stack"]));
                }
            }
            text.push_str("] ");
        }
        text + " - " + &clean(&self.message)
    }

    /// Returns the event as JSON, as `--raw` has it.
    pub(super) fn raw(&self, line: &LogLine) -> String {
        let value = json!({
            "level": self.level,
            "time": self.time.to_string(),
            "info": self.info,
            "data": self.data,
            "message": self.message,
            "Stream": *line.source.stream,
            "Group": *line.source.group,
            "IngestTime": line.ingested.map(|at| at.to_string()),
            "CreationTime": line.at.to_string(),
        });
        let lines = format!("{value:#}");
        lines.lines().map(clean).collect::<Vec<_>>().join("\n")
    }
}

/// Names each value by the way to it, with dots.
fn flatten(before: &str, values: &Map<String, Value>, flat: &mut Vec<(String, String)>) {
    for (name, value) in values {
        let name = if before.is_empty() { name.clone() } else { format!("{before}.{name}") };
        match value {
            Value::Object(values) => flatten(&name, values, flat),
            value => flat.push((name, plain(value))),
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => clean(text),
        Value::Null => String::new(),
        other => clean(other.to_string()),
    }
}

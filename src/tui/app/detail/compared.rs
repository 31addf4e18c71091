//! What differs between two task definitions.

use super::{TextLine, Tone};
use crate::model::{
    TaskDefinition,
    taskdef::diff::{Change, Difference, diff},
};

/// Returns the lines, under a heading that says which two are compared.
pub(super) fn lines(before: &TaskDefinition, after: &TaskDefinition, reveal: bool) -> Vec<TextLine> {
    let heading = format!("{} → {}", before.arn.name(), after.arn.name());
    let mut lines = vec![TextLine::said(Tone::Heading, heading)];
    let differences = diff(before, after);
    if differences.is_empty() {
        lines.push(TextLine::said(Tone::Faint, "no difference but their numbers"));
    }
    lines.extend(differences.iter().map(|it| difference(it, reveal)));
    lines
}

/// Returns the line of one difference.
pub(in crate::tui::app) fn difference(difference: &Difference, reveal: bool) -> TextLine {
    let (mark, tone) = match difference.change {
        Change::Added(_) => ("+", Tone::Good),
        Change::Removed(_) => ("-", Tone::Bad),
        Change::Changed(..) => ("~", Tone::Underway),
    };
    let line = TextLine::new().with(tone, format!("{mark} "));
    let line = line.with(Tone::Label, format!("{} {}: ", difference.place, difference.what));
    match difference.values(reveal) {
        (Some(before), Some(after)) => line.with(Tone::Plain, format!("{before} → {after}")),
        (Some(value), None) | (None, Some(value)) => line.with(Tone::Plain, value),
        (None, None) => line,
    }
}

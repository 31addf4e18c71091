//! A plan as it is shown before somebody agrees to it.

use super::{Guard, Plan};
use crate::{
    model::text::clean,
    ops::change::{Check, Verdict},
    tui::app::{Line, TextLine, Tone, detail::difference},
};

/// A plan, and what was typed to agree to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The plan.
    pub plan: Box<Plan>,
    /// How many lines are scrolled past.
    pub scroll: usize,
    /// What was typed, where something must be.
    pub typed: Line,
}

impl Sheet {
    pub(super) fn new(plan: Box<Plan>) -> Self {
        Self { plan, scroll: 0, typed: Line::default() }
    }

    /// Returns what must be typed to agree, if anything must.
    pub fn wanted(&self) -> Option<&str> {
        match &self.plan.guard {
            Guard::Type(name) => Some(name),
            // A check that failed is not overlooked by pressing enter once more.
            Guard::Ask if self.plan.failed_checks().next().is_some() => Some("yes"),
            Guard::Ask | Guard::Refused(_) => None,
        }
    }

    /// Whether one key is enough to agree.
    pub fn is_asked(&self) -> bool {
        self.plan.guard == Guard::Ask && self.wanted().is_none()
    }

    /// Whether nobody can agree to it.
    pub fn is_refused(&self) -> bool {
        matches!(self.plan.guard, Guard::Refused(_))
    }

    /// Returns what stands before the line that is typed into.
    pub fn words(&self) -> String {
        match (&self.plan.guard, self.wanted()) {
            (Guard::Refused(why), _) => format!("refused: {}", clean(why)),
            (_, Some(wanted)) => format!("type {} to go ahead:", clean(wanted)),
            (_, None) => "go ahead?".to_owned(),
        }
    }

    /// Whether the plan may be carried out; otherwise why not.
    pub(super) fn consent(&self) -> Result<(), String> {
        match (&self.plan.guard, self.wanted()) {
            (Guard::Refused(why), _) => Err(clean(why)),
            (_, Some(wanted)) if self.typed.text().trim() != wanted => {
                Err(format!("type {} to go ahead, or esc", clean(wanted)))
            }
            (_, Some(_) | None) => Ok(()),
        }
    }

    /// Returns how many rows of the screen the plan takes in a box of this inner width.
    pub fn height(&self, width: u16) -> usize {
        self.lines().iter().map(|line| line.wrapped(Self::text_width(width)).len()).sum()
    }

    /// Returns how wide its lines may be in a box of this inner width.
    pub fn text_width(width: u16) -> usize {
        usize::from(width).saturating_sub(2)
    }

    /// Returns the plan in words.
    pub fn lines(&self) -> Vec<TextLine> {
        let Plan { by, changes, calls, checks, notes, .. } = &*self.plan;
        let account = by.account.as_deref().unwrap_or("unknown");
        let mut lines = vec![TextLine::fact("in", format!("account {account}, {}, profile {}", by.region, by.profile))];
        lines.extend(by.caller.as_ref().map(|caller| TextLine::fact("as", caller)));
        lines.extend(headed("what changes", changes.iter().map(|change| difference(change, false)).collect()));
        let calls = calls.iter().map(|call| {
            let line = TextLine::said(Tone::Plain, call.action).with(Tone::Faint, format!(" on {}", call.resource));
            line.with(Tone::Plain, format!(": {}", call.what))
        });
        lines.extend(headed("calls", calls.collect()));
        lines.extend(headed("checked", checks.iter().map(checked).collect()));
        lines.extend(headed("good to know", notes.iter().map(|note| TextLine::said(Tone::Underway, note)).collect()));
        lines
    }
}

/// Returns lines under a heading; none where there are none.
fn headed(heading: &str, lines: Vec<TextLine>) -> Vec<TextLine> {
    if lines.is_empty() {
        return lines;
    }
    [TextLine::new(), TextLine::said(Tone::Heading, heading)].into_iter().chain(lines).collect()
}

fn checked(check: &Check) -> TextLine {
    let (tone, mark, why) = match &check.verdict {
        Verdict::Passed => (Tone::Good, "✔", None),
        Verdict::Failed(why) => (Tone::Bad, "✖", Some(why)),
        Verdict::Unknown(why) => (Tone::Underway, "?", Some(why)),
        Verdict::Skipped(why) => (Tone::Faint, "–", Some(why)),
    };
    let line = TextLine::said(tone, format!("{mark} {}", check.what));
    match why {
        Some(why) => line.with(Tone::Plain, format!(": {why}")),
        None => line,
    }
}

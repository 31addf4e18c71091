//! How far a deployment has come, on standard error: a bar on a terminal, a line for each change elsewhere.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal},
};

use crate::{
    cli::failure,
    model::{Arn, text::clean},
    ops::deployments::{Deployments, Outcome},
};

/// The width of the bar.
const WIDTH: u32 = 24;

/// Shows the progress.
#[derive(Debug)]
pub(in crate::cli) struct Progress {
    terminal: bool,
    /// Whose it is, where there are several.
    name: String,
    last: String,
}

impl Progress {
    /// Returns a progress that nobody has seen yet.
    pub(in crate::cli) fn new() -> Self {
        Self { terminal: io::stderr().is_terminal(), name: String::new(), last: String::new() }
    }

    /// Returns a progress that is one of several: a line for each change, with a name before it.
    pub(in crate::cli) fn of(name: &str) -> Self {
        Self { terminal: false, name: format!("{}: ", clean(name)), last: String::new() }
    }

    /// Shows how the deployment stands, where that has changed.
    pub(in crate::cli) fn show(&mut self, outcome: Outcome, seen: &Deployments) {
        let line = format!("{}{}", self.name, line(outcome, seen, self.terminal));
        if line == self.last {
            return;
        }
        if self.terminal {
            failure::print(&format!("\r\u{1b}[K{line}"));
        } else {
            failure::say(&line);
        }
        self.last = line;
    }

    /// Says something above the bar.
    pub(in crate::cli) fn above(&mut self, text: &str) {
        self.end();
        failure::say(&format!("{}{text}", self.name));
        if self.terminal {
            failure::print(&self.last);
        }
    }

    /// Takes the bar away.
    pub(in crate::cli) fn end(&mut self) {
        if self.terminal && !self.last.is_empty() {
            failure::print("\r\u{1b}[K");
        }
    }
}

/// Returns the progress in a line.
fn line(outcome: Outcome, seen: &Deployments, bar: bool) -> String {
    let progress = seen.progress();
    let definition = seen.primary().and_then(|it| it.task_definition.as_ref()).map_or("–", Arn::name);
    let mut line = String::new();
    if bar {
        let done = (progress.running * WIDTH).checked_div(progress.desired).unwrap_or(WIDTH).min(WIDTH) as usize;
        let _ = write!(line, "[{}{}] ", "█".repeat(done), "░".repeat(WIDTH as usize - done));
    }
    let _ = write!(line, "{} {}/{} running", clean(definition), progress.running, progress.desired);
    if progress.pending > 0 {
        let _ = write!(line, ", {} pending", progress.pending);
    }
    if progress.failed > 0 {
        let of = progress.threshold.map(|threshold| format!(" of {threshold}")).unwrap_or_default();
        let _ = write!(line, ", {}{of} failed", progress.failed);
    }
    let _ = write!(line, ": {}", outcome.words());
    line
}

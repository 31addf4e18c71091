//! `ecsui` without a command: the browser.

use jiff::tz::TimeZone;

use super::{context::Context, exit::Exit, failure};
use crate::{
    config::Settings,
    model::Timestamp,
    ops::{self, Cx},
    session::Size,
    terminal,
    tui::{
        self,
        app::{Event, State, update},
    },
};

/// Opens the browser; words are its first search.
pub(super) fn run(words: &[String], context: &Context) -> anyhow::Result<Exit> {
    open(words, context, context.cx().clone())
}

/// Opens the browser on this account.
pub(super) fn open(words: &[String], context: &Context, cx: Cx) -> anyhow::Result<Exit> {
    terminal::require().map_err(|error| {
        ops::Error::new(ops::Kind::Refused, "the browser needs a terminal")
            .because(error)
            .hint("`ecsui --help` shows the commands that do without one")
    })?;
    let mut words = words.to_vec();
    words.extend(context.cluster().map(|name| format!("^{name}$")));
    let ended = tui::run(cx, |size, now| begin(context.settings(), &words.join(" "), size, now))?;
    for line in &ended.last_words {
        failure::say(line);
    }
    Ok(ended.asked.map_or(Exit::Done, Exit::of_ending))
}

/// Returns the state of a browser with a first search typed into it.
fn begin(settings: &Settings, search: &str, size: Size, now: Timestamp) -> State {
    let mut state = State::new(settings, size, now, TimeZone::system());
    if !search.is_empty() {
        // Nothing is loaded yet, so nothing follows from it.
        let _effects = update(&mut state, Event::Paste(search.to_owned()));
    }
    state
}

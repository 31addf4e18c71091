//! `ecsui` without a command: the browser.

use std::{env, fs, sync::Arc};

use jiff::tz::TimeZone;

use super::{
    context::{Context, require_terminal},
    exec,
    exit::Exit,
    failure, login, target,
};
use crate::{
    ops::Cx,
    tui::{self, app::State},
};

/// What to do where the browser has no terminal.
const WITHOUT_ONE: &str = "`ecsui --help` shows the commands that do without one";

/// Opens the browser; words are what the jump looks for.
pub(super) fn run(words: &[String], context: &Context) -> anyhow::Result<Exit> {
    open(words, context, context.cx().clone())
}

/// Logs in at once to the one thing that the words can mean; otherwise opens the browser, and they are what the jump
/// looks for.
pub(super) fn run_now(words: &[String], context: &Context) -> anyhow::Result<Exit> {
    require_terminal("the browser", WITHOUT_ONE)?;
    match target::only_container(context, words)? {
        Some(only) => exec::attach(&only, &login::shell(None, context), context),
        None => run(words, context),
    }
}

/// Opens the browser on this account.
pub(super) fn open(words: &[String], context: &Context, cx: Cx) -> anyhow::Result<Exit> {
    require_terminal("the browser", WITHOUT_ONE)?;
    let words = words.join(" ");
    let settings = Arc::clone(&cx.settings);
    let ended = tui::run(cx, |size, now| {
        let state = State::new(&settings, size, now, local_zone());
        match (context.cluster(), &*words) {
            (None, "") => state,
            (Some(name), "") => state.searching(&format!("^{name}$")),
            (None, words) => state.jumping(words),
            (Some(name), words) => state.jumping(&format!("cluster:^{name}$ {words}")),
        }
    })?;
    for line in &ended.last_words {
        failure::say(line);
    }
    Ok(ended.asked.map_or(Exit::Done, Exit::of_ending))
}

/// Returns the zone of this machine from the one file that holds it: the first frame waits for this, and looking the
/// zone up by its name reads the names of all.
fn local_zone() -> TimeZone {
    let file = match env::var_os("TZ") {
        None => fs::read("/etc/localtime").ok(),
        Some(_) => None,
    };
    file.and_then(|rules| TimeZone::tzif("", &rules).ok()).unwrap_or_else(TimeZone::system)
}

//! The log file: what the program does, for whoever has to find out why.

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt, path::Path, sync::Mutex};

use anyhow::Context as _;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// The environment variable that says how much is logged.
const VARIABLE: &str = "ECSUI_LOG";

/// Begins to log to this file, which only the user can read; it is appended to.
///
/// Only what this crate says is logged, at any level: the SDK's own trace may hold what was sent and answered.
pub(super) fn begin(file: &Path) -> anyhow::Result<()> {
    let level = match std::env::var(VARIABLE).as_deref() {
        Err(_) | Ok("") => LevelFilter::DEBUG,
        Ok(name) => name
            .parse::<LevelFilter>()
            .with_context(|| format!("{VARIABLE} is off, error, warn, info, debug or trace"))?,
    };
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(file)
        .with_context(|| format!("the log file {} cannot be written", file.display()))?;
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(file));
    tracing_subscriber::registry().with(Targets::new().with_target("ecsui", level)).with(lines).init();
    Ok(())
}

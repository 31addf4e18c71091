//! The Python with boto3 and moto that `tests/setup` installs.

use std::{env, io::Write as _, path::PathBuf, process::Command};

/// A Python that can import boto3 and moto, or the words that say why there is none.
///
/// # Panics
/// Where there is none and `ECSUI_REQUIRE_PEERS=1`.
pub(crate) fn python() -> Option<PathBuf> {
    let python = env::var_os("ECSUI_PEERS_PYTHON").map_or_else(
        || {
            let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
            let home = env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
            cache.or(home).unwrap_or_default().join("ecsui-tests/venv/bin/python")
        },
        PathBuf::from,
    );
    let usable = Command::new(&python).args(["-c", "import boto3, moto"]).output();
    if usable.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    let why = format!("{} cannot import boto3 and moto: run tests/setup", python.display());
    assert!(env::var_os("ECSUI_REQUIRE_PEERS").is_none_or(|value| value != "1"), "{why}");
    // Past the test harness, which keeps the words of a test that passes to itself.
    let _best_effort = writeln!(std::io::stderr(), "skipped: {why}");
    None
}

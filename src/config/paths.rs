//! Where ecsui keeps what belongs to it.

use std::path::PathBuf;

use directories::ProjectDirs;

/// Returns the directory for what ecsui remembers: `$XDG_STATE_HOME/ecsui` on Linux, `~/Library/Application
/// Support/ecsui` on macOS. `None` where there is no home.
pub fn state_directory() -> Option<PathBuf> {
    let directories = ProjectDirs::from("", "", "ecsui")?;
    Some(directories.state_dir().unwrap_or_else(|| directories.data_local_dir()).to_owned())
}

/// Returns the config file that is read when none is named: `$XDG_CONFIG_HOME/ecsui/config.toml` on Linux,
/// `~/Library/Application Support/ecsui/config.toml` on macOS. `None` where there is no home.
pub fn config_file() -> Option<PathBuf> {
    ProjectDirs::from("", "", "ecsui").map(|directories| directories.config_dir().join("config.toml"))
}

//! The settings, and how file, environment and flags become them.

use std::time::Duration;

use super::Keymap;

/// Everything a user can set; flags win over the environment, the environment over the file, the file over these
/// defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The AWS profile; `None` leaves the choice to the SDK's default chain.
    pub profile: Option<String>,
    /// The AWS region; `None` leaves it to the profile and the environment.
    pub region: Option<String>,
    /// Where the AWS APIs are instead of at AWS: a simulator, a VPC endpoint.
    pub endpoint_url: Option<String>,
    /// How often what is on screen is read again; `None` only when asked.
    pub refresh: Option<Duration>,
    /// The shell a login starts; `None` takes `bash` where there is one, otherwise `sh`.
    pub shell: Option<String>,
    /// Times in UTC instead of local time.
    pub utc: bool,
    /// Refuse everything that changes something.
    pub read_only: bool,
    /// Show colours; meaning never hangs on them.
    pub colour: bool,
    /// Which keys mean what in the browser.
    pub keymap: Keymap,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            profile: None,
            region: None,
            endpoint_url: None,
            refresh: Some(Duration::from_secs(10)),
            shell: None,
            utc: false,
            read_only: false,
            colour: true,
            keymap: Keymap::default(),
        }
    }
}

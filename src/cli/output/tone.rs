//! The colours of state words: the browser's roles, in the sixteen colours of the terminal.

/// What a word says of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// It is as it should be.
    Good,
    /// It is on its way.
    Underway,
    /// It is wrong.
    Bad,
}

/// Returns what a word of AWS's, or of ours, says of a state; nothing for words that take no side.
pub(super) fn of(word: &str) -> Option<Tone> {
    let tone = match word.to_ascii_uppercase().as_str() {
        "ACTIVE" | "RUNNING" | "HEALTHY" | "COMPLETED" | "SUCCESSFUL" | "PRIMARY" | "READY" | "OK" | "INSERVICE" => {
            Tone::Good
        }
        "PROVISIONING"
        | "PENDING"
        | "ACTIVATING"
        | "DEACTIVATING"
        | "STOPPING"
        | "DEPROVISIONING"
        | "DRAINING"
        | "IN_PROGRESS"
        | "STOP_REQUESTED"
        | "ROLLBACK_REQUESTED"
        | "ROLLBACK_IN_PROGRESS"
        | "INITIAL"
        | "STARTING"
        | "REGISTERING" => Tone::Underway,
        "UNHEALTHY"
        | "FAILED"
        | "STOPPED"
        | "INACTIVE"
        | "ALARM"
        | "UNAVAILABLE"
        | "ROLLBACK_FAILED"
        | "ROLLBACK_SUCCESSFUL"
        | "ROLLED BACK"
        | "FAILING"
        | "OUTOFSERVICE"
        | "REGISTRATION_FAILED" => Tone::Bad,
        _ => return None,
    };
    Some(tone)
}

impl Tone {
    /// Returns a text in this colour.
    pub(super) fn paint(self, text: &str) -> String {
        let code = match self {
            Self::Good => "32",
            Self::Underway => "33",
            Self::Bad => "1;31",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

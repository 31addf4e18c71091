//! Errors that say what failed, why, and what to do next.

use std::fmt;

/// What kind of failure it was; decides exit codes and colours, never the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing by that name.
    NotFound,
    /// IAM said no.
    Denied,
    /// Credentials missing, wrong or run out.
    Expired,
    /// Too many calls.
    Throttled,
    /// AWS, or the container's agent, cannot be reached.
    Unreachable,
    /// Understood and refused.
    Refused,
    /// The words given cannot be understood, or mean several things.
    Usage,
    /// A fault of ours, or an answer nobody can understand.
    Internal,
}

/// A failed verb. `Display` says what failed; the cause is the `source`.
#[derive(Debug, thiserror::Error)]
pub struct Error {
    /// What kind of failure it was.
    pub kind: Kind,
    /// What failed, lower case, without a full stop.
    pub what: String,
    /// Why.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// What to do next, one sentence each.
    pub hints: Vec<String>,
}

/// The result of a verb.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

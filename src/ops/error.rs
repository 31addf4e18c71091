//! Errors that say what failed, why, and what to do next.

use std::{error::Error as StdError, fmt};

use crate::{aws, model::text::clean};

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
    pub source: Option<Box<dyn StdError + Send + Sync>>,
    /// What to do next, one sentence each.
    pub hints: Vec<String>,
}

/// The result of a verb.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Returns an error without a cause beneath it.
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), source: None, hints: Vec::new() }
    }

    /// Returns the error of a verb that AWS, or the way to it, failed.
    pub fn aws(what: impl Into<String>, mut error: aws::Error) -> Self {
        let hints = std::mem::take(&mut error.hints);
        Self { hints, ..Self::new(error.kind.into(), what).because(error) }
    }

    /// Says why.
    #[must_use]
    pub fn because(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// Adds a sentence on what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Returns what failed and why in one line that is safe to show: `what: cause: its cause`.
    pub fn line(&self) -> String {
        let mut line = self.what.clone();
        let mut cause = self.source.as_deref().map(|source| source as &dyn StdError);
        while let Some(error) = cause {
            let text = error.to_string();
            // Some libraries print their cause themselves.
            if !line.ends_with(&text) {
                line.push_str(": ");
                line.push_str(&text);
            }
            cause = error.source();
        }
        clean(line)
    }

    /// Whether trying again later may help.
    pub fn passes(&self) -> bool {
        matches!(self.kind, Kind::Throttled | Kind::Unreachable) || self.awaits_login()
    }

    /// Whether it works as soon as somebody has logged in elsewhere.
    fn awaits_login(&self) -> bool {
        let source = self.source.as_deref().and_then(|source| source.downcast_ref::<aws::Error>());
        source.is_some_and(|error| error.awaits_login)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl From<aws::Kind> for Kind {
    fn from(kind: aws::Kind) -> Self {
        match kind {
            aws::Kind::Setup => Self::Usage,
            aws::Kind::Denied => Self::Denied,
            aws::Kind::Credentials => Self::Expired,
            aws::Kind::Throttled => Self::Throttled,
            aws::Kind::NotFound => Self::NotFound,
            aws::Kind::Unreachable => Self::Unreachable,
            aws::Kind::Refused => Self::Refused,
            aws::Kind::Broken => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_the_whole_chain_and_nothing_dangerous() {
        let cause = std::io::Error::other("no\u{1b}[31m route");
        let error = Error::new(Kind::Unreachable, "the clusters cannot be listed").because(cause);
        assert_eq!(error.line(), "the clusters cannot be listed: no␛[31m route");
        assert!(error.passes());
    }

    #[test]
    fn a_cause_is_said_once() {
        let error = Error::new(Kind::Internal, "this failed: disk full").because(std::io::Error::other("disk full"));
        assert_eq!(error.line(), "this failed: disk full");
    }
}

//! What went wrong at AWS, sorted by what a person can do about it.

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// IAM said no.
    Denied,
    /// The credentials are missing, wrong or have run out.
    Credentials,
    /// Too many calls.
    Throttled,
    /// The thing does not exist (any more).
    NotFound,
    /// AWS did not answer: name resolution, connection, TLS, time-out.
    Unreachable,
    /// AWS understood and refused.
    Refused,
    /// AWS failed, or answered something that cannot be understood.
    Broken,
}

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation} failed: {message}")]
pub struct Error {
    /// The call, as AWS and IAM name it: `ecs:ListClusters`.
    pub operation: &'static str,
    /// What kind of failure it was.
    pub kind: Kind,
    /// AWS's code where there is one: `AccessDeniedException`.
    pub code: Option<String>,
    /// What AWS or the connection said, untrusted text.
    pub message: String,
    /// Request id, for support.
    pub request_id: Option<String>,
}

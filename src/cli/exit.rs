//! Exit codes: what they are, here and nowhere else.

use std::process::ExitCode;

use crate::{ops, session, terminal::Ending};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// It did what it was asked to.
    Done,
    /// It failed, and has said why.
    Failed,
    /// The words could not be understood, or mean several things.
    Usage,
    /// A signal ended it: 128 and the signal's number, so 130 for ctrl-c.
    Signal(u8),
    /// The remote command's own status.
    Remote(u8),
    /// A session could not be opened or was lost: what no remote command says about itself.
    NoSession,
}

/// The exit codes as the documents list them.
pub(super) const CODES: &[(&str, &str)] = &[
    ("0", "done; also when the reader of a pipe has gone"),
    ("1", "failed, or `check` found something"),
    ("2", "the command line cannot be understood, or its words mean several containers"),
    ("128 + n", "ended by signal n: 130 is ctrl-c"),
    (
        "255",
        "`exec`, `login` and `--now`: no session, or it was lost; `run --wait`: whatever is not the container's own",
    ),
];

impl Exit {
    /// Returns how a command ends that failed.
    pub(super) fn of_error(error: &anyhow::Error) -> Self {
        let kind = error.chain().find_map(|cause| cause.downcast_ref::<ops::Error>()).map(|error| error.kind);
        match kind {
            Some(ops::Kind::Usage) => Self::Usage,
            Some(
                ops::Kind::NotFound
                | ops::Kind::Denied
                | ops::Kind::Expired
                | ops::Kind::Throttled
                | ops::Kind::Unreachable
                | ops::Kind::Refused
                | ops::Kind::Internal,
            )
            | None => Self::Failed,
        }
    }

    /// Returns the same for `exec` and `login`, whose failures are 255: what no remote command says about itself.
    #[must_use]
    pub(super) fn of_session_command(self) -> Self {
        match self {
            Self::Failed => Self::NoSession,
            Self::Done | Self::Usage | Self::Signal(_) | Self::Remote(_) | Self::NoSession => self,
        }
    }

    /// Returns how a command ends whose session ended so.
    ///
    /// Over ECS Exec the far side closes the session without telling the command's status
    /// (amazon-ecs-agent issue 2846): that counts as done.
    pub(super) fn of_session(exit: &session::Exit) -> Self {
        match exit {
            session::Exit::Code(code) => Self::Remote(*code as u8),
            session::Exit::Signal(name) => signal_number(name).map_or(Self::NoSession, Self::Signal),
            session::Exit::Closed(_) => Self::Done,
            session::Exit::Lost(_) => Self::NoSession,
        }
    }

    /// Returns how a command ends that was asked to.
    pub(super) fn of_ending(ending: Ending) -> Self {
        Self::Signal(ending.number())
    }

    /// Returns the code that the shell sees.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Signal(number) => number.saturating_add(128),
            Self::Remote(code) => code,
            Self::NoSession => 255,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Returns the number of a signal, whose name comes without `SIG` (RFC 4254 §6.10); the numbers of Linux, of which
/// POSIX fixes most.
fn signal_number(name: &str) -> Option<u8> {
    let name = name.strip_prefix("SIG").unwrap_or(name);
    Some(match name {
        "HUP" => 1,
        "INT" => 2,
        "QUIT" => 3,
        "ILL" => 4,
        "ABRT" => 6,
        "FPE" => 8,
        "KILL" => 9,
        "USR1" => 10,
        "SEGV" => 11,
        "USR2" => 12,
        "PIPE" => 13,
        "ALRM" => 14,
        "TERM" => 15,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(kind: ops::Kind) -> u8 {
        Exit::of_error(&ops::Error::new(kind, "look").into()).code()
    }

    #[test]
    fn a_session_ends_with_the_remote_status() {
        let code = |exit| Exit::of_session(&exit).code();
        assert_eq!(code(session::Exit::Code(3)), 3);
        assert_eq!(code(session::Exit::Signal("TERM".to_owned())), 143);
        assert_eq!(code(session::Exit::Signal("WINCH".to_owned())), 255);
        assert_eq!(code(session::Exit::Closed(String::new())), 0);
        assert_eq!(code(session::Exit::Lost("reset".to_owned())), 255);
    }

    #[test]
    fn failures_are_1_words_are_2_and_sessions_255() {
        assert_eq!((code_of(ops::Kind::Denied), code_of(ops::Kind::Usage)), (1, 2));
        assert_eq!(Exit::of_error(&anyhow::anyhow!("disk full")).code(), 1);
        assert_eq!(Exit::Failed.of_session_command().code(), 255);
        assert_eq!(Exit::Usage.of_session_command().code(), 2);
        assert_eq!(Exit::of_ending(Ending::Interrupt).code(), 130);
    }
}

//! Faults, as data: what goes wrong with which call, and how often.

use std::time::Duration;

/// Something that goes wrong with calls of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `ListTasks`, `ResumeSession` …, or `*` for every call.
    pub operation: String,
    /// Only calls whose body (as JSON) holds this text.
    pub matching: Option<String>,
    /// For how many calls; `None` is for ever.
    pub times: Option<u32>,
    /// Waits this long before it does anything.
    pub delay: Duration,
    /// What then happens.
    pub damage: Damage,
}

/// What a fault does to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// Nothing more than the delay.
    None,
    /// The answer is this error.
    Error {
        /// `AccessDeniedException`.
        code: String,
        /// AWS's words.
        message: String,
        /// The HTTP status.
        status: u16,
    },
    /// The answer never comes.
    Hang,
    /// The connection is closed in the middle of the answer.
    Cut,
    /// The call happens, and the connection is closed without a byte of the answer.
    Lost,
    /// The connection is closed without an answer, and the call has not happened.
    Unheard,
    /// The answer is a success, and its body is this text instead of JSON.
    Garbage(String),
}

impl Fault {
    /// Returns a fault that answers every call of `operation` with an error.
    pub fn error(operation: &str, code: &str, message: &str) -> Self {
        let error = Damage::Error { code: code.to_owned(), message: message.to_owned(), status: 400 };
        Self::new(operation, error)
    }

    /// Returns a fault that lets every call of `operation` wait before it is answered.
    pub fn delay(operation: &str, delay: Duration) -> Self {
        Self { delay, ..Self::new(operation, Damage::None) }
    }

    /// Returns a fault of every call of `operation`.
    pub fn new(operation: &str, damage: Damage) -> Self {
        Self { operation: operation.to_owned(), matching: None, times: None, delay: Duration::ZERO, damage }
    }

    /// Returns the fault, for the next `times` calls only.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Returns the fault, for calls whose body holds `text` only.
    #[must_use]
    pub fn matching(self, text: &str) -> Self {
        Self { matching: Some(text.to_owned()), ..self }
    }
}

/// Takes the first fault that applies to a call, counting it down.
pub(crate) fn strike(faults: &mut [Fault], operation: &str, body: &str) -> Option<Fault> {
    let fault = faults.iter_mut().find(|fault| {
        (fault.operation == "*" || fault.operation == operation)
            && fault.times != Some(0)
            && fault.matching.as_deref().is_none_or(|text| body.contains(text))
    })?;
    if let Some(times) = &mut fault.times {
        *times -= 1;
    }
    Some(fault.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_as_often_as_told() {
        let mut faults = vec![Fault::error("ListTasks", "ServerException", "no").matching("\"prod\"").times(1)];
        assert_eq!(strike(&mut faults, "ListTasks", r#"{"cluster":"dev"}"#), None);
        assert_eq!(strike(&mut faults, "ListServices", r#"{"cluster":"prod"}"#), None);
        assert!(strike(&mut faults, "ListTasks", r#"{"cluster":"prod"}"#).is_some());
        assert_eq!(strike(&mut faults, "ListTasks", r#"{"cluster":"prod"}"#), None);
    }
}

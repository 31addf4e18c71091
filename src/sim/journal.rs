//! What was asked and how it was answered, for tests.

use std::collections::VecDeque;

use serde_json::Value;

use super::clock::Moment;

/// One call that reached the simulated AWS.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// `ecs`, `ssm`, `sts` or `ssmmessages`.
    pub service: String,
    /// `ListTasks`; for the data channel `OpenDataChannel`.
    pub operation: String,
    /// The members of the request.
    pub body: Value,
    /// Seconds of simulated time since the start.
    pub at: f64,
    /// How it was answered.
    pub outcome: Outcome,
}

/// How a call was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// With success.
    Answered,
    /// With this error code.
    Refused(String),
    /// Not at all: a fault hangs or cuts it.
    Unanswered,
}

/// The latest calls.
#[derive(Debug)]
pub(crate) struct Journal {
    calls: VecDeque<Call>,
    limit: usize,
}

impl Journal {
    pub(crate) fn new(limit: usize) -> Self {
        Self { calls: VecDeque::new(), limit }
    }

    pub(crate) fn write(&mut self, now: Moment, service: &str, operation: &str, body: Value, outcome: Outcome) {
        if self.calls.len() >= self.limit {
            self.calls.pop_front();
        }
        let at = now.checked_since(Moment::START).unwrap_or_default().as_secs_f64();
        self.calls.push_back(Call { service: service.to_owned(), operation: operation.to_owned(), body, at, outcome });
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.iter().cloned().collect()
    }
}

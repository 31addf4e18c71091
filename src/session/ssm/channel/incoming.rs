//! What has come from the agent, brought into order.

use std::collections::BTreeMap;

use super::super::message::AgentMessage;

/// How many messages may wait for their turn: the plugin's number.
const CAPACITY: i64 = 10_000;
/// How many bytes they may hold in all.
const CAPACITY_BYTES: usize = 16 << 20;

/// The receiving side of a stream.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    expected: i64,
    early: BTreeMap<i64, AgentMessage>,
    early_bytes: usize,
}

/// Where a message stands in its stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// It is the next.
    Next(AgentMessage),
    /// It came before; its acknowledgement was lost.
    Seen,
    /// It waits for its turn.
    Early,
    /// There is no room for it: it must come again.
    NoRoom,
}

impl Incoming {
    /// Takes a message.
    pub(super) fn arrived(&mut self, message: AgentMessage) -> Arrival {
        let number = message.sequence_number;
        if number == self.expected {
            self.expected += 1;
            return Arrival::Next(message);
        }
        if number < self.expected || self.early.contains_key(&number) {
            return Arrival::Seen;
        }
        let bytes = self.early_bytes + message.payload.len();
        if number - self.expected > CAPACITY || bytes > CAPACITY_BYTES {
            return Arrival::NoRoom;
        }
        self.early_bytes = bytes;
        self.early.insert(number, message);
        Arrival::Early
    }

    /// Whether something is missing before what has come.
    pub(super) fn has_gap(&self) -> bool {
        !self.early.is_empty()
    }

    /// Returns the message whose turn it is, if it has come.
    pub(super) fn next_early(&mut self) -> Option<AgentMessage> {
        let message = self.early.remove(&self.expected)?;
        self.early_bytes -= message.payload.len();
        self.expected += 1;
        Some(message)
    }
}

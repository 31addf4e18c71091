//! The agent's side of the two streams: what it has sent and not seen acknowledged, and what it has received.
//!
//! Numbers and rules are those of amazon-ssm-agent 1c217c89 `agent/session/datachannel/datachannel.go` and
//! `agent/session/config/config.go`, with their inconveniences: only the oldest message is ever sent again, and what
//! finds no room is forgotten.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use bytes::Bytes;

use crate::session::ssm::message::AgentMessage;

/// How many messages are kept in each direction.
const CAPACITY: usize = 100_000;
/// The shortest allowance for the clock in a retransmission time-out.
const CLOCK_GRANULARITY: f64 = 0.010;
/// The longest retransmission time-out.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(1);

/// What was sent and is not acknowledged.
#[derive(Debug)]
pub(super) struct Outgoing {
    unacknowledged: BTreeMap<i64, (Bytes, Instant)>,
    round_trip: f64,
    variation: f64,
    timeout: Duration,
}

impl Default for Outgoing {
    fn default() -> Self {
        Self { unacknowledged: BTreeMap::new(), round_trip: 0.1, variation: 0.0, timeout: Duration::from_millis(200) }
    }
}

impl Outgoing {
    /// Remembers a frame until it is acknowledged.
    pub(super) fn sent(&mut self, sequence_number: i64, frame: Bytes, now: Instant) {
        if self.unacknowledged.len() < CAPACITY {
            self.unacknowledged.insert(sequence_number, (frame, now));
        }
    }

    /// Forgets an acknowledged frame and learns from how long it took.
    pub(super) fn acknowledged(&mut self, sequence_number: i64, now: Instant) {
        let Some((_, sent)) = self.unacknowledged.remove(&sequence_number) else {
            return;
        };
        let measured = (now - sent).as_secs_f64();
        self.variation = 0.75 * self.variation + 0.25 * (self.round_trip - measured).abs();
        self.round_trip = 0.875 * self.round_trip + 0.125 * measured;
        let timeout = self.round_trip + CLOCK_GRANULARITY.max(4.0 * self.variation);
        self.timeout = Duration::from_secs_f64(timeout).min(LONGEST_TIMEOUT);
    }

    /// Returns the oldest frame if its time is over, and counts it as sent again.
    pub(super) fn overdue_head(&mut self, now: Instant) -> Option<Bytes> {
        let mut head = self.unacknowledged.first_entry()?;
        let (frame, sent) = head.get_mut();
        if now - *sent <= self.timeout {
            return None;
        }
        *sent = now;
        Some(frame.clone())
    }

    /// Whether everything sent was acknowledged.
    pub(super) fn is_empty(&self) -> bool {
        self.unacknowledged.is_empty()
    }
}

/// What to do with a message that has arrived.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// It is the next: process it, acknowledge it, then call [`Incoming::processed`].
    Next(AgentMessage),
    /// Acknowledge it; it was seen already or waits for its turn.
    Acknowledge,
    /// There is no room for it.
    Ignore,
}

/// What was received.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    expected: i64,
    early: BTreeMap<i64, AgentMessage>,
}

impl Incoming {
    /// Takes a message of the client's stream.
    pub(super) fn arrived(&mut self, message: &AgentMessage) -> Arrival {
        let number = message.sequence_number;
        if number == self.expected {
            return Arrival::Next(message.clone());
        }
        if number < self.expected {
            return Arrival::Acknowledge;
        }
        if self.early.len() == CAPACITY {
            return Arrival::Ignore;
        }
        self.early.insert(number, message.clone());
        Arrival::Acknowledge
    }

    /// Moves on after the next message was processed. Returns the one after it if it has come already; that one has
    /// been acknowledged.
    pub(super) fn processed(&mut self) -> Option<AgentMessage> {
        self.expected += 1;
        self.early.remove(&self.expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::ssm::message::{MessageType, PayloadType};

    fn numbered(number: i64) -> AgentMessage {
        AgentMessage::stream(MessageType::InputStreamData, number, PayloadType::OUTPUT, Bytes::from_static(b"x"))
    }

    #[test]
    fn messages_are_processed_in_order() {
        let mut incoming = Incoming::default();
        assert_eq!(incoming.arrived(&numbered(1)), Arrival::Acknowledge);
        assert!(matches!(incoming.arrived(&numbered(0)), Arrival::Next(_)));
        assert_eq!(incoming.processed().map(|message| message.sequence_number), Some(1));
        assert_eq!(incoming.processed(), None);
        assert_eq!(incoming.arrived(&numbered(1)), Arrival::Acknowledge);
    }

    #[test]
    fn only_the_oldest_frame_is_sent_again() {
        let start = Instant::now();
        let mut outgoing = Outgoing::default();
        outgoing.sent(0, Bytes::from_static(b"a"), start);
        outgoing.sent(1, Bytes::from_static(b"b"), start);
        let later = start + Duration::from_millis(201);
        assert_eq!(outgoing.overdue_head(start + Duration::from_millis(200)), None);
        assert_eq!(outgoing.overdue_head(later), Some(Bytes::from_static(b"a")));
        assert_eq!(outgoing.overdue_head(later), None);
        outgoing.acknowledged(0, later);
        outgoing.acknowledged(1, later);
        assert!(outgoing.is_empty());
    }
}

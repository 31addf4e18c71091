//! What was sent to the agent and is not acknowledged yet.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use bytes::Bytes;

/// How many messages may be on their way. The agent acknowledges input when the PTY took it, so a program that does
/// not read stops us here, and so does a service that has had enough.
const WINDOW: usize = 64;
/// The shortest time after which a message counts as lost. The official sides look every 100 ms.
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(100);
/// The longest time between two attempts.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(4);
/// The time between attempts before the far side was heard: an agent that has no PTY yet refuses without a word, and
/// the sooner the size is there, the fewer programs start with none.
const IMPATIENCE: Duration = Duration::from_millis(40);
/// What both sides allow for the clock.
const CLOCK_GRANULARITY: Duration = Duration::from_millis(10);

/// A message on its way.
#[derive(Debug)]
struct Sent {
    number: i64,
    frame: Bytes,
    /// When it was sent first; `None` where what it takes to arrive tells nothing of the way.
    first: Option<Instant>,
    at: Instant,
    attempts: u32,
}

/// The sending side of a stream.
#[derive(Debug)]
pub(super) struct Outgoing {
    next_number: i64,
    on_the_way: VecDeque<Sent>,
    is_heard: bool,
    round_trip: Duration,
    variation: Duration,
}

impl Default for Outgoing {
    /// Returns a stream before its first message; the round trip begins at the official guess.
    fn default() -> Self {
        Self {
            next_number: 0,
            on_the_way: VecDeque::new(),
            is_heard: false,
            round_trip: Duration::from_millis(100),
            variation: Duration::ZERO,
        }
    }
}

impl Outgoing {
    /// Returns the number of the next message.
    pub(super) fn next_number(&self) -> i64 {
        self.next_number
    }

    /// Whether another message may go.
    pub(super) fn has_room(&self) -> bool {
        self.on_the_way.len() < WINDOW
    }

    /// Whether everything has arrived.
    pub(super) fn is_empty(&self) -> bool {
        self.on_the_way.is_empty()
    }

    /// Takes note that the far side is there.
    pub(super) fn heard(&mut self) {
        self.is_heard = true;
    }

    /// Remembers the next message.
    pub(super) fn sent(&mut self, frame: Bytes, now: Instant) {
        let first = self.is_heard.then_some(now);
        self.on_the_way.push_back(Sent { number: self.next_number, frame, first, at: now, attempts: 1 });
        self.next_number += 1;
    }

    /// Forgets a message that has arrived, and learns from how long that took.
    pub(super) fn acknowledged(&mut self, number: i64, now: Instant) {
        let Ok(found) = self.on_the_way.binary_search_by_key(&number, |sent| sent.number) else {
            return;
        };
        let Some(sent) = self.on_the_way.remove(found) else {
            return;
        };
        // Of a message that was sent twice nobody knows which one was acknowledged: from the first is the longest that
        // it can have been. Not to learn from it would send everything twice on a way that is longer than expected.
        if let Some(first) = sent.first {
            self.learn(now.saturating_duration_since(first));
        }
    }

    /// Returns all that counts as lost by now, as sent again.
    pub(super) fn overdue(&mut self, now: Instant) -> impl Iterator<Item = Bytes> {
        let (timeout, is_heard) = (self.timeout(), self.is_heard);
        self.on_the_way.iter_mut().filter_map(move |sent| {
            let due = if is_heard { sent.due(timeout) } else { sent.at + IMPATIENCE };
            (now >= due).then(|| {
                sent.at = now;
                sent.attempts += 1;
                sent.frame.clone()
            })
        })
    }

    /// Returns all that is not acknowledged, as sent again.
    pub(super) fn all(&mut self, now: Instant) -> impl Iterator<Item = Bytes> {
        self.on_the_way.iter_mut().map(move |sent| {
            sent.first = None;
            sent.at = now;
            sent.attempts = 2;
            sent.frame.clone()
        })
    }

    /// Puts other frames, of the same numbers, in the place of some that are not acknowledged.
    pub(super) fn rewrite(&mut self, other: impl Fn(&Bytes) -> Option<Bytes>) {
        for sent in &mut self.on_the_way {
            if let Some(frame) = other(&sent.frame) {
                sent.frame = frame;
            }
        }
    }

    /// Returns when the first message will count as lost.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let timeout = self.timeout();
        let due = |sent: &Sent| if self.is_heard { sent.due(timeout) } else { sent.at + IMPATIENCE };
        self.on_the_way.iter().map(due).min()
    }

    fn timeout(&self) -> Duration {
        (self.round_trip + CLOCK_GRANULARITY.max(4 * self.variation)).clamp(SHORTEST_TIMEOUT, LONGEST_TIMEOUT)
    }

    /// Follows the round trip with the weights of both official sides.
    fn learn(&mut self, measured: Duration) {
        self.variation = (3 * self.variation + self.round_trip.abs_diff(measured)) / 4;
        self.round_trip = (7 * self.round_trip + measured) / 8;
    }
}

impl Sent {
    /// Returns when the message counts as lost: each attempt waits twice as long as the one before.
    fn due(&self, timeout: Duration) -> Instant {
        let doubled = timeout * 2_u32.saturating_pow((self.attempts - 1).min(8));
        self.at + doubled.min(LONGEST_TIMEOUT)
    }
}

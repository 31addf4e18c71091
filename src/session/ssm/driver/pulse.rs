//! Whether the gateway is still there: when to ask, and when silence is an answer. Pure.

use std::time::{Duration, Instant, SystemTime};

/// How many questions may stay unanswered.
const UNANSWERED: u32 = 2;
/// The time between questions while somebody waits for an answer: what was typed is not acknowledged, or the machine
/// has just woken up.
const ANXIOUS: Duration = Duration::from_secs(5);
/// How far the clock on the wall must have run ahead for the machine to have slept.
const SLEPT: Duration = Duration::from_secs(5);

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beat {
    /// Nothing yet.
    Rest,
    /// Ask.
    Ping,
    /// Nobody has answered: the connection is dead.
    Dead,
}

/// What is known of a connection's life.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pulse {
    interval: Duration,
    pinged: Instant,
    unanswered: u32,
    looked: (Instant, SystemTime),
    /// The machine has slept, and nothing was heard since.
    is_anxious: bool,
}

impl Pulse {
    /// Returns the pulse of a fresh connection, whose gateway is asked at this interval.
    pub(super) fn new(interval: Duration, now: Instant, wall: SystemTime) -> Self {
        Self { interval, pinged: now, unanswered: 0, looked: (now, wall), is_anxious: false }
    }

    /// Takes note of a sign of life.
    pub(super) fn heard(&mut self) {
        self.unanswered = 0;
        self.is_anxious = false;
    }

    /// Returns when to look next. `waits` says that something typed is not acknowledged.
    pub(super) fn next_look(&self, waits: bool) -> Instant {
        self.pinged + self.gap(waits)
    }

    /// Looks whether something is due. A gateway that is not listened to cannot be heard.
    pub(super) fn look(&mut self, now: Instant, wall: SystemTime, waits: bool, listens: bool) -> Beat {
        let slept = self.has_slept(now, wall);
        self.looked = (now, wall);
        if slept {
            self.is_anxious = true;
            self.unanswered = 0;
        } else if now < self.next_look(waits) {
            return Beat::Rest;
        }
        if !listens {
            self.unanswered = 0;
        }
        if self.unanswered == UNANSWERED {
            return Beat::Dead;
        }
        self.unanswered += 1;
        self.pinged = now;
        Beat::Ping
    }

    fn gap(&self, waits: bool) -> Duration {
        if waits || self.is_anxious { ANXIOUS.min(self.interval) } else { self.interval }
    }

    /// Whether the machine slept since the last look: a clock that only runs while it is awake has fallen behind.
    fn has_slept(&self, now: Instant, wall: SystemTime) -> bool {
        let awake = now.saturating_duration_since(self.looked.0);
        wall.duration_since(self.looked.1).is_ok_and(|passed| passed > awake + SLEPT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(25);
    const SECOND: Duration = Duration::from_secs(1);

    /// A connection and what has happened to it, second by second.
    struct Life {
        pulse: Pulse,
        now: Instant,
        wall: SystemTime,
    }

    impl Life {
        fn new() -> Self {
            let (now, wall) = (Instant::now(), SystemTime::now());
            Self { pulse: Pulse::new(INTERVAL, now, wall), now, wall }
        }

        /// Returns the beats of the next seconds, and in which second each came.
        fn beats(&mut self, seconds: u64, waits: bool, listens: bool) -> Vec<(u64, Beat)> {
            let mut beats = Vec::new();
            for second in 1..=seconds {
                self.now += SECOND;
                self.wall += SECOND;
                match self.pulse.look(self.now, self.wall, waits, listens) {
                    Beat::Rest => {}
                    beat => beats.push((second, beat)),
                }
                if beats.last().is_some_and(|(_, beat)| *beat == Beat::Dead) {
                    break;
                }
            }
            beats
        }
    }

    #[test]
    fn two_unanswered_pings_mean_death() {
        assert_eq!(Life::new().beats(99, false, true), [(25, Beat::Ping), (50, Beat::Ping), (75, Beat::Dead)]);
    }

    #[test]
    fn an_answer_is_life() {
        let mut life = Life::new();
        for _ in 0..10 {
            assert_eq!(life.beats(25, false, true), [(25, Beat::Ping)]);
            life.pulse.heard();
        }
    }

    #[test]
    fn who_waits_for_an_answer_learns_sooner() {
        let mut life = Life::new();
        assert_eq!(life.beats(24, false, true), []);
        assert_eq!(life.beats(99, true, true), [(1, Beat::Ping), (6, Beat::Ping), (11, Beat::Dead)]);
    }

    #[test]
    fn a_gateway_that_is_not_listened_to_is_not_dead() {
        let beats = Life::new().beats(200, false, false);
        assert_eq!(beats.len(), 8);
        assert!(beats.iter().all(|(_, beat)| *beat == Beat::Ping));
    }

    #[test]
    fn after_a_sleep_the_gateway_is_asked_at_once() {
        let mut life = Life::new();
        assert_eq!(life.beats(3, false, true), []);
        life.wall += Duration::from_hours(8);
        assert_eq!(life.beats(99, false, true), [(1, Beat::Ping), (6, Beat::Ping), (11, Beat::Dead)]);

        let mut life = Life::new();
        life.wall += Duration::from_hours(8);
        assert_eq!(life.beats(1, false, true), [(1, Beat::Ping)]);
        life.pulse.heard();
        assert_eq!(life.beats(25, false, true), [(25, Beat::Ping)]);
    }

    #[test]
    fn a_clock_that_is_set_back_is_no_sleep() {
        let mut life = Life::new();
        life.wall -= Duration::from_hours(1);
        assert_eq!(life.beats(24, false, true), []);
    }
}

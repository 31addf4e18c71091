//! Time in the simulated AWS: the only place that knows what time it is.

use std::time::{Duration, Instant};

use crate::model::Timestamp;

/// A point in simulated time: milliseconds since the simulation began, negative before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Moment(i64);

impl Moment {
    /// When the simulation began.
    pub(crate) const START: Self = Self(0);

    /// Returns the moment this long before the simulation began.
    pub(crate) fn ago(age: Duration) -> Self {
        Self(-millis(age))
    }

    /// Returns the moment this much later.
    pub(crate) fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(millis(wait)))
    }

    /// Returns the milliseconds since the simulation began.
    pub(crate) fn millis(self) -> i64 {
        self.0
    }

    /// Returns how long after `earlier` this is; `None` where it is not.
    pub(crate) fn checked_since(self, earlier: Self) -> Option<Duration> {
        u64::try_from(self.0 - earlier.0).ok().map(Duration::from_millis)
    }

    /// Returns the moment this much earlier.
    pub(crate) fn before(self, wait: Duration) -> Self {
        Self(self.0.saturating_sub(millis(wait)))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Who moves the simulated time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// The real clock: tasks start, deployments roll, events happen.
    #[default]
    Auto,
    /// Only [`Sim::advance`](super::Sim::advance).
    Explicit,
}

/// The simulated clock.
#[derive(Debug)]
pub(crate) struct Clock {
    /// What the real clock said when the simulation began.
    epoch: Timestamp,
    pace: Pace,
}

#[derive(Debug)]
enum Pace {
    Auto(Instant),
    Explicit(Moment),
}

impl Clock {
    pub(crate) fn new(mode: Mode, epoch: Option<Timestamp>) -> Self {
        let pace = match mode {
            Mode::Auto => Pace::Auto(Instant::now()),
            Mode::Explicit => Pace::Explicit(Moment::START),
        };
        Self { epoch: epoch.unwrap_or_else(Timestamp::now), pace }
    }

    pub(crate) fn now(&self) -> Moment {
        match self.pace {
            Pace::Auto(began) => Moment::START.after(began.elapsed()),
            Pace::Explicit(now) => now,
        }
    }

    /// Whether nobody has to move it.
    pub(crate) fn goes_by_itself(&self) -> bool {
        matches!(self.pace, Pace::Auto(_))
    }

    /// Moves an explicit clock; an automatic one jumps ahead.
    pub(crate) fn advance(&mut self, by: Duration) {
        match &mut self.pace {
            Pace::Auto(began) => *began = began.checked_sub(by).unwrap_or(*began),
            Pace::Explicit(now) => *now = now.after(by),
        }
    }

    /// Returns a moment as AWS's XML writes it: ISO 8601.
    pub(crate) fn text(&self, moment: Moment) -> String {
        let millis = self.epoch.as_millisecond().saturating_add(moment.0);
        Timestamp::from_millisecond(millis).unwrap_or(self.epoch).to_string()
    }

    /// Returns what the simulation began at, in milliseconds since 1970.
    pub(crate) fn epoch_millis(&self) -> i64 {
        self.epoch.as_millisecond()
    }

    /// Returns a moment as AWS JSON writes it: seconds since 1970 with milliseconds as fraction.
    pub(crate) fn seconds(&self, moment: Moment) -> f64 {
        self.epoch.as_millisecond().saturating_add(moment.0) as f64 / 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explicit_clock_only_moves_when_told() {
        let mut clock = Clock::new(Mode::Explicit, Timestamp::from_second(1_700_000_000).ok());
        assert_eq!(clock.now(), Moment::START);
        clock.advance(Duration::from_millis(1_500));
        assert_eq!(clock.now(), Moment::START.after(Duration::from_millis(1_500)));
        assert!((clock.seconds(clock.now()) - 1_700_000_001.5).abs() < 1e-6);
        assert!((clock.seconds(Moment::ago(Duration::from_mins(1))) - 1_699_999_940.0).abs() < 1e-6);
    }
}

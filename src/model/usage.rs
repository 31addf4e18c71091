//! How much CPU and memory a service uses.

use std::time::Duration;

use super::Timestamp;

/// CPU and memory of a service over time, as CloudWatch has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Of the CPU that its tasks reserve.
    pub cpu: Series,
    /// Of the memory that its tasks reserve.
    pub memory: Series,
}

/// Hundredths of a per cent.
pub type Share = u32;

/// One metric over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// When the first period began.
    pub since: Timestamp,
    /// How long each period is.
    pub period: Duration,
    /// The average of each period, oldest first; `None` where nothing was measured.
    pub points: Vec<Option<Share>>,
    /// The most that any task used at any time.
    pub peak: Option<Share>,
}

impl Series {
    /// Returns the latest measurement.
    pub fn latest(&self) -> Option<Share> {
        self.points.iter().rev().flatten().next().copied()
    }

    /// Returns the average of what was measured.
    pub fn average(&self) -> Option<Share> {
        let measured: Vec<u64> = self.points.iter().flatten().map(|share| u64::from(*share)).collect();
        let count = u64::try_from(measured.len()).ok().filter(|count| *count > 0)?;
        u32::try_from(measured.iter().sum::<u64>() / count).ok()
    }

    /// Returns how long ago the first period began, by the periods.
    pub fn span(&self) -> Duration {
        self.period.saturating_mul(u32::try_from(self.points.len()).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_measured_counts_for_nothing() {
        let series = |points: &[Option<Share>]| Series {
            since: Timestamp::UNIX_EPOCH,
            period: Duration::from_mins(5),
            points: points.to_vec(),
            peak: None,
        };
        let some = series(&[None, Some(1000), None, Some(2000), None]);
        assert_eq!((some.latest(), some.average(), some.span()), (Some(2000), Some(1500), Duration::from_mins(25)));
        let none = series(&[None, None]);
        assert_eq!((none.latest(), none.average()), (None, None));
    }
}

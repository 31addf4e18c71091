//! Times and ages in words.

use jiff::tz::TimeZone;

use crate::model::Timestamp;

/// Returns how long ago `then` was, in its largest unit: `42s`, `4m`, `9h`, `2d`. It changes where the second of `now`
/// does, whatever the fraction of `then` is.
pub fn age(now: Timestamp, then: Timestamp) -> String {
    let seconds = (now.as_second() - then.as_second()).max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// Returns the time of day, with the date in front where that is not today's.
pub fn clock(now: Timestamp, at: Timestamp, zone: &TimeZone) -> String {
    let (today, at) = (now.to_zoned(zone.clone()).date(), at.to_zoned(zone.clone()));
    let format = if at.date() == today { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    at.strftime(format).to_string()
}

/// Returns date, time and zone, and how long ago that was.
pub(super) fn moment(now: Timestamp, at: Timestamp, zone: &TimeZone) -> String {
    let zoned = at.to_zoned(zone.clone());
    format!("{} ({} ago)", zoned.strftime("%Y-%m-%d %H:%M:%S %Z"), age(now, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_age_has_one_unit() {
        let now = at("2026-03-10T12:00:00Z");
        let ages = [
            "2026-03-10T12:00:01Z",
            "2026-03-10T11:59:18Z",
            "2026-03-10T11:56:00Z",
            "2026-03-10T02:59:00Z",
            "2026-01-01T00:00:00Z",
        ];
        assert_eq!(ages.map(|then| age(now, at(then))), ["0s", "42s", "4m", "9h", "68d"]);
    }

    #[test]
    fn the_date_is_said_when_it_is_another_day() {
        let now = at("2026-03-10T12:00:00Z");
        assert_eq!(clock(now, at("2026-03-10T11:58:40Z"), &TimeZone::UTC), "11:58:40");
        assert_eq!(clock(now, at("2026-03-09T23:58:40Z"), &TimeZone::UTC), "2026-03-09 23:58:40");
        assert_eq!(moment(now, at("2026-03-09T12:00:00Z"), &TimeZone::UTC), "2026-03-09 12:00:00 UTC (1d ago)");
    }
}

//! Skipper's times: `all`, `now`, a span before now as Go writes it, and timestamps, which are local where they name no
//! zone.

use jiff::{SignedDuration, civil::DateTime, tz::TimeZone};

use crate::model::Timestamp;

/// A time, as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// From the beginning of time.
    All,
    /// The present.
    Now,
    /// So long before now.
    Ago(SignedDuration),
    /// A moment.
    At(Timestamp),
    /// A time of the day where the person is.
    Local(DateTime),
}

impl When {
    /// Returns the moment that is meant at this time in this zone.
    pub(super) fn from(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        match self {
            Self::All => Timestamp::UNIX_EPOCH,
            Self::Now => now,
            Self::Ago(span) => now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH),
            Self::At(moment) => moment,
            Self::Local(time) => time.to_zoned(zone.clone()).map_or(Timestamp::UNIX_EPOCH, |time| time.timestamp()),
        }
    }
}

/// Reads a time.
pub(super) fn parse(text: &str) -> Result<When, String> {
    match text {
        "all" => return Ok(When::All),
        "now" => return Ok(When::Now),
        _ => {}
    }
    let span = text.parse().map(When::Ago);
    let moment = || text.parse().map(When::At);
    let local = || text.parse().map(When::Local);
    span.or_else(|_: jiff::Error| moment())
        .or_else(|_: jiff::Error| local())
        .map_err(|_: jiff::Error| format!("{text:?} is no time: all, now, 42m, 1h30m or 2013-01-02T13:23:37"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moment(text: &str) -> String {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        parse(text).unwrap().from("2026-03-10T12:00:00Z".parse().unwrap(), &zone).to_string()
    }

    #[test]
    fn times_are_those_of_skipper() {
        for (text, meant) in [
            ("all", "1970-01-01T00:00:00Z"),
            ("now", "2026-03-10T12:00:00Z"),
            ("42m", "2026-03-10T11:18:00Z"),
            ("1h30m", "2026-03-10T10:30:00Z"),
            ("1.5h", "2026-03-10T10:30:00Z"),
            ("2013-01-02T13:23:37", "2013-01-02T11:23:37Z"),
            ("2013-01-02T13:23", "2013-01-02T11:23:00Z"),
            ("2013-01-02", "2013-01-01T22:00:00Z"),
            ("2013-01-02T13:23:37.25", "2013-01-02T11:23:37.25Z"),
            ("2013-01-02T13:23:37Z", "2013-01-02T13:23:37Z"),
            ("2013-01-02T13:23:37+01:00", "2013-01-02T12:23:37Z"),
        ] {
            assert_eq!(moment(text), meant, "{text}");
        }
        for wrong in ["", "0", "yesterday", "1", "2013-13-01", "alles"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in ".*", number in 0_u64.., unit in "h|m|s|ms") {
            for text in [text, format!("{number}{unit}"), format!("-{number}{unit}")] {
                let _moment = parse(&text).map(|when| when.from(Timestamp::UNIX_EPOCH, &TimeZone::UTC));
            }
        }
    }
}

//! Times on the command line: a span before now, a moment, `now`.

use jiff::{Span, ToSpan};

use crate::model::Timestamp;

/// A time, as it was given.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    /// The present, or no end.
    Now,
    /// So long before now.
    Ago(Span),
    /// A moment.
    At(Timestamp),
}

impl When {
    /// Returns the moment that is meant at this time.
    pub(super) fn from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Now => now,
            Self::Ago(span) => now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH),
            Self::At(moment) => moment,
        }
    }

    /// Whether this is another time than now.
    pub(super) fn is_past(&self) -> bool {
        match self {
            Self::Now => false,
            Self::Ago(_) | Self::At(_) => true,
        }
    }
}

/// Reads a time.
pub(super) fn parse(text: &str) -> Result<When, String> {
    let complaint = || format!("{text:?} is no time: 10m, 1h, 2d, 2026-03-10T12:00:00Z or now");
    if text == "now" {
        return Ok(When::Now);
    }
    if let Ok(moment) = text.parse() {
        return Ok(When::At(moment));
    }
    let (number, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(complaint)?);
    let number: u32 = number.parse().map_err(|_| complaint())?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return Err(complaint()),
    };
    // Not a day more than jiff can count.
    let seconds = i64::from(number).saturating_mul(seconds).min(100 * 366 * 86_400);
    Ok(When::Ago(seconds.seconds()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moment(text: &str) -> String {
        parse(text).unwrap().from("2026-03-10T12:00:00Z".parse().unwrap()).to_string()
    }

    #[test]
    fn spans_moments_and_now() {
        assert_eq!(moment("90s"), "2026-03-10T11:58:30Z");
        assert_eq!(moment("10m"), "2026-03-10T11:50:00Z");
        assert_eq!(moment("1h"), "2026-03-10T11:00:00Z");
        assert_eq!(moment("2d"), "2026-03-08T12:00:00Z");
        assert_eq!(moment("2026-03-01T00:00:00+01:00"), "2026-02-28T23:00:00Z");
        assert_eq!(moment("now"), "2026-03-10T12:00:00Z");
        for wrong in ["", "1", "h", "1y", "-1h", "1h30", "yesterday", "99999999999h"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in ".*", number in 0_u32.., unit in "[smhdw]") {
            let _read = parse(&text);
            let (span, epoch) = (format!("{number}{unit}"), Timestamp::UNIX_EPOCH);
            prop_assert!(parse(&span).unwrap().from(epoch) <= epoch);
        }
    }
}

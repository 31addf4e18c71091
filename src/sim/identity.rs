//! The ids that AWS would have made up: derived from names, so that one world always gets the same ones.

use std::{fmt, str::FromStr};

use sha2::{Digest as _, Sha256};

/// A task's id: 32 hexadecimal digits, kept as the number they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TaskId(pub(crate) u128);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for TaskId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u128::from_str_radix(&text.replace('-', ""), 16).map(Self)
    }
}

/// Returns a number that looks random and depends on nothing but `parts`.
pub(crate) fn number(parts: &[&str]) -> u128 {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let digest: [u8; 32] = digest.finalize().into();
    digest.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// Returns `digits` (at most 32) hexadecimal digits that depend on nothing but `parts`.
pub(crate) fn hex(parts: &[&str], digits: usize) -> String {
    let mut text = format!("{:032x}", number(parts));
    text.truncate(digits);
    text
}

/// Returns the 64 digits of a Docker container id or an image digest.
pub(crate) fn long_hex(parts: &[&str]) -> String {
    let first = hex(parts, 32);
    let second = hex(&[&first, "second half"], 32);
    first + &second
}

/// Returns a UUID that depends on nothing but `parts`.
pub(crate) fn uuid(parts: &[&str]) -> String {
    let digits = hex(parts, 32);
    format!("{}-{}-4{}-a{}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_shapes_of_aws() {
        let id = TaskId(7);
        assert_eq!(id.to_string().len(), 32);
        assert_eq!(id.to_string().parse::<TaskId>().unwrap(), id);
        assert_eq!(uuid(&["a"]).len(), 36);
        assert_eq!(long_hex(&["a"]).len(), 64);
        assert_ne!(hex(&["ab", "c"], 17), hex(&["a", "bc"], 17), "parts are kept apart");
    }
}

//! Names of regions.

/// Whether this could be the name of a region, and with that a label of a host's name (RFC 1123, 2.1); whether there is
/// such a one only AWS knows.
pub fn is_region(name: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    name.len() <= 63 && name.contains('-') && name.split('-').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_parts_between_hyphens_and_can_be_in_a_hosts_name() {
        for name in ["eu-west-1", "us-gov-west-1", "us-iso-east-1", "eusc-de-east-1", "xx-nowhere-9"] {
            assert!(is_region(name), "{name}");
        }
        let too_long = "eu-".repeat(21) + "x";
        for name in [
            "",
            "-",
            "eu",
            "eu--1",
            "-eu-1",
            "EU-WEST-1",
            "eu-west-1/",
            "eu-west-1.evil.example",
            "eu west 1",
            "é-1",
            &too_long,
        ] {
            assert!(!is_region(name), "{name}");
        }
    }
}

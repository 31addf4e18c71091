//! The key of an encrypted session, which is overwritten when nobody holds it any more.

use std::fmt;

use bytes::Bytes;
use zeroize::Zeroizing;

/// A data key of KMS (`GenerateDataKey`): in the clear for this side, and sealed for the other, which has KMS open it.
#[derive(Clone, PartialEq, Eq)]
pub struct DataKey {
    clear: Zeroizing<[u8; Self::BYTES]>,
    sealed: Bytes,
}

impl DataKey {
    /// How many bytes a session asks of KMS: two keys of AES-256 (`KMSKeySizeInBytes` of amazon-ssm-agent 1c217c89).
    pub const BYTES: usize = 64;

    /// Returns the key that these bytes are; `None` where they are not [`BYTES`](Self::BYTES).
    pub fn new(clear: &[u8], sealed: impl Into<Bytes>) -> Option<Self> {
        Some(Self { clear: Zeroizing::new(clear.try_into().ok()?), sealed: sealed.into() })
    }

    /// Returns the key itself, for a cipher and nothing else.
    pub fn expose(&self) -> &[u8; Self::BYTES] {
        &self.clear
    }

    /// Returns the key as KMS sealed it; no secret.
    pub fn sealed(&self) -> &Bytes {
        &self.sealed
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_its_length_and_is_not_shown() {
        assert_eq!(DataKey::new(&[7; 32], "sealed"), None);
        let key = DataKey::new(&[7; 64], "sealed").unwrap();
        assert_eq!((key.expose(), key.sealed().as_ref()), (&[7; 64], b"sealed".as_slice()));
        assert_eq!(format!("{key:?}"), "…");
    }
}

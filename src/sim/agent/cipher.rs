//! The agent's cipher, as `agent/session/crypto/blockcipher.go` of amazon-ssm-agent 1c217c89 has it: of the data key
//! the first half seals and the second opens.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use bytes::Bytes;

/// How many bytes the data key has (`KMSKeySizeInBytes`).
pub(super) const DATA_KEY: usize = 64;

/// Seals what the program prints and opens what the client types.
pub(super) struct Cipher {
    sealing: RandomizedNonceKey,
    opening: RandomizedNonceKey,
}

impl Cipher {
    /// Returns the cipher of a data key; `None` where that has the wrong length.
    pub(super) fn new(key: &[u8]) -> Option<Self> {
        let key: &[u8; DATA_KEY] = key.try_into().ok()?;
        let (sealing, opening) = key.split_at(DATA_KEY / 2);
        let half = |key: &[u8]| RandomizedNonceKey::new(&AES_256_GCM, key).ok();
        Some(Self { sealing: half(sealing)?, opening: half(opening)? })
    }

    pub(super) fn seal(&self, clear: &[u8]) -> Bytes {
        let mut sealed = clear.to_vec();
        let nonce = self.sealing.seal_in_place_append_tag(Aad::empty(), &mut sealed);
        let nonce = nonce.expect("a payload is far below the limit of AES-GCM");
        [nonce.as_ref(), sealed.as_slice()].concat().into()
    }

    pub(super) fn open(&self, sealed: &[u8]) -> Option<Bytes> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut clear = sealed.to_vec();
        let length = self.opening.open_in_place(nonce, Aad::empty(), &mut clear).ok()?.len();
        clear.truncate(length);
        Some(clear.into())
    }
}

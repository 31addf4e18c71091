//! The cipher of an encrypted session: AES-256-GCM, one key for each direction.
//!
//! As in amazon-ssm-agent 1c217c89 `agent/session/crypto/blockcipher.go` and session-manager-plugin 61cf1288
//! `src/encryption/encrypter.go`: a sealed payload is the nonce of 12 bytes, the cipher text and the tag of 16 bytes;
//! nothing is authenticated beside it.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use bytes::{Buf, Bytes};

use crate::session::DataKey;

/// How many bytes one direction's key has.
const KEY_BYTES: usize = DataKey::BYTES / 2;

/// Seals what goes to the far side and opens what comes from it.
pub(super) struct Cipher {
    opening: RandomizedNonceKey,
    sealing: RandomizedNonceKey,
}

impl Cipher {
    /// Returns the client's cipher: the first half of the key opens, the second seals. The agent has it crosswise.
    pub(super) fn of_client(key: &DataKey) -> Self {
        let (opening, sealing) = key.expose().split_at(KEY_BYTES);
        Self { opening: half(opening), sealing: half(sealing) }
    }

    /// Opens what the far side sealed; `None` where it is not that, or not as it was.
    pub(super) fn open(&self, sealed: &[u8]) -> Option<Bytes> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut buffer = sealed.to_vec();
        let length = self.opening.open_in_place(nonce, Aad::empty(), &mut buffer).ok()?.len();
        buffer.truncate(length);
        Some(buffer.into())
    }

    /// Seals what the far side is to open, under a nonce by chance: of 96 bits, for at most a few million messages.
    pub(super) fn seal(&self, clear: &[u8]) -> Bytes {
        let mut sealed = clear.to_vec();
        let nonce = self.sealing.seal_in_place_append_tag(Aad::empty(), &mut sealed);
        let nonce = nonce.expect("a payload is far below the limit of AES-GCM");
        let mut nonce = nonce.as_ref().chain(&*sealed);
        nonce.copy_to_bytes(nonce.remaining())
    }
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

fn half(key: &[u8]) -> RandomizedNonceKey {
    RandomizedNonceKey::new(&AES_256_GCM, key).expect("half of a data key is a key of AES-256")
}

#[cfg(test)]
impl Cipher {
    /// Returns the agent's cipher, for the far side of tests.
    pub(super) fn of_agent(key: &DataKey) -> Self {
        let Self { opening, sealing } = Self::of_client(key);
        Self { opening: sealing, sealing: opening }
    }
}

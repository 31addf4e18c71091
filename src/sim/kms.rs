//! KMS, as far as encrypted sessions need it: GenerateDataKey for the client, Decrypt for the agent.
//!
//! Keys are those that clusters name. A sealed key opens only with the encryption context it was made with, as in AWS:
//! shapes and error codes are those of botocore's service model (`kms/2014-11-01/service-2.json`).

use std::{collections::BTreeMap, fmt, sync::Arc};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    rand,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ecs::members, refusal::Refusal, world::World};

/// Names and values that a sealed key is bound to.
pub(crate) type Context = BTreeMap<String, String>;

/// The one secret behind all keys of a simulated KMS, made up for this run.
#[derive(Clone)]
pub struct Kms(Arc<RandomizedNonceKey>);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GenerateDataKey {
    key_id: String,
    number_of_bytes: Option<usize>,
    key_spec: Option<String>,
    #[serde(default)]
    encryption_context: Context,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Decrypt {
    ciphertext_blob: String,
    key_id: Option<String>,
    #[serde(default)]
    encryption_context: Context,
}

impl Kms {
    /// Returns a KMS.
    pub fn new() -> Self {
        let mut secret = [0; 32];
        rand::fill(&mut secret).expect("the system has random numbers");
        Self(Arc::new(RandomizedNonceKey::new(&AES_256_GCM, &secret).expect("32 bytes are a key of AES-256")))
    }

    /// Answers an operation; `None` where there is no such operation.
    pub(crate) fn answer(&self, world: &World, operation: &str, body: &Value) -> Option<Result<Value, Refusal>> {
        Some(match operation {
            "GenerateDataKey" => read(body).and_then(|asked| self.generate_data_key(world, &asked)),
            "Decrypt" => read(body).and_then(|asked| self.open_blob(world, &asked)),
            _ => return None,
        })
    }

    /// Returns what was sealed under a key in this context. Anything else is [an invalid ciphertext](Refusal).
    pub(crate) fn decrypt(&self, key: &str, sealed: &[u8], context: &Context) -> Result<Vec<u8>, Refusal> {
        let (found, sealed) = split(sealed).ok_or_else(invalid)?;
        if found != key.as_bytes() {
            let message = "The key ID in the request does not identify a CMK that can perform this operation.";
            return Err(Refusal::new("IncorrectKeyException", message));
        }
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN).ok_or_else(invalid)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| invalid())?;
        let mut clear = sealed.to_vec();
        let length = self.0.open_in_place(nonce, bound_to(key, context), &mut clear).map_err(|_| invalid())?.len();
        clear.truncate(length);
        Ok(clear)
    }

    fn generate_data_key(&self, world: &World, asked: &GenerateDataKey) -> Result<Value, Refusal> {
        let key = key_arn(world, &asked.key_id)?;
        let length = match (asked.number_of_bytes, asked.key_spec.as_deref()) {
            (Some(length @ 1..=1024), None) => length,
            (None, Some("AES_256")) => 32,
            (None, Some("AES_128")) => 16,
            _ => {
                let message = "Please specify either number of bytes or key spec.";
                return Err(Refusal::new("ValidationException", message));
            }
        };
        let mut clear = vec![0; length];
        rand::fill(&mut clear).expect("the system has random numbers");
        let mut sealed = clear.clone();
        let nonce = self.0.seal_in_place_append_tag(bound_to(&key, &asked.encryption_context), &mut sealed);
        let nonce = nonce.expect("a data key is far below the limit of AES-GCM");
        let length = u16::try_from(key.len()).expect("an ARN is short").to_be_bytes();
        let blob = [length.as_slice(), key.as_bytes(), nonce.as_ref(), &sealed].concat();
        Ok(json!({
            "KeyId": key,
            "Plaintext": STANDARD.encode(clear),
            "CiphertextBlob": STANDARD.encode(blob),
        }))
    }

    fn open_blob(&self, world: &World, asked: &Decrypt) -> Result<Value, Refusal> {
        let blob = STANDARD.decode(&asked.ciphertext_blob).map_err(|_| invalid())?;
        let key = match &asked.key_id {
            Some(key) => key_arn(world, key)?,
            None => split(&blob).map(|(key, _)| String::from_utf8_lossy(key).into_owned()).ok_or_else(invalid)?,
        };
        let clear = self.decrypt(&key, &blob, &asked.encryption_context)?;
        Ok(json!({
            "KeyId": key,
            "Plaintext": STANDARD.encode(clear),
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }))
    }
}

impl Default for Kms {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Kms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kms(…)")
    }
}

/// Reads the members of a request, and refuses others in the words of KMS.
fn read<T: serde::de::DeserializeOwned>(body: &Value) -> Result<T, Refusal> {
    members::read(body).map_err(|refusal| match refusal.code.as_str() {
        "InvalidParameterException" => Refusal { code: "ValidationException".to_owned(), ..refusal },
        _ => refusal,
    })
}

/// Returns the ARN of a key that some cluster names, by its id or its ARN.
fn key_arn(world: &World, named: &str) -> Result<String, Refusal> {
    let keys = world.clusters.iter().filter_map(|cluster| cluster.kms_key.as_deref());
    let mut arns = keys.map(|id| (id, world.key_arn(id)));
    arns.find(|(id, arn)| *id == named || arn == named).map(|(_, arn)| arn).ok_or_else(|| {
        let arn = if named.starts_with("arn:") { named.to_owned() } else { world.key_arn(named) };
        Refusal::new("NotFoundException", format!("Key '{arn}' does not exist"))
    })
}

/// Takes a blob apart: the ARN of its key, and what is sealed.
fn split(blob: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = blob.split_first_chunk::<2>()?;
    rest.split_at_checked(u16::from_be_bytes(*length).into())
}

fn bound_to(key: &str, context: &Context) -> Aad<Vec<u8>> {
    Aad::from(serde_json::to_vec(&(key, context)).expect("texts are JSON"))
}

/// AWS says no more, so that nothing can be learned from it.
fn invalid() -> Refusal {
    Refusal::new("InvalidCiphertextException", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_in_its_context_alone() {
        let (kms, world) = (Kms::new(), World::from_toml("[cluster.prod]\nkms_key = \"k-1\"\n").unwrap());
        let ask = |operation: &str, body: Value| kms.answer(&world, operation, &body).unwrap();
        let context = json!({ "aws:ssm:SessionId": "s-1" });
        let request = json!({ "KeyId": "k-1", "NumberOfBytes": 64, "EncryptionContext": context });
        let key = ask("GenerateDataKey", request).unwrap();
        assert_eq!(key["KeyId"], "arn:aws:kms:eu-west-1:482913007156:key/k-1");
        let blob = &key["CiphertextBlob"];
        let opened = ask("Decrypt", json!({ "CiphertextBlob": blob, "EncryptionContext": context })).unwrap();
        assert_eq!(opened["Plaintext"], key["Plaintext"]);
        for wrong in [json!({}), json!({ "aws:ssm:SessionId": "s-2" })] {
            let refusal = ask("Decrypt", json!({ "CiphertextBlob": blob, "EncryptionContext": wrong })).unwrap_err();
            assert_eq!(refusal.code, "InvalidCiphertextException");
        }
        let refusal = ask("GenerateDataKey", json!({ "KeyId": "k-2", "NumberOfBytes": 64 })).unwrap_err();
        assert_eq!(refusal.code, "NotFoundException");
    }
}

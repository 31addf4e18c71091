//! The operation of KMS: the key of an encrypted session.

use std::collections::HashMap;

use super::{budget::Category, call::Operation, clients::Clients, error::Error};
use crate::session::DataKey;

/// It changes nothing, and a key that nobody got is no loss.
const GENERATE_DATA_KEY: Operation = Operation::read("kms:GenerateDataKey", Category::Other);

impl Clients {
    /// Returns a new data key under a KMS key, bound to this encryption context: KMS opens it to nobody who does not
    /// know that.
    pub async fn data_key(&self, key_id: &str, context: &[(String, String)]) -> Result<DataKey, Error> {
        let context: HashMap<String, String> = context.iter().cloned().collect();
        let call = || {
            let call = self.kms().generate_data_key().key_id(key_id).number_of_bytes(DataKey::BYTES as i32);
            call.set_encryption_context(Some(context.clone())).send()
        };
        let answer = self.call(GENERATE_DATA_KEY, call).await?;
        let key = answer.plaintext.zip(answer.ciphertext_blob);
        key.and_then(|(clear, sealed)| DataKey::new(clear.as_ref(), sealed.into_inner()))
            .ok_or_else(|| Error::broken(GENERATE_DATA_KEY.name, "an answer without a key of 64 bytes"))
    }
}

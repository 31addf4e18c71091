//! What the payloads of the data channel's messages hold: JSON for all but the stream's bytes and the flag.
//!
//! Names and forms are those of amazon-ssm-agent 1c217c89 `agent/session/contracts/model.go`.

use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

use super::{AgentMessage, MessageType};

/// Says that one message of a stream has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledge {
    /// The type of that message.
    #[serde(rename = "AcknowledgedMessageType")]
    pub message_type: String,
    /// Its id, hyphenated.
    #[serde(rename = "AcknowledgedMessageId")]
    pub message_id: String,
    /// Its place in its stream.
    #[serde(rename = "AcknowledgedMessageSequenceNumber")]
    pub sequence_number: i64,
    /// Always true on both official sides.
    #[serde(rename = "IsSequentialMessage", default)]
    pub is_sequential: bool,
}

impl Acknowledge {
    /// Returns the acknowledgement of a message.
    pub fn of(message: &AgentMessage) -> Self {
        Self {
            message_type: message.message_type.as_str().to_owned(),
            message_id: message.message_id.hyphenated().to_string(),
            sequence_number: message.sequence_number,
            is_sequential: true,
        }
    }

    /// Returns the payload.
    pub fn to_json(&self) -> Bytes {
        to_json(self)
    }

    /// Reads a payload; `None` where it is no such JSON.
    pub fn from_json(payload: &[u8]) -> Option<Self> {
        from_json(payload)
    }
}

/// The size of a terminal in character cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalSize {
    /// Width.
    pub cols: u32,
    /// Height.
    pub rows: u32,
}

impl TerminalSize {
    /// Returns the payload.
    pub fn to_json(&self) -> Bytes {
        to_json(self)
    }

    /// Reads a payload; `None` where it is no such JSON.
    pub fn from_json(payload: &[u8]) -> Option<Self> {
        from_json(payload)
    }
}

/// The gateway's word that the session is over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ChannelClosed {
    /// A fresh id.
    pub message_id: String,
    /// When, as the gateway writes it.
    pub created_date: String,
    /// Whom it is for.
    pub destination_id: String,
    /// Which session.
    pub session_id: String,
    /// `channel_closed`.
    pub message_type: String,
    /// 1.
    pub schema_version: i64,
    /// Why, in words for a person; empty at an ordinary end.
    pub output: String,
}

impl ChannelClosed {
    /// Returns the end of a session with its reason, as of now.
    pub fn new(session_id: &str, output: &str) -> Self {
        Self {
            message_id: Uuid::new_v4().hyphenated().to_string(),
            created_date: super::now().to_string(),
            destination_id: String::new(),
            session_id: session_id.to_owned(),
            message_type: MessageType::ChannelClosed.as_str().to_owned(),
            schema_version: 1,
            output: output.to_owned(),
        }
    }

    /// Returns the payload.
    pub fn to_json(&self) -> Bytes {
        to_json(self)
    }

    /// Reads a payload; `None` where it is no such JSON.
    pub fn from_json(payload: &[u8]) -> Option<Self> {
        from_json(payload)
    }
}

/// What the agent wants settled before data flows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HandshakeRequest {
    /// `3.3.…`.
    pub agent_version: String,
    /// What the client must do.
    #[serde(deserialize_with = "or_empty")]
    pub requested_client_actions: Vec<RequestedAction>,
}

/// One thing the client must do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RequestedAction {
    /// `SessionType` or `KMSEncryption`.
    pub action_type: String,
    /// What goes with it; its form depends on the type.
    #[serde(default)]
    pub action_parameters: Value,
}

impl HandshakeRequest {
    /// Returns the payload.
    pub fn to_json(&self) -> Bytes {
        to_json(self)
    }

    /// Reads a payload; `None` where it is no such JSON.
    pub fn from_json(payload: &[u8]) -> Option<Self> {
        from_json(payload)
    }
}

/// The client's answer to a [`HandshakeRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HandshakeResponse {
    /// The version of session-manager-plugin whose behaviour is claimed.
    pub client_version: String,
    /// One answer for each requested action.
    #[serde(deserialize_with = "or_empty")]
    pub processed_client_actions: Vec<ProcessedAction>,
    /// Never filled by the plugin.
    #[serde(default)]
    pub errors: Option<Vec<String>>,
}

/// What became of one requested action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProcessedAction {
    /// The requested type.
    pub action_type: String,
    /// Whether it was done; anything but success ends the session.
    pub action_status: ActionStatus,
    /// What the agent needs from it.
    #[serde(default)]
    pub action_result: Value,
    /// Why it was not done.
    #[serde(default)]
    pub error: String,
}

/// Whether a requested action was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActionStatus(pub i64);

impl ActionStatus {
    /// It was.
    pub const SUCCESS: Self = Self(1);
    /// It was tried in vain.
    pub const FAILED: Self = Self(2);
    /// The client does not know it.
    pub const UNSUPPORTED: Self = Self(3);
}

impl HandshakeResponse {
    /// Returns the payload.
    pub fn to_json(&self) -> Bytes {
        to_json(self)
    }

    /// Reads a payload; `None` where it is no such JSON.
    pub fn from_json(payload: &[u8]) -> Option<Self> {
        from_json(payload)
    }
}

/// What the agent says with the action `KMSEncryption` (`KMSEncryptionRequest`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptionRequest {
    /// The key that the session's data key comes from: an id, ARN or alias.
    #[serde(rename = "KMSKeyId", default)]
    pub key_id: String,
    /// Goes into the encryption context as it is; empty from agents before 3.3.808.0.
    #[serde(rename = "Challenge", default)]
    pub challenge: String,
}

impl EncryptionRequest {
    /// Returns the parameters of the action.
    pub fn to_value(&self) -> Value {
        to_value(self)
    }

    /// Reads the parameters of an action; `None` where they are no such JSON.
    pub fn from_value(parameters: &Value) -> Option<Self> {
        Self::deserialize(parameters).ok()
    }
}

/// What the agent gets for it (`KMSEncryptionResponse`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptionResult {
    /// The data key as KMS sealed it.
    #[serde(rename = "KMSCipherTextKey", with = "in_base64")]
    pub sealed_key: Bytes,
    /// Never filled by the plugin nor read by the agent.
    #[serde(rename = "KMSCipherTextHash", default)]
    pub hash: Option<String>,
    /// Whether the challenge of the request is in the encryption context. An agent may insist on it
    /// (`RequireKMSChallengeResponse`).
    #[serde(rename = "ChallengeAcknowledgement", default)]
    pub holds_challenge: bool,
}

impl EncryptionResult {
    /// Returns the result of the action.
    pub fn to_value(&self) -> Value {
        to_value(self)
    }

    /// Reads the result of an action; `None` where it is no such JSON.
    pub fn from_value(result: &Value) -> Option<Self> {
        Self::deserialize(result).ok()
    }
}

/// The test whether both sides hold the same key, request and response alike: 64 bytes, each time sealed by the
/// sender (`EncryptionChallengeRequest`, `EncryptionChallengeResponse`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptionChallenge {
    /// The sealed bytes.
    #[serde(rename = "Challenge", with = "in_base64")]
    pub challenge: Bytes,
}

impl EncryptionChallenge {
    /// Returns the payload.
    pub fn to_json(&self) -> Bytes {
        to_json(self)
    }

    /// Reads a payload; `None` where it is no such JSON.
    pub fn from_json(payload: &[u8]) -> Option<Self> {
        from_json(payload)
    }
}

/// The agent is content: data flows from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HandshakeComplete {
    /// Nanoseconds from request to completion.
    #[serde(default)]
    pub handshake_time_to_complete: i64,
    /// A word for the person; may be empty.
    #[serde(default)]
    pub customer_message: String,
}

impl HandshakeComplete {
    /// Returns the payload.
    pub fn to_json(&self) -> Bytes {
        to_json(self)
    }

    /// Reads a payload; `None` where it is no such JSON.
    pub fn from_json(payload: &[u8]) -> Option<Self> {
        from_json(payload)
    }
}

/// A word between client and agent about ports and the end: four bytes, big-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag(pub u32);

impl Flag {
    /// The client's local connection is gone.
    pub const DISCONNECT_TO_PORT: Self = Self(1);
    /// The client wants the session ended; the agent's shell does not listen to it.
    pub const TERMINATE_SESSION: Self = Self(2);
    /// The agent could not reach the port.
    pub const CONNECT_TO_PORT_ERROR: Self = Self(3);

    /// Returns the payload.
    pub fn to_bytes(self) -> Bytes {
        Bytes::copy_from_slice(&self.0.to_be_bytes())
    }

    /// Reads a payload; `None` where it has not four bytes.
    pub fn from_bytes(payload: &[u8]) -> Option<Self> {
        Some(Self(u32::from_be_bytes(payload.try_into().ok()?)))
    }
}

fn to_json(payload: &impl Serialize) -> Bytes {
    serde_json::to_vec(payload).expect("structs of strings and numbers are always JSON").into()
}

fn to_value(parameters: &impl Serialize) -> Value {
    serde_json::to_value(parameters).expect("structs of strings and numbers are always JSON")
}

fn from_json<T: DeserializeOwned>(payload: &[u8]) -> Option<T> {
    serde_json::from_slice(payload).ok()
}

/// Reads a list that Go writes as `null` when it is empty.
fn or_empty<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(from)?.unwrap_or_default())
}

/// Bytes as Go writes them into JSON: RFC 4648 base64, padded.
mod in_base64 {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD.decode(text).map(Bytes::from).map_err(D::Error::custom)
    }
}

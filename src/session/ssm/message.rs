//! The messages of the Session Manager data channel as bytes: one `AgentMessage` per binary websocket frame.
//!
//! The layout is that of amazon-ssm-agent 1c217c89 `agent/session/contracts/agentmessage.go` and
//! session-manager-plugin 61cf1288 `src/message/clientmessage.go`; all integers are big-endian:
//!
//! | offset | length | field |
//! |---|---|---|
//! | 0 | 4 | header length: the offset of the payload length, 116 |
//! | 4 | 32 | message type, ASCII, padded with spaces |
//! | 36 | 4 | schema version |
//! | 40 | 8 | created, Unix milliseconds |
//! | 48 | 8 | sequence number, signed |
//! | 56 | 8 | flags |
//! | 64 | 16 | message id, its two halves exchanged |
//! | 80 | 32 | SHA-256 of the payload |
//! | 112 | 4 | payload type |
//! | 116 | 4 | payload length |
//! | 120 | … | payload |

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::{BufMut, Bytes, BytesMut};
use sha2::{Digest, Sha256};
use uuid::Uuid;

mod payload;

pub use payload::{
    Acknowledge, ActionStatus, ChannelClosed, EncryptionChallenge, EncryptionRequest, EncryptionResult, Flag,
    HandshakeComplete, HandshakeRequest, HandshakeResponse, ProcessedAction, RequestedAction, TerminalSize,
};

/// The most bytes of a stream that go into one message: both official sides cut there, and what the gateway between
/// them would take beyond it is not documented.
pub const LARGEST_PAYLOAD: usize = 1024;

/// The offset of the payload length, which is also what the header length field holds.
const HEADER_LENGTH: usize = 116;
/// The offset of the payload.
const PAYLOAD: usize = HEADER_LENGTH + 4;
/// The width of the message type field.
const TYPE_WIDTH: usize = 32;
/// The flags of an acknowledgement (`messageFlags` in both sources): SYN and FIN.
const SYN_AND_FIN: u64 = 3;

/// What a message is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageType {
    /// From the client to the agent, in sequence.
    InputStreamData,
    /// From the agent to the client, in sequence.
    OutputStreamData,
    /// Says that one message of a stream has arrived; itself in no sequence.
    Acknowledge,
    /// The gateway ends the session.
    ChannelClosed,
    /// The gateway lets data flow again.
    StartPublication,
    /// The gateway asks for no more data for now.
    PausePublication,
    /// The agent tells the gateway how its session stands.
    AgentSessionState,
    /// Any other; at most 32 bytes of it travel.
    Other(String),
}

impl MessageType {
    /// Returns the name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::InputStreamData => "input_stream_data",
            Self::OutputStreamData => "output_stream_data",
            Self::Acknowledge => "acknowledge",
            Self::ChannelClosed => "channel_closed",
            Self::StartPublication => "start_publication",
            Self::PausePublication => "pause_publication",
            Self::AgentSessionState => "agent_session_state",
            Self::Other(name) => name,
        }
    }

    /// Reads the padded field: NUL and white space around the name do not count.
    fn from_field(field: &[u8]) -> Self {
        let text = String::from_utf8_lossy(field);
        match text.trim_matches(|character: char| character == '\0' || character.is_whitespace()) {
            "input_stream_data" => Self::InputStreamData,
            "output_stream_data" => Self::OutputStreamData,
            "acknowledge" => Self::Acknowledge,
            "channel_closed" => Self::ChannelClosed,
            "start_publication" => Self::StartPublication,
            "pause_publication" => Self::PausePublication,
            "agent_session_state" => Self::AgentSessionState,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Whether the official sides take the message without looking at its header.
    fn is_unchecked(&self) -> bool {
        matches!(self, Self::StartPublication | Self::PausePublication)
    }
}

/// What the payload of a stream's message is; numbers that are not named here survive decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadType(pub u32);

impl PayloadType {
    /// Of messages that belong to no stream.
    pub const NONE: Self = Self(0);
    /// Bytes typed or printed.
    pub const OUTPUT: Self = Self(1);
    /// [`TerminalSize`], from the client.
    pub const SIZE: Self = Self(3);
    /// [`HandshakeRequest`], from the agent.
    pub const HANDSHAKE_REQUEST: Self = Self(5);
    /// [`HandshakeResponse`], from the client.
    pub const HANDSHAKE_RESPONSE: Self = Self(6);
    /// [`HandshakeComplete`], from the agent.
    pub const HANDSHAKE_COMPLETE: Self = Self(7);
    /// The agent's test whether both hold the same key.
    pub const ENCRYPTION_CHALLENGE_REQUEST: Self = Self(8);
    /// The client's answer to it.
    pub const ENCRYPTION_CHALLENGE_RESPONSE: Self = Self(9);
    /// [`Flag`].
    pub const FLAG: Self = Self(10);
    /// Bytes printed on standard error, where the agent keeps them apart.
    pub const STDERR: Self = Self(11);
    /// ASCII `EXIT_CODE: n`, where the agent tells it.
    pub const EXIT_CODE: Self = Self(12);
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentMessage {
    /// What it is for.
    pub message_type: MessageType,
    /// Always 1 so far.
    pub schema_version: u32,
    /// When it was made, in Unix milliseconds; never 0.
    pub created: u64,
    /// Its place in its stream, from 0.
    pub sequence_number: i64,
    /// 1 on the agent's first message, 3 on acknowledgements, otherwise 0.
    pub flags: u64,
    /// Its own id.
    pub message_id: Uuid,
    /// What the payload is.
    pub payload_type: PayloadType,
    /// The payload.
    pub payload: Bytes,
}

/// Why a frame is no message. Official sides drop such frames without an acknowledgement, and so do we.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Too short to hold the header.
    #[error("{length} bytes are too few for a message")]
    Short {
        /// The length of the frame.
        length: usize,
    },
    /// The header length points into the header or beyond the frame.
    #[error("the header length {0} leads out of the message")]
    HeaderLength(u32),
    /// No message type.
    #[error("the message has no type")]
    NoType,
    /// No date.
    #[error("the message has no date")]
    NoDate,
    /// The payload is not the one the sender hashed.
    #[error("the payload does not match its digest")]
    Digest,
}

impl AgentMessage {
    /// Returns a message of a stream, with a fresh id and the present date.
    pub fn stream(message_type: MessageType, sequence_number: i64, payload_type: PayloadType, payload: Bytes) -> Self {
        Self {
            message_type,
            schema_version: 1,
            created: now(),
            sequence_number,
            flags: 0,
            message_id: Uuid::new_v4(),
            payload_type,
            payload,
        }
    }

    /// Returns a message that belongs to no stream: an acknowledgement or a word of the gateway.
    pub fn control(message_type: MessageType, payload: Bytes) -> Self {
        Self { flags: SYN_AND_FIN, ..Self::stream(message_type, 0, PayloadType::NONE, payload) }
    }

    /// Returns the acknowledgement of this message.
    #[must_use]
    pub fn acknowledgement(&self) -> Self {
        Self::control(MessageType::Acknowledge, Acknowledge::of(self).to_json())
    }

    /// Returns the bytes of the frame.
    pub fn encode(&self) -> Bytes {
        let mut frame = BytesMut::with_capacity(PAYLOAD + self.payload.len());
        frame.put_u32(HEADER_LENGTH as u32);
        put_padded(&mut frame, self.message_type.as_str());
        frame.put_u32(self.schema_version);
        frame.put_u64(self.created);
        frame.put_i64(self.sequence_number);
        frame.put_u64(self.flags);
        let (most, least) = self.message_id.as_u64_pair();
        frame.put_u64(least);
        frame.put_u64(most);
        frame.put_slice(&Sha256::digest(&self.payload));
        frame.put_u32(self.payload_type.0);
        frame.put_u32(self.payload.len() as u32);
        frame.put_slice(&self.payload);
        frame.freeze()
    }

    /// Reads a frame. The payload shares the frame's memory.
    pub fn decode(frame: &Bytes) -> Result<Self, Invalid> {
        let Some((header, _)) = frame.split_first_chunk::<PAYLOAD>() else {
            return Err(Invalid::Short { length: frame.len() });
        };
        let header_length = u32::from_be_bytes(at(header, 0));
        let start = (header_length as usize).checked_add(4).filter(|start| (PAYLOAD..=frame.len()).contains(start));
        let message_type = MessageType::from_field(&at::<TYPE_WIDTH>(header, 4));
        let unchecked = message_type.is_unchecked();
        let payload = match start {
            Some(start) => frame.slice(start..),
            None if unchecked => Bytes::new(),
            None => return Err(Invalid::HeaderLength(header_length)),
        };
        let message = Self {
            message_type,
            schema_version: u32::from_be_bytes(at(header, 36)),
            created: u64::from_be_bytes(at(header, 40)),
            sequence_number: i64::from_be_bytes(at(header, 48)),
            flags: u64::from_be_bytes(at(header, 56)),
            message_id: Uuid::from_u64_pair(u64::from_be_bytes(at(header, 72)), u64::from_be_bytes(at(header, 64))),
            payload_type: PayloadType(u32::from_be_bytes(at(header, 112))),
            payload,
        };
        if !unchecked {
            message.check(&at(header, 80), u32::from_be_bytes(at(header, 116)))?;
        }
        Ok(message)
    }

    /// Checks what the official sides check (`Validate` in both sources).
    fn check(&self, digest: &[u8; 32], payload_length: u32) -> Result<(), Invalid> {
        if self.message_type.as_str().is_empty() {
            return Err(Invalid::NoType);
        }
        if self.created == 0 {
            return Err(Invalid::NoDate);
        }
        if payload_length != 0 && Sha256::digest(&self.payload).as_slice() != digest {
            return Err(Invalid::Digest);
        }
        Ok(())
    }
}

/// Writes a message type, padded with spaces to its field's width.
fn put_padded(frame: &mut BytesMut, name: &str) {
    let name = &name.as_bytes()[..name.len().min(TYPE_WIDTH)];
    frame.put_slice(name);
    frame.put_bytes(b' ', TYPE_WIDTH - name.len());
}

/// Returns the `N` bytes at `offset` of a header.
fn at<const N: usize>(header: &[u8; PAYLOAD], offset: usize) -> [u8; N] {
    let mut field = [0; N];
    field.copy_from_slice(&header[offset..offset + N]);
    field
}

/// Returns the present in Unix milliseconds.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_millis() as u64)
}

#[cfg(test)]
mod tests;

//! Any bytes are a message or are refused, and a message survives being written and read again.
#![no_main]

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use ecsui::session::ssm::message::{
    Acknowledge, AgentMessage, ChannelClosed, EncryptionChallenge, Flag, HandshakeComplete, HandshakeRequest,
    HandshakeResponse, MessageType, PayloadType, TerminalSize,
};
use libfuzzer_sys::fuzz_target;
use uuid::Uuid;

/// The fields of a message as a peer may fill them.
#[derive(Debug, Arbitrary)]
struct Fields {
    message_type: [u8; 32],
    schema_version: u32,
    created: u64,
    sequence_number: i64,
    flags: u64,
    message_id: u128,
    payload_type: u32,
    payload: Vec<u8>,
}

fuzz_target!(|bytes: &[u8]| {
    read(&Bytes::copy_from_slice(bytes));
    if let Ok(fields) = Fields::arbitrary(&mut Unstructured::new(bytes)) {
        written(fields);
    }
});

/// Reads a frame, and whatever its payload may be.
fn read(frame: &Bytes) {
    for payload in [Some(frame.clone()), AgentMessage::decode(frame).ok().map(|message| message.payload)] {
        let Some(payload) = payload else { return };
        let _any = Acknowledge::from_json(&payload);
        let _any = ChannelClosed::from_json(&payload);
        let _any = EncryptionChallenge::from_json(&payload);
        let _any = Flag::from_bytes(&payload);
        let _any = HandshakeComplete::from_json(&payload);
        let _any = HandshakeRequest::from_json(&payload);
        let _any = HandshakeResponse::from_json(&payload);
        let _any = TerminalSize::from_json(&payload);
    }
    if let Ok(message) = AgentMessage::decode(frame) {
        same_again(&message);
    }
}

/// Writes a message of these fields and reads it again.
fn written(fields: Fields) {
    let name = String::from_utf8_lossy(&fields.message_type).into_owned();
    same_again(&AgentMessage {
        message_type: MessageType::Other(name),
        schema_version: fields.schema_version,
        created: fields.created,
        sequence_number: fields.sequence_number,
        flags: fields.flags,
        message_id: Uuid::from_u128(fields.message_id),
        payload_type: PayloadType(fields.payload_type),
        payload: fields.payload.into(),
    });
}

/// What is read from what was written differs at most in a type that does not fit its field.
fn same_again(message: &AgentMessage) {
    let frame = message.encode();
    let Ok(again) = AgentMessage::decode(&frame) else {
        assert!(message.created == 0 || has_no_type(&frame), "{message:?}");
        return;
    };
    let expected = AgentMessage { message_type: again.message_type.clone(), ..message.clone() };
    assert_eq!(again, expected);
    let third = AgentMessage::decode(&again.encode()).expect("what was read can be written");
    assert_eq!(third.encode(), again.encode());
}

/// Whether nothing but padding is where a frame has its type.
fn has_no_type(frame: &Bytes) -> bool {
    String::from_utf8_lossy(&frame[4..36]).chars().all(|character| character == '\0' || character.is_whitespace())
}

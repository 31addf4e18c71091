//! The codec against frames that AWS's own code made, and against anything at all.

use proptest::prelude::*;
use serde_json::json;
use uuid::uuid;

use super::*;

const GOLDEN: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/ssm_frames.txt"));

/// Returns a frame that AWS's code serialized; see the file for where it comes from.
fn golden(name: &str) -> Bytes {
    let hex = GOLDEN
        .lines()
        .filter_map(|line| line.split_once(' '))
        .find_map(|(found, hex)| (found == name).then_some(hex))
        .expect("the golden file has this frame");
    (0..hex.len()).step_by(2).map(|digit| u8::from_str_radix(&hex[digit..digit + 2], 16).unwrap()).collect()
}

fn sample(message_type: MessageType, payload_type: PayloadType, payload: impl Into<Bytes>) -> AgentMessage {
    AgentMessage {
        message_type,
        schema_version: 1,
        created: 1_503_434_274_948,
        sequence_number: 0,
        flags: 0,
        message_id: uuid!("dd01e56b-ff48-483e-a508-b5f073f31b16"),
        payload_type,
        payload: payload.into(),
    }
}

#[track_caller]
fn assert_golden(name: &str, message: &AgentMessage) {
    assert_eq!(AgentMessage::decode(&golden(name)).as_ref(), Ok(message), "{name} read");
    assert_eq!(message.encode(), golden(name), "{name} written");
}

#[test]
fn frames_are_those_of_the_official_plugin() {
    let input = MessageType::InputStreamData;
    assert_golden(
        "plugin_sample",
        &AgentMessage { sequence_number: 1, flags: 2, ..sample(input.clone(), PayloadType::NONE, "payload") },
    );
    let size = TerminalSize { cols: 80, rows: 24 };
    assert_golden("plugin_size", &sample(input, PayloadType::SIZE, size.to_json()));
}

#[test]
fn the_plugins_acknowledgement_is_ours() {
    let theirs = AgentMessage::decode(&golden("plugin_acknowledge")).unwrap();
    let acknowledged =
        AgentMessage { sequence_number: 2, ..sample(MessageType::OutputStreamData, PayloadType::OUTPUT, "anything") };
    let ours = acknowledged.acknowledgement();
    assert_eq!(ours.payload, theirs.payload);
    assert_eq!(AgentMessage { message_id: theirs.message_id, created: theirs.created, ..ours }, theirs);
    assert_eq!(theirs.encode(), golden("plugin_acknowledge"));
}

#[test]
fn frames_are_those_of_the_official_agent() {
    let output = || MessageType::OutputStreamData;
    assert_golden(
        "agent_sample",
        &AgentMessage {
            sequence_number: 1,
            flags: 2,
            ..sample(MessageType::Other("interactive_shell".to_owned()), PayloadType::NONE, "payload")
        },
    );
    assert_golden(
        "agent_first_output",
        &AgentMessage { flags: 1, ..sample(output(), PayloadType::OUTPUT, "\u{1b}[?2004h$ ") },
    );
    let typed = AgentMessage { sequence_number: 2, ..sample(MessageType::InputStreamData, PayloadType::OUTPUT, "ls") };
    assert_golden(
        "agent_acknowledge",
        &AgentMessage {
            flags: 3,
            ..sample(MessageType::Acknowledge, PayloadType::NONE, typed.acknowledgement().payload)
        },
    );
    let request = HandshakeRequest {
        agent_version: "3.3.0.0".to_owned(),
        requested_client_actions: vec![
            RequestedAction {
                action_type: "SessionType".to_owned(),
                action_parameters: json!({ "SessionType": "InteractiveCommands", "Properties": null }),
            },
            RequestedAction {
                action_type: "KMSEncryption".to_owned(),
                action_parameters: json!({
                    "KMSKeyId": "arn:aws:kms:eu-west-1:111122223333:key/abc",
                    "Challenge": "AAECAw==",
                }),
            },
        ],
    };
    let theirs = AgentMessage::decode(&golden("agent_handshake_request")).unwrap();
    assert_eq!(theirs.payload_type, PayloadType::HANDSHAKE_REQUEST);
    assert_eq!(HandshakeRequest::from_json(&theirs.payload), Some(request));
    let complete = HandshakeComplete {
        handshake_time_to_complete: 1_000_000,
        customer_message: "This session is encrypted using AWS KMS.".to_owned(),
    };
    assert_golden(
        "agent_handshake_complete",
        &AgentMessage { sequence_number: 1, ..sample(output(), PayloadType::HANDSHAKE_COMPLETE, complete.to_json()) },
    );
    let closed = AgentMessage::decode(&golden("agent_channel_closed")).unwrap();
    assert_eq!(closed.message_type, MessageType::ChannelClosed);
    let closed = ChannelClosed::from_json(&closed.payload).unwrap();
    assert_eq!((closed.session_id.as_str(), closed.output.as_str()), ("sessionId", ""));
}

#[test]
fn a_handshake_response_is_written_as_the_plugin_writes_it() {
    let response = HandshakeResponse {
        client_version: "1.2.764.0".to_owned(),
        processed_client_actions: vec![ProcessedAction {
            action_type: "SessionType".to_owned(),
            action_status: ActionStatus::SUCCESS,
            action_result: serde_json::Value::Null,
            error: String::new(),
        }],
        errors: None,
    };
    // SerializeClientMessagePayload of session-manager-plugin 61cf1288 on the same values.
    let theirs = r#"{"ClientVersion":"1.2.764.0","ProcessedClientActions":[{"ActionType":"SessionType","ActionStatus":1,"ActionResult":null,"Error":""}],"Errors":null}"#;
    assert_eq!(response.to_json(), theirs.as_bytes());
    assert_eq!(HandshakeResponse::from_json(theirs.as_bytes()), Some(response));
}

#[test]
fn a_broken_frame_is_named_for_what_is_wrong() {
    let whole = golden("plugin_sample");
    let broken = |offset: usize, bytes: &[u8]| {
        let mut frame = whole.to_vec();
        frame[offset..offset + bytes.len()].copy_from_slice(bytes);
        AgentMessage::decode(&frame.into())
    };
    assert_eq!(AgentMessage::decode(&whole.slice(..119)), Err(Invalid::Short { length: 119 }));
    assert_eq!(broken(0, &[0; 4]), Err(Invalid::HeaderLength(0)));
    assert_eq!(broken(0, &[0xff; 4]), Err(Invalid::HeaderLength(u32::MAX)));
    assert_eq!(broken(4, &[b' '; 32]), Err(Invalid::NoType));
    assert_eq!(broken(40, &[0; 8]), Err(Invalid::NoDate));
    assert_eq!(broken(120, b"P"), Err(Invalid::Digest));
    assert_eq!(broken(116, &[0; 4]).map(|message| message.payload), Ok(Bytes::from_static(b"payload")));
}

#[test]
fn a_pause_is_taken_whatever_its_header_says() {
    let mut frame = vec![0; 120];
    frame[4..21].copy_from_slice(b"pause_publication");
    assert_eq!(AgentMessage::decode(&frame.into()).map(|m| m.message_type), Ok(MessageType::PausePublication));
}

#[test]
fn a_flag_is_four_bytes() {
    assert_eq!(Flag::TERMINATE_SESSION.to_bytes(), [0, 0, 0, 2].as_slice());
    assert_eq!(Flag::from_bytes(&[0, 0, 0, 3]), Some(Flag::CONNECT_TO_PORT_ERROR));
    assert_eq!(Flag::from_bytes(&[0, 0, 3]), None);
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        name in "[!-~]([ -~]{0,30}[!-~])?",
        schema_version: u32,
        created in 1..u64::MAX,
        sequence_number: i64,
        flags: u64,
        id: u128,
        payload_type: u32,
        payload in proptest::collection::vec(any::<u8>(), 0..3000),
    ) {
        let message = AgentMessage {
            message_type: MessageType::from_field(name.as_bytes()),
            schema_version,
            created,
            sequence_number,
            flags,
            message_id: Uuid::from_u128(id),
            payload_type: PayloadType(payload_type),
            payload: payload.into(),
        };
        prop_assert_eq!(AgentMessage::decode(&message.encode()), Ok(message));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _read = AgentMessage::decode(&bytes.into());
    }

    #[test]
    fn a_changed_byte_is_read_or_refused(at in 0..127usize, to: u8) {
        let mut frame = golden("plugin_sample").to_vec();
        frame[at] = to;
        let _read = AgentMessage::decode(&frame.into());
    }
}

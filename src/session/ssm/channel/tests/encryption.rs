//! A channel whose agent encrypts the session.

use serde_json::json;

use super::{super::super::message::EncryptionResult, *};

const KEY_ID: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const CHALLENGE: &str = "0zMHCGm2mbUlTE5lB1SjPw==";

/// Returns the key that tests encrypt with: its bytes count up from 0.
pub(super) fn key() -> DataKey {
    let bytes: Vec<u8> = (0..64).collect();
    DataKey::new(&bytes, "sealed by KMS").unwrap()
}

fn agent() -> Cipher {
    Cipher::of_agent(&key())
}

fn encryption(parameters: &Value) -> Value {
    json!({ "ActionType": "KMSEncryption", "ActionParameters": parameters })
}

fn request() -> Bytes {
    let parameters = json!({ "KMSKeyId": KEY_ID, "Challenge": CHALLENGE });
    handshake_request(&json!([session_type(), encryption(&parameters)]))
}

fn challenge(number: i64, clear: &[u8]) -> Bytes {
    let challenge = EncryptionChallenge { challenge: agent().seal(clear) };
    data(number, PayloadType::ENCRYPTION_CHALLENGE_REQUEST, challenge.to_json())
}

fn complete(number: i64) -> Bytes {
    let complete =
        json!({ "HandshakeTimeToComplete": 1, "CustomerMessage": "This session is encrypted using AWS KMS." });
    data(number, PayloadType::HANDSHAKE_COMPLETE, complete.to_string())
}

fn sealed(number: i64, payload_type: PayloadType, text: &str) -> Bytes {
    data(number, payload_type, agent().seal(text.as_bytes()))
}

/// Brings a new channel through the handshake, all its messages acknowledged but the last word about its size, and
/// returns the number of the agent's next message.
pub(super) fn shake_hands(channel: &mut Channel, now: Instant) -> i64 {
    channel.on_frame(&request(), now);
    channel.on_key(Ok(key()), now);
    channel.on_frame(&challenge(1, b"same key?"), now);
    let answers = drain(channel);
    assert_eq!(sent(&answers).len(), 3, "size, response and challenge");
    for number in 0..3 {
        channel.on_frame(&acknowledge(number), now);
    }
    channel.on_frame(&complete(2), now);
    assert!(channel.next_out().is_some_and(|out| matches!(out, Out::Frame(_))), "acknowledged");
    assert_eq!(channel.next_out(), Some(Out::Notice("This session is encrypted using AWS KMS.".to_owned())));
    3
}

/// Returns what a channel sent as input, opened.
fn opened(out: &[Out]) -> Vec<u8> {
    let input = messages(out).into_iter().filter(|message| message.payload_type == PayloadType::OUTPUT);
    let input = input.filter(|message| message.message_type == MessageType::InputStreamData);
    input.flat_map(|message| agent().open(&message.payload).unwrap()).collect()
}

fn declined(out: &[Out]) -> Option<&str> {
    out.iter().find_map(|out| if let Out::Declined(reason) = out { Some(reason.as_str()) } else { None })
}

#[test]
fn the_cipher_is_that_of_others() {
    // Made with `AESGCM` of Python's cryptography 50.0.2: the key's halves count up from 0 and from 32, the nonce from
    // 100.
    let hex = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|digit| u8::from_str_radix(&hex[digit..digit + 2], 16).unwrap()).collect()
    };
    let by_agent = hex(BY_AGENT);
    let by_client = hex(BY_CLIENT);
    assert_eq!(Cipher::of_client(&key()).open(&by_agent).unwrap(), "from the agent: ä\r\n");
    assert_eq!(agent().open(&by_client).unwrap(), "from the client");
    assert_eq!(Cipher::of_client(&key()).open(&by_client), None, "each direction has its own key");
}

const BY_AGENT: &str =
    "6465666768696a6b6c6d6e6f2e69b10b599d3efb1e03388db41150dd81660b00a857c302fcca58b74e86ca7c0ed010f5";
const BY_CLIENT: &str = "6465666768696a6b6c6d6e6fd31fe1beffc59ca8fc37b3b1ef79ea304aa4511dfdbd66eafaff70ecb4c4a2";

#[test]
fn each_sealing_is_another_and_any_change_is_seen() {
    let client = Cipher::of_client(&key());
    let sealed = client.seal(b"ls\r");
    assert_eq!((sealed.len(), agent().open(&sealed).unwrap()), (3 + 28, Bytes::from_static(b"ls\r")));
    assert_ne!(client.seal(b"ls\r"), sealed);
    for byte in 0..sealed.len() {
        let mut changed = sealed.to_vec();
        changed[byte] ^= 1;
        assert_eq!(agent().open(&changed), None, "byte {byte}");
        assert_eq!(agent().open(&sealed[..byte]), None, "cut to {byte}");
    }
}

#[test]
fn the_handshake_goes_by_the_agents_contracts() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    channel.on_input(b"early ", now);
    drain(&mut channel);
    channel.on_frame(&request(), now);
    assert!(channel.is_shaking_hands());
    channel.on_input(b"held", now);
    let out = drain(&mut channel);
    let wish = KeyWish { key_id: KEY_ID.to_owned(), challenge: Some(CHALLENGE.to_owned()) };
    assert!(out.contains(&Out::WantsKey(wish)), "{out:?}");
    assert_eq!((sent(&out), acknowledged(&out)), (vec![], vec![0]));

    channel.on_key(Ok(key()), now);
    let answers = sent(&drain(&mut channel));
    let [(PayloadType::HANDSHAKE_RESPONSE, response)] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!(
        serde_json::from_str::<Value>(response).unwrap(),
        json!({
            "ClientVersion": CLIENT_VERSION,
            "ProcessedClientActions": [
                { "ActionType": "SessionType", "ActionStatus": 1, "ActionResult": null, "Error": "" },
                { "ActionType": "KMSEncryption", "ActionStatus": 1, "ActionResult": {
                    "KMSCipherTextKey": "c2VhbGVkIGJ5IEtNUw==", "KMSCipherTextHash": null,
                    "ChallengeAcknowledgement": true,
                }, "Error": "" },
            ],
            "Errors": null,
        })
    );

    channel.on_frame(&challenge(1, b"sixty-four bytes"), now);
    let answers = sent(&drain(&mut channel));
    let [(PayloadType::ENCRYPTION_CHALLENGE_RESPONSE, response)] = &answers[..] else { panic!("{answers:?}") };
    let response = EncryptionChallenge::from_json(response.as_bytes()).unwrap();
    assert_eq!(agent().open(&response.challenge).unwrap(), "sixty-four bytes");

    channel.on_frame(&complete(2), now);
    assert!(!channel.is_shaking_hands());
    let out = drain(&mut channel);
    assert_eq!(opened(&out), b"early held");
    // The size stays clear, and goes first.
    assert_eq!(sent(&out)[0], size_message(80, 24));
    channel.on_frame(&sealed(3, PayloadType::OUTPUT, "out"), now);
    channel.on_frame(&sealed(4, PayloadType::STDERR, "err"), now);
    channel.on_frame(&sealed(5, PayloadType::EXIT_CODE, "EXIT_CODE: 7"), now);
    channel.on_frame(
        &AgentMessage::control(MessageType::ChannelClosed, ChannelClosed::new("id", "").to_json()).encode(),
        now,
    );
    let out: Vec<_> = drain(&mut channel).into_iter().filter(|out| !matches!(out, Out::Frame(_))).collect();
    let closed = Out::Closed { reason: String::new(), code: Some(7) };
    assert_eq!(out, [Out::Output("out".into()), Out::Stderr("err".into()), closed]);
}

#[test]
fn an_agent_without_a_challenge_gets_none() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    channel.on_frame(&handshake_request(&json!([encryption(&json!({ "KMSKeyId": "alias/ecs" }))])), now);
    let wish = KeyWish { key_id: "alias/ecs".to_owned(), challenge: None };
    assert!(drain(&mut channel).contains(&Out::WantsKey(wish)));
    channel.on_key(Ok(key()), now);
    let (_, response) = sent(&drain(&mut channel)).pop().unwrap();
    let response = HandshakeResponse::from_json(response.as_bytes()).unwrap();
    let result = EncryptionResult::from_value(&response.processed_client_actions[0].action_result).unwrap();
    assert!(!result.holds_challenge);
}

#[test]
fn what_is_typed_into_a_handshake_is_taken_back_before_it_jams_the_agent() {
    let start = Instant::now();
    let mut channel = Channel::new(SIZE, start);
    channel.on_input(b"in the clear", start);
    assert!(sent(&drain(&mut channel)).contains(&typed("in the clear")));
    channel.on_frame(&request(), start);
    drain(&mut channel);
    let due = channel.next_deadline().unwrap();
    channel.on_tick(due);
    let again = messages(&drain(&mut channel));
    let again: Vec<_> = again.iter().map(|message| (message.sequence_number, message.payload_type)).collect();
    assert_eq!(again, [(0, PayloadType::SIZE), (1, PayloadType::SIZE)]);
}

#[test]
fn what_comes_twice_is_answered_once() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    drain(&mut channel);
    channel.on_frame(&request(), now);
    drain(&mut channel);
    channel.on_frame(&request(), now);
    let out = drain(&mut channel);
    assert_eq!((out.len(), acknowledged(&out)), (1, vec![0]));
    channel.on_key(Ok(key()), now);
    channel.on_key(Ok(key()), now);
    assert_eq!(sent(&drain(&mut channel)).len(), 1);
    let question = challenge(1, b"same key?");
    channel.on_frame(&question, now);
    drain(&mut channel);
    channel.on_frame(&question, now);
    let out = drain(&mut channel);
    assert_eq!((out.len(), acknowledged(&out)), (1, vec![1]));
}

#[test]
fn a_request_after_the_key_changes_nothing() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    let number = shake_hands(&mut channel, now);
    drain(&mut channel);
    let again = json!({ "AgentVersion": "3.3.0.0", "RequestedClientActions": [session_type()] }).to_string();
    channel.on_frame(&data(number, PayloadType::HANDSHAKE_REQUEST, again), now);
    channel.on_input(b"still sealed", now);
    assert_eq!(opened(&drain(&mut channel)), b"still sealed");
}

#[test]
fn a_refused_key_ends_the_session_with_its_name() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    drain(&mut channel);
    channel.on_frame(&request(), now);
    channel.on_key(Err("access denied".to_owned()), now);
    let out = drain(&mut channel);
    let expected = [("SessionType", ActionStatus::SUCCESS), ("KMSEncryption", ActionStatus::FAILED)].map(owned);
    assert_eq!(response(&out), expected);
    let reason = format!("no key for this session (kms:GenerateDataKey with {KEY_ID}): access denied");
    assert_eq!(declined(&out), Some(reason.as_str()));
}

#[test]
fn no_key_is_asked_for_in_vain() {
    let now = Instant::now();
    let port = json!({ "ActionType": "SessionType", "ActionParameters": { "SessionType": "Port" } });
    for actions in [json!([port, encryption(&json!({ "KMSKeyId": KEY_ID }))]), json!([encryption(&json!({}))])] {
        let mut channel = Channel::new(SIZE, now);
        channel.on_frame(&handshake_request(&actions), now);
        let out = drain(&mut channel);
        assert!(!out.iter().any(|out| matches!(out, Out::WantsKey(_))), "{out:?}");
        assert!(declined(&out).is_some(), "{out:?}");
    }
}

#[test]
fn what_the_key_does_not_open_ends_the_session_and_leaves_no_hole() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    let number = shake_hands(&mut channel, now);
    drain(&mut channel);
    channel.on_frame(&sealed(number + 2, PayloadType::OUTPUT, "after"), now);
    channel.on_frame(&sealed(number, PayloadType::OUTPUT, "before"), now);
    channel.on_frame(&output(number + 1, "not sealed, and long enough to be"), now);
    channel.on_frame(&sealed(number + 3, PayloadType::OUTPUT, "later"), now);
    let out: Vec<_> = drain(&mut channel).into_iter().filter(|out| !matches!(out, Out::Frame(_))).collect();
    let reason = "the agent sent output that the session's key does not open".to_owned();
    assert_eq!(out, [Out::Output("before".into()), Out::Declined(reason)]);
}

#[test]
fn an_agent_that_goes_on_without_the_key_is_left() {
    let now = Instant::now();
    for (number, frame) in [output(1, "in the clear"), complete(1)].into_iter().enumerate() {
        let mut channel = Channel::new(SIZE, now);
        channel.on_frame(&request(), now);
        channel.on_frame(&frame, now);
        assert!(declined(&drain(&mut channel)).is_some(), "{number}");
        channel.on_input(b"secret", now);
        assert_eq!(sent(&drain(&mut channel)), [], "{number}");
    }
}

#[test]
fn another_key_is_noticed_by_the_challenge() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    channel.on_frame(&request(), now);
    channel.on_key(Ok(DataKey::new(&[9; 64], "other").unwrap()), now);
    drain(&mut channel);
    channel.on_frame(&challenge(1, b"same key?"), now);
    assert_eq!(declined(&drain(&mut channel)), Some("the agent has another key than this session's"));
}

#[test]
fn a_cut_keeps_the_key_and_what_was_sealed() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    let number = shake_hands(&mut channel, now);
    channel.on_input(b"typed", now);
    let first = drain(&mut channel);
    channel.on_reconnect(now);
    let again = drain(&mut channel);
    let frames = |out: &[Out]| -> Vec<Bytes> {
        let input = messages(out).into_iter().filter(|message| message.payload_type == PayloadType::OUTPUT);
        input.map(|message| message.payload).collect()
    };
    assert_eq!(frames(&again), frames(&first), "the same message, not the same words sealed anew");
    channel.on_frame(&sealed(number, PayloadType::OUTPUT, "on"), now);
    assert!(drain(&mut channel).contains(&Out::Output("on".into())));
}

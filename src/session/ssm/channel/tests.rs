//! The channel against an agent that is nothing but the protocol, over wires that lose, double and exchange frames.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{super::message::ActionStatus, *};

mod encryption;

const SIZE: Size = Size { columns: 80, rows: 24 };

/// Returns everything a channel wants done.
fn drain(channel: &mut Channel) -> Vec<Out> {
    std::iter::from_fn(|| channel.next_out()).collect()
}

/// Returns the messages among what a channel wants done.
fn messages(out: &[Out]) -> Vec<AgentMessage> {
    let frames = out.iter().filter_map(|out| if let Out::Frame(frame) = out { Some(frame) } else { None });
    frames.map(|frame| AgentMessage::decode(frame).unwrap()).collect()
}

/// Returns what a channel sent, without acknowledgements: payload type and text.
fn sent(out: &[Out]) -> Vec<(PayloadType, String)> {
    let data = messages(out).into_iter().filter(|message| message.message_type == MessageType::InputStreamData);
    data.map(|message| (message.payload_type, String::from_utf8_lossy(&message.payload).into_owned())).collect()
}

/// Returns which messages a channel acknowledged.
fn acknowledged(out: &[Out]) -> Vec<i64> {
    let acknowledgements = messages(out).into_iter().filter(|message| message.message_type == MessageType::Acknowledge);
    acknowledgements.map(|message| Acknowledge::from_json(&message.payload).unwrap().sequence_number).collect()
}

fn data(number: i64, payload_type: PayloadType, payload: impl Into<Bytes>) -> Bytes {
    AgentMessage::stream(MessageType::OutputStreamData, number, payload_type, payload.into()).encode()
}

fn output(number: i64, text: &str) -> Bytes {
    data(number, PayloadType::OUTPUT, text.to_owned())
}

fn acknowledge(number: i64) -> Bytes {
    AgentMessage::stream(MessageType::InputStreamData, number, PayloadType::OUTPUT, Bytes::new())
        .acknowledgement()
        .encode()
}

fn control(message_type: MessageType) -> Bytes {
    AgentMessage::control(message_type, Bytes::new()).encode()
}

fn handshake_request(actions: &Value) -> Bytes {
    let request = json!({ "AgentVersion": "3.3.0.0", "RequestedClientActions": actions });
    data(0, PayloadType::HANDSHAKE_REQUEST, request.to_string())
}

fn session_type() -> Value {
    json!({ "ActionType": "SessionType", "ActionParameters": { "SessionType": "InteractiveCommands" } })
}

fn response(out: &[Out]) -> Vec<(String, ActionStatus)> {
    let sent = sent(out);
    let (_, payload) = sent.iter().find(|(kind, _)| *kind == PayloadType::HANDSHAKE_RESPONSE).unwrap();
    let response = HandshakeResponse::from_json(payload.as_bytes()).unwrap();
    response.processed_client_actions.into_iter().map(|action| (action.action_type, action.action_status)).collect()
}

fn size_message(columns: u16, rows: u16) -> (PayloadType, String) {
    (PayloadType::SIZE, format!("{{\"cols\":{columns},\"rows\":{rows}}}"))
}

fn typed(text: &str) -> (PayloadType, String) {
    (PayloadType::OUTPUT, text.to_owned())
}

#[test]
fn the_size_goes_first() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    channel.on_input(b"ls\r", now);
    assert_eq!(sent(&drain(&mut channel)), [size_message(80, 24), typed("ls\r")]);
    channel.on_resize(Size { columns: 100, rows: 30 }, now);
    assert_eq!(sent(&drain(&mut channel)), [size_message(100, 30)]);
}

#[test]
fn output_comes_in_order_and_once() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    drain(&mut channel);
    for frame in [output(2, "c"), output(0, "a"), output(0, "a"), output(1, "b"), output(2, "c")] {
        channel.on_frame(&frame, now);
    }
    let out = drain(&mut channel);
    let printed: Vec<_> = out.iter().filter(|out| matches!(out, Out::Output(_))).cloned().collect();
    assert_eq!(printed, ["a", "b", "c"].map(|text| Out::Output(Bytes::from_static(text.as_bytes()))));
    // What was seen is acknowledged again: the acknowledgement may have been lost.
    assert_eq!(acknowledged(&out), [2, 0, 0, 1, 2]);
}

#[test]
fn what_finds_no_room_is_not_acknowledged() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    drain(&mut channel);
    channel.on_frame(&output(10_001, "far ahead"), now);
    channel.on_frame(&output(i64::MAX, "absurd"), now);
    assert_eq!(drain(&mut channel), []);
    channel.on_frame(&output(-1, "negative"), now);
    assert_eq!(acknowledged(&drain(&mut channel)), [-1]);
}

#[test]
fn a_full_window_stops_the_input_and_loses_nothing() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    channel.on_frame(&output(0, "ready"), now);
    let text = vec![b'x'; 100 * LARGEST_PAYLOAD];
    channel.on_input(&text, now);
    assert!(!channel.wants_input());
    let first = sent(&drain(&mut channel));
    assert_eq!(first.len(), 64);
    assert!(first.iter().all(|(_, text)| text.len() <= LARGEST_PAYLOAD));
    let mut received: usize = first[1..].iter().map(|(_, text)| text.len()).sum();
    for number in 0..164 {
        channel.on_frame(&acknowledge(number), now);
        received += sent(&drain(&mut channel)).iter().map(|(_, text)| text.len()).sum::<usize>();
    }
    assert_eq!(received, text.len());
    assert!(channel.wants_input());
    assert_eq!(channel.next_deadline(), None);
}

#[test]
fn more_than_a_handshake_may_lose_waits_until_there_is_none() {
    let start = Instant::now();
    let mut channel = Channel::new(SIZE, start);
    channel.on_input(&vec![b'x'; REMEMBERED + 1], start);
    for number in 0..64 {
        channel.on_frame(&acknowledge(number), start);
    }
    let sent_so_far = sent(&drain(&mut channel)).len();
    assert_eq!(sent_so_far, 1 + REMEMBERED / LARGEST_PAYLOAD);
    channel.on_frame(&acknowledge(64), start);
    assert_eq!(channel.next_deadline(), Some(start + SHYNESS));
    channel.on_tick(start + SHYNESS);
    assert_eq!(sent(&drain(&mut channel)), [typed("x")]);

    let mut channel = Channel::new(SIZE, start);
    channel.on_input(&vec![b'x'; REMEMBERED + 1], start);
    channel.on_frame(&output(0, "ready"), start);
    channel.on_frame(&acknowledge(0), start);
    channel.on_frame(&acknowledge(1), start);
    assert_eq!(sent(&drain(&mut channel)).len(), 66, "an agent that prints wants no handshake");
}

#[test]
fn everything_overdue_is_sent_again() {
    let start = Instant::now();
    let mut channel = Channel::new(SIZE, start);
    channel.on_frame(&acknowledge(99), start);
    channel.on_input(b"a", start);
    channel.on_input(b"b", start);
    drain(&mut channel);
    let due = channel.next_deadline().unwrap();
    assert!(due > start && due <= start + Duration::from_secs(1), "{:?}", due - start);
    channel.on_tick(due);
    assert_eq!(sent(&drain(&mut channel)), [size_message(80, 24), typed("a"), typed("b")]);
    channel.on_frame(&acknowledge(1), due);
    let again = channel.next_deadline().unwrap();
    assert!(again - due > due - start, "each attempt waits longer");
    channel.on_tick(again);
    assert_eq!(sent(&drain(&mut channel)), [size_message(80, 24), typed("b")]);
}

#[test]
fn on_a_long_way_little_is_sent_twice() {
    let mut now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    channel.on_frame(&output(0, "ready"), now);
    channel.on_frame(&acknowledge(0), now);
    let mut frames = 0;
    for number in 1..=100 {
        drain(&mut channel);
        channel.on_input(b"k", now);
        let arrives = now + Duration::from_millis(250);
        while let Some(due) = channel.next_deadline().filter(|due| *due < arrives) {
            channel.on_tick(due);
        }
        frames += sent(&drain(&mut channel)).len();
        now = arrives;
        channel.on_frame(&acknowledge(number), now);
    }
    assert!(frames < 115, "{frames} frames for 100 keys");
}

#[test]
fn an_agent_that_is_not_there_yet_is_tried_again_soon() {
    let start = Instant::now();
    let mut channel = Channel::new(SIZE, start);
    drain(&mut channel);
    let mut now = start;
    for _ in 0..10 {
        now = channel.next_deadline().unwrap();
        channel.on_tick(now);
        assert_eq!(sent(&drain(&mut channel)), [size_message(80, 24)]);
    }
    assert!(now - start < Duration::from_millis(500));
}

#[test]
fn a_pause_holds_the_input_and_ends_by_itself() {
    let start = Instant::now();
    let mut channel = Channel::new(SIZE, start);
    drain(&mut channel);
    channel.on_frame(&control(MessageType::PausePublication), start);
    channel.on_input(b"a", start);
    assert_eq!(drain(&mut channel), []);
    channel.on_frame(&control(MessageType::StartPublication), start);
    assert_eq!(sent(&drain(&mut channel)), [typed("a")]);
    channel.on_frame(&control(MessageType::PausePublication), start);
    channel.on_input(b"b", start);
    channel.on_tick(channel.next_deadline().unwrap());
    assert!(sent(&drain(&mut channel)).contains(&typed("b")));
}

#[test]
fn after_a_cut_all_that_is_not_acknowledged_goes_again() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    channel.on_input(b"a", now);
    channel.on_input(b"b", now);
    channel.on_frame(&acknowledge(1), now);
    channel.on_reconnect(now);
    assert_eq!(sent(&drain(&mut channel)), [size_message(80, 24), typed("b"), size_message(80, 24)]);
}

#[test]
fn input_waits_for_the_handshake_and_what_it_cost_goes_again() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    channel.on_input(b"early ", now);
    drain(&mut channel);
    channel.on_frame(&handshake_request(&json!([session_type()])), now);
    channel.on_input(b"held", now);
    let out = drain(&mut channel);
    assert_eq!(response(&out), [("SessionType".to_owned(), ActionStatus::SUCCESS)]);
    assert_eq!(sent(&out).len(), 1);
    // The agent sends its request again when our acknowledgement was lost: no second answer.
    channel.on_frame(&handshake_request(&json!([session_type()])), now);
    let out = drain(&mut channel);
    assert_eq!((sent(&out), acknowledged(&out)), (vec![], vec![0]));
    let complete = json!({ "HandshakeTimeToComplete": 1, "CustomerMessage": "hello" }).to_string();
    channel.on_frame(&data(1, PayloadType::HANDSHAKE_COMPLETE, complete), now);
    let out = drain(&mut channel);
    assert_eq!(sent(&out), [size_message(80, 24), typed("early held")]);
    assert!(out.contains(&Out::Notice("hello".to_owned())));
}

#[test]
fn what_is_not_known_is_declined_or_passed_over() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    drain(&mut channel);
    let port = json!({ "ActionType": "SessionType", "ActionParameters": { "SessionType": "Port" } });
    channel.on_frame(&handshake_request(&json!([port, { "ActionType": "Dance" }])), now);
    let expected = [("SessionType", ActionStatus::FAILED), ("Dance", ActionStatus::UNSUPPORTED)].map(owned);
    assert_eq!(response(&drain(&mut channel)), expected);
    channel.on_frame(&data(1, PayloadType(99), "?"), now);
    channel.on_frame(&control(MessageType::Other("new_thing".to_owned())), now);
    channel.on_frame(&Bytes::from_static(b"no message"), now);
    channel.on_frame(&output(2, "on"), now);
    let out = drain(&mut channel);
    assert_eq!(acknowledged(&out), [1, 2]);
    assert!(out.contains(&Out::Output(Bytes::from_static(b"on"))));
}

fn owned((name, status): (&str, ActionStatus)) -> (String, ActionStatus) {
    (name.to_owned(), status)
}

#[test]
fn the_end_comes_with_its_reason() {
    let now = Instant::now();
    let closed = |reason: &str| {
        let mut channel = Channel::new(SIZE, now);
        drain(&mut channel);
        let payload = ChannelClosed::new("id", reason).to_json();
        channel.on_frame(&data(0, PayloadType::EXIT_CODE, "EXIT_CODE: 3"), now);
        channel.on_frame(&AgentMessage::control(MessageType::ChannelClosed, payload).encode(), now);
        drain(&mut channel).pop().unwrap()
    };
    assert_eq!(closed(""), Out::Closed { reason: String::new(), code: Some(3) });
    let failure = "\n----------ERROR-------\nUnable to start command: x\n\n";
    assert_eq!(closed(failure), Out::Closed { reason: "Unable to start command: x".to_owned(), code: Some(3) });
}

#[test]
fn an_end_before_all_has_come_is_said() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    channel.on_frame(&output(1, "b"), now);
    channel.on_frame(&control(MessageType::ChannelClosed), now);
    let out = drain(&mut channel);
    let ends = [Out::Notice(GAP.to_owned()), Out::Closed { reason: String::new(), code: None }];
    assert_eq!(out[out.len() - 2..], ends);
}

#[test]
fn nothing_follows_the_end() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    drain(&mut channel);
    for reason in ["the task has stopped", "", "another"] {
        let payload = ChannelClosed::new("id", reason).to_json();
        channel.on_frame(&AgentMessage::control(MessageType::ChannelClosed, payload).encode(), now);
    }
    channel.on_frame(&output(0, "late"), now);
    let first = Out::Closed { reason: "the task has stopped".to_owned(), code: None };
    assert_eq!(drain(&mut channel), [first]);
}

#[test]
fn the_end_of_input_ends_the_line_too() {
    let now = Instant::now();
    let mut channel = Channel::new(SIZE, now);
    drain(&mut channel);
    channel.on_end_of_input(now);
    channel.on_input(b"a", now);
    channel.on_end_of_input(now);
    assert_eq!(sent(&drain(&mut channel)), [typed("\x04"), typed("a"), typed("\x04\x04")]);
}

/// The far side as the protocol has it, and nothing more.
#[derive(Default)]
struct Agent {
    expected: i64,
    early: BTreeMap<i64, AgentMessage>,
    received: Vec<u8>,
    unacknowledged: BTreeMap<i64, Bytes>,
    cipher: Option<Cipher>,
}

impl Agent {
    /// Takes a frame and returns the answer.
    fn on_frame(&mut self, frame: &Bytes) -> Option<Bytes> {
        let message = AgentMessage::decode(frame).unwrap();
        if message.message_type == MessageType::Acknowledge {
            let number = Acknowledge::from_json(&message.payload).unwrap().sequence_number;
            self.unacknowledged.remove(&number);
            return None;
        }
        let acknowledgement = message.acknowledgement().encode();
        if message.sequence_number >= self.expected {
            self.early.insert(message.sequence_number, message);
        }
        while let Some(next) = self.early.remove(&self.expected) {
            self.expected += 1;
            if next.payload_type == PayloadType::OUTPUT {
                match &self.cipher {
                    Some(cipher) => self.received.extend_from_slice(&cipher.open(&next.payload).unwrap()),
                    None => self.received.extend_from_slice(&next.payload),
                }
            }
        }
        Some(acknowledgement)
    }
}

/// What a wire does with the frame that enters it.
#[derive(Debug, Clone)]
enum Fate {
    Arrive,
    Lose,
    Double,
    /// Arrive behind up to so many later frames.
    Overtaken(usize),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Arrive),
        2 => Just(Fate::Lose),
        1 => Just(Fate::Double),
        2 => (1..20usize).prop_map(Fate::Overtaken),
    ]
}

/// A wire with a schedule of fates; when that is used up, everything arrives.
struct Wire {
    fates: std::vec::IntoIter<Fate>,
    frames: VecDeque<Bytes>,
}

impl Wire {
    fn enter(&mut self, frame: Bytes) {
        match self.fates.next().unwrap_or(Fate::Arrive) {
            Fate::Arrive => self.frames.push_back(frame),
            Fate::Lose => {}
            Fate::Double => self.frames.extend([frame.clone(), frame]),
            Fate::Overtaken(by) => {
                let at = self.frames.len().saturating_sub(by);
                self.frames.insert(at, frame);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_schedule_delivers_once_and_in_order_both_ways(
        to_agent in proptest::collection::vec(fate(), 0..300),
        to_client in proptest::collection::vec(fate(), 0..300),
        typed in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..3000), 0..20),
        printed in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..1027), 0..60),
        cuts in proptest::collection::vec(1..50usize, 0..4),
        is_encrypted in any::<bool>(),
    ) {
        let mut now = Instant::now();
        let mut channel = Channel::new(SIZE, now);
        let mut agent = Agent::default();
        let mut first_number = 0;
        if is_encrypted {
            first_number = encryption::shake_hands(&mut channel, now);
            agent.expected = 3;
            agent.cipher = Some(Cipher::of_agent(&encryption::key()));
        }
        let mut there = Wire { fates: to_agent.into_iter(), frames: VecDeque::new() };
        let mut back = Wire { fates: to_client.into_iter(), frames: VecDeque::new() };
        let (all_typed, all_printed) = (typed.concat(), printed.concat());
        for (number, payload) in (first_number..).zip(printed) {
            let payload = agent.cipher.as_ref().map_or(Bytes::from(payload.clone()), |cipher| cipher.seal(&payload));
            let frame = data(number, PayloadType::OUTPUT, payload);
            agent.unacknowledged.insert(number, frame.clone());
            back.enter(frame);
        }
        let mut typing = typed.into_iter();
        let mut cuts = cuts.into_iter();
        let mut cut_in = cuts.next();
        let mut received = Vec::new();
        let mut rounds = 0;
        loop {
            rounds += 1;
            prop_assert!(rounds < 100_000, "no progress");
            for out in drain(&mut channel) {
                match out {
                    Out::Frame(frame) => there.enter(frame),
                    Out::Output(bytes) => received.extend_from_slice(&bytes),
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            if let Some(left) = &mut cut_in {
                *left -= 1;
                if *left == 0 {
                    cut_in = cuts.next();
                    there.frames.clear();
                    back.frames.clear();
                    channel.on_reconnect(now);
                    continue;
                }
            }
            if channel.wants_input() && let Some(bytes) = typing.next() {
                channel.on_input(&bytes, now);
            } else if let Some(frame) = there.frames.pop_front() {
                if let Some(answer) = agent.on_frame(&frame) {
                    back.enter(answer);
                }
            } else if let Some(frame) = back.frames.pop_front() {
                channel.on_frame(&frame, now);
            } else if let Some(frame) = agent.unacknowledged.values().next().cloned() {
                // The agent repeats its oldest message.
                back.enter(frame);
            } else if let Some(deadline) = channel.next_deadline() {
                now = deadline;
                channel.on_tick(now);
            } else {
                break;
            }
        }
        prop_assert_eq!(received, all_printed);
        prop_assert_eq!(agent.received, all_typed);
    }

    #[test]
    fn any_frame_is_survived(frames in proptest::collection::vec(
        (any::<i64>(), 0..15u32, "[a-z_]{0,32}|output_stream_data|acknowledge", "\\PC{0,40}"), 0..20)) {
        let now = Instant::now();
        let mut channel = Channel::new(SIZE, now);
        for (sequence_number, payload_type, name, payload) in frames {
            let message_type = match name.as_str() {
                "output_stream_data" => MessageType::OutputStreamData,
                "acknowledge" => MessageType::Acknowledge,
                _ => MessageType::Other(name),
            };
            let message =
                AgentMessage::stream(message_type, sequence_number, PayloadType(payload_type), payload.into());
            channel.on_frame(&message.encode(), now);
            drain(&mut channel);
        }
    }
}

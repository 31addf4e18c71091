//! Whatever the wire does to the frames, both streams arrive once and in order; whatever comes over it, nothing breaks.
#![no_main]

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use arbitrary::Arbitrary;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use bytes::Bytes;
use ecsui::session::{
    DataKey, Size,
    ssm::{
        channel::{Channel, Out},
        message::{
            Acknowledge, AgentMessage, EncryptionChallenge, HandshakeComplete, HandshakeRequest, LARGEST_PAYLOAD,
            MessageType, PayloadType, RequestedAction, TerminalSize,
        },
    },
};
use libfuzzer_sys::fuzz_target;

/// What is played.
#[derive(Debug, Arbitrary)]
enum Play {
    /// An honest agent behind a wire that is none.
    Wire { handshake: Wish, steps: Vec<Step> },
    /// A far side that keeps to nothing.
    Hostile(Vec<Attack>),
}

/// What an agent wants settled first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Arbitrary)]
enum Wish {
    Nothing,
    SessionType,
    Encryption,
}

/// Something that happens between a channel and an honest agent.
#[derive(Debug, Arbitrary)]
enum Step {
    /// The person types so many bytes.
    Type(u16),
    /// The program prints so many bytes.
    Print(u16),
    Resize(u8, u8),
    /// The oldest frame of a direction arrives.
    Pass(Way),
    /// Another one does.
    Overtake(Way, u8),
    Lose(Way),
    Double(Way),
    /// A bit of the payload is turned.
    Spoil(Way, u16),
    /// KMS answers, if it was asked.
    Key,
    /// Time passes, in milliseconds.
    Wait(u16),
    /// The connection is lost with everything on it, and there is a new one.
    Reconnect,
    Pause,
    Start,
    /// A message that nobody knows, in the agent's sequence.
    Novelty(u8),
    /// One that is in no sequence.
    Stranger(u8),
}

/// Which way a frame travels.
#[derive(Debug, Clone, Copy, Arbitrary)]
enum Way {
    ToAgent,
    ToClient,
}

/// Something that comes from a hostile far side, or happens meanwhile.
#[derive(Debug, Arbitrary)]
enum Attack {
    Bytes(Vec<u8>),
    Message {
        kind: u8,
        number: i64,
        payload_type: u8,
        payload: Vec<u8>,
    },
    Acknowledge(i64),
    Type(u8),
    /// KMS answers, or refuses, asked or not.
    Key(bool),
    Wait(u16),
    Reconnect,
}

fuzz_target!(|play: Play| {
    match play {
        Play::Wire { handshake, steps } => honest(handshake, steps),
        Play::Hostile(attacks) => hostile(attacks),
    }
});

/// Plays the steps, lets everything arrive, and compares what was sent with what was received.
fn honest(handshake: Wish, steps: Vec<Step>) {
    let mut wire = Wire::new(handshake);
    for step in steps {
        wire.step(step);
    }
    wire.settle();
    assert!(wire.printed == wire.agent.printed, "printed: {} of {}", wire.printed.len(), wire.agent.printed.len());
    assert!(wire.agent.typed == wire.typed, "typed: {} of {}", wire.agent.typed.len(), wire.typed.len());
    assert_eq!(wire.agent.size, Some(wire.size), "size");
}

fn hostile(attacks: Vec<Attack>) {
    let mut now = Instant::now();
    let mut channel = Channel::new(Size { columns: 80, rows: 24 }, now);
    for attack in attacks {
        match attack {
            Attack::Bytes(bytes) => channel.on_frame(&bytes.into(), now),
            Attack::Message { kind, number, payload_type, payload } => {
                let payload_type = PayloadType(payload_type.into());
                let message = AgentMessage::stream(message_type(kind), number, payload_type, payload.into());
                channel.on_frame(&message.encode(), now);
            }
            Attack::Acknowledge(number) => channel.on_frame(&acknowledgement(number), now),
            Attack::Type(length) if channel.wants_input() => channel.on_input(&vec![b'x'; length.into()], now),
            Attack::Type(_) => {}
            Attack::Key(given) => channel.on_key(given.then(data_key).ok_or_else(|| "refused".to_owned()), now),
            Attack::Wait(milliseconds) => {
                now += Duration::from_millis(milliseconds.into());
                channel.on_tick(now);
            }
            Attack::Reconnect => channel.on_reconnect(now),
        }
        while let Some(out) = channel.next_out() {
            if let Out::Frame(frame) = out {
                assert!(AgentMessage::decode(&frame).is_ok_and(|message| message.payload.len() <= 64 * 1024));
            }
        }
    }
}

fn message_type(kind: u8) -> MessageType {
    match kind % 8 {
        0 => MessageType::InputStreamData,
        1 => MessageType::Acknowledge,
        2 => MessageType::ChannelClosed,
        3 => MessageType::StartPublication,
        4 => MessageType::PausePublication,
        5 => MessageType::AgentSessionState,
        6 => MessageType::Other("novelty".to_owned()),
        _ => MessageType::OutputStreamData,
    }
}

fn acknowledgement(number: i64) -> Bytes {
    AgentMessage::stream(MessageType::InputStreamData, number, PayloadType::OUTPUT, Bytes::new())
        .acknowledgement()
        .encode()
}

/// A channel, an agent, and the two directions between them.
struct Wire {
    channel: Channel,
    agent: Agent,
    now: Instant,
    to_agent: VecDeque<Bytes>,
    to_client: VecDeque<Bytes>,
    typed: Vec<u8>,
    printed: Vec<u8>,
    size: (u32, u32),
    wants_key: bool,
}

impl Wire {
    fn new(handshake: Wish) -> Self {
        let now = Instant::now();
        let mut wire = Self {
            channel: Channel::new(Size { columns: 80, rows: 24 }, now),
            agent: Agent::default(),
            now,
            to_agent: VecDeque::new(),
            to_client: VecDeque::new(),
            typed: Vec::new(),
            printed: Vec::new(),
            size: (80, 24),
            wants_key: false,
        };
        wire.agent.ask(handshake);
        wire.collect();
        wire
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Type(length) => {
                if self.channel.wants_input() {
                    let bytes = numbered(self.typed.len(), length);
                    self.channel.on_input(&bytes, self.now);
                    self.typed.extend(bytes);
                }
            }
            Step::Print(length) => {
                let bytes = numbered(self.agent.printed.len(), length);
                self.agent.print(&bytes);
            }
            Step::Resize(columns, rows) => {
                let size = Size { columns: columns.into(), rows: rows.into() };
                self.size = (size.columns.into(), size.rows.into());
                self.channel.on_resize(size, self.now);
            }
            Step::Pass(way) => self.pass(way, 0),
            Step::Overtake(way, index) => self.pass(way, index.into()),
            Step::Lose(way) => drop(self.lane(way).pop_front()),
            Step::Double(way) => {
                let first = self.lane(way).front().cloned();
                self.lane(way).extend(first);
            }
            Step::Spoil(way, bit) => self.spoil(way, bit),
            Step::Key => self.give_key(),
            Step::Wait(milliseconds) => {
                // An agent's question gets through before a client gives up expecting it.
                let milliseconds = if self.agent.is_in_handshake { milliseconds % 4 } else { milliseconds };
                self.wait(Duration::from_millis(milliseconds.into()));
            }
            Step::Reconnect => {
                self.to_agent.clear();
                self.to_client.clear();
                self.agent.backlog.clear();
                self.channel.on_reconnect(self.now);
            }
            Step::Pause => self.to_client.push_back(control(MessageType::PausePublication)),
            Step::Start => self.to_client.push_back(control(MessageType::StartPublication)),
            Step::Novelty(number) => {
                self.agent.send(PayloadType(100 + u32::from(number)), Bytes::from_static(b"novelty"));
            }
            Step::Stranger(number) => {
                let stranger = MessageType::Other(format!("stranger_{number}"));
                self.to_client.push_back(control(stranger));
            }
        }
        self.collect();
    }

    /// Lets everything arrive.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            self.give_key();
            while !self.to_agent.is_empty() || !self.to_client.is_empty() {
                self.pass(Way::ToAgent, 0);
                self.pass(Way::ToClient, 0);
                self.collect();
            }
            if !self.wants_key && self.agent.unacknowledged.is_empty() && self.channel.next_deadline().is_none() {
                return;
            }
            self.wait(Duration::from_millis(500));
            self.collect();
        }
        panic!("the streams do not come to rest");
    }

    fn give_key(&mut self) {
        if std::mem::take(&mut self.wants_key) {
            self.channel.on_key(Ok(data_key()), self.now);
        }
    }

    fn lane(&mut self, way: Way) -> &mut VecDeque<Bytes> {
        match way {
            Way::ToAgent => &mut self.to_agent,
            Way::ToClient => &mut self.to_client,
        }
    }

    fn pass(&mut self, way: Way, index: usize) {
        let lane = self.lane(way);
        let index = index.min(lane.len().saturating_sub(1));
        let Some(frame) = lane.remove(index) else { return };
        match way {
            Way::ToAgent => self.agent.on_frame(&frame),
            Way::ToClient => self.channel.on_frame(&frame, self.now),
        }
    }

    /// Turns a bit of the next frame's payload: what a digest is for.
    fn spoil(&mut self, way: Way, bit: u16) {
        if let Some(frame) = self.lane(way).front_mut() {
            let mut bytes = frame.to_vec();
            let payload = bytes.split_off(120.min(bytes.len()));
            let mut payload = payload;
            if !payload.is_empty() {
                let at = usize::from(bit / 8) % payload.len();
                payload[at] ^= 1 << (bit % 8);
            }
            bytes.extend(payload);
            *frame = bytes.into();
        }
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        if self.channel.next_deadline().is_some_and(|due| due <= self.now) {
            self.channel.on_tick(self.now);
        }
        self.agent.on_tick();
    }

    /// Moves what both sides have to send onto the wire.
    fn collect(&mut self) {
        while let Some(out) = self.channel.next_out() {
            match out {
                Out::Frame(frame) => self.to_agent.push_back(frame),
                Out::Output(bytes) => self.printed.extend_from_slice(&bytes),
                Out::Notice(_) => {}
                Out::WantsKey(_) => {
                    assert!(!self.wants_key, "the key is asked for once");
                    self.wants_key = true;
                }
                out => panic!("an honest agent is answered with {out:?}"),
            }
        }
        self.to_client.extend(self.agent.backlog.drain(..));
    }
}

/// The agent's side, as far as it is protocol: it repeats its oldest message only, and processes before it
/// acknowledges.
#[derive(Default)]
struct Agent {
    is_in_handshake: bool,
    cipher: Option<Cipher>,
    next_number: i64,
    unacknowledged: BTreeMap<i64, Bytes>,
    expected: i64,
    early: BTreeMap<i64, AgentMessage>,
    backlog: Vec<Bytes>,
    printed: Vec<u8>,
    held: Vec<Bytes>,
    typed: Vec<u8>,
    size: Option<(u32, u32)>,
}

impl Agent {
    /// Asks for a handshake.
    fn ask(&mut self, wish: Wish) {
        if wish == Wish::Nothing {
            return;
        }
        self.is_in_handshake = true;
        let mut actions = vec![("SessionType", r#"{"SessionType":"InteractiveCommands","Properties":null}"#)];
        if wish == Wish::Encryption {
            self.cipher = Some(Cipher::of_agent());
            actions.push(("KMSEncryption", r#"{"KMSKeyId":"key","Challenge":"AAECAwQFBgcICQoLDA0ODw=="}"#));
        }
        let request = |(name, parameters): (&str, &str)| RequestedAction {
            action_type: name.to_owned(),
            action_parameters: parameters.parse().expect("JSON"),
        };
        let request = HandshakeRequest {
            agent_version: "3.3.0.0".to_owned(),
            requested_client_actions: actions.into_iter().map(request).collect(),
        };
        self.send(PayloadType::HANDSHAKE_REQUEST, request.to_json());
    }

    fn print(&mut self, bytes: &[u8]) {
        self.printed.extend_from_slice(bytes);
        for piece in bytes.chunks(LARGEST_PAYLOAD) {
            let piece = Bytes::copy_from_slice(piece);
            if self.is_in_handshake {
                self.held.push(piece);
            } else {
                self.send_output(&piece);
            }
        }
    }

    fn send_output(&mut self, piece: &Bytes) {
        let payload = self.cipher.as_ref().map_or_else(|| piece.clone(), |cipher| cipher.seal(piece));
        self.send(PayloadType::OUTPUT, payload);
    }

    fn send(&mut self, payload_type: PayloadType, payload: Bytes) {
        let message =
            AgentMessage::stream(MessageType::OutputStreamData, self.next_number, payload_type, payload).encode();
        self.unacknowledged.insert(self.next_number, message.clone());
        self.next_number += 1;
        self.backlog.push(message);
    }

    fn on_tick(&mut self) {
        self.backlog.extend(self.unacknowledged.values().next().cloned());
    }

    fn on_frame(&mut self, frame: &Bytes) {
        let Ok(message) = AgentMessage::decode(frame) else { return };
        match message.message_type {
            MessageType::Acknowledge => {
                if let Some(acknowledge) = Acknowledge::from_json(&message.payload) {
                    self.unacknowledged.remove(&acknowledge.sequence_number);
                }
            }
            MessageType::InputStreamData => {
                self.backlog.push(message.acknowledgement().encode());
                if message.sequence_number >= self.expected {
                    self.early.insert(message.sequence_number, message);
                }
                while let Some(message) = self.early.remove(&self.expected) {
                    self.expected += 1;
                    self.process(&message);
                }
            }
            other => panic!("a client does not send {other:?}"),
        }
    }

    /// Ends the handshake.
    fn be_content(&mut self) {
        self.is_in_handshake = false;
        let complete = HandshakeComplete { handshake_time_to_complete: 1, customer_message: String::new() };
        self.send(PayloadType::HANDSHAKE_COMPLETE, complete.to_json());
        for piece in std::mem::take(&mut self.held) {
            self.send_output(&piece);
        }
    }

    fn process(&mut self, message: &AgentMessage) {
        match message.payload_type {
            PayloadType::HANDSHAKE_RESPONSE if self.is_in_handshake => match &self.cipher {
                Some(cipher) => {
                    let challenge = EncryptionChallenge { challenge: cipher.seal(CHALLENGE) };
                    self.send(PayloadType::ENCRYPTION_CHALLENGE_REQUEST, challenge.to_json());
                }
                None => self.be_content(),
            },
            PayloadType::ENCRYPTION_CHALLENGE_RESPONSE if self.is_in_handshake => {
                let answer = EncryptionChallenge::from_json(&message.payload).expect("an answer to the challenge");
                let cipher = self.cipher.as_ref().expect("who challenges has a key");
                assert_eq!(cipher.open(&answer.challenge), CHALLENGE);
                self.be_content();
            }
            // Before that, anything else is thrown away.
            _ if self.is_in_handshake => {}
            PayloadType::OUTPUT => match &self.cipher {
                Some(cipher) => self.typed.extend(cipher.open(&message.payload)),
                None => self.typed.extend_from_slice(&message.payload),
            },
            PayloadType::SIZE => {
                let size = TerminalSize::from_json(&message.payload);
                self.size = size.map(|size| (size.cols, size.rows)).or(self.size);
            }
            other => panic!("a client does not send {other:?}"),
        }
    }
}

/// The agent's AES-256-GCM, over the same key the other way round.
struct Cipher {
    opening: RandomizedNonceKey,
    sealing: RandomizedNonceKey,
}

impl Cipher {
    fn of_agent() -> Self {
        let key = |half: &[u8]| RandomizedNonceKey::new(&AES_256_GCM, half).expect("32 bytes");
        let (sealing, opening) = KEY.split_at(32);
        Self { opening: key(opening), sealing: key(sealing) }
    }

    fn seal(&self, clear: &[u8]) -> Bytes {
        let mut sealed = clear.to_vec();
        let nonce = self.sealing.seal_in_place_append_tag(Aad::empty(), &mut sealed).expect("short");
        [nonce.as_ref().as_slice(), &sealed].concat().into()
    }

    fn open(&self, sealed: &[u8]) -> Vec<u8> {
        let (nonce, sealed) = sealed.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).expect("its length");
        let mut buffer = sealed.to_vec();
        self.opening.open_in_place(nonce, Aad::empty(), &mut buffer).expect("what the client sealed").to_vec()
    }
}

/// What the agent has the client say again.
const CHALLENGE: &[u8] = b"challenge";

/// The data key: two keys that are not the same.
const KEY: [u8; 64] = {
    let mut key = [1; 64];
    key[0] = 2;
    key
};

fn data_key() -> DataKey {
    DataKey::new(&KEY, "sealed").expect("a key's length")
}

/// Returns bytes that tell their place in the stream.
fn numbered(start: usize, length: u16) -> Vec<u8> {
    (start..start + usize::from(length)).map(|place| (place % 251) as u8).collect()
}

fn control(message_type: MessageType) -> Bytes {
    AgentMessage::control(message_type, Bytes::new()).encode()
}

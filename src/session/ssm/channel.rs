//! The client's side of a data channel as a state machine: frames, keys and time go in, frames and output come out.
//!
//! It knows no socket and no clock, so that loss, duplication and reordering are ordinary tests. The rules are those
//! of amazon-ssm-agent 1c217c89 and session-manager-plugin 61cf1288, except where both lose data: everything overdue
//! is sent again and not only the oldest message, what was seen is acknowledged again, and a full window makes the
//! person wait instead of forgetting.

mod cipher;
mod handshake;
mod incoming;
mod outgoing;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use bytes::{BufMut, Bytes, BytesMut};

use super::message::{
    Acknowledge, AgentMessage, ChannelClosed, EncryptionChallenge, HandshakeComplete, HandshakeRequest,
    HandshakeResponse, LARGEST_PAYLOAD, MessageType, PayloadType, TerminalSize,
};
use crate::session::{DataKey, Size};
use cipher::Cipher;
use handshake::{Answers, Handshake};
use incoming::{Arrival, Incoming};
use outgoing::Outgoing;

/// The version of session-manager-plugin whose behaviour is claimed: the oldest that AWS documents as supported.
pub const CLIENT_VERSION: &str = "1.2.764.0";

/// How much typed input may wait here before no more is taken.
const TYPED_AHEAD: usize = 4 * LARGEST_PAYLOAD;
/// How much input is remembered until it is known whether the agent wants a handshake.
const REMEMBERED: usize = 64 * LARGEST_PAYLOAD;
/// How long an agent that has said something may take to ask for a handshake: it does so before anything else, and
/// repeats itself at least every second.
const SHYNESS: Duration = Duration::from_secs(5);
/// How long a pause lasts at most when nobody ends it.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What is said where the session ended before all of its output had come.
const GAP: &str = "part of what was printed last was lost on the way";

/// What a channel wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Out {
    /// This goes to the gateway.
    Frame(Bytes),
    /// The process printed this.
    Output(Bytes),
    /// The process printed this on standard error.
    Stderr(Bytes),
    /// The agent has a word for the person.
    Notice(String),
    /// The agent wants to encrypt the session: [`Channel::on_key`] waits for the key.
    WantsKey(KeyWish),
    /// The session cannot go on, for this reason, and is ours to end: the agent wants what cannot be had, or what it
    /// sent cannot be read.
    Declined(String),
    /// The session is over, with the reason in words, and the exit code where the agent tells it.
    Closed {
        /// Empty at an ordinary end.
        reason: String,
        /// Only from commands that are not interactive.
        code: Option<i32>,
    },
}

/// What the key of a session is to be made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyWish {
    /// The KMS key: an id, ARN or alias.
    pub key_id: String,
    /// Goes into the encryption context, where the agent has one.
    pub challenge: Option<String>,
}

/// The client's side of one session.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is true or not whatever the others are")]
pub struct Channel {
    incoming: Incoming,
    outgoing: Outgoing,
    handshake: Handshake,
    cipher: Option<Cipher>,
    typed: BytesMut,
    ends_line: bool,
    size: Size,
    size_is_due: bool,
    paused_until: Option<Instant>,
    is_heard: bool,
    is_closed: bool,
    first_heard: Option<Instant>,
    code: Option<i32>,
    out: VecDeque<Out>,
}

impl Channel {
    /// Returns a channel that will say this size first.
    pub fn new(size: Size, now: Instant) -> Self {
        let mut channel = Self {
            incoming: Incoming::default(),
            outgoing: Outgoing::default(),
            handshake: Handshake::Unknown { typed: BytesMut::new() },
            cipher: None,
            typed: BytesMut::new(),
            ends_line: true,
            size,
            size_is_due: true,
            paused_until: None,
            is_heard: false,
            is_closed: false,
            first_heard: None,
            code: None,
            out: VecDeque::new(),
        };
        channel.send_what_may_go(now);
        channel
    }

    /// Returns the next thing to do.
    pub fn next_out(&mut self) -> Option<Out> {
        self.out.pop_front()
    }

    /// Whether the far side has said anything yet.
    pub fn is_heard(&self) -> bool {
        self.is_heard
    }

    /// Whether something that was sent is not acknowledged.
    pub fn waits(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// Whether a handshake has begun and is not over.
    pub fn is_shaking_hands(&self) -> bool {
        matches!(self.handshake, Handshake::WantsKey { .. } | Handshake::UnderWay)
    }

    /// Whether more input can be taken.
    pub fn wants_input(&self) -> bool {
        self.typed.len() < TYPED_AHEAD
    }

    /// Takes what was typed.
    pub fn on_input(&mut self, bytes: &[u8], now: Instant) {
        let Some(last) = bytes.last() else {
            return;
        };
        self.ends_line = matches!(last, b'\r' | b'\n');
        self.typed.extend_from_slice(bytes);
        self.send_what_may_go(now);
    }

    /// Takes the end of input: the terminal's end-of-file character, twice where a line has begun.
    pub fn on_end_of_input(&mut self, now: Instant) {
        let end_of_file: &[u8] = if self.ends_line { b"\x04" } else { b"\x04\x04" };
        self.typed.extend_from_slice(end_of_file);
        self.send_what_may_go(now);
    }

    /// Takes a new size of the terminal.
    pub fn on_resize(&mut self, size: Size, now: Instant) {
        self.size = size;
        self.size_is_due = true;
        self.send_what_may_go(now);
    }

    /// Takes a frame from the gateway. What is no message is dropped, as the official sides do.
    pub fn on_frame(&mut self, frame: &Bytes, now: Instant) {
        let Ok(message) = AgentMessage::decode(frame) else {
            return;
        };
        // The first word about the end is the last of the session.
        if self.is_closed {
            return;
        }
        match &message.message_type {
            MessageType::OutputStreamData => {
                self.on_word(now);
                self.paused_until = None;
                self.on_data(message, now);
            }
            MessageType::Acknowledge => {
                self.on_word(now);
                self.paused_until = None;
                if let Some(acknowledge) = Acknowledge::from_json(&message.payload) {
                    self.outgoing.acknowledged(acknowledge.sequence_number, now);
                }
            }
            MessageType::ChannelClosed => {
                self.is_closed = true;
                if self.incoming.has_gap() {
                    self.out.push_back(Out::Notice(GAP.to_owned()));
                }
                let closed = ChannelClosed::from_json(&message.payload).unwrap_or_default();
                self.out.push_back(Out::Closed { reason: in_words(&closed.output), code: self.code });
            }
            MessageType::PausePublication => self.paused_until = Some(now + LONGEST_PAUSE),
            MessageType::StartPublication => self.paused_until = None,
            MessageType::InputStreamData | MessageType::AgentSessionState | MessageType::Other(_) => {}
        }
        self.send_what_may_go(now);
    }

    /// Takes the key that was [wanted](Out::WantsKey), or why it cannot be had. One that nobody waits for is dropped.
    pub fn on_key(&mut self, key: Result<DataKey, String>, now: Instant) {
        let Handshake::WantsKey { wish, answers } = &mut self.handshake else {
            return;
        };
        let (wish, mut answers) = (wish.clone(), std::mem::take(answers));
        self.handshake = Handshake::UnderWay;
        match key {
            Ok(key) => {
                self.cipher = Some(Cipher::of_client(&key));
                answers.encrypt(key.sealed().clone(), wish.challenge.is_some());
                self.respond(answers, now);
            }
            Err(reason) => {
                answers.do_not_encrypt(&reason);
                self.respond(answers, now);
                let key = wish.key_id;
                self.give_up(format!("no key for this session (kms:GenerateDataKey with {key}): {reason}"));
            }
        }
        self.send_what_may_go(now);
    }

    /// Does what is due.
    pub fn on_tick(&mut self, now: Instant) {
        self.paused_until = self.paused_until.filter(|until| *until > now);
        if self.paused_until.is_none() {
            self.out.extend(self.outgoing.overdue(now).map(Out::Frame));
        }
        self.send_what_may_go(now);
    }

    /// Returns when [`on_tick`](Self::on_tick) is due.
    pub fn next_deadline(&self) -> Option<Instant> {
        let lost = self.outgoing.next_deadline();
        self.paused_until.or_else(|| lost.into_iter().chain(self.end_of_shyness()).min())
    }

    /// Sends again what was not acknowledged, over a new connection; the old one lost nothing else that counts.
    pub fn on_reconnect(&mut self, now: Instant) {
        self.paused_until = None;
        self.is_heard = false;
        self.out.retain(|out| !matches!(out, Out::Frame(_)));
        self.out.extend(self.outgoing.all(now).map(Out::Frame));
        self.size_is_due = true;
        self.send_what_may_go(now);
    }

    /// Takes note of a word of the far side.
    fn on_word(&mut self, now: Instant) {
        self.is_heard = true;
        self.first_heard.get_or_insert(now);
        self.outgoing.heard();
    }

    /// Takes a message of the agent's stream, in whatever order it comes.
    fn on_data(&mut self, message: AgentMessage, now: Instant) {
        if self.is_given_up() {
            return;
        }
        let acknowledgement = message.acknowledgement();
        let (message, is_next) = match self.incoming.arrived(message) {
            Arrival::Next(message) => (Some(message), true),
            Arrival::Seen | Arrival::Early => (None, true),
            Arrival::NoRoom => (None, false),
        };
        if is_next {
            self.out.push_back(Out::Frame(acknowledgement.encode()));
        }
        let mut next = message;
        while let Some(message) = next
            && !self.is_given_up()
        {
            self.process(message, now);
            next = self.incoming.next_early();
        }
    }

    /// Processes the agent's messages in their order.
    fn process(&mut self, message: AgentMessage, now: Instant) {
        if message.payload_type == PayloadType::HANDSHAKE_REQUEST {
            self.on_handshake_request(&message.payload, now);
            return;
        }
        if let Handshake::Unknown { .. } = self.handshake {
            self.handshake = Handshake::Settled;
        }
        match message.payload_type {
            PayloadType::OUTPUT | PayloadType::STDERR | PayloadType::EXIT_CODE => self.on_bytes(message),
            PayloadType::ENCRYPTION_CHALLENGE_REQUEST => self.on_encryption_challenge(&message.payload, now),
            PayloadType::HANDSHAKE_COMPLETE => self.on_handshake_complete(&message.payload),
            // Acknowledged and ignored, so that the stream goes on.
            _ => {}
        }
    }

    /// Takes what the process printed or how it ended, sealed where the session is encrypted.
    fn on_bytes(&mut self, message: AgentMessage) {
        let clear = match (&self.cipher, &self.handshake) {
            (Some(cipher), _) => cipher.open(&message.payload),
            (None, Handshake::WantsKey { .. } | Handshake::GivenUp) => None,
            (None, Handshake::Unknown { .. } | Handshake::UnderWay | Handshake::Settled) => Some(message.payload),
        };
        match clear {
            None => self.give_up("the agent sent output that the session's key does not open".to_owned()),
            Some(code) if message.payload_type == PayloadType::EXIT_CODE => self.code = exit_code(&code),
            Some(bytes) if bytes.is_empty() => {}
            Some(bytes) if message.payload_type == PayloadType::STDERR => self.out.push_back(Out::Stderr(bytes)),
            Some(bytes) => self.out.push_back(Out::Output(bytes)),
        }
    }

    fn on_handshake_request(&mut self, payload: &[u8], now: Instant) {
        if self.cipher.is_some() || matches!(self.handshake, Handshake::WantsKey { .. }) {
            // An agent that has its cipher asks once. Whoever asks again gets no other key, and none in the clear.
            return;
        }
        if let Handshake::Unknown { typed } = &mut self.handshake {
            // The agent threw it away; it goes again when the agent is content.
            let mut again = std::mem::take(typed);
            again.extend_from_slice(&self.typed);
            self.typed = again;
        }
        self.handshake = Handshake::UnderWay;
        let Some(request) = HandshakeRequest::from_json(payload) else {
            return;
        };
        let answers = Answers::to(&request.requested_client_actions);
        if let Some(wish) = answers.wish().cloned() {
            self.take_back_input();
            self.handshake = Handshake::WantsKey { wish: wish.clone(), answers };
            self.out.push_back(Out::WantsKey(wish));
            return;
        }
        let refusal = answers.refusal();
        self.respond(answers, now);
        self.out.extend(refusal.map(Out::Declined));
    }

    fn respond(&mut self, answers: Answers, now: Instant) {
        let response = HandshakeResponse {
            client_version: CLIENT_VERSION.to_owned(),
            processed_client_actions: answers.into(),
            errors: None,
        };
        self.send(PayloadType::HANDSHAKE_RESPONSE, response.to_json(), now);
    }

    /// Proves that both sides hold the same key.
    fn on_encryption_challenge(&mut self, payload: &[u8], now: Instant) {
        let (Handshake::UnderWay, Some(cipher)) = (&self.handshake, &self.cipher) else {
            return;
        };
        let opened = EncryptionChallenge::from_json(payload).and_then(|sealed| cipher.open(&sealed.challenge));
        let Some(challenge) = opened else {
            self.give_up("the agent has another key than this session's".to_owned());
            return;
        };
        let response = EncryptionChallenge { challenge: cipher.seal(&challenge) };
        self.send(PayloadType::ENCRYPTION_CHALLENGE_RESPONSE, response.to_json(), now);
    }

    fn on_handshake_complete(&mut self, payload: &[u8]) {
        if let Handshake::WantsKey { .. } = self.handshake {
            self.give_up("the agent wants the session encrypted and does not wait for the key".to_owned());
            return;
        }
        self.handshake = Handshake::Settled;
        self.size_is_due = true;
        let complete = HandshakeComplete::from_json(payload);
        let message = complete.map(|complete| complete.customer_message).filter(|message| !message.is_empty());
        self.out.extend(message.map(Out::Notice));
    }

    fn is_given_up(&self) -> bool {
        matches!(self.handshake, Handshake::GivenUp)
    }

    /// Takes nothing of the agent's stream any more: going on would leave a hole in it.
    fn give_up(&mut self, reason: String) {
        self.handshake = Handshake::GivenUp;
        self.out.push_back(Out::Declined(reason));
    }

    /// Makes input that may not have arrived yet a word about the size. An agent that wants to encrypt cannot open
    /// input that was sent in the clear before we knew, and would listen to nothing behind it.
    fn take_back_input(&mut self) {
        let size = self.terminal_size();
        self.outgoing.rewrite(|frame| {
            let sent = AgentMessage::decode(frame).ok().filter(|sent| sent.payload_type == PayloadType::OUTPUT)?;
            let number = sent.sequence_number;
            Some(AgentMessage::stream(MessageType::InputStreamData, number, PayloadType::SIZE, size.clone()).encode())
        });
    }

    /// Sends as much as the window, a pause and a handshake let through.
    fn send_what_may_go(&mut self, now: Instant) {
        if self.paused_until.is_some() {
            return;
        }
        if self.size_is_due && self.outgoing.has_room() {
            self.size_is_due = false;
            self.send(PayloadType::SIZE, self.terminal_size(), now);
        }
        if self.end_of_shyness().is_some_and(|end| end <= now) {
            self.handshake = Handshake::Settled;
        }
        while !self.typed.is_empty() && self.outgoing.has_room() && self.may_type() {
            let payload = self.typed.split_to(self.typed.len().min(LARGEST_PAYLOAD)).freeze();
            if let Handshake::Unknown { typed } = &mut self.handshake {
                typed.put_slice(&payload);
            }
            // Both official sides cut what is clear, so that the sealed message is a little longer.
            let payload = match &self.cipher {
                Some(cipher) => cipher.seal(&payload),
                None => payload,
            };
            self.send(PayloadType::OUTPUT, payload, now);
        }
    }

    fn terminal_size(&self) -> Bytes {
        TerminalSize { cols: self.size.columns.into(), rows: self.size.rows.into() }.to_json()
    }

    /// Whether input may go. What a handshake would lose must be remembered.
    fn may_type(&self) -> bool {
        match &self.handshake {
            Handshake::Unknown { typed } => typed.len() < REMEMBERED,
            Handshake::Settled => true,
            Handshake::WantsKey { .. } | Handshake::UnderWay | Handshake::GivenUp => false,
        }
    }

    /// Returns when an agent that keeps input waiting will not ask for a handshake any more.
    fn end_of_shyness(&self) -> Option<Instant> {
        let waits = matches!(self.handshake, Handshake::Unknown { .. }) && !self.typed.is_empty() && !self.may_type();
        self.first_heard.filter(|_| waits).map(|heard| heard + SHYNESS)
    }

    /// Sends the next message of the client's stream.
    fn send(&mut self, payload_type: PayloadType, payload: Bytes, now: Instant) {
        let number = self.outgoing.next_number();
        let message = AgentMessage::stream(MessageType::InputStreamData, number, payload_type, payload);
        let frame = message.encode();
        self.outgoing.sent(frame.clone(), now);
        self.out.push_back(Out::Frame(frame));
    }
}

/// Reads `EXIT_CODE: n`.
fn exit_code(payload: &[u8]) -> Option<i32> {
    std::str::from_utf8(payload).ok()?.trim().strip_prefix("EXIT_CODE:")?.trim().parse().ok()
}

/// Returns the agent's reason on one line, without the rule it draws above errors.
fn in_words(output: &str) -> String {
    let lines = output.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "----------ERROR-------");
    lines.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;

//! The client's side of a data channel as a state machine: frames, keys and time go in, frames and output come out.
//!
//! It knows no socket and no clock, so that loss, duplication and reordering are ordinary tests. The rules are those
//! of amazon-ssm-agent 1c217c89 and session-manager-plugin 61cf1288, except where both lose data: everything overdue
//! is sent again and not only the oldest message, what was seen is acknowledged again, and a full window makes the
//! person wait instead of forgetting.

mod incoming;
mod outgoing;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use bytes::{BufMut, Bytes, BytesMut};
use serde_json::Value;

use super::message::{
    Acknowledge, ActionStatus, AgentMessage, ChannelClosed, HandshakeComplete, HandshakeRequest, HandshakeResponse,
    LARGEST_PAYLOAD, MessageType, PayloadType, ProcessedAction, RequestedAction, TerminalSize,
};
use crate::session::Size;
use incoming::{Arrival, Incoming};
use outgoing::Outgoing;

/// The version of session-manager-plugin whose behaviour is claimed: the oldest that AWS supports.
pub const CLIENT_VERSION: &str = "1.2.764.0";

/// How much typed input may wait here before no more is taken.
const TYPED_AHEAD: usize = 4 * LARGEST_PAYLOAD;
/// How much input is remembered until it is known whether the agent wants a handshake.
const REMEMBERED: usize = 64 * LARGEST_PAYLOAD;
/// How long a pause lasts at most when nobody ends it.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

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
    /// The agent wants what this program cannot do; it will end the session.
    Declined(String),
    /// The session is over, with the reason in words, and the exit code where the agent tells it.
    Closed {
        /// Empty at an ordinary end.
        reason: String,
        /// Only from commands that are not interactive.
        code: Option<i32>,
    },
}

/// Whether the agent wants things settled before data flows.
#[derive(Debug)]
enum Handshake {
    /// Not known before its first message. If it does, it throws away what was typed so far, which is remembered.
    Unknown { typed: BytesMut },
    /// It does, and is not content yet.
    UnderWay,
    /// Data flows.
    Settled,
}

/// The client's side of one session.
#[derive(Debug)]
pub struct Channel {
    incoming: Incoming,
    outgoing: Outgoing,
    handshake: Handshake,
    typed: BytesMut,
    ends_line: bool,
    size: Size,
    size_is_due: bool,
    paused_until: Option<Instant>,
    is_heard: bool,
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
            typed: BytesMut::new(),
            ends_line: true,
            size,
            size_is_due: true,
            paused_until: None,
            is_heard: false,
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
        match &message.message_type {
            MessageType::OutputStreamData => {
                self.on_word();
                self.paused_until = None;
                self.on_data(message, now);
            }
            MessageType::Acknowledge => {
                self.on_word();
                self.paused_until = None;
                if let Some(acknowledge) = Acknowledge::from_json(&message.payload) {
                    self.outgoing.acknowledged(acknowledge.sequence_number, now);
                }
            }
            MessageType::ChannelClosed => {
                let closed = ChannelClosed::from_json(&message.payload).unwrap_or_default();
                self.out.push_back(Out::Closed { reason: in_words(&closed.output), code: self.code });
            }
            MessageType::PausePublication => self.paused_until = Some(now + LONGEST_PAUSE),
            MessageType::StartPublication => {
                self.on_word();
                self.paused_until = None;
            }
            MessageType::InputStreamData | MessageType::AgentSessionState | MessageType::Other(_) => {}
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
        self.paused_until.or_else(|| self.outgoing.next_deadline())
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
    fn on_word(&mut self) {
        self.is_heard = true;
        self.outgoing.heard();
    }

    /// Takes a message of the agent's stream, in whatever order it comes.
    fn on_data(&mut self, message: AgentMessage, now: Instant) {
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
        while let Some(message) = next {
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
            PayloadType::OUTPUT if !message.payload.is_empty() => self.out.push_back(Out::Output(message.payload)),
            PayloadType::STDERR if !message.payload.is_empty() => self.out.push_back(Out::Stderr(message.payload)),
            PayloadType::EXIT_CODE => self.code = exit_code(&message.payload),
            PayloadType::HANDSHAKE_COMPLETE => self.on_handshake_complete(&message.payload),
            // Acknowledged and ignored, so that the stream goes on.
            _ => {}
        }
    }

    fn on_handshake_request(&mut self, payload: &[u8], now: Instant) {
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
        let response = HandshakeResponse {
            client_version: CLIENT_VERSION.to_owned(),
            processed_client_actions: request.requested_client_actions.iter().map(answer).collect(),
            errors: None,
        };
        self.send(PayloadType::HANDSHAKE_RESPONSE, response.to_json(), now);
        let declined = response.processed_client_actions.into_iter().find(|action| !action.error.is_empty());
        self.out.extend(declined.map(|action| Out::Declined(action.error)));
    }

    fn on_handshake_complete(&mut self, payload: &[u8]) {
        self.handshake = Handshake::Settled;
        self.size_is_due = true;
        let complete = HandshakeComplete::from_json(payload);
        let message = complete.map(|complete| complete.customer_message).filter(|message| !message.is_empty());
        self.out.extend(message.map(Out::Notice));
    }

    /// Sends as much as the window, a pause and a handshake let through.
    fn send_what_may_go(&mut self, now: Instant) {
        if self.paused_until.is_some() {
            return;
        }
        if self.size_is_due && self.outgoing.has_room() {
            self.size_is_due = false;
            let size = TerminalSize { cols: self.size.columns.into(), rows: self.size.rows.into() };
            self.send(PayloadType::SIZE, size.to_json(), now);
        }
        while !self.typed.is_empty() && self.outgoing.has_room() && !matches!(self.handshake, Handshake::UnderWay) {
            let payload = self.typed.split_to(self.typed.len().min(LARGEST_PAYLOAD)).freeze();
            self.remember(&payload);
            self.send(PayloadType::OUTPUT, payload, now);
        }
    }

    /// Remembers input that a handshake would lose. An agent that took this much without asking for one asks no more.
    fn remember(&mut self, payload: &[u8]) {
        if let Handshake::Unknown { typed } = &mut self.handshake {
            if typed.len() + payload.len() > REMEMBERED {
                self.handshake = Handshake::Settled;
            } else {
                typed.put_slice(payload);
            }
        }
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

/// Returns what becomes of a requested action.
fn answer(action: &RequestedAction) -> ProcessedAction {
    let (action_status, error) = match action.action_type.as_str() {
        "SessionType" => match action.action_parameters["SessionType"].as_str() {
            Some("InteractiveCommands" | "NonInteractiveCommands" | "Standard_Stream") => {
                (ActionStatus::SUCCESS, String::new())
            }
            other => (ActionStatus::FAILED, format!("sessions of type {} are not shells", other.unwrap_or("none"))),
        },
        "KMSEncryption" => {
            (ActionStatus::UNSUPPORTED, "sessions encrypted with a KMS key are not supported yet".to_owned())
        }
        other => (ActionStatus::UNSUPPORTED, format!("the agent asks for {other}, which is not supported")),
    };
    ProcessedAction { action_type: action.action_type.clone(), action_status, action_result: Value::Null, error }
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

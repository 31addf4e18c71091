//! The agent of one session: starts the program, carries its bytes, says when it is over.
//!
//! What it does, and in which order, is amazon-ssm-agent 1c217c89 `agent/session/shell/shell.go`,
//! `agent/session/datachannel/datachannel.go` and `agent/session/plugins/sessionplugin/sessionplugin.go`.

use std::{
    collections::VecDeque,
    future, io,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::json;
use tokio::{select, sync::mpsc, time::timeout};

use super::{
    Challenge, Encryption, Handshake, Launch, Options,
    cipher::{Cipher, DATA_KEY},
    regroup::Regroup,
    relay::{Lanes, Relay},
    shell::Shell,
    stream::{Arrival, Incoming, Outgoing},
};
use crate::{
    session::{
        clock::Clock,
        ssm::message::{
            Acknowledge, ActionStatus, AgentMessage, ChannelClosed, EncryptionChallenge, EncryptionRequest,
            EncryptionResult, HandshakeComplete, HandshakeRequest, HandshakeResponse, MessageType, PayloadType,
            RequestedAction, TerminalSize,
        },
    },
    sim::kms::Context,
};

/// How many frames wait between agent and gateway in each direction.
const LINE: usize = 1024;
/// How many frames may wait here before nothing more is read.
const BACKLOG: usize = 64;
/// How long the agent waits for a step of the handshake.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(15);
/// How long it waits at the end for what it sent to be acknowledged.
const CLOSE_WAIT: Duration = Duration::from_secs(2);
/// A payload type that nobody knows.
const STRANGER: PayloadType = PayloadType(77);
/// The version it claims; that of the sources it follows.
const VERSION: &str = "3.3.0.0";

/// What the gateway tells the agent.
#[derive(Debug)]
pub(super) enum Control {
    /// A client has come.
    Attach(Link),
    /// The session is to end, with these words for the client.
    Close(String),
}

/// The agent's end of a connection.
#[derive(Debug)]
pub(super) struct Link {
    from_client: mpsc::Receiver<Bytes>,
    to_client: mpsc::Sender<Bytes>,
}

impl Link {
    /// Returns the two ends of a connection.
    pub(super) fn new(lanes: Lanes) -> (Self, Relay) {
        let (to_agent, from_client) = mpsc::channel(LINE);
        let (to_client, from_agent) = mpsc::channel(LINE);
        (Self { from_client, to_client }, Relay { to_agent, from_agent, lanes })
    }
}

/// How far a session has come.
enum Stage {
    /// Nobody has come yet.
    Waiting,
    /// The client was asked; it must answer until then.
    Handshake { asked: Instant, until: Instant },
    /// It has a key, and must prove until then that it is ours.
    Proof { asked: Instant, until: Instant, clear: [u8; 64] },
    /// The program starts then.
    Starting(Instant),
    /// It could not start; that is said then.
    Failing(Instant, String),
    /// It runs.
    Running(Shell),
    /// It has ended; the session waits for acknowledgements until then.
    Closing(Instant),
}

/// A message whose bytes go into the PTY.
struct Writing {
    message: AgentMessage,
    written: usize,
    /// Whether it is still to be acknowledged; one that came early is already.
    acknowledge: bool,
}

/// What happens next to a session.
enum Happening {
    Control(Option<Control>),
    Frame(Option<Bytes>),
    Sent,
    Printed(io::Result<usize>),
    Took(io::Result<usize>),
    Due,
}

/// The agent of one session.
pub(super) struct Worker {
    launch: Launch,
    options: Options,
    control: mpsc::Receiver<Control>,
    link: Option<Link>,
    stage: Stage,
    paused: bool,
    /// Goes into the encryption context.
    challenge: String,
    cipher: Option<Cipher>,
    incoming: Incoming,
    outgoing: Outgoing,
    next_number: i64,
    /// Frames on their way to the gateway.
    backlog: VecDeque<Bytes>,
    writing: Option<Writing>,
    regroup: Regroup,
    next_read: Instant,
    next_look: Instant,
    idle_since: Instant,
}

impl Worker {
    pub(super) fn new(launch: Launch, options: Options, control: mpsc::Receiver<Control>) -> Self {
        let now = options.clock.now();
        Self {
            launch,
            options,
            control,
            link: None,
            stage: Stage::Waiting,
            paused: false,
            challenge: STANDARD.encode(random::<16>()),
            cipher: None,
            incoming: Incoming::default(),
            outgoing: Outgoing::default(),
            next_number: 0,
            backlog: VecDeque::new(),
            writing: None,
            regroup: Regroup::default(),
            next_read: now,
            next_look: now,
            idle_since: now,
        }
    }

    /// Runs the session to its end.
    pub(super) async fn run(mut self) {
        let reason = self.session().await;
        tracing::debug!(session = %self.launch.session_id, label = %self.launch.label, "session over");
        // Before the word that it is over: who hears it may rely on that.
        if let Stage::Running(shell) = std::mem::replace(&mut self.stage, Stage::Waiting) {
            shell.hang_up().await;
        }
        self.close_channel(&reason).await;
    }

    /// Returns why the session is over.
    async fn session(&mut self) -> String {
        let mut buffer = vec![0; self.options.largest_payload];
        loop {
            let happening = self.wait(&mut buffer).await;
            let now = self.options.clock.now();
            let over = match happening {
                Happening::Control(Some(Control::Attach(link))) => {
                    self.attach(link, now);
                    None
                }
                Happening::Control(Some(Control::Close(words))) => Some(words),
                Happening::Control(None) => Some(String::new()),
                Happening::Frame(Some(frame)) => self.on_frame(&frame, now),
                Happening::Frame(None) => {
                    self.link = None;
                    None
                }
                Happening::Sent => None,
                Happening::Printed(Ok(length @ 1..)) => {
                    let bytes = self.regroup.pass(&buffer[..length]);
                    self.print(bytes, now);
                    self.next_read = now + self.options.pace;
                    None
                }
                Happening::Printed(Ok(0) | Err(_)) => {
                    self.end_program(now).await;
                    None
                }
                Happening::Took(Ok(length)) => {
                    self.on_written(length, now);
                    None
                }
                // The program is gone; its end is read at the other side.
                Happening::Took(Err(_)) => {
                    self.writing = None;
                    None
                }
                Happening::Due => self.on_due(now),
            };
            if let Some(reason) = over {
                return reason;
            }
            if matches!(self.stage, Stage::Closing(_)) && self.outgoing.is_empty() {
                return String::new();
            }
        }
    }

    /// Waits for what happens next.
    async fn wait(&mut self, buffer: &mut [u8]) -> Happening {
        let deadline = self.next_deadline();
        let shell = match &self.stage {
            Stage::Running(shell) => Some(shell),
            _ => None,
        };
        let (to_client, from_client) = match &mut self.link {
            Some(link) => (Some(&link.to_client), Some(&mut link.from_client)),
            None => (None, None),
        };
        let may_read = !self.paused && to_client.is_some() && self.backlog.len() < BACKLOG;
        let may_listen = self.writing.is_none() && self.backlog.len() < BACKLOG;
        select! {
            biased;
            control = self.control.recv() => Happening::Control(control),
            () = send(to_client, &mut self.backlog) => Happening::Sent,
            taken = write(shell, self.writing.as_ref()) => Happening::Took(taken),
            frame = listen(from_client), if may_listen => Happening::Frame(frame),
            read = read(shell, self.next_read, &self.options.clock, buffer), if may_read => Happening::Printed(read),
            () = self.options.clock.sleep_until(deadline) => Happening::Due,
        }
    }

    fn next_deadline(&self) -> Instant {
        let idle = self.idle_since + self.options.idle_timeout;
        let stage = match &self.stage {
            Stage::Waiting | Stage::Running(_) => idle,
            Stage::Handshake { until, .. }
            | Stage::Proof { until, .. }
            | Stage::Starting(until)
            | Stage::Failing(until, _)
            | Stage::Closing(until) => *until,
        };
        let look = if self.outgoing.is_empty() || self.is_silent() { idle } else { self.next_look };
        idle.min(stage).min(look)
    }

    /// Whether nothing may be sent.
    fn is_silent(&self) -> bool {
        self.paused || self.link.is_none()
    }

    fn on_due(&mut self, now: Instant) -> Option<String> {
        if !self.outgoing.is_empty() && !self.is_silent() && now >= self.next_look {
            self.next_look = now + self.options.resend_interval;
            if let Some(frame) = self.outgoing.overdue_head(now) {
                self.backlog.push_back(frame);
            }
        }
        match &mut self.stage {
            Stage::Starting(due) if now >= *due => self.start_program(now),
            Stage::Failing(due, reason) if now >= *due => return Some(std::mem::take(reason)),
            Stage::Closing(due) if now >= *due => return Some(String::new()),
            Stage::Handshake { until, .. } if now >= *until => {
                return Some(not_settled(
                    "Handshake timed out. Please ensure that you have the latest version of the session manager \
                     plugin.",
                ));
            }
            Stage::Proof { until, .. } if now >= *until => {
                return Some(not_settled("Timed out waiting for encryption challenge."));
            }
            Stage::Waiting
            | Stage::Handshake { .. }
            | Stage::Proof { .. }
            | Stage::Starting(_)
            | Stage::Failing(..)
            | Stage::Running(_)
            | Stage::Closing(_) => {}
        }
        // AWS's own words are not known here.
        let idle = now >= self.idle_since + self.options.idle_timeout;
        idle.then(|| "Your session timed out due to inactivity.".to_owned())
    }

    /// Takes a client in, in the place of one before.
    fn attach(&mut self, link: Link, now: Instant) {
        self.link = Some(link);
        self.backlog.clear();
        self.paused = false;
        if !matches!(self.stage, Stage::Waiting) {
            return;
        }
        self.idle_since = now;
        match &self.options.handshake {
            Some(handshake) => {
                let request = request(handshake, self.options.challenge, &self.challenge);
                self.send(PayloadType::HANDSHAKE_REQUEST, request.to_json(), now);
                self.stage = Stage::Handshake { asked: now, until: now + HANDSHAKE_WAIT };
            }
            None => self.stage = Stage::Starting(now + self.options.start_delay),
        }
    }

    fn on_frame(&mut self, frame: &Bytes, now: Instant) -> Option<String> {
        let message = AgentMessage::decode(frame).ok()?;
        match &message.message_type {
            MessageType::InputStreamData => {
                self.paused = false;
                self.idle_since = now;
                return self.on_input(&message, now);
            }
            MessageType::Acknowledge => {
                self.paused = false;
                if let Some(acknowledge) = Acknowledge::from_json(&message.payload) {
                    self.outgoing.acknowledged(acknowledge.sequence_number, now);
                }
            }
            MessageType::PausePublication => self.paused = true,
            MessageType::StartPublication => self.paused = false,
            MessageType::ChannelClosed => return Some(String::new()),
            MessageType::OutputStreamData | MessageType::AgentSessionState | MessageType::Other(_) => {}
        }
        None
    }

    fn on_input(&mut self, message: &AgentMessage, now: Instant) -> Option<String> {
        match self.incoming.arrived(message) {
            Arrival::Next(message) => self.process(message, true, now),
            Arrival::Acknowledge => {
                self.backlog.push_back(message.acknowledgement().encode());
                None
            }
            Arrival::Ignore => None,
        }
    }

    /// Processes the next message of the client, and those behind it that have come already.
    fn process(&mut self, message: AgentMessage, acknowledge: bool, now: Instant) -> Option<String> {
        let mut next = Some((message, acknowledge));
        while let Some((message, acknowledge)) = next {
            match &self.stage {
                // The cipher that would open it is not there yet; the real agent's listener falls over.
                Stage::Handshake { .. }
                    if message.payload_type == PayloadType::OUTPUT && self.encryption().is_some() =>
                {
                    return None;
                }
                Stage::Proof { asked, clear, .. } => {
                    if message.payload_type == PayloadType::ENCRYPTION_CHALLENGE_RESPONSE {
                        let (asked, clear) = (*asked, *clear);
                        if self.opened_proof(&message.payload)? != clear.as_slice() {
                            return None;
                        }
                        self.complete_handshake(asked, now);
                    }
                }
                Stage::Handshake { asked, .. } => {
                    let asked = *asked;
                    if message.payload_type == PayloadType::HANDSHAKE_RESPONSE
                        && let Err(reason) = self.finish_handshake(&message.payload, asked, now)
                    {
                        return Some(reason);
                    }
                    // Anything else is acknowledged and thrown away.
                }
                Stage::Running(_) if message.payload_type == PayloadType::OUTPUT => {
                    let payload = match &self.cipher {
                        Some(cipher) => cipher.open(&message.payload)?,
                        None => message.payload.clone(),
                    };
                    self.writing =
                        Some(Writing { message: AgentMessage { payload, ..message }, written: 0, acknowledge });
                    return None;
                }
                Stage::Running(shell) if message.payload_type == PayloadType::SIZE => {
                    let size = TerminalSize::from_json(&message.payload)?;
                    shell.resize(size.cols as u16, size.rows as u16);
                }
                // Anything else, and what comes before the end is told, is acknowledged and ignored.
                Stage::Running(_) | Stage::Closing(_) => {}
                // There is no PTY: it must come again.
                Stage::Waiting | Stage::Starting(_) | Stage::Failing(..) => return None,
            }
            next = self.processed(&message, acknowledge).map(|message| (message, false));
        }
        None
    }

    /// Acknowledges a message that was processed, and returns the next that has come.
    fn processed(&mut self, message: &AgentMessage, acknowledge: bool) -> Option<AgentMessage> {
        if acknowledge {
            self.backlog.push_back(message.acknowledgement().encode());
        }
        self.incoming.processed()
    }

    /// Moves on after the PTY took some bytes.
    fn on_written(&mut self, length: usize, now: Instant) {
        let Some(mut writing) = self.writing.take() else {
            return;
        };
        writing.written += length;
        if writing.written < writing.message.payload.len() {
            self.writing = Some(writing);
        } else if let Some(next) = self.processed(&writing.message, writing.acknowledge) {
            let _never_in_a_handshake = self.process(next, false, now);
        }
    }

    fn finish_handshake(&mut self, payload: &[u8], asked: Instant, now: Instant) -> Result<(), String> {
        let Some(response) = HandshakeResponse::from_json(payload) else {
            return Ok(());
        };
        for action in &response.processed_client_actions {
            if action.action_status != ActionStatus::SUCCESS {
                return Err(not_settled(&format!(
                    "{} failed on client with status {} error: {}",
                    action.action_type, action.action_status.0, action.error
                )));
            }
            if action.action_type == "KMSEncryption"
                && let Some(result) = EncryptionResult::from_value(&action.action_result)
            {
                self.cipher = Some(self.fetch_key(&result).map_err(|reason| not_settled(&reason))?);
            }
        }
        match &self.cipher {
            Some(cipher) => {
                let clear = random();
                let proof = EncryptionChallenge { challenge: cipher.seal(&clear) };
                self.send(PayloadType::ENCRYPTION_CHALLENGE_REQUEST, proof.to_json(), now);
                self.stage = Stage::Proof { asked, until: now + HANDSHAKE_WAIT, clear };
            }
            None => self.complete_handshake(asked, now),
        }
        Ok(())
    }

    fn complete_handshake(&mut self, asked: Instant, now: Instant) {
        let customer_message = match &self.cipher {
            Some(_) => "This session is encrypted using AWS KMS.".to_owned(),
            None => String::new(),
        };
        let time = (now - asked).as_nanos() as i64;
        let complete = HandshakeComplete { handshake_time_to_complete: time, customer_message };
        self.send(PayloadType::HANDSHAKE_COMPLETE, complete.to_json(), now);
        self.stage = Stage::Starting(now + self.options.start_delay);
    }

    fn encryption(&self) -> Option<&Encryption> {
        match &self.options.handshake {
            Some(Handshake::Encryption(encryption)) => Some(encryption),
            Some(Handshake::SessionType) | None => None,
        }
    }

    /// Has KMS open the client's data key, in the context that the agent knows of itself (`finalizeKMSEncryption`).
    fn fetch_key(&self, result: &EncryptionResult) -> Result<Cipher, String> {
        let Some(Encryption { key, identity, kms }) = self.encryption() else {
            return Err("nobody asked for a key".to_owned());
        };
        if self.options.challenge == Challenge::Required && !result.holds_challenge {
            return Err("client does not support required encryption context random challenge".to_owned());
        }
        let identity = self.options.identity.as_ref().unwrap_or(identity);
        let mut context = Context::from([
            ("aws:ssm:SessionId".to_owned(), self.launch.session_id.clone()),
            ("aws:ssm:TargetId".to_owned(), identity.clone()),
        ]);
        if result.holds_challenge {
            context.insert("aws:ssm:RandomChallenge".to_owned(), self.challenge.clone());
        }
        let key = kms.decrypt(key, &result.sealed_key, &context).map_err(|refusal| {
            let words = format!("{}: {}", refusal.code, refusal.message);
            format!("Fetching data key failed: Unable to retrieve data key, Error when decrypting data key {words}")
        })?;
        Cipher::new(&key).ok_or_else(|| format!("the data key has {} bytes, not {DATA_KEY}", key.len()))
    }

    /// Opens the client's proof that it has the same key.
    fn opened_proof(&self, payload: &[u8]) -> Option<Bytes> {
        self.cipher.as_ref()?.open(&EncryptionChallenge::from_json(payload)?.challenge)
    }

    fn start_program(&mut self, now: Instant) {
        self.stage = match Shell::start(&self.launch.command, &self.launch.environment) {
            Ok(shell) => {
                self.next_read = now + self.options.first_read_delay;
                if let Some(notice) = self.options.notice.take() {
                    self.print(format!("{notice}\r\n").into_bytes(), now);
                }
                Stage::Running(shell)
            }
            Err(reason) => {
                let reason = failure(&format!("Unable to start command: {reason}\n"));
                Stage::Failing(now + self.options.failure_delay, reason)
            }
        };
    }

    async fn end_program(&mut self, now: Instant) {
        let stage = std::mem::replace(&mut self.stage, Stage::Closing(now + CLOSE_WAIT));
        self.writing = None;
        if let Stage::Running(shell) = stage {
            shell.hang_up().await;
        }
    }

    /// Sends what the program printed.
    fn print(&mut self, bytes: Vec<u8>, now: Instant) {
        if !bytes.is_empty() {
            self.idle_since = now;
            self.send(PayloadType::OUTPUT, bytes.into(), now);
            let strangers = self.options.strangers;
            if strangers != 0 && self.next_number.cast_unsigned() % (strangers + 1) == strangers {
                self.send(STRANGER, Bytes::from_static(b"\x1b]0;stranger\x07"), now);
            }
        }
    }

    /// Sends the next message of the agent's stream.
    fn send(&mut self, payload_type: PayloadType, payload: Bytes, now: Instant) {
        let number = self.next_number;
        self.next_number += 1;
        let is_sealed = matches!(payload_type, PayloadType::OUTPUT | PayloadType::STDERR | PayloadType::EXIT_CODE);
        let payload = match &self.cipher {
            Some(_) if is_sealed && self.options.forged == Some(number) => random::<64>().to_vec().into(),
            Some(cipher) if is_sealed => cipher.seal(&payload),
            Some(_) | None => payload,
        };
        let message = AgentMessage {
            flags: u64::from(number == 0),
            ..AgentMessage::stream(MessageType::OutputStreamData, number, payload_type, payload)
        };
        let frame = message.encode();
        if self.outgoing.is_empty() {
            self.next_look = now + self.options.resend_interval;
        }
        if !self.is_silent() {
            self.backlog.push_back(frame.clone());
        }
        self.outgoing.sent(number, frame, now);
    }

    /// Tells the client, if there is one, that the session is over.
    async fn close_channel(mut self, reason: &str) {
        let Some(link) = self.link.take() else {
            return;
        };
        let closed = ChannelClosed::new(&self.launch.session_id, reason);
        let last = AgentMessage { flags: 0, ..AgentMessage::control(MessageType::ChannelClosed, closed.to_json()) };
        self.backlog.push_back(last.encode());
        let all = async {
            for frame in self.backlog.drain(..) {
                if link.to_client.send(frame).await.is_err() {
                    return;
                }
            }
        };
        let _client_does_not_listen = timeout(CLOSE_WAIT, all).await;
    }
}

/// Moves frames to the gateway as long as it has room; waits while there are none, or no client.
async fn send(to_client: Option<&mpsc::Sender<Bytes>>, backlog: &mut VecDeque<Bytes>) {
    let Some(to_client) = to_client.filter(|_| !backlog.is_empty()) else {
        return future::pending().await;
    };
    let Ok(room) = to_client.reserve().await else {
        // The client is gone, which the other direction tells.
        backlog.clear();
        return;
    };
    drop(room);
    while let Some(frame) = backlog.pop_front() {
        if let Err(error) = to_client.try_send(frame) {
            backlog.push_front(error.into_inner());
            return;
        }
    }
}

async fn listen(from_client: Option<&mut mpsc::Receiver<Bytes>>) -> Option<Bytes> {
    match from_client {
        Some(frames) => frames.recv().await,
        None => future::pending().await,
    }
}

async fn read(shell: Option<&Shell>, not_before: Instant, clock: &Clock, buffer: &mut [u8]) -> io::Result<usize> {
    let Some(shell) = shell else {
        return future::pending().await;
    };
    if not_before > clock.now() {
        clock.sleep_until(not_before).await;
    }
    shell.read(buffer).await
}

async fn write(shell: Option<&Shell>, writing: Option<&Writing>) -> io::Result<usize> {
    match (shell, writing) {
        (Some(shell), Some(writing)) => shell.write(&writing.message.payload[writing.written..]).await,
        _ => future::pending().await,
    }
}

/// Returns what the agent asks of a client.
fn request(handshake: &Handshake, challenge: Challenge, random: &str) -> HandshakeRequest {
    let mut actions = vec![RequestedAction {
        action_type: "SessionType".to_owned(),
        action_parameters: json!({ "SessionType": "InteractiveCommands", "Properties": null }),
    }];
    if let Handshake::Encryption(Encryption { key, .. }) = handshake {
        let parameters = EncryptionRequest { key_id: key.clone(), challenge: random.to_owned() };
        let action_parameters = match challenge {
            Challenge::Unknown => json!({ "KMSKeyId": key }),
            Challenge::Offered | Challenge::Required => parameters.to_value(),
        };
        actions.push(RequestedAction { action_type: "KMSEncryption".to_owned(), action_parameters });
    }
    HandshakeRequest { agent_version: VERSION.to_owned(), requested_client_actions: actions }
}

/// Returns a failure of the handshake as the agent reports it.
fn not_settled(reason: &str) -> String {
    failure(&format!("Encountered error while initiating handshake. {reason}"))
}

fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut random = [0; LENGTH];
    getrandom::fill(&mut random).expect("the system has random numbers");
    random
}

/// Returns a failure as the agent reports it (`TruncateOutput` in `executer/iohandler/iohandler.go`).
fn failure(text: &str) -> String {
    format!("\n----------ERROR-------\n{text}")
}

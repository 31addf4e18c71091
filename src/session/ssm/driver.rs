//! The task behind an open session: joins the channel to its websocket and to the terminal, comes back after a cut,
//! and hangs up.

use std::{collections::VecDeque, time::Duration};

use bytes::{Bytes, BytesMut};
use tokio::{
    select,
    sync::mpsc,
    time::{Instant, sleep, sleep_until, timeout},
};
use uuid::Uuid;

use super::{
    Error, Failure, Gateway, Timing,
    address::Address,
    channel::{Channel, Out},
    line::{Cut, Line},
};
use crate::{
    model::text::clean,
    session::{Backend, Exit, Input, Output, Secret, Size},
};

/// The largest piece of output that is handed on at once.
const LARGEST_PIECE: usize = 64 << 10;
/// How much output may wait for a terminal that does not read before the socket is no longer read.
const OUTPUT_AHEAD: usize = 4 * LARGEST_PIECE;
/// How many pings may stay unanswered.
const MISSED_PINGS: u32 = 2;
/// How often a lost connection is tried for in a row.
const ATTEMPTS: u32 = 12;
/// The wait after the first failed attempt; it doubles.
const FIRST_BACKOFF: Duration = Duration::from_millis(250);
/// The longest wait between attempts.
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);
/// How long a lost connection may be tried for before the person is told.
const UNTOLD: Duration = Duration::from_secs(1);
/// How long the far side may take to end the session when it was asked to.
const FAREWELL: Duration = Duration::from_secs(2);

/// Output that waits for the terminal, in few large pieces.
#[derive(Debug, Default)]
struct Printed {
    pieces: VecDeque<Output>,
    tail: BytesMut,
    bytes: usize,
}

impl Printed {
    fn push(&mut self, output: Output) {
        if let Output::Bytes(bytes) = &output {
            self.bytes += bytes.len();
            self.tail.extend_from_slice(bytes);
            if self.tail.len() >= LARGEST_PIECE {
                self.cut_tail();
            }
        } else {
            self.cut_tail();
            self.pieces.push_back(output);
        }
    }

    fn cut_tail(&mut self) {
        if !self.tail.is_empty() {
            self.pieces.push_back(Output::Bytes(self.tail.split().freeze()));
        }
    }

    fn pop(&mut self) -> Option<Output> {
        if self.pieces.is_empty() {
            self.cut_tail();
        }
        let output = self.pieces.pop_front()?;
        if let Output::Bytes(bytes) = &output {
            self.bytes -= bytes.len();
        }
        Some(output)
    }

    fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.tail.is_empty()
    }

    fn is_full(&self) -> bool {
        self.bytes >= OUTPUT_AHEAD || self.pieces.len() >= 1024
    }
}

/// What an open session is made of, apart from the terminal's end.
pub(super) struct Wire {
    address: Address,
    gateway: Gateway,
    timing: Timing,
    session_id: String,
    client_id: Uuid,
    channel: Channel,
    line: Line,
    frames: Vec<Bytes>,
    printed: Printed,
    /// Set once the session is over, or will be.
    exit: Option<Exit>,
    /// What the agent wanted and could not have.
    declined: Option<String>,
}

/// Why a connection is no longer served.
enum Stop {
    Over(Exit),
    Cut(Cut),
    HungUp,
}

impl Wire {
    /// Connects and waits until the far side has answered.
    pub(super) async fn open(
        address: Address,
        gateway: Gateway,
        timing: Timing,
        session_id: String,
        token: Secret,
        size: Size,
    ) -> Result<Self, Error> {
        let client_id = Uuid::new_v4();
        // Ready before connecting: nothing that comes is dropped.
        let channel = Channel::new(size, now());
        let line = Line::dial(&address, &gateway, &token, client_id).await?;
        let mut wire = Self {
            address,
            gateway,
            timing,
            session_id,
            client_id,
            channel,
            line,
            frames: Vec::new(),
            printed: Printed::default(),
            exit: None,
            declined: None,
        };
        wire.settle();
        while !wire.channel.is_heard() {
            let deadline = wire.deadline();
            select! {
                turn = wire.line.turn(true, &mut wire.frames) => {
                    turn.map_err(|cut| Error::NotLetIn { reason: clean(cut.0) })?;
                    wire.take_frames();
                }
                () = until(deadline) => wire.channel.on_tick(now()),
            }
            wire.settle();
            if !wire.channel.is_heard()
                && let Some(exit) = wire.exit.take()
            {
                return Err(Error::Closed { reason: exit.to_string() });
            }
        }
        if let Some(reason) = wire.declined.take() {
            wire.end().await;
            return Err(Error::Declined { reason });
        }
        Ok(wire)
    }

    /// Tells the agent what it was still to be told, and ends the session.
    async fn end(&mut self) {
        let end = async {
            let _told_the_agent = self.line.flush().await;
            let _ended_by_the_agent = (self.gateway.terminate)(self.session_id.clone()).await;
        };
        let _idle_timeout_will = timeout(FAREWELL, end).await;
    }

    /// Serves the session to its end.
    pub(super) async fn serve(mut self, mut backend: Backend) {
        let mut failures = 0;
        let exit = loop {
            let cut = match self.carry(&mut backend, &mut failures).await {
                Stop::Over(exit) => break exit,
                Stop::Cut(cut) => cut,
                Stop::HungUp => return self.hang_up(&backend, true).await,
            };
            match Box::pin(self.come_back(&backend, cut, &mut failures)).await {
                Stop::Over(exit) => break exit,
                Stop::Cut(_) => {}
                Stop::HungUp => return self.hang_up(&backend, false).await,
            }
        };
        while let Some(output) = self.printed.pop() {
            if backend.output.send(output).await.is_err() {
                return;
            }
        }
        let _hung_up = backend.output.send(Output::Exit(exit)).await;
    }

    /// Carries bytes until the session is over, cut or hung up on.
    async fn carry(&mut self, backend: &mut Backend, failures: &mut u32) -> Stop {
        let mut unanswered = 0;
        let mut next_ping = Instant::now() + self.timing.ping;
        loop {
            self.settle();
            self.hand_on(&backend.output);
            if let Some(exit) = self.exit.take() {
                return Stop::Over(exit);
            }
            if let Some(reason) = self.declined.take() {
                self.end().await;
                return Stop::Over(Exit::Closed(reason));
            }
            let listens = !self.printed.is_full();
            let deadline = self.deadline();
            select! {
                biased;
                () = backend.output.closed() => return Stop::HungUp,
                input = backend.input.recv(), if self.channel.wants_input() => match input {
                    Some(input) => self.take_input(&input),
                    None => return Stop::HungUp,
                },
                room = backend.output.reserve(), if !self.printed.is_empty() => {
                    if let (Ok(room), Some(output)) = (room, self.printed.pop()) {
                        room.send(output);
                    }
                }
                turn = self.line.turn(listens, &mut self.frames) => {
                    if let Err(cut) = turn {
                        return Stop::Cut(cut);
                    }
                    unanswered = 0;
                    self.take_frames();
                    if self.channel.is_heard() {
                        *failures = 0;
                    }
                }
                () = until(deadline) => self.channel.on_tick(now()),
                () = sleep_until(next_ping) => {
                    // A far side that is not listened to cannot answer.
                    unanswered += u32::from(listens);
                    if unanswered > MISSED_PINGS {
                        return Stop::Cut(Cut("the gateway does not answer".to_owned()));
                    }
                    self.line.ping();
                    next_ping = Instant::now() + self.timing.ping;
                }
            }
        }
    }

    fn take_input(&mut self, input: &Input) {
        match input {
            Input::Bytes(bytes) => self.channel.on_input(bytes, now()),
            Input::Resize(size) => self.channel.on_resize(*size, now()),
            Input::Eof => self.channel.on_end_of_input(now()),
        }
    }

    fn take_frames(&mut self) {
        let now = now();
        for frame in self.frames.drain(..) {
            self.channel.on_frame(&frame, now);
        }
    }

    /// Does what the channel wants done.
    fn settle(&mut self) {
        while let Some(out) = self.channel.next_out() {
            match out {
                Out::Frame(frame) => self.line.send_frame(frame),
                Out::Output(bytes) => self.printed.push(Output::Bytes(bytes)),
                Out::Stderr(bytes) => self.printed.push(Output::Stderr(bytes)),
                Out::Notice(text) => self.printed.push(Output::Notice(clean(text.trim()))),
                Out::Declined(reason) => self.declined = Some(clean(reason)),
                Out::Closed { reason, code } => {
                    let reason = self.declined.take().unwrap_or_else(|| clean(reason));
                    self.exit = Some(code.map_or(Exit::Closed(reason), Exit::Code));
                }
            }
        }
    }

    /// Hands on as much output as the terminal takes at once.
    fn hand_on(&mut self, output: &mpsc::Sender<Output>) {
        while !self.printed.is_empty() {
            let Ok(room) = output.try_reserve() else {
                return;
            };
            if let Some(printed) = self.printed.pop() {
                room.send(printed);
            }
        }
    }

    /// Returns when the channel has something to do; not while the socket takes nothing.
    fn deadline(&self) -> Option<Instant> {
        if self.line.is_choked() {
            return None;
        }
        self.channel.next_deadline().map(Instant::from_std)
    }

    /// Has the session resumed and connects again; tells the person when that takes its time. Returns
    /// [`Stop::Cut`] when the session goes on.
    async fn come_back(&mut self, backend: &Backend, cut: Cut, failures: &mut u32) -> Stop {
        let tell_at = Instant::now() + UNTOLD;
        let mut told = false;
        let lost = clean(&cut.0);
        let mut last = lost.clone();
        while *failures < ATTEMPTS {
            let wait = if *failures == 0 { Duration::ZERO } else { backoff(*failures) };
            *failures += 1;
            let attempt = attempt(self.address.clone(), self.gateway.clone(), self.session_id.clone(), self.client_id);
            let limit = self.timing.opening;
            let attempt = async {
                sleep(wait).await;
                let silence = || Failure { reason: "no answer".to_owned(), lasts: false };
                timeout(limit, attempt).await.unwrap_or_else(|_| Err(silence()))
            };
            tokio::pin!(attempt);
            let resumed = loop {
                self.hand_on(&backend.output);
                select! {
                    resumed = &mut attempt => break resumed,
                    () = backend.output.closed() => return Stop::HungUp,
                    room = backend.output.reserve(), if !self.printed.is_empty() => {
                        if let (Ok(room), Some(output)) = (room, self.printed.pop()) {
                            room.send(output);
                        }
                    }
                    () = sleep_until(tell_at), if !told => {
                        told = true;
                        let text = format!("connection lost ({lost}); trying to resume the session …");
                        self.printed.push(Output::Notice(text));
                    }
                }
            };
            match resumed {
                Ok(Some(line)) => {
                    self.line = line;
                    self.frames.clear();
                    self.channel.on_reconnect(now());
                    if told {
                        self.printed.push(Output::Notice("session resumed".to_owned()));
                    }
                    return Stop::Cut(cut);
                }
                Ok(None) => {
                    return Stop::Over(Exit::Lost(format!("{lost}; the session is over or has timed out")));
                }
                Err(failure) => {
                    last = clean(failure.reason);
                    if failure.lasts {
                        break;
                    }
                }
            }
        }
        Stop::Over(Exit::Lost(format!("{lost}; could not resume the session: {last}")))
    }

    /// Ends the remote process: by AWS's call, or where that is denied by the keys that end most programs.
    async fn hang_up(mut self, backend: &Backend, connected: bool) {
        let terminate = (self.gateway.terminate)(self.session_id.clone());
        let denied = match timeout(self.timing.opening, terminate).await {
            Ok(Ok(())) => return,
            Ok(Err(failure)) => clean(failure.reason),
            Err(_) => "no answer".to_owned(),
        };
        if connected && timeout(FAREWELL, self.interrupt()).await.is_ok() {
            return;
        }
        backend.bid_farewell(format!(
            "the remote command goes on until AWS's idle time-out: the session could not be terminated ({denied})"
        ));
    }

    /// Types ^C and ^D and returns when the far side has closed the session; never if it does not.
    async fn interrupt(&mut self) {
        self.channel.on_input(b"\x03\x04", now());
        loop {
            self.settle();
            self.printed = Printed::default();
            if self.exit.is_some() {
                return;
            }
            let deadline = self.deadline();
            select! {
                turn = self.line.turn(true, &mut self.frames) => {
                    if turn.is_err() {
                        std::future::pending::<()>().await;
                    }
                    self.take_frames();
                }
                () = until(deadline) => self.channel.on_tick(now()),
            }
        }
    }
}

/// Asks for a new token and dials the original URL with it; `None` when the session is over.
async fn attempt(
    address: Address,
    gateway: Gateway,
    session_id: String,
    client_id: Uuid,
) -> Result<Option<Line>, Failure> {
    let Some(token) = (gateway.resume)(session_id).await? else {
        return Ok(None);
    };
    let line = Line::dial(&address, &gateway, &token, client_id).await;
    line.map(Some).map_err(|error| Failure { reason: error.to_string(), lasts: error.lasts() })
}

fn backoff(failures: u32) -> Duration {
    (FIRST_BACKOFF * 2_u32.saturating_pow(failures.saturating_sub(1).min(16))).min(LONGEST_BACKOFF)
}

/// Waits until a moment, or for ever.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}

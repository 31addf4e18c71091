//! The task behind an open session: joins the channel to its websocket and to the terminal.

mod farewell;
mod keys;
mod printed;
mod pulse;
mod resume;
mod watch;

use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::{select, task::yield_now};
use uuid::Uuid;

use super::{
    Error, Gateway, Stage, Start, Timing,
    address::Address,
    channel::{Channel, Out},
    line::{Cut, Line},
};
use crate::{
    model::text::clean,
    session::{Backend, Exit, Input, Output, Size, clock::Clock},
};
use keys::Keys;
use printed::Printed;
use pulse::{Beat, Pulse};
use resume::Loss;
use watch::Watch;

/// How long a session outlives its task while nothing comes: what was printed last is still on its way.
const AFTERLIFE: Duration = Duration::from_secs(5);

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
    watch: Watch,
    keys: Keys,
    /// When the session ends at the latest, once its task has stopped.
    last_moment: Option<Instant>,
    /// The connection is gone, or was and nothing was heard since.
    loss: Option<Loss>,
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
    /// Connects and waits until the far side has answered, and is content with what it asked for.
    pub(super) async fn open(
        address: Address,
        gateway: Gateway,
        timing: Timing,
        start: &Start,
        size: Size,
    ) -> Result<Self, Error> {
        let client_id = Uuid::new_v4();
        // Ready before connecting: nothing that comes is dropped.
        let now = timing.clock.now();
        let channel = Channel::new(size, now);
        let (session_id, data_key) = (start.session_id.clone(), gateway.data_key.clone());
        let keys = Keys::new(session_id.clone(), start.target.clone(), data_key, timing.opening, now);
        let line = Line::dial(&address, &gateway, &start.token, client_id).await?;
        let watch = Watch::new(gateway.fate.clone());
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
            watch,
            keys,
            last_moment: None,
            loss: None,
            exit: None,
            declined: None,
        };
        wire.settle();
        while wire.is_opening() {
            wire.turn().await.map_err(|cut| Error::NotLetIn { reason: clean(cut.0) })?;
            wire.settle();
            if wire.is_opening()
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

    /// Serves the session to its end.
    pub(super) async fn serve(mut self, mut backend: Backend) {
        let exit = loop {
            let stop = match self.carry(&mut backend).await {
                Stop::Cut(cut) => Box::pin(self.come_back(&backend, &cut)).await,
                stop => Some(stop),
            };
            match stop {
                None => {}
                Some(Stop::Over(exit)) => break exit,
                Some(Stop::Cut(_) | Stop::HungUp) => return self.hang_up(&backend).await,
            }
        };
        self.printed.hand_on_all(&backend.output).await;
        let _hung_up = backend.output.send(Output::Exit(exit)).await;
    }

    /// Carries bytes until the session is over, cut or hung up on.
    async fn carry(&mut self, backend: &mut Backend) -> Stop {
        let clock = self.timing.clock.clone();
        let mut pulse = Pulse::new(self.timing.ping, clock.now(), clock.wall());
        loop {
            self.settle();
            if self.printed.hand_on(&backend.output) {
                // The terminal has it before the far side hears that it has come.
                yield_now().await;
            }
            if let Some(exit) = self.exit.take() {
                return Stop::Over(exit);
            }
            if let Some(reason) = self.declined.take() {
                self.end().await;
                return Stop::Over(Exit::Closed(reason));
            }
            let (listens, waits) = (!self.printed.is_full(), self.channel.waits());
            let (due, look, end) = (self.deadline(), pulse.next_look(waits), self.last_moment);
            select! {
                biased;
                () = backend.output.closed() => return Stop::HungUp,
                input = backend.input.recv(), if self.channel.wants_input() => match input {
                    Some(input) => {
                        self.take_input(&input);
                        // Somebody is back at a machine that may have slept.
                        self.look(&mut pulse, listens);
                    }
                    None => return Stop::HungUp,
                },
                () = self.printed.hand_on_next(&backend.output) => {}
                turn = self.line.turn(listens, &mut self.frames) => {
                    if let Err(cut) = turn {
                        return Stop::Cut(cut);
                    }
                    pulse.heard();
                    self.take_frames();
                    self.last_moment = self.last_moment.map(|_| clock.now() + AFTERLIFE);
                    if self.channel.is_heard() {
                        self.loss = None;
                    }
                }
                stage = self.watch.next() => self.on_stage(stage),
                key = self.keys.next() => self.channel.on_key(key, clock.now()),
                () = until(&clock, due) => self.channel.on_tick(clock.now()),
                () = until(&clock, end), if listens => return Stop::Over(self.end_of_task()),
                () = clock.sleep_until(look) => if self.look(&mut pulse, listens) == Beat::Dead {
                    return Stop::Cut(Cut("the gateway does not answer".to_owned()));
                }
            }
        }
    }

    /// Whether the far side has not answered yet, or wants something settled first.
    fn is_opening(&self) -> bool {
        self.declined.is_none() && (!self.channel.is_heard() || self.channel.is_shaking_hands())
    }

    /// Does what the pulse says.
    fn look(&mut self, pulse: &mut Pulse, listens: bool) -> Beat {
        let clock = &self.timing.clock;
        let beat = pulse.look(clock.now(), clock.wall(), self.channel.waits(), listens);
        if beat == Beat::Ping {
            self.line.ping();
        }
        beat
    }

    /// Exchanges frames with the gateway once, or does what is due.
    async fn turn(&mut self) -> Result<(), Cut> {
        let (clock, due) = (self.timing.clock.clone(), self.deadline());
        select! {
            turn = self.line.turn(true, &mut self.frames) => {
                turn?;
                self.take_frames();
            }
            key = self.keys.next() => self.channel.on_key(key, clock.now()),
            () = until(&clock, due) => self.channel.on_tick(clock.now()),
        }
        Ok(())
    }

    fn take_input(&mut self, input: &Input) {
        let now = self.timing.clock.now();
        match input {
            Input::Bytes(bytes) => self.channel.on_input(bytes, now),
            Input::Resize(size) => self.channel.on_resize(*size, now),
            Input::Eof => self.channel.on_end_of_input(now),
        }
    }

    fn take_frames(&mut self) {
        let now = self.timing.clock.now();
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
                Out::Notice(text) => self.say(text.trim()),
                Out::WantsKey(wish) => self.keys.want(wish, &self.timing.clock),
                Out::Declined(reason) => self.declined = Some(clean(reason)),
                Out::Closed { reason, code } => {
                    let reason = self.declined.take().unwrap_or_else(|| clean(reason));
                    self.exit = Some(code.map_or_else(|| self.closed(reason), Exit::Code));
                }
            }
        }
    }

    /// Takes note of what becomes of the task.
    fn on_stage(&mut self, stage: Stage) {
        match stage {
            Stage::Stopping => self.say(clean(self.watch.words().unwrap_or_default())),
            Stage::Stopped => self.last_moment = Some(self.timing.clock.now() + AFTERLIFE),
        }
    }

    /// Returns the end of a session whose task has ended.
    fn end_of_task(&self) -> Exit {
        self.closed(String::new())
    }

    /// Returns the end of a session that was closed. Where nobody says why, the task's end is why.
    fn closed(&self, reason: String) -> Exit {
        match self.watch.words() {
            Some(words) if reason.is_empty() => Exit::Closed(clean(words)),
            _ => Exit::Closed(reason),
        }
    }

    /// Has a word for the person.
    fn say(&mut self, text: impl AsRef<str>) {
        self.printed.push(Output::Notice(clean(text)));
    }

    /// Returns when the channel has something to do; not while the socket takes nothing.
    fn deadline(&self) -> Option<Instant> {
        if self.line.is_choked() { None } else { self.channel.next_deadline() }
    }
}

/// Waits until a moment, or for ever.
async fn until(clock: &Clock, moment: Option<Instant>) {
    match moment {
        Some(moment) => clock.sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

//! Joins a session to the terminal: every byte both ways untouched, but for ssh's escapes and the leave key.

mod away;
mod escapes;
mod leave;
mod modes;

use std::{collections::VecDeque, future::Future, io, time::Duration};

use bytes::{Bytes, BytesMut};
use rustix::stdio::stderr;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

use super::{
    Ending, Error, Keyboard, Raw, RawMode, Signals,
    keyboard::at,
    output::{Piece, Writer, write_all},
    require, screen, size,
};
use crate::{
    model::text::clean,
    session::{Exit, Input, Output, Session, Size},
};
pub use away::{Away, Going};
use escapes::{Escapes, Wish};
use leave::LeaveKey;

/// How much may be typed ahead of a session that does not listen; `~.` is heard until then.
const TYPED_AHEAD: usize = 256 * 1024;
/// How long a far side that was hung up on may take to hear of it before the program ends without it.
const FAREWELL: Duration = Duration::from_secs(3);
/// How long a session that is left, and the terminal, may take for what is on its way to them.
const LAST_PIECE: Duration = Duration::from_millis(500);
/// What is said where it did not.
const UNHEARD: &str = "the far side could not be told that the session is over; it may live on until it times out";

/// How the terminal and a session parted.
#[derive(Debug)]
pub enum Parting {
    /// The session ended.
    Ended(Exit),
    /// The person ended it with `~.`, which counts as this end; it waits to be hung up.
    Left(Exit, Session),
    /// The person left it running.
    Away(Going),
    /// The program was asked to end; the session waits to be hung up.
    Asked(Ending, Session),
}

/// What of the keys is not the session's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ours {
    /// The character that ssh's escapes begin with, if one does.
    pub escape: Option<char>,
    /// Whether the session can be left running, as there is something to come back from.
    pub leaves: bool,
    /// With ctrl, and pressed twice, this leaves it.
    pub leave: Option<char>,
}

impl Ours {
    /// Returns what is ours where a session cannot be left running.
    pub fn to_the_end(escape: Option<char>) -> Self {
        Self { escape, leaves: false, leave: None }
    }
}

/// Gives the terminal to a session until it ends, and restores it: raw mode, reader and signals are this function's
/// own. Errors only where there is no terminal. A session ended with `~.` counts as closed, one ended by a signal to
/// this program as ended by that signal. `escape` is the character that ssh's escapes begin with.
pub async fn attach(session: Session, escape: Option<char>) -> Result<Exit, Error> {
    require()?;
    let mut signals = Signals::new()?;
    let raw = RawMode::enter()?;
    raw.set_farewell(screen::RESET);
    let mut keyboard = Keyboard::start(size())?;
    let parting = join(session.into(), &mut keyboard, &mut signals, Ours::to_the_end(escape)).await;
    drop((keyboard, raw));
    let (exit, session) = match parting? {
        Parting::Ended(exit) => return Ok(exit),
        Parting::Left(exit, session) => (exit, session),
        Parting::Away(going) => (Exit::Closed("left".to_owned()), going.into_session()),
        Parting::Asked(ending, session) => (Exit::Signal(ending.name().to_owned()), session),
    };
    // Another signal means now.
    let last_word = tokio::select! {
        word = hang_up(session) => word,
        _ = signals.next() => Some(UNHEARD.to_owned()),
    };
    if let Some(word) = last_word {
        let _gone = write_all(stderr(), format!("{}\n", clean(word)).as_bytes());
    }
    Ok(exit)
}

/// Hangs up at once; the future waits only so long for the far side to hear of it, and returns what the person must
/// know.
pub fn hang_up(session: Session) -> impl Future<Output = Option<String>> + Send {
    let farewell = session.hang_up();
    async { timeout(FAREWELL, farewell).await.unwrap_or_else(|_| Some(UNHEARD.to_owned())) }
}

/// Gives a terminal that is raw already to a session until it ends, is left, or the program is asked to end. To one
/// that somebody comes back to, all that it has printed meanwhile is given first.
pub async fn join(mut going: Going, keyboard: &mut Keyboard, signals: &mut Signals, ours: Ours) -> io::Result<Parting> {
    let mut writer = Writer::start()?;
    let mut joint = Joint::new(ours);
    going.come_back(size());
    let Going { session, missed, modes, .. } = &mut going;
    let end = loop {
        let typing = joint.typed.len() < TYPED_AHEAD && !joint.deaf;
        tokio::select! {
            biased;
            ending = signals.next() => break End::Asked(ending),
            raw = keyboard.next_raw(), if typing => match raw {
                Raw::Bytes(bytes) => match joint.take(bytes) {
                    None => {}
                    Some(Wanted::End) => break End::Left(joint.escapes.end()),
                    Some(Wanted::Leave) => break End::Away,
                },
                Raw::Resize(size) => joint.resized = Some(size),
                Raw::Gone => break End::Asked(Ending::HangUp),
            },
            () = at(joint.leave.due()) => joint.pass(),
            permit = session.input.reserve(), if joint.has_input() => match permit {
                Ok(permit) => permit.send(joint.next_input()),
                Err(_) => joint.deaf = true,
            },
            ready = writer.ready(), if joint.has_output() => match ready {
                Ok(()) => writer.give(joint.next_output()),
                Err(_) => break End::Asked(Ending::HangUp),
            },
            output = next(missed, &mut session.output), if !joint.has_output() => match output {
                Output::Exit(exit) => break End::Ended(exit),
                Output::Bytes(bytes) => {
                    modes.see(&bytes);
                    joint.output = Some(Piece::Out(bytes));
                }
                Output::Stderr(bytes) => joint.output = Some(Piece::Err(bytes)),
                Output::Notice(text) => joint.output = Some(Piece::Line(clean(text))),
            },
        }
    };
    finish(end, going, joint, writer, signals).await
}

/// Returns the next thing that a session has printed: what was missed, then what comes.
async fn next(missed: &mut VecDeque<Output>, output: &mut mpsc::Receiver<Output>) -> Output {
    match missed.pop_front() {
        Some(output) => output,
        None => output.recv().await.unwrap_or_else(Output::without_a_word),
    }
}

/// Why the terminal and the session part.
enum End {
    Ended(Exit),
    /// By typing this.
    Left(String),
    Away,
    Asked(Ending),
}

/// Lets the terminal have what a session that has ended printed, unless the program must end or the terminal is gone.
/// Who leaves, or ends the program, wants the terminal and not what is still on its way to it.
async fn finish(end: End, going: Going, joint: Joint, writer: Writer, signals: &mut Signals) -> io::Result<Parting> {
    let exit = match end {
        End::Ended(exit) => exit,
        End::Left(typed) => {
            writer.abandon().await;
            return Ok(Parting::Left(Exit::Closed(format!("ended with {typed}")), going.session));
        }
        End::Away => return Ok(Parting::Away(leave(going, joint, writer).await)),
        End::Asked(ending) => return Ok(Parting::Asked(ending, going.session)),
    };
    tokio::select! {
        biased;
        written = writer.finish() => match written {
            Ok(()) => Ok(Parting::Ended(exit)),
            Err(_) => Ok(Parting::Asked(Ending::HangUp, going.session)),
        },
        ending = signals.next() => Ok(Parting::Asked(ending, going.session)),
    }
}

/// Leaves a session running: what was typed still reaches it, and what it has printed the terminal, where both listen.
async fn leave(mut going: Going, mut joint: Joint, writer: Writer) -> Going {
    while joint.has_input() {
        let sent = going.session.input.send(joint.next_input());
        if !matches!(timeout(LAST_PIECE, sent).await, Ok(Ok(()))) {
            break;
        }
    }
    if let Some(piece) = joint.output.take() {
        going.missed.push_front(match piece {
            Piece::Out(bytes) => Output::Bytes(bytes),
            Piece::Err(bytes) => Output::Stderr(bytes),
            Piece::Line(text) => Output::Notice(text),
        });
    }
    let _what_it_does_not_take_is_gone = timeout(LAST_PIECE, writer.finish()).await;
    going
}

/// What somebody wants who types something that is not the session's.
enum Wanted {
    End,
    Leave,
}

/// What is under way between the terminal and the session.
#[derive(Debug)]
struct Joint {
    leave: LeaveKey,
    escapes: Escapes,
    /// Typed and not yet taken by the session.
    typed: BytesMut,
    /// Not yet told to the session.
    resized: Option<Size>,
    /// The session takes no more input, so it is about to end: what is typed now waits for whoever is next.
    deaf: bool,
    /// Printed and not yet taken by the terminal.
    output: Option<Piece>,
    /// The list of escapes was asked for.
    list: bool,
}

impl Joint {
    fn new(ours: Ours) -> Self {
        Self {
            leave: LeaveKey::new(ours.leave.filter(|_| ours.leaves)),
            escapes: Escapes::new(ours.escape, ours.leaves),
            typed: BytesMut::new(),
            resized: Some(size()),
            deaf: false,
            output: None,
            list: false,
        }
    }

    /// Takes typed bytes; returns what they want of us.
    fn take(&mut self, bytes: Bytes) -> Option<Wanted> {
        let (bytes, leaves) = self.leave.feed(bytes, Instant::now());
        self.find_escapes(&bytes).or(leaves.then_some(Wanted::Leave))
    }

    /// Passes on what might have been the first of two presses of the leave key.
    fn pass(&mut self) {
        let bytes = self.leave.release();
        self.typed.extend_from_slice(&bytes);
    }

    fn find_escapes(&mut self, bytes: &Bytes) -> Option<Wanted> {
        for wish in self.escapes.feed(bytes) {
            match wish {
                Wish::Send(bytes) => self.typed.extend_from_slice(&bytes),
                Wish::List => self.list = true,
                Wish::End => return Some(Wanted::End),
                Wish::Leave => return Some(Wanted::Leave),
            }
        }
        None
    }

    fn has_input(&self) -> bool {
        !self.deaf && (self.resized.is_some() || !self.typed.is_empty())
    }

    fn next_input(&mut self) -> Input {
        match self.resized.take() {
            Some(size) => Input::Resize(size),
            None => Input::Bytes(self.typed.split().freeze()),
        }
    }

    fn has_output(&self) -> bool {
        self.list || self.output.is_some()
    }

    fn next_output(&mut self) -> Piece {
        if std::mem::take(&mut self.list) {
            return Piece::Line(self.escapes.list());
        }
        self.output.take().unwrap_or(Piece::Out(Bytes::new()))
    }
}

//! Joins a session to the terminal: every byte both ways untouched, but for ssh's escapes.

mod escapes;

use std::{io, time::Duration};

use bytes::{Bytes, BytesMut};
use rustix::stdio::stderr;
use tokio::time::timeout;

use super::{
    Ending, Error, Keyboard, Raw, RawMode, Signals,
    output::{Piece, Writer, write_all},
    require, screen, size,
};
use crate::{
    model::text::clean,
    session::{Exit, Input, Output, Session, Size},
};
use escapes::{Escapes, Wish};

/// How much may be typed ahead of a session that does not listen; `~.` is heard until then.
const TYPED_AHEAD: usize = 256 * 1024;
/// How long a far side that was hung up on may take to hear of it before the program ends without it.
const FAREWELL: Duration = Duration::from_secs(3);
/// What is said where it did not.
const UNHEARD: &str = "the far side could not be told that the session is over; it may live on until it times out";

/// How the terminal and a session parted.
#[derive(Debug)]
pub enum Parting {
    /// The session ended.
    Ended(Exit),
    /// The person ended it with `~.`, which counts as this end; it waits to be hung up.
    Left(Exit, Session),
    /// The program was asked to end; the session waits to be hung up.
    Asked(Ending, Session),
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
    let parting = join(session, &mut keyboard, &mut signals, escape).await;
    drop((keyboard, raw));
    let (exit, session) = match parting? {
        Parting::Ended(exit) => return Ok(exit),
        Parting::Left(exit, session) => (exit, session),
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

/// Gives a terminal that is raw already to a session until it ends, is left, or the program is asked to end.
pub async fn join(
    mut session: Session,
    keyboard: &mut Keyboard,
    signals: &mut Signals,
    escape: Option<char>,
) -> io::Result<Parting> {
    let mut writer = Writer::start()?;
    let mut joint = Joint::new(escape);
    let end = loop {
        let typing = joint.typed.len() < TYPED_AHEAD && !joint.deaf;
        tokio::select! {
            biased;
            ending = signals.next() => break End::Asked(ending),
            raw = keyboard.next_raw(), if typing => match raw {
                Raw::Bytes(bytes) => {
                    if joint.take(&bytes) {
                        break End::Left(joint.escapes.end());
                    }
                }
                Raw::Resize(size) => joint.resized = Some(size),
                Raw::Gone => break End::Asked(Ending::HangUp),
            },
            permit = session.input.reserve(), if joint.has_input() => match permit {
                Ok(permit) => permit.send(joint.next_input()),
                Err(_) => joint.deaf = true,
            },
            ready = writer.ready(), if joint.has_output() => match ready {
                Ok(()) => writer.give(joint.next_output()),
                Err(_) => break End::Asked(Ending::HangUp),
            },
            output = session.output.recv(), if !joint.has_output() => match output {
                Some(Output::Exit(exit)) => break End::Ended(exit),
                Some(Output::Bytes(bytes)) => joint.output = Some(Piece::Out(bytes)),
                Some(Output::Stderr(bytes)) => joint.output = Some(Piece::Err(bytes)),
                Some(Output::Notice(text)) => joint.output = Some(Piece::Line(clean(text))),
                None => break End::Ended(Exit::Lost("the connection ended without a word".to_owned())),
            },
        }
    };
    finish(end, session, writer, signals).await
}

/// Why the terminal and the session part.
enum End {
    Ended(Exit),
    /// By typing this.
    Left(String),
    Asked(Ending),
}

/// Lets the terminal have what a session that has ended printed, unless the program must end or the terminal is gone.
/// Who leaves, or ends the program, wants the terminal and not what is still on its way to it.
async fn finish(end: End, session: Session, writer: Writer, signals: &mut Signals) -> io::Result<Parting> {
    let exit = match end {
        End::Ended(exit) => exit,
        End::Left(typed) => {
            writer.abandon().await;
            return Ok(Parting::Left(Exit::Closed(format!("ended with {typed}")), session));
        }
        End::Asked(ending) => return Ok(Parting::Asked(ending, session)),
    };
    tokio::select! {
        biased;
        written = writer.finish() => match written {
            Ok(()) => Ok(Parting::Ended(exit)),
            Err(_) => Ok(Parting::Asked(Ending::HangUp, session)),
        },
        ending = signals.next() => Ok(Parting::Asked(ending, session)),
    }
}

/// What is under way between the terminal and the session.
#[derive(Debug)]
struct Joint {
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
    fn new(escape: Option<char>) -> Self {
        Self {
            escapes: Escapes::new(escape),
            typed: BytesMut::new(),
            resized: Some(size()),
            deaf: false,
            output: None,
            list: false,
        }
    }

    /// Takes typed bytes; returns whether they end the session.
    fn take(&mut self, bytes: &Bytes) -> bool {
        for wish in self.escapes.feed(bytes) {
            match wish {
                Wish::Send(bytes) => self.typed.extend_from_slice(&bytes),
                Wish::List => self.list = true,
                Wish::End => return true,
            }
        }
        false
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

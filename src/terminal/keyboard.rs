//! The one owner of stdin: a thread reads it from the program's first frame to its end, and whoever has the terminal
//! takes what it read as keys or as bytes.
//!
//! One reader and one queue of untouched bytes, so a hand-over changes only who asks next: nothing can be read twice,
//! kept back or stolen. crossterm's own reader is not used, for three things seen in 0.29's `event/source/unix/mio.rs`:
//! after half an escape sequence it blocks in `read`, on a terminal that is gone it spins, and it waits for an edge
//! when a long paste is still half unread. Its key types are the vocabulary.

mod parser;
mod report;

use std::{
    collections::VecDeque,
    future::pending,
    io,
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;
use crossterm::event::{KeyEvent, MouseEvent};
use rustix::{
    event::{PollFd, PollFlags, poll},
    fd::{AsFd, OwnedFd},
    io::Errno,
    pipe::{PipeFlags, pipe_with},
    stdio::stdin,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{raw, size};
use crate::session::Size;
use parser::Parser;
use report::Strays;

/// As much as a terminal in raw mode gives at once (Linux, `N_TTY_BUF_SIZE`).
const READ: usize = 4096;
/// How many reads are taken ahead of whoever asks; then the terminal has to wait.
const AHEAD: usize = 16;
/// How long reports of the mouse may still be on their way after it was switched off.
const LATE: Duration = Duration::from_secs(1);

/// What the person at the terminal did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was pressed, let go or its wheel turned, where it is reported.
    Mouse(MouseEvent),
    /// Text was pasted, line breaks as `\n`.
    Paste(String),
    /// The terminal has this size now.
    Resize(Size),
    /// The program was stopped and goes on: the terminal is raw again, of this size, and shows anything.
    Continued(Size),
    /// The terminal is gone; nothing follows.
    Gone,
}

/// What the terminal gave, for a session: as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raw {
    /// Typed or pasted bytes.
    Bytes(Bytes),
    /// The terminal has this size now.
    Resize(Size),
    /// The terminal is gone; nothing follows.
    Gone,
}

/// What is typed at the terminal. Dropping it stops the reading.
#[derive(Debug)]
pub struct Keyboard {
    read: mpsc::Receiver<Bytes>,
    parser: Parser,
    parsed: VecDeque<Typed>,
    resized: Signal,
    /// Somebody else's `kill -TSTP`: ctrl-z itself is a key in raw mode.
    stopped: Signal,
    continued: Signal,
    /// When half a sequence counts as all that comes.
    deadline: Option<Instant>,
    /// Until when reports of the mouse may come that nobody asks for any more, and what is here of one.
    late: Option<Instant>,
    strays: Strays,
    reader: Option<JoinHandle<()>>,
    /// Closing it wakes the reader.
    wake: Option<OwnedFd>,
}

impl Keyboard {
    /// Begins to read standard input; needs a tokio runtime with I/O and time. `shown` is the size that was drawn for:
    /// if the terminal has another by now, that comes first.
    pub fn start(shown: Size) -> io::Result<Self> {
        let mut keyboard = Self::of(stdin())?;
        let now = size();
        if now != shown {
            keyboard.parsed.push_back(Typed::Resize(now));
        }
        Ok(keyboard)
    }

    /// Begins to read `source`.
    fn of(source: impl AsFd + Send + 'static) -> io::Result<Self> {
        let (woken, wake) = pipe_with(PipeFlags::CLOEXEC)?;
        let (to, read) = mpsc::channel(AHEAD);
        let reader = thread::Builder::new().name("keyboard".into()).spawn(move || read_all(&source, &woken, &to))?;
        Ok(Self {
            read,
            parser: Parser::default(),
            parsed: VecDeque::new(),
            resized: signal(SignalKind::window_change())?,
            stopped: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            continued: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
            deadline: None,
            late: None,
            strays: Strays::default(),
            reader: Some(reader),
            wake: Some(wake),
        })
    }

    /// Waits for the next key, paste or size. Loses nothing when it is dropped.
    pub async fn next(&mut self) -> Typed {
        loop {
            if let Some(typed) = self.parsed.pop_front() {
                return typed;
            }
            let bytes = tokio::select! {
                biased;
                bytes = self.read.recv() => bytes,
                _ = self.resized.recv() => return Typed::Resize(size()),
                () = stopped(&mut self.stopped, &mut self.continued) => return Typed::Continued(take_again()),
                () = at(self.deadline) => {
                    self.parser.give_up_waiting(&mut self.parsed);
                    self.deadline = None;
                    continue;
                }
            };
            let Some(bytes) = bytes else { return Typed::Gone };
            self.parse(&bytes);
        }
    }

    /// Returns a key, paste or size that is there already.
    pub fn ready(&mut self) -> Option<Typed> {
        while self.parsed.is_empty() {
            let bytes = self.read.try_recv().ok()?;
            self.parse(&bytes);
        }
        self.parsed.pop_front()
    }

    /// Forgets what the mouse did, and for a while what it did and is still on its way: it was just switched off.
    pub fn forget_mouse(&mut self) {
        self.parsed.retain(|typed| !matches!(typed, Typed::Mouse(_)));
        self.late = Some(Instant::now() + LATE);
    }

    /// Waits for bytes or a size. Loses nothing when it is dropped. Keys that were parsed but not asked for stay keys;
    /// of a sequence that is half here a session gets all of it, but no report of a mouse that was switched off.
    pub async fn next_raw(&mut self) -> Raw {
        self.deadline = None;
        loop {
            let bytes = if let Some(begun) = self.parser.take_unparsed() {
                begun.into()
            } else {
                tokio::select! {
                    biased;
                    bytes = self.read.recv() => match bytes {
                        Some(bytes) => bytes,
                        None => return Raw::Gone,
                    },
                    _ = self.resized.recv() => return Raw::Resize(size()),
                    () = stopped(&mut self.stopped, &mut self.continued) => return Raw::Resize(take_again()),
                    () = at(self.late), if self.strays.is_waiting() => return Raw::Bytes(self.strays.give_up().into()),
                }
            };
            let bytes = self.without_strays(bytes);
            if !bytes.is_empty() {
                return Raw::Bytes(bytes);
            }
        }
    }

    /// Returns what is meant for a session.
    fn without_strays(&mut self, bytes: Bytes) -> Bytes {
        match self.late {
            Some(late) if Instant::now() < late || self.strays.is_waiting() => self.strays.taken_out(&bytes).into(),
            Some(_) | None => bytes,
        }
    }

    fn parse(&mut self, bytes: &[u8]) {
        self.parser.feed(bytes, &mut self.parsed);
        self.deadline = self.parser.patience().map(|patience: Duration| Instant::now() + patience);
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.read.close();
        self.wake.take();
        if let Some(reader) = self.reader.take() {
            let _panicked = reader.join();
        }
    }
}

/// Waits until the program was stopped and goes on. Where it is asked to stop the terminal is given away first.
async fn stopped(stop: &mut Signal, go_on: &mut Signal) {
    tokio::select! {
        _ = go_on.recv() => {}
        _ = stop.recv() => {
            raw::stop();
            go_on.recv().await;
        }
    }
}

/// Takes the terminal again after the program was stopped: a shell that had it meanwhile has set its own modes. Returns
/// its size, which may have changed unnoticed.
fn take_again() -> Size {
    raw::take_again();
    size()
}

/// Completes at a time, or never.
pub(super) async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

/// Reads until the terminal is gone, `woken` is closed on the other side or nobody listens any more.
fn read_all(source: &impl AsFd, woken: &OwnedFd, to: &mpsc::Sender<Bytes>) {
    let mut buffer = [0; READ];
    loop {
        let mut ready = [PollFd::new(source, PollFlags::IN), PollFd::new(woken, PollFlags::IN)];
        match poll(&mut ready, None) {
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(_) => return,
        }
        if !ready[1].revents().is_empty() {
            return;
        }
        match rustix::io::read(source, &mut buffer) {
            Ok(0) => return,
            Ok(count) => {
                if to.blocking_send(Bytes::copy_from_slice(&buffer[..count])).is_err() {
                    return;
                }
            }
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent};

    use super::*;

    fn keyboard() -> (OwnedFd, Keyboard) {
        let (source, typist) = pipe_with(PipeFlags::CLOEXEC).unwrap();
        (typist, Keyboard::of(source).unwrap())
    }

    fn type_in(typist: &OwnedFd, text: &str) {
        rustix::io::write(typist, text.as_bytes()).unwrap();
    }

    fn key(code: KeyCode) -> Typed {
        Typed::Key(KeyEvent::from(code))
    }

    #[tokio::test]
    async fn keys_then_bytes_then_keys_each_once() {
        let (typist, mut keyboard) = keyboard();
        type_in(&typist, "a");
        assert_eq!(keyboard.next().await, key(KeyCode::Char('a')));
        type_in(&typist, "hello");
        assert_eq!(keyboard.next_raw().await, Raw::Bytes("hello".into()));
        type_in(&typist, "z");
        assert_eq!(keyboard.next().await, key(KeyCode::Char('z')));
        assert_eq!(keyboard.ready(), None);
    }

    #[tokio::test]
    async fn a_sequence_cut_by_the_hand_over_reaches_the_session_whole() {
        let (typist, mut keyboard) = keyboard();
        type_in(&typist, "a\x1b[1;");
        assert_eq!(keyboard.next().await, key(KeyCode::Char('a')));
        assert_eq!(keyboard.next_raw().await, Raw::Bytes("\x1b[1;".into()));
        type_in(&typist, "5A");
        assert_eq!(keyboard.next_raw().await, Raw::Bytes("5A".into()));
    }

    #[tokio::test]
    async fn a_session_gets_no_report_of_a_mouse_that_was_switched_off() {
        let (typist, mut keyboard) = keyboard();
        type_in(&typist, "a\x1b[<0;2;3M\x1b[<0;2");
        assert_eq!(keyboard.next().await, key(KeyCode::Char('a')));
        keyboard.forget_mouse();
        type_in(&typist, ";3m");
        type_in(&typist, "ls\x1b[<65;2;3M\x1b[A");
        let mut got = Vec::new();
        while !got.ends_with(b"[A") {
            match keyboard.next_raw().await {
                Raw::Bytes(bytes) => got.extend_from_slice(&bytes),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(got.escape_ascii().to_string(), "ls\\x1b[A");
        assert_eq!(keyboard.ready(), None, "nor does the browser, after the session");
    }

    #[tokio::test]
    async fn a_session_may_ask_for_the_mouse_itself() {
        let (typist, mut keyboard) = keyboard();
        keyboard.forget_mouse();
        keyboard.late = Some(Instant::now());
        type_in(&typist, "\x1b[<0;2;3M");
        assert_eq!(keyboard.next_raw().await, Raw::Bytes("\x1b[<0;2;3M".into()));
    }

    #[tokio::test]
    async fn escape_alone_is_a_key() {
        let (typist, mut keyboard) = keyboard();
        type_in(&typist, "\x1b");
        assert_eq!(keyboard.next().await, key(KeyCode::Esc));
    }

    #[tokio::test]
    async fn a_terminal_that_is_gone_is_said_after_what_was_typed() {
        let (typist, mut keyboard) = keyboard();
        type_in(&typist, "q");
        drop(typist);
        assert_eq!(keyboard.next().await, key(KeyCode::Char('q')));
        assert_eq!(keyboard.next().await, Typed::Gone);
        assert_eq!(keyboard.next_raw().await, Raw::Gone);
    }

    #[tokio::test]
    async fn dropping_it_ends_a_reader_that_waits_and_one_that_is_full() {
        let (_typist, idle) = keyboard();
        drop(idle);
        let (typist, full) = keyboard();
        for _ in 0..2 * AHEAD {
            type_in(&typist, "x");
        }
        drop(full);
    }
}

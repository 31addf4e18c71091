//! Bytes to the terminal: whole writes to a file descriptor, and a thread that keeps a slow terminal from stopping the
//! keys.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::RecvTimeoutError,
    },
    thread,
    time::Duration,
};

use bytes::Bytes;
use rustix::{
    event::{PollFd, PollFlags, poll},
    fd::{AsFd as _, BorrowedFd, OwnedFd},
    fs::{Mode, OFlags, open},
    stdio::{stderr, stdout},
    termios::{OptionalActions, QueueSelector, tcflush, tcgetattr, tcsetattr},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

/// How many pieces wait for a slow terminal before the session has to.
const DEPTH: usize = 16;
/// How long a terminal may be slow before what is no longer wanted is taken away from it.
const PATIENCE: Duration = Duration::from_millis(200);
/// How often that is done before the terminal is given up; once is enough for [`PART`], if the machine has time.
const KICKS: u32 = 200;
/// The time between two of them.
const KICK: Duration = Duration::from_millis(10);
/// How much is written before it is looked whether it is still wanted: a write that has begun ends only when the
/// terminal has room for all of it.
const PART: usize = 4096;
/// How much is put together into one write.
const WRITE: usize = 64 * 1024;

/// Writes everything, also to a descriptor that somebody made non-blocking.
pub(super) fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    use rustix::io::Errno;
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let mut writable = [PollFd::from_borrowed_fd(fd, PollFlags::OUT)];
                match poll(&mut writable, None) {
                    Ok(_) | Err(Errno::INTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Writes to the terminal, but does not wait for ever for one that has stopped reading: then what waits for it already
/// is dropped in favour of this, and in the end this too.
pub(super) fn write_in_time(text: &'static str) {
    let (done, written) = std::sync::mpsc::channel();
    let writing = move || {
        let _gone = write_all(stdout(), text.as_bytes());
        let _nobody_waits = done.send(());
    };
    if thread::Builder::new().name("farewell".into()).spawn(writing).is_err() {
        return;
    }
    let mut patience = PATIENCE;
    for _ in 0..=KICKS {
        match written.recv_timeout(patience) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => discard(),
        }
        patience = KICK;
    }
}

/// Drops what the terminal was sent and has not read, and wakes whoever waits for room in it: Linux does that when the
/// modes are set (`drivers/tty/n_tty.c`, `n_tty_set_termios`), also to what they were, and not at the flush itself.
fn discard() {
    let _gone = tcflush(stdout(), QueueSelector::OFlush);
    if let Ok(modes) = tcgetattr(stdout()) {
        let _gone = tcsetattr(stdout(), OptionalActions::Now, &modes);
    }
}

/// A piece of a session's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// To standard output.
    Out(Bytes),
    /// To standard error.
    Err(Bytes),
    /// A word of ours, on lines of its own; line breaks as `\n`. Where the session prints, so that it is seen.
    Line(String),
}

/// A thread that writes pieces in their order. Dropping it drops what is not written yet.
#[derive(Debug)]
pub(super) struct Writer {
    pieces: mpsc::Sender<Piece>,
    finished: oneshot::Receiver<io::Result<()>>,
    abandoned: Abandoned,
    /// How many pieces the thread was given.
    given: usize,
    progress: Arc<Progress>,
    shortcut: Option<OwnedFd>,
}

/// How far the writing has come.
#[derive(Debug, Default)]
struct Progress {
    /// How many pieces the thread is done with.
    done: AtomicUsize,
    /// Whether what was written last did not end its line.
    line_open: AtomicBool,
}

impl Progress {
    fn wrote(&self, bytes: &[u8]) {
        self.line_open.store(bytes.last().is_some_and(|&last| last != b'\n'), Ordering::Release);
    }
}

/// Whether nobody wants any more what is not written yet; dropping it says so.
#[derive(Debug, Default)]
struct Abandoned(Arc<AtomicBool>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start() -> io::Result<Self> {
        let (pieces, mut waiting) = mpsc::channel(DEPTH);
        let (done, finished) = oneshot::channel();
        let (abandoned, progress) = (Abandoned::default(), Arc::new(Progress::default()));
        let (is_abandoned, of_thread) = (Arc::clone(&abandoned.0), Arc::clone(&progress));
        thread::Builder::new().name("session output".into()).spawn(move || {
            let _nobody_waits = done.send(write_pieces(&mut waiting, &is_abandoned, &of_thread));
        })?;
        Ok(Self { pieces, finished, abandoned, given: 0, progress, shortcut: shortcut() })
    }

    /// Waits until another piece can be given; fails once the terminal is gone. May be dropped.
    pub(super) async fn ready(&self) -> Result<(), Gone> {
        self.pieces.reserve().await.map(drop).map_err(|_| Gone)
    }

    /// Takes a piece. Needs [`Writer::ready`] before. A small one for a terminal that has caught up is written at once,
    /// which saves the way to the thread: most of what a key and its echo cost.
    pub(super) fn give(&mut self, piece: Piece) {
        let piece = match piece {
            Piece::Out(bytes) => match self.write_now(bytes) {
                Some(rest) => Piece::Out(rest),
                None => return,
            },
            piece => piece,
        };
        self.given += 1;
        let _gone_which_is_noticed_next = self.pieces.try_send(piece);
    }

    /// Writes what the terminal takes without waiting; returns the rest.
    fn write_now(&self, mut bytes: Bytes) -> Option<Bytes> {
        let has_caught_up = self.progress.done.load(Ordering::Acquire) == self.given;
        if let Some(shortcut) = self.shortcut.as_ref().filter(|_| has_caught_up && bytes.len() <= PART)
            && let Ok(written) = rustix::io::write(shortcut.as_fd(), &bytes)
        {
            self.progress.wrote(&bytes[..written]);
            let _written = bytes.split_to(written);
        }
        Some(bytes).filter(|rest| !rest.is_empty())
    }

    /// Waits until everything is written.
    pub(super) async fn finish(self) -> io::Result<()> {
        let Self { pieces, finished, abandoned: _until_then, .. } = self;
        drop(pieces);
        finished.await.unwrap_or(Ok(()))
    }

    /// Drops what is not written yet, and waits until the thread is done with the terminal; only so long where that has
    /// stopped reading.
    pub(super) async fn abandon(self) {
        let Self { pieces, mut finished, abandoned, .. } = self;
        drop((pieces, abandoned));
        let mut patience = PATIENCE;
        for _ in 0..=KICKS {
            if timeout(patience, &mut finished).await.is_ok() {
                return;
            }
            discard();
            patience = KICK;
        }
    }
}

/// The terminal is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gone;

/// Returns a way to the terminal that never waits: an opening of its own, since the one we were started with is shared
/// with others who do not expect that. Linux has it; where there is none the thread writes everything.
fn shortcut() -> Option<OwnedFd> {
    if !rustix::termios::isatty(stdout()) {
        return None;
    }
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    open("/proc/self/fd/1", flags, Mode::empty()).ok()
}

/// Writes pieces until there are no more, neighbours of one stream in one write.
fn write_pieces(waiting: &mut mpsc::Receiver<Piece>, abandoned: &AtomicBool, progress: &Progress) -> io::Result<()> {
    let mut next = waiting.blocking_recv();
    while let Some(piece) = next
        && !abandoned.load(Ordering::Acquire)
    {
        let mut pieces = 1;
        next = match piece {
            Piece::Out(bytes) => {
                let (bytes, joined, next) = gather(bytes, waiting);
                pieces += joined;
                write_while_wanted(stdout(), &bytes, abandoned)?;
                progress.wrote(&bytes);
                next
            }
            Piece::Err(bytes) => {
                write_while_wanted(stderr(), &bytes, abandoned)?;
                progress.wrote(&bytes);
                waiting.try_recv().ok()
            }
            Piece::Line(text) => {
                let open = if progress.line_open.load(Ordering::Acquire) { "\r\n" } else { "" };
                let line = format!("{open}{}\r\n", text.replace('\n', "\r\n"));
                write_all(stdout(), line.as_bytes())?;
                progress.wrote(line.as_bytes());
                waiting.try_recv().ok()
            }
        };
        progress.done.fetch_add(pieces, Ordering::AcqRel);
        if next.is_none() {
            next = waiting.blocking_recv();
        }
    }
    Ok(())
}

/// Writes as [`write_all`] does, but stops soon when nobody wants it any more.
fn write_while_wanted(fd: BorrowedFd<'_>, bytes: &[u8], abandoned: &AtomicBool) -> io::Result<()> {
    for part in bytes.chunks(PART) {
        if abandoned.load(Ordering::Acquire) {
            return Ok(());
        }
        write_all(fd, part)?;
    }
    Ok(())
}

/// Returns `first` joined with what already waits for the same stream, how many pieces that was, and the piece that
/// could not be joined.
fn gather(first: Bytes, waiting: &mut mpsc::Receiver<Piece>) -> (Bytes, usize, Option<Piece>) {
    let Ok(second) = waiting.try_recv() else { return (first, 0, None) };
    let (mut joined, mut pieces) = (first.to_vec(), 0);
    let mut next = Some(second);
    while let Some(Piece::Out(bytes)) = &next
        && joined.len() + bytes.len() <= WRITE
    {
        joined.extend_from_slice(bytes);
        pieces += 1;
        next = waiting.try_recv().ok();
    }
    (joined.into(), pieces, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_one_stream_becomes_one_write_and_order_is_kept() {
        let (sender, mut waiting) = mpsc::channel(8);
        for piece in [Piece::Out("b".into()), Piece::Out("c".into()), Piece::Err("d".into()), Piece::Out("e".into())] {
            sender.try_send(piece).unwrap();
        }
        let (bytes, pieces, next) = gather("a".into(), &mut waiting);
        assert_eq!((&bytes[..], pieces, next), (&b"abc"[..], 2, Some(Piece::Err("d".into()))));
        assert_eq!(waiting.try_recv(), Ok(Piece::Out("e".into())));
    }

    #[test]
    fn a_full_non_blocking_pipe_is_waited_for() {
        use rustix::pipe::{PipeFlags, pipe_with};
        let (reader, writer) = pipe_with(PipeFlags::NONBLOCK | PipeFlags::CLOEXEC).unwrap();
        let much = vec![7; 300_000];
        let expected = much.clone();
        let sender = thread::spawn(move || write_all(rustix::fd::AsFd::as_fd(&writer), &much));
        let mut got = Vec::new();
        while got.len() < expected.len() {
            let mut readable = [PollFd::new(&reader, PollFlags::IN)];
            poll(&mut readable, None).unwrap();
            let mut buffer = [0; 4096];
            let count = rustix::io::read(&reader, &mut buffer).unwrap();
            got.extend_from_slice(&buffer[..count]);
        }
        sender.join().unwrap().unwrap();
        assert!(got == expected);
    }
}

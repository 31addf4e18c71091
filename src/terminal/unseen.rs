//! A line that is typed unseen on the terminal itself, wherever standard input and output lead.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, Write as _},
    thread,
};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::sync::oneshot;

use super::{RawMode, Signals};

/// A terminal that shows nothing of what is typed; dropping it restores it.
struct Unseen {
    terminal: File,
    before: Termios,
}

/// Asks on the terminal for a line that nobody sees; `None` where the person would rather not. Fails where there is no
/// terminal, and while it belongs to somebody else: a session, the browser.
pub async fn ask_unseen(question: &str) -> io::Result<Option<String>> {
    if RawMode::is_held() {
        return Err(io::Error::other("the terminal is in use"));
    }
    let mut signals = Signals::new()?;
    let mut unseen = Unseen::begin()?;
    unseen.terminal.write_all(question.as_bytes())?;
    let reader = unseen.terminal.try_clone()?;
    let (say, heard) = oneshot::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(reader).read_line(&mut line).map(|length| (length > 0).then_some(line));
        let _nobody_waits = say.send(read);
    });
    tokio::select! {
        biased;
        _ = signals.next() => Ok(None),
        heard = heard => heard.unwrap_or(Ok(None)),
    }
}

impl Unseen {
    fn begin() -> io::Result<Self> {
        let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        let before = tcgetattr(&terminal)?;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ECHO);
        // What was typed before the question is not its answer.
        tcsetattr(&terminal, OptionalActions::Flush, &modes)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        let _gone = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
        let _gone = self.terminal.write_all(b"\n");
    }
}

//! Questions on the terminal: yes or no, a line, and what nobody should see. A signal ends the waiting for an answer.

use std::{
    io::{self, IsTerminal, Read as _, Write as _},
    thread,
};

use anyhow::Context as _;
use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
};

use super::{context::Interrupted, signs};
use crate::terminal::{Ending, RawMode, Signals};

/// What a byte that was typed unseen does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    More,
    Done,
    Interrupt,
}

/// A question whose answer is waited for, unless a signal ends that.
struct Asking {
    runtime: Runtime,
    signals: Signals,
}

/// Whether there is somebody who can be asked.
pub(super) fn somebody_answers() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a question whose answer is no unless somebody says yes.
pub(super) fn confirm(question: &str) -> anyhow::Result<bool> {
    line(&format!("{question} [y/N] ")).map(|line| is_yes(&line))
}

/// Asks for a line; an empty one for ctrl-d.
pub(super) fn line(question: &str) -> anyhow::Result<String> {
    Ok(line_or_end(question)?.unwrap_or_default().trim().to_owned())
}

/// Asks for a line; `None` for ctrl-d.
pub(super) fn line_or_end(question: &str) -> anyhow::Result<Option<String>> {
    let asking = Asking::begin()?;
    write!(io::stderr(), "{}", signs::written(question))?;
    let heard = asking.hear(|| {
        let mut line = String::new();
        let length = io::stdin().read_line(&mut line)?;
        Ok((length > 0).then(|| line.trim_end_matches(['\n', '\r']).to_owned()))
    });
    if !matches!(heard, Ok(Some(_))) {
        writeln!(io::stderr())?;
    }
    heard
}

/// Asks for a line that is not shown while it is typed.
pub(super) fn unseen(question: &str) -> anyhow::Result<String> {
    let asking = Asking::begin()?;
    write!(io::stderr(), "{}", signs::written(question))?;
    let heard = {
        let raw = RawMode::enter()?;
        // Whoever reads next does not get the rest of a secret.
        asking.hear(typed).inspect_err(|_| raw.forget_input())
    };
    writeln!(io::stderr())?;
    match heard? {
        Some(typed) => Ok(String::from_utf8(typed)?),
        None => Err(Interrupted(Ending::Interrupt).into()),
    }
}

/// Returns what is typed until enter; `None` where the person would rather not.
fn typed() -> io::Result<Option<Vec<u8>>> {
    let mut typed = Vec::new();
    for byte in io::stdin().lock().bytes() {
        match take(&mut typed, byte?) {
            Heard::More => {}
            Heard::Done => return Ok(Some(typed)),
            Heard::Interrupt => return Ok(None),
        }
    }
    Ok(None)
}

impl Asking {
    /// Begins to catch signals: none that comes after the question was seen is lost.
    fn begin() -> anyhow::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build().context("the runtime cannot be started")?;
        let signals = runtime.block_on(async { Signals::new() }).context("signals cannot be caught")?;
        Ok(Self { runtime, signals })
    }

    /// Returns what `read` reads, unless a signal asks the program to end: then the error is [`Interrupted`], and what
    /// still reads ends with the program.
    fn hear<T: Send + 'static>(mut self, read: impl FnOnce() -> io::Result<T> + Send + 'static) -> anyhow::Result<T> {
        self.runtime.block_on(async {
            let (say, heard) = oneshot::channel();
            thread::spawn(move || {
                let _nobody_waits = say.send(read());
            });
            tokio::select! {
                biased;
                ending = self.signals.next() => Err(Interrupted(ending).into()),
                heard = heard => Ok(heard??),
            }
        })
    }
}

/// Does what a key does: backspace, ctrl-u, enter, ctrl-c and ctrl-d are what they are elsewhere.
fn take(typed: &mut Vec<u8>, byte: u8) -> Heard {
    match byte {
        0x03 => return Heard::Interrupt,
        0x04 if typed.is_empty() => return Heard::Interrupt,
        b'\r' | b'\n' | 0x04 => return Heard::Done,
        0x15 => typed.clear(),
        0x08 | 0x7f => {
            // A letter may be several bytes, of which all but the first begin with the bits 10.
            while typed.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
        }
        byte => typed.push(byte),
    }
    Heard::More
}

fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> (String, Heard) {
        let mut typed = Vec::new();
        let heard = text.bytes().map(|byte| take(&mut typed, byte)).find(|heard| *heard != Heard::More);
        (String::from_utf8(typed).unwrap(), heard.unwrap_or(Heard::More))
    }

    #[test]
    fn what_is_typed_unseen_can_be_mended() {
        assert_eq!(typed("geheim\r"), ("geheim".to_owned(), Heard::Done));
        assert_eq!(typed("aü\u{7f}\u{7f}\u{7f}b\n"), ("b".to_owned(), Heard::Done));
        assert_eq!(typed("wrong\u{15}right\u{4}"), ("right".to_owned(), Heard::Done));
        assert_eq!(typed("x\u{3}").1, Heard::Interrupt);
        assert_eq!(typed("\u{4}").1, Heard::Interrupt);
    }

    #[test]
    fn only_yes_is_yes() {
        assert!(["y\n", "Y", "yes\n", " Yes "].iter().all(|line| is_yes(line)));
        assert!(["", "\n", "n", "ja", "yep"].iter().all(|line| !is_yes(line)));
    }
}

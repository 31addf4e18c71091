//! Questions on the terminal: yes or no, and what nobody should see.

use std::io::{self, IsTerminal, Read as _, Write as _};

use super::context::Interrupted;
use crate::terminal::{Ending, RawMode};

/// What a byte that was typed unseen does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    More,
    Done,
    Interrupt,
}

/// Whether there is somebody who can be asked.
pub(super) fn somebody_answers() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a question whose answer is no unless somebody says yes.
pub(super) fn confirm(question: &str) -> io::Result<bool> {
    line(&format!("{question} [y/N] ")).map(|line| is_yes(&line))
}

/// Asks for a line.
pub(super) fn line(question: &str) -> io::Result<String> {
    write!(io::stderr(), "{question}")?;
    let mut line = String::new();
    if io::stdin().read_line(&mut line)? == 0 {
        writeln!(io::stderr())?;
    }
    Ok(line.trim().to_owned())
}

/// Asks for a line that is not shown while it is typed.
pub(super) fn unseen(question: &str) -> anyhow::Result<String> {
    write!(io::stderr(), "{question}")?;
    let mut typed = Vec::new();
    let heard = {
        let _raw = RawMode::enter()?;
        let mut bytes = io::stdin().lock().bytes();
        loop {
            let Some(byte) = bytes.next().transpose()? else { break Heard::Interrupt };
            match take(&mut typed, byte) {
                Heard::More => {}
                end @ (Heard::Done | Heard::Interrupt) => break end,
            }
        }
    };
    writeln!(io::stderr())?;
    match heard {
        Heard::Interrupt => Err(Interrupted(Ending::Interrupt).into()),
        Heard::More | Heard::Done => Ok(String::from_utf8(typed)?),
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

//! The real terminal: raw mode, the alternate screen, the one owner of stdin, and the hand-over to a session.

mod attach;
mod keyboard;
mod output;
mod raw;
mod screen;
mod signals;
mod unseen;

use std::io;

use rustix::{
    stdio::{stdin, stdout},
    termios::{isatty, tcgetwinsize},
};

use crate::session::Size;
pub use attach::{Away, Going, Ours, Parting, attach, hang_up, join};
pub use keyboard::{Keyboard, Raw, Typed};
pub use raw::RawMode;
pub use screen::{Besides, Screen};
pub use signals::{Ending, Signals};
pub use unseen::ask_unseen;

/// Why the terminal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Standard input or output leads elsewhere; nothing was touched.
    #[error("{stream} is not a terminal")]
    NotATerminal {
        /// `standard input` or `standard output`.
        stream: &'static str,
    },
    /// The terminal refused, or is gone.
    #[error("the terminal does not answer")]
    Io(#[from] io::Error),
}

/// Returns without error if standard input and output are a terminal; touches nothing.
pub fn require() -> Result<(), Error> {
    if !isatty(stdin()) {
        return Err(Error::NotATerminal { stream: "standard input" });
    }
    if !isatty(stdout()) {
        return Err(Error::NotATerminal { stream: "standard output" });
    }
    Ok(())
}

/// Returns the terminal's size; 80×24 where it has none, as on a serial line.
pub fn size() -> Size {
    [stdout(), stdin()]
        .into_iter()
        .filter_map(|stream| tcgetwinsize(stream).ok())
        .find(|window| window.ws_col > 0 && window.ws_row > 0)
        .map_or(Size { columns: 80, rows: 24 }, |window| Size { columns: window.ws_col, rows: window.ws_row })
}

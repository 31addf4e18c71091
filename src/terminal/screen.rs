//! The alternate screen: frames go out whole, in one write each.

mod links;

use std::{
    cell::RefCell,
    io::{self, Write},
    rc::Rc,
};

use ratatui::{
    Frame, Terminal, TerminalOptions, Viewport,
    backend::{Backend as _, CrosstermBackend},
    layout::Rect,
};
use rustix::stdio::stdout;

use super::{Error, output::write_all, raw::RawMode};
use crate::{model::text::clean, session::Size};
pub use links::Besides;
use links::Links;

/// Holds the largest frame of a 200×50 terminal without growing.
const FRAME: usize = 64 * 1024;

/// Takes back whatever a program may have left behind on the terminal: charset, colours, insert mode, scroll region,
/// mouse, focus and paste reports, key encodings (application keys, xterm's modifyOtherKeys, kitty's flags),
/// cursor shape, synchronized output, and an alternate screen it did not leave. `?47l` and not `?1049l`: on the normal
/// screen it does nothing, where the latter would move the cursor.
pub(super) const RESET: &str = concat!(
    "\x1b[?2026l\x1b[?47l\x0f\x1b(B\x1b[0m\x1b[4l\x1b[?7h\x1b7\x1b[r\x1b8",
    "\x1b[?9l\x1b[?1000l\x1b[?1001l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b[?1004l",
    "\x1b[?2004l\x1b[?1l\x1b>\x1b[>4;0m\x1b[=0u\x1b[0 q\x1b[?25h",
);
/// Alternate screen, cleared, bracketed paste; origin mode is taken back here and not in [`RESET`], because that moves
/// the cursor.
const ENTER: &str = "\x1b[?1049h\x1b[?6l\x1b[0m\x1b[2J\x1b[?2004h";
/// Reports of what the mouse's buttons and wheel do, in the form that has room for every column.
const MOUSE: &str = "\x1b[?1000h\x1b[?1006h";
/// Takes [`ENTER`] and [`MOUSE`] back.
const LEAVE: &str = "\x1b[?2026l\x1b[0m\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[?1049l\x1b[?25h";
/// Brackets of a frame: a terminal that knows synchronized output shows it at once, on others the cursor at least does
/// not run about.
const BEGIN: &str = "\x1b[?2026h\x1b[?25l";
/// See [`BEGIN`].
const END: &str = "\x1b[?2026l";

/// The terminal as a screen to draw on; dropping it gives the terminal back as it was.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Sink>>,
    sink: Sink,
    links: Links,
    raw: RawMode,
    /// Whether the terminal shows what was drawn: not before the first frame, and after a stop not until the next.
    shown: bool,
    /// Whether there is anything to be taken back.
    entered: bool,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal: raw mode, alternate screen, bracketed paste, and reports of the mouse where these are
    /// wanted. Nothing is touched where there is no terminal.
    pub fn enter(size: Size, mouse: bool) -> Result<Self, Error> {
        super::require()?;
        let raw = RawMode::enter()?;
        let sink = Sink::default();
        Ok(Self {
            terminal: blank(&sink, size)?,
            sink,
            links: Links::default(),
            raw,
            shown: false,
            entered: false,
            mouse,
        })
    }

    /// Shows a frame in one write; the first one enters the alternate screen, so that nothing flashes.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.draw_linked(|frame| {
            draw(frame);
            Besides::default()
        })
    }

    /// Shows a frame as [`Screen::draw`] does, with text in it that leads to pages.
    pub fn draw_linked(&mut self, draw: impl FnOnce(&mut Frame<'_>) -> Besides) -> io::Result<()> {
        if !RawMode::is_held() {
            return Err(io::Error::other("the terminal was given back"));
        }
        if !self.shown {
            self.sink.prepend(if self.mouse { &[ENTER, MOUSE] } else { &[ENTER] });
            self.raw.set_farewell(LEAVE);
            (self.shown, self.entered) = (true, true);
        }
        self.sink.begin();
        let mut besides = Besides::default();
        let drawn = self.terminal.draw(|frame| besides = draw(frame))?;
        // A backend of its own: that of the terminal is lent with the frame. Both write where the frame is collected.
        let mut backend = CrosstermBackend::new(self.sink.clone());
        if self.links.write(besides.links, drawn.buffer, &mut backend)?
            && let Some(cursor) = besides.cursor
        {
            backend.set_cursor_position(cursor)?;
        }
        self.sink.send()
    }

    /// Takes a new size: the next frame is painted whole.
    pub fn resize(&mut self, size: Size) -> io::Result<()> {
        self.begin_anew(size)?;
        self.sink.prepend(&["\x1b[0m\x1b[2J"]);
        Ok(())
    }

    /// Takes the terminal again after the program was stopped: the next frame enters the alternate screen and is
    /// painted whole.
    pub fn take_again(&mut self, size: Size) -> io::Result<()> {
        self.begin_anew(size)?;
        self.shown = false;
        Ok(())
    }

    /// Believes the screen to be empty.
    fn begin_anew(&mut self, size: Size) -> io::Result<()> {
        self.terminal = blank(&self.sink, size)?;
        self.links = Links::default();
        Ok(())
    }

    /// Puts `text` on the clipboard of whoever sits at the terminal, also through ssh (OSC 52; xterm's ctlseqs).
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        write_all(stdout(), format!("\x1b]52;c;{}\x07", base64(text.as_bytes())).as_bytes())
    }

    /// Gives the normal screen to a session. Raw mode stays, so that no key is echoed or lost on the way.
    pub fn leave(&mut self) -> io::Result<()> {
        self.raw.set_farewell(RESET);
        self.shown = false;
        if std::mem::take(&mut self.entered) {
            write_all(stdout(), LEAVE.as_bytes())?;
        }
        Ok(())
    }

    /// Says a line of our own below what a session left on the terminal.
    pub fn say(&mut self, line: &str) -> io::Result<()> {
        write_all(stdout(), format!("{RESET}\r\n\x1b[7m {} \x1b[0m\r\n", clean(line)).as_bytes())
    }

    /// Comes back from a session: takes back what it left behind; the next frame is painted whole.
    pub fn come_back(&mut self, size: Size) -> io::Result<()> {
        write_all(stdout(), RESET.as_bytes())?;
        self.begin_anew(size)?;
        Ok(())
    }
}

/// Returns a terminal that believes its screen to be empty. The size is ours to say: ratatui would open `/dev/tty` for
/// it at every frame.
fn blank(sink: &Sink, size: Size) -> io::Result<Terminal<CrosstermBackend<Sink>>> {
    let viewport = Viewport::Fixed(Rect::new(0, 0, size.columns, size.rows));
    Terminal::with_options(CrosstermBackend::new(sink.clone()), TerminalOptions { viewport })
}

/// Collects a frame. Flushing does nothing: ratatui flushes several times a frame, [`Sink::send`] is the one write.
#[derive(Debug, Clone, Default)]
struct Sink(Rc<RefCell<Collected>>);

/// What goes out with the next write.
#[derive(Debug, Default)]
struct Collected {
    bytes: Vec<u8>,
    before: &'static [&'static str],
}

impl Sink {
    /// Lets the next frame begin with these sequences.
    fn prepend(&self, sequences: &'static [&'static str]) {
        self.0.borrow_mut().before = sequences;
    }

    /// Begins a frame.
    fn begin(&self) {
        let mut collected = self.0.borrow_mut();
        let before = std::mem::take(&mut collected.before);
        collected.bytes.clear();
        collected.bytes.reserve(FRAME);
        collected.bytes.extend_from_slice(BEGIN.as_bytes());
        for sequence in before {
            collected.bytes.extend_from_slice(sequence.as_bytes());
        }
    }

    /// Ends the frame and writes it.
    fn send(&self) -> io::Result<()> {
        let mut collected = self.0.borrow_mut();
        collected.bytes.extend_from_slice(END.as_bytes());
        write_all(stdout(), &collected.bytes)
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns RFC 4648 base64, padded.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, &byte| word << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let six = (word >> (18 - 6 * place)) & 63;
            text.push(if place <= chunk.len() { ALPHABET[six as usize].into() } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        // RFC 4648 §10.
        let vectors = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(vectors, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
    }

    #[test]
    fn reset_undoes_what_a_killed_editor_left() {
        let mut parser = vt100::Parser::new(10, 40, 0);
        parser.process(b"before\r\n\x1b[?47h\x1b[31m\x1b[?1002h\x1b[?2004h\x1b[?1h\x1b[?25l\x1b[2;4rjunk");
        parser.process(RESET.as_bytes());
        let screen = parser.screen();
        assert_eq!(screen.contents(), "before");
        assert!(!screen.alternate_screen() && !screen.bracketed_paste() && !screen.application_cursor());
        assert!(!screen.hide_cursor());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert_eq!(screen.fgcolor(), vt100::Color::Default);
    }

    #[test]
    fn reset_on_a_clean_screen_changes_nothing() {
        let mut parser = vt100::Parser::new(10, 40, 0);
        parser.process(b"one\r\ntwo");
        let before = parser.screen().state_formatted();
        parser.process(RESET.as_bytes());
        assert_eq!(parser.screen().state_formatted(), before);
    }
}

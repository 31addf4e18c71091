//! Screens as text: what stands there, a line that repeats written once, and below it the colours it has.

#![allow(dead_code, reason = "each user of this file needs a part of it")]

use std::fmt::Write as _;

use ecsui::{
    config::{Depth, Looks},
    tui::{app::State, view::draw},
};
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};

/// The sizes people have.
pub(crate) const SIZES: [(u16, u16); 4] = [(60, 20), (80, 24), (120, 40), (200, 50)];

/// What a screen is drawn for: is the background light, and what can the terminal show? Without colours of the file,
/// true colour shows no other than 256 do.
pub(crate) const GROUNDS: [(bool, Depth); 4] =
    [(false, Depth::Sixteen), (false, Depth::Indexed), (true, Depth::Sixteen), (true, Depth::Indexed)];

/// Returns the looks of a background and a terminal.
pub(crate) fn looks((is_light, depth): (bool, Depth)) -> Looks {
    Looks { is_light, depth, ..Looks::default() }
}

/// Draws a state on a screen of its own size.
pub(crate) fn drawn(state: &State) -> Buffer {
    let query = state.areas().query;
    drawn_on(state, query.width, query.bottom())
}

/// Draws a state on a screen of this size.
pub(crate) fn drawn_on(state: &State, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("memory is a terminal");
    terminal.draw(|frame| draw(state, frame)).expect("memory takes every frame");
    terminal.backend().buffer().clone()
}

/// Returns a screen as text.
pub(crate) fn text(buffer: &Buffer) -> String {
    let row = |y: u16| {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if skip > 0 {
                skip -= 1;
                continue;
            }
            line.push_str(symbol);
            skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
        }
        line.trim_end().to_owned()
    };
    let mut text = String::new();
    let mut y = 0;
    while y < buffer.area.height {
        let line = row(y);
        let same = (y..buffer.area.height).take_while(|other| row(*other) == line).count();
        let _ = if same > 2 { writeln!(text, "{line}\n  … {same} times") } else { writeln!(text, "{line}") };
        y += if same > 2 { same as u16 } else { 1 };
    }
    text
}

/// Returns what the cells of a screen look like that was drawn for each of [`GROUNDS`]: a letter for every look, with
/// what it is on each, and then the rows as runs of so many cells; a dot is what looks like nothing.
pub(crate) fn colours(screens: &[Buffer]) -> String {
    let mut known: Vec<Vec<String>> = Vec::new();
    let area = screens[0].area;
    let mut letter = |x: u16, y: u16| {
        let look: Option<Vec<String>> = screens.iter().map(|screen| of_cell(&screen[(x, y)])).collect();
        let look = look?;
        if look.iter().all(String::is_empty) {
            return Some('.');
        }
        let place = known.iter().position(|one| *one == look).unwrap_or_else(|| {
            known.push(look);
            known.len() - 1
        });
        Some(char::from(b'a' + u8::try_from(place).expect("there are few")))
    };
    let rows: Vec<String> =
        (0..area.height).map(|y| runs(&(0..area.width).map(|x| letter(x, y)).collect::<Vec<_>>())).collect();
    let mut text = String::new();
    for (letter, look) in ('a'..).zip(&known) {
        let same = look.iter().all(|one| *one == look[0]);
        let _ = writeln!(text, "{letter} = {}", if same { look[0].clone() } else { look.join(" | ") });
    }
    let mut y = 0;
    while y < rows.len() {
        let same = rows[y..].iter().take_while(|row| **row == rows[y]).count();
        if !rows[y].is_empty() {
            let _ = if same > 1 { write!(text, "{y}-{} ", y + same - 1) } else { write!(text, "{y} ") };
            let _ = writeln!(text, "{}", rows[y]);
        }
        y += same;
    }
    text
}

/// Returns a row as runs of cells that look alike. Blanks within a run are part of it.
fn runs(cells: &[Option<char>]) -> String {
    let mut text = String::new();
    let mut x = 0;
    while x < cells.len() {
        let Some(letter) = cells[x].filter(|letter| *letter != '.') else {
            let end = cells[x..].iter().position(|cell| cell.is_some_and(|cell| cell != '.'));
            let Some(end) = end else { break };
            text += &run('.', end);
            x += end;
            continue;
        };
        let differs = |cell: &Option<char>| cell.is_some_and(|cell| cell != letter);
        let end = cells[x..].iter().position(differs).map_or(cells.len(), |end| x + end);
        let last = (x..end).rev().find(|x| cells[*x].is_some()).unwrap_or(x);
        text += &run(letter, last + 1 - x);
        x = last + 1;
    }
    text
}

fn run(letter: char, count: usize) -> String {
    if count > 1 { format!("{letter}{count}") } else { letter.to_string() }
}

/// Returns what a cell looks like: its colour, what else it is, and what is behind it; nothing for a blank.
fn of_cell(cell: &Cell) -> Option<String> {
    let seen = Modifier::REVERSED | Modifier::UNDERLINED;
    if cell.symbol() == " " && cell.bg == Color::Reset && !cell.modifier.intersects(seen) {
        return None;
    }
    let colour = if cell.fg == Color::Reset { String::new() } else { cell.fg.to_string().to_lowercase() };
    let behind = if cell.bg == Color::Reset { String::new() } else { format!(" on {}", cell.bg).to_lowercase() };
    let manners: Vec<String> = cell.modifier.iter_names().map(|(name, _)| name.to_lowercase()).collect();
    let parts = [colour, manners.join(" ")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    Some(parts.join(" ") + &behind)
}

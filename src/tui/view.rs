//! Frames: functions of the state, and nothing else.

mod detail;
mod jump;
mod logs;
mod overlay;
mod panes;
mod plain;
mod status;
mod text;
mod theme;

use ratatui::{Frame, layout::Position};

use super::app::{Overlay, State};
use crate::config::Hyperlinks;
pub use text::Link;
use theme::Theme;

/// What a frame leaves besides its cells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drawn {
    /// The cells that lead to pages; none where the terminal is not to be told.
    pub links: Vec<Link>,
    /// Where the cursor stands, if it is shown.
    pub cursor: Option<Position>,
}

/// Draws the state.
pub fn draw(state: &State, frame: &mut Frame<'_>) {
    draw_linked(state, frame);
}

/// Draws the state, and tells which cells lead to pages.
pub fn draw_linked(state: &State, frame: &mut Frame<'_>) -> Drawn {
    let areas = state.areas();
    let theme = Theme::new(state.colour, &state.looks).guarded(state.guard_colour());
    let screen = frame.area();
    let mut canvas = text::Canvas::new(frame.buffer_mut(), screen);
    status::title(state, &theme, areas.title, &mut canvas);
    if let Some(full) = state.full_detail() {
        detail::full(state, &theme, full, areas.full_detail(), &mut canvas);
    } else {
        for (level, area) in &areas.panes {
            panes::draw(state, &theme, *level, *area, &mut canvas);
        }
        if let Some(area) = areas.detail {
            detail::below(state, &theme, area, &mut canvas);
        }
    }
    if let Some(open) = state.jump() {
        jump::draw(state, &theme, open, areas.full_detail(), &mut canvas);
    }
    match state.overlay() {
        Some(Overlay::Help(help)) => overlay::help(state, &theme, help, &areas, &mut canvas),
        Some(Overlay::Menu(menu)) => overlay::menu(state, &theme, menu, &areas, &mut canvas),
        Some(Overlay::Pick(pick)) => overlay::pick(state, &theme, pick, &mut canvas),
        Some(Overlay::Plan(sheet)) => overlay::plan(&theme, sheet, &areas, &mut canvas),
        Some(Overlay::Prompt(_) | Overlay::Jump(_) | Overlay::Detail(_)) | None => {}
    }
    status::message(state, &theme, areas.message, &mut canvas);
    let cursor = status::query(state, &theme, areas.query, &mut canvas);
    let links = if state.hyperlinks == Hyperlinks::Told { canvas.seen_links() } else { Vec::new() };
    plain::plainly(frame.buffer_mut(), state.glyphs);
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
    Drawn { links, cursor }
}

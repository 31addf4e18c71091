//! Frames: functions of the state, and nothing else.

mod detail;
mod logs;
mod overlay;
mod panes;
mod plain;
mod status;
mod text;
mod theme;

use ratatui::Frame;

use super::app::{Overlay, State};
use theme::Theme;

/// Draws the state.
pub fn draw(state: &State, frame: &mut Frame<'_>) {
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
    match state.overlay() {
        Some(Overlay::Help(help)) => overlay::help(state, &theme, help, &areas, &mut canvas),
        Some(Overlay::Menu(menu)) => overlay::menu(state, &theme, menu, &areas, &mut canvas),
        Some(Overlay::Pick(pick)) => overlay::pick(state, &theme, pick, &areas, &mut canvas),
        Some(Overlay::Plan(sheet)) => overlay::plan(&theme, sheet, &areas, &mut canvas),
        Some(Overlay::Prompt(_) | Overlay::Detail(_)) | None => {}
    }
    status::message(state, &theme, areas.message, &mut canvas);
    let cursor = status::query(state, &theme, areas.query, &mut canvas);
    plain::plainly(frame.buffer_mut(), state.glyphs);
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

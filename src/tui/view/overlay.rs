//! What stands over the panes: the list of keys, the action menu, lists to pick from.

use ratatui::layout::Rect;

use super::{detail::styled, text::Canvas, theme::Theme};
use crate::{
    model::text::clean,
    tui::{
        app::{Areas, Framed, Help, Menu, Pick, Sheet, State, TextLine, chosen_lines},
        finder::positions,
    },
};

/// Cells before a row: the mark of the selected one, and a blank.
const MARK: u16 = 2;

/// Draws the list of keys.
pub(super) fn help(state: &State, theme: &Theme, help: &Help, areas: &Areas, canvas: &mut Canvas<'_>) {
    let area = areas.help();
    let lines = state.help_lines(area.inner.width);
    let height = usize::from(area.inner.height);
    let first = help.scroll.min(lines.len().saturating_sub(height));
    let title = format!(" keys {}–{} of {} ", first + 1, (first + height).min(lines.len()), lines.len());
    open(&title, theme, area, canvas);
    let keys = State::help_keys_width();
    for (line, y) in lines[first..].iter().zip(area.inner.top()..area.inner.bottom()) {
        let x = area.inner.x;
        canvas.write_cut(x, y, keys.min(area.inner.width), &line.keys, theme.key);
        let text = x + keys + 1;
        canvas.write(text, y, area.inner.right().saturating_sub(text), &line.text, theme.plain);
    }
}

/// Draws the action menu.
pub(super) fn menu(state: &State, theme: &Theme, menu: &Menu, areas: &Areas, canvas: &mut Canvas<'_>) {
    let rows = state.menu_rows();
    let area = areas.menu(rows.len());
    open(if menu.copies.is_some() { " copy " } else { " actions " }, theme, area, canvas);
    if rows.is_empty() {
        canvas.write(
            area.inner.x + 1,
            area.inner.y,
            area.inner.width,
            if menu.copies.is_some() { "none matches" } else { "no action matches" },
            theme.faint,
        );
    }
    let selected = theme.uniform();
    for (index, line) in chosen_lines(area.inner, menu.selected, rows.len()) {
        let (row, Rect { x, y, width, .. }) = (&rows[index], line);
        let (called, does) = state.deed_words(row.deed);
        let theme = if index == menu.selected { &selected } else { theme };
        let blocked = row.obstacle.is_some();
        let name = if blocked { theme.faint } else { theme.plain };
        canvas.write(x + 2, y, width, row.letter.encode_utf8(&mut [0; 4]), theme.key);
        canvas.write(x + 5, y, width.saturating_sub(5).min(16), &called, name);
        let text = row.obstacle.as_ref().map_or(does, |obstacle| format!("✖ {obstacle}"));
        canvas.write_cut(x + 22, y, width.saturating_sub(22), &text, if blocked { theme.bad } else { theme.faint });
        if index == menu.selected {
            canvas.write(x, y, 1, "▸", theme.plain);
            canvas.paint(line, theme.selected);
        }
    }
}

/// Draws a list to pick from.
pub(super) fn pick(state: &State, theme: &Theme, pick: &Pick, canvas: &mut Canvas<'_>) {
    let area = state.pick_area();
    open(&format!(" {} ", pick.picks.title()), theme, area, canvas);
    let Rect { x, width, .. } = area.inner;
    let trouble = state.pick_trouble();
    if let Some(line) = &trouble {
        let ranges = line.wrapped(usize::from(width.saturating_sub(1)));
        for (range, y) in ranges.into_iter().zip(area.inner.top()..area.inner.bottom()) {
            canvas.write_spans(x + 1, y, width.saturating_sub(1), &styled(line, range, &[], theme));
        }
    }
    let list = state.pick_list(area.inner);
    let (rows, selected) = state.pick_rows();
    if rows.is_empty() && trouble.is_none() {
        let words = if pick.query.is_empty() { "there is no other" } else { "none matches" };
        canvas.write(x + 1, list.y, width, words, theme.faint);
    }
    let one_ground = theme.uniform();
    for (index, line) in chosen_lines(list, selected.unwrap_or(0), rows.len()) {
        let (row, y) = (&rows[index].line, line.y);
        let theme = if selected == Some(index) { &one_ground } else { theme };
        let spans = styled(row, 0..row.text.len(), &positions(pick.query.text(), &row.text), theme);
        let room = width.saturating_sub(MARK);
        canvas.write_spans(x + MARK, y, room, &spans);
        if super::text::width(&row.text) > room {
            canvas.write((x + width).saturating_sub(1), y, 1, "…", theme.faint);
        }
        if selected == Some(index) {
            canvas.write(x, y, 1, "▸", theme.plain);
            canvas.paint(line, theme.selected);
        }
    }
}

/// Draws a plan.
pub(super) fn plan(theme: &Theme, sheet: &Sheet, areas: &Areas, canvas: &mut Canvas<'_>) {
    let area = areas.plan(|width| sheet.height(width));
    let theme = &theme.clone().guarded(sheet.plan.colour);
    open(&format!(" {} ", clean(&sheet.plan.title)), theme, area, canvas);
    let Rect { x, width, .. } = area.inner;
    let height = usize::from(area.inner.height);
    let first = sheet.scroll.min(sheet.height(width).saturating_sub(height));
    let lines = sheet.lines();
    let rows = lines.iter().flat_map(|line| {
        let wrapped = line.wrapped(Sheet::text_width(width)).into_iter();
        wrapped.enumerate().map(move |(row, range)| (line, range, row > 0))
    });
    for ((line, range, goes_on), y) in rows.skip(first).zip(area.inner.top()..area.inner.bottom()) {
        let indent = if goes_on { TextLine::indent(Sheet::text_width(width)) as u16 } else { 0 };
        canvas.write_spans(x + 1 + indent, y, width.saturating_sub(1 + indent), &styled(line, range, &[], theme));
    }
}

/// Draws an empty box.
fn open(title: &str, theme: &Theme, area: Framed, canvas: &mut Canvas<'_>) {
    canvas.clear(area.outer);
    canvas.frame(area, theme.focused);
    if area.has_frame() {
        canvas.write_cut(area.outer.x + 1, area.outer.y, area.outer.width - 2, title, theme.title_on(theme.focused));
    }
}

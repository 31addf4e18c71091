//! The details of what is selected: below the panes, and full screen.

use ratatui::{layout::Rect, style::Style};

use super::{
    logs,
    text::{Canvas, runs, width},
    theme::Theme,
};
use crate::{
    config::Action,
    model::text::clean,
    tui::{
        app::{Detail, DetailView, Framed, Placed, State, TextLine, wrap},
        finder::positions_beside,
    },
};

/// Draws as much as there is room for below the panes.
pub(super) fn below(state: &State, theme: &Theme, area: Framed, canvas: &mut Canvas<'_>) {
    let hidden = state.fit.height().saturating_sub(usize::from(area.inner.height));
    header(state, theme, area, theme.frame, canvas);
    if state.detail_view() == DetailView::Logs {
        return logs::draw(state, theme, "", state.aside(), area, canvas);
    }
    if hidden > 0 && area.has_frame() {
        let key = state.keymap.first_chord(Action::Details).map(|chord| chord.short()).unwrap_or_default();
        let more = format!(" {hidden} more: {key} ");
        let x = area.outer.right().saturating_sub(width(&more) + 1);
        canvas.write(x, area.outer.bottom() - 1, area.outer.width, &more, theme.faint);
    }
    lines(state, theme, "", state.aside().map_or(hidden, |scroll| scroll.min(hidden)), area.inner, canvas);
}

/// Draws everything, filtered and scrolled.
pub(super) fn full(state: &State, theme: &Theme, detail: &Detail, area: Framed, canvas: &mut Canvas<'_>) {
    header(state, theme, area, theme.focused, canvas);
    let query = detail.query.text();
    if state.detail_view() == DetailView::Logs {
        return logs::draw(state, theme, query, detail.scroll, area, canvas);
    }
    let height = state.fit.height();
    let end = height.saturating_sub(usize::from(area.inner.height));
    let scroll = detail.scroll.map_or(end, |scroll| scroll.min(end));
    if height == 0 && !query.is_empty() {
        nothing(state, theme, area.inner, canvas);
    }
    if area.has_frame() && height > 0 {
        let last = (scroll + usize::from(area.inner.height)).min(height);
        let place = format!(" {}–{last} of {height} ", scroll + 1);
        let x = area.outer.right().saturating_sub(width(&place) + 1);
        canvas.write(x, area.outer.bottom() - 1, area.outer.width, &place, theme.faint);
    }
    lines(state, theme, query, scroll, area.inner, canvas);
}

/// Says why no line is shown.
fn nothing(state: &State, theme: &Theme, area: Rect, canvas: &mut Canvas<'_>) {
    let (text, style) = state.fit.trouble().map_or(("no line matches", theme.faint), |trouble| (trouble, theme.bad));
    let text = clean(text);
    let room = area.width.saturating_sub(2);
    for (range, y) in wrap(&text, usize::from(room), 0).into_iter().zip(area.top()..area.bottom()) {
        canvas.write(area.x + 1, y, room, &text[range], style);
    }
}

/// Draws the frame, with what this is about and the ways to look at it, where there are several: the present one in
/// brackets.
fn header(state: &State, theme: &Theme, area: Framed, style: Style, canvas: &mut Canvas<'_>) {
    canvas.frame(area, style);
    let Some(title) = state.detail_title(area) else { return };
    let mut write = |placed: &Placed, style| {
        canvas.write(placed.area.x, placed.area.y, placed.area.width, &placed.text, style);
    };
    if let Some(old) = &title.old {
        let failed = state.detail.stale.is_some_and(|(_, failed)| failed);
        write(old, if failed { theme.bad } else { theme.faint });
    }
    write(&title.name, theme.title_on(style));
    for tab in &title.tabs {
        write(&tab.before, theme.faint);
        write(&tab.name, if tab.view == state.detail_view() { theme.title_on(style) } else { theme.faint });
    }
    if !title.tabs.is_empty() {
        let right = title.old.as_ref().map_or(area.outer.right() - 1, |old| old.area.x);
        canvas.write(title.end, area.outer.y, right.saturating_sub(title.end), " ", style);
    }
}

/// Draws the lines that match the query, past the first screen lines.
fn lines(state: &State, theme: &Theme, query: &str, past: usize, area: Rect, canvas: &mut Canvas<'_>) {
    let (places, mut skip) = state.fit.past(past);
    let mut y = area.y;
    for line in places.iter().map(|place| &state.detail.lines[*place]) {
        let ranges = line.wrapped(usize::from(area.width));
        let matched = positions_beside(state.detail.columns, query, &line.text);
        for (index, range) in ranges.into_iter().enumerate().skip(skip) {
            let indent = if index == 0 { 0 } else { TextLine::indent(usize::from(area.width)) as u16 };
            let spans = styled(line, range.clone(), &matched, theme);
            let shown = range;
            let (x, room) = (area.x + indent, area.width.saturating_sub(indent));
            canvas.write_spans(x, y, room, &spans);
            if let Some((linked, page)) = line.link.as_deref() {
                let part = linked.start.max(shown.start)..linked.end.min(shown.end);
                let before = width(line.text.get(shown.start..part.start).unwrap_or_default());
                let text = line.text.get(part).unwrap_or_default();
                canvas.link(x + before, y, room.saturating_sub(before), text, page);
            }
            y += 1;
            if y >= area.bottom() {
                return;
            }
        }
        skip = 0;
    }
}

/// Returns a part of a line in the styles of its pieces.
pub(super) fn styled<'line>(
    line: &'line TextLine,
    range: std::ops::Range<usize>,
    matched: &[u32],
    theme: &Theme,
) -> Vec<(&'line str, Style)> {
    let before = line.text[..range.start].chars().count();
    let mut ends = line.text[range.clone()].char_indices().map(|(at, _)| range.start + at);
    let mut tones = line.tones.iter().peekable();
    runs(&line.text[range.clone()], |place| {
        let at = ends.next().unwrap_or(range.end);
        while tones.peek().is_some_and(|(end, _)| *end <= at) {
            tones.next();
        }
        if matched.binary_search(&((before + place) as u32)).is_ok() {
            theme.matched
        } else {
            tones.peek().map_or(theme.plain, |(_, tone)| theme.tone(*tone))
        }
    })
}

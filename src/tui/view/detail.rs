//! The details of what is selected: below the panes, and full screen.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};

use super::{
    logs,
    text::{Canvas, runs, width},
    theme::Theme,
};
use crate::{
    config::Action,
    model::text::clean,
    tui::{
        app::{Detail, DetailView, Framed, State, TextLine, age, wrap},
        finder::positions_beside,
    },
};

/// Draws as much as there is room for below the panes.
pub(super) fn below(state: &State, theme: &Theme, area: Framed, canvas: &mut Canvas<'_>) {
    let text = &state.detail;
    let hidden = state.fit.height().saturating_sub(usize::from(area.inner.height));
    header(state, theme, area, theme.frame, canvas);
    if state.detail_view() == DetailView::Logs {
        return logs::draw(state, theme, "", None, area, canvas);
    }
    if hidden > 0 && area.has_frame() {
        let key = state.keymap.first_chord(Action::Details).map(|chord| chord.short()).unwrap_or_default();
        let more = format!(" {hidden} more: {key} ");
        let x = area.outer.right().saturating_sub(width(&more) + 1);
        canvas.write(x, area.outer.bottom() - 1, area.outer.width, &more, theme.faint);
    }
    lines(state, theme, "", if text.newest_last { hidden } else { 0 }, area.inner, canvas);
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
    if !area.has_frame() || state.detail.title.is_empty() {
        return;
    }
    let (mut x, y) = (area.outer.x + 1, area.outer.y);
    let right = area.outer.right() - 1;
    let right = right.saturating_sub(old(state, theme, right - x, Position { x: right, y }, canvas));
    let views = state.detail_views();
    let room = if views.len() > 1 { (right - x) / 2 } else { right - x };
    x = canvas.write_cut(x, y, room, &format!(" {} ", state.detail.title), theme.title);
    if views.len() == 1 {
        return;
    }
    let first = first_shown(state, right.saturating_sub(x));
    for (index, view) in views[first..].iter().enumerate() {
        x = canvas.write(
            x,
            y,
            right.saturating_sub(x),
            if index > 0 {
                " ·"
            } else if first > 0 {
                "─ …"
            } else {
                "─"
            },
            theme.faint,
        );
        let (text, style) = if *view == state.detail_view() {
            (format!(" [{}]", view.title()), theme.title)
        } else {
            (format!(" {}", view.title()), theme.faint)
        };
        x = canvas.write(x, y, right.saturating_sub(x), &text, style);
    }
    canvas.write(x, y, right.saturating_sub(x), " ", style);
}

/// Says at the right how old the details are, where that is older than they should be; returns how wide that is.
fn old(state: &State, theme: &Theme, room: u16, end: Position, canvas: &mut Canvas<'_>) -> u16 {
    let Some((at, failed)) = state.detail.stale else { return 0 };
    let text = format!(" {}{} old ", if failed { "✖ " } else { "" }, age(state.now, at));
    let width = width(&text);
    if width > room / 3 {
        return 0;
    }
    canvas.write(end.x - width, end.y, width, &text, if failed { theme.bad } else { theme.faint });
    width
}

/// Returns the first of the views whose names are shown, so that the present one's is.
fn first_shown(state: &State, room: u16) -> usize {
    let views = state.detail_views();
    let present = views.iter().position(|view| *view == state.detail_view()).unwrap_or(0);
    // Each has its separator before it, the present one its brackets, and the first of a part an ellipsis.
    let wide = |views: &[DetailView]| views.iter().map(|view| width(view.title()) + 3).sum::<u16>() + 4;
    (0..present).find(|first| wide(&views[*first..=present]) <= room).unwrap_or(present)
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
            let spans = styled(line, range, &matched, theme);
            canvas.write_spans(area.x + indent, y, area.width.saturating_sub(indent), &spans);
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

//! The lines of logs, from the bottom up: only those that are on the screen are looked at.

use ratatui::{layout::Rect, style::Style};

use super::{
    detail::styled,
    text::{Canvas, width},
    theme::Theme,
};
use crate::tui::{
    app::{Framed, State, TextLine},
    finder::positions,
};

/// Draws the lines that end with the row `last`, or with the newest, below what stands above them.
pub(super) fn draw(
    state: &State,
    theme: &Theme,
    query: &str,
    last: Option<usize>,
    area: Framed,
    canvas: &mut Canvas<'_>,
) {
    let inner = above(state, theme, area.inner, canvas);
    let Some(book) = state.log_book() else { return };
    let page = state.log_page(last, usize::from(inner.width), usize::from(inner.height));
    let mut y = inner.y;
    let mut skip = page.skip;
    for row in page.rows.iter().filter_map(|number| book.row(*number)) {
        let (line, words) = state.log_line(row);
        let before = line.text[..words].chars().count() as u32;
        let matched: Vec<u32> = positions(query, &row.text).into_iter().map(|place| place + before).collect();
        for (index, range) in line.wrapped(usize::from(inner.width)).into_iter().enumerate() {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            if y >= inner.bottom() {
                break;
            }
            let indent = if index == 0 { 0 } else { TextLine::indent(usize::from(inner.width)) as u16 };
            let spans = styled(&line, range, &matched, theme);
            canvas.write_spans(inner.x + indent, y, inner.width.saturating_sub(indent), &spans);
            y += 1;
        }
    }
    let (held, shown) = book.counts();
    if shown == 0 && held > 0 && !book.is_searching() {
        canvas.write(inner.x + 1, inner.y, inner.width, "no line matches", theme.faint);
    }
    let what = if book.is_searching() {
        "searching …"
    } else if last.is_none() {
        "live"
    } else if state.full_detail().is_some() {
        "scrolled: End follows"
    } else {
        "scrolled"
    };
    place(area, theme.faint, held, shown, what, canvas);
}

/// Draws what stands above the lines, in a third of the room at most. Returns what is left.
fn above(state: &State, theme: &Theme, area: Rect, canvas: &mut Canvas<'_>) -> Rect {
    let has_lines = state.log_book().is_some_and(|book| book.counts().0 > 0);
    let room = usize::from(if has_lines { (area.height / 3).max(1) } else { area.height });
    let lines = state.detail().lines.iter();
    let wrapped =
        lines.flat_map(|line| line.wrapped(usize::from(area.width)).into_iter().map(move |range| (line, range)));
    let mut y = area.y;
    for (line, range) in wrapped.take(room) {
        canvas.write_spans(area.x, y, area.width, &styled(line, range, &[], theme));
        y += 1;
    }
    Rect { y, height: area.bottom().saturating_sub(y), ..area }
}

/// Draws how many lines there are into the frame.
fn place(area: Framed, style: Style, held: usize, shown: usize, what: &str, canvas: &mut Canvas<'_>) {
    if !area.has_frame() || held == 0 {
        return;
    }
    let count = if shown == held { format!("{held} lines") } else { format!("{shown} of {held} lines") };
    let text = format!(" {count} · {what} ");
    let x = area.outer.right().saturating_sub(width(&text) + 1);
    canvas.write(x, area.outer.bottom() - 1, area.outer.width, &text, style);
}

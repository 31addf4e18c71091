//! The four panes.

mod columns;

use ratatui::{layout::Rect, style::Style};

use super::{
    status::spinner,
    text::{Canvas, cut, width},
    theme::Theme,
};
use crate::{
    config::Action,
    model::text::clean,
    tui::{
        app::{Framed, Level, Load, Notice, Row, ShownTasks, State, age, wrap},
        finder::positions_beside,
    },
};
use columns::{Column, columns};

/// Cells before the name of a row: that of the selected one, and that of marked ones.
const MARK: u16 = 2;
/// A name is not squeezed below this by the columns that tell most.
const NAME: u16 = 12;
/// A name is not squeezed below this by the others.
const LONG_NAME: u16 = 32;
/// Columns of this weight and less tell most.
const TELLING: u8 = 2;

/// Draws a pane.
pub(super) fn draw(state: &State, theme: &Theme, level: Level, area: Framed, canvas: &mut Canvas<'_>) {
    let focused = state.focus() == level && state.overlays.is_empty();
    let frame = if focused { theme.focused } else { theme.frame };
    canvas.frame(area, frame);
    if area.has_frame() {
        title(state, theme.title_on(frame), level, area, canvas);
        complaint(state, theme, level, area, canvas);
    }
    if state.pane(level).hits() == 0 {
        emptiness(state, theme, level, area.inner, canvas);
    } else {
        rows(state, theme, level, area.inner, canvas);
    }
}

fn title(state: &State, style: Style, level: Level, area: Framed, canvas: &mut Canvas<'_>) {
    let pane = state.pane(level);
    let (found, all) = pane.counts();
    let count = match state.load(level) {
        _ if found != all => format!(" {found}/{all}"),
        Load::Never | Load::Loading | Load::Failed(_, None) => String::new(),
        Load::Ready(_) | Load::Failed(_, Some(_)) => format!(" {all}"),
    };
    let filter = if pane.query.is_empty() || state.focus() == level {
        String::new()
    } else {
        format!(" · {}", pane.query.text())
    };
    let marked = match pane.marked().count() {
        0 => String::new(),
        marked => format!(" · {marked} marked"),
    };
    let sorted = match pane.sort().and_then(|sort| Some((sort, pane.columns().get(sort.column)?))) {
        Some((sort, column)) => format!(" · by {} {}", column.name, sort.arrow()),
        None => String::new(),
    };
    let reading = if state.is_reading(level) { " ⟳" } else { "" };
    let what = if level == Level::Task { state.shown_tasks_are().plural() } else { level.plural() };
    let text = format!(" {what}{count}{marked}{sorted}{filter}{reading} ");
    canvas.write_cut(area.outer.x + 1, area.outer.y, area.outer.width - 2, &text, style);
}

/// Says on the frame that rows are stale because they could not be read again.
fn complaint(state: &State, theme: &Theme, level: Level, area: Framed, canvas: &mut Canvas<'_>) {
    let Load::Failed(notice, Some(at)) = state.load(level) else { return };
    if level != Level::Container {
        let text = format!(" ✖ {} old: {} ", age(state.now, at), clean(&notice.text));
        canvas.write_cut(area.outer.x + 1, area.outer.bottom() - 1, area.outer.width - 2, &text, theme.bad);
    }
}

/// Says why there are no rows.
fn emptiness(state: &State, theme: &Theme, level: Level, area: Rect, canvas: &mut Canvas<'_>) {
    let cause = state.cause(level);
    if cause != level && state.areas().pane(cause).is_some() {
        return;
    }
    let pane = state.pane(cause);
    let again = state.keymap.first_chord(Action::Refresh).map(|chord| chord.to_string()).unwrap_or_default();
    let what = if cause == level { String::new() } else { format!("{} ", cause.plural()) };
    let lists_running = cause == Level::Task && state.shown_tasks_are() == ShownTasks::Running;
    let stopped = state.way_to_stopped(pane.query.text()).filter(|_| lists_running);
    let faint = |text| [Some(text), stopped].into_iter().flatten().map(|text| (theme.faint, text)).collect();
    let lines = match state.load(cause) {
        _ if pane.trouble().is_some() => vec![(theme.bad, pane.trouble().map(clean).unwrap_or_default())],
        _ if !pane.is_empty() => faint(format!("no {} match {}", cause.plural(), pane.query.text())),
        Load::Failed(notice, _) => failure(theme, &again, notice),
        Load::Never | Load::Loading => vec![(theme.faint, format!("loading {what}{}", spinner(state)))],
        Load::Ready(_) => faint(nothing(state, cause)),
    };
    let room = area.width.saturating_sub(MARK);
    let lines = lines
        .iter()
        .flat_map(|(style, text)| wrap(text, usize::from(room), 0).into_iter().map(|range| (*style, &text[range])));
    for (row, (style, text)) in lines.take(usize::from(area.height)).enumerate() {
        canvas.write(area.x + 1, area.y + row as u16, room, text, style);
    }
}

fn nothing(state: &State, level: Level) -> String {
    match level {
        Level::Cluster => match &state.stock.identity.value {
            Some(identity) => format!("no clusters in {}", clean(&identity.region)),
            None => "no clusters".to_owned(),
        },
        Level::Service => "no services".to_owned(),
        Level::Task => state.shown_tasks_are().none().to_owned(),
        Level::Container => "no containers".to_owned(),
    }
}

fn failure(theme: &Theme, again: &str, notice: &Notice) -> Vec<(Style, String)> {
    // The details below have the room for the whole and its hints.
    vec![(theme.bad, format!("✖ {}", clean(&notice.text))), (theme.plain, format!("{again} tries again"))]
}

fn rows(state: &State, theme: &Theme, level: Level, area: Rect, canvas: &mut Canvas<'_>) {
    let pane = state.pane(level);
    let rows: Vec<(&Row, Vec<Column>)> =
        pane.lines(area).map(|(_, _, row)| (row, columns(state, theme, row))).collect();
    let names = usual(rows.iter().map(|(row, _)| width(row.name())).collect());
    let room = area.width.saturating_sub(MARK);
    let shown = fitting(&rows, room, names);
    let name_room = room.saturating_sub(shown.iter().map(|(_, width)| width + 1).sum());
    for ((place, line, row), (_, columns)) in pane.lines(area).zip(&rows) {
        let y = line.y;
        let selected = place == pane.cursor();
        let over = match (selected, state.focus() == level) {
            (true, true) => theme.selected,
            (true, false) => theme.marked,
            (false, _) => Style::new(),
        };
        let plain = selected && state.focus() == level;
        if selected {
            canvas.write(area.x, y, 1, "▸", theme.plain);
        }
        if pane.is_marked(row) {
            canvas.write(area.x + 1, y, 1, "*", theme.key);
        }
        name(row, pane.query.text(), theme, Rect { x: area.x + MARK, y, width: name_room, height: 1 }, canvas);
        let mut x = area.x + MARK + name_room;
        if row.gone {
            let at = area.x + MARK + width(row.name()).min(name_room) + 1;
            canvas.write_cut(at, y, (area.x + area.width).saturating_sub(at), "✖ gone", theme.bad);
            canvas.paint(line, over);
            continue;
        }
        for (column, width) in &shown {
            let Column { text, style, right, .. } = &columns[*column];
            let text = cut(text, *width);
            let pad = if *right { width.saturating_sub(super::text::width(&text)) } else { 0 };
            canvas.write(x + 1 + pad, y, *width, &text, if plain { theme.plain } else { *style });
            x += width + 1;
        }
        if selected {
            canvas.paint(line, over);
        }
    }
}

/// Returns the width in which short names and three of four others are whole: one long name takes no column from the
/// rest.
fn usual(mut widths: Vec<u16>) -> u16 {
    widths.sort_unstable();
    let most = widths.get((widths.len() * 3 / 4).saturating_sub(1)).copied().unwrap_or(0);
    most.max(widths.last().map_or(0, |longest| NAME.min(*longest)))
}

/// Returns the columns there is room for beside names of this width, each with its own width.
fn fitting(rows: &[(&Row, Vec<Column>)], room: u16, names: u16) -> Vec<(usize, u16)> {
    let Some((_, first)) = rows.first() else { return Vec::new() };
    let widest = |column: usize| {
        rows.iter().map(|(_, columns)| width(&columns[column].text).min(columns[column].most)).max().unwrap_or(0)
    };
    let mut by_weight: Vec<usize> = (0..first.len()).collect();
    by_weight.sort_by_key(|column| first[*column].weight);
    let mut left = room;
    let mut shown = Vec::new();
    for column in by_weight {
        let wanted = widest(column);
        let kept = names.min(if first[column].weight <= TELLING { NAME } else { LONG_NAME });
        if wanted > 0 && kept + wanted < left {
            left -= wanted + 1;
            shown.push((column, wanted));
        }
    }
    shown.sort_unstable();
    shown
}

/// Draws the name of a row, with the letters marked that the query matched.
fn name(row: &Row, query: &str, theme: &Theme, area: Rect, canvas: &mut Canvas<'_>) {
    let shown = cut(row.name(), area.width);
    let matched = positions_beside(row.columns(), query, &row.text);
    if matched.is_empty() {
        canvas.write(area.x, area.y, area.width, &shown, theme.plain);
        return;
    }
    let whole = shown.chars().count() - usize::from(shown.len() != row.name().len());
    let style = |place: usize| {
        let hit = place < whole && matched.binary_search(&(place as u32)).is_ok();
        if hit { theme.matched } else { theme.plain }
    };
    let spans = super::text::runs(&shown, style);
    canvas.write_spans(area.x, area.y, area.width, &spans);
}

#[cfg(test)]
mod tests {
    use super::usual;

    #[test]
    fn one_long_name_in_four_does_not_count() {
        assert_eq!(usual(vec![19, 40, 22, 20]), 22);
        assert_eq!(usual(vec![40, 9, 40, 40]), 40);
    }

    #[test]
    fn short_names_are_whole() {
        assert_eq!(usual(vec![4, 7]), 7);
        assert_eq!(usual(vec![3, 3, 3, 40]), 12);
        assert_eq!(usual(vec![]), 0);
    }
}

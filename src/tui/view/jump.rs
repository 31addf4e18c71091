//! The jump: everything there is to log in to, in one list.

use ratatui::layout::Rect;

use super::{
    status::spinner,
    text::{Canvas, cut, runs, width},
    theme::Theme,
};
use crate::{
    model::text::clean,
    tui::app::{Framed, Jump, Leaf, Origin, Reach, Readiness, State, age, wrap},
};

/// Cells before a path: the mark of the selected row, and whether one can log in.
const MARK: u16 = 4;
/// A path is not squeezed below this by what stands beside it.
const PATH: u16 = 40;
/// Where a path is longer than this, so much of an image comes before the rest of it.
const LONG_PATH: u16 = 60;
const IMAGE: u16 = 28;

/// Draws the jump.
pub(super) fn draw(state: &State, theme: &Theme, jump: &Jump, area: Framed, canvas: &mut Canvas<'_>) {
    canvas.clear(area.outer);
    canvas.frame(area, theme.focused);
    if area.has_frame() {
        canvas.write_cut(
            area.outer.x + 1,
            area.outer.y,
            area.outer.width - 2,
            &title(state),
            theme.title_on(theme.focused),
        );
        complaint(state, theme, area, canvas);
    }
    let list = sites(state, theme, area.inner, canvas);
    if let Some(text) = emptiness(state, jump) {
        let style = if jump.gone().is_some() || state.jump_trouble().is_some() { theme.bad } else { theme.faint };
        let room = list.width.saturating_sub(1);
        let lines = wrap(&text, usize::from(room), 0).into_iter().zip(list.top()..list.bottom());
        for (range, y) in lines {
            canvas.write(list.x + 1, y, room, &text[range], style);
        }
        return;
    }
    rows(state, theme, jump, list, canvas);
}

/// Says below the list which other sites could not be read, and which are still being read; returns what is left for
/// the list.
fn sites(state: &State, theme: &Theme, area: Rect, canvas: &mut Canvas<'_>) -> Rect {
    let list = state.jump_list();
    for ((text, wrong), y) in
        state.rows_below(area.width.saturating_sub(2), area.height).iter().zip(list.bottom()..area.bottom())
    {
        let style = if *wrong { theme.bad } else { theme.underway };
        canvas.write(area.x + 1, y, area.width.saturating_sub(2), text, style);
    }
    list
}

fn title(state: &State) -> String {
    let (hits, all) = state.leaf_count();
    let Reach { read, all: clusters, reading, oldest } = state.reach();
    let searching = if state.is_jump_searching() { " …" } else { "" };
    let sites = match state.sites_reached() {
        _ if !state.looks_beside() => String::new(),
        (read, all) if read < all => format!(" · {read} of {all} sites"),
        (_, all) => format!(" · {all} sites"),
    };
    let part = if read < clusters { format!(" · {read} of {clusters} clusters") } else { String::new() };
    let old = oldest.map(|at| format!(" · {} old", age(state.now, at))).unwrap_or_default();
    let reading = if reading { " ⟳" } else { "" };
    format!(" jump {hits}/{all}{searching}{sites}{part}{old}{reading} ")
}

/// Says on the frame what stands in the way of seeing everything.
fn complaint(state: &State, theme: &Theme, area: Framed, canvas: &mut Canvas<'_>) {
    let troubles = state.reach_troubles();
    let Some(first) = troubles.first() else { return };
    let more = if troubles.len() > 1 { format!(" (and {} more)", troubles.len() - 1) } else { String::new() };
    let text = format!(" ✖ {}{more} ", clean(&first.text));
    canvas.write_cut(area.outer.x + 1, area.outer.bottom() - 1, area.outer.width - 2, &text, theme.bad);
}

/// Returns why there is nothing.
fn emptiness(state: &State, jump: &Jump) -> Option<String> {
    let ((hits, all), reach) = (state.leaf_count(), state.reach());
    if hits > 0 {
        return None;
    }
    if let Some(gone) = jump.gone() {
        return Some(format!("✖ {gone} is gone"));
    }
    Some(match state.jump_trouble() {
        Some(trouble) => clean(trouble),
        None if state.is_jump_searching() => format!("searching {}", spinner(state)),
        None if reach.reading => format!("loading {}", spinner(state)),
        None if all == 0 => "there is no container".to_owned(),
        None => {
            let stopped = state.way_to_stopped(jump.query.text());
            let stopped =
                stopped.map(|words| format!("; it holds what runs, {words} in the panes")).unwrap_or_default();
            format!("nothing matches {}{stopped}", jump.query.text())
        }
    })
}

fn rows(state: &State, theme: &Theme, jump: &Jump, area: Rect, canvas: &mut Canvas<'_>) {
    let height = usize::from(area.height);
    let leaves: Vec<(usize, Rect, &Leaf)> = state.leaf_lines(jump, area).collect();
    let places: Vec<String> = leaves.iter().map(|(place, ..)| site(state, *place)).collect();
    let place_width = places.iter().map(|place| width(place)).max().unwrap_or(0).min(area.width / 3);
    let before_path = MARK + if place_width > 0 { place_width + 1 } else { 0 };
    let room = area.width.saturating_sub(before_path);
    let widest = |text: fn(&Leaf) -> &str| leaves.iter().map(|(.., leaf)| width(text(leaf))).max().unwrap_or(0);
    let [path, image, ip] = shares(room, [widest(Leaf::path), widest(Leaf::image), widest(Leaf::ip)]);
    for ((place, line, leaf), origin) in leaves.iter().zip(&places) {
        let y = line.y;
        let selected = jump.cursor() == Some(*place);
        let (glyph, style) = match leaf.readiness() {
            Readiness::Ready => ("●", theme.good),
            Readiness::Starting => ("◐", theme.underway),
            Readiness::Stopped => ("✖", theme.bad),
            Readiness::NoAgent => ("○", theme.faint),
            Readiness::NotRunning => ("–", theme.faint),
        };
        if selected {
            canvas.write(area.x, y, 1, "▸", theme.plain);
        }
        canvas.write(area.x + 2, y, area.width.saturating_sub(2), glyph, if selected { theme.plain } else { style });
        let matched = leaf.positions(jump.query.text());
        canvas.write_cut(area.x + MARK, y, place_width, origin, theme.faint);
        let x = area.x + before_path;
        let mut before = 0;
        let at_image = x + path + u16::from(image > 0);
        let at_ip = at_image + image + 1;
        for (x, width, text) in [(x, path, leaf.path()), (at_image, image, leaf.image()), (at_ip, ip, leaf.ip())] {
            piece(theme, text, before, &matched, Rect { x, y, width, height: 1 }, canvas);
            before += text.chars().count() as u32 + 1;
        }
        if selected {
            canvas.paint(*line, theme.selected);
        }
    }
    if let Some(gone) = jump.gone() {
        let y = area.y + leaves.len().min(height.saturating_sub(1)) as u16;
        let text = format!("✖ {gone} is gone");
        canvas.paint(Rect { x: area.x, y, width: area.width, height: 1 }, theme.plain);
        canvas.write_cut(area.x + 2, y, area.width.saturating_sub(2), &format!("{text:<200}"), theme.bad);
    }
}

/// Returns where a leaf was read, where that may be elsewhere than in the panes.
fn site(state: &State, place: usize) -> String {
    let origin = state.leaf_origin(place).filter(|_| state.looks_beside());
    origin.map(Origin::label).unwrap_or_default()
}

/// Returns how much of the room path, image and address get: the path first, but an image is not left out because one
/// path is very long.
fn shares(room: u16, [path, image, ip]: [u16; 3]) -> [u16; 3] {
    let ip = if PATH.min(path) + ip + 1 < room { ip } else { 0 };
    let left = room.saturating_sub(ip + u16::from(ip > 0));
    let beside = path.min(LONG_PATH.max(left.saturating_sub(image.min(IMAGE) + 1)));
    let image = image.min(left.saturating_sub(beside + 1));
    // A stump of a name says nothing.
    if image < 8 { [path.min(left), 0, ip] } else { [beside, image, ip] }
}

/// Draws a part of a leaf's text, before which so many characters stand, with the letters marked that the query
/// matched.
fn piece(theme: &Theme, text: &str, before: u32, matched: &[u32], area: Rect, canvas: &mut Canvas<'_>) {
    let shown = cut(text, area.width);
    let whole = shown.chars().count() - usize::from(shown.len() != text.len()).min(shown.chars().count());
    let style = |place: usize| {
        let hit = place < whole && matched.binary_search(&(place as u32 + before)).is_ok();
        if hit { theme.matched } else { theme.plain }
    };
    canvas.write_spans(area.x, area.y, area.width, &runs(&shown, style));
}

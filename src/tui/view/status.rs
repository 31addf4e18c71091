//! The title line, the message, and the query line with its hints.

use std::borrow::Cow;

use ratatui::layout::{Position, Rect};

use super::{
    text::{Canvas, cut, cut_start, width},
    theme::Theme,
};
use crate::{
    config::{Action, Glyphs, keymap::Place},
    ops::Identity,
    tui::app::{Asks, DetailView, Level, Line, Load, Overlay, Prompt, Row, RowId, State, age, clock},
};

/// From this width on there is room for who we are, and for what is followed.
const ROOMY: u16 = 100;
/// And for so much of it.
const NAME: usize = 20;

/// What turns while somebody waits.
const SPINNER: [&str; 4] = ["◐", "◓", "◑", "◒"];

/// Draws who we are, where the cursor is, how far what was changed from here has come, and how old what is seen is.
pub(super) fn title(state: &State, theme: &Theme, area: Rect, canvas: &mut Canvas<'_>) {
    if area.is_empty() {
        return;
    }
    let freshness = freshness(state);
    let end = area.right().saturating_sub(width(&freshness) + 1);
    let followed = state.followed_words().filter(|_| area.width >= ROOMY);
    let followed = followed.as_deref().map(|words| cut(words, area.width / 3));
    let right = end.saturating_sub(followed.as_deref().map_or(0, |words| width(words) + 2));
    let left = canvas.write(area.x + 1, area.y, area.width, "ecsui", theme.brand);
    let left = canvas.write(left + 2, area.y, right.saturating_sub(left + 3), &account(state, area.width), theme.plain);
    let path = path(state);
    let room = right.saturating_sub(left + 4);
    if room >= 8 && !path.is_empty() {
        let wanted = width(&path).min(room);
        let centred = area.x + area.width.saturating_sub(wanted) / 2;
        let x = centred.clamp(left + 2, (right - wanted - 2).max(left + 2));
        canvas.write(x, area.y, room, &cut_start(&path, room), theme.title);
    }
    if right > left {
        canvas.write(right, area.y, area.width, followed.as_deref().unwrap_or_default(), theme.underway);
        canvas.write(end, area.y, area.width, &freshness, theme.faint);
    }
}

/// Draws what is being said.
pub(super) fn message(state: &State, theme: &Theme, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(message) = &state.message else { return };
    let (mark, style) = if message.failure { ("✖", theme.bad) } else { ("·", theme.plain) };
    let rows = message.linked_rows(area.width);
    for (row, (text, page)) in rows.into_iter().take(usize::from(area.height)).enumerate() {
        let y = area.y + row as u16;
        if row == 0 {
            canvas.write(area.x, y, 1, mark, style);
        }
        canvas.write(area.x + 2, y, area.width, text, if row == 0 { style } else { theme.plain });
        if let Some(page) = page {
            canvas.link(area.x + 2, y, area.width, text, page);
        }
    }
}

/// Draws what is typed and what can be done; returns where the cursor stands.
pub(super) fn query(state: &State, theme: &Theme, area: Rect, canvas: &mut Canvas<'_>) -> Option<Position> {
    if area.is_empty() {
        return None;
    }
    let (label, line, idle) = typed(state);
    let mut x = canvas.write(area.x + 1, area.y, area.width, &label, theme.heading);
    if !label.is_empty() {
        x += 1;
    }
    let room = area.right().saturating_sub(x + 1);
    let line = line.as_deref();
    let cursor = line.map(|line| {
        let before = shown_before(line, room);
        let hidden = line.before().len() - before.len();
        canvas.write(x, area.y, room, &line.text()[hidden..], theme.plain);
        Position { x: (x + width(before)).min(area.right().saturating_sub(1)), y: area.y }
    });
    let mut end = cursor.map_or(x, |cursor| cursor.x + 1);
    if line.is_some_and(|line| !line.is_empty()) {
        end = end.max(x + width(line.map_or("", Line::text)) + 1);
    } else {
        let idle = if state.opening.is_some() || state.changing.is_some() { "" } else { &*idle };
        end = canvas.write(end, area.y, area.right().saturating_sub(end), idle, theme.faint);
    }
    hints(state, theme, Rect { x: end, width: area.right().saturating_sub(end), ..area }, canvas);
    cursor
}

/// Returns the turn of the spinner.
pub(super) fn spinner(state: &State) -> &'static str {
    let turn = state.now.as_millisecond().div_euclid(250).rem_euclid(4);
    SPINNER[turn as usize]
}

fn account(state: &State, width: u16) -> String {
    let identity = state.stock.identity.value.as_ref();
    let clean = |text: &String| crate::model::text::clean(text);
    let profile = identity.map_or_else(|| state.profile.clone(), |identity| clean(&identity.profile));
    let region = identity.map(|identity| clean(&identity.region)).or_else(|| state.region.clone());
    let account = identity.and_then(|identity| identity.account.as_ref()).map(|account| short_account(&clean(account)));
    let who = identity.and_then(Identity::who).filter(|_| width >= ROOMY).map(|who| shortened(&clean(&who.to_owned())));
    [Some(profile), region, account, who].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Returns the beginning of a name.
fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME { name.to_owned() } else { name.chars().take(NAME - 1).chain(['…']).collect() }
}

/// Returns the ends of an account's number, by which people know it.
fn short_account(account: &str) -> String {
    match (account.get(..4), account.get(account.len().saturating_sub(4)..)) {
        (Some(start), Some(end)) if account.len() > 8 => format!("{start}…{end}"),
        _ => account.to_owned(),
    }
}

fn path(state: &State) -> String {
    let levels = Level::ALL.into_iter().take_while(|level| *level <= state.focus());
    let names: Vec<&str> = levels.filter_map(|level| state.pane(level).selected()).map(Row::name).collect();
    names.join(" › ")
}

fn freshness(state: &State) -> String {
    let old = |at| {
        if state.refresh.is_some() {
            format!("{} old", age(state.now, at))
        } else {
            format!("as of {}", clock(state.now, at, &state.zone))
        }
    };
    let reading = if state.is_reading(state.focus()) { " ⟳" } else { "" };
    match state.load(state.cause(state.focus())) {
        Load::Never => String::new(),
        Load::Loading => format!("loading {}", spinner(state)),
        Load::Ready(at) => old(at) + reading,
        Load::Failed(_, Some(at)) => format!("✖ {}{reading}", old(at)),
        Load::Failed(_, None) => format!("✖ failed{reading}"),
    }
}

/// Returns what stands before the line that is typed into, the line, and what stands there while it is empty.
fn typed(state: &State) -> (String, Option<Cow<'_, Line>>, String) {
    match state.overlay() {
        None => {
            let pane = state.pane(state.focus());
            (String::new(), Some(Cow::Borrowed(&pane.query)), format!("type to filter {}", state.focus().plural()))
        }
        Some(Overlay::Detail(detail)) => {
            (String::new(), Some(Cow::Borrowed(&detail.query)), "type to filter the lines".to_owned())
        }
        Some(Overlay::Menu(menu)) => match &menu.search {
            Some(line) => {
                let label = if menu.copies.is_some() { "copy:" } else { "action:" };
                (label.to_owned(), Some(Cow::Borrowed(line)), String::new())
            }
            None if menu.copies.is_some() => (String::new(), None, "a letter copies it".to_owned()),
            None => (String::new(), None, "a letter does it".to_owned()),
        },
        Some(Overlay::Prompt(prompt)) => {
            let secret = prompt.asks.is_secret();
            let line = if secret { Cow::Owned(prompt.line.masked()) } else { Cow::Borrowed(&prompt.line) };
            (prompt.asks.words(), Some(line), String::new())
        }
        Some(Overlay::Jump(jump)) => {
            ("jump:".to_owned(), Some(Cow::Borrowed(&jump.query)), "type to search everything".to_owned())
        }
        Some(Overlay::Pick(pick)) => {
            (pick.picks.words().to_owned(), Some(Cow::Borrowed(&pick.query)), "type to search".to_owned())
        }
        Some(Overlay::Plan(sheet)) => {
            (sheet.words(), sheet.wanted().map(|_| Cow::Borrowed(&sheet.typed)), String::new())
        }
        Some(Overlay::Help(_)) => (String::new(), None, String::new()),
    }
}

/// Returns the end of the text before the cursor that there is room for.
fn shown_before(line: &Line, room: u16) -> &str {
    let mut before = line.before();
    while width(before) >= room.max(1) && !before.is_empty() {
        let first = before.chars().next().map_or(0, char::len_utf8);
        before = &before[first..];
    }
    before
}

/// Draws the keys that matter most here, as many as there is room for.
fn hints(state: &State, theme: &Theme, area: Rect, canvas: &mut Canvas<'_>) {
    if let Some(opening) = &state.opening {
        let text =
            format!("{} opening {} … {}  esc stops ", spinner(state), opening.label, age(state.now, opening.since));
        let x = area.right().saturating_sub(width(&text)).max(area.x + 1);
        canvas.write_cut(x, area.y, area.right().saturating_sub(x), &text, theme.underway);
        return;
    }
    if let Some(changing) = &state.changing {
        let what = changing.step.as_ref().unwrap_or(&changing.what);
        let text = format!("{} {what} … {} ", spinner(state), age(state.now, changing.since));
        let x = area.right().saturating_sub(width(&text)).max(area.x + 1);
        canvas.write_cut(x, area.y, area.right().saturating_sub(x), &text, theme.underway);
        return;
    }
    let mut shown: Vec<(String, &str)> = Vec::new();
    let mut used = 1;
    for (action, words) in wanted_hints(state) {
        let Some(chord) = state.keymap.first_chord(action) else { continue };
        let key = if state.glyphs == Glyphs::Full { chord.short() } else { chord.to_string() };
        let wanted = width(&key) + width(words) + 3;
        if used + wanted > area.width {
            break;
        }
        used += wanted;
        shown.push((key, words));
    }
    let mut x = area.right().saturating_sub(used);
    for (key, words) in shown {
        x = canvas.write(x + 2, area.y, area.width, &key, theme.key);
        x = canvas.write(x + 1, area.y, area.width, words, theme.faint);
    }
}

/// Returns the keys that matter most here, the most important first.
fn wanted_hints(state: &State) -> Vec<(Action, &'static str)> {
    match state.place() {
        Place::Clusters | Place::Services | Place::Tasks | Place::Containers => {
            let selected = state.pane(state.focus()).selected().map(|row| &row.id);
            let enter = match selected {
                Some(RowId::Service(_) | RowId::Task(_) | RowId::Container(..)) => "log in",
                Some(RowId::Cluster(_) | RowId::NoService(_)) | None => "go on",
            };
            vec![
                (Action::Login, enter),
                (Action::Jump, "find"),
                (Action::Help, "help"),
                (Action::Menu, "actions"),
                (Action::Details, "details"),
            ]
        }
        Place::Detail if state.detail_view() == DetailView::Described => {
            vec![(Action::Back, "back"), (Action::Editor, "editor"), (Action::Menu, "actions"), (Action::Help, "help")]
        }
        Place::Detail => vec![(Action::Back, "back"), (Action::Menu, "actions"), (Action::Help, "help")],
        Place::Menu => vec![(Action::Back, "back"), (Action::SearchMenu, "search")],
        Place::Prompt => {
            let runs =
                matches!(state.overlay(), Some(Overlay::Prompt(Prompt { asks: Asks::Command(_) | Asks::Name(_), .. })));
            vec![(Action::Accept, if runs { "run" } else { "go on" }), (Action::Back, "back")]
        }
        Place::Jump => vec![
            (Action::Accept, "log in"),
            (Action::ShowInPanes, "show in panes"),
            (Action::Back, "back"),
            (Action::Help, "help"),
            (Action::Menu, "actions"),
        ],
        Place::Pick => vec![(Action::Accept, "take"), (Action::Back, "back")],
        Place::Plan => plan_hints(state),
        Place::Help => vec![(Action::Back, "back"), (Action::Down, "more")],
    }
}

/// Returns the keys that matter in a plan: what is refused cannot be gone ahead with, and what was typed goes first.
fn plan_hints(state: &State) -> Vec<(Action, &'static str)> {
    let Some(Overlay::Plan(sheet)) = state.overlay() else { return Vec::new() };
    let ahead = (!sheet.is_refused()).then_some((Action::Accept, "go ahead"));
    let back = if sheet.typed.is_empty() { "leave it" } else { "clear" };
    ahead.into_iter().chain([(Action::Back, back)]).collect()
}

//! The mouse in the browser: what a click is about, what a double click does, and what the wheel scrolls.

#[path = "common/browser.rs"]
mod browser;
#[path = "common/plans.rs"]
#[allow(dead_code, reason = "each user of this file needs a part of it")]
mod plans;

use std::{sync::Arc, time::Duration};

use browser::{Script, World, arn, at, company, service};
use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ecsui::{
    config::Settings,
    model::{LogSource, ServiceEvent},
    ops::change::{Guard, Wish},
    session::Size,
    tui::{
        app::{
            DetailView, Effect, Event, Level, LogPiece, LogRow, Look, Overlay, Request, Response, RowId, SessionId,
            Sort,
        },
        view::draw,
    },
};
use proptest::prelude::*;
use ratatui::{Terminal, backend::TestBackend, buffer::Cell};

const UP: MouseEventKind = MouseEventKind::ScrollUp;
const DOWN: MouseEventKind = MouseEventKind::ScrollDown;

/// A browser of this size with everything read and on the screen.
fn shown(columns: u16, rows: u16, world: &World) -> Script {
    let mut script = Script::new(columns, rows, &Settings::default());
    script.settle(world);
    script.effects.clear();
    script.shown();
    script
}

/// The lines of the screen, a string of one cell each.
fn screen(script: &Script, Size { columns, rows }: Size) -> Vec<Vec<String>> {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("memory is a terminal");
    terminal.draw(|frame| draw(&script.state, frame)).expect("memory takes every frame");
    let cells = &terminal.backend().buffer().content;
    cells.chunks(usize::from(columns)).map(|row| row.iter().map(Cell::symbol).map(str::to_owned).collect()).collect()
}

/// Where these words stand on a screen of this size, for the nth time.
fn find_nth(script: &Script, size: (u16, u16), words: &str, nth: usize) -> (u16, u16) {
    let lines = screen(script, Size { columns: size.0, rows: size.1 });
    let wanted: Vec<String> = words.chars().map(String::from).collect();
    let places = lines.iter().enumerate().flat_map(|(y, line)| {
        let starts = line.windows(wanted.len()).enumerate().filter(|(_, window)| **window == wanted);
        starts.map(move |(x, _)| (x as u16, y as u16)).collect::<Vec<_>>()
    });
    let text: String = lines.iter().map(|line| line.concat() + "\n").collect();
    places.into_iter().nth(nth).unwrap_or_else(|| panic!("{words} is not on the screen:\n{text}"))
}

fn find(script: &Script, size: (u16, u16), words: &str) -> (u16, u16) {
    find_nth(script, size, words, 0)
}

fn selected(script: &Script, level: Level) -> String {
    script.state.pane(level).selected().map(|row| row.name().to_owned()).unwrap_or_default()
}

fn said(script: &Script) -> String {
    script.state.message().map(|message| message.lines.join(" / ")).unwrap_or_default()
}

fn opened(script: &Script) -> Vec<&Request> {
    let opens = |request: &&Request| {
        matches!(request, Request::OpenService { .. } | Request::OpenTask { .. } | Request::OpenExec { .. })
    };
    script.waiting.iter().map(|(_, _, request)| request).filter(opens).collect()
}

const WIDE: (u16, u16) = (160, 40);

// Clicks.

#[test]
fn a_click_selects_a_row_and_its_pane_has_the_keys() {
    let mut script = shown(WIDE.0, WIDE.1, &company());
    let place = find(&script, WIDE, "payments-web");
    script.click(place);
    assert_eq!((script.state.focus(), selected(&script, Level::Service)), (Level::Service, "payments-web".to_owned()));
    assert_eq!(selected(&script, Level::Task), "b0aa71f3", "what stands to the right follows");
    script.keys("sea");
    assert_eq!(selected(&script, Level::Service), "search");
    assert!(opened(&script).is_empty());
}

#[test]
fn a_click_beside_the_rows_chooses_the_pane() {
    let mut script = shown(WIDE.0, WIDE.1, &company());
    let before = selected(&script, Level::Task);
    let area = script.state.areas().pane(Level::Task).expect("it is shown").outer;
    script.click((area.x, area.bottom() - 1));
    assert_eq!((script.state.focus(), selected(&script, Level::Task)), (Level::Task, before));
}

#[test]
fn a_double_click_logs_in_as_enter_does() {
    let mut script = shown(WIDE.0, WIDE.1, &company());
    let place = find(&script, WIDE, "payments-web");
    script.click(place);
    script.shown();
    script.mouse(MouseEventKind::Down(MouseButton::Left), (place.0 + 1, place.1));
    assert!(opened(&script).is_empty(), "the button is not let go yet: the session would hear of that");
    script.mouse(MouseEventKind::Up(MouseButton::Left), place);
    assert!(
        matches!(opened(&script)[..], [Request::OpenService { service, .. }] if service.name() == "payments-web"),
        "{:?}",
        script.waiting
    );
}

#[test]
fn two_clicks_are_no_double_one_unless_they_are_close() {
    let world = company();
    for apart in ["rows", "time", "keys", "drag"] {
        let mut script = shown(WIDE.0, WIDE.1, &world);
        let place = find(&script, WIDE, "payments-web");
        script.click(place);
        script.shown();
        match apart {
            "rows" => script.click((place.0, place.1 + 1)),
            "time" => {
                script.pass(Duration::from_millis(600));
                script.shown();
                script.click(place);
            }
            "keys" => {
                script.keys("<up>");
                script.shown();
                script.click(place);
            }
            _ => {
                script.mouse(MouseEventKind::Down(MouseButton::Left), place);
                script.mouse(MouseEventKind::Up(MouseButton::Left), (place.0 + 9, place.1));
            }
        }
        assert!(opened(&script).is_empty(), "{apart}");
    }
}

#[test]
fn a_double_click_is_about_what_was_under_the_first_though_the_panes_move() {
    let size = (80, 24);
    let mut script = shown(size.0, size.1, &company());
    let place = find(&script, size, "payments-web");
    script.click(place);
    script.shown();
    assert_ne!(find(&script, size, "payments-web"), place, "the panes have moved to the left");
    script.click(place);
    assert!(matches!(opened(&script)[..], [Request::OpenService { service, .. }] if service.name() == "payments-web"));
    assert_eq!(script.state.focus(), Level::Service);
}

#[test]
fn other_buttons_and_held_keys_do_nothing() {
    let mut script = shown(WIDE.0, WIDE.1, &company());
    let place = find(&script, WIDE, "payments-web");
    script.mouse(MouseEventKind::Down(MouseButton::Right), place);
    script.mouse(MouseEventKind::Down(MouseButton::Middle), place);
    let (kind, modifiers) = (MouseEventKind::Down(MouseButton::Left), KeyModifiers::CONTROL);
    script.event(Event::Mouse(MouseEvent { kind, column: place.0, row: place.1, modifiers }));
    assert_eq!(script.state.focus(), Level::Cluster);
}

/// Lets a cluster have another service before all others, after what was shown.
fn with_one_more(world: &mut World, script: &mut Script) {
    world.services.push(service(&arn("cluster/prod"), "a-new-one", 1, 1, "2026-03-10T12:03:00Z", "COMPLETED"));
    script.keys("<ctrl-r>");
    script.serve(world);
}

#[test]
fn a_click_is_about_what_was_on_the_screen_not_about_what_was_read_since() {
    let mut world = company();
    let mut script = shown(WIDE.0, WIDE.1, &world);
    let place = find(&script, WIDE, "payments-web");
    with_one_more(&mut world, &mut script);
    assert_ne!(find(&script, WIDE, "payments-web"), place, "it is to be drawn elsewhere");
    script.click(place);
    assert_eq!(selected(&script, Level::Service), "payments-web");
    script.click(place);
    assert!(matches!(opened(&script)[..], [Request::OpenService { service, .. }] if service.name() == "payments-web"));
}

#[test]
fn what_is_gone_since_is_said_and_nothing_else_is_taken_for_it() {
    let mut world = company();
    let mut script = shown(WIDE.0, WIDE.1, &world);
    let place = find(&script, WIDE, "payments-web");
    script.click(place);
    script.keys("<up>");
    script.shown();
    world.services.remove(1);
    script.keys("<ctrl-r>");
    script.serve(&world);
    let before = selected(&script, Level::Service);
    script.click(place);
    script.click(place);
    assert_eq!(said(&script), "payments-web is not there any more");
    assert_eq!((selected(&script, Level::Service), opened(&script).len()), (before, 0));
}

#[test]
fn nobody_clicks_through_what_has_come_since() {
    let mut script = shown(WIDE.0, WIDE.1, &company());
    script.keys("<right><ctrl-x>r");
    script.shown();
    let place = find(&script, WIDE, "payments-web");
    let (id, _, request) = script.waiting.pop().expect("a plan is asked for");
    assert!(matches!(request, Request::Plan(Wish::Redeploy { .. })));
    script.answer(id, Ok(Response::Planned(plans::plan(Guard::Ask, vec![]))));
    script.click(place);
    script.click(place);
    assert_eq!(selected(&script, Level::Service), "payments-api");
    script.shown();
    for row in 0..WIDE.1 {
        script.click((WIDE.0 / 2, row));
        script.click((WIDE.0 / 2, row));
    }
    assert!(matches!(script.state.overlay(), Some(Overlay::Plan(_))), "no click agrees to a plan");
    assert!(!script.waiting.iter().any(|(_, _, request)| matches!(request, Request::Change(_))));
}

#[test]
fn a_question_is_not_left_by_a_click() {
    let mut script = shown(WIDE.0, WIDE.1, &company());
    script.keys("<right><right><right><ctrl-x>els");
    script.shown();
    let place = find(&script, WIDE, "payments-web");
    script.click(place);
    assert!(matches!(script.state.overlay(), Some(Overlay::Prompt(prompt)) if prompt.line.text() == "ls"));
}

#[test]
fn a_click_on_the_name_of_a_view_shows_it_below_the_panes_and_in_full() {
    let mut script = shown(WIDE.0, WIDE.1, &company());
    script.keys("<right>");
    for (keys, words, view) in [
        ("", "deployments", DetailView::Deployments),
        ("", "facts", DetailView::Facts),
        ("<ctrl-o>", "task definition", DetailView::TaskDefinition),
    ] {
        script.keys(keys);
        script.settle(&company());
        script.shown();
        let place = find_nth(&script, WIDE, words, 0);
        script.click(place);
        assert_eq!(script.state.detail_view(), view);
    }
    assert!(script.state.full_detail().is_some());
}

#[test]
fn the_rows_of_the_menu_are_clicked_and_done_by_a_double_click() {
    let mut script = shown(WIDE.0, WIDE.1, &company());
    script.keys("<right><ctrl-x>");
    script.shown();
    let place = find(&script, WIDE, "redeploy");
    script.click(place);
    let Some(Overlay::Menu(menu)) = script.state.overlay() else { panic!("the menu stays") };
    assert_eq!(script.state.menu_rows()[menu.selected].letter, 'r');
    script.shown();
    script.click(place);
    assert!(matches!(script.waiting.last(), Some((_, _, Request::Plan(Wish::Redeploy { .. })))));
}

#[test]
fn the_rows_of_a_list_are_clicked_and_taken_by_a_double_click() {
    let mut script = shown(WIDE.0, WIDE.1, &company());
    script.keys("<right><ctrl-x>O");
    script.shown();
    let rows = script.state.pick_rows().0;
    let place = find(&script, WIDE, &rows[2].line.text);
    script.click(place);
    assert_eq!(script.state.pick_rows().1, Some(2));
    assert_eq!(script.state.pane(Level::Service).sort(), None);
    script.click(place);
    assert!(matches!(script.state.pane(Level::Service).sort(), Some(Sort { column: 2, .. })));
}

#[test]
fn the_rows_of_the_jump_are_clicked_and_logged_in_to_by_a_double_click() {
    let mut script = shown(WIDE.0, WIDE.1, &company());
    script.keys("<ctrl-f>");
    script.settle(&company());
    script.shown();
    let place = find(&script, WIDE, "payments-web/b0aa71f3/app");
    script.click(place);
    assert!(opened(&script).is_empty());
    script.click(place);
    assert!(
        matches!(opened(&script)[..], [Request::OpenExec { target, .. }] if target.task.short() == "b0aa71f3"),
        "{:?} {}",
        script.waiting,
        said(&script)
    );
}

#[test]
fn what_opens_a_session_by_a_double_click_comes_back_to_where_it_was() {
    let mut script = shown(WIDE.0, WIDE.1, &company());
    let place = find(&script, WIDE, "payments-web");
    script.click(place);
    script.click(place);
    let (id, ..) = script.waiting.pop().expect("it opens");
    script.answer(id, Ok(Response::Opened(SessionId(7))));
    assert!(script.effects.iter().any(|effect| matches!(effect, Effect::Attach(SessionId(7), _))));
}

// The wheel.

/// A cluster of many services.
fn many() -> World {
    let mut world = company();
    let prod = arn("cluster/prod");
    world.services =
        (0..60).map(|n| service(&prod, &format!("svc-{n:02}"), 1, 1, "2026-03-08T09:00:00Z", "COMPLETED")).collect();
    world
}

#[test]
fn the_wheel_scrolls_the_pane_that_has_the_keys_and_the_cursor_stays_in_sight() {
    let world = many();
    let mut script = shown(WIDE.0, WIDE.1, &world);
    script.keys("<right>");
    script.settle(&world);
    script.shown();
    let height = usize::from(script.state.areas().pane(Level::Service).expect("it is shown").inner.height);
    let place = find(&script, WIDE, "svc-04");
    let begin = script.state.pane(Level::Service).cursor();
    script.mouse(UP, place);
    assert_eq!(script.state.pane(Level::Service).cursor(), begin);
    script.mouse(DOWN, place);
    let pane = script.state.pane(Level::Service);
    assert_eq!((pane.window(height), pane.cursor()), (3, begin.max(3)));
    for _ in 0..40 {
        script.mouse(DOWN, place);
    }
    let pane = script.state.pane(Level::Service);
    assert_eq!(pane.window(height), pane.hits() - height, "no further than the end");
    assert_eq!(pane.cursor(), pane.hits() - height);
    let at_the_end = selected(&script, Level::Service);
    script.mouse(UP, place);
    assert_eq!(selected(&script, Level::Service), at_the_end, "it stays while it is seen");
    script.settle(&world);
    assert_eq!(script.state.pane(Level::Service).window(height), 61 - height - 3, "and through what is read");
}

#[test]
fn the_wheel_over_a_pane_without_the_keys_selects_nothing_there() {
    let world = many();
    for keys in ["", "<right><right>"] {
        let mut script = shown(WIDE.0, WIDE.1, &world);
        script.keys(keys);
        script.settle(&world);
        script.shown();
        let (focus, service) = (script.state.focus(), selected(&script, Level::Service));
        let height = usize::from(script.state.areas().pane(Level::Service).expect("it is shown").inner.height);
        let place = find(&script, WIDE, "svc-04");
        for _ in 0..3 {
            script.mouse(DOWN, place);
        }
        script.keys("<ctrl-r>");
        script.settle(&world);
        script.shown();
        assert_eq!(script.state.pane(Level::Service).window(height), 9, "{keys}: through what is read, too");
        assert_eq!((script.state.focus(), selected(&script, Level::Service)), (focus, service.clone()), "{keys}");
        let seen = find(&script, WIDE, "svc-12");
        for _ in 0..40 {
            script.mouse(DOWN, place);
        }
        assert_eq!(script.state.pane(Level::Service).window(height), 61 - height, "{keys}: no further than the end");
        for _ in 0..40 {
            script.mouse(UP, place);
        }
        for _ in 0..3 {
            script.mouse(DOWN, place);
        }
        script.shown();
        script.click(seen);
        assert_eq!((script.state.focus(), &*selected(&script, Level::Service)), (Level::Service, "svc-12"), "{keys}");
        assert_eq!(script.state.pane(Level::Service).window(height), 9, "{keys}: the rows stay where they were");
    }
}

#[test]
fn who_goes_to_a_pane_that_was_scrolled_sees_what_is_selected_there() {
    let world = many();
    let mut script = shown(WIDE.0, WIDE.1, &world);
    let service = selected(&script, Level::Service);
    let place = find(&script, WIDE, "svc-04");
    for _ in 0..40 {
        script.mouse(DOWN, place);
    }
    script.keys("<right>");
    let pane = script.state.pane(Level::Service);
    assert_eq!((selected(&script, Level::Service), pane.window(10) <= pane.cursor()), (service, true));
}

#[test]
fn a_pane_that_is_seen_whole_does_not_move() {
    let mut script = shown(WIDE.0, WIDE.1, &company());
    let place = find(&script, WIDE, "staging");
    script.mouse(DOWN, place);
    assert_eq!(selected(&script, Level::Cluster), "prod");
}

/// A service with a hundred events.
fn eventful() -> World {
    let mut world = company();
    if let Some(detail) = &mut world.services[0].detail {
        detail.events = (0..100)
            .rev()
            .map(|n| ServiceEvent {
                id: format!("e{n}").into(),
                at: Some(at("2026-03-10T09:00:00Z").checked_add(Duration::from_secs(n)).expect("it is a day")),
                message: format!("event number {n:03}.").into(),
            })
            .collect();
    }
    world
}

#[test]
fn the_wheel_scrolls_the_details_below_the_panes_and_in_full() {
    let world = eventful();
    let mut script = shown(WIDE.0, WIDE.1, &world);
    script.keys("<right><f2>");
    script.settle(&world);
    script.shown();
    let place = find(&script, WIDE, "event number 099");
    script.mouse(DOWN, place);
    assert_eq!(find(&script, WIDE, "event number 099"), place, "the end is where it begins");
    script.mouse(UP, place);
    assert_eq!(find(&script, WIDE, "event number 096"), place);
    script.shown();
    script.mouse(DOWN, place);
    assert_eq!(find(&script, WIDE, "event number 099"), place);
    script.mouse(UP, place);
    script.keys("<down><up>");
    assert_eq!(find(&script, WIDE, "event number 099"), place, "another row begins anew");
    script.keys("<ctrl-o>");
    script.shown();
    let place = find(&script, WIDE, "event number 099");
    script.mouse(UP, place);
    assert_eq!(find(&script, WIDE, "event number 096"), place);
    script.keys("<end>");
    assert_eq!(find(&script, WIDE, "event number 099"), place);
}

#[test]
fn text_below_the_panes_scrolls_from_its_beginning_to_its_end() {
    let world = company();
    let mut script = shown(WIDE.0, 24, &world);
    script.keys("<right><ctrl-x>4");
    script.settle(&world);
    script.shown();
    let size = (WIDE.0, 24);
    let area = script.state.areas().detail.expect("there is room").inner;
    let first = |script: &Script| screen(script, Size { columns: size.0, rows: size.1 })[usize::from(area.y)].concat();
    let before = first(&script);
    script.mouse(DOWN, (area.x, area.y));
    assert_ne!(first(&script), before);
    script.mouse(UP, (area.x, area.y));
    assert_eq!(first(&script), before);
    for _ in 0..50 {
        script.mouse(DOWN, (area.x, area.y));
    }
    let last = script.state.detail().lines.last().expect("there are lines").text.clone();
    assert_eq!(find(&script, size, last.trim()).1, area.bottom() - 1);
}

#[test]
fn the_wheel_scrolls_logs_and_back_to_those_that_come() {
    let world = company();
    let mut script = shown(WIDE.0, WIDE.1, &world);
    script.keys("<right><f6>");
    script.settle(&world);
    let logs = |request: &Request| matches!(request, Request::Look(Look::Logs(_)));
    let (id, ..) = script.waiting.iter().find(|(_, _, request)| logs(request)).cloned().expect("they are followed");
    let source = Arc::new(LogSource {
        group: "/ecs/payments".into(),
        stream: "ecs/app/4f2ab81c".into(),
        task: arn("task/prod/4f2ab81c0d0e4f5a8b7c6d5e4f3a2b1c"),
        service: Some("payments-api".into()),
        container: "app".into(),
    });
    let row = |n: u64| LogRow {
        at: at("2026-03-10T09:00:00Z").checked_add(Duration::from_secs(n)).expect("it is a day"),
        source: Arc::clone(&source),
        text: format!("line {n:03}"),
    };
    script.event(Event::Progress(id, script.now, LogPiece::Rows((0..100).map(row).collect())));
    script.event(Event::Progress(id, script.now, LogPiece::Caught { whole: true }));
    script.shown();
    for keys in ["", "<ctrl-o>"] {
        script.keys(keys);
        script.shown();
        let place = find(&script, WIDE, "line 099");
        script.mouse(UP, place);
        assert_eq!(find(&script, WIDE, "line 096"), place);
        find(&script, WIDE, "scrolled");
        script.mouse(DOWN, place);
        assert_eq!(find(&script, WIDE, "line 099"), place);
        find(&script, WIDE, "live");
    }
}

#[test]
fn the_wheel_scrolls_what_stands_over_the_panes() {
    let size = (120, 16);
    let world = many();
    let mut script = shown(size.0, size.1, &world);
    script.keys("<right><f1>");
    script.shown();
    let middle = (size.0 / 2, size.1 / 2);
    script.mouse(DOWN, middle);
    assert!(matches!(script.state.overlay(), Some(Overlay::Help(help)) if help.scroll == 3));
    script.keys("<esc><ctrl-x>");
    script.shown();
    script.mouse(DOWN, middle);
    assert!(matches!(script.state.overlay(), Some(Overlay::Menu(menu)) if menu.selected == 1));
    script.keys("<esc><ctrl-x>O");
    script.shown();
    script.mouse(DOWN, middle);
    assert_eq!(script.state.pick_rows().1, Some(1));
    script.keys("<esc><ctrl-f>");
    script.settle(&world);
    script.shown();
    let before = script.state.jump().and_then(ecsui::tui::app::Jump::cursor);
    for _ in 0..5 {
        script.mouse(DOWN, middle);
    }
    assert_ne!(script.state.jump().and_then(ecsui::tui::app::Jump::cursor), before);
    script.keys("<esc><ctrl-x>r");
    let (id, ..) = script.waiting.pop().expect("a plan is asked for");
    script.answer(id, Ok(Response::Planned(plans::plan(Guard::Ask, vec![]))));
    script.event(Event::Resize(Size { columns: 60, rows: 8 }));
    script.shown();
    script.mouse(DOWN, (30, 4));
    assert!(matches!(script.state.overlay(), Some(Overlay::Plan(sheet)) if sheet.scroll > 0));
}

// What is drawn and what is clicked are one.

const WALKS: [&str; 7] =
    ["", "<right>", "<right><right>pay<ctrl-o>", "<ctrl-x>", "<right><ctrl-x>O", "<f1>", "<ctrl-f>"];

#[test]
fn every_row_that_is_drawn_is_the_one_that_a_click_selects() {
    let world = many();
    for size in [(200, 50), (120, 40), (80, 24), (60, 20), (40, 12), (20, 6)] {
        for focus in ["", "<right>", "<right><right>", "<right><right><right>"] {
            let mut script = shown(size.0, size.1, &world);
            script.keys(focus);
            script.settle(&world);
            script.shown();
            for (level, area) in script.state.areas().panes {
                let lines = screen(&script, Size { columns: size.0, rows: size.1 });
                for y in area.inner.top()..area.inner.bottom() {
                    let mut clicked = Script {
                        state: script.state.clone(),
                        now: script.now,
                        waiting: Vec::new(),
                        effects: Vec::new(),
                    };
                    let drawn: String =
                        lines[usize::from(y)][usize::from(area.inner.x) + 2..usize::from(area.inner.right())].concat();
                    let before = selected(&clicked, level);
                    clicked.click((area.inner.x, y));
                    let name = selected(&clicked, level);
                    let shown: String = name.chars().take(4).collect();
                    assert!(
                        drawn.starts_with(&shown)
                            || (name == before && drawn.trim().is_empty() || clicked.state.pane(level).hits() == 0),
                        "{level:?} {y} {name:?}: {drawn}"
                    );
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_click_panics_wherever_it_is(
        (width, height) in (0_u16..130, 0_u16..45),
        walk in 0..WALKS.len(),
        clicks in prop::collection::vec((0_u16..140, 0_u16..50, 0_u8..5), 1..20),
    ) {
        let world = many();
        let mut script = shown(width, height, &world);
        script.keys(WALKS[walk]);
        script.serve(&world);
        for (column, row, kind) in clicks {
            script.shown();
            match kind {
                0 => script.mouse(UP, (column, row)),
                1 => script.mouse(DOWN, (column, row)),
                2 => script.event(Event::Resize(Size { columns: row, rows: column / 4 })),
                _ => script.click((column, row)),
            }
        }
    }
}

#[test]
fn rows_are_known_by_what_they_are_not_by_their_names() {
    let mut script = shown(WIDE.0, WIDE.1, &company());
    let place = find(&script, WIDE, "staging");
    script.click(place);
    assert_eq!(
        script.state.pane(Level::Cluster).selected().map(|row| &row.id),
        Some(&RowId::Cluster(arn("cluster/staging")))
    );
}

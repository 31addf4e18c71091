//! The browser's logs: what is asked for, what is shown, and that it stays bounded and quick however much comes.

#[path = "common/browser.rs"]
mod browser;

use std::sync::Arc;

use browser::{Script, World, arn, at, company};
use ecsui::{
    config::Settings,
    model::{LogSource, Timestamp},
    ops::{logs::Whose, stopped::StoppedTask},
    tui::{
        app::{Effect, Event, LogPiece, LogRow, Look, Notice, Request, RequestId, Response, Seen},
        view::draw,
    },
};
use ratatui::{Terminal, backend::TestBackend};

const TASKS: [&str; 3] = ["4f2ab81c0d0e4f5a", "77c01d9e0d0e4f5a", "b0aa71f30d0e4f5a"];

fn row(task: usize, millis: i64, text: &str) -> LogRow {
    let task = TASKS[task];
    LogRow {
        at: Timestamp::from_millisecond(at("2026-03-10T12:00:00Z").as_millisecond() + millis).expect("it is near"),
        source: Arc::new(LogSource {
            group: "/ecs/payments".into(),
            stream: format!("ecs/app/{task}").into(),
            task: arn(&format!("task/prod/{task}")),
            service: Some("payments-api".into()),
            container: "app".into(),
        }),
        text: text.to_owned(),
    }
}

/// A browser in which somebody looks at the logs of payments-api, and the request that brings them.
fn looking(world: &World) -> (Script, RequestId) {
    let mut script = Script::new(100, 24, &Settings::default());
    script.settle(world);
    script.keys("prod<right>payments-api<f6>");
    script.settle(world);
    let id = request(&script).expect("they are asked for");
    (script, id)
}

/// Returns the request that follows logs.
fn request(script: &Script) -> Option<RequestId> {
    script.waiting.iter().find(|(.., request)| matches!(request, Request::Look(Look::Logs(_)))).map(|(id, ..)| *id)
}

fn screen(script: &Script) -> String {
    let mut terminal = Terminal::new(TestBackend::new(100, 24)).expect("memory is a terminal");
    terminal.draw(|frame| draw(&script.state, frame)).expect("memory takes every frame");
    let buffer = terminal.backend().buffer();
    let rows = buffer.content.chunks(100);
    rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>() + "\n").collect()
}

fn tell(script: &mut Script, id: RequestId, piece: LogPiece) {
    script.event(Event::Progress(id, script.now, piece));
}

fn numbered(range: std::ops::Range<i64>) -> LogPiece {
    LogPiece::Rows(range.map(|number| row((number % 3) as usize, number, &format!("line {number}"))).collect())
}

#[test]
fn the_lines_of_several_tasks_are_shown_with_whose_they_are() {
    let world = company();
    let (mut script, id) = looking(&world);
    let asked = script.waiting.iter().find(|(waiting, ..)| *waiting == id);
    let Some((_, _, Request::Look(Look::Logs(wanted)))) = asked else { panic!("no request") };
    assert!(matches!(&wanted.whose, Whose::Service { service, .. } if service.name() == "payments-api"));
    assert!(screen(&script).contains("loading …"));
    tell(&mut script, id, numbered(0..3));
    tell(&mut script, id, LogPiece::Caught { whole: true });
    let seen = screen(&script);
    for words in ["[logs]", "4f2ab81c/app line 0", "77c01d9e/app line 1", "b0aa71f3/app line 2", "3 lines · live"] {
        assert!(seen.contains(words), "{words}:\n{seen}");
    }
    assert!(!seen.contains("nothing to show"), "{seen}");
}

#[test]
fn nobody_follows_when_nobody_looks() {
    let world = company();
    let (mut script, id) = looking(&world);
    tell(&mut script, id, numbered(0..3));
    script.keys("<f2>");
    script.settle(&world);
    assert!(script.effects.contains(&Effect::Cancel(id)));
    assert_eq!(request(&script), None);
    // What is still on its way is dropped.
    tell(&mut script, id, numbered(3..6));
    assert!(script.state.log_book().is_none());
    script.keys("<f6>");
    script.settle(&world);
    assert!(request(&script).is_some_and(|again| again != id), "they are followed anew");
    assert!(!screen(&script).contains("line 0"), "nothing old is kept");
}

#[test]
fn a_query_filters_what_is_there_and_what_comes() {
    let (mut script, id) = looking(&company());
    tell(&mut script, id, numbered(0..50));
    script.keys("<ctrl-o>'e<backspace>line 1");
    script.keys("<ctrl-u>'4");
    let seen = screen(&script);
    assert!(seen.contains("line 49") && seen.contains("line 34") && !seen.contains("line 39"), "{seen}");
    tell(&mut script, id, numbered(50..75));
    let seen = screen(&script);
    assert!(seen.contains("line 74") && !seen.contains("line 73") && seen.contains("17 of 75 lines"), "{seen}");
    script.keys("<esc>");
    assert!(screen(&script).contains("line 73"));
}

#[test]
fn scrolling_up_holds_still_and_reads_older_lines() {
    let (mut script, id) = looking(&company());
    tell(&mut script, id, numbered(1000..1100));
    tell(&mut script, id, LogPiece::Caught { whole: false });
    script.keys("<ctrl-o><pageup>");
    let still = screen(&script);
    assert!(still.contains("scrolled") && !still.contains("line 1099"), "{still}");
    tell(&mut script, id, numbered(1100..1200));
    let after = screen(&script);
    assert_eq!(after.lines().nth(5), still.lines().nth(5), "what is read stays where it is");

    script.keys("<home>");
    let older = script.waiting.iter().find(|(.., request)| matches!(request, Request::Look(Look::OlderLogs { .. })));
    let (id, before) = match older {
        Some((id, _, Request::Look(Look::OlderLogs { before, .. }))) => (*id, *before),
        _ => panic!("older lines are asked for: {:?}", script.waiting),
    };
    assert_eq!(before, row(0, 1000, "").at);
    let LogPiece::Rows(rows) = numbered(900..1000) else { panic!("rows") };
    script.answer(id, Ok(Response::Seen(Seen::OlderLogs(rows))));
    assert!(screen(&script).contains("line 1000"));
    script.keys("<pageup>");
    assert!(screen(&script).contains("line 98"), "{}", screen(&script));
    script.keys("<end>");
    assert!(screen(&script).contains("line 1199") && screen(&script).contains("live"));
}

#[test]
fn a_denied_reading_says_the_action_and_how_lines_come_is_noted() {
    let (mut script, id) = looking(&company());
    tell(&mut script, id, LogPiece::Note("there is no live tail: looking once a second instead".to_owned()));
    assert!(screen(&script).contains("there is no live tail"));
    let text = "log group /ecs/payments cannot be read: not allowed: logs:FilterLogEvents".to_owned();
    let hints = vec!["ask for logs:FilterLogEvents on *".to_owned()];
    script.answer(id, Err(Notice { text, hints, passing: false }));
    let seen = screen(&script);
    assert!(seen.contains("not allowed: logs:FilterLogEvents") && seen.contains("hint: ask for"), "{seen}");
}

#[test]
fn ten_thousand_lines_a_second_are_held_in_bounds() {
    let (mut script, id) = looking(&company());
    script.keys("<ctrl-o>'7");
    for second in 0..60 {
        for piece in 0..10 {
            let begin = second * 10_000 + piece * 1000;
            tell(&mut script, id, numbered(begin..begin + 1000));
        }
    }
    let (held, shown) = script.state.log_book().expect("they are held").counts();
    assert!(held == 20_000 && shown > 5000, "{held} {shown}");
    // Drawing and keys look at what is on the screen alone.
    let page = script.state.log_page(None, 80, 20);
    assert!(page.rows.len() <= 21);
}

#[test]
fn no_key_waits_until_all_lines_are_searched() {
    let (mut script, id) = looking(&company());
    for piece in 0..20 {
        tell(&mut script, id, numbered(piece * 1000..(piece + 1) * 1000));
    }
    script.keys("<ctrl-o>'7");
    let counts = |script: &Script| script.state.log_book().expect("they are held").counts();
    let first = counts(&script).1;
    let seen = screen(&script);
    assert!(seen.contains("line 19997") && seen.contains("searching …"), "the newest are searched first: {seen}");
    assert_eq!(script.state.next_deadline(), Some(script.now), "and it goes on at once");
    script.event(Event::Due(script.now));
    let second = counts(&script).1;
    assert!(first < second, "{first} {second}");
    script.keys("<down>");
    script.pass(std::time::Duration::from_millis(1));
    let sevens = (0..20_000).filter(|number: &i32| number.to_string().contains('7')).count();
    assert_eq!(counts(&script), (20_000, sevens));
    assert!(screen(&script).contains(&format!("{sevens} of 20000 lines · live")), "{}", screen(&script));
    assert!(script.state.next_deadline() > Some(script.now), "nothing ticks");
}

/// The company after tasks of payments-api have stopped, so many minutes ago each.
fn after_ends(minutes: &[i64]) -> World {
    let mut world = company();
    let ended = |minutes: &i64| {
        let mut task = world.tasks[0].clone();
        task.last_status = "STOPPED".into();
        task.desired_status = "STOPPED".into();
        task.stopped = at("2026-03-10T12:03:30Z").checked_sub(jiff::Span::new().minutes(*minutes)).ok();
        task.stop_code = Some("EssentialContainerExited".into());
        task.containers[0].exit_code = Some(137);
        StoppedTask { task: Arc::new(task), remembered: false }
    };
    world.stopped = minutes.iter().map(ended).collect();
    world
}

#[test]
fn above_the_logs_of_a_service_stands_why_its_tasks_have_stopped() {
    let world = after_ends(&[1, 2, 30, 45, 59, 61, 300]);
    let (mut script, id) = looking(&world);
    tell(&mut script, id, numbered(0..3));
    let lines: Vec<String> = script.state.detail().lines.iter().map(|line| line.text.clone()).collect();
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(
        lines[0].starts_with("4f2ab81c stopped at 12:02:30: ") && lines[0].contains("killed (SIGKILL)"),
        "{lines:#?}"
    );
    assert!(lines[3].starts_with("and 2 more in the last hour"), "{lines:#?}");
    // It costs a look a minute, not one each time that the rest is read.
    let stopped = |script: &Script| {
        script.waiting.iter().filter(|(.., request)| matches!(request, Request::Look(Look::Stopped(_)))).count()
    };
    script.pass(std::time::Duration::from_secs(50));
    assert_eq!(stopped(&script), 0);
    script.pass(std::time::Duration::from_secs(11));
    assert_eq!(stopped(&script), 1);
}

#[test]
fn where_stopped_tasks_may_not_be_listed_the_logs_say_so_and_go_on() {
    let world = company();
    let mut script = Script::new(100, 24, &Settings::default());
    script.settle(&world);
    script.keys("prod<right>payments-api<f6>");
    script.pass(std::time::Duration::from_millis(150));
    let of_stopped = |request: &Request| matches!(request, Request::Look(Look::Stopped(_)));
    let (denied, ..) = script.waiting.iter().find(|(.., request)| of_stopped(request)).cloned().expect("they are read");
    let text = "not allowed: ecs:ListTasks".to_owned();
    script.answer(denied, Err(Notice { text, hints: Vec::new(), passing: false }));
    let id = request(&script).expect("logs are asked for");
    tell(&mut script, id, numbered(0..3));
    let seen = screen(&script);
    assert!(seen.contains("✖ not allowed: ecs:ListTasks") && seen.contains("line 2"), "{seen}");
}

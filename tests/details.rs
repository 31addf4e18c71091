//! The details of the browser: events that come while one watches, stopped tasks, and the frame that all views share.

#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/browser.rs"]
mod browser;
#[path = "common/companies.rs"]
mod companies;

use std::time::Duration;

use browser::{Script, World, arn, at, company};
use companies::ended;
use ecsui::{
    config::Settings,
    model::ServiceEvent,
    tui::{
        app::{Effect, Look, Notice, Request, Seen, StoppedTasks},
        view::draw,
    },
};
use ratatui::{Terminal, backend::TestBackend};

const SECOND: Duration = Duration::from_secs(1);

fn event(number: u32) -> ServiceEvent {
    let at = at("2026-03-10T11:00:00Z").checked_add(SECOND * number).unwrap();
    ServiceEvent {
        id: format!("e{number}").into(),
        at: Some(at),
        message: format!("(service x) event {number}").into(),
    }
}

/// The company after so many events of its first service.
fn after(events: u32) -> World {
    let mut world = company();
    let detail = world.services[0].detail.as_mut().unwrap();
    detail.events = (1..=events).rev().take(100).map(event).collect();
    world
}

/// The events of the first service, full screen.
fn watching(world: &World) -> Script {
    let mut script = Script::new(80, 24, &Settings::default());
    script.settle(world);
    script.keys("<right>");
    script.settle(world);
    script.keys("<ctrl-o>");
    script
}

fn refresh(script: &mut Script, world: &World) {
    script.pass(SECOND * 11);
    script.serve(world);
}

fn lines(script: &Script) -> Vec<String> {
    script.state.detail().lines.iter().map(|line| line.text.clone()).collect()
}

fn screen(script: &Script) -> String {
    let query = script.state.areas().query;
    let mut terminal = Terminal::new(TestBackend::new(query.width, query.bottom())).unwrap();
    terminal.draw(|frame| draw(&script.state, frame)).unwrap();
    terminal.backend().to_string()
}

fn denied() -> Notice {
    Notice { text: "it is denied".to_owned(), hints: vec!["ask for ecs:ListTasks".to_owned()], passing: false }
}

#[test]
fn new_events_come_in_at_the_end_and_are_followed() {
    let mut script = watching(&after(50));
    assert!(screen(&script).contains("event 50"));
    refresh(&mut script, &after(53));
    assert_eq!(lines(&script).len(), 53);
    assert!(screen(&script).contains("event 53"));
}

#[test]
fn what_one_reads_further_up_stays_where_it_is() {
    let mut script = watching(&after(90));
    script.keys("<pageup><pageup>");
    let before = screen(&script);
    let top = before.lines().nth(2).unwrap().to_owned();
    refresh(&mut script, &after(95));
    assert_eq!(screen(&script).lines().nth(2).unwrap(), top);
    script.keys("<end>");
    assert!(screen(&script).contains("event 95"));
    refresh(&mut script, &after(97));
    assert!(screen(&script).contains("event 97"), "the end is followed again");
}

#[test]
fn what_aws_forgets_stays_and_what_was_missed_is_said() {
    let mut script = watching(&after(80));
    refresh(&mut script, &after(150));
    assert_eq!(lines(&script).len(), 150, "more than AWS keeps");
    refresh(&mut script, &after(400));
    let lines = lines(&script);
    assert_eq!(lines.len(), 251);
    assert!(lines[150].contains("more may be missing") && lines[151].ends_with("event 301"), "{:?}", &lines[149..152]);
}

#[test]
fn events_are_filtered_by_the_query() {
    let mut script = watching(&after(90));
    script.keys("'event 5$");
    assert!(screen(&script).contains("event 85") && !screen(&script).contains("event 84"));
}

/// The events of the cluster `prod`, full screen.
fn cluster_events(world: &World, columns: u16, rows: u16) -> Script {
    let mut script = Script::new(columns, rows, &Settings::default());
    script.settle(world);
    script.keys("<f2>");
    script.settle(world);
    script
}

#[test]
fn the_events_of_a_cluster_are_those_of_its_services_by_time() {
    let mut world = after(3);
    world.services[1].detail.as_mut().unwrap().events = vec![ServiceEvent { id: "web".into(), ..event(2) }];
    let script = cluster_events(&world, 120, 40);
    let lines = lines(&script);
    let services: Vec<_> = lines.iter().map(|line| line.split_whitespace().nth(1).unwrap()).collect();
    assert_eq!(services, ["payments-api", "payments-api", "payments-web", "payments-api"], "{lines:?}");
}

#[test]
fn events_of_a_cluster_cost_one_look_and_that_describes_its_services() {
    let world = after(3);
    let mut script = cluster_events(&world, 120, 40);
    script.pass(SECOND * 11);
    let looks = script.waiting.iter().filter(|(_, _, request)| matches!(request, Request::Look(Look::Events { .. })));
    assert_eq!(looks.count(), 1);
    let details = |(_, _, request): &&_| matches!(request, Request::ServiceDetails { .. });
    assert_eq!(script.waiting.iter().filter(details).count(), 0, "{:?}", script.waiting);
    script.keys("<right>");
    script.pass(SECOND);
    assert!(!script.waiting.iter().any(|(_, _, request)| matches!(request, Request::Look(_))), "nobody looks any more");
}

fn looking_at_stopped(world: &World, columns: u16, rows: u16) -> Script {
    let mut script = Script::new(columns, rows, &Settings::default());
    script.settle(world);
    script.keys("<right><ctrl-x>s");
    script.settle(world);
    script
}

#[test]
fn stopped_tasks_say_why_in_words_and_in_those_of_ecs() {
    let script = looking_at_stopped(&ended(), 120, 40);
    let lines = lines(&script);
    assert!(lines[0].contains("aaaa1111") && lines[0].contains("out of memory: container app"), "{lines:?}");
    assert!(lines[1].contains("EssentialContainerExited: Essential container"), "{lines:?}");
    assert!(
        lines.iter().any(|line| line.contains("scaled in or replaced it") && line.ends_with("remembered")),
        "{lines:?}"
    );
}

#[test]
fn every_view_says_that_it_is_loading_empty_denied_and_old_in_one_way() {
    let world = company();
    let mut script = Script::new(100, 30, &Settings::default());
    script.settle(&world);
    script.keys("<right><ctrl-x>s");
    script.pass(SECOND);
    assert_eq!(lines(&script), ["loading …"]);
    let take = |script: &mut Script| {
        let place =
            script.waiting.iter().position(|(_, _, request)| matches!(request, Request::Look(Look::Stopped(_))));
        script.waiting[place.unwrap()].0
    };
    let id = take(&mut script);
    let none = StoppedTasks { tasks: Vec::new(), troubles: Vec::new() };
    script.answer(id, Ok(ecsui::tui::app::Response::Seen(Seen::Stopped(Box::new(none)))));
    assert_eq!(lines(&script), ["no stopped tasks that AWS or this machine remembers"]);
    assert_eq!(script.state.detail().stale, None);
    script.pass(SECOND * 11);
    let id = take(&mut script);
    script.answer(id, Err(denied()));
    assert_eq!(lines(&script)[..2], ["✖ it is denied", "hint: ask for ecs:ListTasks"]);
    assert!(screen(&script).contains("✖ 11s old"), "{}", screen(&script));
}

#[test]
fn what_is_shown_is_copied_and_no_more_than_terminals_take() {
    let mut script = watching(&after(90));
    script.keys("'event 5$<ctrl-x>Y");
    let Some(Effect::Copy(text)) = script.effects.pop() else { panic!("nothing is copied") };
    assert!(text.lines().count() > 5 && text.lines().all(|line| line.ends_with('5')) && text.ends_with('\n'));
    let mut world = after(100);
    for event in &mut world.services[0].detail.as_mut().unwrap().events {
        event.message = "long ".repeat(200).into();
    }
    let mut script = watching(&world);
    script.keys("<ctrl-x>Y");
    let Some(Effect::Copy(text)) = script.effects.pop() else { panic!("nothing is copied") };
    assert!(text.len() <= 50_000 && text.lines().count() == 49, "{} bytes", text.len());
    assert!(screen(&script).contains("copied 49 of 100 lines"));
}

#[test]
fn what_nobody_looked_at_for_long_is_read_anew() {
    let world = ended();
    let mut script = looking_at_stopped(&world, 100, 30);
    script.keys("<ctrl-x>0");
    for _ in 0..70 {
        refresh(&mut script, &world);
    }
    script.keys("<ctrl-x>s");
    script.pass(SECOND);
    assert_eq!(lines(&script), ["loading …"]);
}

#[test]
fn the_views_at_the_sizes_people_have() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut world = ended();
        world.services[0].detail.as_mut().unwrap().events = (1..=30).rev().map(event).collect();
        insta::assert_snapshot!(
            format!("stopped_{columns}x{rows}"),
            screen(&looking_at_stopped(&world, columns, rows))
        );
        let mut script = cluster_events(&world, columns, rows);
        script.keys("<ctrl-o>");
        insta::assert_snapshot!(format!("cluster_events_{columns}x{rows}"), screen(&script));
    }
}

/// Returns which of these stand on the screen once somebody searches the details in full.
fn found<'word>(script: &mut Script, query: &str, words: &[&'word str]) -> Vec<&'word str> {
    script.keys("<ctrl-u>");
    script.keys(query);
    let screen = screen(script);
    words.iter().copied().filter(|word| screen.contains(word)).collect()
}

#[test]
fn words_look_in_the_columns_of_stopped_tasks() {
    let mut world = ended();
    let mut other = (*world.stopped[1].task).clone();
    other.definition = arn("task-definition/payments-api:7");
    other.zone = Some("eu-west-1c".into());
    world.stopped[1].task = other.into();
    let mut script = looking_at_stopped(&world, 120, 40);
    script.keys("<ctrl-o>");
    let mut found = |query: &str| found(&mut script, query, &["aaaa1111", "EssentialContainerExited", "bbbb2222"]);
    let (first, second) = (vec!["aaaa1111", "EssentialContainerExited"], vec!["bbbb2222"]);
    assert_eq!(found("reason:oom"), Vec::<&str>::new(), "it stands there as it is typed");
    for query in ["reason:memory", "code:^Essential", "exit:137", "az:1b", "rev:41", "task:aaaa", "!rev:7"] {
        assert_eq!(found(query), first, "all lines of the task: {query}");
    }
    for query in ["reason:scaling", "code:ServiceScheduler", "zone:1c", "revision:7", "service:payments !exit:137"] {
        assert_eq!(found(query), second, "{query}");
    }
    assert_eq!(found("az:1b 'aaaa"), ["aaaa1111"], "the other words look at each line");
}

#[test]
fn words_look_in_the_columns_of_events() {
    let mut world = after(3);
    world.services[1].detail.as_mut().unwrap().events = vec![ServiceEvent {
        id: "web".into(),
        message: "(service payments-web) has started 1 tasks: (task 4f2ab81c).".into(),
        ..event(2)
    }];
    let mut script = cluster_events(&world, 120, 40);
    script.keys("<ctrl-o>");
    let mut found = |query: &str| found(&mut script, query, &["event 1", "event 3", "has started"]);
    assert_eq!(found("service:web"), ["has started"]);
    assert_eq!(found("task:4f2a"), ["has started"]);
    assert_eq!(found("message:event"), ["event 1", "event 3"]);
    assert_eq!(found("!service:web 'event\\ 3"), ["event 3"]);
}

#[test]
fn a_column_that_a_view_does_not_have_is_said_as_in_panes() {
    let mut script = looking_at_stopped(&ended(), 120, 40);
    script.keys("<ctrl-o>reson:memory");
    let seen = screen(&script);
    assert!(seen.contains("there is no column reson: there are task, service, rev, code, reason, exit, az;"), "{seen}");
    script.keys("<ctrl-x>Y");
    assert!(script.effects.is_empty(), "nothing is there to copy");
    script.keys("<esc><ctrl-x>4nope:1");
    assert!(!screen(&script).contains("no column"), "what is no list has none");
}

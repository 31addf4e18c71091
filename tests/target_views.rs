//! The views of targets and of container instances: what they show, and how often they look.

#[path = "common/browser.rs"]
mod browser;
#[path = "common/companies.rs"]
mod companies;
#[path = "common/looks.rs"]
mod looks;

use std::time::Duration;

use browser::{Script, World, company};
use companies::{balanced, hosted};
use ecsui::{
    config::Settings,
    ops::missing::Missing,
    tui::app::{Look, Request},
};

const SECOND: Duration = Duration::from_secs(1);

/// The targets of the first service.
fn watching(world: &World) -> Script {
    let mut script = Script::new(120, 40, &Settings::default());
    script.settle(world);
    script.keys("<right><f3>");
    script.settle(world);
    script
}

fn lines(script: &Script) -> Vec<String> {
    script.state.detail().lines.iter().map(|line| line.text.clone()).collect()
}

/// Lets ten seconds pass and returns how often something was looked at.
fn looks_within_ten_seconds(script: &mut Script, world: &World, wanted: fn(&Look) -> bool) -> usize {
    let mut count = 0;
    for _ in 0..100 {
        script.pass(SECOND / 10);
        let looks =
            script.waiting.iter().filter(|(_, _, request)| matches!(request, Request::Look(look) if wanted(look)));
        count += looks.count();
        script.serve(world);
    }
    count
}

#[test]
fn targets_are_shown_with_their_task_and_what_leads_to_them() {
    let script = watching(&balanced());
    let lines = lines(&script);
    assert_eq!(lines[0], "target group pay-blue → app:8080  1/2 healthy");
    for (line, parts) in lines[1..4].iter().zip([
        ["unhealthy", "10.0.0.9:8080", "no task of the service", "answers the health check with 503"],
        ["draining", "10.0.0.8:8080", "77c01d9e", "left"],
        ["healthy", "10.0.0.7:8080", "4f2ab81c", "payments-api:41"],
    ]) {
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    }
    let rest = lines[4..].join("\n");
    for wanted in ["prod-public (application, internet-facing)", "HTTPS:443", "10: host pay.example", "/health", "600s"]
    {
        assert!(rest.contains(wanted), "{wanted} in {rest}");
    }
}

#[test]
fn health_is_looked_at_often_only_while_something_moves() {
    let mut world = balanced();
    let mut script = watching(&world);
    let health = |look: &Look| matches!(look, Look::Health { .. });
    let fronts = |look: &Look| matches!(look, Look::Fronts(_));
    assert!((3..=4).contains(&looks_within_ten_seconds(&mut script, &world, health)), "one is draining");
    world.health.as_mut().unwrap().sets[0].rows.as_mut().unwrap().remove(1);
    looks_within_ten_seconds(&mut script, &world, health);
    assert_eq!(looks_within_ten_seconds(&mut script, &world, health), 1, "nothing moves any more");
    assert_eq!(looks_within_ten_seconds(&mut script, &world, fronts), 0, "what leads there is kept");
    script.keys("<ctrl-x>0");
    assert_eq!(looks_within_ten_seconds(&mut script, &world, health), 0, "nobody looks");
}

#[test]
fn what_is_denied_hides_nothing_else() {
    let mut world = balanced();
    let missing = |what: &str| Missing { what: what.to_owned(), action: None, why: "not allowed: x:Y".to_owned() };
    world.fronts.as_mut().unwrap().missing.push(missing("the rules"));
    world.health.as_mut().unwrap().missing.push(missing("the service's tasks"));
    let lines = lines(&watching(&world)).join("\n");
    assert!(lines.contains("✖ the rules cannot be read: not allowed: x:Y"), "{lines}");
    assert!(lines.contains("✖ the service's tasks cannot be read") && lines.contains("10.0.0.7:8080"), "{lines}");
}

#[test]
fn a_service_without_load_balancers_says_so_and_asks_nothing() {
    let world = company();
    let script = watching(&world);
    assert_eq!(lines(&script), ["payments-api is registered with no load balancer"]);
    let looks = script.waiting.iter().filter(|(_, _, request)| matches!(request, Request::Look(Look::Health { .. })));
    assert_eq!(looks.count(), 0);
}

#[test]
fn a_task_shows_its_own_targets() {
    let mut script = watching(&balanced());
    let world = balanced();
    script.keys("<right><f3>");
    script.settle(&world);
    let lines = lines(&script);
    assert!(lines[1].contains("10.0.0.7:8080") && !lines.iter().any(|line| line.contains("10.0.0.8")), "{lines:#?}");
}

#[test]
fn instances_are_shown_with_the_tasks_on_them() {
    let world = hosted();
    let mut script = Script::new(120, 40, &Settings::default());
    script.settle(&world);
    script.keys("prod<ctrl-x>i");
    script.settle(&world);
    assert_eq!(
        lines(&script),
        [
            "prod-ecs-1  i-0123  m6i.xlarge  eu-west-1a  DRAINING  10.40.0.9",
            "  1 running  CPU 1024 of 4096 free  memory 100 of 15842 MiB free  agent 1.98.0 not connected",
            "    4f2ab81c  payments-api  payments-api:41  RUNNING",
        ]
    );
}

/// Returns which of these stand on the screen once somebody searches the details in full.
fn found<'word>(script: &mut Script, query: &str, words: &[&'word str]) -> Vec<&'word str> {
    script.keys("<ctrl-u>");
    script.keys(query);
    let seen = looks::text(&looks::drawn(&script.state));
    words.iter().copied().filter(|word| seen.contains(word)).collect()
}

#[test]
fn words_look_in_the_columns_of_targets() {
    let mut script = watching(&balanced());
    script.keys("<ctrl-o>");
    let mut found =
        |query: &str| found(&mut script, query, &["10.0.0.7", "10.0.0.8", "10.0.0.9", "target group pay-blue"]);
    assert_eq!(found("state:healthy"), ["10.0.0.7"]);
    assert_eq!(found("state:unhealthy"), ["10.0.0.9"]);
    assert_eq!(found("reason:503"), ["10.0.0.9"]);
    assert_eq!(found("task:77c0"), ["10.0.0.8"]);
    assert_eq!(found("port:8080 rev:41"), ["10.0.0.7", "10.0.0.8"]);
    assert_eq!(found("port:80"), Vec::<&str>::new(), "a number is all of it");
    assert_eq!(found("!state:healthy"), ["10.0.0.8", "10.0.0.9"], "a heading is no target that is not healthy");
}

#[test]
fn words_look_in_the_columns_of_instances() {
    let world = hosted();
    let mut script = Script::new(120, 40, &Settings::default());
    script.settle(&world);
    script.keys("prod<ctrl-x>i");
    script.settle(&world);
    script.keys("<ctrl-o>");
    let mut found = |query: &str| found(&mut script, query, &["prod-ecs-1", "agent 1.98.0", "4f2ab81c"]);
    for query in
        ["id:i-0123", "type:m6i", "az:1a", "status:draining", "agent:not", "version:1.98", "ip:10.40", "tasks:1"]
    {
        assert_eq!(found(query), ["prod-ecs-1", "agent 1.98.0", "4f2ab81c"], "all lines of the instance: {query}");
    }
    for query in ["id:i-9", "status:active", "agent:connected", "state:stopped"] {
        assert_eq!(found(query), Vec::<&str>::new(), "{query}");
    }
}

#[test]
fn columns_stand_below_each_other_whatever_the_script() {
    let mut world = balanced();
    let rows = world.health.as_mut().unwrap().sets[0].rows.as_mut().unwrap();
    for (row, zone) in rows.iter_mut().zip(["支払い-1", "e\u{301}u-1", "لا-1"]) {
        row.target.zone = Some(zone.into());
    }
    let script = watching(&world);
    let buffer = looks::drawn(&script.state);
    let starts = |word: &str| {
        let row = |y: u16| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<Vec<_>>();
        let rows = (0..buffer.area.height).map(row);
        rows.filter_map(|row| {
            (0..row.len()).find(|x| row[*x..].concat().starts_with(word) && row.concat().contains("10.0.0."))
        })
        .collect::<Vec<_>>()
    };
    let columns = [starts("4f2ab81c"), starts("77c01d9e"), starts("–")].concat();
    assert_eq!(columns, [columns[0]; 3]);
}

//! The finding itself in the browser: no terminal, no AWS, no clock.

#[path = "common/browser.rs"]
mod browser;

use browser::{Script, World, arn, cluster, company, service};
use ecsui::{
    config::Settings,
    tui::app::{Level, Request},
};

/// A browser in which everything that is on screen has been read.
fn browsing(world: &World) -> Script {
    let mut script = Script::new(160, 40, &Settings::default());
    script.settle(world);
    script.effects.clear();
    script
}

/// The names of the rows that match, in their order.
fn names(script: &Script, level: Level) -> Vec<String> {
    let pane = script.state.pane(level);
    (0..pane.hits()).filter_map(|place| pane.hit(place)).map(|row| row.name().to_owned()).collect()
}

// Columns.

#[test]
fn words_look_in_the_columns_of_every_pane() {
    let world = company();
    let mut script = browsing(&world);
    script.keys("name:^stag");
    assert_eq!(names(&script, Level::Cluster), ["staging"]);
    script.keys("<ctrl-u>status:active services:4");
    assert_eq!(names(&script, Level::Cluster), ["prod"]);
    script.keys("<ctrl-u><tab>rollout:rolling");
    script.settle(&world);
    assert_eq!(names(&script, Level::Service), ["payments-web"]);
    script.keys("<ctrl-u>payments rev:41 exec:yes !rollout:rolling 'api");
    script.settle(&world);
    assert_eq!(names(&script, Level::Service), ["payments-api"]);
    script.keys("<tab>az:1b status:run ip:10.0.12");
    script.settle(&world);
    let all = names(&script, Level::Task).len();
    assert!(all > 0);
    script.keys(" az:!1b");
    assert_eq!(names(&script, Level::Task).len(), 0);
    script.keys("<ctrl-u><tab>exec:no image:envoy");
    assert_eq!(names(&script, Level::Container), ["envoy"]);
}

#[test]
fn a_column_that_is_not_there_is_said_and_comes_right_when_it_is() {
    let world = company();
    let mut script = browsing(&world);
    script.keys("<tab>stat:active");
    let pane = script.state.pane(Level::Service);
    assert_eq!(pane.hits(), 0);
    assert!(pane.trouble().is_some_and(|text| text.starts_with("there is no column stat: there are name, status,")));
    script.keys("<ctrl-u>status:active");
    assert_eq!(script.state.pane(Level::Service).trouble(), None);
    assert_eq!(names(&script, Level::Service).len(), 3);
}

#[test]
fn services_out_of_sight_are_described_when_words_look_in_their_columns() {
    let prod = arn("cluster/prod");
    let mut services: Vec<_> =
        (0..35).map(|n| service(&prod, &format!("svc-{n:02}"), 1, 1, "2026-03-08T09:00:00Z", "COMPLETED")).collect();
    services.push(service(&prod, "svc-99", 0, 1, "2026-03-08T09:00:00Z", "FAILED"));
    let world = World { clusters: vec![cluster("prod", 36, 0, 0)], services, ..World::default() };
    let mut script = Script::new(160, 24, &Settings::default());
    script.settle(&world);
    let described = |script: &Script| -> usize {
        let asked = script.waiting.iter().map(|(.., request)| match request {
            Request::ServiceDetails { services, .. } => services.len(),
            _ => 0,
        });
        asked.sum()
    };
    script.keys("<tab>svc name:svc");
    script.event(ecsui::tui::app::Event::Due(script.now));
    assert_eq!(described(&script), 0, "their names are known");
    script.keys("<ctrl-u>rollout:failed");
    assert_eq!(names(&script, Level::Service).len(), 0);
    script.settle(&world);
    assert_eq!(names(&script, Level::Service), ["svc-99"]);
    assert_eq!(script.state.pane(Level::Service).selected().map(ecsui::tui::app::Row::name), Some("svc-99"));
}

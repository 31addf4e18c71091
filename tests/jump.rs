//! The jump over a simulated AWS, through the browser's own worker: what is read for it, and what is kept.

#![cfg(feature = "demo")]

#[path = "common/browser.rs"]
mod browser;
#[path = "common/way.rs"]
mod way;
#[path = "common/window.rs"]
mod window;

use std::{collections::BTreeMap, time::Duration};

use ecsui::{
    config::{JumpRule, Settings},
    model::Timestamp,
    ops::{Cx, ls, opened},
    sim::{Fault, Options, Outcome, Sim, World},
};
use window::Window;

/// Returns how often each operation was called from there on.
fn calls(sim: &Sim, from: usize) -> BTreeMap<String, usize> {
    let mut calls = BTreeMap::new();
    for call in &sim.calls()[from..] {
        *calls.entry(call.operation.clone()).or_default() += 1;
    }
    calls
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_read_in_the_fewest_calls_and_found() {
    let sim = Sim::start(World::grid(3, 12, 2), Options::explicit()).await.unwrap();
    let mut window = Window::open(&sim, way::cx(&sim), 120, 40).await;
    let before = sim.calls().len();
    window.keys("<ctrl-f>").await;
    // Of each of three clusters its services, its tasks, and what these are.
    let expected = ["DescribeTasks", "ListServices", "ListTasks"].map(|operation| (operation.to_owned(), 3));
    assert_eq!(calls(&sim, before), BTreeMap::from(expected));
    assert_eq!(window.script.state.leaf_count(), (144, 144));
    window.keys("cluster:staging exec:yes status:run 'envoy").await;
    let (hits, _) = window.script.state.leaf_count();
    assert_eq!(hits, 24, "{}", window.screen());
    assert!(window.screen().contains("jump 24/144"), "{}", window.screen());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_cluster_is_named_and_the_others_are_there() {
    let sim = Sim::start(World::grid(2, 3, 2), Options::explicit()).await.unwrap();
    let mut window = Window::open(&sim, way::cx(&sim), 120, 40).await;
    sim.fault(Fault::error(
        "ListTasks",
        "AccessDeniedException",
        "User: x is not authorized to perform: ecs:ListTasks",
    ));
    window.keys("<ctrl-f>").await;
    assert_eq!(window.script.state.leaf_count().1, 6, "the services alone: {}", window.screen());
    assert!(window.screen().contains("ecs:ListTasks"), "{}", window.screen());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_region_costs_no_more_than_its_own_calls_and_one_that_is_none_is_named() {
    let sim = Sim::start(World::grid(1, 1, 1), Options::explicit()).await.unwrap();
    let other = sim.start_region(World::grid(2, 2, 1).in_region("us-east-1"), Options::explicit()).await.unwrap();
    let regions = ["us-east-1", "xx-none-1", sim.region()].map(str::to_owned).to_vec();
    let rule = JumpRule { profiles: Vec::new(), regions };
    let settings = Settings { jump: vec![rule], ..Settings::default() };
    let mut window = Window::open(&sim, Cx::new(way::access(&sim), settings), 120, 40).await;
    assert_eq!(other.calls().len(), 0, "nothing is read of it before anybody looks");
    let before = sim.calls().len();
    window.keys("<ctrl-f>").await;
    let expected = [("DescribeTasks", 2), ("ListClusters", 1), ("ListServices", 2), ("ListTasks", 2)];
    assert_eq!(calls(&other, 0), BTreeMap::from(expected.map(|(name, often)| (name.to_owned(), often))));
    let answered = sim.calls()[before..].iter().filter(|call| call.outcome == Outcome::Answered).count();
    assert_eq!(answered, 3, "the panes' own: {:?}", calls(&sim, before));
    assert!(window.screen().contains("✖ demo · xx-none-1: "), "{}", window.screen());
    window.keys("region:us").await;
    assert_eq!(window.script.state.leaf_count(), (8, 10), "{}", window.screen());
    let quiet = other.calls().len();
    window.keys("<esc><esc>").await;
    window.pass(Duration::from_mins(3)).await;
    assert_eq!(other.calls().len(), quiet, "and nothing once nobody looks any more");
}

#[tokio::test]
async fn what_was_opened_outlasts_the_program_and_stays_with_its_account() {
    let sim = Sim::start(World::grid(2, 3, 2), Options::explicit()).await.unwrap();
    let directory = tempfile::TempDir::new().unwrap();
    let cx = way::cx(&sim).keeping_in(Some(directory.path().to_owned()));
    let clusters = ls::cluster_arns(&cx).await.unwrap();
    let (one, other) = (&clusters[0], &clusters[1]);
    let what = opened::Opened { cluster: one.name().to_owned(), place: "api".to_owned(), container: None };
    let now: Timestamp = "2026-03-08T00:00:00Z".parse().unwrap();
    assert_eq!(opened::note(&cx, one, what.clone(), now).await, None);
    assert_eq!(opened::worth(&cx, one, now).await, [(what.clone(), 1000)]);
    assert_eq!(opened::worth(&cx, other, now).await, []);
    let elsewhere = one.as_str().replace("eu-west-1", "eu-central-1").parse().unwrap();
    assert_eq!(opened::worth(&cx, &elsewhere, now).await, [], "another region");
    let nowhere = way::cx(&sim);
    assert_eq!(opened::note(&nowhere, one, what, now).await, None);
    assert_eq!(opened::worth(&nowhere, one, now).await, []);
}

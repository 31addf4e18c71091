//! Marked rows: what marks them, what keeps the marks, and what takes all of them.

#[path = "common/browser.rs"]
mod browser;
#[path = "common/plans.rs"]
mod plans;

use std::time::Duration;

use browser::{Script, World, arn, company};
use ecsui::{
    config::Settings,
    ops::change::{Guard, Place, Stop, TaskPlace, Which, Wish},
    tui::app::{Effect, Level, Message, Request, Response, Row},
};

/// A browser on the services of `prod`, with everything read.
fn on_the_services(world: &World) -> Script {
    let mut script = Script::new(120, 40, &Settings::default());
    script.settle(world);
    script.keys("<right>");
    script.settle(world);
    script.effects.clear();
    script
}

fn said(script: &Script) -> String {
    script.state.message().map(|message: &Message| message.lines.join(" / ")).unwrap_or_default()
}

fn marked(script: &Script, level: Level) -> Vec<&str> {
    script.state.pane(level).marked().map(ecsui::tui::app::Row::name).collect()
}

fn place(service: &str) -> Place {
    Place { cluster: arn("cluster/prod"), service: arn(&format!("service/prod/{service}")) }
}

/// The wish that a plan is asked for.
fn wished(script: &mut Script) -> Wish {
    match script.waiting.pop() {
        Some((_, _, Request::Plan(wish))) => wish,
        other => panic!("no plan is asked for, but {other:?}: {}", said(script)),
    }
}

#[test]
fn a_row_is_marked_and_the_cursor_goes_on() {
    let mut script = on_the_services(&company());
    script.keys("<ctrl-space><ctrl-space>");
    assert_eq!(marked(&script, Level::Service), ["payments-api", "payments-web"]);
    assert_eq!(script.state.pane(Level::Service).selected().map(Row::name), Some("search"));
    script.keys("<home><down><ctrl-x>m");
    assert_eq!(marked(&script, Level::Service), ["payments-web"], "once more takes it off");
    script.keys("<home><ctrl-space>");
    assert_eq!(said(&script), "services, tasks and containers can be marked; this is none of them");
    script.keys("<left><ctrl-space>");
    assert!(marked(&script, Level::Cluster).is_empty());
}

#[test]
fn marks_stay_with_their_rows_through_a_refresh_and_go_with_them() {
    let mut world = company();
    let mut script = on_the_services(&world);
    script.keys("<ctrl-space><ctrl-space>");
    let mut new = world.services[0].clone();
    (new.arn, new.name) = (arn("service/prod/aaa"), "aaa".into());
    world.services.push(new);
    world.services.retain(|service| &*service.name != "payments-web");
    script.pass(Duration::from_secs(15));
    script.settle(&world);
    assert_eq!(script.state.pane(Level::Service).len(), 4, "with those of no service");
    assert_eq!(marked(&script, Level::Service), ["payments-api"]);
    world.services.retain(|service| &*service.name != "payments-api");
    script.pass(Duration::from_secs(15));
    script.settle(&world);
    assert!(marked(&script, Level::Service).is_empty());
}

#[test]
fn marks_of_another_parent_wait_until_it_is_back() {
    let world = company();
    let mut script = on_the_services(&world);
    script.keys("<right><ctrl-space><ctrl-space>");
    assert_eq!(marked(&script, Level::Task).len(), 2);
    script.keys("<left><down>");
    script.settle(&world);
    assert!(marked(&script, Level::Task).is_empty(), "these are another service's");
    script.keys("<up>");
    script.settle(&world);
    assert_eq!(marked(&script, Level::Task).len(), 2);
}

#[test]
fn esc_clears_the_query_then_the_marks() {
    let mut script = on_the_services(&company());
    script.keys("<ctrl-space>web");
    assert_eq!(marked(&script, Level::Service), ["payments-api"], "also where the query hides it");
    script.keys("<esc>");
    assert!(script.state.pane(Level::Service).query.is_empty());
    assert_eq!(marked(&script, Level::Service), ["payments-api"]);
    script.keys("<esc>");
    assert!(marked(&script, Level::Service).is_empty());
}

#[test]
fn what_can_be_done_to_several_services_is_done_to_all_that_are_marked() {
    let both = || vec![place("payments-api"), place("payments-web")];
    let after = |keys: &str| {
        let mut script = on_the_services(&company());
        script.keys("<ctrl-space><ctrl-space>");
        script.keys(keys);
        wished(&mut script)
    };
    assert_eq!(after("<ctrl-x>r"), Wish::Redeploy { services: both() });
    assert_eq!(after("<ctrl-x>x"), Wish::EnableExec { services: both() });
    assert_eq!(after("<ctrl-x>n4<enter>"), Wish::Scale { services: both(), desired: 4 });
}

#[test]
fn all_tasks_that_are_marked_stop_and_lose_their_marks_then() {
    let world = company();
    let mut script = on_the_services(&world);
    script.keys("<right><ctrl-space><ctrl-space><ctrl-x>k");
    let ids = ["4f2ab81c", "77c01d9e"].map(|id| arn(&format!("task/prod/{id}0d0e4f5a8b7c6d5e4f3a2b1c")));
    let tasks = ids.map(|task| TaskPlace { cluster: arn("cluster/prod"), task }).to_vec();
    let Some((id, _, Request::Plan(wish))) = script.waiting.pop() else { panic!("a plan is asked for") };
    assert_eq!(wish, Wish::Stop(Stop { which: Which::These(tasks), reason: "stopped with ecsui".to_owned() }));
    script.answer(id, Ok(Response::Planned(plans::plan(Guard::Ask, vec![]))));
    script.keys("y");
    let (id, ..) = script.waiting.pop().expect("it is being made");
    assert_eq!(marked(&script, Level::Task).len(), 2);
    script.answer(id, Ok(Response::Changed(Box::default())));
    assert!(marked(&script, Level::Task).is_empty());
}

#[test]
fn the_arns_of_all_that_are_marked_are_copied() {
    let mut script = on_the_services(&company());
    script.keys("<ctrl-space><ctrl-space><ctrl-y>");
    let arns = format!("{}\n{}", place("payments-api").service, place("payments-web").service);
    assert_eq!(script.effects, [Effect::Copy(arns)]);
    assert_eq!(said(&script), "copied 2 ARNs");
}

#[test]
fn what_takes_one_says_so() {
    let after = |keys: &str| {
        let mut script = on_the_services(&company());
        script.keys("<ctrl-space><ctrl-space>");
        script.keys(keys);
        assert!(script.waiting.is_empty() && script.state.overlay().is_none(), "{keys}");
        said(&script)
    };
    let one = |name: &str| format!("{name} takes one, and 2 services are marked: esc takes the marks off");
    assert_eq!(after("<ctrl-x>b"), one("rollback"));
    assert_eq!(after("<ctrl-x>u"), one("update"));
    assert_eq!(after("<ctrl-x>k"), one("stop"));
    assert_eq!(after("<ctrl-x>t"), one("run"));
    let alone = |name: &str| format!("{name} takes the selected row alone: esc takes the marks off");
    assert_eq!(after("<enter>"), alone("login"));
    assert_eq!(after("<ctrl-x>e"), alone("exec"));
}

#[test]
fn one_that_is_marked_is_meant_wherever_the_cursor_is() {
    let mut script = on_the_services(&company());
    script.keys("<down><ctrl-space><ctrl-x>b");
    assert_eq!(wished(&mut script), Wish::RollBack { service: place("payments-web") });
    script.keys("<esc><ctrl-x>t<enter><enter><enter>");
    let Wish::Run(run) = wished(&mut script) else { panic!("a task is run") };
    assert_eq!((&*run.definition, run.like), ("payments-web:41", Some(place("payments-web"))));
}

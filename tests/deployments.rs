//! Deployments, their history, and task definitions: through the real SDK against the simulated AWS, a minute's worth
//! by a clock moved by hand.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/browser.rs"]
mod browser;
#[path = "common/way.rs"]
mod way;

use std::{sync::Arc, time::Duration};

use browser::Script;

use ecsui::{
    config::Settings,
    model::{Arn, taskdef::diff::diff},
    ops::{
        Cx, Kind,
        deployments::{self, Deployments, Outcome, POLL},
        find, ls, taskdefs,
    },
    session::clock::{Clock, Hand},
    sim::{Fault, Options, Sim, World},
    tui::app::{Look, Notice, Request, Response, Seen},
};

/// After so many looks a deployment that is followed goes on for ever.
const LOOKS: usize = 200;

/// A simulated AWS that stands still, a way to it, and the clock of who follows.
struct Stage {
    sim: Sim,
    cx: Cx,
    hand: Hand,
}

impl Stage {
    async fn demo() -> Self {
        let sim = Sim::start(World::demo(), Options::explicit()).await.unwrap();
        let (clock, hand) = Clock::by_hand();
        let cx = way::cx(&sim).with_clock(clock);
        Self { sim, cx, hand }
    }

    async fn service(&self, name: &str) -> (Arn, Arn) {
        let cluster = find::cluster(&self.cx, "prod").await.unwrap();
        let service = find::service(&self.cx, &cluster, name).await.unwrap();
        (cluster, service.arn)
    }

    async fn read(&self, name: &str) -> Deployments {
        let (cluster, service) = self.service(name).await;
        deployments::deployments(&self.cx, &cluster, &service).await.unwrap()
    }

    /// Follows a service's deployment to its end, both clocks going on from look to look.
    async fn follow(&self, name: &str) -> (Outcome, Deployments, Vec<(Outcome, u32, u32)>) {
        let (cluster, service) = self.service(name).await;
        let mut seen = Vec::new();
        let (looked, mut looks) = tokio::sync::mpsc::unbounded_channel();
        let following = deployments::follow(&self.cx, &cluster, &service, |outcome, it| {
            let progress = it.progress();
            seen.push((outcome, progress.running, progress.failed));
            looked.send(()).unwrap();
        });
        let time = async {
            for _ in 0..LOOKS {
                looks.recv().await;
                self.sim.advance(POLL);
                // The follower may not have begun to wait yet: its clock is read when it does.
                tokio::task::yield_now().await;
                self.hand.advance(POLL + Duration::from_secs(1));
            }
            panic!("followed for ever");
        };
        let (outcome, last) = tokio::select! {
            followed = following => followed.unwrap(),
            () = time => unreachable!("it panics"),
        };
        seen.dedup();
        (outcome, last, seen)
    }

    fn count(&self, operation: &str) -> usize {
        self.sim.calls().iter().filter(|call| call.operation == operation).count()
    }
}

#[tokio::test]
async fn a_rolling_deployment_is_followed_to_its_end() {
    let stage = Stage::demo().await;
    let (outcome, last, seen) = stage.follow("storefront").await;
    assert_eq!(outcome, Outcome::Completed);
    let running: Vec<u32> = seen.iter().map(|(_, running, _)| *running).collect();
    assert_eq!((running.first(), running.last()), (Some(&0), Some(&2)), "{seen:?}");
    assert!(running.contains(&1) && running.is_sorted(), "{seen:?}");
    assert_eq!(&*last.history[0].deployment.status, "SUCCESSFUL");
    assert_eq!(last.current().len(), 1);
    let (before, after) = last.change().unwrap();
    assert_eq!((before.name(), after.name()), ("storefront:510", "storefront:511"));
    let differences = diff(&last.definitions[before], &last.definitions[after]);
    let what: Vec<&str> = differences.iter().map(|it| &*it.what).collect();
    assert_eq!(what, ["environment ASSETS", "environment RELEASE", "image"]);
    assert_eq!(stage.count("DescribeServiceRevisions"), 1, "a revision never changes");
    assert_eq!(stage.count("DescribeTaskDefinition"), 2);
}

#[tokio::test]
async fn a_failing_deployment_is_followed_to_its_rollback() {
    let stage = Stage::demo().await;
    let (outcome, last, seen) = stage.follow("refunds").await;
    assert_eq!(outcome, Outcome::RolledBack, "{seen:?}");
    let outcomes: Vec<Outcome> = seen.iter().map(|(outcome, ..)| *outcome).collect();
    let begin = outcomes.iter().position(|it| *it == Outcome::RollingBack).unwrap();
    assert!(outcomes[..begin].iter().all(|it| *it == Outcome::UnderWay), "{seen:?}");
    assert!([1, 2, 3].iter().all(|failed| seen.iter().any(|(.., it)| it == failed)), "{seen:?}");
    let release = &last.history[0];
    assert_eq!(release.definition().unwrap().name(), "refunds:77");
    let detail = release.deployment.detail.as_ref().unwrap();
    let breaker = detail.breaker.as_ref().unwrap();
    // One more may have been on its way.
    assert_eq!((&*breaker.status, breaker.failures >= 3, breaker.threshold), ("TRIGGERED", true, 3));
    let rollback = detail.rollback.as_ref().unwrap();
    assert_eq!(rollback.revision.as_ref(), release.source.as_ref().map(|source| &source.arn));
    assert!(rollback.reason.as_ref().unwrap().contains("circuit breaker"), "{rollback:?}");
    assert_eq!(last.primary().unwrap().task_definition.as_ref().unwrap().name(), "refunds:76");
    let (before, after) = last.change().unwrap();
    let differences = diff(&last.definitions[before], &last.definitions[after]);
    let of = |what: &str| differences.iter().find(|it| it.what == what).map(|it| it.change.kind());
    assert_eq!(of("environment LEDGER_URL"), Some("removed"));
    assert_eq!((of("cpu"), of("command"), of("image")), (Some("changed"), Some("added"), Some("changed")));
    let token = differences.iter().find(|it| it.what == "environment WEBHOOK_TOKEN").unwrap();
    assert_eq!(token.values(false), (Some("••••••"), Some("••••••")));
}

#[tokio::test]
async fn what_may_not_be_read_is_a_gap_and_the_rest_is_there() {
    for (operation, describes) in [
        ("ListServiceDeployments", false),
        ("DescribeServiceDeployments", true),
        ("DescribeServiceRevisions", true),
        ("DescribeTaskDefinition", true),
    ] {
        let stage = Stage::demo().await;
        let words =
            format!("User: arn:aws:iam::1:user/me is not authorized to perform: ecs:{operation} on resource: x");
        stage.sim.fault(Fault::error(operation, "AccessDeniedException", &words));
        let seen = stage.read("refunds").await;
        assert_eq!(seen.gaps.len(), 1, "{operation}: {:?}", seen.gaps);
        assert!(seen.gaps[0].text.contains(&format!("ecs:{operation}")), "{:?}", seen.gaps);
        assert!(seen.gaps[0].hints[0].starts_with(&format!("ask for ecs:{operation}")), "{:?}", seen.gaps);
        assert_eq!((seen.current().len(), seen.history.is_empty()), (2, !describes), "{operation}");
        assert_eq!(seen.outcome(), Outcome::UnderWay, "{operation}");
    }
}

#[tokio::test]
async fn a_rollback_is_seen_by_who_may_not_read_the_history() {
    let stage = Stage::demo().await;
    let words = "User: me is not authorized to perform: ecs:ListServiceDeployments";
    stage.sim.fault(Fault::error("ListServiceDeployments", "AccessDeniedException", words));
    assert_eq!(stage.follow("refunds").await.0, Outcome::RolledBack);
    let stage = Stage::demo().await;
    stage.sim.fault(Fault::error("ListServiceDeployments", "AccessDeniedException", words));
    assert_eq!(stage.follow("storefront").await.0, Outcome::Completed);
}

#[tokio::test]
async fn what_is_up_to_date_costs_few_calls_and_a_given_up_one_has_failed() {
    let stage = Stage::demo().await;
    let seen = stage.read("ledger").await;
    assert_eq!((seen.outcome(), seen.gaps.len()), (Outcome::Completed, 0));
    let cluster = find::cluster(&stage.cx, "staging").await.unwrap();
    let service = find::service(&stage.cx, &cluster, "payments-api").await.unwrap();
    let seen = deployments::deployments(&stage.cx, &cluster, &service.arn).await.unwrap();
    assert_eq!(seen.outcome(), Outcome::Failed);
}

#[tokio::test]
async fn what_was_given_up_long_ago_is_waited_for_by_nobody() {
    let stage = Stage::demo().await;
    let (_, last, _) = stage.follow("refunds").await;
    let ended = last.history[0].deployment.finished.unwrap();
    let minute = Duration::from_mins(1);
    assert_eq!(last.given_up_long_ago(ended + 9 * minute), None);
    assert_eq!(last.given_up_long_ago(ended + 11 * minute), Some(ended));
    let cluster = find::cluster(&stage.cx, "staging").await.unwrap();
    let service = find::service(&stage.cx, &cluster, "payments-api").await.unwrap();
    let stuck = deployments::deployments(&stage.cx, &cluster, &service.arn).await.unwrap();
    assert_eq!((stuck.outcome(), stuck.given_up_long_ago(ended + 100_000 * minute)), (Outcome::Failed, None));
    let good = stage.read("ledger").await;
    assert_eq!(good.given_up_long_ago(ended + 100_000 * minute), None);
}

/// A service whose newest revision fails and is rolled back.
const FAILING: &str = r#"
[[taskdef]]
family = "api"
revision = 8
first = 7
[[taskdef.container]]
image = "api:{revision}"
[cluster.prod]
[[cluster.prod.service]]
name = "api"
desired = 1
age = "9d"
deployed = "2s"
rolling = { from = "api:7" }
breaker = "rollback"
failing = { reason = "Essential container in task exited", exit = 1 }
[[cluster.prod.service]]
name = "steady"
taskdef = "api"
desired = 1
age = "9d"
"#;

/// Runs the program and returns what it says on standard error, and its exit code.
fn wait_for(sim: &Sim, service: &str) -> (String, Option<i32>) {
    let home = tempfile::TempDir::new().unwrap();
    let output = way::command(sim, home.path(), &format!("deployments --wait {service}")).output().unwrap();
    (String::from_utf8(output.stderr).unwrap(), output.status.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_waits_is_told_of_what_is_recent() {
    let world = || World::from_toml(FAILING).unwrap();
    let hour = Duration::from_hours(1);
    // It fails in the first minutes, of a clock that begins at the real time, or an hour before it.
    let begun = ecsui::model::Timestamp::now() - hour;
    let old = Sim::start(world(), Options { epoch: Some(begun), ..Options::explicit() }).await.unwrap();
    old.advance(hour);
    let (said, code) = wait_for(&old, "prod/api");
    assert!(said.contains("nothing is under way: the deployment of api was rolled back at 20"), "{said}");
    assert!(said.contains("; api:7 runs") && code == Some(0), "{code:?} {said}");
    let (said, code) = wait_for(&old, "prod/steady");
    assert_eq!((said.contains("nothing is under way: the deployment of steady is completed"), code), (true, Some(0)));

    let fresh = Sim::start(world(), Options::explicit()).await.unwrap();
    fresh.advance(Duration::from_mins(14));
    let (said, code) = wait_for(&fresh, "prod/api");
    assert!(said.contains("nothing is under way: the deployment of api was rolled back\n"), "{said}");
    assert_eq!(code, Some(1), "{said}");
}

#[tokio::test]
async fn every_family_and_every_revision_is_listed() {
    let mut world = World::empty();
    world.add_cluster("prod");
    for number in 0..105 {
        world.add_service("prod", &format!("s{number:03}"), 0);
    }
    let stage = Stage::demo().await;
    let sim = Sim::start(world, Options::explicit()).await.unwrap();
    let families = taskdefs::families(&way::cx(&sim)).await.unwrap().all;
    assert_eq!(families.len(), 105);
    assert!(families.iter().all(|family| family.latest.is_some()) && families.is_sorted_by_key(|it| it.name.clone()));

    let demo = taskdefs::families(&stage.cx).await.unwrap().all;
    assert!(demo.iter().all(|family| family.name != "voucher-printer"), "deregistered");
    let numbers = |revisions: &[taskdefs::Revision]| {
        let number = |it: &taskdefs::Revision| it.arn.name().rsplit_once(':').unwrap().1.parse::<u32>().unwrap();
        revisions.iter().map(number).collect::<Vec<_>>()
    };
    let active = taskdefs::revisions(&stage.cx, "ledger", false).await.unwrap();
    assert_eq!(numbers(&active), (190..=203).rev().collect::<Vec<_>>());
    let all = taskdefs::revisions(&stage.cx, "ledger", true).await.unwrap();
    assert_eq!(numbers(&all), (1..=203).rev().collect::<Vec<_>>());
    assert!(!all[14].active && all[13].active);
}

#[tokio::test]
async fn a_definition_is_kept_as_aws_describes_it() {
    let stage = Stage::demo().await;
    let latest = taskdefs::one(&stage.cx, "payments-api:latest").await.unwrap();
    assert_eq!(latest.arn.name(), "payments-api:41");
    let described = latest.described.value();
    assert_eq!(described["tags"][1]["value"], "payments");
    assert_eq!(described["taskDefinition"]["containerDefinitions"][0]["linuxParameters"]["initProcessEnabled"], true);
    let registered = described["taskDefinition"]["registeredAt"].as_str().unwrap();
    assert_eq!(Some(registered.parse().unwrap()), latest.registered);
    let key = "pk_test_4eC39HqLyjWDarjtT1zdp7dc";
    assert!(latest.described.json(true).contains(key) && !latest.described.json(false).contains(key));
    assert!(!format!("{latest:?}").contains(key));
    let again = taskdefs::one(&stage.cx, latest.arn.as_str()).await.unwrap();
    assert!(Arc::ptr_eq(&latest, &again));
    let old = taskdefs::one(&stage.cx, "payments-api:7").await.unwrap();
    assert_eq!(old.status, "INACTIVE");
    let error = taskdefs::one(&stage.cx, "nope").await.unwrap_err();
    assert_eq!((error.kind, error.hints.len()), (Kind::NotFound, 1));
    let error = taskdefs::all(&stage.cx, "nope", true).await.unwrap_err();
    assert_eq!(error.kind, Kind::NotFound);
}

#[tokio::test]
async fn who_may_not_read_tags_reads_the_definition() {
    let stage = Stage::demo().await;
    let words = "User: me is not authorized to perform: ecs:ListTagsForResource";
    stage.sim.fault(Fault::error("DescribeTaskDefinition", "AccessDeniedException", words).matching("TAGS"));
    let read = taskdefs::one(&stage.cx, "payments-api").await.unwrap();
    assert_eq!(read.arn.name(), "payments-api:41");
    assert!(read.described.value().get("tags").is_none());
}

/// A browser whose requests are answered by the simulated AWS.
struct Window {
    stage: Stage,
    script: Script,
}

impl Window {
    async fn open(service: &str, keys: &str) -> Self {
        let mut window = Self { stage: Stage::demo().await, script: Script::new(120, 40, &Settings::default()) };
        window.serve().await;
        for keys in ["^prod$<right>", service, keys] {
            window.script.keys(keys);
            window.wait(Duration::from_millis(150)).await;
        }
        window
    }

    async fn wait(&mut self, time: Duration) {
        self.stage.sim.advance(time);
        self.script.pass(time);
        self.serve().await;
    }

    async fn serve(&mut self) {
        while let Some((id, _, request)) = self.script.waiting.first().cloned() {
            let answer = answer(&self.stage.cx, request).await;
            self.script.answer(id, answer);
        }
    }

    fn text(&self) -> String {
        self.script.state.detail().lines.iter().map(|line| line.text.clone() + "\n").collect()
    }

    /// Watches until the view says this; returns what it said in between.
    async fn watch(&mut self, words: &str) -> Vec<String> {
        let mut seen = vec![self.text()];
        while !self.text().contains(words) {
            assert!(seen.len() < LOOKS, "never {words:?}: {}", self.text());
            self.wait(POLL).await;
            seen.push(self.text());
        }
        seen
    }
}

async fn answer(cx: &Cx, request: Request) -> Result<Response, Notice> {
    let notice = |error: ecsui::ops::Error| Notice { text: error.line(), hints: error.hints, passing: false };
    match request {
        Request::Identity => ls::identity(cx).await.map(Response::Identity),
        Request::Clusters => ls::clusters(cx).await.map(|seen| Response::Clusters(seen.clusters, None)),
        Request::Services { cluster } => ls::services(cx, &cluster).await.map(Response::Services),
        Request::ServiceDetails { cluster, services } => {
            ls::service_details(cx, &cluster, &services).await.map(Response::ServiceDetails)
        }
        Request::Tasks { cluster, service } => ls::tasks(cx, &cluster, service.as_ref()).await.map(Response::Tasks),
        Request::Look(Look::Deployments { cluster, service }) => {
            let seen = deployments::deployments(cx, &cluster, &service).await;
            seen.map(|seen| Response::Seen(Seen::Deployments(Box::new(seen))))
        }
        Request::Look(Look::Definition(arn)) => {
            let seen = ls::task_definition(cx, &arn).await;
            seen.map(|seen| Response::Seen(Seen::Definition(Box::new(Arc::unwrap_or_clone(seen)))))
        }
        Request::Look(Look::Revisions(family)) => {
            taskdefs::revisions(cx, &family, true).await.map(|seen| Response::Seen(Seen::Revisions(seen)))
        }
        Request::Look(_) => {
            return Err(Notice { text: "not looked at here".to_owned(), hints: Vec::new(), passing: false });
        }
        Request::Leaves { .. } | Request::Elsewhere { .. } | Request::Note { .. } => panic!("nobody jumps"),
        Request::OpenExec { .. } | Request::OpenService { .. } | Request::OpenTask { .. } => panic!("nobody logs in"),
        Request::Plan(_)
        | Request::PlanRegistration { .. }
        | Request::Change(_)
        | Request::WaitForTasks { .. }
        | Request::OpenPage { .. }
        | Request::Edit { .. }
        | Request::RunOwn { .. } => {
            panic!("nobody changes anything")
        }
    }
    .map_err(notice)
}

#[tokio::test]
async fn the_browser_follows_a_rollout_to_its_end_and_then_rests() {
    let mut window = Window::open("storefront", "<f4>").await;
    let seen = window.watch("2 of 2 running, 0 pending, 0 failed  completed").await;
    assert!(seen.iter().any(|text| text.contains("1 of 2 running")), "{seen:#?}");
    assert!(seen[0].contains("in progress") && seen[0].contains("storefront:510 → storefront:511"), "{}", seen[0]);
    assert!(window.text().contains("~ container app image: "), "{}", window.text());
    let before = window.stage.count("ListServiceDeployments");
    window.wait(Duration::from_secs(9)).await;
    assert!(window.stage.count("ListServiceDeployments") <= before + 1, "nothing is under way");
}

#[tokio::test]
async fn the_browser_follows_a_failing_rollout_to_its_rollback() {
    let mut window = Window::open("refunds", "<f4>").await;
    let seen = window.watch("ROLLBACK_SUCCESSFUL").await;
    assert!(seen.iter().any(|text| text.contains("rolling back") && text.contains("TRIGGERED")), "{seen:#?}");
    let text = window.text();
    assert!(text.contains("rolled back") && text.contains(" to refunds:76"), "{text}");
    assert!(text.contains("- container app environment LEDGER_URL: https://ledger.prod.local:8443"), "{text}");
    assert!(text.contains("environment WEBHOOK_TOKEN: •••••• → ••••••") && !text.contains("whk_"), "{text}");
    window.script.keys("<ctrl-x>v");
    assert!(window.text().contains("whk_77_7f3a"), "{}", window.text());
}

#[tokio::test]
async fn a_definition_is_json_or_a_difference_where_that_is_wanted() {
    let mut window = Window::open("payments-api", "<ctrl-x>4").await;
    assert!(window.text().starts_with("payments-api:41"), "{}", window.text());
    window.script.keys("<ctrl-x>j");
    let text = window.text();
    assert!(text.contains("\"taskDefinition\": {") && text.contains("\"initProcessEnabled\": true"), "{text}");
    assert!(!text.contains("pk_test_"), "{text}");
    window.script.keys("<ctrl-x>d39<enter>");
    window.wait(Duration::from_millis(150)).await;
    assert!(window.text().contains("payments-api:39 → payments-api:41\n~ container app image: "), "{}", window.text());
    window.script.keys("<ctrl-x>d");
    assert!(window.text().starts_with("payments-api:41"), "{}", window.text());
    window.script.keys("<ctrl-x>d<enter>");
    window.wait(Duration::from_millis(150)).await;
    assert!(window.text().starts_with("payments-api:40 → payments-api:41"), "{}", window.text());
    window.script.keys("<ctrl-x>d<ctrl-x>d");
    window.wait(Duration::from_millis(150)).await;
    let (rows, selected) = window.script.state.pick_rows();
    assert!(
        rows[selected.unwrap()].line.text.starts_with(":40 ") && window.stage.count("ListTaskDefinitions") >= 2,
        "{rows:?}"
    );
    window.script.keys("<down><enter>");
    window.wait(Duration::from_millis(150)).await;
    assert!(window.text().starts_with("payments-api:39 → payments-api:41"), "{}", window.text());
}

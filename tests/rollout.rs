//! A deployment watched in three ways at once, events, targets and progress, from its start to its end: one that is
//! completed, and one that fails and is rolled back.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/browser.rs"]
mod browser;
#[path = "common/way.rs"]
mod way;
#[path = "common/window.rs"]
mod window;

use std::{collections::BTreeSet, time::Duration};

use ecsui::{
    model::Service,
    ops::{
        Cx,
        deployments::{self, Outcome, POLL},
        events::{Follow, Scope},
        find, ls, targets,
    },
    session::clock::{Clock, Hand},
    sim::{Options, Sim, World},
};
use tokio::sync::mpsc::unbounded_channel;
use window::Window;

/// After so many looks a deployment goes on for ever.
const LOOKS: usize = 200;

/// What the three said at the same time.
#[derive(Debug)]
struct Moment {
    outcome: Outcome,
    /// The running tasks of the new revision, and those that failed.
    running: u32,
    failed: u32,
    /// Each target with the revision of its task: `storefront:511 healthy`.
    targets: Vec<String>,
    /// How many events had been heard.
    events: usize,
}

/// A deployment as it was watched.
struct Watched {
    moments: Vec<Moment>,
    events: Vec<String>,
}

impl Moment {
    fn count(&self, target: &str) -> usize {
        self.targets.iter().filter(|one| *one == target).count()
    }
}

impl Watched {
    /// Returns the first moment at which something is so.
    fn first(&self, is_so: impl Fn(&Moment) -> bool) -> usize {
        self.moments.iter().position(is_so).unwrap_or_else(|| panic!("never: {self}"))
    }

    /// Returns the place of the first event with these words.
    fn event(&self, words: &str) -> usize {
        self.events.iter().position(|event| event.contains(words)).unwrap_or_else(|| panic!("no {words:?}: {self}"))
    }
}

impl std::fmt::Display for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f)?;
        self.moments.iter().try_for_each(|moment| writeln!(f, "{moment:?}"))?;
        self.events.iter().try_for_each(|event| writeln!(f, "{event}"))
    }
}

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

    async fn service(&self, name: &str) -> Service {
        let cluster = find::cluster(&self.cx, "prod").await.unwrap();
        let found = find::service(&self.cx, &cluster, name).await.unwrap();
        ls::service_details(&self.cx, &cluster, &[found.arn]).await.unwrap().remove(0)
    }

    /// Returns the targets of a service with the revisions of their tasks.
    async fn targets(&self, service: &Service) -> Vec<String> {
        let attachments = &service.detail.as_ref().unwrap().attachments;
        let health = targets::health(&self.cx, &service.cluster, &service.arn, attachments).await.unwrap();
        let rows = health.sets.into_iter().flat_map(|set| set.rows.unwrap());
        rows.map(|row| format!("{} {}", row.task.unwrap().definition.name(), row.target.state)).collect()
    }

    /// Watches a service's deployment to its end.
    async fn watch(&self, name: &str) -> Watched {
        let service = self.service(name).await;
        let mut follow = Follow::new(Scope::Service(service.clone()));
        let known: BTreeSet<_> =
            follow.poll(&self.cx).await.unwrap().into_iter().map(|told| told.heard.event.id).collect();
        let (mut moments, mut events, mut ids) = (Vec::new(), Vec::new(), known);
        let (looked, mut looks) = unbounded_channel();
        let following = deployments::follow(&self.cx, &service.cluster, &service.arn, |outcome, seen| {
            let progress = seen.progress();
            looked.send((outcome, progress.running, progress.failed)).unwrap();
        });
        let watching = async {
            loop {
                let (outcome, running, failed) = looks.recv().await.unwrap();
                for told in follow.poll(&self.cx).await.unwrap() {
                    assert!(ids.insert(told.heard.event.id.clone()) && !told.heard.gap, "told twice, or missed");
                    events.push(told.heard.event.said().to_owned());
                }
                let targets = self.targets(&service).await;
                moments.push(Moment { outcome, running, failed, targets, events: events.len() });
                if outcome.is_final() {
                    return;
                }
                assert!(moments.len() < LOOKS, "it goes on for ever: {:?}", moments.last());
                self.sim.advance(POLL);
                tokio::task::yield_now().await;
                self.hand.advance(POLL + Duration::from_secs(1));
            }
        };
        let (followed, ()) = tokio::join!(following, watching);
        assert_eq!(followed.unwrap().0, moments.last().unwrap().outcome);
        Watched { moments, events }
    }
}

#[tokio::test]
async fn a_rolling_deployment_is_seen_by_all_three_until_it_is_completed() {
    let watched = Stage::demo().await.watch("storefront").await;
    let (begin, end) = (&watched.moments[0], watched.moments.last().unwrap());
    assert_eq!((begin.outcome, begin.running, begin.count("storefront:510 healthy")), (Outcome::UnderWay, 0, 2));
    assert_eq!((end.outcome, end.running, end.failed), (Outcome::Completed, 2, 0), "{watched}");
    assert!(watched.moments.is_sorted_by_key(|moment| moment.running), "{watched}");

    // Tasks run, are registered, get healthy, and only then do the old ones drain.
    let stages = [
        watched.first(|moment| moment.count("storefront:511 initial") == 1),
        watched.first(|moment| moment.count("storefront:511 healthy") == 1),
        watched.first(|moment| moment.count("storefront:511 healthy") == 2),
        watched.first(|moment| moment.count("storefront:510 draining") > 0),
        watched.moments.len() - 1,
    ];
    assert!(stages.is_sorted(), "{stages:?} {watched}");
    for moment in &watched.moments {
        let healthy = |revision: &str| moment.count(&format!("storefront:{revision} healthy"));
        assert!(healthy("511") <= moment.running as usize, "what is no task yet gets requests: {moment:?}");
        assert!(healthy("510") + healthy("511") >= 2, "there are always two: {moment:?}");
        let drains = moment.count("storefront:510 draining") > 0;
        let is_told = watched.events[..moment.events].iter().any(|event| event.contains("begun draining"));
        assert!(!drains || is_told, "it drains and nobody said so: {moment:?}");
    }
    let told = [
        "has started 1 tasks",
        "registered 1 targets in (target-group",
        "has begun draining connections on 1 tasks",
        "deployment completed",
        "has reached a steady state",
    ];
    let places = told.map(|words| watched.event(words));
    assert!(places.is_sorted(), "{places:?} {watched}");
    assert_eq!(end.targets, ["storefront:511 healthy", "storefront:511 healthy"], "{watched}");
}

#[tokio::test]
async fn a_failing_deployment_is_seen_by_all_three_until_it_is_rolled_back() {
    let watched = Stage::demo().await.watch("refunds").await;
    let end = watched.moments.last().unwrap();
    assert_eq!(end.outcome, Outcome::RolledBack, "{watched}");
    let back = watched.first(|moment| moment.outcome == Outcome::RollingBack);
    assert!(watched.moments[..back].iter().all(|moment| moment.outcome == Outcome::UnderWay), "{watched}");
    assert!(watched.moments[..back].is_sorted_by_key(|moment| moment.failed), "{watched}");
    assert!(watched.first(|moment| moment.failed == 1) < watched.first(|moment| moment.failed == 3));
    // Whatever becomes of the new ones, the old ones get the requests.
    for moment in &watched.moments {
        assert_eq!((moment.count("refunds:76 healthy"), moment.count("refunds:77 healthy")), (2, 0), "{watched}");
    }
    let places = ["has started 1 tasks", "deployment failed", "rolling back to", "has reached a steady state"];
    let places = places.map(|words| watched.event(words));
    assert!(places.is_sorted(), "{places:?} {watched}");
    assert!(watched.moments[back].events > places[1], "the rollback is seen when it is told: {watched}");
    assert_eq!(end.targets, ["refunds:76 healthy", "refunds:76 healthy"], "{watched}");
}

/// The browser on a service, whose three views are looked at by turns.
struct Turns {
    sim: Sim,
    window: Window,
    events: Vec<String>,
    targets: Vec<String>,
    deployments: Vec<String>,
}

impl Turns {
    async fn of(service: &str) -> Self {
        let sim = Sim::start(World::demo(), Options::explicit()).await.unwrap();
        let mut window = Window::open(&sim, way::cx(&sim), 120, 40).await;
        window.keys("^prod$<right>").await;
        window.keys(&format!("^{service}$")).await;
        Self { sim, window, events: Vec::new(), targets: Vec::new(), deployments: Vec::new() }
    }

    /// Looks at each view in turn, until the deployments say these words.
    async fn until(&mut self, words: &str) {
        while self.deployments.last().is_none_or(|text| !text.contains(words)) {
            assert!(self.deployments.len() < LOOKS, "never {words:?}: {:?}", self.deployments.last());
            self.turn().await;
        }
    }

    async fn turn(&mut self) {
        for (key, seen) in [("<f2>", &mut self.events), ("<f3>", &mut self.targets), ("<f4>", &mut self.deployments)] {
            self.window.keys(key).await;
            self.sim.advance(Duration::from_secs(1));
            self.window.pass(Duration::from_secs(1)).await;
            seen.push(self.window.text());
        }
    }
}

/// Returns the turn at which one of these words is seen first.
fn first(seen: &[String], words: &str) -> usize {
    seen.iter().position(|text| text.contains(words)).unwrap_or_else(|| panic!("never {words:?}: {seen:#?}"))
}

/// Whether a target of a revision is in this state.
fn has(text: &str, revision: &str, state: &str) -> bool {
    text.lines().any(|line| line.starts_with(state) && line.contains(revision))
}

#[tokio::test]
async fn the_browser_shows_a_rollout_in_all_three_views_by_turns() {
    let mut turns = Turns::of("storefront").await;
    turns.until("2 of 2 running, 0 pending, 0 failed  completed").await;
    let at = |seen: &[String], revision: &str, state: &str| {
        seen.iter()
            .position(|text| has(text, revision, state))
            .unwrap_or_else(|| panic!("no {revision} {state}: {seen:#?}"))
    };
    let initial = at(&turns.targets, "storefront:511", "initial");
    let healthy = at(&turns.targets, "storefront:511", "healthy");
    let draining = at(&turns.targets, "storefront:510", "draining");
    assert!(initial < healthy && healthy <= draining, "{initial} {healthy} {draining}");
    let one = first(&turns.deployments, "1 of 2 running");
    assert!(initial <= one + 1 && one < turns.deployments.len() - 1, "{initial} {one}");
    // Events are read every ten seconds: what is told comes a few turns later.
    let told = first(&turns.events, "registered 1 targets in (target-group");
    assert!((initial..initial + 5).contains(&told), "{initial} {told}");
    for _ in 0..4 {
        turns.turn().await;
    }
    let events = turns.events.last().unwrap();
    assert!(events.lines().last().unwrap().contains("has reached a steady state"), "{events}");
    assert!(!turns.targets.last().unwrap().contains("storefront:510"), "{:?}", turns.targets.last());
}

#[tokio::test]
async fn the_browser_shows_a_failing_rollout_in_all_three_views_by_turns() {
    let mut turns = Turns::of("refunds").await;
    turns.until("ROLLBACK_SUCCESSFUL").await;
    let failed = first(&turns.deployments, "1 failed");
    let back = first(&turns.deployments, "rolling back");
    assert!(failed < back && turns.deployments[back].contains("TRIGGERED"), "{failed} {back}");
    for text in &turns.targets {
        assert!(!has(text, "refunds:77", "healthy") && has(text, "refunds:76", "healthy"), "{text}");
    }
    for _ in 0..4 {
        turns.turn().await;
    }
    let events = turns.events.last().unwrap();
    assert!(events.contains("deployment failed") && events.contains("rolling back to"), "{events}");
}

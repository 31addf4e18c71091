//! A simulated AWS in which things are changed through the real SDK, by a clock moved by hand, and what was asked of
//! it.

#![allow(dead_code, reason = "each user of this file needs a part of it")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

use std::{future::Future, ops::ControlFlow, path::PathBuf, time::Duration};

use ecsui::{
    config::Settings,
    model::Arn,
    ops::{
        Cx, Result,
        change::{self, Done, Halt, Place, Plan, Step, Wish},
        find,
    },
    session::clock::{Clock, Hand},
    sim::{Options, Sim, World},
};
use tempfile::TempDir;

use super::way;

/// The operations that change something.
pub(crate) const CHANGING: [&str; 5] =
    ["RegisterTaskDefinition", "UpdateService", "StopServiceDeployment", "RunTask", "StopTask"];

/// An account that stands still, and somebody who changes it.
pub(crate) struct Stand {
    pub(crate) sim: Sim,
    pub(crate) cx: Cx,
    pub(crate) home: TempDir,
    hand: Hand,
}

impl Stand {
    /// Serves a world to somebody with these settings.
    pub(crate) async fn of(world: World, settings: Settings) -> Self {
        let sim = Sim::start(world, Options::explicit()).await.unwrap();
        let (clock, hand) = Clock::by_hand();
        let home = TempDir::new().unwrap();
        let state = Some(home.path().join("state"));
        let cx =
            Cx::new(way::access(&sim), settings).keeping_in(state).used_by(Some("mia".to_owned())).with_clock(clock);
        Self { sim, cx, home, hand }
    }

    /// Serves a world written as TOML.
    pub(crate) async fn toml(world: &str) -> Self {
        Self::of(World::from_toml(world).unwrap(), Settings::default()).await
    }

    pub(crate) async fn place(&self, cluster: &str, service: &str) -> Place {
        let cluster = find::cluster(&self.cx, cluster).await.unwrap();
        Place::of(&find::service(&self.cx, &cluster, service).await.unwrap())
    }

    pub(crate) async fn plan(&self, wish: Wish) -> Result<Plan> {
        change::plan(&self.cx, wish).await
    }

    /// Carries a plan out, time going on while nothing else does.
    pub(crate) async fn carry_out(&self, plan: &Plan) -> std::result::Result<Done, Halt> {
        self.patiently(change::carry_out(&self.cx, plan, |_: Step<'_>| ControlFlow::Continue(()))).await
    }

    /// Plans and carries out.
    pub(crate) async fn make(&self, wish: Wish) -> std::result::Result<Done, Halt> {
        let plan = self.plan(wish).await.unwrap();
        self.carry_out(&plan).await
    }

    /// Waits for something; both clocks go on by a second whenever it waits for its own, or for longer than a call
    /// takes: the budget of calls goes by the machine's clock.
    pub(crate) async fn patiently<T>(&self, future: impl Future<Output = T>) -> T {
        tokio::pin!(future);
        for _ in 0..10_000 {
            tokio::select! {
                biased;
                done = &mut future => return done,
                () = self.is_waited_for() => self.advance(Duration::from_secs(1)),
            }
        }
        panic!("it never ends");
    }

    async fn is_waited_for(&self) {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let _longer = tokio::time::timeout(Duration::from_millis(50), self.hand.is_waited_for()).await;
    }

    /// Moves both clocks.
    pub(crate) fn advance(&self, by: Duration) {
        self.sim.advance(by);
        self.hand.advance(by);
    }

    /// Returns the changing calls that reached AWS, and how each was answered.
    pub(crate) fn changes(&self) -> Vec<String> {
        let calls = self.sim.calls().into_iter().filter(|call| CHANGING.contains(&&*call.operation));
        calls.map(|call| format!("{} {:?}", call.operation, call.outcome)).collect()
    }

    /// Returns how many changing calls reached AWS.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.sim.calls().iter().filter(|call| call.operation == operation).count()
    }

    /// Returns the body of the last call of an operation.
    pub(crate) fn last(&self, operation: &str) -> serde_json::Value {
        self.sim.calls().into_iter().rev().find(|call| call.operation == operation).unwrap().body
    }

    pub(crate) fn history(&self) -> PathBuf {
        self.home.path().join("state/changes.jsonl")
    }
}

/// Returns the definition's name, `family:revision`.
pub(crate) fn name(arn: Option<&Arn>) -> &str {
    arn.map(Arn::name).unwrap_or_default()
}

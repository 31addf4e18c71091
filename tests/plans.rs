//! Changes from wish to end: planned, guarded, carried out once, followed and written down; whatever goes wrong with a
//! call. Through the real SDK against the simulated AWS, whose journal says what was asked.

#![cfg(feature = "demo")]

mod common {
    pub(crate) mod stand;
    pub(crate) mod way;
}

use std::{fs, ops::ControlFlow};

use common::stand::Stand;
use ecsui::{
    config::{GuardAction, GuardRule, Settings},
    ops::{
        Kind,
        audit::{self, Outcome},
        change::{self, Guard, Made, Place, Step, Wish},
    },
    sim::{Damage, Fault, World},
};

const WORLD: &str = r#"
[[taskdef]]
family = "web"
revision = 8
first = 3
container = [{ image = "{registry}/web:{revision}", ports = [8080] }]

[[cluster.prod.service]]
name = "web"
taskdef = "web:7"
desired = 2

[[cluster.prod.service]]
name = "worker"
taskdef = "web:6"
desired = 1
"#;

const NOT_ALLOWED: &str = "User: arn:aws:iam::482913007156:user/mia is not authorized to perform: ecs:UpdateService on \
                           resource: arn:aws:ecs:eu-west-1:482913007156:service/prod/web because no identity-based \
                           policy allows the ecs:UpdateService action";

fn redeploy(place: &Place) -> Wish {
    Wish::Redeploy { services: vec![place.clone()] }
}

/// A failure of UpdateService, and what becomes of the wish to redeploy: how often the call is made, how often it is
/// taken, and what is said.
struct Case {
    fault: Fault,
    calls: usize,
    deployments: usize,
    says: &'static str,
    unknown: bool,
}

#[tokio::test]
async fn a_wish_becomes_one_call_whatever_goes_wrong_with_it() {
    let failure = |code: &str, message: &str, status| {
        let damage = Damage::Error { code: code.to_owned(), message: message.to_owned(), status };
        Fault::new("UpdateService", damage)
    };
    let cases = [
        // Done, and the answer lost: it is found, and not done again.
        Case {
            fault: Fault::new("UpdateService", Damage::Cut).times(1),
            calls: 1,
            deployments: 1,
            says: "",
            unknown: false,
        },
        // Failed at AWS: looked for, not found, and not made again, for it may come yet, and there would be two.
        Case {
            fault: failure("ServerException", "Service Unavailable", 500).times(1),
            calls: 1,
            deployments: 0,
            says: "it may have been changed all the same",
            unknown: true,
        },
        // Answers of success that nobody understands.
        Case {
            fault: Fault::new("UpdateService", Damage::Garbage("{".to_owned())).times(1),
            calls: 1,
            deployments: 0,
            says: "it may have been changed all the same",
            unknown: true,
        },
        // Throttled: not taken, and its turn waited for.
        Case {
            fault: failure("ThrottlingException", "Rate exceeded", 400).times(2),
            calls: 3,
            deployments: 1,
            says: "",
            unknown: false,
        },
        Case {
            fault: failure("AccessDeniedException", NOT_ALLOWED, 400),
            calls: 1,
            deployments: 0,
            says: "ecs:UpdateService",
            unknown: false,
        },
        Case {
            fault: failure("ServiceNotActiveException", "Service was not ACTIVE.", 400),
            calls: 1,
            deployments: 0,
            says: "prod/web was deleted",
            unknown: false,
        },
    ];
    for Case { fault, calls, deployments, says, unknown } in cases {
        let stand = Stand::toml(WORLD).await;
        let place = stand.place("prod", "web").await;
        let plan = stand.plan(redeploy(&place)).await.unwrap();
        let shown = format!("{fault:?}");
        stand.sim.fault(fault);
        let ended = stand.carry_out(&plan).await;
        stand.sim.mend();
        assert_eq!(stand.count("UpdateService"), calls, "{shown}");
        let now = stand.plan(redeploy(&place)).await.unwrap();
        assert_eq!(usize::from(now.base != plan.base), deployments, "{shown}");
        match ended {
            Ok(done) => assert_eq!((done.made.len(), says), (1, ""), "{shown}"),
            Err(halt) => {
                let text = format!("{}\n{}", halt.error.line(), halt.error.hints.join("\n"));
                assert!(!says.is_empty() && text.contains(says), "{shown}: {text}");
                assert_eq!(halt.unknown, unknown, "{shown}");
            }
        }
    }
}

#[tokio::test]
async fn what_does_no_harm_twice_is_made_again_where_there_is_no_trace_of_it() {
    let failure = |times| {
        let (code, message) = ("ServerException".to_owned(), "Service Unavailable".to_owned());
        Fault::new("UpdateService", Damage::Error { code, message, status: 500 }).times(times)
    };
    let unreadable = |body: &str| Fault::new("UpdateService", Damage::Garbage(body.to_owned())).times(1);
    for (fault, calls, done, unknown, says) in [
        (failure(1), 2, true, false, ""),
        (failure(2), 2, false, false, "AWS shows no trace of it"),
        (unreadable("{"), 1, false, true, "it may have been changed all the same"),
        (unreadable("{}"), 1, false, true, "an answer without a service"),
    ] {
        let stand = Stand::toml(WORLD).await;
        let services = vec![stand.place("prod", "web").await];
        let plan = stand.plan(Wish::Scale { services, desired: 3 }).await.unwrap();
        let shown = format!("{fault:?}");
        stand.sim.fault(fault);
        let ended = stand.carry_out(&plan).await;
        assert_eq!((stand.count("UpdateService"), ended.is_ok()), (calls, done), "{shown}");
        if let Err(halt) = ended {
            let text = format!("{}\n{}", halt.error.line(), halt.error.hints.join("\n"));
            assert!(text.contains(says) && halt.unknown == unknown, "{shown}: {text}");
        }
    }
}

#[tokio::test]
async fn what_somebody_else_has_changed_while_an_answer_was_lost_is_left() {
    let stand = Stand::toml(WORLD).await;
    let services = vec![stand.place("prod", "web").await];
    let scaled = |desired| Wish::Scale { services: services.clone(), desired };
    let (mine, theirs) = (stand.plan(scaled(4)).await.unwrap(), stand.plan(scaled(3)).await.unwrap());
    let tell = |_: Step<'_>| ControlFlow::Continue(());
    stand.sim.fault(Fault::new("UpdateService", Damage::Unheard).times(1));
    let others = async {
        while stand.count("UpdateService") == 0 {
            tokio::task::yield_now().await;
        }
        change::carry_out(&stand.cx, &theirs, tell).await
    };
    let both = async { tokio::join!(change::carry_out(&stand.cx, &mine, tell), others) };
    let (mine, theirs) = stand.patiently(both).await;
    let desired = stand.last("UpdateService")["desiredCount"].clone();
    assert_eq!((stand.count("UpdateService"), desired), (2, 3.into()));
    assert!(theirs.is_ok() && mine.unwrap_err().unknown);
}

#[tokio::test]
async fn the_plan_says_what_will_be_done_and_changes_nothing() {
    let stand = Stand::toml(WORLD).await;
    let (web, worker) = (stand.place("prod", "web").await, stand.place("prod", "worker").await);
    let plan = stand.plan(Wish::Redeploy { services: vec![web.clone(), worker, web] }).await.unwrap();
    assert_eq!(plan.title, "Redeploy prod/web, prod/worker");
    let calls: Vec<(&str, &str)> = plan.calls.iter().map(|call| (call.action, &*call.what)).collect();
    assert_eq!(calls, [("ecs:UpdateService", "force a new deployment"); 2]);
    assert_eq!(plan.guard, Guard::Ask);
    assert!(stand.changes().is_empty());
    assert!(!stand.history().exists());
}

#[tokio::test]
async fn what_somebody_else_changed_meanwhile_is_not_changed_again() {
    let stand = Stand::toml(WORLD).await;
    let place = stand.place("prod", "web").await;
    let (mine, theirs) = (stand.plan(redeploy(&place)).await.unwrap(), stand.plan(redeploy(&place)).await.unwrap());
    stand.carry_out(&theirs).await.unwrap();
    let halt = stand.carry_out(&mine).await.unwrap_err();
    assert_eq!(halt.error.line(), "prod/web was changed meanwhile: another deployment has begun");
    assert_eq!((halt.error.kind, stand.count("UpdateService")), (Kind::Refused, 1));
}

#[tokio::test]
async fn a_service_that_is_gone_is_said_to_be() {
    let stand = Stand::toml(WORLD).await;
    let place = stand.place("prod", "web").await;
    let gone = Place { service: format!("{}x", place.service).parse().unwrap(), ..place };
    let error = stand.plan(redeploy(&gone)).await.unwrap_err();
    assert_eq!((error.kind, &*error.line()), (Kind::NotFound, "service prod/webx is gone"));
}

#[tokio::test]
async fn guards_are_held_also_by_what_carries_out() {
    let rule = |action| GuardRule { cluster: Some("prod*".into()), action, ..GuardRule::default() };
    let settings = |action| Settings { guards: vec![rule(action)], ..Settings::default() };
    let stand = Stand::of(World::from_toml(WORLD).unwrap(), settings(GuardAction::Type)).await;
    let place = stand.place("prod", "web").await;
    let plan = stand.plan(redeploy(&place)).await.unwrap();
    assert_eq!(plan.guard, Guard::Type("web".to_owned()));
    for settings in [settings(GuardAction::Refuse), Settings { read_only: true, ..Settings::default() }] {
        let stand = Stand::of(World::from_toml(WORLD).unwrap(), settings).await;
        let refused = stand.plan(redeploy(&stand.place("prod", "web").await)).await.unwrap();
        assert!(matches!(refused.guard, Guard::Refused(_)));
        let halt = stand.carry_out(&refused).await.unwrap_err();
        assert_eq!(halt.error.kind, Kind::Refused);
        // A plan that was made when it was allowed does no better.
        let late = change::Plan { guard: Guard::Ask, ..refused };
        assert!(stand.carry_out(&late).await.is_err());
        assert!(stand.changes().is_empty() && !stand.history().exists());
    }
}

#[tokio::test]
async fn of_several_the_rest_is_left_where_one_fails_and_all_of_it_is_said() {
    let stand = Stand::toml(WORLD).await;
    let (web, worker) = (stand.place("prod", "web").await, stand.place("prod", "worker").await);
    let plan = stand.plan(Wish::Redeploy { services: vec![worker, web] }).await.unwrap();
    stand.sim.fault(Fault::error("UpdateService", "AccessDeniedException", NOT_ALLOWED).matching("service/prod/web"));
    let halt = stand.carry_out(&plan).await.unwrap_err();
    let made: Vec<String> = halt.made.iter().map(Made::words).collect();
    assert_eq!(made, ["updated prod/worker"]);
    let hints = halt.error.hints.join("\n");
    assert!(
        hints.contains("done: updated prod/worker; not done: ecs:UpdateService (force a new deployment)"),
        "{hints}"
    );
    let history = audit::history(&stand.cx).unwrap();
    let (begun, ended) = &history.changes[0];
    let ended = ended.as_ref().unwrap();
    assert_eq!((&*begun.what, ended.result), ("Redeploy prod/worker, prod/web", Outcome::Failed));
    assert_eq!(ended.made, ["updated prod/worker"]);
    assert!(ended.why.as_ref().unwrap().contains("not allowed: ecs:UpdateService"), "{ended:?}");
}

#[tokio::test]
async fn who_breaks_off_makes_no_further_call() {
    let stand = Stand::toml(WORLD).await;
    let (web, worker) = (stand.place("prod", "web").await, stand.place("prod", "worker").await);
    let plan = stand.plan(Wish::Redeploy { services: vec![web, worker] }).await.unwrap();
    let mut calls = 0;
    let tell = |step: Step<'_>| {
        calls += usize::from(matches!(step, Step::Doing(_)));
        if calls > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let halt = change::carry_out(&stand.cx, &plan, tell).await.unwrap_err();
    assert_eq!((halt.made.len(), halt.unknown, stand.count("UpdateService")), (1, false, 1));
}

#[tokio::test]
async fn the_history_says_who_did_what_and_what_became_of_it() {
    let stand = Stand::toml(WORLD).await;
    let place = stand.place("prod", "web").await;
    stand.make(redeploy(&place)).await.unwrap();
    let history = audit::history(&stand.cx).unwrap();
    let [(begun, Some(ended))] = &history.changes[..] else { panic!("{history:?}") };
    assert!(begun.user.starts_with("mia (uid ") && begun.caller.as_ref().unwrap().starts_with("arn:aws:"), "{begun:?}");
    assert_eq!((&*begun.what, &*begun.region), ("Redeploy prod/web", "eu-west-1"));
    assert_eq!(begun.calls, ["ecs:UpdateService: force a new deployment"]);
    assert_eq!(begun.resources, [place.service.to_string()]);
    assert_eq!((ended.result, &ended.made[..]), (Outcome::Done, &["updated prod/web".to_owned()][..]));
}

#[tokio::test]
async fn a_history_that_cannot_be_written_is_said_and_stops_nothing() {
    let stand = Stand::toml(WORLD).await;
    let place = stand.place("prod", "web").await;
    let plan = stand.plan(redeploy(&place)).await.unwrap();
    fs::write(stand.home.path().join("state"), "a file").unwrap();
    let mut said = Vec::new();
    let tell = |step: Step<'_>| {
        if let Step::Notice(text) = step {
            said.push(text);
        }
        ControlFlow::Continue(())
    };
    change::carry_out(&stand.cx, &plan, tell).await.unwrap();
    assert_eq!((said.len(), stand.count("UpdateService")), (2, 1), "{said:?}");
    assert!(said[0].contains("changes.jsonl cannot be written"), "{said:?}");
}

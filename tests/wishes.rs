//! Each kind of change: what its plan says, what it asks of AWS, and what comes of it.

#![cfg(feature = "demo")]

mod common {
    pub(crate) mod stand;
    pub(crate) mod way;
}

use std::{collections::BTreeSet, ops::ControlFlow, time::Duration};

use common::stand::{Stand, name};
use ecsui::{
    config::Settings,
    model::{Arn, Attachment, EnvironmentValue, ImageWish},
    ops::{
        Error, Kind,
        change::{self, Made, Place, Step, Stop, Update, Verdict, Which, Whose, Wish},
        deployments::Outcome,
        ls,
    },
    sim::{Damage, Fault, World},
};
use serde_json::{Value, json};

const WORLD: &str = r#"
[[taskdef]]
family = "web"
revision = 8
first = 3
container = [{ image = "{registry}/web:{revision}", ports = [8080], env = { STAGE = "prod", API_TOKEN = "t0p" } }]

[[taskdef]]
family = "pair"
revision = 2
container = [
    { name = "app", image = "registry.example:5000/pair:1", ports = [8080] },
    { name = "proxy", image = "envoy:1", ports = [9901] },
]

[[cluster.prod.service]]
name = "web"
taskdef = "web:7"
desired = 2
scaling = { min = 2, max = 4, track = [{ metric = "cpu", target = 60 }] }

[[cluster.prod.service]]
name = "pair"
taskdef = "pair:2"
desired = 1
"#;

fn update(place: Place) -> Update {
    Update {
        place,
        whose: Whose::TheOne,
        image: None,
        set: Vec::new(),
        unset: Vec::new(),
        target_group: None,
        placement_group: None,
    }
}

fn image(text: &str) -> ImageWish {
    text.parse().expect("an image")
}

fn variable(name: &str, value: &str) -> EnvironmentValue {
    EnvironmentValue { name: name.to_owned(), value: value.to_owned() }
}

fn wish(update: Update) -> Wish {
    Wish::Update(Box::new(update))
}

fn said(error: &Error) -> String {
    std::iter::once(error.line()).chain(error.hints.iter().cloned()).collect::<Vec<_>>().join("\n")
}

/// Returns what a plan will change, a line each, secrets masked.
fn changes(plan: &change::Plan) -> Vec<String> {
    let line = |it: &ecsui::model::taskdef::diff::Difference| {
        let (before, after) = it.values(false);
        format!("{} {}: {} → {}", it.place, it.what, before.unwrap_or("–"), after.unwrap_or("–"))
    };
    plan.changes.iter().map(line).collect()
}

async fn stand() -> (Stand, Place, Place) {
    let stand = Stand::toml(WORLD).await;
    let (web, pair) = (stand.place("prod", "web").await, stand.place("prod", "pair").await);
    (stand, web, pair)
}

#[tokio::test]
async fn a_tag_makes_a_revision_and_the_service_gets_it() {
    let (stand, web, _) = stand().await;
    let plan = stand.plan(wish(Update { image: Some(image(":9")), ..update(web.clone()) })).await.unwrap();
    let registry = "482913007156.dkr.ecr.eu-west-1.amazonaws.com";
    assert_eq!(changes(&plan), [format!("container app image: {registry}/web:7 → {registry}/web:9")]);
    let actions: Vec<&str> = plan.calls.iter().map(|call| call.action).collect();
    assert_eq!(actions, ["ecs:RegisterTaskDefinition", "ecs:UpdateService"]);
    assert_eq!(plan.notes, ["web:8 is newer than web:7, which the service has and the new revision is made from"]);
    let done = stand.carry_out(&plan).await.unwrap();
    let [Made::Registered { definition, otherwise }, Made::Updated { before, definition: after, .. }] = &done.made[..]
    else {
        panic!("{done:?}");
    };
    assert_eq!((name(before.as_ref()), name(after.as_ref())), ("web:7", "web:9"));
    assert_eq!((definition.name(), otherwise.len()), ("web:9", 0));
    let body = stand.last("UpdateService");
    assert_eq!(
        body,
        json!({
            "cluster": web.cluster.as_str(), "service": web.service.as_str(), "taskDefinition": definition.as_str(),
        })
    );
}

#[tokio::test]
async fn of_several_containers_one_has_to_be_named() {
    let (stand, _, pair) = stand().await;
    let several = stand.plan(wish(Update { image: Some(image(":2")), ..update(pair.clone()) })).await.unwrap_err();
    assert_eq!(several.kind, Kind::Usage);
    assert_eq!(
        said(&several),
        "pair has several containers: app (registry.example:5000/pair:1), proxy (envoy:1)\nname one of them with --container"
    );
    let nobody = Update { whose: Whose::Named("web".to_owned()), image: Some(image(":2")), ..update(pair.clone()) };
    let nobody = stand.plan(wish(nobody)).await.unwrap_err();
    assert_eq!((nobody.kind, &*nobody.line()), (Kind::NotFound, "pair has no container \"web\""));
    let one = Update { whose: Whose::Named("app".to_owned()), image: Some(image(":2")), ..update(pair) };
    let plan = stand.plan(wish(one)).await.unwrap();
    assert_eq!(changes(&plan), ["container app image: registry.example:5000/pair:1 → registry.example:5000/pair:2"]);
    assert!(stand.changes().is_empty());
}

#[tokio::test]
async fn variables_are_set_and_unset_and_secret_ones_not_shown() {
    let (stand, web, _) = stand().await;
    let wanted = Update {
        set: vec![variable("API_TOKEN", "s3cr3t-new"), variable("NEW", "1=2")],
        unset: vec!["STAGE".to_owned(), "GONE".to_owned()],
        ..update(web)
    };
    let plan = stand.plan(wish(wanted)).await.unwrap();
    assert_eq!(
        changes(&plan),
        [
            "container app environment API_TOKEN: •••••• → ••••••",
            "container app environment NEW: – → 1=2",
            "container app environment STAGE: prod → –",
        ]
    );
    assert!(plan.notes.contains(&"container app has no variable GONE that could be taken away".to_owned()));
    let shown = format!("{plan:?}");
    assert!(!shown.contains("s3cr3t-new") && !shown.contains("t0p"), "{shown}");
    stand.carry_out(&plan).await.unwrap();
    let body = stand.last("RegisterTaskDefinition");
    let environment = body["containerDefinitions"][0]["environment"].as_array().unwrap().clone();
    let of = |name: &str| environment.iter().find(|it| it["name"] == name).map(|it| it["value"].clone());
    assert_eq!(
        (of("API_TOKEN"), of("NEW"), of("STAGE")),
        (Some("s3cr3t-new".into()), Some("1=2".into()), None::<Value>)
    );
    let history = std::fs::read_to_string(stand.history()).unwrap();
    assert!(!history.contains("s3cr3t-new"), "{history}");
}

#[tokio::test]
async fn what_would_change_nothing_is_not_done() {
    let (stand, web, _) = stand().await;
    let same = stand.plan(wish(Update { image: Some(image(":7")), ..update(web.clone()) })).await.unwrap_err();
    assert_eq!(same.kind, Kind::Refused);
    assert!(said(&same).contains("web:7 is like that already"), "{}", said(&same));
    let same = stand.plan(Wish::Scale { services: vec![web], desired: 2 }).await.unwrap_err();
    assert_eq!(same.line(), "nothing would be different: 2 tasks are wanted of prod/web already");
}

#[tokio::test]
async fn a_revision_is_registered_once_whatever_becomes_of_the_answer() {
    let error = |code: &str, status| {
        let damage = Damage::Error { code: code.to_owned(), message: "no".to_owned(), status };
        Fault::new("RegisterTaskDefinition", damage)
    };
    for (fault, calls) in [
        (Fault::new("RegisterTaskDefinition", Damage::Cut).times(1), 1),
        (error("ServerException", 500).times(1), 2),
        (error("ThrottlingException", 400).times(2), 3),
    ] {
        let (stand, web, _) = stand().await;
        let shown = format!("{fault:?}");
        stand.sim.fault(fault);
        let done = stand.make(wish(Update { image: Some(image(":9")), ..update(web.clone()) })).await.unwrap();
        let Made::Registered { definition, .. } = &done.made[0] else { panic!("{done:?}") };
        assert_eq!((definition.name(), stand.count("RegisterTaskDefinition")), ("web:9", calls), "{shown}");
        let family = stand.cx.clone();
        let revisions = ecsui::ops::taskdefs::revisions(&family, "web", false).await.unwrap();
        assert_eq!(revisions[0].arn.name(), "web:9", "{shown}: one revision, and no second one");
        assert_eq!(stand.count("UpdateService"), 1, "{shown}");
    }
}

#[tokio::test]
async fn an_update_that_fails_half_way_says_that_no_service_has_the_revision() {
    let (stand, web, _) = stand().await;
    let message = "User: mia is not authorized to perform: ecs:UpdateService on resource: x";
    stand.sim.fault(Fault::error("UpdateService", "AccessDeniedException", message));
    let halt = stand.make(wish(Update { image: Some(image(":9")), ..update(web) })).await.unwrap_err();
    let said = said(&halt.error);
    assert!(said.contains("not allowed: ecs:UpdateService on x"), "{said}");
    assert!(said.contains("done: registered web:9; not done: ecs:UpdateService"), "{said}");
    assert!(!halt.unknown);
}

#[tokio::test]
async fn a_task_definition_that_somebody_else_has_given_the_service_is_not_lost() {
    let (stand, web, _) = stand().await;
    let mine = stand.plan(wish(Update { image: Some(image(":mine")), ..update(web.clone()) })).await.unwrap();
    stand.make(wish(Update { image: Some(image(":theirs")), ..update(web) })).await.unwrap();
    let halt = stand.carry_out(&mine).await.unwrap_err();
    let what = "prod/web was changed meanwhile: its task definition was web:7 and is web:9";
    assert_eq!(halt.error.line(), what);
    assert_eq!(stand.changes().len(), 2, "nothing was registered in vain");
}

#[tokio::test]
async fn a_revision_that_was_registered_before_an_interruption_is_used_and_no_second_one() {
    let (stand, web, _) = stand().await;
    let wanted = || wish(Update { image: Some(image(":9")), ..update(web.clone()) });
    stand.sim.fault(Fault::error("UpdateService", "ServerException", "Service Unavailable"));
    stand.make(wanted()).await.unwrap_err();
    stand.sim.mend();
    let again = stand.plan(wanted()).await.unwrap();
    assert_eq!(again.calls.iter().map(|call| &*call.what).collect::<Vec<_>>(), ["give the service web:9"]);
    assert!(again.notes.iter().any(|note| note.contains("web:9 says all that already")), "{:?}", again.notes);
    stand.carry_out(&again).await.unwrap();
    assert_eq!(stand.count("RegisterTaskDefinition"), 1);
    assert_eq!(stand.last("UpdateService")["taskDefinition"].as_str().unwrap().rsplit_once('/').unwrap().1, "web:9");
}

#[tokio::test]
async fn who_changes_the_service_between_registering_and_updating_is_not_overruled() {
    let (stand, web, _) = stand().await;
    let mine = stand.plan(wish(Update { image: Some(image(":9")), ..update(web.clone()) })).await.unwrap();
    let theirs = stand.plan(Wish::Redeploy { services: vec![web] }).await.unwrap();
    // It is registered, and its answer is on its way.
    stand.sim.fault(Fault::delay("RegisterTaskDefinition", Duration::from_secs(1)).times(1));
    let meanwhile = async {
        while stand.count("RegisterTaskDefinition") == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        change::carry_out(&stand.cx, &theirs, |_| ControlFlow::Continue(())).await.unwrap();
    };
    let mine = change::carry_out(&stand.cx, &mine, |_| ControlFlow::Continue(()));
    let (mine, ()) = Box::pin(async { tokio::join!(mine, meanwhile) }).await;
    let halt = mine.unwrap_err();
    assert_eq!(halt.error.line(), "prod/web was changed meanwhile: another deployment has begun");
    let said = said(&halt.error);
    assert!(said.contains("done: registered web:9; not done: ecs:UpdateService"), "{said}");
    assert_eq!((stand.count("RegisterTaskDefinition"), stand.count("UpdateService"), halt.unknown), (1, 1, false));
}

#[tokio::test]
async fn tags_that_cannot_be_read_are_a_failed_check() {
    let (stand, web, _) = stand().await;
    stand.sim.fault(Fault::error("DescribeTaskDefinition", "AccessDeniedException", "no").matching("TAGS"));
    let plan = stand.plan(wish(Update { image: Some(image(":9")), ..update(web) })).await.unwrap();
    let failed: Vec<&str> = plan.failed_checks().map(|check| &*check.what).collect();
    assert_eq!(failed[0], "tags of the task definition are kept");
    stand.sim.mend();
    let plan = stand.plan(plan.wish).await.unwrap();
    let kept = !plan.failed_checks().any(|check| check.what == "tags of the task definition are kept");
    assert!(kept, "what was read before they could be is read anew");
}

#[tokio::test]
async fn another_target_group_takes_the_place_of_the_one_there_was() {
    let stand = Stand::of(World::demo(), Settings::default()).await;
    let place = stand.place("prod", "payments-api").await;
    let group = group_of(&stand, "prod", "payments-web").await;
    let wanted = Update { target_group: Some(group.clone()), ..update(place.clone()) };
    let plan = stand.plan(wish(wanted)).await.unwrap();
    assert_eq!(plan.calls.len(), 1, "no revision is needed");
    assert!(plan.checks.iter().all(|check| check.verdict == Verdict::Passed), "{:?}", plan.checks);
    stand.carry_out(&plan).await.unwrap();
    let sent = stand.last("UpdateService");
    assert_eq!(sent["loadBalancers"][0]["targetGroupArn"], group.as_str());
    assert_eq!(sent.get("taskDefinition"), None);
}

/// Returns the first target group of a service.
async fn group_of(stand: &Stand, cluster: &str, service: &str) -> Arn {
    let Place { cluster, service } = stand.place(cluster, service).await;
    let found = ls::service_details(&stand.cx, &cluster, &[service]).await.expect("the demo has it");
    let attachments = &found[0].detail.as_ref().expect("all of it is told").attachments;
    attachments.iter().find_map(Attachment::group).expect("it has one").clone()
}

#[tokio::test]
async fn a_target_group_that_could_lead_to_no_task_is_said_beforehand() {
    let stand = Stand::of(World::demo(), Settings::default()).await;
    let place = stand.place("prod", "payments-api").await;
    let elb = "arn:aws:elasticloadbalancing:eu-west-1:482913007156";
    let verdict = async |group: &str| {
        let wanted = Update { target_group: Some(group.parse().unwrap()), ..update(place.clone()) };
        let plan = stand.plan(wish(wanted)).await.map_err(|error| error.line())?;
        Ok::<_, String>(plan.checks.last().unwrap().verdict.clone())
    };
    let failed = |why: &str| Ok(Verdict::Failed(why.to_owned()));
    let gone = format!("{elb}:targetgroup/nope/0123456789abcdef");
    assert_eq!(verdict(&gone).await, failed("there is no such target group"));
    let elsewhere = gone.replace("eu-west-1", "eu-west-3");
    assert_eq!(verdict(&elsewhere).await, failed("the target group is in eu-west-3"));
    let on_hosts = group_of(&stand, "prod", "search").await;
    let wrong = failed("the target group takes targets of type instance, and these tasks are ip");
    assert_eq!(verdict(on_hosts.as_str()).await, wrong);
    let balancer = format!("{elb}:loadbalancer/app/front/0123456789abcdef");
    assert_eq!(verdict(&balancer).await, Err(format!("{balancer} is not the ARN of a target group")));
    let message = "User: arn:aws:iam::482913007156:user/demo is not authorized to perform: \
                   elasticloadbalancing:DescribeTargetGroups because no identity-based policy allows it";
    stand.sim.fault(Fault::error("DescribeTargetGroups", "AccessDenied", message));
    let Ok(Verdict::Unknown(why)) = verdict(&gone).await else { panic!("it may not be looked at") };
    assert!(why.contains("elasticloadbalancing:DescribeTargetGroups"), "{why}");
}

#[tokio::test]
async fn what_requests_are_shifted_with_stays_where_a_target_group_is_another() {
    let elb = "arn:aws:elasticloadbalancing:eu-west-1:482913007156";
    let advanced = json!({
        "alternateTargetGroupArn": format!("{elb}:targetgroup/green/0123456789abcdef"),
        "productionListenerRule": format!("{elb}:listener-rule/app/front/1/2/3"),
        "testListenerRule": format!("{elb}:listener-rule/app/front/1/2/4"),
        "roleArn": "arn:aws:iam::482913007156:role/shift",
    });
    let words = |name: &str| advanced[name].as_str().unwrap();
    let targets = format!(
        r#"desired = 1
targets = [
    {{ group = "blue", container = "app", port = 8080, advanced = {{ alternateTargetGroupArn = "{}", productionListenerRule = "{}", testListenerRule = "{}", roleArn = "{}" }} }},
    {{ group = "side", container = "proxy", port = 9901 }},
]"#,
        words("alternateTargetGroupArn"),
        words("productionListenerRule"),
        words("testListenerRule"),
        words("roleArn"),
    );
    let stand = Stand::toml(&WORLD.replacen("desired = 1", &targets, 1)).await;
    let pair = stand.place("prod", "pair").await;
    let group = format!("{elb}:targetgroup/other/0123456789abcdef");
    stand.sim.fault(Fault::error("UpdateService", "InvalidParameterException", "no such group"));
    for (container, moved) in [("proxy", 1), ("app", 0)] {
        let whose = Whose::Named(container.to_owned());
        let wanted = Update { whose, target_group: Some(group.parse().unwrap()), ..update(pair.clone()) };
        let plan = stand.plan(wish(wanted)).await.unwrap();
        assert_eq!(plan.notes.len(), 1 - moved, "{:?}", plan.notes);
        stand.carry_out(&plan).await.unwrap_err();
        let sent = &stand.last("UpdateService")["loadBalancers"];
        assert_eq!(sent[moved]["targetGroupArn"], group, "{sent}");
        assert_eq!(
            (&sent[0]["advancedConfiguration"], sent[1].get("advancedConfiguration")),
            (&advanced, None),
            "{sent}"
        );
    }
}

#[tokio::test]
async fn a_rolling_stop_goes_on_where_fewer_tasks_are_wanted_meanwhile() {
    let (stand, web, _) = stand().await;
    let each = Stop { which: Which::EachOf(web.clone()), reason: Stop::REASON.to_owned() };
    let stop = stand.plan(Wish::Stop(each)).await.unwrap();
    let fewer = stand.plan(Wish::Scale { services: vec![web], desired: 1 }).await.unwrap();
    let waits = tokio::sync::Notify::new();
    let stopping = change::carry_out(&stand.cx, &stop, |step| {
        if matches!(step, Step::Waiting(_)) {
            waits.notify_one();
        }
        ControlFlow::Continue(())
    });
    let scaling = async {
        waits.notified().await;
        change::carry_out(&stand.cx, &fewer, |_| ControlFlow::Continue(())).await
    };
    let (stopped, scaled) = stand.patiently(async { tokio::join!(stopping, scaling) }).await;
    scaled.unwrap();
    assert_eq!(stopped.unwrap().made.len(), 2);
}

#[tokio::test]
async fn autoscaling_that_fights_a_scale_is_named() {
    let (stand, web, pair) = stand().await;
    let plan = stand.plan(Wish::Scale { services: vec![web.clone()], desired: 9 }).await.unwrap();
    assert_eq!(changes(&plan), ["service web tasks wanted: 2 → 9"]);
    let why = "it keeps at most 4, and scales in to that again: change its maximum first";
    assert_eq!(plan.checks[0].verdict, Verdict::Failed(why.to_owned()));
    assert_eq!(plan.notes, ["autoscaling goes on scaling web between 2 and 4 tasks"]);
    let plan = stand.plan(Wish::Scale { services: vec![web, pair], desired: 3 }).await.unwrap();
    assert_eq!(plan.checks.len(), 1, "what is not scaled has no limits");
    assert_eq!(plan.checks[0].verdict, Verdict::Passed);
    stand.sim.fault(Fault::error("DescribeScalableTargets", "AccessDeniedException", "no"));
    let denied = stand.plan(plan.wish.clone()).await.unwrap();
    assert!(matches!(denied.checks[0].verdict, Verdict::Unknown(_)), "{:?}", denied.checks);
    stand.sim.mend();
    let done = stand.carry_out(&plan).await.unwrap();
    let Made::Updated { place, deploys, desired, .. } = &done.made[0] else { panic!("{done:?}") };
    assert_eq!((*deploys, *desired, stand.last("UpdateService")["desiredCount"].clone()), (false, 3, json!(3)));
    let (outcome, seen) = stand.patiently(change::follow(&stand.cx, &done.made[0], place, |_| ())).await.unwrap();
    assert_eq!((outcome, seen.service.detail.unwrap().running), (Outcome::Completed, 3));
}

#[tokio::test]
async fn what_another_controller_deploys_is_refused_before_anything_is_done() {
    let others = r#"
[[cluster.prod.service]]
name = "blue"
taskdef = "web:6"
controller = "CODE_DEPLOY"

[[cluster.prod.service]]
name = "made"
taskdef = "web:6"
controller = "EXTERNAL"
"#;
    let stand = Stand::toml(&(WORLD.to_owned() + others)).await;
    let web = stand.place("prod", "web").await;
    let group = "arn:aws:elasticloadbalancing:eu-west-1:482913007156:targetgroup/other/0123456789abcdef";
    for (name, controller) in [("blue", "CODE_DEPLOY"), ("made", "EXTERNAL")] {
        let place = stand.place("prod", name).await;
        let services = vec![web.clone(), place.clone()];
        let before = stand.changes();
        for wish in [
            wish(Update { image: Some(image(":9")), ..update(place.clone()) }),
            wish(Update { target_group: Some(group.parse().unwrap()), ..update(place.clone()) }),
            Wish::Redeploy { services: services.clone() },
            Wish::EnableExec { services },
            Wish::RollBack { service: place.clone() },
        ] {
            let error = stand.plan(wish).await.unwrap_err();
            let what =
                format!("prod/{name} has the deployment controller {controller}, and ECS begins no deployment of it");
            assert_eq!((error.kind, error.line()), (Kind::Refused, what));
        }
        assert_eq!(stand.changes(), before);
        // How many are wanted is ECS's to change all the same.
        let done = stand.make(Wish::Scale { services: vec![place.clone()], desired: 2 }).await.unwrap();
        let follow = stand.patiently(change::follow(&stand.cx, &done.made[0], &place, |_| ()));
        assert_eq!(follow.await.unwrap().0, Outcome::Completed);
    }
}

#[tokio::test]
async fn of_a_daemon_no_number_is_wanted() {
    let stand = Stand::of(World::demo(), Settings::default()).await;
    let place = stand.place("prod", "node-exporter").await;
    let error = stand.plan(Wish::Scale { services: vec![place.clone()], desired: 2 }).await.unwrap_err();
    let what =
        "prod/node-exporter has the scheduling strategy DAEMON: a task on each container instance, and no number";
    assert_eq!((error.kind, &*error.line()), (Kind::Refused, what));
    assert!(stand.plan(Wish::Redeploy { services: vec![place] }).await.is_ok());
}

#[tokio::test]
async fn a_count_that_aws_shows_a_moment_late_is_not_taken_for_somebody_elses() {
    let (stand, _, pair) = stand().await;
    let done = stand.make(Wish::Scale { services: vec![pair.clone()], desired: 3 }).await.unwrap();
    let stale = json!({ "services": [{
        "serviceArn": pair.service.as_str(), "serviceName": "pair", "status": "ACTIVE", "desiredCount": 1,
        "runningCount": 1,
    }] });
    stand.sim.fault(Fault::new("DescribeServices", Damage::Garbage(stale.to_string())).times(1));
    let follow = stand.patiently(change::follow(&stand.cx, &done.made[0], &pair, |_| ()));
    let (outcome, seen) = follow.await.unwrap();
    assert_eq!((outcome, seen.service.detail.unwrap().running), (Outcome::Completed, 3));
    // Another number that stays is somebody else's.
    let done = stand.make(Wish::Scale { services: vec![pair.clone()], desired: 2 }).await.unwrap();
    stand.make(Wish::Scale { services: vec![pair.clone()], desired: 1 }).await.unwrap();
    let follow = stand.patiently(change::follow(&stand.cx, &done.made[0], &pair, |_| ()));
    assert_eq!(follow.await.unwrap().0, Outcome::Superseded);
}

/// Gives the service an image, and returns what became of it by who follows it.
async fn deployed(stand: &Stand, place: &Place, tag: &str) -> Outcome {
    let wanted = Update { image: Some(image(tag)), ..update(place.clone()) };
    let done = stand.make(wish(wanted)).await.expect("it is made");
    let follow =
        stand.patiently(change::follow(&stand.cx, done.made.last().expect("something was made"), place, |_| ()));
    let (outcome, _) = follow.await.expect("it can be followed");
    stand.advance(Duration::from_mins(1));
    outcome
}

#[tokio::test]
async fn what_is_followed_is_what_was_made_while_the_history_still_ends_with_what_was_rolled_back() {
    Box::pin(follow_what_was_made("rollback", Outcome::RolledBack)).await;
}

#[tokio::test]
async fn what_is_followed_is_what_was_made_while_the_history_still_ends_with_what_has_failed() {
    Box::pin(follow_what_was_made("on", Outcome::Failed)).await;
}

/// Lets three deployments come out as they do under such a circuit breaker, the history being late.
async fn follow_what_was_made(breaker: &str, given_up: Outcome) {
    let late = format!("history_lag = \"20s\"\n{WORLD}");
    let late = late.replacen("desired = 2", &format!("desired = 2\nbreaker = \"{breaker}\""), 1);
    let mut world = World::from_toml(&late).expect("it is one");
    world.push_crashing_image("web", "bad", 3, Duration::from_secs(2));
    let stand = Stand::of(world, Settings::default()).await;
    let web = stand.place("prod", "web").await;
    // After one that was successful, after one that was given up, and after another such one.
    assert_eq!(deployed(&stand, &web, ":bad").await, given_up);
    assert_eq!(deployed(&stand, &web, ":6").await, Outcome::Completed);
    assert_eq!(deployed(&stand, &web, ":bad").await, given_up);
}

#[tokio::test]
async fn a_newer_deployment_that_the_history_tells_of_late_takes_over() {
    let stand = Stand::toml(&format!("history_lag = \"20s\"\n{WORLD}")).await;
    let web = stand.place("prod", "web").await;
    let mut made = Vec::new();
    for tag in [":5", ":6"] {
        let done = stand.make(wish(Update { image: Some(image(tag)), ..update(web.clone()) })).await.unwrap();
        made.push(done.made[1].clone());
        stand.advance(Duration::from_secs(5));
    }
    for (made, expected) in made.iter().zip([Outcome::Superseded, Outcome::Completed]) {
        let follow = stand.patiently(change::follow(&stand.cx, made, &web, |_| ()));
        assert_eq!(follow.await.unwrap().0, expected);
    }
}

#[tokio::test]
async fn without_a_circuit_breaker_it_is_judged_as_one_would() {
    let mut world = World::from_toml(&WORLD.replacen("desired = 2", "desired = 2\nbreaker = \"off\"", 1)).unwrap();
    world.push_crashing_image("web", "bad", 3, Duration::from_secs(2));
    let stand = Stand::of(world, Settings::default()).await;
    let web = stand.place("prod", "web").await;
    let done = stand.make(wish(Update { image: Some(image(":bad")), ..update(web.clone()) })).await.unwrap();
    let follow = stand.patiently(change::follow(&stand.cx, &done.made[1], &web, |_| ()));
    let (outcome, seen) = follow.await.unwrap();
    let failed = seen.progress().failed;
    assert!(outcome == Outcome::Failing && failed >= 3, "{outcome:?} {failed}");
    let why = format!("{failed} tasks failed and the service has no circuit breaker: AWS goes on trying");
    assert_eq!(seen.why_failing(), why);
    // It can be rolled back, though it goes on failing until that is done.
    let back = stand.make(Wish::RollBack { service: web.clone() }).await.unwrap();
    let follow = stand.patiently(change::follow(&stand.cx, &back.made[0], &web, |_| ()));
    assert_eq!(follow.await.unwrap().0, Outcome::Completed);
}

#[tokio::test]
async fn a_deployment_under_way_is_rolled_back_by_ecs() {
    let (stand, web, _) = stand().await;
    stand.make(wish(Update { image: Some(image(":9")), ..update(web.clone()) })).await.unwrap();
    let plan = stand.plan(Wish::RollBack { service: web.clone() }).await.unwrap();
    assert_eq!(plan.title, "Roll back the deployment of prod/web that is under way");
    assert_eq!(changes(&plan)[0], "service web task definition: web:9 → web:7");
    assert_eq!(plan.calls[0].action, "ecs:StopServiceDeployment");
    // The answer is lost: it is found out that it was done.
    stand.sim.fault(Fault::new("StopServiceDeployment", Damage::Cut).times(1));
    let done = stand.carry_out(&plan).await.unwrap();
    assert_eq!(stand.count("StopServiceDeployment"), 1);
    let (outcome, seen) = stand.patiently(change::follow(&stand.cx, &done.made[0], &web, |_| ())).await.unwrap();
    assert_eq!(outcome, Outcome::Completed, "to be rolled back is what was wanted");
    assert_eq!(name(seen.primary().unwrap().task_definition.as_ref()), "web:7");
    let again = stand.plan(Wish::RollBack { service: web }).await;
    assert_eq!(again.unwrap().calls[0].action, "ecs:UpdateService");
}

#[tokio::test]
async fn of_a_deployment_that_is_over_the_definition_before_comes_back() {
    let (stand, web, _) = stand().await;
    let done = stand.make(wish(Update { image: Some(image(":6")), ..update(web.clone()) })).await.unwrap();
    let (outcome, _) = stand.patiently(change::follow(&stand.cx, &done.made[1], &web, |_| ())).await.unwrap();
    assert_eq!(outcome, Outcome::Completed);
    let plan = stand.plan(Wish::RollBack { service: web.clone() }).await.unwrap();
    assert_eq!(
        (&*plan.title, &*changes(&plan)[0]),
        ("Roll prod/web back to web:7", "service web task definition: web:9 → web:7")
    );
    assert_eq!(plan.checks[0].verdict, Verdict::Passed);
    let done = stand.carry_out(&plan).await.unwrap();
    let Made::Updated { definition, .. } = &done.made[0] else { panic!("{done:?}") };
    assert_eq!(name(definition.as_ref()), "web:7");
}

#[tokio::test]
async fn without_a_history_the_revision_before_comes_back() {
    let (stand, web, _) = stand().await;
    let nothing = Damage::Garbage("{\"serviceDeployments\":[]}".to_owned());
    stand.sim.fault(Fault::new("ListServiceDeployments", nothing));
    let plan = stand.plan(Wish::RollBack { service: web }).await.unwrap();
    assert_eq!(plan.title, "Roll prod/web back to web:6");
    assert!(plan.notes[0].contains("ECS remembers no deployment before"), "{:?}", plan.notes);
    assert_eq!(plan.checks[0].what, "web:6 ran before");
    assert!(matches!(plan.checks[0].verdict, Verdict::Failed(_)), "{:?}", plan.checks);
}

#[tokio::test]
async fn after_a_redeployment_what_ran_before_both_comes_back_and_no_revision_that_never_ran() {
    let (stand, web, _) = stand().await;
    let redeploy = async || {
        let done = stand.make(Wish::Redeploy { services: vec![web.clone()] }).await.unwrap();
        let follow = change::follow(&stand.cx, &done.made[0], &web, |_| ());
        assert_eq!(stand.patiently(follow).await.unwrap().0, Outcome::Completed);
    };
    redeploy().await;
    let guess = stand.plan(Wish::RollBack { service: web.clone() }).await.unwrap();
    assert_eq!(guess.title, "Roll prod/web back to web:6");
    let same = "the newest deployment changed nothing about the task definition: web:7 ran before it too";
    assert_eq!(guess.notes[1], same);
    let failed: Vec<&str> = guess.failed_checks().map(|check| &*check.what).collect();
    assert_eq!(failed, ["web:6 ran before"]);
    // What was completed before it is known, and comes back.
    let done = stand.make(wish(Update { image: Some(image(":6")), ..update(web.clone()) })).await.unwrap();
    stand.patiently(change::follow(&stand.cx, &done.made[1], &web, |_| ())).await.unwrap();
    redeploy().await;
    let back = stand.plan(Wish::RollBack { service: web.clone() }).await.unwrap();
    assert_eq!((&*back.title, back.failed_checks().count()), ("Roll prod/web back to web:7", 0));
    assert_eq!(back.notes[1], same.replace("web:7", "web:9"));
}

#[tokio::test]
async fn a_revision_that_never_ran_does_not_come_back_where_the_history_may_not_be_read() {
    let (stand, web, _) = stand().await;
    stand.sim.fault(Fault::error("ListServiceDeployments", "AccessDeniedException", "no"));
    let done = stand.make(wish(Update { image: Some(image(":6")), ..update(web.clone()) })).await.unwrap();
    // web:8 was registered and never deployed.
    let back = stand.plan(Wish::RollBack { service: web.clone() }).await.unwrap();
    assert_eq!(changes(&back)[0], "service web task definition: web:9 → web:7");
    assert_eq!(back.notes[0], "web:7 is what the deployment has that is being replaced");
    assert_eq!(back.failed_checks().count(), 0, "{:?}", back.checks);
    // Once that is gone only the numbers are left, and somebody has to agree to the guess.
    stand.patiently(change::follow(&stand.cx, &done.made[1], &web, |_| ())).await.unwrap();
    let guess = stand.plan(Wish::RollBack { service: web }).await.unwrap();
    assert_eq!(guess.notes[0], "web:8 is the ACTIVE revision before, for the deployments cannot be read");
    let failed: Vec<&str> = guess.failed_checks().map(|check| &*check.what).collect();
    assert_eq!(failed, ["web:8 ran before"]);
}

#[tokio::test]
async fn exec_is_enabled_with_the_deployment_that_it_needs_and_only_once() {
    let stand = Stand::toml(&WORLD.replacen("desired = 2", "desired = 2\nexec = false", 1)).await;
    let wish = Wish::EnableExec { services: vec![stand.place("prod", "web").await] };
    let plan = stand.plan(wish.clone()).await.unwrap();
    assert_eq!(changes(&plan), ["service web exec: disabled → enabled"]);
    assert!(plan.notes[0].starts_with("all tasks are replaced"), "{:?}", plan.notes);
    stand.carry_out(&plan).await.unwrap();
    let body = stand.last("UpdateService");
    assert_eq!((&body["enableExecuteCommand"], &body["forceNewDeployment"]), (&json!(true), &json!(true)));
    let on = stand.plan(wish).await.unwrap_err();
    assert_eq!((on.kind, &*on.line()), (Kind::Refused, "exec is enabled for prod/web already"));
    assert!(
        said(&on).contains("2 tasks of prod/web are from before: `ecsui redeploy prod/web` replaces them"),
        "{}",
        said(&on)
    );
}

#[tokio::test]
async fn a_deployment_is_followed_with_its_events_and_the_reasons_of_tasks_that_fail() {
    let mut world = World::from_toml(&WORLD.replacen("desired = 2", "desired = 2\nbreaker = \"rollback\"", 1)).unwrap();
    world.push_crashing_image("web", "bad", 3, Duration::from_secs(2));
    let stand = Stand::of(world, Settings::default()).await;
    let web = stand.place("prod", "web").await;
    let done = stand.make(wish(Update { image: Some(image(":bad")), ..update(web.clone()) })).await.unwrap();
    let (mut events, mut statuses, mut failures) = (Vec::new(), Vec::new(), Vec::new());
    let report = |news: change::News<'_>| {
        events.extend(news.events.iter().map(|event| event.said().to_owned()));
        statuses.extend(news.statuses);
        failures.extend(news.failures.into_iter().map(|(_, why)| why));
    };
    let (outcome, _) = stand.patiently(change::follow(&stand.cx, &done.made[1], &web, report)).await.unwrap();
    assert_eq!(outcome, Outcome::RolledBack);
    assert!(!failures.is_empty() && failures.iter().all(|why| why.contains('3')), "{failures:?}");
    assert!(events.iter().any(|event| event.contains("has started")), "{events:?}");
    // The new tasks alone, each status of each once.
    let told: BTreeSet<_> = statuses.iter().collect();
    assert_eq!(told.len(), statuses.len(), "{statuses:?}");
}

/// What was told while something was followed: events, failures, and how many failed by each look.
#[derive(Default)]
struct Told {
    events: Vec<String>,
    failures: Vec<String>,
    failed: Vec<u32>,
}

/// Follows what was made to its end.
async fn told(stand: &Stand, made: &Made, place: &Place) -> (Outcome, Told) {
    let mut told = Told::default();
    let report = |news: change::News<'_>| {
        told.events.extend(news.events.iter().map(|event| event.id.to_string()));
        told.failures.extend(news.failures.into_iter().map(|(_, why)| why));
        told.failed.push(news.seen.progress().failed);
    };
    let follow = stand.patiently(change::follow(&stand.cx, made, place, report));
    let (outcome, _) = Box::pin(follow).await.expect("it can be followed");
    (outcome, told)
}

#[tokio::test]
async fn a_deployment_after_one_that_was_rolled_back_tells_of_its_own_failures() {
    tell_of_their_own("rollback", Outcome::RolledBack).await;
}

#[tokio::test]
async fn a_deployment_after_one_that_failed_tells_of_its_own_failures() {
    tell_of_their_own("on", Outcome::Failed).await;
}

/// Lets two deployments fail and a third be completed under such a circuit breaker: each tells of its own failures.
async fn tell_of_their_own(breaker: &str, ends: Outcome) {
    let toml = WORLD.replacen("desired = 2", &format!("desired = 2\nbreaker = \"{breaker}\""), 1);
    let mut world = World::from_toml(&toml).expect("it is one");
    world.push_crashing_image("web", "bad", 3, Duration::from_secs(2));
    world.push_crashing_image("web", "worse", 5, Duration::from_secs(2));
    let stand = Stand::of(world, Settings::default()).await;
    let web = stand.place("prod", "web").await;
    for (tag, code, other) in [(":bad", '3', '5'), (":worse", '5', '3')] {
        let done =
            stand.make(wish(Update { image: Some(image(tag)), ..update(web.clone()) })).await.expect("it is made");
        let (outcome, told) = told(&stand, &done.made[1], &web).await;
        assert_eq!((outcome, told.failed[0]), (ends, 0), "{breaker} {tag}");
        assert!(told.failed.last() >= Some(&3), "{breaker} {tag}: {:?}", told.failed);
        assert!(told.failures.len() >= 3, "{breaker} {tag}: {:?}", told.failures);
        let tells = |code: char| told.failures.iter().any(|why| why.contains(code));
        assert!(tells(code) && !tells(other), "{breaker} {tag}: {:?}", told.failures);
    }
    let done = stand.make(wish(Update { image: Some(image(":6")), ..update(web.clone()) })).await.expect("it is made");
    let (outcome, told) = told(&stand, &done.made[1], &web).await;
    assert_eq!((outcome, told.failures), (Outcome::Completed, Vec::new()), "{breaker}");
    assert!(told.failed.iter().all(|failed| *failed == 0), "{breaker}: {:?}", told.failed);
}

#[tokio::test]
async fn what_begins_no_deployment_tells_of_nothing_that_was_before() {
    let (stand, web, _) = stand().await;
    let done = stand.make(wish(Update { image: Some(image(":6")), ..update(web.clone()) })).await.unwrap();
    let (_, before) = told(&stand, &done.made[1], &web).await;
    assert!(!before.events.is_empty());
    let done = stand.make(Wish::Scale { services: vec![web.clone()], desired: 4 }).await.unwrap();
    let (outcome, now) = told(&stand, &done.made[0], &web).await;
    assert_eq!(outcome, Outcome::Completed);
    assert!(!now.events.is_empty(), "two tasks were started");
    assert!(now.events.iter().all(|event| !before.events.contains(event)), "{:?} {:?}", before.events, now.events);
}

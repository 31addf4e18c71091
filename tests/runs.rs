//! Tasks stopped and run by hand, and definitions registered: what the plans say, what is asked of AWS, once, and what
//! comes of it, whatever goes wrong with a call.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod common {
    pub(crate) mod stand;
    pub(crate) mod way;
}

use std::{ops::ControlFlow, time::Duration};

use common::stand::Stand;
use ecsui::{
    config::{GuardAction, GuardRule, Settings},
    model::{Arn, EnvironmentValue, taskdef::Document},
    ops::{
        Error, Kind,
        change::{
            self, Done, Guard, Halt, Made, Network, Place, Plan, Registration, Run, Step, Stop, TaskPlace, Verdict,
            Which, Wish,
        },
        find, ls,
    },
    sim::{Damage, Fault, World},
};
use serde_json::{Value, json};

const WORLD: &str = r#"
[[taskdef]]
family = "web"
revision = 8
container = [{ image = "{registry}/web:{revision}", ports = [8080], env = { STAGE = "prod" } }]

[[taskdef]]
family = "job"
revision = 3
runs = { for = "9s", exit = 4, says = ["reading", "giving up"] }
container = [{ image = "{registry}/job:{revision}", command = ["settle"] }]

[[taskdef]]
family = "pair"
container = [{ image = "{registry}/pair:1" }, { name = "side", image = "side:1", essential = false }]

[[taskdef]]
family = "heavy"
launch = "EC2"
network = "bridge"
cpu = 1024
memory = 6000
container = [{ image = "{registry}/heavy:1" }]

[[cluster.prod.service]]
name = "web"
taskdef = "web:8"
desired = 3

[[cluster.prod.service]]
name = "lonely"
taskdef = "web:8"
desired = 1

[[cluster.prod.instance]]
"#;

fn said(error: &Error) -> String {
    std::iter::once(error.line()).chain(error.hints.iter().cloned()).collect::<Vec<_>>().join("\n")
}

/// Returns what a plan will change, a line each, secrets masked.
fn changes(plan: &Plan) -> Vec<String> {
    let line = |it: &ecsui::model::taskdef::diff::Difference| {
        let (before, after) = it.values(false);
        format!("{} {}: {} → {}", it.place, it.what, before.unwrap_or("–"), after.unwrap_or("–"))
    };
    plan.changes.iter().map(line).collect()
}

fn stop(which: Which) -> Wish {
    Wish::Stop(Stop { which, reason: "enough".to_owned() })
}

async fn tasks_of(stand: &Stand, place: &Place) -> Vec<Arn> {
    let tasks = ls::tasks(&stand.cx, &place.cluster, Some(&place.service)).await.unwrap();
    tasks.into_iter().map(|task| task.arn).collect()
}

async fn web() -> (Stand, Place, Vec<TaskPlace>) {
    let stand = Stand::toml(WORLD).await;
    let place = stand.place("prod", "web").await;
    let task = |task| TaskPlace { cluster: place.cluster.clone(), task };
    let tasks = tasks_of(&stand, &place).await.into_iter().map(task).collect();
    (stand, place, tasks)
}

async fn run_of(stand: &Stand, definition: &str) -> Run {
    Run {
        cluster: find::cluster(&stand.cx, "prod").await.unwrap(),
        definition: definition.to_owned(),
        count: 1,
        like: None,
        network: Network::default(),
        container: None,
        command: Vec::new(),
        environment: Vec::new(),
        started_by: "ecsui".to_owned(),
    }
}

fn running(run: Run) -> Wish {
    Wish::Run(Box::new(run))
}

fn written(value: &Value) -> Wish {
    let read = Document::read(&value.to_string()).unwrap();
    Wish::Register(Box::new(Registration { document: read.document, dropped: read.dropped }))
}

#[tokio::test]
async fn a_task_is_stopped_and_what_follows_is_said() {
    let (stand, place, tasks) = web().await;
    let plan = stand.plan(stop(Which::These(vec![tasks[0].clone(), tasks[0].clone()]))).await.unwrap();
    let id = tasks[0].task.short();
    assert_eq!(plan.title, format!("Stop task {id} of prod/web"));
    assert_eq!(changes(&plan), [format!("task {id} of prod/web status: RUNNING → STOPPED")]);
    let follows = "service prod/web starts another in its place; `ecsui scale prod/web N` changes how many it wants";
    assert_eq!(plan.notes, [follows]);
    assert_eq!(plan.resources(), [tasks[0].task.to_string()]);
    let done = stand.carry_out(&plan).await.unwrap();
    assert_eq!(done.made, [Made::Stopped { place: tasks[0].clone(), service: Some("web".into()) }]);
    assert_eq!(
        stand.last("StopTask"),
        json!({ "cluster": place.cluster.as_str(), "task": tasks[0].task.as_str(), "reason": "enough" })
    );
    let again = stand.plan(stop(Which::These(vec![tasks[0].clone()]))).await.unwrap_err();
    assert_eq!((again.kind, stand.count("StopTask")), (Kind::Refused, 1));
    assert!(said(&again).contains(&format!("nothing would be different: task {id} is stopping already")), "{again:?}");
}

#[tokio::test]
async fn several_are_stopped_and_those_that_are_gone_are_named() {
    let (stand, place, tasks) = web().await;
    let plan = stand.plan(stop(Which::These(tasks[..2].to_vec()))).await.unwrap();
    assert!(plan.notes[0].contains("starts 2 others in their place"), "{:?}", plan.notes);
    stand.carry_out(&plan).await.unwrap();
    assert_eq!(stand.count("StopTask"), 2);
    let gone = format!("{}0000", &tasks[0].task.as_str()[..tasks[0].task.as_str().len() - 4]);
    let gone = TaskPlace { cluster: place.cluster, task: gone.parse().unwrap() };
    let error = stand.plan(stop(Which::These(vec![gone]))).await.unwrap_err();
    assert_eq!((error.kind, error.line().ends_with("is gone")), (Kind::NotFound, true), "{error:?}");
}

#[tokio::test]
async fn all_tasks_of_a_service_are_stopped_at_once_and_others_come() {
    let (stand, place, tasks) = web().await;
    let plan = stand.plan(stop(Which::AllOf(place.clone()))).await.unwrap();
    assert_eq!((&*plan.title, plan.calls.len()), ("Stop all 3 tasks of prod/web", 3));
    assert!(plan.notes[1].contains("`ecsui redeploy prod/web` leaves no such gap"), "{:?}", plan.notes);
    stand.carry_out(&plan).await.unwrap();
    stand.advance(std::time::Duration::from_mins(5));
    let now = tasks_of(&stand, &place).await;
    assert!(now.len() == 3 && tasks.iter().all(|old| !now.contains(&old.task)), "{now:?}");
}

#[tokio::test]
async fn rolling_waits_each_time_until_as_many_run_as_before() {
    let (stand, place, tasks) = web().await;
    let plan = stand.plan(stop(Which::EachOf(place.clone()))).await.unwrap();
    assert_eq!(plan.checks[0].verdict, Verdict::Passed);
    let mut heard: Vec<String> = Vec::new();
    let tell = |step: Step<'_>| {
        heard.push(match step {
            Step::Doing(_) => "stop".to_owned(),
            Step::Waiting(text) => text.to_owned(),
            Step::Did(_) | Step::Notice(_) => return ControlFlow::Continue(()),
        });
        ControlFlow::Continue(())
    };
    let done = stand.patiently(change::carry_out(&stand.cx, &plan, tell)).await.unwrap();
    assert_eq!((done.made.len(), stand.count("StopTask")), (3, 3));
    let waits: Vec<&[String]> = heard.split(|text| text == "stop").skip(1).collect();
    assert!(waits.iter().all(|waited| waited[0].ends_with(" is DEACTIVATING")), "{heard:?}");
    assert!(heard.contains(&"2 of 3 tasks of prod/web run".to_owned()), "{heard:?}");
    assert!(waits.iter().all(|waited| waited.last().unwrap() == "3 of 3 tasks of prod/web run"), "{heard:?}");
    assert_eq!(waits.len(), 3);
    let now = tasks_of(&stand, &place).await;
    assert!(now.len() == 3 && tasks.iter().all(|old| !now.contains(&old.task)), "{now:?}");
}

#[tokio::test]
async fn rolling_gives_up_where_the_count_does_not_come_back_and_stops_no_more() {
    let (stand, place, _) = web().await;
    let plan = stand.plan(stop(Which::EachOf(place))).await.unwrap();
    // What is started from now on ends at once.
    stand.sim.edit(|world| world.push_crashing_image("web", "8", 1, Duration::ZERO));
    let halt = stand.carry_out(&plan).await.unwrap_err();
    assert_eq!(halt.error.line(), "prod/web does not run 3 tasks again after 10 minutes");
    assert_eq!((halt.made.len(), halt.unknown, stand.count("StopTask")), (1, false, 1));
    assert!(said(&halt.error).contains("not done: ecs:StopTask"), "{}", said(&halt.error));
}

#[tokio::test]
async fn rolling_goes_on_where_fewer_are_wanted_meanwhile() {
    let (stand, place, _) = web().await;
    let plan = stand.plan(stop(Which::EachOf(place.clone()))).await.unwrap();
    stand.make(Wish::Scale { services: vec![place], desired: 2 }).await.unwrap();
    assert_eq!(stand.carry_out(&plan).await.unwrap().made.len(), 3);
}

#[tokio::test]
async fn rolling_ends_when_nobody_waits_any_longer() {
    let (stand, place, _) = web().await;
    let plan = stand.plan(stop(Which::EachOf(place))).await.unwrap();
    let tell = |step: Step<'_>| match step {
        Step::Waiting(_) => ControlFlow::Break(()),
        Step::Doing(_) | Step::Did(_) | Step::Notice(_) => ControlFlow::Continue(()),
    };
    let halt = stand.patiently(change::carry_out(&stand.cx, &plan, tell)).await.unwrap_err();
    assert_eq!((halt.made.len(), stand.count("StopTask")), (1, 1));
}

#[tokio::test]
async fn rolling_wants_two_tasks_at_least() {
    let (stand, ..) = web().await;
    let lonely = stand.place("prod", "lonely").await;
    let error = stand.plan(stop(Which::EachOf(lonely))).await.unwrap_err();
    assert_eq!(error.kind, Kind::Refused);
    assert!(said(&error).contains("prod/lonely has 1 task") && said(&error).contains("ecsui redeploy"), "{error:?}");
}

#[tokio::test]
async fn rules_for_a_cluster_hold_for_its_tasks_too() {
    let rule = |action| GuardRule { cluster: Some("prod*".into()), action, ..GuardRule::default() };
    let settings = |action| Settings { guards: vec![rule(action)], ..Settings::default() };
    let stand = Stand::of(World::from_toml(WORLD).unwrap(), settings(GuardAction::Type)).await;
    let place = stand.place("prod", "web").await;
    let task = TaskPlace { cluster: place.cluster.clone(), task: tasks_of(&stand, &place).await[0].clone() };
    let plan = stand.plan(stop(Which::These(vec![task.clone()]))).await.unwrap();
    assert_eq!(plan.guard, Guard::Type("web".to_owned()));
    let like = Run { like: Some(place), ..run_of(&stand, "job").await };
    assert_eq!(stand.plan(running(like)).await.unwrap().guard, Guard::Type("prod".to_owned()));
    let stand = Stand::of(World::from_toml(WORLD).unwrap(), settings(GuardAction::Refuse)).await;
    let plan = stand.plan(stop(Which::These(vec![task]))).await.unwrap();
    assert!(matches!(plan.guard, Guard::Refused(_)));
    let late = Plan { guard: Guard::Ask, ..plan };
    assert!(stand.carry_out(&late).await.is_err() && stand.changes().is_empty());
}

/// A failure of a call, how often the call is made then, whether the wish comes true, and what is said otherwise.
struct Case {
    fault: Fault,
    calls: usize,
    done: bool,
    says: &'static str,
}

fn cases(operation: &str) -> Vec<Case> {
    let error = |code: &str, message: &str, status| {
        let damage = Damage::Error { code: code.to_owned(), message: message.to_owned(), status };
        Fault::new(operation, damage)
    };
    let denied = format!("User: mia is not authorized to perform: ecs:{operation} on resource: x");
    vec![
        Case { fault: error("ThrottlingException", "Rate exceeded", 400).times(2), calls: 3, done: true, says: "" },
        Case { fault: error("ServerException", "no", 500).times(1), calls: 2, done: true, says: "" },
        Case { fault: Fault::new(operation, Damage::Unheard).times(1), calls: 2, done: true, says: "" },
        Case { fault: error("AccessDeniedException", &denied, 400), calls: 1, done: false, says: "not allowed: ecs:" },
    ]
}

async fn ends(stand: &Stand, plan: &Plan, case: Case, operation: &str) -> Option<Done> {
    let shown = format!("{:?}", case.fault);
    stand.sim.fault(case.fault);
    let ended: Result<Done, Halt> = stand.carry_out(plan).await;
    stand.sim.mend();
    assert_eq!((stand.count(operation), ended.is_ok()), (case.calls, case.done), "{shown}: {ended:?}");
    if let Err(halt) = &ended {
        assert!(said(&halt.error).contains(case.says) && !halt.unknown, "{shown}: {}", said(&halt.error));
    }
    ended.ok()
}

#[tokio::test]
async fn a_stop_whose_answer_is_lost_is_looked_at() {
    let lost = |damage| Fault::new("StopTask", damage).times(1);
    let mut all = cases("StopTask");
    all.push(Case { fault: lost(Damage::Lost), calls: 1, done: true, says: "" });
    all.push(Case { fault: lost(Damage::Cut), calls: 1, done: true, says: "" });
    for case in all {
        let (stand, place, tasks) = web().await;
        let plan = stand.plan(stop(Which::These(vec![tasks[0].clone()]))).await.unwrap();
        let done = ends(&stand, &plan, case, "StopTask").await;
        let left = tasks_of(&stand, &place).await.contains(&tasks[0].task);
        assert_eq!(left, done.is_none());
    }
}

#[tokio::test]
async fn tasks_are_started_once_whatever_becomes_of_the_answer() {
    let lost = |damage, times| Fault::new("RunTask", damage).times(times);
    let mut all = cases("RunTask");
    all.push(Case { fault: lost(Damage::Lost, 2), calls: 3, done: true, says: "" });
    all.push(Case { fault: lost(Damage::Cut, 1), calls: 2, done: true, says: "" });
    for case in all {
        let (stand, place, _) = web().await;
        let run = Run { like: Some(place.clone()), count: 2, ..run_of(&stand, "job").await };
        let plan = stand.plan(running(run)).await.unwrap();
        let done = ends(&stand, &plan, case, "RunTask").await;
        let tasks = ls::tasks(&stand.cx, &place.cluster, None).await.unwrap();
        let by_hand = tasks.iter().filter(|task| task.group.service().is_none()).count();
        assert_eq!(by_hand, if done.is_some() { 2 } else { 0 });
    }
}

#[tokio::test]
async fn of_a_run_that_nobody_ever_answers_it_is_said_what_may_have_happened() {
    let (stand, place, _) = web().await;
    let run = Run { like: Some(place), ..run_of(&stand, "job").await };
    let plan = stand.plan(running(run)).await.unwrap();
    stand.sim.fault(Fault::new("RunTask", Damage::Lost));
    let halt = stand.carry_out(&plan).await.unwrap_err();
    assert!(
        halt.unknown && said(&halt.error).contains("tasks may have been started all the same, by ecsui"),
        "{halt:?}"
    );
    stand.sim.mend();
    let tasks = ls::tasks(&stand.cx, &find::cluster(&stand.cx, "prod").await.unwrap(), None).await.unwrap();
    let by_hand = tasks.iter().filter(|task| task.group.service().is_none()).count();
    assert_eq!((by_hand, stand.count("RunTask")), (1, 3), "one, however often it was asked for");
}

#[tokio::test]
async fn of_a_run_that_is_refused_after_an_answer_was_lost_it_is_said_what_may_have_happened() {
    let (stand, place, _) = web().await;
    let plan = stand.plan(running(Run { like: Some(place), ..run_of(&stand, "job").await })).await.unwrap();
    stand.sim.fault(Fault::new("RunTask", Damage::Lost).times(1));
    let message = "User: mia is not authorized to perform: ecs:RunTask on resource: x";
    stand.sim.fault(Fault::error("RunTask", "AccessDeniedException", message));
    let halt = stand.carry_out(&plan).await.unwrap_err();
    let said = said(&halt.error);
    assert!(said.contains("not allowed: ecs:RunTask") && said.contains("may have been started all the same"), "{said}");
    assert_eq!((halt.unknown, stand.count("RunTask")), (true, 2));
}

#[tokio::test]
async fn tasks_are_waited_for_although_aws_has_forgotten_others_of_them() {
    let (stand, place, _) = web().await;
    let run = Run { like: Some(place), count: 2, ..run_of(&stand, "web").await };
    let done = stand.make(running(run)).await.unwrap();
    let Made::Started { cluster, tasks, .. } = &done.made[0] else { panic!("{done:?}") };
    let end = |task: &Arn| stop(Which::These(vec![TaskPlace { cluster: cluster.clone(), task: task.clone() }]));
    let heard = std::cell::RefCell::new(Vec::new());
    let report = |task: &ecsui::model::Task| heard.borrow_mut().push(task.last_status.to_string());
    let tell = |_: Step<'_>| ControlFlow::Continue(());
    let others = async {
        let first = change::plan(&stand.cx, end(&tasks[0])).await.unwrap();
        change::carry_out(&stand.cx, &first, tell).await.unwrap();
        while !heard.borrow().contains(&"STOPPED".to_owned()) {
            tokio::task::yield_now().await;
        }
        stand.advance(std::time::Duration::from_mins(61));
        let known = ls::tasks_named(&stand.cx, cluster, &[tasks[0].as_str()]).await.unwrap();
        assert!(known.is_empty(), "AWS has forgotten it: {known:?}");
        let looks = stand.count("DescribeTasks");
        while stand.count("DescribeTasks") < looks + 20 {
            tokio::task::yield_now().await;
        }
        let second = change::plan(&stand.cx, end(&tasks[1])).await.unwrap();
        change::carry_out(&stand.cx, &second, tell).await.unwrap();
    };
    let waiting = change::wait_for(&stand.cx, cluster, tasks, None, report);
    let (ended, ()) = Box::pin(stand.patiently(async { tokio::join!(waiting, others) })).await;
    assert_eq!(ended.unwrap().len(), 2);
}

#[tokio::test]
async fn a_task_is_run_like_those_of_a_service_and_its_exit_code_is_told() {
    let (stand, place, _) = web().await;
    let environment =
        ["API_TOKEN", "STAGE"].map(|name| EnvironmentValue { name: name.to_owned(), value: "s3cr3t".to_owned() });
    let command = vec!["settle".to_owned(), "--all".to_owned()];
    let run = Run { like: Some(place), command, environment: environment.to_vec(), ..run_of(&stand, "job").await };
    let wish = running(run);
    let plan = stand.plan(wish).await.unwrap();
    assert_eq!(plan.title, "Run 1 task of job:3 in prod");
    assert!(
        changes(&plan)[0].starts_with("cluster prod tasks: – → 1 task of job:3 on FARGATE in subnet-"),
        "{:?}",
        changes(&plan)
    );
    assert_eq!(
        changes(&plan)[1..],
        [
            "container app command: settle → settle --all",
            "container app environment API_TOKEN: – → ••••••",
            "container app environment STAGE: – → s3cr3t",
        ]
    );
    assert!(!format!("{plan:?}").contains("s3cr3t"), "{plan:?}");
    assert_eq!(plan.checks[0].verdict, Verdict::Passed);
    let done = stand.carry_out(&plan).await.unwrap();
    let body = stand.last("RunTask");
    assert_eq!(
        (&body["startedBy"], &body["launchType"], &body["count"]),
        (&json!("ecsui"), &json!("FARGATE"), &json!(1))
    );
    assert!(body["networkConfiguration"]["awsvpcConfiguration"]["subnets"][0].as_str().unwrap().starts_with("subnet-"));
    assert_eq!(body["overrides"]["containerOverrides"][0]["command"], json!(["settle", "--all"]));
    assert!(body["clientToken"].as_str().unwrap().len() > 30);
    let Made::Started { cluster, tasks, .. } = &done.made[0] else { panic!("{done:?}") };
    let mut heard = Vec::new();
    let report = |task: &ecsui::model::Task| heard.push(task.last_status.to_string());
    let ended = stand.patiently(change::wait_for(&stand.cx, cluster, tasks, None, report)).await.unwrap();
    assert_eq!((ended[0].exit, ended.len()), (Some(4), 1), "{ended:?}");
    assert!(ended[0].words.contains('4') && heard.last().unwrap() == "STOPPED", "{ended:?}, {heard:?}");
    let history = std::fs::read_to_string(stand.history()).unwrap();
    assert!(!history.contains("s3cr3t") && history.contains("Run 1 task of job:3 in prod"), "{history}");
}

#[tokio::test]
async fn secrets_of_commands_and_of_the_variables_before_are_masked() {
    let told =
        "command = [\"settle\", \"postgres://app:hunter2@db\"], env = { DATABASE = \"postgres://app:hunter2@db\" }";
    let stand = Stand::toml(&WORLD.replacen("command = [\"settle\"]", told, 1)).await;
    let like = Some(stand.place("prod", "web").await);
    let environment = vec![EnvironmentValue { name: "DATABASE".to_owned(), value: "none".to_owned() }];
    let command = vec!["settle".to_owned(), "--none".to_owned()];
    let run = Run { like, command, environment, ..run_of(&stand, "job").await };
    let plan = stand.plan(running(run.clone())).await.unwrap();
    let command_to = |command: &str| format!("container app command: settle •••••• → {command}");
    let variable = "container app environment DATABASE: •••••• → ••••••".to_owned();
    assert_eq!(changes(&plan)[1..], [command_to("settle --none"), variable]);
    let of = |command: &[&str]| {
        let command = command.iter().map(|word| (*word).to_owned()).collect();
        running(Run { command, environment: Vec::new(), ..run.clone() })
    };
    let plan = stand.plan(of(&["settle", "https://example.com", "postgres://app:hunter3@db"])).await.unwrap();
    assert_eq!(changes(&plan)[1..], [command_to("settle https://example.com ••••••")]);
    // What is given to an option is AWS's to know, and nobody else's.
    let plan = stand.plan(of(&["settle", "--password=hunter4"])).await.unwrap();
    assert_eq!(changes(&plan)[1..], [command_to("settle --password=••••••")]);
    assert!(!format!("{plan:?}").contains("hunter4"), "{plan:?}");
    let plan = stand.plan(of(&["sh", "-c", "settle --password=hunter4"])).await.unwrap();
    assert_eq!(changes(&plan)[1..], [command_to("sh -c ••••••")]);
    stand.carry_out(&plan).await.unwrap();
    let overrides = &stand.last("RunTask")["overrides"]["containerOverrides"][0];
    assert_eq!(overrides["command"], json!(["sh", "-c", "settle --password=hunter4"]));
    let history = std::fs::read_to_string(stand.history()).unwrap();
    assert!(history.contains("Run 1 task of job:3 in prod") && !history.contains("hunter"), "{history}");
}

#[tokio::test]
async fn a_definition_with_a_network_of_its_own_needs_one() {
    let (stand, place, _) = web().await;
    let run = run_of(&stand, "job").await;
    assert!(change::needs_network(&stand.cx, &run).await.unwrap());
    let error = stand.plan(running(run.clone())).await.unwrap_err();
    assert_eq!(error.kind, Kind::Usage);
    assert!(said(&error).contains("with --like or from a service"), "{}", said(&error));
    let subnets = vec!["subnet-1".to_owned()];
    let network = Network { subnets, public_ip: Some(true), ..Network::default() };
    let named = Run { network: network.clone(), ..run.clone() };
    assert!(!change::needs_network(&stand.cx, &named).await.unwrap());
    stand.make(running(named)).await.unwrap();
    let sent = stand.last("RunTask")["networkConfiguration"].clone();
    assert_eq!(sent, json!({ "awsvpcConfiguration": { "subnets": ["subnet-1"], "assignPublicIp": "ENABLED" } }));
    // What is said goes before what the service has.
    let spot = Network { provider: Some("FARGATE_SPOT".to_owned()), ..Network::default() };
    stand.make(running(Run { like: Some(place), network: spot, ..run })).await.unwrap();
    let sent = stand.last("RunTask");
    assert_eq!(
        (&sent["launchType"], &sent["capacityProviderStrategy"][0]["capacityProvider"]),
        (&Value::Null, &json!("FARGATE_SPOT"))
    );
    let bridge = Run { network, ..run_of(&stand, "heavy").await };
    let error = stand.plan(running(bridge)).await.unwrap_err();
    assert!(said(&error).contains("no network of their own (network mode bridge)"), "{}", said(&error));
}

#[tokio::test]
async fn a_definition_that_does_not_fit_where_it_is_to_run_is_a_failed_check() {
    let (stand, place, _) = web().await;
    let plan = stand.plan(running(Run { like: Some(place), ..run_of(&stand, "heavy").await })).await.unwrap();
    let failed: Vec<&str> = plan.failed_checks().map(|check| &*check.what).collect();
    assert_eq!(failed, ["heavy:1 can run on FARGATE"]);
}

#[tokio::test]
async fn why_tasks_were_not_started_is_said_in_words() {
    let (stand, ..) = web().await;
    let run = Run { count: 10, ..run_of(&stand, "heavy").await };
    let plan = stand.plan(running(run)).await.unwrap();
    let done = stand.carry_out(&plan).await.unwrap();
    let Made::Started { tasks, failures, .. } = &done.made[0] else { panic!("{done:?}") };
    assert!(!tasks.is_empty() && tasks.len() < 10, "{done:?}");
    assert!(failures[0].contains("not enough ") && failures[0].contains("(RESOURCE:"), "{failures:?}");
    let halt = stand.make(running(run_of(&stand, "heavy").await)).await.unwrap_err();
    let said = said(&halt.error);
    assert!(said.contains("heavy:1 cannot be run in prod: ") && said.contains("is left (RESOURCE:"), "{said}");
    assert!(said.contains("`ecsui instances`"), "{said}");
}

#[tokio::test]
async fn more_than_ten_tasks_take_calls_with_tokens_of_their_own() {
    let (stand, place, _) = web().await;
    let plan = stand.plan(running(Run { like: Some(place), count: 12, ..run_of(&stand, "job").await })).await.unwrap();
    stand.carry_out(&plan).await.unwrap();
    let calls = stand.sim.calls();
    let bodies: Vec<&Value> = calls.iter().filter(|call| call.operation == "RunTask").map(|call| &call.body).collect();
    assert_eq!((&bodies[0]["count"], &bodies[1]["count"], bodies.len()), (&json!(10), &json!(2), 2));
    assert_ne!(bodies[0]["clientToken"], bodies[1]["clientToken"]);
}

#[tokio::test]
async fn of_several_containers_one_has_to_be_named_whose_command_is_another() {
    let (stand, place, _) = web().await;
    let run = Run { like: Some(place), command: vec!["true".to_owned()], ..run_of(&stand, "pair").await };
    let error = stand.plan(running(run.clone())).await.unwrap_err();
    assert!(
        said(&error).starts_with("pair:1 has several containers: app, side\nname one of them: --container"),
        "{error:?}"
    );
    let nobody = Run { container: Some("x".to_owned()), ..run.clone() };
    assert_eq!(stand.plan(running(nobody)).await.unwrap_err().kind, Kind::NotFound);
    stand.make(running(Run { container: Some("side".to_owned()), ..run })).await.unwrap();
    assert_eq!(stand.last("RunTask")["overrides"]["containerOverrides"][0]["name"], "side");
}

#[tokio::test]
async fn a_written_definition_is_held_against_the_newest_and_registered() {
    let (stand, ..) = web().await;
    let newest = ecsui::ops::taskdefs::one(&stand.cx, "web").await.unwrap();
    let mut told = newest.described.value().clone();
    let plan = stand.plan(written(&told)).await.unwrap();
    assert_eq!((changes(&plan).len(), &*plan.title), (0, "Register a revision of web"));
    assert_eq!(plan.notes[0], "nothing is different from web:8: the new revision says the same");
    assert!(plan.notes[1].starts_with("left out, for AWS says it itself: "), "{:?}", plan.notes);
    assert!(plan.notes[1].contains("taskDefinitionArn") && plan.notes[1].contains("revision"), "{:?}", plan.notes);
    told["taskDefinition"]["containerDefinitions"][0]["image"] = json!("nginx:2");
    told["taskDefinition"]["containerDefinitions"][0]["Environment"] =
        told["taskDefinition"]["containerDefinitions"][0]["environment"].take();
    let plan = stand.plan(written(&told)).await.unwrap();
    assert_eq!(changes(&plan).len(), 1);
    assert!(changes(&plan)[0].ends_with("/web:8 → nginx:2"), "{:?}", changes(&plan));
    let done = stand.carry_out(&plan).await.unwrap();
    let Made::Registered { definition, otherwise } = &done.made[0] else { panic!("{done:?}") };
    assert_eq!((definition.name(), &otherwise[..]), ("web:9", &[][..]));
}

#[tokio::test]
async fn what_aws_adds_to_every_definition_is_not_said_with_what_it_has_left_out() {
    let (stand, ..) = web().await;
    let mut document = sample();
    document["family"] = json!("web");
    document["newThing"] = json!("on");
    let done = stand.make(written(&document)).await.unwrap();
    let words = done.made[0].surprises();
    assert!(matches!(&words[..], [one] if one.contains("newThing")), "{words:?}");
}

#[tokio::test]
async fn the_first_of_a_family_is_registered_in_ecsmans_style() {
    let (stand, ..) = web().await;
    let plan = stand.plan(written(&sample())).await.unwrap();
    assert_eq!(plan.calls[0].what, "register the first revision of testfamily");
    stand.carry_out(&plan).await.unwrap();
    let container = stand.last("RegisterTaskDefinition")["containerDefinitions"][0].clone();
    assert_eq!(container["environment"], json!([{ "name": "DATABASE_HOSTNAME", "value": "my_database_host" }]));
}

/// What ecsman shows people to write.
fn sample() -> Value {
    json!({
        "containerDefinitions": [{
            "command": ["command string"],
            "cpu": 1024,
            "entryPoint": ["/entrypoint.sh"],
            "environment": [{ "Name": "DATABASE_HOSTNAME", "Value": "my_database_host" }],
            "essential": true,
            "image": "quay.io/mycompany/myimage",
            "memory": 1024,
            "name": "my-test",
            "portMappings": [{ "containerPort": 8080, "hostPort": 80 }],
        }],
        "family": "testfamily",
    })
}

#[tokio::test]
async fn members_that_nobody_knows_are_sent_and_named() {
    let stand = Stand::toml(&format!("newer_members = [\"quantum\"]\n{WORLD}")).await;
    let mut definition = sample();
    definition["quantum"] = json!({ "Depth": 3 });
    let plan = stand.plan(written(&definition)).await.unwrap();
    assert_eq!(plan.notes, ["sent as they are, though ecsui does not know them: quantum"]);
    stand.carry_out(&plan).await.unwrap();
    assert_eq!(stand.last("RegisterTaskDefinition")["quantum"], json!({ "Depth": 3 }));
}

#[tokio::test]
async fn who_may_not_read_the_newest_revision_may_still_register_one() {
    let (stand, ..) = web().await;
    stand.sim.fault(Fault::error("ListTaskDefinitions", "AccessDeniedException", "no"));
    let plan = stand.plan(written(&sample())).await.unwrap();
    assert!(plan.notes[0].starts_with("what is different from the newest revision cannot be told"), "{:?}", plan.notes);
    stand.carry_out(&plan).await.unwrap();
    assert_eq!(stand.count("RegisterTaskDefinition"), 1);
}

#[tokio::test]
async fn a_revision_is_registered_once_whatever_becomes_of_the_answer() {
    let lost = |damage| Fault::new("RegisterTaskDefinition", damage).times(1);
    let mut all = cases("RegisterTaskDefinition");
    all.push(Case { fault: lost(Damage::Lost), calls: 1, done: true, says: "" });
    // AWS fills in the more the less is said, and that is no other definition.
    let least =
        json!({ "family": "testfamily", "containerDefinitions": [{ "name": "a", "image": "a", "memory": 64 }] });
    let port = json!({ "family": "testfamily", "networkMode": "awsvpc", "containerDefinitions": [
        { "name": "a", "image": "a", "memory": 64, "portMappings": [{ "containerPort": 80 }] },
    ] });
    let cut = || Case { fault: lost(Damage::Lost), calls: 1, done: true, says: "" };
    let all = all.into_iter().map(|case| (sample(), case)).chain([(least, cut()), (port, cut())]);
    for (definition, case) in all {
        let (stand, ..) = web().await;
        let plan = stand.plan(written(&definition)).await.unwrap();
        let done = ends(&stand, &plan, case, "RegisterTaskDefinition").await;
        let revisions = ecsui::ops::taskdefs::revisions(&stand.cx, "testfamily", false).await.unwrap();
        assert_eq!(revisions.len(), usize::from(done.is_some()));
    }
}

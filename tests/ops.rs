//! The verbs through the real SDK over HTTP, against the simulated AWS: nothing cut short, nothing asked twice, and
//! every failure in words.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

use std::{collections::BTreeSet, time::Duration};

use ecsui::{
    aws::Access,
    config::Settings,
    model::{Arn, ExecAgent, Group},
    ops::{
        Cx, Kind, Urgency,
        exec::{self, Command},
        find, list, ls,
    },
    session::{Exit, Input, Output, Secret, Session, Size, clock::Clock},
    sim::{Damage, Fault, Mode, Options, Outcome, Sim, World},
};
use tokio::time::timeout;

const SIZE: Size = Size { columns: 101, rows: 33 };

/// After so long a wait has failed; nothing passes because of it.
const STUCK: Duration = Duration::from_mins(1);

/// The sizes at which paging goes wrong in tools: empty, one, around DescribeServices' ten, around a page, several.
const SIZES: [usize; 8] = [0, 1, 9, 10, 11, 100, 101, 250];

#[tokio::test]
async fn every_size_of_clusters_is_listed_whole() {
    for size in SIZES {
        let (sim, cx) = world(World::grid(size, 0, 0)).await;
        let clusters = ls::clusters(&cx).await.unwrap().clusters;
        assert_eq!(distinct(clusters.iter().map(|cluster| &cluster.arn)), size);
        assert!(clusters.is_sorted_by(|one, other| one.name <= other.name));
        assert_eq!((count(&sim, "ListClusters"), count(&sim, "DescribeClusters")), (pages(size), size.div_ceil(100)));
        assert_full(&sim, "DescribeClusters", "clusters", 100);
    }
}

#[tokio::test]
async fn every_size_of_services_is_listed_and_described_whole() {
    for size in SIZES {
        let (sim, cx) = world(World::grid(1, size, 0)).await;
        let cluster = only_cluster(&cx).await;
        let services = ls::services(&cx, &cluster).await.unwrap();
        let arns: Vec<Arn> = services.iter().map(|service| service.arn.clone()).collect();
        assert_eq!(distinct(&arns), size);
        assert!(services.is_sorted_by(|one, other| one.name <= other.name));
        assert!(services.iter().all(|service| service.detail.is_none()));

        let described = ls::service_details(&cx, &cluster, &arns).await.unwrap();
        assert_eq!(described.iter().map(|service| &service.arn).collect::<Vec<_>>(), arns.iter().collect::<Vec<_>>());
        assert!(described.iter().all(|service| service.detail.is_some()));
        assert_eq!((count(&sim, "ListServices"), count(&sim, "DescribeServices")), (pages(size), size.div_ceil(10)));
        assert_full(&sim, "DescribeServices", "services", 10);
    }
}

#[tokio::test]
async fn every_size_of_tasks_is_listed_whole() {
    for size in SIZES {
        let (sim, cx) = world(World::grid(1, 1, size)).await;
        let cluster = only_cluster(&cx).await;
        let service = ls::services(&cx, &cluster).await.unwrap().remove(0);
        let tasks = ls::tasks(&cx, &cluster, None).await.unwrap();
        assert_eq!(distinct(tasks.iter().map(|task| &task.arn)), size);
        assert!(tasks.is_sorted_by(|one, other| one.created >= other.created));
        assert_eq!((count(&sim, "ListTasks"), count(&sim, "DescribeTasks")), (pages(size), size.div_ceil(100)));
        assert_full(&sim, "DescribeTasks", "tasks", 100);
        assert_eq!(ls::tasks(&cx, &cluster, Some(&service.arn)).await.unwrap(), tasks);
    }
}

#[tokio::test]
async fn a_large_account_takes_36_calls() {
    let (sim, cx) = world(World::grid(5, 100, 3)).await;
    let tree = ls::tree(&cx).await.unwrap().branches;
    let services: usize = tree.iter().map(|branch| branch.services.len()).sum();
    let tasks: usize = tree.iter().map(|branch| branch.tasks.len()).sum();
    assert_eq!((tree.len(), services, tasks), (5, 500, 1500));
    let calls = ["ListClusters", "ListServices", "ListTasks", "DescribeTasks"];
    assert_eq!(calls.map(|operation| count(&sim, operation)), [1, 5, 15, 15]);
    assert_eq!(sim.calls().len(), 36);
}

#[tokio::test]
async fn a_large_account_is_3000_rows() {
    let (sim, cx) = world(World::grid(5, 100, 3)).await;
    let rows = list::rows(&cx, None).await.unwrap().rows;
    assert_eq!((rows.len(), sim.calls().len()), (3000, 36));
    assert!(rows.iter().all(|row| row.container().is_some() && row.service.is_some() && row.ip().is_some()));
}

#[tokio::test]
async fn a_service_without_tasks_is_a_row() {
    let mut world_ = World::grid(2, 3, 1);
    world_.add_service("prod-1", "idle", 0);
    let (_sim, cx) = world(world_).await;
    let rows = list::rows(&cx, None).await.unwrap().rows;
    let idle: Vec<_> = rows.iter().filter(|row| row.task.is_none()).collect();
    assert_eq!((rows.len(), idle.len()), (2 * 3 * 2 + 1, 1));
    assert_eq!((idle[0].service.as_deref(), idle[0].status()), (Some("idle"), None));
    assert!(rows.is_sorted_by_key(|row| (row.cluster.name(), row.service.clone())), "by cluster and service");
    assert_eq!(list::rows(&cx, Some("prod-1")).await.unwrap().rows.len(), 3 * 2 + 1);
}

#[tokio::test]
async fn what_the_answers_hold_is_kept() {
    let (sim, cx) = world(World::grid(1, 1, 1)).await;
    let identity = ls::identity(&cx).await.unwrap();
    assert_eq!((identity.profile.as_str(), identity.region.as_str()), ("demo", sim.region()));
    assert_eq!(identity.account, Some(sim.account()));

    let cluster = ls::clusters(&cx).await.unwrap().clusters.remove(0);
    let detail = cluster.detail.as_ref().unwrap();
    assert_eq!((&*detail.status, detail.services, detail.running), ("ACTIVE", 1, 1));
    let service = ls::services(&cx, &cluster.arn).await.unwrap().remove(0);
    let described = ls::service_details(&cx, &cluster.arn, std::slice::from_ref(&service.arn)).await.unwrap().remove(0);
    let detail = described.detail.unwrap();
    assert_eq!((detail.desired, detail.running, &*detail.launch, detail.exec_enabled), (1, 1, "FARGATE", true));
    assert!(!detail.events.is_empty() && !detail.deployments.is_empty() && detail.created.is_some());

    let task = ls::tasks(&cx, &cluster.arn, None).await.unwrap().remove(0);
    assert_eq!((&*task.last_status, &task.group), ("RUNNING", &Group::Service(service.name.clone())));
    assert!(task.ip.is_some() && task.zone.is_some() && task.started.is_some() && task.exec_enabled);
    let app = task.container("app").unwrap();
    assert_eq!((&*app.last_status, &app.exec), ("RUNNING", &ExecAgent::Running));
    assert!(app.runtime_id.is_some() && !app.image.is_empty());

    let definition = ls::task_definition(&cx, &task.definition).await.unwrap();
    assert_eq!(definition.arn, task.definition);
    assert!(definition.containers.iter().any(|container| container.name == "app" && container.essential));
    ls::task_definition(&cx, &task.definition).await.unwrap();
    assert_eq!(count(&sim, "DescribeTaskDefinition"), 1, "a revision never changes");
}

#[tokio::test]
async fn what_goes_between_list_and_describe_is_absent() {
    let (sim, cx) = world(World::grid(1, 3, 1)).await;
    let cluster = only_cluster(&cx).await;
    let mut services: Vec<Arn> =
        ls::services(&cx, &cluster).await.unwrap().into_iter().map(|service| service.arn).collect();
    let gone = services[1].clone();
    sim.edit(|world| assert!(world.remove_service(cluster.name(), gone.name())));
    let described = ls::service_details(&cx, &cluster, &services).await.unwrap();
    services.remove(1);
    assert_eq!(described.into_iter().map(|service| service.arn).collect::<Vec<_>>(), services);
}

#[tokio::test]
async fn the_words_lead_to_the_best_container() {
    let mut world_ = World::grid(2, 3, 2);
    world_.add_service("prod-1", "checkout", 2);
    let (sim, cx) = world(world_).await;
    let target = find::one(&cx, &words("check")).await.unwrap();
    assert_eq!((target.cluster.name(), target.container.as_str()), ("prod-1", "app"));
    assert_eq!(count(&sim, "DescribeTaskDefinition"), 1);
    let target = find::one(&cx, &words("prod-1/checkout/envoy")).await.unwrap();
    assert_eq!(target.container, "envoy");
    let error = find::one(&cx, &words("app")).await.unwrap_err();
    assert_eq!(error.kind, Kind::Usage);
    assert!(error.line().contains("prod-1/checkout"), "{}", error.line());
    assert_eq!(find::one(&cx, &words("nothing-like-it")).await.unwrap_err().kind, Kind::NotFound);
}

#[tokio::test]
async fn a_service_and_a_task_lead_to_the_first_essential_container() {
    let (_sim, cx) = world(World::grid(1, 1, 3)).await;
    let cluster = only_cluster(&cx).await;
    let service = ls::services(&cx, &cluster).await.unwrap().remove(0);
    let target = exec::choose_in_service(&cx, &cluster, &service.arn).await.unwrap();
    assert_eq!(target.container, "app");
    let again = exec::choose_in_task(&cx, &cluster, &target.task).await.unwrap();
    assert_eq!(again, target);
    let id = target.task.name();
    let gone: Arn = target.task.as_str().replace(id, &id.chars().rev().collect::<String>()).parse().unwrap();
    assert_eq!(exec::choose_in_task(&cx, &cluster, &gone).await.unwrap_err().kind, Kind::NotFound);
}

#[tokio::test]
async fn a_refusal_of_iam_is_told_with_action_and_resource() {
    let (sim, cx) = world(World::grid(1, 1, 1)).await;
    sim.fault(Fault::error(
        "ListClusters",
        "AccessDeniedException",
        "User: arn:aws:iam::482913007156:user/me is not authorized to perform: ecs:ListClusters on resource: * because \
         no identity-based policy allows the ecs:ListClusters action",
    ));
    let error = ls::clusters(&cx).await.unwrap_err();
    assert_eq!(error.kind, Kind::Denied);
    assert_eq!(
        error.line(),
        "the clusters cannot be listed: not allowed: ecs:ListClusters on * (no identity-based policy allows the \
         ecs:ListClusters action)"
    );
    assert_eq!(error.hints, ["ask for ecs:ListClusters on * for arn:aws:iam::482913007156:user/me"]);
    assert_eq!(count(&sim, "ListClusters"), 1, "a refusal is not asked for twice");
}

#[tokio::test]
async fn a_denied_get_caller_identity_leaves_the_account_unknown() {
    let (sim, cx) = world(World::empty()).await;
    sim.fault(Fault::error("GetCallerIdentity", "AccessDenied", "no"));
    let identity = ls::identity(&cx).await.unwrap();
    assert_eq!((identity.account, identity.region.as_str()), (None, sim.region()));
}

#[tokio::test]
async fn a_throttle_is_waited_out() {
    let (sim, cx) = world(World::grid(1, 1, 1)).await;
    sim.fault(Fault::error("ListClusters", "ThrottlingException", "Rate exceeded").times(3));
    assert_eq!(ls::clusters(&cx).await.unwrap().clusters.len(), 1);
    assert_eq!(count(&sim, "ListClusters"), 4);
}

#[tokio::test]
async fn a_throttle_without_end_is_told() {
    let (sim, cx) = world(World::grid(1, 1, 1)).await;
    sim.fault(Fault::error("ListClusters", "ThrottlingException", "Rate exceeded"));
    let error = ls::clusters(&cx).await.unwrap_err();
    assert!(error.kind == Kind::Throttled && error.passes(), "{}", error.line());
    assert_eq!(count(&sim, "ListClusters"), 9);
}

#[tokio::test]
async fn credentials_that_ran_out_are_told() {
    let (sim, cx) = world(World::grid(1, 1, 1)).await;
    sim.fault(Fault::error(
        "ListClusters",
        "ExpiredTokenException",
        "The security token included in the request is expired",
    ));
    let error = ls::clusters(&cx).await.unwrap_err();
    assert_eq!(error.kind, Kind::Expired);
    assert!(!error.hints.is_empty() && error.line().contains("expired"), "{}", error.line());
    sim.mend();
    assert_eq!(ls::clusters(&cx).await.unwrap().clusters.len(), 1);
}

#[tokio::test]
async fn wrong_keys_are_told() {
    let sim = Sim::start(World::grid(1, 1, 1), Options::explicit()).await.unwrap();
    let cx = Cx::new(access(&sim, "not the secret"), Settings::default());
    assert_eq!(ls::clusters(&cx).await.unwrap_err().kind, Kind::Expired);
}

#[tokio::test]
async fn a_read_that_was_cut_is_made_once_more() {
    let (sim, cx) = world(World::grid(1, 1, 1)).await;
    sim.fault(Fault::new("ListClusters", Damage::Cut).times(1));
    assert_eq!(ls::clusters(&cx).await.unwrap().clusters.len(), 1);
    assert_eq!(count(&sim, "ListClusters"), 2);

    sim.fault(Fault::new("ListClusters", Damage::Cut));
    let error = ls::clusters(&cx).await.unwrap_err();
    assert_eq!(error.kind, Kind::Unreachable, "{}", error.line());
    assert_eq!(count(&sim, "ListClusters"), 4);
}

#[tokio::test]
async fn awss_own_fault_is_met_once_more_and_then_told() {
    let (sim, cx) = world(World::grid(1, 1, 1)).await;
    let message = "Service Unavailable. Please try again later.";
    let damage = Damage::Error { code: "ServerException".to_owned(), message: message.to_owned(), status: 500 };
    sim.fault(Fault::new("ListClusters", damage));
    let error = ls::clusters(&cx).await.unwrap_err();
    assert_eq!(error.kind, Kind::Internal);
    assert!(error.line().ends_with(message), "{}", error.line());
    assert_eq!(count(&sim, "ListClusters"), 2);
}

#[tokio::test]
async fn an_answer_nobody_can_read_is_told() {
    let (sim, cx) = world(World::grid(1, 1, 1)).await;
    sim.fault(Fault::new("ListClusters", Damage::Garbage("<html>proxy login</html>".to_owned())));
    let error = ls::clusters(&cx).await.unwrap_err();
    assert_eq!(error.kind, Kind::Internal, "{}", error.line());
}

#[tokio::test]
async fn nobody_at_the_endpoint_is_told_with_the_endpoint() {
    let sim = Sim::start(World::empty(), Options::explicit()).await.unwrap();
    let access = access(&sim, sim.secret_key());
    let endpoint = sim.endpoint().to_owned();
    drop(sim);
    let error = ls::clusters(&Cx::new(access, Settings::default())).await.unwrap_err();
    assert!(error.kind == Kind::Unreachable && error.passes(), "{}", error.line());
    assert!(error.hints.iter().any(|hint| hint.contains(&endpoint)), "{:?}", error.hints);
}

#[tokio::test]
async fn one_failing_cluster_is_not_passed_over() {
    let (sim, cx) = world(World::grid(3, 2, 2)).await;
    sim.fault(Fault::error("ListTasks", "ClusterNotFoundException", "Cluster not found.").times(1));
    assert_eq!(ls::tree(&cx).await.unwrap_err().kind, Kind::NotFound);
}

#[tokio::test]
async fn within_the_quota_nothing_is_throttled() {
    let options = Options { throttle: true, mode: Mode::Auto, ..Options::default() };
    let sim = Sim::start(World::grid(5, 100, 3), options).await.unwrap();
    let cx = Cx::new(access(&sim, sim.secret_key()), Settings::default()).with_urgency(Urgency::Waiting);
    for _ in 0..4 {
        ls::tree(&cx).await.unwrap();
    }
    let throttled = |outcome: &Outcome| matches!(outcome, Outcome::Refused(code) if code == "ThrottlingException");
    assert_eq!(sim.calls().iter().filter(|call| throttled(&call.outcome)).count(), 0);
}

#[tokio::test]
async fn a_command_runs_with_its_words_as_they_are() {
    let (sim, cx) = world(World::grid(1, 1, 1)).await;
    let target = find::one(&cx, &words("app")).await.unwrap();
    let argv = ["sh", "-c", "printf '<%s>' \"$@\"", "sh", "it's", "", "a  b", "#x", "$HOME"].map(str::to_owned);
    let session = exec::open(&cx, &target, &Command::Argv(argv.to_vec()), SIZE).await.unwrap();
    assert_eq!(session.label, format!("{}/{}/app", target.cluster.name(), target.task.short()));
    assert_eq!(until_exit(session).await, "<it's><><a  b><#x><$HOME>");
    assert_eq!(count(&sim, "ExecuteCommand"), 1);
}

#[tokio::test]
async fn the_default_shell_is_a_shell() {
    let (_sim, cx) = world(World::grid(1, 1, 1)).await;
    let target = find::one(&cx, &words("app")).await.unwrap();
    let session = exec::open(&cx, &target, &Command::DefaultShell, SIZE).await.unwrap();
    session.input.send(Input::Bytes("stty size; echo sum $((20 + 22)); exit\r".into())).await.unwrap();
    let printed = until_exit(session).await;
    assert!(printed.contains("sum 42") && printed.contains("33 101"), "{printed}");
}

#[tokio::test]
async fn a_refused_command_is_told_with_its_causes() {
    let (sim, cx) = world(World::grid(1, 1, 1)).await;
    let target = find::one(&cx, &words("app")).await.unwrap();
    let internal = "The execute command failed due to an internal error. Try again later.";
    sim.fault(Fault::error("ExecuteCommand", "TargetNotConnectedException", internal));
    let error = exec::open(&cx, &target, &Command::DefaultShell, SIZE).await.unwrap_err();
    assert_eq!(error.kind, Kind::Refused);
    assert!(error.line().ends_with(internal), "{}", error.line());
    assert!(error.hints[0].contains("ssmmessages:CreateControlChannel"), "{:?}", error.hints);
}

#[tokio::test]
async fn a_command_is_not_sent_twice() {
    let (sim, cx) = world(World::grid(1, 1, 1)).await;
    let target = find::one(&cx, &words("app")).await.unwrap();
    for damage in
        [Damage::Cut, Damage::Error { code: "ServerException".to_owned(), message: "no".to_owned(), status: 500 }]
    {
        let before = count(&sim, "ExecuteCommand");
        sim.mend();
        sim.fault(Fault::new("ExecuteCommand", damage));
        exec::open(&cx, &target, &Command::DefaultShell, SIZE).await.unwrap_err();
        assert_eq!(count(&sim, "ExecuteCommand"), before + 1);
    }
}

#[tokio::test]
async fn a_session_that_nobody_waits_for_is_ended() {
    let (sim, cx) = slow_agent().await;
    let target = find::one(&cx, &words("app")).await.unwrap();
    let opening = tokio::spawn(async move { exec::open(&cx, &target, &Command::DefaultShell, SIZE).await });
    until(|| count(&sim, "ExecuteCommand") == 1 && count(&sim, "OpenDataChannel") == 1).await;
    opening.abort();
    until(|| count(&sim, "TerminateSession") == 1).await;
}

#[tokio::test]
async fn a_command_whose_start_nobody_waits_for_is_ended() {
    let options = Options { latency: Duration::from_millis(100), ..Options::explicit() };
    let sim = Sim::start(World::grid(1, 1, 1), options).await.unwrap();
    let cx = Cx::new(access(&sim, sim.secret_key()), Settings::default());
    let target = find::one(&cx, &words("app")).await.unwrap();
    let opening = tokio::spawn(async move { exec::open(&cx, &target, &Command::DefaultShell, SIZE).await });
    until(|| count(&sim, "ExecuteCommand") == 1).await;
    opening.abort();
    until(|| count(&sim, "TerminateSession") == 1).await;
}

/// As `ecsui login` is ended by ctrl-c: the future is dropped, then the way to AWS, then the runtime.
#[test]
fn the_end_of_the_program_waits_for_the_end_of_what_it_started() {
    let far = tokio::runtime::Runtime::new().unwrap();
    let (sim, cx) = far.block_on(slow_agent());
    let near = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    near.block_on(async {
        let target = find::one(&cx, &words("app")).await.unwrap();
        let opening = exec::open(&cx, &target, &Command::DefaultShell, SIZE);
        tokio::select! {
            _ = opening => panic!("the agent takes an hour"),
            () = until(|| count(&sim, "OpenDataChannel") == 1) => {}
        }
    });
    drop(cx);
    near.shutdown_background();
    assert_eq!(count(&sim, "TerminateSession"), 1);
    let _far = far.enter();
    drop(sim);
}

#[tokio::test]
async fn hanging_up_on_a_session_that_is_over_leaves_nothing_to_say() {
    let (sim, cx) = world(World::grid(1, 1, 1)).await;
    let target = find::one(&cx, &words("app")).await.unwrap();
    let deaf = ["sh", "-c", "stty raw -echo; echo ready; sleep 1000"].map(str::to_owned).to_vec();
    let mut session = exec::open(&cx, &target, &Command::Argv(deaf), SIZE).await.unwrap();
    let heard = timeout(STUCK, session.output.recv()).await.unwrap();
    assert!(matches!(heard, Some(Output::Bytes(_))), "{heard:?}");
    let code = "DoesNotExistException".to_owned();
    sim.fault(Fault::new("TerminateSession", Damage::Error { code, message: "gone".to_owned(), status: 400 }));
    assert_eq!(session.hang_up().await, None);
}

#[tokio::test]
async fn a_task_that_is_stopped_under_a_session_is_told_with_the_reason() {
    let (sim, cx) = world(World::grid(1, 1, 1)).await;
    let (clock, hand) = Clock::by_hand();
    let target = find::one(&cx, &words("app")).await.unwrap();
    let cat = ["sh", "-c", "echo ready; cat"].map(str::to_owned).to_vec();
    let mut session = exec::open(&cx.with_clock(clock), &target, &Command::Argv(cat), SIZE).await.unwrap();
    let looks = count(&sim, "DescribeTasks");
    assert_eq!(session.output.recv().await, Some(Output::Bytes("ready\r\n".into())));
    until(|| {
        hand.advance(Duration::from_secs(1));
        count(&sim, "DescribeTasks") > looks
    })
    .await;
    assert!(sim.stop_task(&target.task, "Scaling activity"));
    let notice = tokio::select! {
        notice = session.output.recv() => notice,
        () = until(|| { hand.advance(Duration::from_secs(1)); false }) => None,
    };
    let told = format!("task {} is being stopped: Scaling activity", target.task.short());
    assert_eq!(notice, Some(Output::Notice(told.clone())));
    sim.advance(Duration::from_mins(5));
    let end = timeout(STUCK, session.output.recv()).await.unwrap();
    assert_eq!(end, Some(Output::Exit(Exit::Closed(told))));
}

/// A simulated AWS whose agents take an hour to start what they are asked for.
async fn slow_agent() -> (Sim, Cx) {
    let mut options = Options::explicit();
    options.agent.start_delay = Duration::from_hours(1);
    options.agent.first_read_delay = Duration::from_hours(1);
    let sim = Sim::start(World::grid(1, 1, 1), options).await.unwrap();
    let cx = Cx::new(access(&sim, sim.secret_key()), Settings::default());
    (sim, cx)
}

async fn until(holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(STUCK, waiting).await.unwrap();
}

/// Reads a session to its end and returns what it printed.
async fn until_exit(mut session: Session) -> String {
    let mut printed = Vec::new();
    while let Some(output) = timeout(STUCK, session.output.recv()).await.unwrap() {
        match output {
            Output::Bytes(bytes) | Output::Stderr(bytes) => printed.extend_from_slice(&bytes),
            Output::Notice(_) => {}
            Output::Exit(_) => break,
        }
    }
    String::from_utf8(printed).unwrap()
}

async fn world(world: World) -> (Sim, Cx) {
    let sim = Sim::start(world, Options::explicit()).await.unwrap();
    let cx = Cx::new(access(&sim, sim.secret_key()), Settings::default());
    (sim, cx)
}

fn access(sim: &Sim, secret_key: &str) -> Access {
    Access::Fixed {
        name: "demo".to_owned(),
        region: sim.region().to_owned(),
        endpoint_url: sim.endpoint().to_owned(),
        access_key: sim.access_key().to_owned(),
        secret_key: Secret::new(secret_key),
    }
}

async fn only_cluster(cx: &Cx) -> Arn {
    ls::clusters(cx).await.unwrap().clusters.remove(0).arn
}

fn words(text: &str) -> Vec<String> {
    vec![text.to_owned()]
}

fn distinct<T: Ord>(all: impl IntoIterator<Item = T>) -> usize {
    all.into_iter().collect::<BTreeSet<_>>().len()
}

/// How many calls of an operation were made.
fn count(sim: &Sim, operation: &str) -> usize {
    sim.calls().iter().filter(|call| call.operation == operation).count()
}

/// How many pages a list of this size has; AWS answers an empty one with an empty page.
fn pages(size: usize) -> usize {
    size.div_ceil(100).max(1)
}

/// Holds that no describe was empty or larger than AWS takes.
fn assert_full(sim: &Sim, operation: &str, member: &str, most: usize) {
    for call in sim.calls().iter().filter(|call| call.operation == operation) {
        let asked = call.body[member].as_array().map_or(0, Vec::len);
        assert!((1..=most).contains(&asked), "{operation} of {asked}");
    }
}

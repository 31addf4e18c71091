//! Targets and container instances against a simulated AWS: what is joined, what moves, and what is left when one of
//! the APIs is closed.

#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/way.rs"]
mod way;

use std::time::Duration;

use ecsui::{
    model::{Service, Target},
    ops::{
        Cx, Kind,
        find::{self, Depth, Target as Named},
        instances, ls,
        targets::{self, Front, Targets},
    },
    sim::{Fault, Options, Sim, World},
};

/// Two services behind an application load balancer, one with its ports on EC2 hosts, and a classic one.
const WORLD: &str = r#"
[[taskdef]]
family = "web"
revision = 8
container = [{ name = "app", image = "web:{revision}", ports = [8080] }]

[[taskdef]]
family = "hosted"
launch = "EC2"
container = [{ name = "app", image = "hosted", ports = [9090] }]

[[taskdef]]
family = "old"
launch = "EC2"
container = [{ name = "app", image = "old", ports = ["8081:8081"] }]

[balancer.front]
listener = [
    { port = 80, protocol = "HTTP", to = "redirect" },
    { port = 443, to = "other", rule = [
        { host = ["a.example", "b.example"], path = ["/x/*"], to = "web" },
        { path = ["/half"], to = { web = 1, other = 3 } },
        { path = ["/no"], to = 404 },
    ] },
]

[balancer.inner]
type = "network"
internal = true
listener = [{ port = 9090, protocol = "TCP", to = "hosted" }]

[balancer.ancient]
type = "classic"
listener = [{ port = 80, protocol = "HTTP", instance_port = 8081 }]

[target_group.web]
port = 8080
check = "/health"
every = "6s"
drains = "20s"

[target_group.hosted]
protocol = "TCP"
port = 9090

[[cluster.prod.instance]]
count = 2
type = "m6i.large"

[[cluster.prod.service]]
name = "web"
desired = 2
unhealthy = 1
targets = [{ group = "web", container = "app", port = 8080, fails = "503" }]

[[cluster.prod.service]]
name = "hosted"
desired = 2
targets = [{ group = "hosted", container = "app", port = 9090 }]

[[cluster.prod.service]]
name = "old"
desired = 2
targets = [{ classic = "ancient", container = "app", port = 8081 }]

[[cluster.prod.service]]
name = "worker"
taskdef = "web"
desired = 1
"#;

struct Account {
    sim: Sim,
    cx: Cx,
}

impl Account {
    async fn new(world: World) -> Self {
        let sim = Sim::start(world, Options::explicit()).await.unwrap();
        let cx = way::cx(&sim);
        Self { sim, cx }
    }

    async fn small() -> Self {
        Self::new(World::from_toml(WORLD).unwrap()).await
    }

    async fn service(&self, name: &str) -> Service {
        let found = find::targets(&self.cx, &[format!("prod/{name}")], None, &[Depth::Service]).await.unwrap();
        let Named::Service(service) = found[0].target.clone() else { panic!("no service") };
        let described = ls::service_details(&self.cx, &service.cluster, std::slice::from_ref(&service.arn)).await;
        described.unwrap().remove(0)
    }

    async fn targets(&self, name: &str) -> Targets {
        targets::targets(&self.cx, &self.service(name).await).await.unwrap()
    }

    /// Returns the calls that have been made since `before`, sorted.
    fn calls_since(&self, before: usize) -> Vec<String> {
        let mut calls: Vec<String> = self.sim.calls()[before..].iter().map(|call| call.operation.clone()).collect();
        calls.sort();
        calls
    }

    /// Closes an operation to the caller.
    fn deny(&self, action: &str) {
        let (_, operation) = action.split_once(':').unwrap();
        let words = format!("User: arn:aws:iam::1:user/me is not authorized to perform: {action} on resource: *");
        let code = if action.starts_with("ec2:") { "UnauthorizedOperation" } else { "AccessDenied" };
        self.sim.fault(Fault::error(operation, code, &words));
    }
}

fn front(targets: &Targets) -> &Front {
    &targets.fronts.fronts[0]
}

fn rows(targets: &Targets) -> &[targets::Row] {
    targets.health.sets[0].rows.as_deref().unwrap()
}

fn state(row: &targets::Row) -> &str {
    &row.target.state
}

/// Returns the listeners of a front's load balancers with their rules.
fn ways(front: &Front) -> Vec<String> {
    let listeners = front.balancers.iter().flat_map(|balancer| &balancer.listeners);
    listeners.flat_map(|listener| listener.rules.iter().map(move |rule| format!("{listener} {rule}"))).collect()
}

#[tokio::test]
async fn a_target_group_is_told_with_all_that_leads_to_it() {
    let account = Account::small().await;
    let service = account.service("web").await;
    let before = account.sim.calls().len();
    let targets = targets::targets(&account.cx, &service).await.unwrap();
    assert_eq!(
        account.calls_since(before),
        [
            "DescribeListeners",
            "DescribeLoadBalancers",
            "DescribeRules",
            "DescribeRules",
            "DescribeTargetGroupAttributes",
            "DescribeTargetGroups",
            "DescribeTargetHealth",
            "DescribeTasks",
            "ListTasks",
        ]
    );
    assert_eq!(targets.fronts.missing, []);
    let front = front(&targets);
    let [balancer] = &front.balancers[..] else { panic!("{:?}", front.balancers) };
    assert_eq!((&*balancer.name, balancer.nature().as_str()), ("front", "application, internet-facing"));
    assert!(balancer.dns_name.as_ref().unwrap().ends_with(".eu-west-1.elb.amazonaws.com"));
    let expected = ["HTTPS:443 10: host a.example or b.example, path /x/*", "HTTPS:443 20: path /half (weight 1 of 4)"];
    assert_eq!(ways(front), expected);
    let check = front.group.as_ref().unwrap().check.to_string();
    assert_eq!(check, "HTTP /health on traffic-port for 200 every 6s, timeout 5s, healthy after 3, unhealthy after 2");
    assert_eq!(front.delay, Some(Duration::from_secs(20)));
    let [bad, good] = rows(&targets) else { panic!("{targets:#?}") };
    assert_eq!((state(bad), state(good)), ("unhealthy", "healthy"));
    assert_eq!(bad.target.reason().as_deref(), Some("answers the health check with 503"));
    for row in [bad, good] {
        let task = row.task.as_ref().unwrap();
        assert_eq!(task.ip.as_ref(), Some(&row.target.id));
        assert_eq!((row.target.port, task.definition.name()), (Some(8080), "web:8"));
        assert!(row.target.zone.is_some());
    }
}

#[tokio::test]
async fn what_services_share_is_read_once() {
    let account = Account::new(World::demo()).await;
    let cluster = find::cluster(&account.cx, "prod").await.unwrap();
    let arns: Vec<_> = ls::services(&account.cx, &cluster).await.unwrap().into_iter().map(|it| it.arn).collect();
    let services = ls::service_details(&account.cx, &cluster, &arns).await.unwrap();
    let services: Vec<&Service> = services.iter().collect();
    let before = account.sim.calls().len();
    let together = targets::fronts_of(&account.cx, &services).await.unwrap();
    let calls = account.sim.calls()[before..].to_vec();
    let asked = |operation: &str| {
        let of = calls.iter().filter(|call| call.operation == operation);
        of.map(|call| call.body.to_string()).collect::<Vec<_>>()
    };
    for operation in ["DescribeListeners", "DescribeRules", "DescribeTargetGroupAttributes"] {
        let all = asked(operation);
        let distinct: std::collections::BTreeSet<&String> = all.iter().collect();
        assert_eq!((all.len(), all.len() > 1), (distinct.len(), true), "{operation}: {all:?}");
    }
    assert_eq!(asked("DescribeTargetGroups").len(), 1);
    let mut alone = Vec::new();
    for service in &services {
        alone.extend(targets::fronts_of(&account.cx, &[service]).await.unwrap());
    }
    assert_eq!(together, alone);
    let shared = together.iter().flat_map(|it| &it.fronts).flat_map(|front| &front.balancers);
    assert!(shared.filter(|balancer| &*balancer.name == "prod-public").count() > 1, "nothing is shared");
}

#[tokio::test]
async fn a_port_of_a_host_is_joined_to_its_task() {
    let account = Account::small().await;
    let targets = account.targets("hosted").await;
    let front = front(&targets);
    assert_eq!(ways(front), ["TCP:9090 otherwise"]);
    assert_eq!(front.balancers[0].nature(), "network, internal");
    let rows = rows(&targets);
    assert_eq!(rows.len(), 2);
    let mut joined: Vec<&str> = rows.iter().map(|row| row.task.as_ref().unwrap().arn.name()).collect();
    joined.sort_unstable();
    joined.dedup();
    assert_eq!(joined.len(), 2, "each target is another task");
    for row in rows {
        let container = &row.task.as_ref().unwrap().containers[0];
        assert!(row.target.id.starts_with("i-"), "{}", row.target);
        assert_eq!(row.target.port, Some(container.bindings[0].host));
    }
}

#[tokio::test]
async fn a_classic_load_balancer_tells_its_instances() {
    let account = Account::small().await;
    let targets = account.targets("old").await;
    let front = front(&targets);
    let [balancer] = &front.balancers[..] else { panic!("{:?}", front.balancers) };
    assert_eq!((balancer.nature().as_str(), balancer.instances.len()), ("classic, internet-facing", 2));
    assert_eq!(balancer.listeners[0].to_string(), "HTTP:80 → HTTP:8081");
    assert_eq!(
        balancer.check.as_ref().unwrap().to_string(),
        "HTTP / on 8081 every 30s, timeout 5s, healthy after 10, unhealthy after 2"
    );
    let rows = rows(&targets);
    assert_eq!(rows.iter().map(state).collect::<Vec<_>>(), ["InService", "InService"]);
    assert!(rows.iter().all(|row| row.task.is_some()), "{rows:#?}");
}

#[tokio::test]
async fn a_service_without_load_balancers_costs_nothing() {
    let account = Account::small().await;
    let service = account.service("worker").await;
    let before = account.sim.calls().len();
    let targets = targets::targets(&account.cx, &service).await.unwrap();
    assert!(targets.fronts.fronts.is_empty() && targets.health.sets.is_empty());
    assert_eq!(account.calls_since(before), [""; 0]);
}

#[tokio::test]
async fn each_api_that_is_closed_hides_its_part_alone() {
    let elb = |operation: &str| format!("elasticloadbalancing:{operation}");
    for action in [
        elb("DescribeTargetGroups"),
        elb("DescribeTargetHealth"),
        elb("DescribeTargetGroupAttributes"),
        elb("DescribeLoadBalancers"),
        elb("DescribeListeners"),
        elb("DescribeRules"),
        "ecs:ListTasks".to_owned(),
        "ecs:DescribeTasks".to_owned(),
        "ecs:DescribeContainerInstances".to_owned(),
    ] {
        let account = Account::small().await;
        let service = account.service("hosted").await;
        let web = account.service("web").await;
        account.deny(&action);
        let operation = action.split_once(':').unwrap().1;
        let targets = targets::targets(&account.cx, &service).await.unwrap();
        let of_web = targets::targets(&account.cx, &web).await.unwrap();
        let denied = |targets: &Targets| -> Vec<String> {
            let missing = targets.fronts.missing.iter().chain(&targets.health.missing);
            missing.map(|part| part.action.clone().unwrap()).collect()
        };
        // A network load balancer has no rules, and what has an address needs no instance.
        let everywhere = [denied(&targets), denied(&of_web)].concat();
        assert!(everywhere.iter().all(|it| *it == action) && !everywhere.is_empty(), "{action}: {everywhere:?}");
        let has = |operation: &str, other: &str| operation != other;
        let front = front(&targets);
        assert_eq!(front.group.is_some(), has(operation, "DescribeTargetGroups"), "{action}");
        assert_eq!(front.delay.is_some(), has(operation, "DescribeTargetGroupAttributes"), "{action}");
        assert_eq!(targets.health.sets[0].rows.is_some(), has(operation, "DescribeTargetHealth"), "{action}");
        if operation != "DescribeTargetGroups" {
            let balancer = &front.balancers[0];
            assert_eq!((&*balancer.name, &*balancer.kind), ("inner", "network"), "{action}");
            assert_eq!(balancer.dns_name.is_some(), has(operation, "DescribeLoadBalancers"), "{action}");
            assert_eq!(balancer.listeners.is_empty(), !has(operation, "DescribeListeners"), "{action}");
        }
        if action.starts_with("ecs:") {
            assert!(rows(&targets).iter().all(|row| row.task.is_none() && state(row) == "healthy"), "{action}");
        }
    }
}

#[tokio::test]
async fn a_group_that_is_gone_hides_no_other() {
    let account = Account::small().await;
    let web = account.service("web").await;
    let mut attachments = web.detail.as_ref().unwrap().attachments.clone();
    let mut gone = attachments[0].clone();
    let arn = "arn:aws:elasticloadbalancing:eu-west-1:482913007156:targetgroup/gone/0123456789abcdef";
    gone.to = ecsui::model::AttachedTo::TargetGroup(arn.parse().unwrap());
    attachments.insert(0, gone);
    let fronts = targets::fronts(&account.cx, &attachments).await.unwrap();
    assert!(fronts.fronts[0].group.is_none() && fronts.fronts[1].group.is_some());
    assert!(fronts.missing.iter().all(|part| part.action.is_none()), "{:?}", fronts.missing);
    let (counts, missing) = targets::counts(&account.cx, &attachments).await.unwrap();
    assert_eq!((counts[0].healthy, counts[1].healthy, counts[1].registered), (None, Some(1), Some(2)));
    assert_eq!(missing.len(), 1);
}

#[tokio::test]
async fn what_fails_for_a_while_is_a_failure_and_not_a_part() {
    let account = Account::small().await;
    let service = account.service("web").await;
    account.sim.fault(Fault::error("DescribeTargetHealth", "InternalFailure", "oops"));
    let error = targets::targets(&account.cx, &service).await.unwrap_err();
    assert_eq!((error.kind, error.what.as_str()), (Kind::Internal, "the health of the targets cannot be read"));
}

#[tokio::test]
async fn a_throttled_poll_is_made_again() {
    let account = Account::small().await;
    let service = account.service("web").await;
    account.sim.fault(Fault::error("DescribeTargetHealth", "ThrottlingException", "Rate exceeded").times(1));
    let targets = targets::targets(&account.cx, &service).await.unwrap();
    assert_eq!(rows(&targets).len(), 2);
}

#[tokio::test]
async fn a_rolling_deployment_is_seen_in_the_targets() {
    let rolling = WORLD.replace(
        "name = \"web\"\ndesired = 2\nunhealthy = 1",
        "name = \"web\"\ndesired = 2\nrolling = { from = \"web:7\", done = 0, every = \"1h\" }",
    );
    let account = Account::new(World::from_toml(&rolling).unwrap()).await;
    let service = account.service("web").await;
    let attachments = service.detail.as_ref().unwrap().attachments.clone();
    let fronts = targets::fronts(&account.cx, &attachments).await.unwrap();
    let mut lives: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
    let (mut under_way, mut healthy_at_least) = (0, usize::MAX);
    for _ in 0..150 {
        let health = targets::health(&account.cx, &service.cluster, &service.arn, &attachments).await.unwrap();
        under_way += usize::from(health.is_under_way());
        let rows = health.sets[0].rows.as_ref().unwrap();
        healthy_at_least = healthy_at_least.min(rows.iter().filter(|row| state(row) == "healthy").count());
        for row in rows {
            let task = row.task.as_ref().unwrap_or_else(|| panic!("no task for {}", row.target));
            let life = lives.entry(format!("{} {}", task.definition.name(), task.arn.short())).or_default();
            if life.last().is_none_or(|last| last != state(row)) {
                life.push(state(row).to_owned());
            }
            if state(row) == "draining" {
                let left = fronts.fronts[0].drains_until(row).unwrap().duration_since(task.stopping.unwrap());
                assert_eq!(left.as_secs(), 20);
            }
        }
        account.sim.advance(Duration::from_secs(1));
    }
    let of = |revision: &str| -> Vec<Vec<String>> {
        lives.iter().filter(|(name, _)| name.starts_with(revision)).map(|(_, life)| life.clone()).collect()
    };
    assert_eq!(of("web:7"), [["healthy", "draining"]; 2], "{lives:#?}");
    assert_eq!(of("web:8"), [["initial", "healthy"]; 2], "{lives:#?}");
    assert_eq!(healthy_at_least, 2, "the service never has fewer than it wants");
    assert!((20..140).contains(&under_way), "{under_way}");
    let settled = targets::health(&account.cx, &service.cluster, &service.arn, &attachments).await.unwrap();
    assert!(!settled.is_under_way() && settled.sets[0].rows.as_ref().unwrap().len() == 2);
}

#[tokio::test]
async fn a_target_that_is_no_task_of_the_service_is_shown() {
    let account = Account::small().await;
    let service = account.service("web").await;
    let other = account.service("hosted").await;
    let attachments = service.detail.as_ref().unwrap().attachments.clone();
    let health = targets::health(&account.cx, &other.cluster, &other.arn, &attachments).await.unwrap();
    let rows = health.sets[0].rows.as_ref().unwrap();
    assert!(rows.len() == 2 && rows.iter().all(|row| row.task.is_none()));
    let _: &Target = &rows[0].target;
}

#[tokio::test]
async fn instances_are_told_with_what_ec2_knows() {
    let account = Account::small().await;
    let before = account.sim.calls().len();
    let cluster = find::cluster(&account.cx, "prod").await.unwrap();
    let read = instances::instances(&account.cx, Some(&cluster)).await.unwrap();
    let calls = ["DescribeContainerInstances", "DescribeInstances", "ListClusters", "ListContainerInstances"];
    assert_eq!(account.calls_since(before), calls);
    assert_eq!((read.rows.len(), read.missing.len()), (2, 0));
    for row in &read.rows {
        let host = row.host.as_ref().unwrap();
        assert_eq!((host.state.as_deref(), row.kind()), (Some("running"), Some("m6i.large")));
        assert!(host.private_ip.is_some() && row.zone().is_some() && row.instance.agent_connected);
        assert!(row.instance.cpu.remaining < row.instance.cpu.registered);
    }
    assert_eq!(read.rows.iter().map(|row| row.instance.running).sum::<u32>(), 4);
    let all = instances::instances(&account.cx, None).await.unwrap();
    assert_eq!(all, read);
}

#[tokio::test]
async fn instances_are_shown_without_what_ec2_knows() {
    let account = Account::small().await;
    let cluster = find::cluster(&account.cx, "prod").await.unwrap();
    account.deny("ec2:DescribeInstances");
    let read = instances::instances(&account.cx, Some(&cluster)).await.unwrap();
    assert_eq!(read.missing[0].action.as_deref(), Some("ec2:DescribeInstances"));
    assert!(read.rows.len() == 2 && read.rows.iter().all(|row| row.host.is_none() && row.name().starts_with("i-")));
    assert_eq!(read.rows[0].kind(), Some("m6i.large"), "ECS knows it as an attribute");
    account.deny("ecs:ListContainerInstances");
    let error = instances::instances(&account.cx, Some(&cluster)).await.unwrap_err();
    assert_eq!(error.kind, Kind::Denied);
}

#[tokio::test]
async fn the_demo_has_every_kind_of_target() {
    let account = Account::new(World::demo()).await;
    let mut states = std::collections::BTreeSet::new();
    for cluster in ls::clusters(&account.cx).await.unwrap().clusters {
        let services: Vec<_> = ls::services(&account.cx, &cluster.arn).await.unwrap();
        let arns: Vec<_> = services.into_iter().map(|service| service.arn).collect();
        for service in ls::service_details(&account.cx, &cluster.arn, &arns).await.unwrap() {
            let targets = targets::targets(&account.cx, &service).await.unwrap();
            assert_eq!(targets.fronts.missing, [], "{}", service.name);
            for (front, set) in targets.fronts.fronts.iter().zip(&targets.health.sets) {
                assert!(!front.balancers.is_empty(), "{} has no load balancer", front.attachment.name());
                for row in set.rows.as_ref().unwrap() {
                    assert!(row.task.is_some(), "{} {}", service.name, row.target);
                    let kind = &front.balancers[0].kind;
                    let code = row.target.code.as_deref().unwrap_or_default();
                    states.insert(format!("{kind} {} {code}", state(row)));
                }
            }
        }
    }
    for wanted in [
        "application healthy ",
        "application unhealthy Target.ResponseCodeMismatch",
        "application unhealthy Target.Timeout",
        "application draining Target.DeregistrationInProgress",
        "network healthy ",
        "classic InService N/A",
    ] {
        assert!(states.contains(wanted), "{wanted}: {states:#?}");
    }
}

/// Runs the program against a simulated AWS and returns its output, its errors and its exit code.
fn ecsui(sim: &Sim, line: &str) -> (String, String, Option<i32>) {
    let home = tempfile::TempDir::new().unwrap();
    let output = way::command(sim, home.path(), line).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

/// Runs the program and returns the rows that it prints as JSON.
fn json(sim: &Sim, line: &str) -> Vec<serde_json::Value> {
    let (out, err, code) = ecsui(sim, &format!("{line} -o json"));
    assert_eq!((err.as_str(), code), ("", Some(0)), "{line}");
    serde_json::from_str(&out).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_are_printed_with_what_leads_to_them() {
    let account = Account::small().await;
    let (out, err, code) = ecsui(&account.sim, "targets prod/web");
    assert_eq!((err.as_str(), code), ("", Some(0)));
    let mut lines = out.lines();
    assert_eq!(lines.next(), Some("Target group web → app:8080"));
    for wanted in [
        "  load balancer  front (application, internet-facing)  front-",
        "  listener       HTTPS:443",
        "  rule           10: host a.example or b.example, path /x/*",
        "  rule           20: path /half (weight 1 of 4)",
        "  health check   HTTP /health on traffic-port for 200 every 6s, timeout 5s, healthy after 3, unhealthy after 2",
        "  drains for     20s",
        "TARGET ",
    ] {
        let line = lines.next().unwrap_or_default();
        assert!(line.starts_with(wanted), "{line:?} instead of {wanted:?}");
    }
    assert!(lines.next().unwrap().ends_with("answers the health check with 503"), "{out}");
    let rows = json(&account.sim, "targets prod/web");
    assert_eq!(rows.len(), 2);
    let balancer = &rows[0]["load_balancers"][0];
    assert_eq!((&rows[0]["state"], &rows[0]["code"]), (&"unhealthy".into(), &"Target.ResponseCodeMismatch".into()));
    assert_eq!((&balancer["type"], &balancer["listeners"][0]["port"]), (&"application".into(), &443.into()));
    assert_eq!(balancer["listeners"][0]["rules"][1]["weights"], 4);
    // A task means its own targets.
    let task = rows[1]["task"].as_str().unwrap();
    let of_task = json(&account.sim, &format!("targets {task}"));
    assert_eq!((of_task.len(), &of_task[0]["target"]), (1, &rows[1]["target"]));
    let (out, err, code) = ecsui(&account.sim, "targets prod/worker");
    assert_eq!(
        (out.as_str(), err.as_str(), code),
        ("", "ecsui: worker is registered with no load balancer\n", Some(0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_read_is_said_on_standard_error() {
    let account = Account::small().await;
    account.deny("elasticloadbalancing:DescribeRules");
    account.deny("elasticloadbalancing:DescribeTargetHealth");
    let (out, err, code) = ecsui(&account.sim, "targets prod/web");
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("drains for     20s") && !out.contains("TARGET "), "{out}");
    assert_eq!(
        err,
        "ecsui: the rules of the listeners cannot be read: not allowed: elasticloadbalancing:DescribeRules on *\n\
         ecsui: the health of the targets cannot be read: not allowed: elasticloadbalancing:DescribeTargetHealth on *\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_are_printed() {
    let account = Account::small().await;
    let rows = json(&account.sim, "instances prod");
    assert_eq!((rows.len(), &rows[0]["type"], &rows[0]["state"]), (2, &"m6i.large".into(), &"running".into()));
    let (out, _, code) = ecsui(&account.sim, "instances -o tsv");
    assert_eq!((out.lines().count(), code), (2, Some(0)));
    account.deny("ec2:DescribeInstances");
    let (out, err, code) = ecsui(&account.sim, "instances");
    assert_eq!((out.lines().count(), code), (3, Some(0)));
    let said = "ecsui: names and addresses of the instances cannot be read: not allowed: ec2:DescribeInstances on *\n";
    assert_eq!(err, said);
}

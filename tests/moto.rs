//! Browsing somebody else's ECS: moto, filled by boto3. It gives whole lists at once, no agents, and leaves out much.

#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/peers.rs"]
mod peers;

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use ecsui::{
    aws::Access,
    config::Settings,
    model::{Arn, Group, ParameterKind, PolicyKind, Timestamp},
    ops::{
        Cx, Kind, exec, find, instances, list, logs, ls,
        params::{self, Change},
        targets, watch,
    },
    session::Secret,
};

/// The sizes at which paging goes wrong in tools.
const SIZES: [usize; 8] = [0, 1, 9, 10, 11, 100, 101, 250];

#[tokio::test]
async fn every_size_of_clusters_is_listed_whole() {
    let Some(mut moto) = Moto::start() else { return };
    for size in SIZES {
        moto.fill(size, 0, 0);
        assert_eq!(ls::clusters(&moto.cx()).await.unwrap().clusters.len(), size);
    }
}

#[tokio::test]
async fn every_size_of_services_is_listed_and_described_whole() {
    let Some(mut moto) = Moto::start() else { return };
    for size in SIZES {
        moto.fill(1, size, 0);
        let cx = moto.cx();
        let cluster = ls::clusters(&cx).await.unwrap().clusters.remove(0);
        let services = ls::services(&cx, &cluster.arn).await.unwrap();
        let arns: Vec<Arn> = services.iter().map(|service| service.arn.clone()).collect();
        assert_eq!(arns.len(), size);
        let described = ls::service_details(&cx, &cluster.arn, &arns).await.unwrap();
        assert_eq!(described.into_iter().map(|service| service.arn).collect::<Vec<_>>(), arns);
        assert_eq!(list::rows(&cx, None).await.unwrap().rows.len(), size, "a service without tasks is a row");
    }
}

#[tokio::test]
async fn every_size_of_tasks_is_listed_whole() {
    let Some(mut moto) = Moto::start() else { return };
    for size in SIZES {
        moto.fill(1, 0, size);
        let cx = moto.cx();
        let cluster = ls::clusters(&cx).await.unwrap().clusters.remove(0).arn;
        assert_eq!(ls::tasks(&cx, &cluster, None).await.unwrap().len(), size);
        assert_eq!(list::rows(&cx, None).await.unwrap().rows.len(), size);
    }
}

#[tokio::test]
async fn what_is_there_is_shown_and_the_rest_left_open() {
    let Some(mut moto) = Moto::start() else { return };
    moto.fill(1, 1, 1);
    let cx = moto.cx();
    let identity = ls::identity(&cx).await.unwrap();
    assert_eq!(identity.account.as_deref(), Some("123456789012"));

    let cluster = ls::clusters(&cx).await.unwrap().clusters.remove(0);
    assert_eq!((&*cluster.name, &*cluster.detail.unwrap().status), ("cluster-000", "ACTIVE"));
    let service = ls::services(&cx, &cluster.arn).await.unwrap().remove(0);
    let detail = ls::service_details(&cx, &cluster.arn, std::slice::from_ref(&service.arn)).await.unwrap().remove(0);
    let detail = detail.detail.unwrap();
    assert_eq!((detail.desired, detail.deployments.len(), detail.events.len()), (1, 1, 0));

    let task = ls::tasks(&cx, &cluster.arn, None).await.unwrap().remove(0);
    assert_eq!((&*task.last_status, task.group.clone()), ("RUNNING", Group::Standalone("family:web".into())));
    assert!(task.ip.is_some() && task.stopped_reason.is_none());
    assert_eq!((task.containers[0].exit_code, task.containers[0].runtime_id.as_ref()), (None, None));
    let definition = ls::task_definition(&cx, &task.definition).await.unwrap();
    assert_eq!((definition.arn.name(), definition.containers[0].image.as_str()), ("web:1", "nginx:1"));

    let error = exec::choose_in_task(&cx, &cluster.arn, &task.arn).await.unwrap_err();
    assert_eq!(error.kind, Kind::Refused);
    assert!(error.line().starts_with("exec is not enabled"), "{}", error.line());
    let found = find::containers(&cx, &["web/app".to_owned()], None).await.unwrap();
    assert_eq!(found.len(), 1);
}

/// moto has no scaling activities, and its CloudWatch speaks no CBOR.
#[tokio::test]
async fn scaling_and_parameters_are_read_and_changed() {
    let Some(mut moto) = Moto::start() else { return };
    moto.ask(r#"{"clusters": 1, "services": 2, "tasks": 0, "watch": ["cluster-000", "web-000"]}"#);
    let cx = moto.cx();
    let cluster = ls::clusters(&cx).await.unwrap().clusters.remove(0).arn;
    let [scaled, other] = &ls::services(&cx, &cluster).await.unwrap()[..] else { panic!("two services") };
    let scaling = watch::scaling(&cx, &cluster, &scaled.arn).await.unwrap();
    let limits = scaling.limits.unwrap();
    assert_eq!((limits.min, limits.max, limits.suspended.len()), (2, 9, 0));
    assert!(matches!(&scaling.policies[0].kind, PolicyKind::Track { target, .. } if target == "60"));
    assert_eq!(scaling.missing.len(), 1, "the activities, and the rest is told: {:?}", scaling.missing);
    assert_eq!(watch::scaling(&cx, &cluster, &other.arn).await.unwrap().limits, None);

    let listed = params::list(&cx, scaled, "/application/web-000", false).await.unwrap().parameters;
    assert_eq!(listed.len(), 26);
    let secret = listed[25].parameter.as_ref().unwrap();
    assert_eq!((secret.kind, &secret.value), (ParameterKind::SecureString, &None));
    let name = "/application/web-000/SECRET";
    let change =
        |kind| Change { name: name.to_owned(), value: Secret::new("neu"), kind, key_id: None, description: None };
    let prepared = params::prepare(&cx, change(None)).await.unwrap();
    assert_eq!(prepared.key_id(), Some("alias/web"), "it is kept");
    assert_eq!(params::put(&cx, &prepared).await.unwrap(), 2);
    assert_eq!(params::get(&cx, name).await.unwrap().value.as_deref(), Some("neu"));
    params::delete(&cx, name).await.unwrap();
    assert_eq!(params::get(&cx, name).await.unwrap_err().kind, Kind::NotFound);
    assert_eq!(params::delete(&cx, name).await.unwrap_err().kind, Kind::NotFound);
}

#[tokio::test]
async fn load_balancers_their_targets_and_the_instances_behind_them_are_read() {
    let Some(mut moto) = Moto::start() else { return };
    moto.ask(r#"{"clusters": 1, "services": 0, "tasks": 0, "front": "cluster-000"}"#);
    let cx = moto.cx();
    let cluster = ls::cluster_arns(&cx).await.unwrap().remove(0);
    let [classic, fronted] = &ls::services(&cx, &cluster).await.unwrap()[..] else { panic!("two services") };

    let targets::Targets { fronts, health } = targets::targets(&cx, fronted).await.unwrap();
    assert_eq!((fronts.missing, health.missing), (vec![], vec![]));
    let [front] = &fronts.fronts[..] else { panic!("one target group") };
    let check = &front.group.as_ref().unwrap().check;
    assert_eq!((front.attachment.name(), check.path.as_deref()), ("front", Some("/healthz")));
    assert_eq!(front.delay, Some(Duration::from_secs(45)));
    let [balancer] = &front.balancers[..] else { panic!("one load balancer") };
    assert_eq!((&*balancer.name, &*balancer.kind), ("shop", "application"));
    let [listener] = &balancer.listeners[..] else { panic!("one listener") };
    assert_eq!((&*listener.protocol, listener.port), ("HTTP", Some(80)));
    let rules: Vec<_> = listener
        .rules
        .iter()
        .map(|rule| (rule.priority, &rule.conditions[0].field, &rule.conditions[0].values))
        .collect();
    assert_eq!(
        rules,
        [(Some(7), &"path-pattern".to_owned(), &vec!["/shop/*".to_owned()])],
        "and not what goes elsewhere"
    );
    let rows = health.sets[0].rows.as_ref().unwrap();
    let rows: Vec<_> = rows.iter().map(|row| (&*row.target.id, row.target.port, &*row.target.state)).collect();
    assert_eq!(rows, [("10.0.0.7", Some(8080), "healthy"), ("10.0.0.8", Some(8080), "healthy")]);

    let instances = instances::instances(&cx, Some(&cluster)).await.unwrap();
    assert_eq!((instances.rows.len(), instances.missing), (1, vec![]));
    let instance = &instances.rows[0];
    assert_eq!((instance.name(), instance.kind(), instance.zone()), ("ecs-a", Some("m6i.large"), Some("eu-west-1a")));
    let id = instance.instance.ec2.clone().unwrap();

    let targets::Targets { fronts, health } = targets::targets(&cx, classic).await.unwrap();
    assert_eq!((fronts.missing, health.missing), (vec![], vec![]));
    let balancer = &fronts.fronts[0].balancers[0];
    assert_eq!((&*balancer.name, &*balancer.kind, &balancer.instances), ("old", "classic", &vec![id.clone()]));
    assert_eq!(balancer.listeners[0].backend.as_ref().unwrap().port, 32000);
    let rows = health.sets[0].rows.as_ref().unwrap();
    assert_eq!((rows.len(), &rows[0].target.id, &*rows[0].target.state), (1, &id, "InService"));
}

#[tokio::test]
async fn logs_are_read_whole_over_many_pages() {
    let Some(mut moto) = Moto::start() else { return };
    // It knows no live tail, and reads from the beginning alone.
    for count in [1, 50, 2500] {
        moto.ask(&format!(r#"{{"clusters": 1, "services": 0, "tasks": 0, "log": {count}}}"#));
        let cx = moto.cx();
        let cluster = ls::cluster_arns(&cx).await.unwrap().remove(0);
        let task = ls::tasks(&cx, &cluster, None).await.unwrap().remove(0);
        let whose = logs::Whose::Tasks { cluster, tasks: vec![task.arn.clone()] };
        let wanted = logs::Wanted { whose, task: None, container: None, pattern: None };
        let mut reading = logs::span(&cx, &wanted, Timestamp::UNIX_EPOCH, None).await.unwrap();
        let mut lines = Vec::new();
        while !reading.is_at_its_end() {
            lines.extend(reading.next(500).await.unwrap());
        }
        let numbered: Vec<String> = (0..count).map(|number| format!("line {number:05}")).collect();
        assert!(lines.iter().map(|line| &*line.message).eq(numbered.iter().map(String::as_str)), "{count}: {lines:?}");
        assert!(lines.iter().all(|line| line.source.task == task.arn && &*line.source.container == "app"));
        assert!(lines.is_sorted_by_key(|line| line.at) && lines.iter().all(|line| line.ingested.is_some()));
    }
}

/// A moto server of this test's own. Dropping it ends it.
struct Moto {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    endpoint: String,
}

impl Moto {
    fn start() -> Option<Self> {
        let mut command = Command::new(peers::python()?);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/moto_server.py"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let requests = child.stdin.take();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let mut endpoint = String::new();
        answers.read_line(&mut endpoint).unwrap();
        Some(Self { child, requests, answers, endpoint: endpoint.trim().to_owned() })
    }

    /// Empties the account and fills it with so many clusters of so many services and standalone tasks each.
    fn fill(&mut self, clusters: usize, services: usize, tasks: usize) {
        self.ask(&format!(r#"{{"clusters": {clusters}, "services": {services}, "tasks": {tasks}}}"#));
    }

    fn ask(&mut self, request: &str) {
        writeln!(self.requests.as_ref().unwrap(), "{request}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "ready\n", "{request}");
    }

    fn cx(&self) -> Cx {
        let access = Access::Fixed {
            name: "moto".to_owned(),
            region: "eu-west-1".to_owned(),
            endpoint_url: self.endpoint.clone(),
            access_key: "AKID".to_owned(),
            secret_key: Secret::new("secret"),
        };
        Cx::new(access, Settings::default())
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.requests.take());
        // It ends with its input; a test that failed under a request need not wait for that.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

//! Words and what they find.

use proptest::prelude::*;

use super::{words::Query, *};
use crate::model::{Container, ExecAgent, Group};

fn arn(resource: &str) -> Arn {
    format!("arn:aws:ecs:eu-west-1:123456789012:{resource}").parse().unwrap()
}

/// Everything of an account of two clusters.
fn everything() -> Vec<Target> {
    let task = |cluster: &str, group: Group, id: &str| {
        let container = |name: &str| Container {
            arn: Some(arn(&format!("container/{cluster}/{id}/{name}"))),
            name: name.into(),
            image: "image".into(),
            digest: None,
            last_status: "RUNNING".into(),
            health: "HEALTHY".into(),
            bindings: Vec::new(),
            runtime_id: None,
            exit_code: None,
            reason: None,
            exec: ExecAgent::Running,
        };
        Arc::new(Task {
            arn: arn(&format!("task/{cluster}/{id}")),
            cluster: arn(&format!("cluster/{cluster}")),
            group,
            definition: arn("task-definition/x:1"),
            last_status: "RUNNING".into(),
            desired_status: "RUNNING".into(),
            health: "HEALTHY".into(),
            launch: "FARGATE".into(),
            zone: None,
            instance: None,
            ip: None,
            exec_enabled: true,
            created: None,
            started: None,
            stopping: None,
            stopped: None,
            stop_code: None,
            stopped_reason: None,
            containers: ["app", "envoy"].map(container).to_vec(),
        })
    };
    let service = |name: &str| Group::Service(name.into());
    let tasks = [
        task("prod", service("payments-api"), "4f2ab81c00000000000000000000aaaa"),
        task("prod", service("api"), "77c01d9e00000000000000000000bbbb"),
        task("prod", service("api"), "88c01d9e00000000000000000000bbbb"),
        task("prod", Group::Standalone("family:migrate".into()), "deadbeef00000000000000000000cccc"),
        task("staging", service("api"), "0badcafe00000000000000000000dddd"),
    ];
    let clusters = ["prod", "staging"].map(|name| Target::Cluster(arn(&format!("cluster/{name}"))));
    let places = [("prod", "payments-api"), ("prod", "api"), ("prod", "cron"), ("staging", "api")];
    let services = places.map(|(cluster, name)| {
        let (arn, cluster) = (arn(&format!("service/{cluster}/{name}")), arn(&format!("cluster/{cluster}")));
        Target::Service(Service { arn, cluster, name: name.into(), detail: None })
    });
    let containers = tasks.iter().flat_map(|task| {
        let tasks = || vec![Arc::clone(task)];
        task.containers.iter().map(move |it| Target::Container { tasks: tasks(), name: Arc::clone(&it.name) })
    });
    let tasks_themselves = tasks.iter().cloned().map(Target::Task);
    clusters.into_iter().chain(services).chain(tasks_themselves).chain(containers).collect()
}

/// Everything there is to look in.
const ALL: &[Depth] = &[Depth::Cluster, Depth::Service, Depth::Task, Depth::Container];

fn query(words: &str) -> Query {
    Query::new(&[words.to_owned()], ALL).unwrap()
}

/// Returns the paths of what fits best of these depths.
fn meant_of(words: &str, wanted: &[Depth]) -> Vec<String> {
    let there = everything().into_iter().filter(|target| wanted.contains(&target.depth()));
    let found = outermost(together(query(words).fitting(there)));
    closest(&found).into_iter().map(|found| found.target.path()).collect()
}

/// Returns the paths of the containers that fit best.
fn best(words: &str) -> Vec<String> {
    let there = everything().into_iter().filter(|target| target.depth() == Depth::Container);
    let found = query(words).fitting(there);
    closest(&found).into_iter().map(|found| found.target.path()).collect()
}

#[test]
fn words_name_parts_in_any_order() {
    assert_eq!(best("app pay"), ["prod/payments-api/4f2ab81c/app"]);
    assert_eq!(best("stag env"), ["staging/api/0badcafe/envoy"]);
    assert!(best("nothing").is_empty());
}

#[test]
fn the_very_name_comes_before_a_part_of_one() {
    assert_eq!(best("prod/api").len(), 4);
    assert_eq!(best("prod api app"), ["prod/api/77c01d9e/app", "prod/api/88c01d9e/app"]);
}

#[test]
fn a_path_may_leave_parts_out_and_never_goes_back() {
    assert_eq!(best("payments-api/envoy"), ["prod/payments-api/4f2ab81c/envoy"]);
    assert_eq!(best("prod/payments-api/4f2a/app"), ["prod/payments-api/4f2ab81c/app"]);
    assert!(best("app/payments-api").is_empty());
}

#[test]
fn task_ids_are_known_by_their_beginning() {
    assert_eq!(best("dead"), ["prod/family:migrate/deadbeef/app", "prod/family:migrate/deadbeef/envoy"]);
    assert!(best("beef0000").is_empty());
}

#[test]
fn arns_are_taken_as_they_are() {
    assert_eq!(best(arn("task/prod/4f2ab81c00000000000000000000aaaa").as_str()).len(), 2);
    assert_eq!(best(arn("service/staging/api").as_str()).len(), 2);
    assert_eq!(best(arn("service/api").as_str()).len(), 6);
    assert_eq!(best(arn("cluster/prod").as_str()).len(), 8);
    assert_eq!(best(arn("task-definition/x:1").as_str()).len(), 10);
    let container = arn("container/prod/4f2ab81c00000000000000000000aaaa/envoy");
    assert_eq!(best(container.as_str()), ["prod/payments-api/4f2ab81c/envoy"]);
    assert!(best(arn("task/prod/gone").as_str()).is_empty());
}

#[test]
fn fzfs_marks_work() {
    assert_eq!(best("pay !envoy"), ["prod/payments-api/4f2ab81c/app"]);
    assert_eq!(best("^api app$ !staging"), ["prod/api/77c01d9e/app", "prod/api/88c01d9e/app"]);
}

#[test]
fn words_look_in_columns() {
    use Depth::{Cluster, Container, Service, Task};
    assert_eq!(best("cluster:stag container:app"), ["staging/api/0badcafe/app"]);
    assert_eq!(best("service:pay image:imag status:run exec:yes !container:envoy").len(), 1);
    assert_eq!(best("task:dead container:^env"), ["prod/family:migrate/deadbeef/envoy"]);
    assert!(best("rev:2").is_empty() && best("rev:1").len() == 10 && best("!rev:1").is_empty());
    assert_eq!(meant_of("cluster:prod", &[Cluster, Service]), ["prod"]);
    assert_eq!(meant_of("service:api", &[Service]), ["prod/api", "staging/api"], "the very name is closer than a part");
    assert_eq!(meant_of("image:imag service:payments", &[Service, Task, Container]), ["prod/payments-api/4f2ab81c"]);
    assert_eq!(query("cluster:stag").narrow(&[arn("cluster/prod"), arn("cluster/staging")]).len(), 1);
}

#[test]
fn a_column_that_such_things_do_not_have_is_said() {
    let refused = |words: &str, wanted: &[Depth]| match Query::new(&[words.to_owned()], wanted) {
        Ok(_) => panic!("{words}"),
        Err(error) => (error.kind, error.line(), error.hints.join(" ")),
    };
    let (kind, line, hints) = refused("image:nginx", &[Depth::Service]);
    assert_eq!((kind, line.as_str()), (Kind::Usage, "there is no column image to look in"));
    assert_eq!(hints, "there are cluster, service; 'image: looks for the text itself");
    assert_eq!(refused("nope:1", ALL).1, "there is no column nope to look in");
    assert!(Query::new(&["'nope:1".to_owned(), "prod/family:migrate".to_owned()], ALL).is_ok());
}

#[test]
fn only_the_named_cluster_is_looked_into() {
    let clusters = [arn("cluster/prod"), arn("cluster/staging")];
    let narrow = |words: &str| query(words).narrow(&clusters).len();
    assert_eq!(narrow("prod/api"), 1);
    assert_eq!(narrow(arn("task/staging/0badcafe").as_str()), 1);
    assert_eq!(narrow("prod api"), 1);
    assert_eq!(narrow("pro/api"), 2);
    assert_eq!(narrow("prod"), 2);
}

#[test]
fn a_cluster_is_found_by_name_part_and_arn() {
    let clusters = || vec![arn("cluster/prod"), arn("cluster/prod-batch"), arn("cluster/dev")];
    let find = |name: &str| unique(name, clusters(), Arn::clone);
    assert_eq!(find("prod").unwrap().unwrap().name(), "prod");
    assert_eq!(find("batch").unwrap().unwrap().name(), "prod-batch");
    assert_eq!(find(arn("cluster/dev").as_str()).unwrap().unwrap().name(), "dev");
    assert_eq!(find("pro").unwrap_err().kind, Kind::Usage);
    assert!(find("test").unwrap().is_none());
}

#[test]
fn the_outermost_thing_of_the_wanted_depths_is_meant() {
    use Depth::{Cluster, Container, Service, Task};
    assert_eq!(meant_of("prod", &[Cluster, Service]), ["prod"]);
    assert_eq!(meant_of("prod/api", &[Cluster, Service]), ["prod/api"]);
    assert_eq!(meant_of("cron", &[Cluster, Service]), ["prod/cron"]);
    assert_eq!(meant_of("api", &[Cluster, Service]), ["prod/api", "staging/api"]);
    assert_eq!(meant_of("prod api", &[Service, Task, Container]), ["prod/api"]);
    assert_eq!(meant_of("prod/api/77c0", &[Service, Task, Container]), ["prod/api/77c01d9e"]);
    assert_eq!(meant_of("migrate", &[Service, Task, Container]), ["prod/family:migrate/deadbeef"]);
    assert_eq!(meant_of("prod", &[Task]).len(), 4);
}

#[test]
fn the_containers_of_a_service_that_have_one_name_are_one_target() {
    use Depth::{Container, Service, Task};
    let wanted = [Service, Task, Container];
    assert_eq!(meant_of("prod/api/app", &wanted), ["prod/api/app"]);
    assert_eq!(meant_of("prod/api/88c0/app", &wanted), ["prod/api/88c01d9e/app"]);
    let there = everything().into_iter().filter(|target| target.depth() == Container);
    let found = together(query("prod/api/app").fitting(there));
    assert_eq!(closest(&found)[0].target.tasks().len(), 2);
}

#[test]
fn what_is_not_there_or_may_be_several_is_said() {
    let words = |text: &str| vec![text.to_owned()];
    let error = meant(&words("x"), &[Depth::Cluster, Depth::Service], &[]).unwrap_err();
    assert_eq!((error.kind, error.line().as_str()), (Kind::NotFound, "no cluster or service matches \"x\""));
    let found = query("api").fitting(everything().into_iter().filter(|it| it.depth() == Depth::Service));
    let error = meant(&words("api"), &[Depth::Service], &found).unwrap_err();
    assert_eq!((error.kind, error.line().as_str()), (Kind::Usage, "\"api\" may mean several: prod/api, staging/api"));
}

proptest! {
    #[test]
    fn no_words_panic(words in proptest::collection::vec("[ -~é支/:!^$']{0,12}", 0..4)) {
        let Ok(query) = Query::new(&words, ALL) else { return Ok(()) };
        let found = outermost(together(query.fitting(everything())));
        let _ = (query.narrow(&[arn("cluster/prod")]), query.service(&[]), query.ids().count(), query.names().count());
        let _ = meant(&words, &[Depth::Service], &found);
    }

    #[test]
    fn the_whole_path_means_the_thing(index in 0..16_usize) {
        let there = everything();
        let target = &there[index % there.len()];
        let depth = [target.depth()];
        prop_assert_eq!(meant_of(&target.path(), &depth), [target.path()]);
    }
}

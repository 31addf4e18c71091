//! Target words against a simulated AWS: what they mean, and in how few calls that is found out.

#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/way.rs"]
mod way;

use ecsui::{
    ops::{
        Cx, Kind,
        find::{self, Depth, Target},
    },
    sim::{Fault, Options, Sim, World},
};

const EVERYTHING: &[Depth] = &[Depth::Cluster, Depth::Service, Depth::Task, Depth::Container];

struct Account {
    sim: Sim,
    cx: Cx,
}

impl Account {
    async fn new() -> Self {
        let sim = Sim::start(World::grid(3, 120, 2), Options::explicit()).await.unwrap();
        sim.edit(|world| {
            world.add_service("prod-1", "checkout", 3);
            world.add_service("staging-1", "idle", 0);
        });
        let cx = way::cx(&sim);
        Self { sim, cx }
    }

    async fn try_one(&self, words: &str, within: Option<&str>, wanted: &[Depth]) -> Result<Target, ecsui::ops::Error> {
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        let found = find::targets(&self.cx, &words, within, wanted).await?;
        find::meant(&words, wanted, &found)
    }

    /// Returns the path of what the words mean, and the calls that it took to find out.
    async fn one(&self, words: &str, within: Option<&str>, wanted: &[Depth]) -> (String, Vec<String>) {
        let before = self.sim.calls().len();
        let target = self.try_one(words, within, wanted).await.unwrap();
        (target.path(), self.sim.calls()[before..].iter().map(|call| call.operation.clone()).collect())
    }

    /// Returns the ARN of a task of the service that has three.
    async fn a_task(&self) -> String {
        let found = find::targets(&self.cx, &["prod-1/checkout".to_owned()], None, &[Depth::Task]).await.unwrap();
        found[0].target.tasks()[0].arn.to_string()
    }
}

#[tokio::test]
async fn a_cluster_and_a_service_cost_their_two_lists() {
    let account = Account::new().await;
    let (path, calls) = account.one("prod-1", None, EVERYTHING).await;
    assert_eq!((path.as_str(), &calls[..]), ("prod-1", &["ListClusters".to_owned()][..]));
    for words in ["prod-1/checkout", "prod-1 checkout"] {
        let (path, calls) = account.one(words, None, EVERYTHING).await;
        assert_eq!(path, "prod-1/checkout");
        // 121 services are two pages.
        assert_eq!(calls, ["ListClusters", "ListServices", "ListServices"], "{words}");
    }
    let (path, calls) = account.one("checkout", Some("prod-1"), &[Depth::Service]).await;
    assert_eq!((path.as_str(), calls.len()), ("prod-1/checkout", 3));
}

#[tokio::test]
async fn tasks_are_read_only_of_the_service_that_is_named() {
    let account = Account::new().await;
    let (path, calls) = account.one("prod-1/checkout/envoy", None, EVERYTHING).await;
    assert_eq!(path, "prod-1/checkout/envoy");
    assert_eq!(calls, ["ListClusters", "ListServices", "ListServices", "ListTasks", "DescribeTasks"]);
}

#[tokio::test]
async fn arns_lead_straight_to_what_they_name() {
    let account = Account::new().await;
    let task = account.a_task().await;
    let (path, calls) = account.one(&task, None, EVERYTHING).await;
    assert!(path.starts_with("prod-1/checkout/"), "{path}");
    assert_eq!(calls, ["DescribeTasks"]);
    let service = task.replace(":task/", ":service/").rsplit_once('/').unwrap().0.to_owned() + "/checkout";
    let (path, calls) = account.one(&service, None, EVERYTHING).await;
    assert_eq!((path.as_str(), calls.len()), ("prod-1/checkout", 2));
    let id = task.rsplit('/').next().unwrap();
    let (path, _) = account.one(id, Some("prod-1"), EVERYTHING).await;
    assert!(path.starts_with("prod-1/checkout/"), "{path}");
    let (path, _) = account.one(&format!("checkout {}", &id[..6]), None, EVERYTHING).await;
    assert!(path.ends_with(&id[..8]), "{path}");
}

#[tokio::test]
async fn a_task_that_has_stopped_is_found_by_its_id() {
    let account = Account::new().await;
    let task = account.a_task().await;
    assert!(account.sim.stop_task(&task.parse().unwrap(), "for the test"));
    account.sim.advance(std::time::Duration::from_mins(2));
    let target = account.try_one(&task, None, &[Depth::Task]).await.unwrap();
    assert_eq!(&*target.tasks()[0].last_status, "STOPPED");
    let id = task.rsplit('/').next().unwrap();
    assert_eq!(account.try_one(id, None, &[Depth::Task]).await.unwrap(), target);
}

#[tokio::test]
async fn an_idle_service_is_found_and_an_arn_of_elsewhere_is_said() {
    let account = Account::new().await;
    assert_eq!(account.one("idle", None, &[Depth::Cluster, Depth::Service]).await.0, "staging-1/idle");
    let elsewhere = "arn:aws:ecs:us-east-1:482913007156:service/prod-1/checkout";
    let error = account.try_one(elsewhere, None, &[Depth::Service]).await.unwrap_err();
    assert_eq!(error.kind, Kind::NotFound);
    assert_eq!(error.hints, ["--region us-east-1 looks there"]);
    let error = account.try_one("no-such-thing", None, &[Depth::Service]).await.unwrap_err();
    assert_eq!(error.kind, Kind::NotFound);
}

#[tokio::test]
async fn who_may_not_list_can_name_in_full() {
    let account = Account::new().await;
    let denied = |operation| Fault::error(operation, "AccessDeniedException", "not authorized to perform: that");
    account.sim.fault(denied("ListServices"));
    assert_eq!(account.one("prod-1/checkout", None, &[Depth::Service]).await.0, "prod-1/checkout");
    account.sim.fault(denied("ListClusters"));
    assert_eq!(account.one("checkout", Some("prod-1"), &[Depth::Service]).await.0, "prod-1/checkout");
    let error = account.try_one("check", Some("prod-1"), &[Depth::Service]).await.unwrap_err();
    assert_eq!(error.kind, Kind::Denied);
}

#[tokio::test]
async fn a_cluster_that_is_closed_hides_no_other() {
    let account = Account::new().await;
    let denied = Fault::error("ListServices", "AccessDeniedException", "not authorized to perform: that");
    account.sim.fault(denied.matching("staging-1"));
    assert_eq!(account.one("checkout", None, &[Depth::Service]).await.0, "prod-1/checkout");
}

#[tokio::test]
async fn words_in_columns_are_looked_for_where_they_can_be() {
    let account = Account::new().await;
    let (path, calls) = account.one("cluster:^prod-1 service:checkout", None, EVERYTHING).await;
    assert_eq!(path, "prod-1/checkout");
    let (_, by_path) = account.one("prod-1/checkout", None, EVERYTHING).await;
    assert_eq!(calls, by_path, "no other cluster is looked into, and no task is read");
    let error = account.try_one("image:nginx", None, &[Depth::Service]).await.unwrap_err();
    assert_eq!((error.kind, error.line().as_str()), (Kind::Usage, "there is no column image to look in"));
}

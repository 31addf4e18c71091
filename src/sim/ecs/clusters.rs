//! ListClusters and DescribeClusters.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Account,
    members::{included, missing, read, tags, without_nulls},
    paging::Page,
};
use crate::sim::{
    refusal::Refusal,
    world::{Cluster, Launch, Phase, Task},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    next_token: Option<String>,
    max_results: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Describe {
    #[serde(default)]
    clusters: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
}

pub(super) fn list(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let List { next_token, max_results } = read(body)?;
    let page = Page::read("clusters".into(), max_results, next_token.as_deref(), 100)?;
    let mut items: Vec<(String, String)> =
        cx.world.clusters.iter().map(|cluster| (Cluster::order(&cluster.name), cx.cluster_arn(cluster))).collect();
    items.sort();
    Ok(page.of("clusterArns", items.into_iter()))
}

pub(super) fn describe(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let Describe { clusters, include } = read(body)?;
    let include = included(&include, &["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"])?;
    if clusters.len() > 100 {
        return Err(Refusal::parameter("Clusters can have at most 100 items."));
    }
    let asked = if clusters.is_empty() { vec!["default".to_owned()] } else { clusters };
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for text in &asked {
        match cx.cluster_name(text)?.and_then(|name| cx.world.cluster(&name)) {
            Some(cluster) => found.push(cluster),
            None if text.starts_with("arn:") => failures.push(missing(text)),
            None => failures.push(missing(&cx.world.arn(format_args!("cluster/{text}")))),
        }
    }
    found.sort_by_key(|cluster| std::cmp::Reverse(Cluster::order(&cluster.name)));
    found.dedup_by_key(|cluster| &cluster.name);
    let clusters: Vec<Value> = found.into_iter().map(|cluster| cx.cluster_json(cluster, &include)).collect();
    Ok(json!({ "clusters": clusters, "failures": failures }))
}

impl Account<'_> {
    pub(super) fn cluster_arn(self, cluster: &Cluster) -> String {
        self.world.arn(format_args!("cluster/{}", cluster.name))
    }

    fn cluster_json(self, cluster: &Cluster, include: &[String]) -> Value {
        let has = |word: &str| include.iter().any(|included| included == word);
        let count = |wanted: &dyn Fn(&Task) -> bool| cluster.tasks.values().filter(|task| wanted(task)).count();
        let active = cluster.services.values().filter(|service| service.status == "ACTIVE").count();
        let insights = if cluster.insights { "enabled" } else { "disabled" };
        let key = cluster.kms_key.as_deref().map(|id| self.world.key_arn(id));
        without_nulls(json!({
            "clusterArn": self.cluster_arn(cluster),
            "clusterName": &*cluster.name,
            "status": "ACTIVE",
            "registeredContainerInstancesCount": cluster.instances.len(),
            "runningTasksCount": count(&|task| task.phase == Phase::Running),
            "pendingTasksCount": count(&|task| task.phase.is_pending()),
            "activeServicesCount": active,
            "statistics": if has("STATISTICS") { statistics(cluster) } else { json!([]) },
            "tags": if has("TAGS") { tags(&cluster.tags) } else { json!([]) },
            "settings": if has("SETTINGS") { json!([{ "name": "containerInsights", "value": insights }]) } else { json!([]) },
            "configuration": has("CONFIGURATIONS").then(|| json!({
                "executeCommandConfiguration": { "kmsKeyId": key, "logging": "DEFAULT" },
            })),
            "attachments": has("ATTACHMENTS").then(|| json!([])),
            "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "defaultCapacityProviderStrategy": [],
        }))
    }
}

fn statistics(cluster: &Cluster) -> Value {
    let mut statistics = Vec::new();
    for (launch, name) in [(Launch::Ec2, "EC2"), (Launch::Fargate, "Fargate"), (Launch::External, "External")] {
        let tasks = |wanted: &dyn Fn(Phase) -> bool| {
            cluster.tasks.values().filter(|task| task.launch == launch && wanted(task.phase)).count()
        };
        let services = |status: &str| {
            cluster.services.values().filter(|service| service.launch == launch && service.status == status).count()
        };
        statistics.extend([
            (format!("running{name}TasksCount"), tasks(&|phase| phase == Phase::Running)),
            (format!("pending{name}TasksCount"), tasks(&Phase::is_pending)),
            (format!("active{name}ServiceCount"), services("ACTIVE")),
            (format!("draining{name}ServiceCount"), services("DRAINING")),
        ]);
    }
    statistics.into_iter().map(|(name, value)| json!({ "name": name, "value": value.to_string() })).collect()
}

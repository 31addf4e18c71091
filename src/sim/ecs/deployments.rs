//! ListServiceDeployments, DescribeServiceDeployments and DescribeServiceRevisions.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Account,
    members::{missing, read, without_nulls},
    paging::Page,
    services::{Counts, counts},
};
use crate::{
    model::Arn,
    sim::{
        refusal::Refusal,
        world::{Breaker, Cause, Cluster, Controller, Launch, Release, Revision, Service, Stage},
    },
};

/// How many deployments or revisions are described at once:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html>.
const DESCRIBED_AT_ONCE: usize = 20;
/// How many are listed where nobody says:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html>.
const LISTED: usize = 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    service: String,
    cluster: Option<String>,
    #[serde(default)]
    status: Vec<String>,
    created_at: Option<Between>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

/// A span of time, in epoch seconds.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Between {
    before: Option<f64>,
    after: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Describe {
    service_deployment_arns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DescribeRevisions {
    service_revision_arns: Vec<String>,
}

pub(super) fn list(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let List { service, cluster, status, created_at, next_token, max_results } = read(body)?;
    let cluster = cx.cluster(cluster.as_deref())?;
    let name = cx.name_in(cluster, "service", &service)?;
    let service = name
        .and_then(|name| cluster.services.get(&*name))
        .ok_or_else(|| Refusal::new("ServiceNotFoundException", "Service not found."))?;
    let question = format!("deployments {} {} {status:?} {created_at:?}", cluster.name, service.name);
    let page = Page::read(question, max_results, next_token.as_deref(), LISTED)?;
    let fits = |release: &&Release| {
        let created = cx.seconds(release.created);
        let within = created_at.as_ref().is_none_or(|span| {
            span.before.is_none_or(|before| created < before) && span.after.is_none_or(|after| created > after)
        });
        within
            && service.controller == Controller::Ecs
            && release.is_remembered(cx.clock.now())
            && cx.clock.now().checked_since(release.created).is_none_or(|age| age >= cx.world.history_lag)
            && (status.is_empty() || status.iter().any(|wanted| wanted == release.stage.as_str()))
    };
    let mut items: Vec<(String, Value)> = service
        .releases
        .iter()
        .filter(fits)
        .map(|release| (cx.place_in_time(release), cx.brief_json(cluster, service, release)))
        .collect();
    items.sort_by(|one, other| other.0.cmp(&one.0));
    Ok(page.of_descending("serviceDeployments", items.into_iter()))
}

pub(super) fn describe(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let Describe { service_deployment_arns: arns } = read(body)?;
    within_limit("serviceDeploymentArns", &arns)?;
    cx.each("serviceDeployments", &arns, "service-deployment", |cluster, service, id| {
        let release = service.releases.iter().find(|release| &*release.id == id)?;
        release.is_remembered(cx.clock.now()).then(|| cx.release_json(cluster, service, release))
    })
}

pub(super) fn describe_revisions(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let DescribeRevisions { service_revision_arns: arns } = read(body)?;
    within_limit("serviceRevisionArns", &arns)?;
    cx.each("serviceRevisions", &arns, "service-revision", |cluster, service, number| {
        let revisions = service.releases.iter().flat_map(|release| release.source.iter().chain([&release.target]));
        let revision = revisions.into_iter().find(|revision| revision.number() == number)?;
        Some(cx.revision_json(cluster, service, revision))
    })
}

fn within_limit(name: &str, arns: &[String]) -> Result<(), Refusal> {
    match arns.len() {
        0 => Err(Refusal::parameter(format!("{name} cannot be empty."))),
        1..=DESCRIBED_AT_ONCE => Ok(()),
        _ => Err(Refusal::parameter(format!("{name} can have at most {DESCRIBED_AT_ONCE} items."))),
    }
}

impl<'a> Account<'a> {
    /// Answers what is asked for by ARNs `KIND/CLUSTER/SERVICE/NAME`.
    fn each(
        self,
        member: &str,
        arns: &[String],
        kind: &str,
        find: impl Fn(&'a Cluster, &'a Service, &str) -> Option<Value>,
    ) -> Result<Value, Refusal> {
        let (mut found, mut failures) = (Vec::new(), Vec::new());
        for text in arns {
            let arn: Option<Arn> = text.parse().ok();
            let arn = arn
                .filter(|arn| arn.kind() == kind)
                .ok_or_else(|| Refusal::parameter(format!("Invalid identifier: {text}")))?;
            let parts: Vec<&str> = arn.resource().split('/').collect();
            let one = match parts[..] {
                [_, cluster, service, name] => self.world.cluster(cluster).and_then(|cluster| {
                    let service = cluster.services.get(service)?;
                    find(cluster, service, name)
                }),
                _ => None,
            };
            match one {
                Some(one) => found.push(one),
                None => failures.push(missing(text)),
            }
        }
        Ok(without_nulls(json!({ member: found, "failures": failures })))
    }

    /// Returns a key that sorts releases by time.
    fn place_in_time(self, release: &Release) -> String {
        format!("{:017.3} {}", self.seconds(release.created), release.id)
    }

    fn release_arn(self, cluster: &Cluster, service: &Service, release: &Release) -> String {
        self.world.arn(format_args!("service-deployment/{}/{}/{}", cluster.name, service.name, release.id))
    }

    fn revision_arn(self, cluster: &Cluster, service: &Service, revision: &Revision) -> String {
        self.world.arn(format_args!("service-revision/{}/{}/{}", cluster.name, service.name, revision.number()))
    }

    fn brief_json(self, cluster: &Cluster, service: &Service, release: &Release) -> Value {
        json!({
            "serviceDeploymentArn": self.release_arn(cluster, service, release),
            "serviceArn": self.service_arn(cluster, &service.name),
            "clusterArn": self.cluster_arn(cluster),
            "createdAt": self.seconds(release.created),
            "startedAt": (release.stage != Stage::Pending).then(|| self.seconds(release.created)),
            "finishedAt": release.finished.map(|at| self.seconds(at)),
            "targetServiceRevisionArn": self.revision_arn(cluster, service, &release.target),
            "status": release.stage.as_str(),
            "statusReason": release.reason(),
        })
    }

    fn release_json(self, cluster: &Cluster, service: &Service, release: &Release) -> Value {
        let counts = counts(cluster, &[service]);
        let summary = |revision: &Revision, requested: u32| {
            let Counts { running, pending } = counts.get(&*revision.deployment).copied().unwrap_or_default();
            json!({
                "arn": self.revision_arn(cluster, service, revision),
                "requestedTaskCount": requested,
                "runningTaskCount": running,
                "pendingTaskCount": pending,
            })
        };
        let given_up = release.rolled_back.is_some() || release.stage == Stage::Stopped;
        let (of_target, of_source) = if given_up { (0, service.desired) } else { (service.desired, 0) };
        let mut value = self.brief_json(cluster, service, release);
        value["targetServiceRevision"] = summary(&release.target, of_target);
        value["sourceServiceRevisions"] =
            release.source.iter().map(|source| summary(source, of_source)).collect::<Vec<_>>().into();
        if let Some(members) = value.as_object_mut() {
            members.remove("targetServiceRevisionArn");
        }
        value["updatedAt"] = self.seconds(release.updated).into();
        value["deploymentConfiguration"] = Self::configuration_json(service);
        value["rollback"] = json!(release.rolled_back.map(|at| json!({
            "reason": release.reason(),
            "startedAt": self.seconds(at),
            "serviceRevisionArn": release.source.as_ref().map(|source| self.revision_arn(cluster, service, source)),
        })));
        value["deploymentCircuitBreaker"] = json!({
            "status": breaker(service, release),
            "failureCount": release.failed,
            "threshold": release.threshold,
        });
        value
    }

    fn revision_json(self, cluster: &Cluster, service: &Service, revision: &Revision) -> Value {
        let definition = &revision.definition;
        let image = |container: &crate::sim::world::ContainerSpec| {
            let image = definition.fill(&container.image);
            json!({ "containerName": container.name, "image": image, "imageDigest": self.digest(&image, revision.created) })
        };
        let (given, provider) = match revision.setup.as_deref() {
            Some(setup) => (&setup.given, setup.provider.as_deref()),
            None => (&service.given, service.provider.as_deref()),
        };
        let mut answer = json!({
            "serviceRevisionArn": self.revision_arn(cluster, service, revision),
            "serviceArn": self.service_arn(cluster, &service.name),
            "clusterArn": self.cluster_arn(cluster),
            "taskDefinition": self.definition_arn(definition),
            "capacityProviderStrategy": Self::strategy_of(given, provider),
            "launchType": provider.is_none().then(|| service.launch.as_str()),
            "platformVersion": (service.launch == Launch::Fargate).then_some("1.4.0"),
            "platformFamily": (service.launch == Launch::Fargate).then_some("Linux"),
            "loadBalancers": given.get("loadBalancers").cloned().unwrap_or_else(|| self.load_balancers(service)),
            "networkConfiguration": self.network_of(given, service),
            "containerImages": definition.template.containers.iter().map(image).collect::<Vec<_>>(),
            "guardDutyEnabled": false,
            "createdAt": self.seconds(revision.created),
        });
        for name in ["serviceRegistries", "serviceConnectConfiguration", "volumeConfigurations"] {
            answer[name] = given.get(name).cloned().unwrap_or_default();
        }
        answer
    }
}

/// Returns what the circuit breaker does about a release.
fn breaker(service: &Service, release: &Release) -> &'static str {
    match (service.breaker, release.stage) {
        (Breaker::Off, _) => "DISABLED",
        (_, Stage::Pending | Stage::InProgress) => "MONITORING",
        _ if release.cause != Cause::Breaker => "MONITORING_COMPLETE",
        (_, Stage::Successful) => "MONITORING_COMPLETE",
        (_, Stage::Stopped | Stage::RollbackRequested | Stage::RollbackInProgress | Stage::RollbackSuccessful) => {
            "TRIGGERED"
        }
    }
}

//! Plans: what will be different, by which calls, and what stands before it.

use std::sync::Arc;

use super::{Back, Guard, Place, TaskPlace, Wish, guard};
use crate::{
    aws::{NewTasks, ServiceChange},
    config::{GuardColour, Settings, Subject},
    model::{
        Arn, Service,
        taskdef::{Document, diff::Difference},
    },
    ops::Identity,
};

/// What is to be done, for a person to agree to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The change in a line: `Redeploy payments-api in prod`.
    pub title: String,
    /// The name of what it is about, which somebody may have to type: the service's, or the cluster's of several.
    pub name: String,
    /// What it is for.
    pub wish: Wish,
    /// Who will make it, and where.
    pub by: Identity,
    /// What was true when it was planned, for each service that it is about.
    pub base: Vec<Base>,
    /// What it is about besides these services.
    pub scopes: Vec<Scope>,
    /// What will be different.
    pub changes: Vec<Difference>,
    /// The calls, in order.
    pub calls: Vec<Call>,
    /// What was looked at beforehand.
    pub checks: Vec<Check>,
    /// What somebody who agrees should know, a sentence each.
    pub notes: Vec<String>,
    /// What stands before it.
    pub guard: Guard,
    /// The colour that a rule gives to what it is about.
    pub colour: Option<GuardColour>,
}

/// What a plan takes for granted about a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The service.
    pub place: Place,
    /// Its task definition.
    pub definition: Option<Arn>,
    /// The id of the deployment in force; none with some deployment controllers.
    pub deployment: Option<String>,
    /// How many tasks are wanted.
    pub desired: u32,
    /// Whether new tasks can be logged in to.
    pub exec: bool,
}

/// Something that a plan is about where that is no service that it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The cluster.
    pub cluster: Arn,
    /// The name of the service whose tasks are meant.
    pub service: Option<Arc<str>>,
}

/// One call that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// As IAM names it: `ecs:UpdateService`.
    pub action: &'static str,
    /// On what: an ARN, or `*`.
    pub resource: String,
    /// What it does, in words.
    pub what: String,
    /// What is asked.
    pub request: Request,
}

/// What a call asks of AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// A new revision of a family.
    Register {
        /// All of it.
        document: Document,
        /// The newest ACTIVE revision when this was planned.
        latest: Option<Arn>,
    },
    /// Something about a service.
    UpdateService {
        /// The service.
        place: Place,
        /// Its task definition.
        definition: NewDefinition,
        /// What else, without a task definition.
        change: ServiceChange,
    },
    /// The end of a service deployment, after which what ran before it comes back.
    RollBackDeployment {
        /// The service.
        place: Place,
        /// The service deployment.
        deployment: Arn,
    },
    /// The end of a task.
    StopTask {
        /// The task.
        place: TaskPlace,
        /// The name of its service.
        service: Option<Arc<str>>,
        /// Why.
        reason: String,
        /// What has to be again before the plan goes on.
        back: Option<Back>,
    },
    /// Tasks by hand.
    RunTask(Box<NewTasks>),
}

/// The task definition that a service is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewDefinition {
    /// The one that it has.
    Kept,
    /// This one.
    This(Arn),
    /// The one that a call before has registered.
    Registered,
}

/// Something that was looked at beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What: `image nginx:2 exists for linux/arm64`.
    pub what: String,
    /// What was found.
    pub verdict: Verdict,
}

/// What a look beforehand found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is as it should be.
    Passed,
    /// It is not, and why.
    Failed(String),
    /// It cannot be told, and why.
    Unknown(String),
    /// It was not looked at, and why.
    Skipped(String),
}

/// A plan before it is known who stands where.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) title: String,
    pub(super) base: Vec<Base>,
    pub(super) scopes: Vec<Scope>,
    pub(super) changes: Vec<Difference>,
    pub(super) calls: Vec<Call>,
    pub(super) checks: Vec<Check>,
    pub(super) notes: Vec<String>,
    /// What has to be typed where a rule wants that.
    pub(super) name: String,
    /// The task definition that comes back.
    pub(super) target: Option<Arn>,
}

/// Returns what has to be typed for these services: the service's name, or the cluster's where they are several.
pub(super) fn name(base: &[Base]) -> String {
    match base {
        [one] => one.place.name().to_owned(),
        [first, ..] => first.place.cluster.name().to_owned(),
        [] => String::new(),
    }
}

impl Plan {
    /// Returns the checks that failed: whoever agrees to the plan agrees to these by name.
    pub fn failed_checks(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| matches!(check.verdict, Verdict::Failed(_)))
    }

    /// Returns what was true of a service.
    pub fn base_of(&self, place: &Place) -> Option<&Base> {
        self.base.iter().find(|base| base.place == *place)
    }

    /// Returns what rules of the settings may be about.
    pub(super) fn subjects(&self) -> Vec<Subject<'_>> {
        subjects(&self.by, &self.base, &self.scopes)
    }

    /// Returns the ARNs of what is changed, each once.
    pub fn resources(&self) -> Vec<String> {
        let mut resources: Vec<String> = Vec::new();
        for call in &self.calls {
            if !resources.contains(&call.resource) {
                resources.push(call.resource.clone());
            }
        }
        resources
    }
}

impl Base {
    /// Returns what is true of a service as it was described.
    pub fn of(service: &Service) -> Self {
        let detail = service.detail.as_deref();
        let deployments = detail.map(|detail| detail.deployments.as_slice()).unwrap_or_default();
        Self {
            place: Place::of(service),
            definition: detail.and_then(|detail| detail.task_definition.clone()),
            deployment: deployments.iter().find(|it| &*it.status == "PRIMARY").map(|primary| primary.id.clone()),
            desired: detail.map(|detail| detail.desired).unwrap_or_default(),
            exec: detail.is_some_and(|detail| detail.exec_enabled),
        }
    }
}

impl Place {
    /// Returns the place of a service.
    pub fn of(service: &Service) -> Self {
        Self { cluster: service.cluster.clone(), service: service.arn.clone() }
    }

    /// Returns the service's name.
    pub fn name(&self) -> &str {
        self.service.name()
    }

    /// Returns both names: `prod/payments-api`.
    pub fn path(&self) -> String {
        format!("{}/{}", self.cluster.name(), self.service.name())
    }

    /// Returns a command line that is about it, as prose has it.
    pub fn command(&self, command: &str) -> String {
        format!("`ecsui {command} {}`", self.path())
    }
}

impl Check {
    /// Returns what was found of something.
    pub fn new(what: impl Into<String>, verdict: Verdict) -> Self {
        Self { what: what.into(), verdict }
    }
}

impl Draft {
    /// Returns the plan for who stands here, with what the settings put before it.
    pub(super) fn planned(self, settings: &Settings, by: Identity, wish: Wish) -> Plan {
        let (guard, colour) = guard::of(settings, &subjects(&by, &self.base, &self.scopes), &self.name);
        let Self { title, name, base, scopes, changes, calls, checks, notes, .. } = self;
        Plan { title, name, wish, by, base, scopes, changes, calls, checks, notes, guard, colour }
    }
}

/// Returns what rules may be about: each service and each cluster that is meant, or the account where none is.
fn subjects<'a>(by: &'a Identity, base: &'a [Base], scopes: &'a [Scope]) -> Vec<Subject<'a>> {
    let account = by.account.as_deref();
    let region = Some(&*by.region);
    let everywhere = Subject { profile: &by.profile, account, region, cluster: None, service: None };
    let within = |cluster: &'a Arn, service: Option<&'a str>| Subject {
        account: account.or(Some(cluster.account())),
        cluster: Some(cluster.name()),
        service,
        ..everywhere
    };
    let services = base.iter().map(|base| within(&base.place.cluster, Some(base.place.name())));
    let scopes = scopes.iter().map(|scope| within(&scope.cluster, scope.service.as_deref()));
    let all: Vec<Subject<'a>> = services.chain(scopes).collect();
    if all.is_empty() { vec![everywhere] } else { all }
}

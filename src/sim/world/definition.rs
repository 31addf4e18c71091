//! Task definitions: families of revisions, each cut from a template.

use std::{collections::BTreeMap, ops::RangeInclusive, sync::Arc, time::Duration};

use serde_json::Value;

use super::{Errand, Launch, Tags, World};
use crate::sim::clock::Moment;

/// How long a revision was in force before the next was registered, before the start.
const BETWEEN_REVISIONS: Duration = Duration::from_secs(4 * 24 * 3_600 + 4_711);

/// A family: its revisions are numbered from 1 to `latest`.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    /// The oldest revision that was ACTIVE at the start; more than `latest` where all had been deregistered.
    first: u32,
    pub(crate) latest: u32,
    /// The latest revision of the start, and when it was registered.
    origin: (u32, Moment),
    /// What the revisions are cut from, each up to and including its number; ascending, the last one is `latest`'s.
    pub(crate) templates: Vec<(u32, Arc<Template>)>,
    /// When revisions were registered since the start.
    registered: BTreeMap<u32, Moment>,
    /// When revisions were deregistered since the start.
    deregistered: BTreeMap<u32, Moment>,
    /// The tags of revisions that have been tagged otherwise since.
    pub(crate) tags: BTreeMap<u32, Tags>,
}

impl Family {
    /// Returns a family without a revision, of which those before `first` are INACTIVE.
    pub(crate) fn new(first: u32) -> Self {
        Self {
            first,
            latest: 0,
            origin: (0, Moment::START),
            templates: Vec::new(),
            registered: BTreeMap::new(),
            deregistered: BTreeMap::new(),
            tags: BTreeMap::new(),
        }
    }

    /// Returns a family of one revision.
    pub(crate) fn single(template: Arc<Template>, registered: Moment) -> Self {
        let mut family = Self::new(1);
        family.begin(1, template, registered);
        family
    }

    /// Adds the revisions up to `latest` that there are at the start.
    pub(crate) fn begin(&mut self, latest: u32, template: Arc<Template>, registered: Moment) {
        self.latest = latest;
        self.origin = (latest, registered);
        self.templates.push((latest, template));
    }

    /// Registers one more revision like the last.
    pub(crate) fn register(&mut self, at: Moment) {
        self.latest += 1;
        self.registered.insert(self.latest, at);
        if let Some((last, _)) = self.templates.last_mut() {
            *last = self.latest;
        }
    }

    /// Registers one more revision.
    fn register_as(&mut self, template: Arc<Template>, at: Moment) {
        self.latest += 1;
        self.registered.insert(self.latest, at);
        self.templates.push((self.latest, template));
    }

    /// Returns AWS's word for the state of a revision.
    pub(crate) fn status(&self, revision: u32) -> &'static str {
        let retired = revision < self.first || self.deregistered.contains_key(&revision);
        if retired { "INACTIVE" } else { "ACTIVE" }
    }

    /// Returns the newest revision that is ACTIVE.
    pub(crate) fn newest_active(&self) -> Option<u32> {
        (1..=self.latest).rev().find(|revision| self.status(*revision) == "ACTIVE")
    }

    /// Returns when a revision was registered.
    pub(crate) fn registered_at(&self, revision: u32) -> Moment {
        let (latest, at) = self.origin;
        let before = BETWEEN_REVISIONS * latest.saturating_sub(revision);
        self.registered.get(&revision).copied().unwrap_or_else(|| at.before(before))
    }

    /// Returns when a revision was deregistered.
    pub(crate) fn deregistered_at(&self, revision: u32) -> Option<Moment> {
        let (latest, at) = self.origin;
        let at_start = || at.before(BETWEEN_REVISIONS * latest.saturating_sub(self.first));
        self.deregistered.get(&revision).copied().or_else(|| (revision < self.first).then(at_start))
    }

    pub(crate) fn definition(&self, family: &Arc<str>, revision: u32) -> Option<Definition> {
        if !(1..=self.latest).contains(&revision) {
            return None;
        }
        let (_, template) = self.templates.iter().find(|(last, _)| revision <= *last)?;
        Some(Definition { family: Arc::clone(family), revision, template: Arc::clone(template) })
    }

    /// Returns the revisions that are cut from scenarios' templates, each template with its revisions.
    pub(crate) fn of_scenario(&self) -> impl Iterator<Item = (RangeInclusive<u32>, &Arc<Template>)> {
        let before = std::iter::once(0).chain(self.templates.iter().map(|(last, _)| *last));
        let cut = before.zip(&self.templates).map(|(before, (last, template))| (before + 1..=*last, template));
        cut.filter(|(_, template)| template.document.is_none())
    }
}

impl World {
    /// Registers a revision of a family that may be new.
    pub(crate) fn register(&mut self, family: &str, template: Arc<Template>, at: Moment) -> Definition {
        let revisions = self.families.entry(family.into()).or_insert_with(|| Family::new(1));
        revisions.register_as(template, at);
        self.definition(family, None).expect("it was just registered")
    }

    /// Takes a revision out of use.
    pub(crate) fn deregister(&mut self, definition: &Definition, at: Moment) {
        if let Some(family) = self.families.get_mut(&definition.family) {
            family.deregistered.entry(definition.revision).or_insert(at);
        }
    }

    /// Returns a revision of a family, the newest that is ACTIVE when `revision` is `None`.
    pub(crate) fn definition(&self, family: &str, revision: Option<u32>) -> Option<Definition> {
        let (name, family) = self.families.get_key_value(family)?;
        family.definition(name, revision.or_else(|| family.newest_active())?)
    }

    /// Returns every revision that a scenario's templates are cut into.
    pub(crate) fn scenario_definitions(&self) -> impl Iterator<Item = Definition> {
        self.cut_definitions().map(|(_, _, definition)| definition)
    }

    /// Returns every revision that a scenario's templates are cut into, with its family and template.
    pub(crate) fn cut_definitions(&self) -> impl Iterator<Item = (&Family, &Arc<Template>, Definition)> {
        self.families.iter().flat_map(|(name, family)| {
            family.of_scenario().flat_map(move |(revisions, template)| {
                let cut = revisions.filter_map(move |revision| family.definition(name, revision));
                cut.map(move |definition| (family, template, definition))
            })
        })
    }

    /// Returns the tags of a revision.
    pub(crate) fn tags_of<'a>(&'a self, definition: &'a Definition) -> &'a Tags {
        let family = self.families.get(&definition.family);
        family.and_then(|family| family.tags.get(&definition.revision)).unwrap_or(&definition.template.tags)
    }
}

/// One revision of a family.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) family: Arc<str>,
    pub(crate) revision: u32,
    pub(crate) template: Arc<Template>,
}

impl Definition {
    /// Returns `family:revision`.
    pub(crate) fn name(&self) -> String {
        format!("{}:{}", self.family, self.revision)
    }

    /// Returns `text` with `{family}` and `{revision}` filled in, unless it was registered word for word.
    pub(crate) fn fill(&self, text: &str) -> String {
        if text.contains('{') && self.template.document.is_none() {
            text.replace("{family}", &self.family).replace("{revision}", &self.revision.to_string())
        } else {
            text.to_owned()
        }
    }

    pub(crate) fn container(&self, name: &str) -> Option<&ContainerSpec> {
        self.template.containers.iter().find(|container| container.name == name)
    }
}

/// What a task definition says, with `{family}` and `{revision}` standing for its own.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub(crate) launch: Launch,
    /// `awsvpc`, `bridge`, `host`, `none`.
    pub(crate) network_mode: String,
    pub(crate) cpu: u32,
    pub(crate) memory: u32,
    pub(crate) task_role: Option<String>,
    pub(crate) execution_role: Option<String>,
    pub(crate) architecture: String,
    pub(crate) containers: Vec<ContainerSpec>,
    pub(crate) tags: Tags,
    /// What its tasks do that are run by hand, where a scenario says so.
    pub(crate) errand: Option<Errand>,
    /// What was registered, where it was by RegisterTaskDefinition: everything but family and tags.
    pub(crate) document: Option<Arc<Value>>,
}

/// One container of a template.
#[derive(Debug, Clone, Default)]
pub(crate) struct ContainerSpec {
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) essential: bool,
    pub(crate) cpu: u32,
    pub(crate) memory: Option<u32>,
    pub(crate) memory_reservation: Option<u32>,
    pub(crate) ports: Vec<Port>,
    pub(crate) entry_point: Vec<String>,
    pub(crate) command: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) secrets: Vec<(String, String)>,
    /// Where its output goes; `None` where nobody said.
    pub(crate) log: Option<LogSpec>,
    /// The command of its health check, as Docker writes it.
    pub(crate) health: Vec<String>,
    pub(crate) init_process: bool,
    pub(crate) read_only_root: bool,
    pub(crate) exec: Exec,
}

/// Where a container's output goes, and how much of it there is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogSpec {
    /// `awslogs`, or another driver, of which nothing is kept here.
    pub(crate) driver: String,
    /// The CloudWatch log group.
    pub(crate) group: String,
    /// The region of the group; `None` is the account's.
    pub(crate) region: Option<String>,
    /// What the names of its streams begin with; without it they are the containers' ids.
    pub(crate) prefix: Option<String>,
    /// How many lines it writes a second.
    pub(crate) rate: f64,
    /// Whether the group is created by the first task that writes to it.
    pub(crate) creates: bool,
}

impl LogSpec {
    /// Returns a container's awslogs in this group, under the prefix `ecs`.
    pub(crate) fn awslogs(group: impl Into<String>, rate: f64) -> Self {
        let prefix = Some("ecs".to_owned());
        Self { driver: "awslogs".to_owned(), group: group.into(), region: None, prefix, rate, creates: false }
    }

    /// Whether CloudWatch Logs has the lines.
    pub(crate) fn is_kept(&self) -> bool {
        self.driver == "awslogs"
    }
}

/// A port a container listens on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Port {
    pub(crate) container: u16,
    /// The port on the host; `None` is a dynamic one, or the same one with awsvpc.
    pub(crate) host: Option<u16>,
    pub(crate) protocol: String,
}

/// What becomes of the ExecuteCommandAgent in a container whose task has exec enabled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Exec {
    /// It runs.
    #[default]
    Ready,
    /// The container is given none.
    Absent,
    /// It starts and never gets ready.
    Pending,
    /// It has stopped, with this reason.
    Stopped(String),
    /// ECS calls it RUNNING, and Session Manager has no connection to it.
    Disconnected,
}

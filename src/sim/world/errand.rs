//! Tasks that run by hand and come to an end: what their programs say and how they exit.

mod script;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::{Map, Value};

pub(crate) use self::script::Performance;
use super::{ContainerSpec, Definition, Fate, Template, World, fate::EXITED};
use crate::sim::{clock::Moment, identity::TaskId};

/// How long a program runs that nothing is said of.
const USUAL: Duration = Duration::from_secs(20);
/// How long RunTask remembers a token:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html>.
const REMEMBERED: Duration = Duration::from_hours(24);

/// What a program does that a scenario tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Errand {
    pub(crate) lasts: Duration,
    pub(crate) exit: i32,
    pub(crate) says: Vec<String>,
}

/// What RunTask has done.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ran {
    /// How many tasks have ever been run: what their ids are made of.
    pub(crate) ever: u32,
    tokens: BTreeMap<String, Token>,
}

/// A client token that was used.
#[derive(Debug, Clone)]
struct Token {
    at: Moment,
    asked: Map<String, Value>,
    tasks: Vec<TaskId>,
}

/// How a task was run by hand.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// The overrides as they were asked for, with the names of all containers.
    pub(crate) overrides: Value,
    /// What each container's program does.
    pub(crate) performances: Vec<(String, Performance)>,
}

impl Ran {
    /// Returns the tasks that a token has run, and whether the same was asked for.
    pub(crate) fn seen(&self, token: &str, asked: &Map<String, Value>, now: Moment) -> Option<(Vec<TaskId>, bool)> {
        let token = self.tokens.get(token)?;
        let fresh = now.checked_since(token.at).is_none_or(|age| age < REMEMBERED);
        fresh.then(|| (token.tasks.clone(), token.asked == *asked))
    }

    /// Remembers what a token has run.
    pub(crate) fn remember(&mut self, token: &str, asked: Map<String, Value>, tasks: Vec<TaskId>, at: Moment) {
        self.tokens.insert(token.to_owned(), Token { at, asked, tasks });
    }
}

impl World {
    /// Returns what the programs of a task do that is run by hand: by their commands where these can be followed, else
    /// by the scenario. Those of a family that a service runs are servers, and go on.
    pub(crate) fn performances(&self, definition: &Definition) -> Vec<(String, Performance)> {
        let errand = self.errand(&definition.family);
        let serves = self.clusters.iter().flat_map(|cluster| cluster.services.values()).any(|service| {
            service.deployments.iter().any(|deployment| deployment.definition.family == definition.family)
        });
        let otherwise = match errand {
            Some(Errand { lasts, exit, says }) => Performance::over(*lasts, *exit, says),
            None if serves => Performance::endless(),
            None => Performance::over(USUAL, 0, &[]),
        };
        let of = |container: &ContainerSpec| {
            let fill = |texts: &[String]| texts.iter().map(|text| definition.fill(text)).collect::<Vec<_>>();
            let words = [fill(&container.entry_point), fill(&container.command)].concat();
            let environment: Vec<(String, String)> =
                container.environment.iter().map(|(name, value)| (name.clone(), definition.fill(value))).collect();
            let followed = script::follow(&words, &environment);
            let usual = || if container.essential { otherwise.clone() } else { Performance::endless() };
            (container.name.clone(), followed.unwrap_or_else(usual))
        };
        definition.template.containers.iter().map(of).collect()
    }

    /// Returns what a scenario tells of a family.
    fn errand(&self, family: &str) -> Option<&Errand> {
        self.families.get(family)?.templates.iter().rev().find_map(|(_, template)| template.errand.as_ref())
    }
}

impl Run {
    /// Returns how the task ends: with the first essential container that does.
    pub(crate) fn fate(&self, template: &Template) -> Option<Arc<Fate>> {
        let essential = |name: &str| template.containers.iter().any(|it| it.name == name && it.essential);
        let ends = self.performances.iter().filter(|(name, _)| essential(name));
        let ends = ends.filter_map(|(name, performance)| Some((name, performance.ends?)));
        let (name, (after, exit)) = ends.min_by_key(|(_, (after, _))| *after)?;
        Some(Arc::new(Fate {
            reason: EXITED.to_owned(),
            container: None,
            exit: Some(exit),
            after,
            by: Some(name.clone()),
        }))
    }

    /// Returns what a container's program does.
    pub(crate) fn performance(&self, container: &str) -> Option<&Performance> {
        self.performances.iter().find(|(name, _)| name == container).map(|(_, performance)| performance)
    }
}

//! What differs between two task definitions, by meaning: containers, variables, ports and options by their names, in
//! whatever order they stand.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    Described, TaskDefinition,
    document::{READ_ONLY, has_same_ports},
    secret::{MASK, holds_secret, looks_secret},
};

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: `task`, `container app`, `tags`.
    pub place: String,
    /// What: `image`, `environment STAGE`, `port 8080/tcp`.
    pub what: String,
    /// How.
    pub change: Change,
    /// Whether its values look secret.
    pub secret: bool,
}

/// How something differs.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added(String),
    /// It is gone.
    Removed(String),
    /// It was the one, it is the other.
    Changed(String, String),
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}

impl Change {
    /// Returns `added`, `removed` or `changed`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Added(_) => "added",
            Self::Removed(_) => "removed",
            Self::Changed(..) => "changed",
        }
    }
}

impl Difference {
    /// Returns what was there, and what is; a value that looks secret is masked unless it is to be revealed.
    pub fn values(&self, reveal: bool) -> (Option<&str>, Option<&str>) {
        let shown = |value| if self.secret && !reveal { MASK } else { value };
        match &self.change {
            Change::Added(new) => (None, Some(shown(new))),
            Change::Removed(old) => (Some(shown(old)), None),
            Change::Changed(old, new) => (Some(shown(old)), Some(shown(new))),
        }
    }
}

/// Returns what differs from one definition to another: the task's own first, then container by container.
pub fn diff(one: &TaskDefinition, other: &TaskDefinition) -> Vec<Difference> {
    between(&one.described, &other.described)
}

/// Returns the same of two descriptions.
pub fn between(one: &Described, other: &Described) -> Vec<Difference> {
    let (before, after) = (facts(one.value()), facts(other.value()));
    let mut places: Vec<&Fact> = before.keys().chain(after.keys()).collect();
    places.sort();
    places.dedup();
    places
        .into_iter()
        .filter_map(|fact| {
            let (old, new) = (before.get(fact), after.get(fact));
            let text = |said: &Said| said.text.clone();
            let change = match (old, new) {
                (Some(old), Some(new)) if old.text == new.text => return None,
                (Some(old), Some(new)) => Change::Changed(text(old), text(new)),
                (Some(old), None) => Change::Removed(text(old)),
                (None, Some(new)) => Change::Added(text(new)),
                (None, None) => return None,
            };
            // Of a secret no more than its origin is told.
            let origin = ["secret ", "logConfiguration secretOptions "].iter().any(|kind| fact.what.starts_with(kind));
            let name = if origin { "" } else { fact.chosen() };
            let secret = [old, new].into_iter().flatten().any(|said| said.secret || looks_secret(name, &said.text));
            Some(Difference { place: fact.place.clone(), what: fact.what.clone(), change, secret })
        })
        .collect()
}

/// A thing that a definition says, and where it says it. The task's own comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Fact {
    rank: u8,
    place: String,
    what: String,
    /// How much of `what` is a name that people chose, counted from its end.
    name: usize,
}

impl Fact {
    /// Returns the name that people chose.
    fn chosen(&self) -> &str {
        &self.what[self.what.len() - self.name..]
    }
}

/// What is said.
struct Said {
    text: String,
    /// Whether something within it looks secret, which its text as a whole may not tell.
    secret: bool,
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self { text, secret: false }
    }
}

/// What a definition says, each thing with its value.
type Facts = BTreeMap<Fact, Said>;

/// Where the walk through a definition is.
#[derive(Clone, Copy)]
struct Place<'a> {
    rank: u8,
    place: &'a str,
}

fn facts(described: &Value) -> Facts {
    let mut facts = Facts::new();
    let task = Place { rank: 0, place: "task" };
    for (name, value) in members(described.get("taskDefinition")) {
        match (name.as_str(), value) {
            // Neither its name nor what AWS adds says anything about what runs.
            ("family", _) => {}
            (name, _) if READ_ONLY.contains(&name) => {}
            ("containerDefinitions", Value::Array(containers)) => {
                for container in containers {
                    add_container(&mut facts, container, described);
                }
            }
            (name, value) => add(&mut facts, task, name, value),
        }
    }
    for tag in described.get("tags").and_then(Value::as_array).into_iter().flatten() {
        let tags = Place { rank: 2, place: "tags" };
        put(&mut facts, tags, "", text(&tag["key"]).as_str(), text(&tag["value"]));
    }
    facts
}

fn add_container(facts: &mut Facts, container: &Value, described: &Value) {
    let place = format!("container {}", text(&container["name"]));
    let place = Place { rank: 1, place: &place };
    put(facts, place, "essential", "", container.get("essential").map_or_else(|| "true".to_owned(), text));
    for (name, value) in members(Some(container)) {
        match name.as_str() {
            "name" | "essential" => {}
            // Nothing is reserved either way.
            "cpu" if value == 0 => {}
            "portMappings" => ports(facts, place, value, described),
            name => add(facts, place, name, value),
        }
    }
}

/// Adds ports by number. Where nothing is said the protocol is TCP, and without a network in between the port of the
/// host is the same.
fn ports(facts: &mut Facts, place: Place<'_>, ports: &Value, described: &Value) {
    let same = has_same_ports(&described["taskDefinition"]);
    for port in ports.as_array().into_iter().flatten() {
        let number = text(port.get("containerPort").or(port.get("containerPortRange")).unwrap_or(&Value::Null));
        let protocol = port.get("protocol").map_or_else(|| "tcp".to_owned(), text);
        let host =
            port.get("hostPort").filter(|host| **host != 0 && !(same && port["containerPort"] == **host)).map(text);
        let more = ["name", "appProtocol"].iter().filter_map(|name| Some(format!("{name} {}", text(port.get(name)?))));
        let host = host.map(|host| format!("host port {host}"));
        let said: Vec<String> = host.into_iter().chain(more).collect();
        let said = if said.is_empty() { "open".to_owned() } else { said.join(", ") };
        put(facts, place, &format!("port {number}/{protocol}"), "", said);
    }
}

/// Adds what stands under a name: lists of named things by their names, structures member by member, and whatever else
/// as it is. What is empty is not there.
fn add(facts: &mut Facts, place: Place<'_>, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Array(items) if items.is_empty() => {}
        Value::Array(items) => match named(name, items) {
            Some(named) => {
                for (chosen, said) in named {
                    put(facts, place, singular(name), &chosen, said);
                }
            }
            None => put(facts, place, name, "", Said { text: listed(items), secret: holds_secret(value) }),
        },
        Value::Object(chosen) if is_map(name) => {
            chosen.iter().for_each(|(key, value)| put(facts, place, name, key, text(value)));
        }
        Value::Object(members) => {
            members.iter().for_each(|(member, value)| add(facts, place, &format!("{name} {member}"), value));
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => put(facts, place, name, "", text(value)),
    }
}

fn put(facts: &mut Facts, place: Place<'_>, what: &str, chosen: &str, said: impl Into<Said>) {
    let parts: Vec<&str> = [what, chosen].into_iter().filter(|part| !part.is_empty()).collect();
    let fact = Fact { rank: place.rank, place: place.place.to_owned(), what: parts.join(" "), name: chosen.len() };
    facts.insert(fact, said.into());
}

/// Whether the members of what stands under this name have names of people's choice.
fn is_map(name: &str) -> bool {
    ["options", "dockerLabels", "driverOpts", "labels"].contains(&name.rsplit(' ').next().unwrap_or(name))
}

/// Returns the items of a list by what identifies them, where something does and no two are the same.
fn named(list: &str, items: &[Value]) -> Option<Vec<(String, Said)>> {
    let key = match list.rsplit(' ').next().unwrap_or(list) {
        "environment" | "secrets" | "secretOptions" | "volumes" | "ulimits" | "properties" => "name",
        "mountPoints" | "tmpfs" => "containerPath",
        "volumesFrom" => "sourceContainer",
        "dependsOn" => "containerName",
        "extraHosts" => "hostname",
        "systemControls" => "namespace",
        "environmentFiles" => "value",
        "resourceRequirements" => "type",
        "devices" => "hostPath",
        _ => return None,
    };
    let items: Vec<(String, Said)> = items
        .iter()
        .map(|item| {
            let rest: Map<String, Value> = members(Some(item))
                .filter(|(name, _)| *name != key)
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            (text(&item[key]), Said { text: rest_of(&rest), secret: holds_secret(item) })
        })
        .collect();
    let mut names: Vec<&String> = items.iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    (names.len() == items.len()).then_some(items)
}

/// Returns what a named thing says beside its name: a single value as it is.
fn rest_of(rest: &Map<String, Value>) -> String {
    match rest.iter().map(|(name, value)| (name.as_str(), value)).collect::<Vec<_>>()[..] {
        [] => "yes".to_owned(),
        [("value" | "valueFrom" | "condition" | "ipAddress" | "sourceVolume", value)] => text(value),
        _ => rest.iter().map(|(name, value)| format!("{name} {}", text(value))).collect::<Vec<_>>().join(", "),
    }
}

/// Returns the name of one thing of a list.
fn singular(list: &str) -> &str {
    match list {
        "secrets" => "secret",
        "volumes" => "volume",
        "ulimits" => "ulimit",
        "mountPoints" => "mount",
        "extraHosts" => "host entry",
        "systemControls" => "sysctl",
        "environmentFiles" => "environment file",
        "resourceRequirements" => "resource",
        "volumesFrom" => "volumes from",
        "dependsOn" => "depends on",
        other => other,
    }
}

/// Returns a list in one line, as a shell would need it where it holds words alone.
fn listed(items: &[Value]) -> String {
    let words: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
    let quoted = words.and_then(|words| shlex::try_join(words).ok());
    quoted.unwrap_or_else(|| items.iter().map(text).collect::<Vec<_>>().join(" "))
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(items) => listed(items),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

fn members(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

#[cfg(test)]
mod tests;

//! What a task definition says beyond the fields that everybody reads, in words; what nobody knows yet by its name and
//! as JSON, so that nothing is hidden. Values that look secret are masked unless they are to be revealed.

mod container;
mod task;

use serde_json::{Map, Value};

use super::{Described, secret::masked};

/// A thing that is said, under a name; several may have the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What it is about, in a word or three.
    pub name: String,
    /// How it is.
    pub value: String,
}

/// Returns what is said of the task itself that [`super::TaskDefinition`] has no field for.
pub fn of_task(described: &Described, reveal: bool) -> Vec<Said> {
    let value = shown(described, reveal);
    let definition = value["taskDefinition"].as_object();
    let tags = items(&value["tags"]).map(|tag| said("tag", format!("{}={}", text(&tag["key"]), text(&tag["value"]))));
    definition
        .map(|members| all(members, task::KNOWN, task::read))
        .unwrap_or_default()
        .into_iter()
        .chain(tags)
        .collect()
}

/// Returns what is said of a container that [`super::ContainerDefinition`] has no field for.
pub fn of_container(described: &Described, name: &str, reveal: bool) -> Vec<Said> {
    let value = shown(described, reveal);
    let container = items(&value["taskDefinition"]["containerDefinitions"]).find(|it| it["name"] == name);
    let members = container.and_then(Value::as_object);
    members.map(|members| all(members, container::KNOWN, container::read)).unwrap_or_default()
}

fn shown(described: &Described, reveal: bool) -> Value {
    if reveal { described.value().clone() } else { masked(described.value()) }
}

/// Reads all members that are not empty and not `known` to have a field.
fn all(members: &Map<String, Value>, known: &[&str], read: fn(&str, &Value) -> Vec<Said>) -> Vec<Said> {
    let rest = members.iter().filter(|(key, value)| !known.contains(&key.as_str()) && !is_empty(value));
    rest.flat_map(|(key, value)| read(key, value)).collect()
}

/// A structure whose members are taken one by one.
struct Members<'value> {
    all: &'value Value,
    taken: Vec<&'static str>,
}

impl<'value> Members<'value> {
    /// Takes a member, if it is there and not empty.
    fn take(&mut self, key: &'static str) -> Option<&'value Value> {
        self.taken.push(key);
        self.all.get(key).filter(|value| !is_empty(value))
    }

    /// Takes a member's text; nothing where it is not there.
    fn text(&mut self, key: &'static str) -> String {
        self.take(key).map(text).unwrap_or_default()
    }

    /// Takes a member and writes it, with what stands before and behind it.
    fn with(&mut self, before: &str, key: &'static str, behind: &str) -> Option<String> {
        self.take(key).map(|value| format!("{before}{}{behind}", text(value)))
    }

    /// Takes a member that is true or not, and writes these words where it is.
    fn whether(&mut self, key: &'static str, words: &str) -> Option<String> {
        self.take(key).filter(|value| **value == Value::Bool(true)).map(|_| words.to_owned())
    }

    /// Returns the members that were not taken, by their names.
    fn rest(&self) -> impl Iterator<Item = String> {
        let members = self.all.as_object().into_iter().flatten();
        let rest = members.filter(|(key, value)| !self.taken.contains(&key.as_str()) && !is_empty(value));
        rest.map(|(key, value)| format!("{key} {}", text(value)))
    }
}

/// Writes a structure: the parts that are there, and what was not taken behind them.
fn written(value: &Value, parts: impl FnOnce(&mut Members<'_>) -> Vec<Option<String>>) -> String {
    let mut members = Members { all: value, taken: Vec::new() };
    let parts: Vec<String> = parts(&mut members).into_iter().flatten().chain(members.rest()).collect();
    parts.join(", ")
}

/// Writes each structure of a list as a thing of this name.
fn each(name: &str, list: &Value, parts: impl Fn(&mut Members<'_>) -> Vec<Option<String>>) -> Vec<Said> {
    items(list).map(|item| said(name, written(item, &parts))).collect()
}

/// Writes each member of a map, whose names people chose, as a thing of this name.
fn pairs(name: &str, map: &Value) -> Vec<Said> {
    sorted(map).map(|(key, value)| said(name, format!("{key}={}", text(value)))).collect()
}

/// Writes the members of a map behind each other.
fn joined(map: &Value) -> String {
    sorted(map).map(|(key, value)| format!("{key}={}", text(value))).collect::<Vec<_>>().join(" ")
}

/// Returns the members of a map by their names: AWS gives them in no order.
fn sorted(map: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let mut members: Vec<_> = map.as_object().into_iter().flatten().collect();
    members.sort_by_key(|(key, _)| *key);
    members.into_iter()
}

fn said(name: impl Into<String>, value: impl Into<String>) -> Said {
    Said { name: name.into(), value: value.into() }
}

fn one(name: &str, value: String) -> Vec<Said> {
    vec![said(name, value)]
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// Returns a value as people write it: lists of words behind each other, anything that has parts as JSON.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(words) if words.iter().all(|word| word.is_string() || word.is_number()) => {
            words.iter().map(text).collect::<Vec<_>>().join(" ")
        }
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        // A volume of the host without a path is said by an empty structure.
        Value::Object(_) | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests;

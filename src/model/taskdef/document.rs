//! A task definition as RegisterTaskDefinition takes it: every member that a revision has, known here or not.

mod members;
mod told;
mod written;

use std::fmt;

use serde_json::{Map, Value, json};

use super::{Described, TaskDefinition, diff::Difference};
use crate::model::Image;

pub use members::MEMBERS;
pub(super) use told::has_same_ports;
pub use written::{Misread, Written};

/// The members that AWS adds to a revision, and that it does not take.
pub const READ_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "deleteRequestedAt",
];

/// What the keys of tags begin with that AWS gives itself, and refuses from others.
const RESERVED: &str = "aws:";

/// The members of RegisterTaskDefinition, as JSON. It may hold secrets: hidden from `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Document(Value);

impl Document {
    /// Returns the document that makes another revision like this one, without the tags that are AWS's own.
    pub fn of(definition: &TaskDefinition) -> Self {
        let described = definition.described.value();
        let mut members = described["taskDefinition"].as_object().cloned().unwrap_or_default();
        members.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
        let tags: Vec<Value> = tags(described).filter(|tag| !is_reserved(tag)).cloned().collect();
        if !tags.is_empty() {
            members.insert("tags".to_owned(), tags.into());
        }
        Self(Value::Object(members))
    }

    /// Returns a document of these members.
    pub fn new(members: Map<String, Value>) -> Self {
        Self(Value::Object(members))
    }

    /// Returns the members as they are sent.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// Returns the family.
    pub fn family(&self) -> &str {
        self.0["family"].as_str().unwrap_or_default()
    }

    /// Returns the document as DescribeTaskDefinition would tell of it.
    pub fn described(&self) -> Described {
        let mut members = self.0.clone();
        let tags = members.as_object_mut().and_then(|members| members.remove("tags")).unwrap_or_else(|| json!([]));
        Described::new(json!({ "taskDefinition": members, "tags": tags }))
    }

    /// Returns the places of members that RegisterTaskDefinition was not known to take when this was written:
    /// `containerDefinitions.newThing`.
    pub fn unknown(&self) -> Vec<String> {
        members::unknown(&self.0)
    }

    /// Whether a revision is what this document says, beside what AWS adds where nothing is said. Tags that could not
    /// be read are taken to be the same.
    pub fn is_told_by(&self, made: &TaskDefinition) -> bool {
        let told = made.described.value();
        let tags = told.get("tags").is_none_or(|tags| told::are_tags(&self.0["tags"], tags));
        tags && told::is_told(&self.0, &told["taskDefinition"])
    }

    /// Returns what differs from this document to what AWS made of it, beside what AWS adds to every definition.
    pub fn differences_to(&self, made: &TaskDefinition) -> Vec<Difference> {
        if self.is_told_by(made) {
            return Vec::new();
        }
        let mut all = super::diff::between(&self.described(), &made.described);
        all.retain(|it| it.values(true) != (None, Some("false")));
        all
    }

    /// Returns what differs from a revision to this document, beside what AWS adds to every definition.
    pub fn differences_from(&self, before: &TaskDefinition) -> Vec<Difference> {
        if self.is_told_by(before) {
            return Vec::new();
        }
        let mut all = super::diff::between(&before.described, &self.described());
        all.retain(|it| it.values(true) != (Some("false"), None));
        all
    }

    /// Returns the containers: name and image.
    pub fn containers(&self) -> impl Iterator<Item = (&str, &str)> {
        let containers = self.0["containerDefinitions"].as_array().into_iter().flatten();
        containers.map(|it| (it["name"].as_str().unwrap_or_default(), it["image"].as_str().unwrap_or_default()))
    }

    /// Returns the ports that containers open: the container's name and the port.
    pub fn ports(&self) -> impl Iterator<Item = (String, u16)> {
        let containers = self.0["containerDefinitions"].as_array().into_iter().flatten();
        containers.flat_map(|container| {
            let name = container["name"].as_str().unwrap_or_default();
            let ports = container["portMappings"].as_array().into_iter().flatten();
            let port = |it: &Value| it["containerPort"].as_u64().and_then(|port| u16::try_from(port).ok());
            ports.filter_map(move |it| Some((name.to_owned(), port(it)?)))
        })
    }

    /// Returns the type of targets that a target group needs to lead to its tasks
    /// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb.html>): `ip` where each has a network of its own,
    /// `instance` where they share their host's.
    pub fn target_type(&self) -> &'static str {
        if self.0["networkMode"] == "awsvpc" { "ip" } else { "instance" }
    }

    /// Gives a container another image.
    pub fn set_image(&mut self, container: &str, image: &Image) {
        if let Some(container) = self.container_mut(container) {
            container.insert("image".to_owned(), image.to_string().into());
        }
    }

    /// Gives a container a variable, in the place of all those of the same name.
    pub fn set_variable(&mut self, container: &str, name: &str, value: &str) {
        let Some(container) = self.container_mut(container) else { return };
        let variables = container.entry("environment").or_insert_with(|| json!([]));
        let Some(variables) = variables.as_array_mut() else { return };
        // Of several the last would count.
        let place = variables.iter().position(|it| it["name"] == name).unwrap_or(variables.len());
        variables.retain(|it| it["name"] != name);
        variables.insert(place, json!({ "name": name, "value": value }));
    }

    /// Takes a variable from a container; returns whether there was one.
    pub fn unset_variable(&mut self, container: &str, name: &str) -> bool {
        let variables = self.container_mut(container).and_then(|it| it.get_mut("environment")?.as_array_mut());
        let Some(variables) = variables else { return false };
        let before = variables.len();
        variables.retain(|it| it["name"] != name);
        variables.len() < before
    }

    /// Whether a container is given this variable from a secret store, which then stands beside one of the same name.
    pub fn has_secret(&self, container: &str, name: &str) -> bool {
        let containers = self.0["containerDefinitions"].as_array().into_iter().flatten();
        let secrets = containers.filter(|it| it["name"] == container).filter_map(|it| it["secrets"].as_array());
        secrets.flatten().any(|secret| secret["name"] == name)
    }

    /// Has tasks placed on container instances alone whose attribute `group` has this value, in the place of another
    /// one.
    pub fn set_placement_group(&mut self, group: &str) {
        const ATTRIBUTE: &str = "attribute:group ==";
        let Some(members) = self.0.as_object_mut() else { return };
        let constraints = members.entry("placementConstraints").or_insert_with(|| json!([]));
        let Some(constraints) = constraints.as_array_mut() else { return };
        let expression = format!("{ATTRIBUTE} {group}");
        let of_group = |it: &&mut Value| it["expression"].as_str().is_some_and(|text| text.starts_with(ATTRIBUTE));
        match constraints.iter_mut().find(of_group) {
            Some(constraint) => constraint["expression"] = expression.into(),
            None => constraints.push(json!({ "type": "memberOf", "expression": expression })),
        }
    }

    fn container_mut(&mut self, name: &str) -> Option<&mut Map<String, Value>> {
        let mut containers = self.0["containerDefinitions"].as_array_mut()?.iter_mut();
        containers.find(|container| container["name"] == name)?.as_object_mut()
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({})", self.family())
    }
}

/// Whether the tags of a definition could be read.
pub fn knows_tags(definition: &TaskDefinition) -> bool {
    definition.described.value().get("tags").is_some()
}

/// Returns the keys of the tags of a definition that are AWS's own, and that no new revision can be given.
pub fn reserved_tags(definition: &TaskDefinition) -> Vec<String> {
    let reserved = tags(definition.described.value()).filter(|tag| is_reserved(tag));
    reserved.filter_map(|tag| tag["key"].as_str().map(str::to_owned)).collect()
}

fn tags(described: &Value) -> impl Iterator<Item = &Value> {
    described["tags"].as_array().into_iter().flatten()
}

fn is_reserved(tag: &Value) -> bool {
    tag["key"].as_str().is_some_and(|key| key.to_ascii_lowercase().starts_with(RESERVED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_stands_there_twice_is_set_and_taken_as_one() {
        let pair = |name: &str, value: &str| json!({ "name": name, "value": value });
        let variables = [pair("A", "1"), pair("B", "2"), pair("A", "3")];
        let members = json!({ "containerDefinitions": [{ "name": "app", "environment": variables }] });
        let mut document = Document(members);
        document.set_variable("app", "A", "4");
        assert_eq!(document.0["containerDefinitions"][0]["environment"], json!([pair("A", "4"), pair("B", "2")]));
        document.set_variable("app", "C", "5");
        assert!(document.unset_variable("app", "A"));
        assert_eq!(document.0["containerDefinitions"][0]["environment"], json!([pair("B", "2"), pair("C", "5")]));
    }
}

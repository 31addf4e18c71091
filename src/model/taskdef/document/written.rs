//! A task definition as people write it into a file: any letter case of members, and what DescribeTaskDefinition
//! prints.

use serde_json::{Map, Value};

use super::{Document, MEMBERS, READ_ONLY, is_reserved};

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// What RegisterTaskDefinition is to take.
    pub document: Document,
    /// The members that are AWS's to say, and were left out: `revision`, `tags aws:cloudformation:stack-name`.
    pub dropped: Vec<String>,
}

/// A file that is no task definition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}{what}")]
pub struct Misread {
    /// Where, with what stands between it and `what`: `3:14: ` of JSON that is none, `containerDefinitions[0]: `.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

impl Misread {
    fn at(path: &str, what: impl Into<String>) -> Self {
        let place = if path.is_empty() { String::new() } else { format!("{path}: ") };
        Self { place, what: what.into() }
    }
}

impl Document {
    /// Reads what a file says. Members are known in any letter case; those that only AWS says are left out, and those
    /// that nobody knows are taken as they are.
    pub fn read(text: &str) -> Result<Written, Misread> {
        let value: Value = serde_json::from_str(text).map_err(|error| Misread {
            place: format!("{}:{}: ", error.line(), error.column()),
            what: without_place(&error.to_string()),
        })?;
        let mut dropped = Vec::new();
        let members = unwrapped(value, &mut dropped)?;
        let mut members = known(members, "", "")?;
        members.retain(|name, _| {
            let read_only = READ_ONLY.contains(&name.as_str());
            dropped.extend(read_only.then(|| name.clone()));
            !read_only
        });
        drop_reserved(&mut members, &mut dropped);
        check(&members)?;
        dropped.sort();
        Ok(Written { document: Self::new(members), dropped })
    }
}

/// Returns what serde_json says of an error without the place, which is told in front.
fn without_place(text: &str) -> String {
    text.rsplit_once(" at line ").map_or(text, |(what, _)| what).to_owned()
}

/// Returns the members of the definition, out of the wrapper that DescribeTaskDefinition puts around it.
fn unwrapped(value: Value, dropped: &mut Vec<String>) -> Result<Map<String, Value>, Misread> {
    let Value::Object(mut members) = value else {
        return Err(Misread::at("", format!("expected an object, found {}", kind(&value))));
    };
    let named =
        |members: &Map<String, Value>, name: &str| members.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned();
    let wrapper = named(&members, "taskDefinition").filter(|name| members[name].is_object());
    let Some(Value::Object(mut inner)) = wrapper.and_then(|name| members.remove(&name)) else { return Ok(members) };
    if let Some(tags) = named(&members, "tags").and_then(|name| members.remove(&name)) {
        if named(&inner, "tags").is_some() {
            return Err(Misread::at("tags", "they stand beside taskDefinition and in it"));
        }
        inner.insert("tags".to_owned(), tags);
    }
    dropped.extend(members.into_iter().map(|(name, _)| name));
    Ok(inner)
}

/// Returns members by the names that AWS gives them. `place` is where they are among those of RegisterTaskDefinition,
/// `path` the same with the numbers of items.
fn known(members: Map<String, Value>, place: &str, path: &str) -> Result<Map<String, Value>, Misread> {
    let names = names(place).unwrap_or_default();
    let mut renamed = Map::new();
    for (written, value) in members {
        // Of null AWS takes no notice.
        if value.is_null() {
            continue;
        }
        let read_only = READ_ONLY.into_iter().filter(|_| place.is_empty());
        let mut all = names.split(' ').chain(read_only);
        let name = match names {
            "*" => written.clone(),
            _ => all.find(|name| name.eq_ignore_ascii_case(&written)).map_or_else(|| written.clone(), str::to_owned),
        };
        let (place, path) = (joined(place, &name), joined(path, &name));
        if renamed.contains_key(&name) {
            return Err(Misread::at(&path, "it stands there twice, in other letters"));
        }
        renamed.insert(name, within(value, &place, &path)?);
    }
    Ok(renamed)
}

fn within(value: Value, place: &str, path: &str) -> Result<Value, Misread> {
    let structure = names(place).is_some();
    match value {
        Value::Object(members) if structure => known(members, place, path).map(Value::Object),
        Value::Array(items) if structure => {
            let items = items.into_iter().enumerate();
            items.map(|(index, item)| within(item, place, &format!("{path}[{index}]"))).collect()
        }
        scalar @ (Value::String(_) | Value::Number(_) | Value::Bool(_)) if structure => {
            Err(Misread::at(path, format!("expected an object or a list of them, found {}", kind(&scalar))))
        }
        other => Ok(other),
    }
}

/// Returns the members that RegisterTaskDefinition knows at a place; nothing where no structure stands.
fn names(place: &str) -> Option<&'static str> {
    MEMBERS.iter().find(|(known, _)| *known == place).map(|(_, names)| *names)
}

fn joined(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

fn drop_reserved(members: &mut Map<String, Value>, dropped: &mut Vec<String>) {
    let Some(tags) = members.get_mut("tags").and_then(Value::as_array_mut) else { return };
    tags.retain(|tag| {
        let reserved = is_reserved(tag);
        dropped.extend(reserved.then(|| format!("tags {}", tag["key"].as_str().unwrap_or_default())));
        !reserved
    });
    if tags.is_empty() {
        members.remove("tags");
    }
}

/// Fails where the least is missing without which nothing can be said about a definition.
fn check(members: &Map<String, Value>) -> Result<(), Misread> {
    match members.get("family") {
        Some(Value::String(family)) if !family.is_empty() => {}
        Some(Value::String(_)) => return Err(Misread::at("family", "it is empty")),
        Some(other) => return Err(Misread::at("family", format!("expected a string, found {}", kind(other)))),
        None => return Err(Misread::at("", "there is no member \"family\", the name of the task definition")),
    }
    let containers = match members.get("containerDefinitions") {
        Some(Value::Array(containers)) if !containers.is_empty() => containers,
        Some(Value::Array(_)) => return Err(Misread::at("containerDefinitions", "there is no container")),
        Some(other) => {
            return Err(Misread::at("containerDefinitions", format!("expected a list, found {}", kind(other))));
        }
        None => return Err(Misread::at("", "there is no member \"containerDefinitions\"")),
    };
    for (index, container) in containers.iter().enumerate() {
        for name in ["name", "image"] {
            if container[name].as_str().is_none_or(str::is_empty) {
                return Err(Misread::at(&format!("containerDefinitions[{index}]"), format!("it has no {name}")));
            }
        }
    }
    Ok(())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Written {
        Document::read(&value.to_string()).unwrap()
    }

    fn fails(text: &str) -> String {
        Document::read(text).unwrap_err().to_string()
    }

    fn least() -> Value {
        json!({ "family": "web", "containerDefinitions": [{ "name": "app", "image": "nginx" }] })
    }

    #[test]
    fn members_are_known_in_any_letter_case_and_maps_are_left_alone() {
        let written = read(&json!({
            "Family": "web",
            "CONTAINERDEFINITIONS": [{
                "Name": "app", "image": "nginx", "CPU": 10,
                "environment": [{ "Name": "Path", "Value": "Value" }],
                "DockerLabels": { "Name": "Is Kept", "com.x": "1" },
                "newThing": { "Name": 1 },
            }],
        }));
        let expected = json!({
            "family": "web",
            "containerDefinitions": [{
                "name": "app", "image": "nginx", "cpu": 10,
                "environment": [{ "name": "Path", "value": "Value" }],
                "dockerLabels": { "Name": "Is Kept", "com.x": "1" },
                "newThing": { "Name": 1 },
            }],
        });
        assert_eq!(written.document.value(), &expected);
        assert_eq!(written.document.unknown(), ["containerDefinitions.newThing"]);
        assert!(written.dropped.is_empty());
    }

    #[test]
    fn what_describe_prints_loses_its_wrapper_and_what_is_awss_own() {
        let mut inner = least();
        inner["taskDefinitionArn"] = json!("arn:aws:ecs:eu-west-1:1:task-definition/web:7");
        inner["Revision"] = json!(7);
        inner["registeredAt"] = json!(1.5e9);
        inner["compatibilities"] = json!(["EC2"]);
        inner["cpu"] = Value::Null;
        let tags = json!([{ "key": "team", "value": "a" }, { "key": "aws:cloudformation:stack-name", "value": "b" }]);
        let written = read(&json!({ "taskDefinition": inner, "tags": tags, "ResponseMetadata": {} }));
        let mut expected = least();
        expected["tags"] = json!([{ "key": "team", "value": "a" }]);
        assert_eq!(written.document.value(), &expected);
        assert_eq!(
            written.dropped,
            [
                "ResponseMetadata",
                "compatibilities",
                "registeredAt",
                "revision",
                "tags aws:cloudformation:stack-name",
                "taskDefinitionArn",
            ]
        );
        assert_eq!(read(&json!({ "taskDefinition": least(), "tags": [] })).document.value(), &least());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        assert_eq!(fails("{\n  \"family\": web"), "2:13: expected value");
        assert_eq!(fails("[]"), "expected an object, found a list");
        assert_eq!(fails("{}"), "there is no member \"family\", the name of the task definition");
        assert_eq!(fails(r#"{"family": 1}"#), "family: expected a string, found a number");
        assert_eq!(fails(r#"{"family": "x"}"#), "there is no member \"containerDefinitions\"");
        let containers = |text: &str| fails(&format!(r#"{{"family": "x", "containerDefinitions": {text}}}"#));
        assert_eq!(containers("[]"), "containerDefinitions: there is no container");
        assert_eq!(containers(r#"[{"name": "a"}]"#), "containerDefinitions[0]: it has no image");
        assert_eq!(containers("[7]"), "containerDefinitions[0]: expected an object or a list of them, found a number");
        let twice = r#"[{"name": "a", "Name": "b", "image": "c"}]"#;
        assert_eq!(containers(twice), "containerDefinitions[0].name: it stands there twice, in other letters");
        let environment = r#"[{"name": "a", "image": "c", "environment": "A=1"}]"#;
        assert_eq!(
            containers(environment),
            "containerDefinitions[0].environment: expected an object or a list of them, found a string"
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[{}\\[\\]\":, a-z0-9]{0,60}") {
            let _read = Document::read(&text);
        }
    }
}

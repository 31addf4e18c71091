//! Whether a revision is what a document says, beside what AWS adds where nothing is said.

use serde_json::{Map, Value};

use super::READ_ONLY;

/// What AWS adds where nothing was said, beside what is false, nothing or empty:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>.
const ADDED: &[(&str, &str)] = &[
    ("essential", "true"),
    ("interval", "30"),
    ("networkMode", "\"bridge\""),
    ("protocol", "\"tcp\""),
    ("retries", "3"),
    ("rootDirectory", "\"/\""),
    ("timeout", "5"),
];

/// Whether the members of a revision are those that were sent. Tags stand elsewhere.
pub(super) fn is_told(sent: &Value, revision: &Value) -> bool {
    let (Some(sent), Some(made)) = (sent.as_object(), revision.as_object()) else { return false };
    let sizes = ["cpu", "memory"];
    let told = Told { same_ports: has_same_ports(revision) };
    let said = sent.iter().filter(|(name, _)| *name != "tags").all(|(name, value)| match made.get(name) {
        Some(made) if sizes.contains(&name.as_str()) => size(value) == size(made),
        Some(made) => told.matches(value, made),
        None => is_nothing(value),
    });
    let added = made.iter().filter(|(name, _)| !READ_ONLY.contains(&name.as_str()) && !sent.contains_key(*name));
    said && { added }.all(|(name, value)| is_added(name, value))
}

/// Whether these are the same tags, in whatever order.
pub(super) fn are_tags(sent: &Value, made: &Value) -> bool {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    Told { same_ports: false }.have_pairs(&list(sent), &list(made))
}

/// Whether the ports of the host are the containers' own in a definition: its network mode puts nothing in between.
pub(in crate::model::taskdef) fn has_same_ports(definition: &Value) -> bool {
    definition.get("networkMode").is_some_and(|mode| mode == "awsvpc" || mode == "host")
}

/// A revision, as far as it says what AWS adds to it.
struct Told {
    /// Whether ports of the host are added that are the containers' own; elsewhere they are 0, which is any.
    same_ports: bool,
}

impl Told {
    fn matches(&self, sent: &Value, made: &Value) -> bool {
        match (sent, made) {
            (Value::Object(sent), Value::Object(made)) => {
                sent.iter().all(|(name, value)| made.get(name).map_or(is_nothing(value), |it| self.matches(value, it)))
                    && made.iter().all(|(name, value)| {
                        sent.contains_key(name) || is_added(name, value) || self.is_same_port(name, value, made)
                    })
            }
            (Value::Array(sent), Value::Array(made)) => self.have_pairs(sent, made),
            (sent, made) => sent == made,
        }
    }

    /// Whether each item of one list has one of its own in the other.
    fn have_pairs(&self, sent: &[Value], made: &[Value]) -> bool {
        // The order of words counts: they are commands.
        if sent.iter().chain(made).any(|item| !item.is_object()) {
            return sent == made;
        }
        let mut left: Vec<&Value> = made.iter().collect();
        let found = sent.iter().all(|item| {
            let place = left.iter().position(|made| self.matches(item, made));
            place.map(|place| left.swap_remove(place)).is_some()
        });
        found && left.is_empty()
    }

    fn is_same_port(&self, name: &str, value: &Value, mapping: &Map<String, Value>) -> bool {
        self.same_ports && name == "hostPort" && mapping.get("containerPort") == Some(value)
    }
}

fn is_added(name: &str, value: &Value) -> bool {
    let text = value.to_string();
    is_nothing(value) || ADDED.iter().any(|(known, added)| *known == name && *added == text)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) | Value::String(_) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

/// Returns a size in units of CPU or MiB, however it is written: AWS turns `1 vCPU` into `1024`, and `2 GB` into
/// `2048`.
fn size(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let lower = text.to_ascii_lowercase();
    let number = lower.strip_suffix("vcpu").or_else(|| lower.strip_suffix("gb"));
    let number = number.and_then(|number| number.trim().parse::<f64>().ok());
    number.map_or(text, |number| (number * 1024.0).round().to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent() -> Value {
        json!({
            "family": "web", "networkMode": "awsvpc", "cpu": "1 vCPU", "memory": "2 GB",
            "containerDefinitions": [{
                "name": "app", "image": "nginx", "command": ["a", "b"],
                "portMappings": [{ "containerPort": 80 }],
                "healthCheck": { "command": ["true"] },
                "environment": [{ "name": "A", "value": "1" }, { "name": "B", "value": "2" }],
            }],
            "volumes": [{ "name": "tmp" }],
        })
    }

    fn made() -> Value {
        json!({
            "family": "web", "networkMode": "awsvpc", "cpu": "1024", "memory": "2048", "revision": 7, "status": "ACTIVE",
            "enableFaultInjection": false, "placementConstraints": [],
            "containerDefinitions": [{
                "name": "app", "image": "nginx", "command": ["a", "b"], "essential": true, "cpu": 0,
                "mountPoints": [], "volumesFrom": [],
                "portMappings": [{ "containerPort": 80, "hostPort": 80, "protocol": "tcp" }],
                "healthCheck": { "command": ["true"], "interval": 30, "timeout": 5, "retries": 3 },
                "environment": [{ "name": "B", "value": "2" }, { "name": "A", "value": "1" }],
            }],
            "volumes": [{ "name": "tmp", "host": {} }],
        })
    }

    #[test]
    fn what_aws_adds_is_no_difference() {
        assert!(is_told(&sent(), &made()));
        assert!(is_told(&made(), &made()));
    }

    #[test]
    fn whatever_else_is_different_is_one() {
        let mut wrong = Vec::new();
        let changes: [(&str, Value); 8] = [
            ("/memory", json!("4096")),
            ("/containerDefinitions/0/image", json!("nginx:2")),
            ("/containerDefinitions/0/command", json!(["b", "a"])),
            ("/containerDefinitions/0/essential", json!("maybe")),
            ("/containerDefinitions/0/healthCheck/interval", json!(31)),
            ("/containerDefinitions/0/environment", json!([{ "name": "A", "value": "1" }])),
            ("/containerDefinitions/0/portMappings/0/protocol", json!("udp")),
            ("/containerDefinitions/0/portMappings/0/hostPort", json!(8080)),
        ];
        for (place, value) in changes {
            let mut other = made();
            *other.pointer_mut(place).unwrap() = value;
            wrong.extend(is_told(&sent(), &other).then_some(place));
        }
        let mut more = made();
        more["containerDefinitions"][0]["user"] = json!("root");
        wrong.extend(is_told(&sent(), &more).then_some("user"));
        assert!(wrong.is_empty(), "{wrong:?}");
        let mut mapped = made();
        mapped["networkMode"] = json!("bridge");
        let mut unmapped = sent();
        unmapped["networkMode"] = json!("bridge");
        assert!(!is_told(&unmapped, &mapped), "a port of the host was chosen, and is no longer");
        mapped["containerDefinitions"][0]["portMappings"][0]["hostPort"] = json!(0);
        assert!(is_told(&unmapped, &mapped));
        let tag = |key: &str| json!({ "key": key, "value": "x" });
        assert!(
            are_tags(&json!([tag("a"), tag("b")]), &json!([tag("b"), tag("a")])) && are_tags(&Value::Null, &json!([]))
        );
        assert!(!are_tags(&json!([tag("a")]), &json!([tag("a"), tag("b")])));
    }
}

//! Differences between definitions, and what is none.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::{Described, TaskDefinition};

fn definition(described: Value) -> TaskDefinition {
    let arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/app:1".parse().unwrap();
    TaskDefinition { described: Described::new(described), ..TaskDefinition::bare(arn, "ACTIVE") }
}

/// Returns the differences as lines: place, thing, how, and the values unless they look secret.
fn lines(one: Value, other: Value) -> Vec<String> {
    diff(&definition(one), &definition(other))
        .iter()
        .map(|it| {
            let (old, new) = it.values(false);
            format!("{} {}: {} → {}", it.place, it.what, old.unwrap_or("-"), new.unwrap_or("-"))
        })
        .collect()
}

fn task(containers: Value, rest: Value) -> Value {
    let mut task = rest;
    task["containerDefinitions"] = containers;
    json!({ "taskDefinition": task, "tags": [] })
}

#[test]
fn every_kind_of_thing_is_told_by_its_name() {
    let one = task(
        json!([{
            "name": "app", "image": "app:1", "cpu": 256, "essential": true,
            "environment": [{ "name": "STAGE", "value": "prod" }, { "name": "API_KEY", "value": "k1" }],
            "secrets": [{ "name": "DSN", "valueFrom": "arn:one" }],
            "portMappings": [{ "containerPort": 8080, "hostPort": 8080, "protocol": "tcp" }],
            "command": ["serve", "--port", "8080"],
            "mountPoints": [{ "sourceVolume": "data", "containerPath": "/data" }],
            "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-group": "/ecs/app" } },
            "healthCheck": { "command": ["CMD-SHELL", "curl -f localhost"], "interval": 30 },
        }, { "name": "envoy", "image": "envoy:1" }]),
        json!({ "networkMode": "awsvpc", "cpu": "256", "taskRoleArn": "role/one", "revision": 1, "volumes": [{ "name": "data" }] }),
    );
    let other = task(
        json!([{
            "name": "app", "image": "app:2",
            "environment": [{ "name": "API_KEY", "value": "k2" }, { "name": "NEW", "value": "1" }],
            "secrets": [{ "name": "DSN", "valueFrom": "arn:two" }],
            "portMappings": [{ "containerPort": 9090 }],
            "command": ["serve", "--name", "a b"],
            "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-group": "/ecs/new" } },
            "healthCheck": { "command": ["CMD-SHELL", "curl -f localhost"], "interval": 10 },
        }]),
        json!({ "networkMode": "awsvpc", "cpu": "512", "taskRoleArn": "role/one", "revision": 2, "ephemeralStorage": { "sizeInGiB": 40 } }),
    );
    assert_eq!(
        lines(one, other),
        [
            "task cpu: 256 → 512",
            "task ephemeralStorage sizeInGiB: - → 40",
            "task volume data: yes → -",
            "container app command: serve --port 8080 → serve --name 'a b'",
            "container app cpu: 256 → -",
            "container app environment API_KEY: •••••• → ••••••",
            "container app environment NEW: - → 1",
            "container app environment STAGE: prod → -",
            "container app healthCheck interval: 30 → 10",
            "container app image: app:1 → app:2",
            "container app logConfiguration options awslogs-group: /ecs/app → /ecs/new",
            "container app mount /data: data → -",
            "container app port 8080/tcp: open → -",
            "container app port 9090/tcp: - → open",
            "container app secret DSN: arn:one → arn:two",
            "container envoy essential: true → -",
            "container envoy image: envoy:1 → -",
        ]
    );
}

#[test]
fn order_defaults_and_what_aws_adds_are_no_difference() {
    let one = task(
        json!([{ "name": "a", "image": "x", "cpu": 0, "environment": [], "essential": true,
            "portMappings": [{ "containerPort": 80, "hostPort": 80, "protocol": "tcp" }] }, { "name": "b", "image": "y" }]),
        json!({ "networkMode": "awsvpc", "revision": 1, "registeredAt": "2026-01-01T00:00:00Z", "volumes": [] }),
    );
    let other = task(
        json!([{ "name": "b", "image": "y", "essential": true }, { "name": "a", "image": "x", "portMappings": [{ "containerPort": 80 }] }]),
        json!({ "networkMode": "awsvpc", "revision": 2 }),
    );
    assert_eq!(lines(one, other), Vec::<String>::new());
}

#[test]
fn values_that_look_secret_are_revealed_on_demand_and_never_debugged() {
    let variable =
        |value: &str| task(json!([{ "name": "a", "environment": [{ "name": "DB", "value": value }] }]), json!({}));
    let differences = diff(&definition(variable("postgres://a:b1@db")), &definition(variable("postgres://a:b2@db")));
    assert_eq!(differences[0].values(true), (Some("postgres://a:b1@db"), Some("postgres://a:b2@db")));
    assert_eq!(differences[0].values(false), (Some(MASK), Some(MASK)));
    assert!(!format!("{differences:?}").contains("b1"));
}

#[test]
fn a_list_that_names_a_thing_twice_is_compared_as_it_stands() {
    let limits = |soft: u32| {
        let one = |soft| json!({ "name": "nofile", "softLimit": soft, "hardLimit": 9 });
        task(json!([{ "name": "a", "ulimits": [one(1), one(soft)] }]), json!({}))
    };
    assert_eq!(lines(limits(1), limits(2)).len(), 1);
}

#[test]
fn what_looks_secret_is_masked_within_lists_too_that_are_compared_as_they_stand() {
    let variables = |token: &str| {
        let one = |name: &str, value: &str| json!({ "name": name, "value": value });
        task(
            json!([{ "name": "a", "environment": [one("STAGE", "x"), one("API_TOKEN", token), one("STAGE", "y")] }]),
            json!({}),
        )
    };
    assert_eq!(lines(variables("t1"), variables("t2")), ["container a environment: •••••• → ••••••"]);
    let volume = |password: &str| {
        let options =
            json!({ "name": "data", "dockerVolumeConfiguration": { "driverOpts": { "password": password } } });
        task(json!([]), json!({ "volumes": [options] }))
    };
    assert_eq!(lines(volume("p1"), volume("p2")), ["task volume data: •••••• → ••••••"]);
}

#[test]
fn a_port_of_the_host_is_told_where_it_was_chosen() {
    let port = |mode: &str, port: Value| {
        task(json!([{ "name": "a", "portMappings": [port] }]), json!({ "networkMode": mode }))
    };
    let (given, not) = (json!({ "containerPort": 80, "hostPort": 80 }), json!({ "containerPort": 80 }));
    assert_eq!(lines(port("host", given.clone()), port("host", not.clone())), Vec::<String>::new());
    let expected = ["container a port 80/tcp: host port 80 → open"];
    assert_eq!(lines(port("bridge", given), port("bridge", not)), expected);
}

proptest! {
    #[test]
    fn nothing_differs_from_itself_and_a_change_is_seen_from_both_ends(
        names in proptest::collection::btree_map("[A-Z_]{1,6}", ".{0,8}", 0..6),
        others in proptest::collection::btree_map("[A-Z_]{1,6}", ".{0,8}", 0..6),
    ) {
        let of = |pairs: &std::collections::BTreeMap<String, String>| {
            let environment: Vec<Value> =
                pairs.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
            definition(task(json!([{ "name": "app", "environment": environment }]), json!({})))
        };
        prop_assert_eq!(diff(&of(&names), &of(&names)), vec![]);
        let (there, back) = (diff(&of(&names), &of(&others)), diff(&of(&others), &of(&names)));
        prop_assert_eq!(there.len(), back.len());
        let differing = names.keys().chain(others.keys()).collect::<std::collections::BTreeSet<_>>();
        let differing = differing.into_iter().filter(|name| names.get(*name) != others.get(*name)).count();
        prop_assert_eq!(there.len(), differing);
    }
}

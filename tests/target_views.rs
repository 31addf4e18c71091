//! The views of targets and of container instances: what they show, and how often they look.

#![expect(clippy::unwrap_used, reason = "what cannot go on has failed")]

#[path = "common/browser.rs"]
mod browser;

use std::{sync::Arc, time::Duration};

use browser::{Script, World, arn, at, company};
use ecsui::{
    config::Settings,
    model::{
        Arn, AttachedTo, Attachment, Condition, ContainerInstance, HealthCheck, Host, Listener, LoadBalancer, Resource,
        Rule, Target, TargetGroup,
    },
    ops::{
        instances::{self, Instances},
        missing::Missing,
        targets::{Front, Fronts, Health, Row, TargetSet},
    },
    tui::app::{Look, Request},
};

const SECOND: Duration = Duration::from_secs(1);
const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/pay-blue/0123456789abcdef";

fn attachment() -> Attachment {
    Attachment {
        to: AttachedTo::TargetGroup(GROUP.parse().unwrap()),
        container: "app".into(),
        port: 8080,
        shifting: None,
    }
}

fn target(ip: &str, state: &str, code: Option<&str>, description: Option<&str>) -> Target {
    Target {
        id: ip.into(),
        port: Some(8080),
        zone: Some("eu-west-1a".into()),
        state: state.into(),
        code: code.map(Into::into),
        description: description.map(str::to_owned),
    }
}

/// A company whose first service has a healthy, an unhealthy and a draining target.
fn balanced() -> World {
    let mut world = company();
    world.services[0].detail.as_mut().unwrap().attachments = vec![attachment()];
    let group: Arn = GROUP.parse().unwrap();
    let rule = Rule {
        priority: Some(10),
        conditions: vec![Condition { field: "host-header".to_owned(), values: vec!["pay.example".to_owned()] }],
        weight: None,
    };
    let balancer = LoadBalancer {
        name: "prod-public".into(),
        arn: None,
        kind: "application".into(),
        dns_name: Some("prod-public-1.elb.amazonaws.com".into()),
        scheme: Some("internet-facing".into()),
        state: Some("active".into()),
        created: None,
        listeners: vec![Listener { protocol: "HTTPS".into(), port: Some(443), backend: None, rules: vec![rule] }],
        instances: Vec::new(),
        check: None,
    };
    let front = Front {
        attachment: attachment(),
        group: Some(TargetGroup {
            arn: group,
            protocol: Some("HTTP".into()),
            port: Some(8080),
            target_type: Some("ip".into()),
            check: HealthCheck { path: Some("/health".to_owned()), ..HealthCheck::default() },
            balancers: Vec::new(),
        }),
        delay: Some(SECOND * 600),
        balancers: vec![balancer],
    };
    world.fronts = Some(Fronts { fronts: vec![front], missing: Vec::new() });
    let mut leaving = world.tasks[1].clone();
    leaving.stopping = Some(at("2026-03-10T11:59:30Z"));
    let mismatch = Some("Health checks failed with these codes: [503]");
    let rows = vec![
        Row { target: target("10.0.0.9", "unhealthy", Some("Target.ResponseCodeMismatch"), mismatch), task: None },
        Row {
            target: target("10.0.0.8", "draining", Some("Target.DeregistrationInProgress"), None),
            task: Some(Arc::new(leaving)),
        },
        Row { target: target("10.0.0.7", "healthy", None, None), task: Some(Arc::new(world.tasks[0].clone())) },
    ];
    world.health =
        Some(Health { sets: vec![TargetSet { attachment: attachment(), rows: Some(rows) }], missing: Vec::new() });
    world
}

/// The targets of the first service.
fn watching(world: &World) -> Script {
    let mut script = Script::new(120, 40, &Settings::default());
    script.settle(world);
    script.keys("<right><f3>");
    script.settle(world);
    script
}

fn lines(script: &Script) -> Vec<String> {
    script.state.detail().lines.iter().map(|line| line.text.clone()).collect()
}

/// Lets ten seconds pass and returns how often something was looked at.
fn looks_within_ten_seconds(script: &mut Script, world: &World, wanted: fn(&Look) -> bool) -> usize {
    let mut count = 0;
    for _ in 0..100 {
        script.pass(SECOND / 10);
        let looks =
            script.waiting.iter().filter(|(_, _, request)| matches!(request, Request::Look(look) if wanted(look)));
        count += looks.count();
        script.serve(world);
    }
    count
}

#[test]
fn targets_are_shown_with_their_task_and_what_leads_to_them() {
    let script = watching(&balanced());
    let lines = lines(&script);
    assert_eq!(lines[0], "target group pay-blue → app:8080  1/2 healthy");
    for (line, parts) in lines[1..4].iter().zip([
        ["unhealthy", "10.0.0.9:8080", "no task of the service", "answers the health check with 503"],
        ["draining", "10.0.0.8:8080", "77c01d9e", "left"],
        ["healthy", "10.0.0.7:8080", "4f2ab81c", "payments-api:41"],
    ]) {
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    }
    let rest = lines[4..].join("\n");
    for wanted in ["prod-public (application, internet-facing)", "HTTPS:443", "10: host pay.example", "/health", "600s"]
    {
        assert!(rest.contains(wanted), "{wanted} in {rest}");
    }
}

#[test]
fn health_is_looked_at_often_only_while_something_moves() {
    let mut world = balanced();
    let mut script = watching(&world);
    let health = |look: &Look| matches!(look, Look::Health { .. });
    let fronts = |look: &Look| matches!(look, Look::Fronts(_));
    assert!((3..=4).contains(&looks_within_ten_seconds(&mut script, &world, health)), "one is draining");
    world.health.as_mut().unwrap().sets[0].rows.as_mut().unwrap().remove(1);
    looks_within_ten_seconds(&mut script, &world, health);
    assert_eq!(looks_within_ten_seconds(&mut script, &world, health), 1, "nothing moves any more");
    assert_eq!(looks_within_ten_seconds(&mut script, &world, fronts), 0, "what leads there is kept");
    script.keys("<ctrl-x>0");
    assert_eq!(looks_within_ten_seconds(&mut script, &world, health), 0, "nobody looks");
}

#[test]
fn what_is_denied_hides_nothing_else() {
    let mut world = balanced();
    let missing = |what: &str| Missing { what: what.to_owned(), action: None, why: "not allowed: x:Y".to_owned() };
    world.fronts.as_mut().unwrap().missing.push(missing("the rules"));
    world.health.as_mut().unwrap().missing.push(missing("the service's tasks"));
    let lines = lines(&watching(&world)).join("\n");
    assert!(lines.contains("✖ the rules cannot be read: not allowed: x:Y"), "{lines}");
    assert!(lines.contains("✖ the service's tasks cannot be read") && lines.contains("10.0.0.7:8080"), "{lines}");
}

#[test]
fn a_service_without_load_balancers_says_so_and_asks_nothing() {
    let world = company();
    let script = watching(&world);
    assert_eq!(lines(&script), ["payments-api is registered with no load balancer"]);
    let looks = script.waiting.iter().filter(|(_, _, request)| matches!(request, Request::Look(Look::Health { .. })));
    assert_eq!(looks.count(), 0);
}

#[test]
fn a_task_shows_its_own_targets() {
    let mut script = watching(&balanced());
    let world = balanced();
    script.keys("<right><f3>");
    script.settle(&world);
    let lines = lines(&script);
    assert!(lines[1].contains("10.0.0.7:8080") && !lines.iter().any(|line| line.contains("10.0.0.8")), "{lines:#?}");
}

#[test]
fn instances_are_shown_with_the_tasks_on_them() {
    let mut world = company();
    let cluster = arn("cluster/prod");
    let instance = arn("container-instance/prod/0123456789abcdef0123456789abcdef");
    world.tasks[0].instance = Some(instance.clone());
    world.instances = Some(Instances {
        rows: vec![instances::Row {
            cluster: cluster.clone(),
            instance: ContainerInstance {
                arn: instance,
                ec2: Some("i-0123".into()),
                status: "DRAINING".into(),
                reason: None,
                kind: None,
                zone: Some("eu-west-1a".into()),
                provider: None,
                agent_version: Some("1.98.0".into()),
                agent_connected: false,
                cpu: Resource { remaining: 1024, registered: 4096 },
                memory: Resource { remaining: 100, registered: 15_842 },
                running: 1,
                pending: 0,
                registered: None,
            },
            host: Some(Host {
                id: "i-0123".into(),
                name: Some("prod-ecs-1".into()),
                kind: Some("m6i.xlarge".into()),
                zone: None,
                state: Some("running".into()),
                private_ip: Some("10.40.0.9".into()),
                public_ip: None,
                launched: None,
            }),
        }],
        missing: Vec::new(),
    });
    let mut script = Script::new(120, 40, &Settings::default());
    script.settle(&world);
    script.keys("prod<ctrl-x>i");
    script.settle(&world);
    assert_eq!(
        lines(&script),
        [
            "prod-ecs-1  i-0123  m6i.xlarge  eu-west-1a  DRAINING  10.40.0.9",
            "  1 running  CPU 1024 of 4096 free  memory 100 of 15842 MiB free  agent 1.98.0 not connected",
            "    4f2ab81c  payments-api  payments-api:41  RUNNING",
        ]
    );
}

//! Companies of which more is there: load balancers, hosts, tasks that have ended.

#![allow(dead_code, reason = "each user of this file needs a part of it")]

use std::{sync::Arc, time::Duration};

use ecsui::{
    model::{
        Arn, AttachedTo, Attachment, Condition, ContainerInstance, HealthCheck, Host, Listener, LoadBalancer, Resource,
        Rule, Target, TargetGroup, Task,
    },
    ops::{
        instances::{self, Instances},
        stopped::StoppedTask,
        targets::{Front, Fronts, Health, Row, TargetSet},
    },
};

use super::browser::{World, arn, at, company, task};

const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/pay-blue/0123456789abcdef";

fn attachment() -> Attachment {
    Attachment {
        to: AttachedTo::TargetGroup(GROUP.parse().expect("a fixture is right")),
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
pub(crate) fn balanced() -> World {
    let mut world = company();
    world.services[0].detail.as_mut().expect("a fixture is right").attachments = vec![attachment()];
    let group: Arn = GROUP.parse().expect("a fixture is right");
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
        delay: Some(Duration::from_mins(10)),
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

/// A company whose cluster has a container instance that drains.
pub(crate) fn hosted() -> World {
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
    world
}

fn stopped(id: &str, when: &str, code: &str, reason: &str) -> Task {
    let prod = arn("cluster/prod");
    let mut task = task(&prod, id, Some("payments-api"), "2026-03-10T08:00:00Z");
    task.last_status = "STOPPED".into();
    task.desired_status = "STOPPED".into();
    task.stopped = Some(at(when));
    task.stop_code = Some(code.into());
    task.stopped_reason = Some(reason.to_owned());
    task
}

/// A company of which two tasks have ended: one AWS knows, one is remembered.
pub(crate) fn ended() -> World {
    let mut crashed =
        stopped("aaaa1111", "2026-03-10T12:01:11Z", "EssentialContainerExited", "Essential container in task exited");
    crashed.containers[0].exit_code = Some(137);
    crashed.containers[0].reason = Some("OutOfMemoryError: Container killed due to memory usage".to_owned());
    let scaled = stopped(
        "bbbb2222",
        "2026-03-09T22:00:00Z",
        "ServiceSchedulerInitiated",
        "Scaling activity initiated by (deployment ecs-svc/1)",
    );
    let one = |task, remembered| StoppedTask { task: Arc::new(task), remembered };
    World { stopped: vec![one(crashed, false), one(scaled, true)], ..company() }
}

//! The operations of Elastic Load Balancing, version 1: classic load balancers and the health of their instances.

use std::{sync::Arc, time::Duration};

use aws_sdk_elasticloadbalancing::types;

use super::{Error, budget::Category, call::Operation, clients::Clients, convert, whole};
use crate::model::{Backend, HealthCheck, Listener, LoadBalancer, Target};

const DESCRIBE_LOAD_BALANCERS: Operation =
    Operation::read("elasticloadbalancing:DescribeLoadBalancers", Category::ClassicBalancerRead);
const DESCRIBE_INSTANCE_HEALTH: Operation =
    Operation::read("elasticloadbalancing:DescribeInstanceHealth", Category::ClassicBalancerRead);

/// How many names are asked for at once.
const AT_ONCE: usize = 20;

impl Clients {
    /// Returns the classic load balancers of these names; those that are gone are absent.
    pub async fn classic_balancers(&self, names: &[Arc<str>]) -> Result<Vec<LoadBalancer>, Error> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        whole::named(&names, AT_ONCE, |names| async move {
            let call = || self.elb().describe_load_balancers().set_load_balancer_names(Some(names.clone())).send();
            let answer = self.call(DESCRIBE_LOAD_BALANCERS, call).await?;
            Ok(answer.load_balancer_descriptions().iter().filter_map(balancer).collect())
        })
        .await
    }

    /// Returns how the instances of a classic load balancer are.
    pub async fn instance_health(&self, name: &str) -> Result<Vec<Target>, Error> {
        let call = || self.elb().describe_instance_health().load_balancer_name(name).send();
        let answer = self.call(DESCRIBE_INSTANCE_HEALTH, call).await?;
        Ok(answer.instance_states().iter().filter_map(instance).collect())
    }
}

fn balancer(description: &types::LoadBalancerDescription) -> Option<LoadBalancer> {
    let listeners = description.listener_descriptions().iter().filter_map(|described| described.listener());
    let mut listeners: Vec<Listener> = listeners.map(listener).collect();
    listeners.sort_by_key(|listener| listener.port);
    Some(LoadBalancer {
        name: description.load_balancer_name()?.into(),
        arn: None,
        kind: "classic".into(),
        dns_name: description.dns_name().map(Into::into),
        scheme: description.scheme().map(Into::into),
        state: None,
        created: description.created_time().and_then(|time| convert::time(*time)),
        listeners,
        instances: description
            .instances()
            .iter()
            .filter_map(|instance| instance.instance_id())
            .map(Into::into)
            .collect(),
        check: description.health_check().map(check),
    })
}

fn listener(listener: &types::Listener) -> Listener {
    let port = |port: i32| u16::try_from(port).ok();
    let backend = port(listener.instance_port()).map(|port| Backend {
        protocol: listener.instance_protocol().unwrap_or_else(|| listener.protocol()).into(),
        port,
    });
    Listener {
        protocol: listener.protocol().into(),
        port: port(listener.load_balancer_port()),
        backend,
        rules: Vec::new(),
    }
}

/// Returns a check, whose target is `HTTP:8081/health` or `TCP:8081`.
fn check(check: &types::HealthCheck) -> HealthCheck {
    let (protocol, rest) = check.target().split_once(':').unwrap_or((check.target(), ""));
    let (port, path) = rest.split_once('/').map_or((rest, None), |(port, path)| (port, Some(format!("/{path}"))));
    let seconds = |seconds: i32| u64::try_from(seconds).ok().map(Duration::from_secs);
    HealthCheck {
        disabled: false,
        protocol: Some(protocol.into()),
        port: Some(port).filter(|port| !port.is_empty()).map(Into::into),
        path,
        codes: None,
        interval: seconds(check.interval()),
        timeout: seconds(check.timeout()),
        healthy_after: u32::try_from(check.healthy_threshold()).ok(),
        unhealthy_after: u32::try_from(check.unhealthy_threshold()).ok(),
    }
}

fn instance(state: &types::InstanceState) -> Option<Target> {
    Some(Target {
        id: state.instance_id()?.into(),
        port: None,
        zone: None,
        state: state.state().unwrap_or("Unknown").into(),
        code: state.reason_code().map(Into::into),
        description: state.description().map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_read_from_one_word() {
        let read = |target: &str| {
            let check = types::HealthCheck::builder().target(target).interval(30).timeout(5).unhealthy_threshold(2);
            super::check(&check.healthy_threshold(10).build().unwrap()).to_string()
        };
        let bounds = "every 30s, timeout 5s, healthy after 10, unhealthy after 2";
        assert_eq!(read("HTTP:8081/health/x"), format!("HTTP /health/x on 8081 {bounds}"));
        assert_eq!(read("TCP:8081"), format!("TCP on 8081 {bounds}"));
        assert_eq!(read(""), format!(" {bounds}"));
    }
}

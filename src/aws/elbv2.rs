//! The operations of Elastic Load Balancing, version 2: target groups, the health of their targets, load balancers,
//! listeners and rules.

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types;

use super::{Error, budget::Category, call::Operation, clients::Clients, convert, whole};
use crate::model::{Arn, Condition, HealthCheck, Listener, LoadBalancer, Rule, Target, TargetGroup};

const DESCRIBE_TARGET_GROUPS: Operation =
    Operation::read("elasticloadbalancing:DescribeTargetGroups", Category::BalancerRead);
const DESCRIBE_TARGET_HEALTH: Operation =
    Operation::read("elasticloadbalancing:DescribeTargetHealth", Category::BalancerRead);
const DESCRIBE_ATTRIBUTES: Operation =
    Operation::read("elasticloadbalancing:DescribeTargetGroupAttributes", Category::BalancerRead);
const DESCRIBE_LOAD_BALANCERS: Operation =
    Operation::read("elasticloadbalancing:DescribeLoadBalancers", Category::BalancerRead);
const DESCRIBE_LISTENERS: Operation = Operation::read("elasticloadbalancing:DescribeListeners", Category::BalancerRead);
const DESCRIBE_RULES: Operation = Operation::read("elasticloadbalancing:DescribeRules", Category::BalancerRead);

/// The most that the describes take by name.
const AT_ONCE: usize = 20;
/// The largest page there is.
const PAGE_SIZE: i32 = 400;
/// The attribute that says how long a target drains.
const DELAY: &str = "deregistration_delay.timeout_seconds";

/// A listener, and where it sends what no rule takes.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Its identity.
    pub arn: Arn,
    /// The listener, without its rules.
    pub listener: Listener,
    /// What no rule takes.
    pub otherwise: Route,
}

/// A rule and the target groups it leads to, each with its weight.
#[derive(Debug, Clone)]
pub struct Route {
    /// The rule, without a weight.
    pub rule: Rule,
    /// The target groups.
    pub groups: Vec<(Arn, u32)>,
}

impl Clients {
    /// Returns these target groups; those that are gone are absent.
    pub async fn target_groups(&self, arns: &[Arn]) -> Result<Vec<TargetGroup>, Error> {
        let names: Vec<String> = arns.iter().map(ToString::to_string).collect();
        whole::named(&names, AT_ONCE, |names| async move {
            let call = || self.elbv2().describe_target_groups().set_target_group_arns(Some(names.clone())).send();
            let answer = self.call(DESCRIBE_TARGET_GROUPS, call).await?;
            Ok(answer.target_groups().iter().filter_map(group).collect())
        })
        .await
    }

    /// Returns how the targets of a group are.
    pub async fn target_health(&self, group: &Arn) -> Result<Vec<Target>, Error> {
        let call = || self.elbv2().describe_target_health().target_group_arn(group.as_str()).send();
        let answer = self.call(DESCRIBE_TARGET_HEALTH, call).await?;
        Ok(answer.target_health_descriptions().iter().filter_map(target).collect())
    }

    /// Returns how long a target of a group drains after it was taken out.
    pub async fn deregistration_delay(&self, group: &Arn) -> Result<Option<Duration>, Error> {
        let call = || self.elbv2().describe_target_group_attributes().target_group_arn(group.as_str()).send();
        let answer = self.call(DESCRIBE_ATTRIBUTES, call).await?;
        let delay = answer.attributes().iter().find(|attribute| attribute.key() == Some(DELAY));
        Ok(delay.and_then(|delay| delay.value()?.parse().ok()).map(Duration::from_secs))
    }

    /// Returns these load balancers, without their listeners; those that are gone are absent.
    pub async fn load_balancers(&self, arns: &[Arn]) -> Result<Vec<LoadBalancer>, Error> {
        let names: Vec<String> = arns.iter().map(ToString::to_string).collect();
        whole::named(&names, AT_ONCE, |names| async move {
            let call = || self.elbv2().describe_load_balancers().set_load_balancer_arns(Some(names.clone())).send();
            let answer = self.call(DESCRIBE_LOAD_BALANCERS, call).await?;
            Ok(answer.load_balancers().iter().filter_map(balancer).collect())
        })
        .await
    }

    /// Returns the listeners of a load balancer, by port.
    pub async fn listeners(&self, balancer: &Arn) -> Result<Vec<Heard>, Error> {
        let mut listeners: Vec<Heard> = whole::list(DESCRIBE_LISTENERS.name, |marker| async move {
            let call = || {
                let call = self.elbv2().describe_listeners().load_balancer_arn(balancer.as_str());
                call.page_size(PAGE_SIZE).set_marker(marker.clone()).send()
            };
            let answer = self.call(DESCRIBE_LISTENERS, call).await?;
            let heard = answer.listeners.unwrap_or_default().iter().filter_map(listener).collect();
            Ok((heard, answer.next_marker))
        })
        .await?;
        listeners.sort_by_key(|heard| heard.listener.port);
        Ok(listeners)
    }

    /// Returns the rules of a listener by priority, what no other takes last.
    pub async fn rules(&self, listener: &Arn) -> Result<Vec<Route>, Error> {
        let mut routes: Vec<Route> = whole::list(DESCRIBE_RULES.name, |marker| async move {
            let call = || {
                let call = self.elbv2().describe_rules().listener_arn(listener.as_str());
                call.page_size(PAGE_SIZE).set_marker(marker.clone()).send()
            };
            let answer = self.call(DESCRIBE_RULES, call).await?;
            Ok((answer.rules.unwrap_or_default().iter().map(rule).collect(), answer.next_marker))
        })
        .await?;
        routes.sort_by_key(|route| route.rule.priority.unwrap_or(u32::MAX));
        Ok(routes)
    }
}

fn group(group: &types::TargetGroup) -> Option<TargetGroup> {
    let seconds = |seconds: Option<i32>| seconds.and_then(|it| u64::try_from(it).ok()).map(Duration::from_secs);
    let count = |count: Option<i32>| count.and_then(|count| u32::try_from(count).ok());
    let codes = group.matcher().and_then(|matcher| matcher.http_code().or(matcher.grpc_code()));
    Some(TargetGroup {
        arn: group.target_group_arn()?.parse().ok()?,
        protocol: group.protocol().map(|protocol| protocol.as_str().into()),
        port: port(group.port()),
        target_type: group.target_type().map(|kind| kind.as_str().into()),
        check: HealthCheck {
            disabled: group.health_check_enabled() == Some(false),
            protocol: group.health_check_protocol().map(|protocol| protocol.as_str().into()),
            port: group.health_check_port().map(Into::into),
            path: group.health_check_path().map(str::to_owned),
            codes: codes.map(Into::into),
            interval: seconds(group.health_check_interval_seconds()),
            timeout: seconds(group.health_check_timeout_seconds()),
            healthy_after: count(group.healthy_threshold_count()),
            unhealthy_after: count(group.unhealthy_threshold_count()),
        },
        balancers: group.load_balancer_arns().iter().filter_map(|arn| arn.parse().ok()).collect(),
    })
}

fn target(description: &types::TargetHealthDescription) -> Option<Target> {
    let target = description.target()?;
    let health = description.target_health();
    Some(Target {
        id: target.id()?.into(),
        port: port(target.port()),
        zone: target.availability_zone().map(Into::into),
        state: health.and_then(|health| health.state()).map_or("unknown", |state| state.as_str()).into(),
        code: health.and_then(|health| health.reason()).map(|reason| reason.as_str().into()),
        description: health.and_then(|health| health.description()).map(str::to_owned),
    })
}

fn balancer(balancer: &types::LoadBalancer) -> Option<LoadBalancer> {
    let arn: Arn = balancer.load_balancer_arn()?.parse().ok()?;
    Some(LoadBalancer {
        name: balancer.load_balancer_name().unwrap_or_else(|| arn.name()).into(),
        kind: balancer.r#type().map_or("unknown", |kind| kind.as_str()).into(),
        dns_name: balancer.dns_name().map(Into::into),
        scheme: balancer.scheme().map(|scheme| scheme.as_str().into()),
        state: balancer.state().and_then(|state| state.code()).map(|code| code.as_str().into()),
        created: balancer.created_time().and_then(|time| convert::time(*time)),
        listeners: Vec::new(),
        instances: Vec::new(),
        check: None,
        arn: Some(arn),
    })
}

fn listener(listener: &types::Listener) -> Option<Heard> {
    let protocol = listener.protocol().map_or("GENEVE", |protocol| protocol.as_str());
    Some(Heard {
        arn: listener.listener_arn()?.parse().ok()?,
        listener: Listener { protocol: protocol.into(), port: port(listener.port()), backend: None, rules: Vec::new() },
        otherwise: Route {
            rule: Rule { priority: None, conditions: Vec::new(), weight: None },
            groups: groups(listener.default_actions()),
        },
    })
}

fn rule(rule: &types::Rule) -> Route {
    Route {
        rule: Rule {
            // The last one's is `default`.
            priority: rule.priority().and_then(|priority| priority.parse().ok()),
            conditions: rule.conditions().iter().map(condition).collect(),
            weight: None,
        },
        groups: groups(rule.actions()),
    }
}

/// Returns what a condition asks, from the structure that belongs to its field, or else from the older list of values.
fn condition(condition: &types::RuleCondition) -> Condition {
    let mut field = condition.field().unwrap_or("condition").to_owned();
    let values = match field.as_str() {
        "host-header" => condition.host_header_config().map(|config| config.values().to_vec()),
        "path-pattern" => condition.path_pattern_config().map(|config| config.values().to_vec()),
        "http-request-method" => condition.http_request_method_config().map(|config| config.values().to_vec()),
        "source-ip" => condition.source_ip_config().map(|config| config.values().to_vec()),
        "http-header" => condition.http_header_config().map(|config| {
            field = format!("http-header {}", config.http_header_name().unwrap_or_default());
            config.values().to_vec()
        }),
        "query-string" => condition.query_string_config().map(|config| config.values().iter().map(pair).collect()),
        _ => None,
    };
    let values = values.filter(|values: &Vec<String>| !values.is_empty());
    let values = values.unwrap_or_else(|| [condition.values(), condition.regex_values()].concat());
    Condition { field, values }
}

fn pair(pair: &types::QueryStringKeyValuePair) -> String {
    let value = pair.value().unwrap_or_default();
    pair.key().map_or_else(|| value.to_owned(), |key| format!("{key}={value}"))
}

/// Returns the target groups that actions lead to, each with its weight.
fn groups(actions: &[types::Action]) -> Vec<(Arn, u32)> {
    let weighted = |action: &types::Action| {
        let several = action.forward_config().map(types::ForwardActionConfig::target_groups).unwrap_or_default();
        let several = several.iter().filter_map(|group| {
            let weight = group.weight().map_or(1, |weight| u32::try_from(weight).unwrap_or_default());
            Some((group.target_group_arn()?.parse().ok()?, weight))
        });
        let several: Vec<(Arn, u32)> = several.collect();
        let one = action.target_group_arn().and_then(|arn| arn.parse().ok()).map(|arn| (arn, 1));
        if several.is_empty() { one.into_iter().collect() } else { several }
    };
    actions.iter().flat_map(weighted).collect()
}

fn port(port: Option<i32>) -> Option<u16> {
    port.and_then(|port| u16::try_from(port).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLUE: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/blue/1";
    const GREEN: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/green/2";

    #[test]
    fn an_action_names_one_group_or_weighs_several() {
        let one = types::Action::builder().target_group_arn(BLUE).build();
        assert_eq!(groups(&[one]), [(BLUE.parse().unwrap(), 1)]);
        let tuple = |arn, weight| types::TargetGroupTuple::builder().target_group_arn(arn).weight(weight).build();
        let several = types::ForwardActionConfig::builder().target_groups(tuple(BLUE, 9));
        let several = several.target_groups(tuple(GREEN, 1)).build();
        let action = types::Action::builder().target_group_arn(BLUE).forward_config(several).build();
        assert_eq!(groups(&[action]), [(BLUE.parse().unwrap(), 9), (GREEN.parse().unwrap(), 1)]);
        assert_eq!(groups(&[types::Action::builder().build()]), []);
    }

    #[test]
    fn a_condition_is_read_from_either_of_its_shapes() {
        let old = types::RuleCondition::builder().field("path-pattern").values("/x").build();
        assert_eq!(condition(&old).to_string(), "path /x");
        let pair = types::QueryStringKeyValuePair::builder().key("v").value("2").build();
        let config = types::QueryStringConditionConfig::builder().values(pair).build();
        let query = types::RuleCondition::builder().field("query-string").query_string_config(config).build();
        assert_eq!(condition(&query).to_string(), "query v=2");
        let config = types::HttpHeaderConditionConfig::builder().http_header_name("X-Flag").values("on").build();
        let header = types::RuleCondition::builder().field("http-header").http_header_config(config).build();
        assert_eq!(condition(&header).to_string(), "http-header X-Flag on");
        assert_eq!(condition(&types::RuleCondition::builder().build()).to_string(), "condition ");
    }

    #[test]
    fn an_answer_that_says_nothing_is_no_target() {
        assert_eq!(target(&types::TargetHealthDescription::builder().build()), None);
        let bare = types::TargetHealthDescription::builder();
        let bare = bare.target(types::TargetDescription::builder().id("10.0.0.7").build()).build();
        assert_eq!(target(&bare).unwrap().to_string(), "10.0.0.7");
    }
}

//! From the words of a scenario to load balancers and target groups.

use std::time::Duration;

use super::words::{Age, BalancerWord, BalancerWords, GroupWords, ListenerWords, RuleWords, TargetWords, WayWords};
use crate::sim::{
    clock::Moment,
    world::{Balancer, BalancerKind, Check, Forward, Listener, Rule, Target, TargetGroup, World},
};

const YEAR: Duration = Duration::from_hours(365 * 24);

/// Adds load balancers and target groups.
pub(super) fn add(
    world: &mut World,
    balancers: impl IntoIterator<Item = (String, BalancerWords)>,
    groups: impl IntoIterator<Item = (String, GroupWords)>,
) {
    world.balancers = balancers.into_iter().map(|(name, words)| balancer(&name, words)).collect();
    world.groups = groups.into_iter().map(|(name, words)| (name.into(), group(words))).collect();
}

/// Returns where a service's tasks are registered.
pub(super) fn target(words: &TargetWords) -> Target {
    Target {
        group: words.classic.as_deref().unwrap_or(&words.group).into(),
        classic: words.classic.is_some(),
        ailment: words.fails.0.clone(),
        container: words.container.as_str().into(),
        port: words.port,
        advanced: words.advanced.clone(),
    }
}

fn balancer(name: &str, words: BalancerWords) -> Balancer {
    Balancer {
        name: name.into(),
        kind: match words.kind {
            BalancerWord::Application => BalancerKind::Application,
            BalancerWord::Network => BalancerKind::Network,
            BalancerWord::Classic => BalancerKind::Classic,
        },
        scheme: if words.internal { "internal" } else { "internet-facing" },
        created: Moment::ago(words.age.map_or(YEAR, |Age(age)| age)),
        listeners: words.listener.into_iter().map(listener).collect(),
    }
}

fn listener(words: ListenerWords) -> Listener {
    let rules = words.rule.into_iter().zip(1..);
    Listener {
        port: words.port,
        protocol: words.protocol,
        otherwise: words.to.map_or(Forward::Fixed(404), forward),
        rules: rules.map(|(words, place)| rule(words, place)).collect(),
        instance_port: words.instance_port,
    }
}

fn rule(words: RuleWords, place: u32) -> Rule {
    Rule { priority: place * 10, hosts: words.host, paths: words.path, to: forward(words.to) }
}

fn forward(words: WayWords) -> Forward {
    match words {
        WayWords::Status(status) => Forward::Fixed(status),
        WayWords::Name(name) if name == "redirect" => Forward::Redirect,
        WayWords::Name(name) => Forward::Groups(vec![(name.into(), 1)]),
        WayWords::Weights(groups) => {
            Forward::Groups(groups.into_iter().map(|(name, weight)| (name.into(), weight)).collect())
        }
    }
}

fn group(words: GroupWords) -> TargetGroup {
    let usual = TargetGroup::default();
    TargetGroup {
        protocol: words.protocol,
        port: words.port,
        drains: words.drains.map_or(usual.drains, |Age(age)| age),
        check: Check {
            path: words.check.unwrap_or(usual.check.path),
            interval: words.every.map_or(usual.check.interval, |Age(age)| age),
            codes: words.codes.unwrap_or(usual.check.codes),
        },
    }
}

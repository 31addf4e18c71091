//! The load balancers, listeners and rules before a service. These seldom change: they are read once and kept.

use std::{sync::Arc, time::Duration};

use futures_util::future::{join, join_all};

use super::groups;
use crate::{
    aws::{Clients, Heard, Route},
    model::{Arn, AttachedTo, Attachment, Listener, LoadBalancer, Rule, TargetGroup},
    ops::{
        Cx, Result,
        missing::{Missing, note, tolerated},
    },
};

/// What is before a service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fronts {
    /// One for each thing that its tasks are registered with, in that order.
    pub fronts: Vec<Front>,
    /// What could not be read.
    pub missing: Vec<Missing>,
}

/// A target group or a classic load balancer that tasks are registered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Front {
    /// What is registered where.
    pub attachment: Attachment,
    /// The target group.
    pub group: Option<TargetGroup>,
    /// How long a target that is taken out drains.
    pub delay: Option<Duration>,
    /// The load balancers that lead to it, each with the listeners and rules that do.
    pub balancers: Vec<LoadBalancer>,
}

/// A load balancer with all that it listens to.
struct Entrance {
    balancer: LoadBalancer,
    heard: Vec<(Listener, Vec<Route>)>,
}

/// Returns what is before these attachments.
pub async fn fronts(cx: &Cx, attachments: &[Attachment]) -> Result<Fronts> {
    if attachments.is_empty() {
        return Ok(Fronts::default());
    }
    let aws = cx.aws().await?;
    let arns = groups(attachments);
    let mut missing = Vec::new();
    let (groups, (delays, classic)) =
        join(read_groups(cx, &aws, &arns), join(delays(cx, &aws, &arns), classic(cx, &aws, attachments))).await;
    let groups = note(&mut missing, groups?).unwrap_or_default();
    let entrances = entrances(cx, &aws, &groups, &mut missing).await?;
    let mut delay = Vec::new();
    for read in delays? {
        delay.push(note(&mut missing, read).flatten());
    }
    let classic = note(&mut missing, classic?).unwrap_or_default();
    let front = |attachment: &Attachment| match &attachment.to {
        AttachedTo::TargetGroup(arn) => Front {
            attachment: attachment.clone(),
            group: groups.iter().find(|group| group.arn == *arn).cloned(),
            delay: arns.iter().position(|one| one == arn).and_then(|place| delay[place]),
            balancers: entrances.iter().filter_map(|entrance| entrance.leading_to(arn)).collect(),
        },
        AttachedTo::Classic(name) => Front {
            attachment: attachment.clone(),
            group: None,
            delay: None,
            balancers: classic.iter().filter(|balancer| balancer.name == *name).cloned().collect(),
        },
    };
    Ok(Fronts { fronts: attachments.iter().map(front).collect(), missing })
}

type Part<T> = std::result::Result<T, Missing>;

async fn read_groups(cx: &Cx, aws: &Clients, arns: &[Arn]) -> Result<Part<Vec<TargetGroup>>> {
    tolerated(cx, aws, "the target groups", aws.target_groups(arns).await)
}

async fn delays(cx: &Cx, aws: &Clients, arns: &[Arn]) -> Result<Vec<Part<Option<Duration>>>> {
    let read = join_all(arns.iter().map(|arn| aws.deregistration_delay(arn))).await;
    read.into_iter().map(|delay| tolerated(cx, aws, "how long targets drain", delay)).collect()
}

async fn classic(cx: &Cx, aws: &Clients, attachments: &[Attachment]) -> Result<Part<Vec<LoadBalancer>>> {
    let mut names: Vec<Arc<str>> = attachments
        .iter()
        .filter_map(|attachment| match &attachment.to {
            AttachedTo::Classic(name) => Some(Arc::clone(name)),
            AttachedTo::TargetGroup(_) => None,
        })
        .collect();
    names.sort();
    names.dedup();
    tolerated(cx, aws, "the classic load balancers", aws.classic_balancers(&names).await)
}

/// Returns the load balancers of target groups with all that they listen to.
async fn entrances(
    cx: &Cx,
    aws: &Clients,
    groups: &[TargetGroup],
    missing: &mut Vec<Missing>,
) -> Result<Vec<Entrance>> {
    let mut arns: Vec<Arn> = groups.iter().flat_map(|group| group.balancers.iter().cloned()).collect();
    arns.sort();
    arns.dedup();
    let (balancers, heard) =
        join(aws.load_balancers(&arns), join_all(arns.iter().map(|arn| heard(cx, aws, arn)))).await;
    let described = note(missing, tolerated(cx, aws, "the load balancers", balancers)?).unwrap_or_default();
    let mut entrances = Vec::new();
    for (arn, heard) in arns.iter().zip(heard) {
        let (heard, denied) = heard?;
        for part in denied {
            note::<()>(missing, Err(part));
        }
        let balancer = described.iter().find(|balancer| balancer.arn.as_ref() == Some(arn)).cloned();
        entrances.push(Entrance { balancer: balancer.unwrap_or_else(|| undescribed(arn)), heard });
    }
    entrances.sort_by(|one, other| one.balancer.name.cmp(&other.balancer.name));
    Ok(entrances)
}

/// Returns what a load balancer listens to, with its rules, and what of it must not be read.
async fn heard(cx: &Cx, aws: &Clients, balancer: &Arn) -> Result<(Vec<(Listener, Vec<Route>)>, Vec<Missing>)> {
    let mut missing = Vec::new();
    let listeners = tolerated(cx, aws, "the listeners", aws.listeners(balancer).await)?;
    let listeners = note(&mut missing, listeners).unwrap_or_default();
    let ruled = |heard: &Heard| matches!(&*heard.listener.protocol, "HTTP" | "HTTPS");
    let rules = join_all(listeners.iter().map(|heard| async move {
        // Only application load balancers have rules; the others send all that comes the same way.
        if ruled(heard) { Some(aws.rules(&heard.arn).await) } else { None }
    }));
    let mut all = Vec::new();
    for (heard, rules) in listeners.iter().zip(rules.await) {
        let read = rules.map(|rules| tolerated(cx, aws, "the rules of the listeners", rules)).transpose()?;
        let rules = read.and_then(|read| note(&mut missing, read));
        all.push((heard.listener.clone(), rules.unwrap_or_else(|| vec![heard.otherwise.clone()])));
    }
    Ok((all, missing))
}

/// Returns what the ARN says of a load balancer: `loadbalancer/app/NAME/ID`.
fn undescribed(arn: &Arn) -> LoadBalancer {
    let mut parts = arn.resource().split('/').skip(1);
    let kind = match parts.next() {
        Some("app") => "application",
        Some("net") => "network",
        Some("gwy") => "gateway",
        _ => "unknown",
    };
    LoadBalancer {
        name: parts.next().unwrap_or_else(|| arn.name()).into(),
        arn: Some(arn.clone()),
        kind: kind.into(),
        dns_name: None,
        scheme: None,
        state: None,
        created: None,
        listeners: Vec::new(),
        instances: Vec::new(),
        check: None,
    }
}

impl Entrance {
    /// Returns the load balancer with those of its listeners and rules that lead to a target group.
    fn leading_to(&self, group: &Arn) -> Option<LoadBalancer> {
        let rules =
            |routes: &[Route]| -> Vec<Rule> { routes.iter().filter_map(|route| leading_to(route, group)).collect() };
        let listeners =
            self.heard.iter().map(|(listener, routes)| Listener { rules: rules(routes), ..listener.clone() });
        let listeners: Vec<Listener> = listeners.filter(|listener| !listener.rules.is_empty()).collect();
        // Where no listener may be read, it is shown all the same: AWS says that it uses a group.
        (!listeners.is_empty() || self.heard.is_empty()).then(|| LoadBalancer { listeners, ..self.balancer.clone() })
    }
}

/// Returns the rule, with the group's weight where it leads to several.
fn leading_to(route: &Route, group: &Arn) -> Option<Rule> {
    let (_, weight) = route.groups.iter().find(|(arn, _)| arn == group)?;
    let sum = route.groups.iter().map(|(_, weight)| weight).sum();
    let weight = (route.groups.len() > 1).then_some((*weight, sum));
    Some(Rule { weight, ..route.rule.clone() })
}

//! DescribeLoadBalancers, DescribeListeners and DescribeRules.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{VPC, at_once, part};
use crate::sim::{
    ecs::{Account, members::without_nulls},
    form, identity,
    refusal::Refusal,
    world::{Balancer, BalancerKind, Forward, Listener, Rule},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Balancers {
    load_balancer_arns: Option<Vec<String>>,
    names: Option<Vec<String>>,
    marker: Option<String>,
    page_size: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Listeners {
    load_balancer_arn: Option<String>,
    listener_arns: Option<Vec<String>>,
    marker: Option<String>,
    page_size: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Rules {
    listener_arn: Option<String>,
    rule_arns: Option<Vec<String>>,
    marker: Option<String>,
    page_size: Option<String>,
}

pub(super) fn balancers(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: Balancers = form::read(body, "ValidationError")?;
    let part = part(asked.page_size.as_deref(), asked.marker.as_deref())?;
    for many in [&asked.load_balancer_arns, &asked.names].into_iter().flatten() {
        at_once(many, "load balancers")?;
    }
    let named = |text: &String| match cx.balancers().find(|it| *it.name == **text) {
        Some(balancer) => Ok(balancer),
        None => cx.balancer(text),
    };
    let wanted: Vec<&Balancer> = match (&asked.load_balancer_arns, &asked.names) {
        (Some(given), None) | (None, Some(given)) => given.iter().map(named).collect::<Result<_, _>>()?,
        (None, None) => cx.balancers().collect(),
        (Some(_), Some(_)) => {
            let text = "Load balancer ARNs and load balancer names cannot be specified together";
            return Err(Refusal::new("ValidationError", text));
        }
    };
    let (balancers, marker) = part.of(wanted.into_iter().map(|it| cx.balancer_json(it)).collect());
    Ok(without_nulls(json!({ "LoadBalancers": balancers, "NextMarker": marker })))
}

pub(super) fn listeners(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: Listeners = form::read(body, "ValidationError")?;
    let part = part(asked.page_size.as_deref(), asked.marker.as_deref())?;
    let wanted: Vec<(&Balancer, &Listener)> = match (&asked.load_balancer_arn, &asked.listener_arns) {
        (Some(arn), None) => {
            let balancer = cx.balancer(arn)?;
            balancer.listeners.iter().map(|listener| (balancer, listener)).collect()
        }
        (None, Some(arns)) => arns.iter().map(|arn| cx.listener(arn)).collect::<Result<_, _>>()?,
        _ => {
            let text = "You must specify either listener ARNs or a load balancer ARN";
            return Err(Refusal::new("ValidationError", text));
        }
    };
    let (listeners, marker) =
        part.of(wanted.into_iter().map(|(balancer, it)| cx.listener_json(balancer, it)).collect());
    Ok(without_nulls(json!({ "Listeners": listeners, "NextMarker": marker })))
}

pub(super) fn rules(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let asked: Rules = form::read(body, "ValidationError")?;
    let part = part(asked.page_size.as_deref(), asked.marker.as_deref())?;
    let (Some(arn), None) = (&asked.listener_arn, &asked.rule_arns) else {
        return Err(Refusal::new("ValidationError", "You must specify either listener rule ARNs or a listener ARN"));
    };
    let (balancer, listener) = cx.listener(arn)?;
    let ruled = listener.rules.iter().map(|rule| cx.rule_json(balancer, listener, rule));
    let last = json!({
        "RuleArn": cx.rule_arn(balancer, listener, "default"),
        "Priority": "default",
        "Conditions": [],
        "Actions": [cx.action(&listener.otherwise)],
        "IsDefault": true,
    });
    let (rules, marker) = part.of(ruled.chain([last]).collect());
    Ok(without_nulls(json!({ "Rules": rules, "NextMarker": marker })))
}

impl<'a> Account<'a> {
    /// Returns the load balancers that are no classic ones.
    fn balancers(self) -> impl Iterator<Item = &'a Balancer> {
        self.world.balancers.iter().filter(|balancer| balancer.kind != BalancerKind::Classic)
    }

    /// Returns the load balancer of this ARN.
    pub(super) fn balancer(self, arn: &str) -> Result<&'a Balancer, Refusal> {
        let found = self.balancers().find(|balancer| self.balancer_arn(balancer) == arn);
        found.ok_or_else(|| Refusal::new("LoadBalancerNotFound", format!("Load balancers '[{arn}]' not found")))
    }

    fn listener(self, arn: &str) -> Result<(&'a Balancer, &'a Listener), Refusal> {
        let all = self.balancers().flat_map(|balancer| balancer.listeners.iter().map(move |it| (balancer, it)));
        let mut found = all.filter(|(balancer, listener)| self.listener_arn(balancer, listener, "listener") == arn);
        found.next().ok_or_else(|| Refusal::new("ListenerNotFound", "One or more listeners not found"))
    }

    pub(super) fn balancer_arn(self, balancer: &Balancer) -> String {
        self.world.balancing_arn(format_args!("loadbalancer/{}", path(balancer)))
    }

    /// Returns the ARN of a listener; that of a rule begins with another `kind`.
    fn listener_arn(self, balancer: &Balancer, listener: &Listener, kind: &str) -> String {
        let id = identity::hex(&["listener", &balancer.name, &listener.port.to_string()], 16);
        self.world.balancing_arn(format_args!("{kind}/{}/{id}", path(balancer)))
    }

    fn rule_arn(self, balancer: &Balancer, listener: &Listener, priority: &str) -> String {
        let id = identity::hex(&["rule", &balancer.name, &listener.port.to_string(), priority], 16);
        format!("{}/{id}", self.listener_arn(balancer, listener, "listener-rule"))
    }

    fn balancer_json(self, balancer: &Balancer) -> Value {
        let region = &*self.world.region;
        let zones: Vec<Value> = ["a", "b", "c"]
            .iter()
            .map(|zone| format!("{region}{zone}"))
            .map(|zone| json!({ "SubnetId": Self::subnet(&zone), "ZoneName": zone }))
            .collect();
        json!({
            "LoadBalancerArn": self.balancer_arn(balancer),
            "DNSName": dns_name(balancer, region),
            "CanonicalHostedZoneId": "Z32O12XQLNTSW2",
            "CreatedTime": self.clock.text(balancer.created),
            "LoadBalancerName": &*balancer.name,
            "Scheme": balancer.scheme,
            "VpcId": VPC,
            "State": { "Code": "active" },
            "Type": if balancer.kind == BalancerKind::Network { "network" } else { "application" },
            "AvailabilityZones": zones,
            "SecurityGroups": [format!("sg-0{}", identity::hex(&["balancer", &balancer.name], 16))],
            "IpAddressType": "ipv4",
        })
    }

    fn listener_json(self, balancer: &Balancer, listener: &Listener) -> Value {
        let secure = ["HTTPS", "TLS"].contains(&&*listener.protocol);
        let certificate = || {
            let id = identity::uuid(&["certificate", &balancer.name]);
            let arn = format!("arn:aws:acm:{}:{}:certificate/{id}", self.world.region, self.world.account);
            json!([{ "CertificateArn": arn }])
        };
        json!({
            "ListenerArn": self.listener_arn(balancer, listener, "listener"),
            "LoadBalancerArn": self.balancer_arn(balancer),
            "Port": listener.port,
            "Protocol": listener.protocol,
            "Certificates": secure.then(certificate),
            "SslPolicy": secure.then_some("ELBSecurityPolicy-TLS13-1-2-2021-06"),
            "DefaultActions": [self.action(&listener.otherwise)],
        })
    }

    fn rule_json(self, balancer: &Balancer, listener: &Listener, rule: &Rule) -> Value {
        let conditions =
            [("host-header", "HostHeaderConfig", &rule.hosts), ("path-pattern", "PathPatternConfig", &rule.paths)];
        let conditions: Vec<Value> = conditions
            .into_iter()
            .filter(|(_, _, values)| !values.is_empty())
            .map(|(field, config, values)| json!({ "Field": field, "Values": values, config: { "Values": values } }))
            .collect();
        json!({
            "RuleArn": self.rule_arn(balancer, listener, &rule.priority.to_string()),
            "Priority": rule.priority.to_string(),
            "Conditions": conditions,
            "Actions": [self.action(&rule.to)],
            "IsDefault": false,
        })
    }

    fn action(self, to: &Forward) -> Value {
        let group = |(name, weight): &(std::sync::Arc<str>, u32)| json!({ "TargetGroupArn": self.world.group_arn(name), "Weight": weight });
        match to {
            Forward::Groups(groups) => json!({
                "Type": "forward",
                "Order": 1,
                // Of several groups AWS names none as the one.
                "TargetGroupArn": if let [(name, _)] = &groups[..] { Some(self.world.group_arn(name)) } else { None },
                "ForwardConfig": {
                    "TargetGroups": groups.iter().map(group).collect::<Vec<_>>(),
                    "TargetGroupStickinessConfig": { "Enabled": false },
                },
            }),
            Forward::Redirect => json!({
                "Type": "redirect",
                "Order": 1,
                "RedirectConfig": {
                    "Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}",
                    "StatusCode": "HTTP_301",
                },
            }),
            Forward::Fixed(status) => json!({
                "Type": "fixed-response",
                "Order": 1,
                "FixedResponseConfig": { "StatusCode": status.to_string(), "ContentType": "text/plain" },
            }),
        }
    }
}

/// Returns how ARNs name a load balancer.
fn path(balancer: &Balancer) -> String {
    let kind = if balancer.kind == BalancerKind::Network { "net" } else { "app" };
    format!("{kind}/{}/{}", balancer.name, identity::hex(&["load balancer", &balancer.name], 16))
}

/// Returns the name under which a load balancer is found.
pub(crate) fn dns_name(balancer: &Balancer, region: &str) -> String {
    let Balancer { name, kind, scheme, .. } = balancer;
    let internal = if *scheme == "internal" { "internal-" } else { "" };
    match kind {
        BalancerKind::Network => {
            format!("{name}-{}.elb.{region}.amazonaws.com", identity::hex(&["load balancer", name], 16))
        }
        BalancerKind::Application | BalancerKind::Classic => {
            let number = identity::number(&["dns", name]) % 10_000_000_000;
            format!("{internal}{name}-{number:010}.{region}.elb.amazonaws.com")
        }
    }
}

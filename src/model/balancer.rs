//! Load balancers, their listeners and rules, and the target groups they send requests to.

use std::{fmt, sync::Arc, time::Duration};

use super::{Arn, Timestamp};

/// What a service's tasks are registered with, and which of their ports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attachment {
    /// Where they are registered.
    pub to: AttachedTo,
    /// The container that answers.
    pub container: Arc<str>,
    /// Its port.
    pub port: u16,
    /// How requests are shifted to new tasks, where they are not just registered beside the old ones.
    pub shifting: Option<Box<Shifting>>,
}

/// What a blue/green, linear or canary deployment shifts requests with, as its service names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Shifting {
    /// The ARN of the other target group.
    pub alternate: Option<String>,
    /// The ARN of the listener, or of its rule, that requests come by.
    pub production: Option<String>,
    /// The ARN of the listener, or of its rule, that tests come by.
    pub test: Option<String>,
    /// The ARN of the role by which ECS changes them.
    pub role: Option<String>,
}

/// Where tasks are registered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttachedTo {
    /// A target group of an application, network or gateway load balancer.
    TargetGroup(Arn),
    /// A classic load balancer, by its name.
    Classic(Arc<str>),
}

impl Attachment {
    /// Returns the name of the target group or the classic load balancer.
    pub fn name(&self) -> &str {
        match &self.to {
            // arn:…:targetgroup/NAME/ID
            AttachedTo::TargetGroup(arn) => arn.resource().split('/').nth(1).unwrap_or_else(|| arn.name()),
            AttachedTo::Classic(name) => name,
        }
    }

    /// Returns the ARN of the target group.
    pub fn group(&self) -> Option<&Arn> {
        match &self.to {
            AttachedTo::TargetGroup(arn) => Some(arn),
            AttachedTo::Classic(_) => None,
        }
    }
}

/// A target group, as DescribeTargetGroups shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetGroup {
    /// Its identity.
    pub arn: Arn,
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP`, `TCP_UDP` or `GENEVE`; absent for functions.
    pub protocol: Option<Arc<str>>,
    /// The port of targets that are registered without one.
    pub port: Option<u16>,
    /// What its targets are: `ip`, `instance`, `lambda` or `alb`.
    pub target_type: Option<Arc<str>>,
    /// How its targets are checked.
    pub check: HealthCheck,
    /// The load balancers that send requests to it.
    pub balancers: Vec<Arn>,
}

/// How a load balancer finds out whether a target is well; whatever AWS leaves open is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HealthCheck {
    /// Whether there is a check at all.
    pub disabled: bool,
    /// `HTTP`, `HTTPS`, `TCP`, `SSL`.
    pub protocol: Option<Arc<str>>,
    /// A port, or `traffic-port`.
    pub port: Option<Arc<str>>,
    /// The path that is asked for.
    pub path: Option<String>,
    /// The codes that are good: `200`, `200-399`.
    pub codes: Option<Arc<str>>,
    /// How often it is made.
    pub interval: Option<Duration>,
    /// How long an answer may take.
    pub timeout: Option<Duration>,
    /// After how many good answers a target is healthy.
    pub healthy_after: Option<u32>,
    /// After how many bad ones it is unhealthy.
    pub unhealthy_after: Option<u32>,
}

/// A load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Its name.
    pub name: Arc<str>,
    /// Its identity; a classic one has none but its name.
    pub arn: Option<Arn>,
    /// `application`, `network`, `gateway` or `classic`.
    pub kind: Arc<str>,
    /// The name under which it is found.
    pub dns_name: Option<Arc<str>>,
    /// `internet-facing` or `internal`.
    pub scheme: Option<Arc<str>>,
    /// `active`, `provisioning`, `active_impaired` or `failed`; classic ones tell none.
    pub state: Option<Arc<str>>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// The ports it listens on and that lead to the targets in question, by port.
    pub listeners: Vec<Listener>,
    /// The instances registered with a classic one.
    pub instances: Vec<Arc<str>>,
    /// How a classic one checks its instances; the others leave that to their target groups.
    pub check: Option<HealthCheck>,
}

/// A port on which a load balancer listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// `HTTP`, `HTTPS`, `TCP`, `TLS` …
    pub protocol: Arc<str>,
    /// The port; a gateway has none.
    pub port: Option<u16>,
    /// The port of the instances behind a classic one.
    pub backend: Option<Backend>,
    /// The rules that lead to the target group in question, by priority.
    pub rules: Vec<Rule>,
}

/// Where a listener of a classic load balancer sends what it hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// `HTTP`, `HTTPS`, `TCP` or `SSL`.
    pub protocol: Arc<str>,
    /// The port of the instances.
    pub port: u16,
}

/// A rule of a listener that leads to a target group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its priority; `None` for what no other rule takes.
    pub priority: Option<u32>,
    /// What a request must fulfil, all of it.
    pub conditions: Vec<Condition>,
    /// The group's weight among those the rule leads to, and the sum of all, where it leads to several.
    pub weight: Option<(u32, u32)>,
}

/// One thing that a rule asks of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What is looked at: `host-header`, `path-pattern`, `http-header X-Flag` …
    pub field: String,
    /// What it may be.
    pub values: Vec<String>,
}

impl LoadBalancer {
    /// Returns what kind it is and who can reach it, untrusted text: `application, internet-facing`.
    pub fn nature(&self) -> String {
        // Active is what one expects.
        let state = self.state.as_deref().filter(|state| *state != "active");
        let parts = [Some(&*self.kind), self.scheme.as_deref(), state];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Listener {
    /// Writes `HTTPS:443`, and for classic ones `HTTP:80 → HTTP:8081`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.protocol)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        match &self.backend {
            Some(Backend { protocol, port }) => write!(f, " → {protocol}:{port}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Rule {
    /// Writes `10: host a.example or b.example, path /api/*`, and the share of the requests where that is not all.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.priority {
            Some(priority) => write!(f, "{priority}: ")?,
            None => f.write_str("otherwise")?,
        }
        let conditions: Vec<String> = self.conditions.iter().map(ToString::to_string).collect();
        match (self.priority, conditions.is_empty()) {
            (Some(_), true) => f.write_str("everything")?,
            _ => f.write_str(&conditions.join(", "))?,
        }
        match self.weight {
            Some((weight, sum)) => write!(f, " (weight {weight} of {sum})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = match self.field.as_str() {
            "host-header" => "host",
            "path-pattern" => "path",
            "http-request-method" => "method",
            "query-string" => "query",
            "source-ip" => "from",
            other => other,
        };
        write!(f, "{field} {}", self.values.join(" or "))
    }
}

impl fmt::Display for HealthCheck {
    /// Writes `HTTP /health on traffic-port for 200 every 10s, timeout 5s, healthy after 3, unhealthy after 2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.disabled {
            return f.write_str("none");
        }
        let seconds = |duration: &Duration| format!("{}s", duration.as_secs());
        let how = [
            self.protocol.as_deref().map(str::to_owned),
            self.path.clone(),
            self.port.as_ref().map(|port| format!("on {port}")),
            self.codes.as_ref().map(|codes| format!("for {codes}")),
            self.interval.as_ref().map(|interval| format!("every {}", seconds(interval))),
        ];
        let bounds = [
            self.timeout.as_ref().map(|timeout| format!("timeout {}", seconds(timeout))),
            self.healthy_after.map(|times| format!("healthy after {times}")),
            self.unhealthy_after.map(|times| format!("unhealthy after {times}")),
        ];
        let how = how.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let parts: Vec<String> = std::iter::once(how).chain(bounds.into_iter().flatten()).collect();
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_like_a_sentence() {
        let condition = |field: &str, values: &[&str]| Condition {
            field: field.to_owned(),
            values: values.iter().map(ToString::to_string).collect(),
        };
        let mut rule = Rule {
            priority: Some(10),
            conditions: vec![
                condition("host-header", &["a.example", "b.example"]),
                condition("path-pattern", &["/api/*"]),
                condition("http-header X-Flag", &["on"]),
            ],
            weight: None,
        };
        assert_eq!(rule.to_string(), "10: host a.example or b.example, path /api/*, http-header X-Flag on");
        rule.conditions.clear();
        assert_eq!(rule.to_string(), "10: everything");
        rule = Rule { priority: None, weight: Some((1, 10)), ..rule };
        assert_eq!(rule.to_string(), "otherwise (weight 1 of 10)");
    }

    #[test]
    fn a_check_says_only_what_is_known() {
        let check = HealthCheck {
            protocol: Some("HTTP".into()),
            path: Some("/health".to_owned()),
            port: Some("traffic-port".into()),
            codes: Some("200-399".into()),
            interval: Some(Duration::from_secs(10)),
            timeout: Some(Duration::from_secs(5)),
            healthy_after: Some(3),
            unhealthy_after: Some(2),
            disabled: false,
        };
        let words =
            "HTTP /health on traffic-port for 200-399 every 10s, timeout 5s, healthy after 3, unhealthy after 2";
        assert_eq!(check.to_string(), words);
        let tcp = HealthCheck { protocol: Some("TCP".into()), ..HealthCheck::default() };
        assert_eq!(tcp.to_string(), "TCP");
        assert_eq!(HealthCheck { disabled: true, ..tcp }.to_string(), "none");
    }

    #[test]
    fn an_attachment_is_called_by_its_group() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/pay-blue/0123456789abcdef".parse().unwrap();
        let group = Attachment { to: AttachedTo::TargetGroup(arn), container: "app".into(), port: 80, shifting: None };
        assert_eq!(group.name(), "pay-blue");
        let classic = Attachment { to: AttachedTo::Classic("old".into()), ..group };
        assert_eq!((classic.name(), classic.group()), ("old", None));
    }
}

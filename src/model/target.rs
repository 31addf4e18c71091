//! Targets of load balancers: how each is, and why, in words.

use std::{fmt, sync::Arc};

/// A target, as DescribeTargetHealth or DescribeInstanceHealth shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// An address, an instance's id, or an ARN.
    pub id: Arc<str>,
    /// The port it is reached at; a classic load balancer tells none.
    pub port: Option<u16>,
    /// The availability zone, where AWS tells it.
    pub zone: Option<Arc<str>>,
    /// `initial`, `healthy`, `unhealthy`, `draining`, `unhealthy.draining`, `unused` or `unavailable`; of a classic load
    /// balancer `InService`, `OutOfService` or `Unknown`.
    pub state: Arc<str>,
    /// AWS's code for the reason.
    pub code: Option<Arc<str>>,
    /// What AWS says besides, untrusted text.
    pub description: Option<String>,
}

/// What a target's state means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetCondition {
    /// It gets requests and answers them.
    Healthy,
    /// It is about to get requests.
    Initial,
    /// It is being taken out.
    Draining,
    /// It fails its health check.
    Unhealthy,
    /// Nobody checks it, or nobody uses it.
    Idle,
}

impl Target {
    /// Returns what its state means.
    pub fn condition(&self) -> TargetCondition {
        match &*self.state {
            "healthy" | "InService" => TargetCondition::Healthy,
            "initial" => TargetCondition::Initial,
            // A classic load balancer knows no word of its own for what it does not check yet.
            "OutOfService" if self.code.as_deref() == Some("ELB") => TargetCondition::Initial,
            "draining" | "unhealthy.draining" => TargetCondition::Draining,
            "unhealthy" | "OutOfService" => TargetCondition::Unhealthy,
            _ => TargetCondition::Idle,
        }
    }

    /// Whether its state will soon be another.
    pub fn is_under_way(&self) -> bool {
        matches!(self.condition(), TargetCondition::Initial | TargetCondition::Draining)
    }

    /// Returns why it is as it is, in words (untrusted text); `None` where there is nothing to say.
    pub fn reason(&self) -> Option<String> {
        let description = self.description.as_deref().filter(|text| !text.is_empty() && *text != "N/A");
        let Some(code) = self.code.as_deref() else { return description.map(str::to_owned) };
        let words = match code {
            "Elb.RegistrationInProgress" => "is being registered with the load balancer",
            "Elb.InitialHealthChecking" => "is being checked for the first time",
            "Elb.InternalError" => "the load balancer cannot check it because of an internal error",
            "Target.ResponseCodeMismatch" => {
                return Some(match description.and_then(codes) {
                    Some(codes) => format!("answers the health check with {codes}"),
                    None => "answers the health check with a code that is not expected".to_owned(),
                });
            }
            "Target.Timeout" => "does not answer the health check in time",
            "Target.FailedHealthChecks" => "refuses the health check's connection or answers something malformed",
            "Target.NotRegistered" => "is not registered with the target group",
            "Target.NotInUse" => "no load balancer uses the target group, or none that is in its zone",
            "Target.InvalidState" => "the instance is stopped or terminated",
            "Target.IpUnusable" => "the address is in use by a load balancer",
            "Target.DeregistrationInProgress" => "is being taken out, requests under way are finished",
            "Target.HealthCheckDisabled" => "health checks are disabled",
            // Codes of classic load balancers say only whose fault it is.
            "ELB" | "Instance" | "N/A" => return description.map(str::to_owned),
            _ => return Some(description.map_or_else(|| code.to_owned(), |text| format!("{code}: {text}"))),
        };
        Some(words.to_owned())
    }
}

impl fmt::Display for Target {
    /// Writes where it is: `10.0.0.7:8080`, `[2001:db8::7]:8080`, `i-0123:32768`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) if self.id.contains(':') && !self.id.starts_with("arn:") => write!(f, "[{}]:{port}", self.id),
            Some(port) => write!(f, "{}:{port}", self.id),
            None => f.write_str(&self.id),
        }
    }
}

/// Returns the codes of `Health checks failed with these codes: [502, 503]`.
fn codes(description: &str) -> Option<&str> {
    let (_, rest) = description.split_once('[')?;
    let (codes, _) = rest.split_once(']')?;
    Some(codes).filter(|codes| !codes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn target(state: &str, code: Option<&str>, description: Option<&str>) -> Target {
        Target {
            id: "10.0.0.7".into(),
            port: Some(8080),
            zone: None,
            state: state.into(),
            code: code.map(Into::into),
            description: description.map(str::to_owned),
        }
    }

    fn reason(code: &str, description: &str) -> String {
        target("unhealthy", Some(code), Some(description)).reason().unwrap()
    }

    #[test]
    fn every_code_of_the_api_has_its_words() {
        // botocore 1.40: TargetHealthReasonEnum.
        for code in [
            "Elb.RegistrationInProgress",
            "Elb.InitialHealthChecking",
            "Target.ResponseCodeMismatch",
            "Target.Timeout",
            "Target.FailedHealthChecks",
            "Target.NotRegistered",
            "Target.NotInUse",
            "Target.DeregistrationInProgress",
            "Target.InvalidState",
            "Target.IpUnusable",
            "Target.HealthCheckDisabled",
            "Elb.InternalError",
        ] {
            let words = reason(code, "what AWS says");
            assert!(!words.contains(code) && !words.contains("what AWS says"), "{code}: {words}");
        }
    }

    #[test]
    fn a_wrong_code_is_said_and_an_unknown_reason_left_as_it_is() {
        let text = "Health checks failed with these codes: [502, 503]";
        assert_eq!(reason("Target.ResponseCodeMismatch", text), "answers the health check with 502, 503");
        assert_eq!(reason("Target.New", "It is new."), "Target.New: It is new.");
        assert_eq!(target("healthy", None, None).reason(), None);
        assert_eq!(target("InService", Some("N/A"), Some("N/A")).reason(), None);
        let failed = "Instance has failed at least the UnhealthyThreshold number of health checks consecutively.";
        assert_eq!(target("OutOfService", Some("Instance"), Some(failed)).reason().as_deref(), Some(failed));
    }

    #[test]
    fn states_are_sorted_by_what_comes_next() {
        let condition = |state, code| target(state, code, None).condition();
        assert_eq!(condition("OutOfService", Some("ELB")), TargetCondition::Initial);
        assert_eq!(condition("OutOfService", Some("Instance")), TargetCondition::Unhealthy);
        assert_eq!(condition("unhealthy.draining", None), TargetCondition::Draining);
        assert_eq!(condition("unused", Some("Target.NotInUse")), TargetCondition::Idle);
        assert!(target("initial", None, None).is_under_way() && !target("healthy", None, None).is_under_way());
    }

    #[test]
    fn a_place_has_its_port() {
        let place = |id: &str, port| Target { id: id.into(), port, ..target("healthy", None, None) }.to_string();
        assert_eq!(place("10.0.0.7", Some(80)), "10.0.0.7:80");
        assert_eq!(place("2001:db8::7", Some(80)), "[2001:db8::7]:80");
        assert_eq!(place("i-0123", None), "i-0123");
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_read(code in ".{0,24}", description in ".{0,40}") {
            let _ = target("unhealthy", Some(&code), Some(&description)).reason();
            let _ = codes(&description);
        }
    }
}

//! Amazon Resource Names, the identity of everything that is listed.

use std::{fmt, str::FromStr, sync::Arc};

/// An Amazon Resource Name: `arn:partition:service:region:account:resource`.
///
/// Cheap to clone; two are equal when their text is. See
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn(Arc<str>);

/// The text is not an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an ARN (arn:partition:service:region:account:resource)")]
pub struct InvalidArn(pub String);

impl Arn {
    /// Returns the whole ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub fn partition(&self) -> &str {
        self.part(1)
    }

    /// Returns the region, for instance `eu-west-1`.
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// Returns the twelve digits of the account.
    pub fn account(&self) -> &str {
        self.part(4)
    }

    /// Returns what follows the account: `service/prod/payments-api`.
    pub fn resource(&self) -> &str {
        self.part(5)
    }

    /// Returns the kind of the resource: the `service` of `service/prod/payments-api`.
    pub fn kind(&self) -> &str {
        self.resource().split(['/', ':']).next().unwrap_or_default()
    }

    /// Returns the last segment: a cluster's or service's name, a task's id, a definition's `family:revision`.
    pub fn name(&self) -> &str {
        self.resource().rsplit('/').next().unwrap_or_default()
    }

    /// Returns the start of a task's or instance's id that people recognise it by.
    pub fn short(&self) -> &str {
        let name = self.name();
        name.get(..8).unwrap_or(name)
    }

    /// Returns the ECS cluster that this names or that the thing it names lies in; `None` for other services, for task
    /// definitions, and for ARNs of the old format, which hold no cluster.
    pub fn cluster(&self) -> Option<Self> {
        let mut parts = self.resource().split('/');
        let name = match (parts.next()?, parts.next()?, parts.next()) {
            _ if self.part(2) != "ecs" => return None,
            ("cluster", name, None) | (_, name, Some(_)) => name,
            _ => return None,
        };
        let (partition, region, account) = (self.partition(), self.region(), self.account());
        format!("arn:{partition}:ecs:{region}:{account}:cluster/{name}").parse().ok()
    }

    fn part(&self, index: usize) -> &str {
        self.0.splitn(6, ':').nth(index).unwrap_or_default()
    }
}

impl FromStr for Arn {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match parts[..] {
            ["arn", partition, service, _, _, resource]
                if !partition.is_empty() && !service.is_empty() && !resource.is_empty() =>
            {
                Ok(Self(text.into()))
            }
            _ => Err(InvalidArn(text.to_owned())),
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_parts_of_a_service() {
        let arn: Arn = "arn:aws:ecs:eu-west-1:123456789012:service/prod/payments-api".parse().unwrap();
        assert_eq!(
            (arn.partition(), arn.region(), arn.account(), arn.kind(), arn.name()),
            ("aws", "eu-west-1", "123456789012", "service", "payments-api")
        );
    }

    #[test]
    fn a_revision_keeps_its_colon() {
        let arn: Arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/api:41".parse().unwrap();
        assert_eq!((arn.kind(), arn.name()), ("task-definition", "api:41"));
    }

    #[test]
    fn a_short_id_never_splits_a_character() {
        let arn: Arn = "arn:aws:ecs:r:1:task/prod/1234567é90".parse().unwrap();
        assert_eq!(arn.short(), "1234567é90");
    }

    #[test]
    fn an_arn_of_the_new_format_holds_its_cluster() {
        let cluster = |resource: &str| {
            let arn: Arn = format!("arn:aws:ecs:r:1:{resource}").parse().unwrap();
            arn.cluster().map(|cluster| cluster.name().to_owned())
        };
        for resource in ["cluster/prod", "service/prod/api", "task/prod/4f", "container/prod/4f/x"] {
            assert_eq!(cluster(resource).as_deref(), Some("prod"), "{resource}");
        }
        for resource in ["service/api", "task/4f", "task-definition/api:1", "cluster"] {
            assert_eq!(cluster(resource), None, "{resource}");
        }
        assert_eq!("arn:aws:elasticloadbalancing:r:1:targetgroup/a/b".parse::<Arn>().unwrap().cluster(), None);
    }

    #[test]
    fn words_are_no_arns() {
        for text in ["", "prod", "arn:aws:ecs", "arn::ecs:r:1:x", "arn:aws:ecs:r:1:"] {
            assert!(text.parse::<Arn>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_parses_prints_back(text in "arn:[a-z-]{1,8}:[a-z]{1,8}:[a-z0-9-]{0,12}:[0-9]{0,12}:.{1,40}") {
            prop_assert_eq!(text.parse::<Arn>().unwrap().to_string(), text);
        }

        #[test]
        fn nothing_panics(text in ".*") {
            if let Ok(arn) = text.parse::<Arn>() {
                let _ = (arn.kind(), arn.name(), arn.short(), arn.region(), arn.account(), arn.cluster());
            }
        }
    }
}

//! Where a policy is to hold, and the ARNs that say so.

/// Where a policy holds; what is not named holds everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// `eu-west-1`.
    pub region: Option<String>,
    /// The account's twelve digits.
    pub account: Option<String>,
    /// A cluster's name.
    pub cluster: Option<String>,
    /// A service's name.
    pub service: Option<String>,
}

/// A kind of resource that an action can be allowed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    /// The action cannot be narrowed.
    Any,
    Cluster,
    Service,
    ServiceDeployment,
    ServiceRevision,
    Task,
    Instance,
    Definition,
    Role,
    LogGroup,
    Parameter,
    Key,
    Session,
    Alarm,
}

impl Place {
    /// Returns the ARN, or the pattern of ARNs, of the resources of a kind in this place.
    pub(super) fn arn(&self, resource: Resource) -> String {
        let cluster = self.cluster.as_deref().unwrap_or("*");
        let service = self.service.as_deref().unwrap_or("*");
        let (api, rest) = match resource {
            Resource::Any => return "*".to_owned(),
            Resource::Cluster => ("ecs", format!("cluster/{cluster}")),
            Resource::Service => ("ecs", format!("service/{cluster}/{service}")),
            Resource::ServiceDeployment => ("ecs", format!("service-deployment/{cluster}/{service}/*")),
            Resource::ServiceRevision => ("ecs", format!("service-revision/{cluster}/{service}/*")),
            Resource::Task => ("ecs", format!("task/{cluster}/*")),
            Resource::Instance => ("ecs", format!("container-instance/{cluster}/*")),
            Resource::Definition => ("ecs", "task-definition/*".to_owned()),
            // Roles are of no region.
            Resource::Role => {
                let account = self.account.as_deref().unwrap_or("*");
                return format!("arn:{}:iam::{account}:role/*", self.partition());
            }
            Resource::LogGroup => ("logs", "log-group:*".to_owned()),
            Resource::Parameter => ("ssm", "parameter/*".to_owned()),
            Resource::Key => ("kms", "key/*".to_owned()),
            Resource::Session => ("ssm", "session/*".to_owned()),
            Resource::Alarm => ("cloudwatch", "alarm:*".to_owned()),
        };
        let region = self.region.as_deref().unwrap_or("*");
        let account = self.account.as_deref().unwrap_or("*");
        format!("arn:{}:{api}:{region}:{account}:{rest}", self.partition())
    }

    /// Returns the partition that the region lies in:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.
    fn partition(&self) -> &'static str {
        let region = self.region.as_deref().unwrap_or_default();
        let partitions = [
            ("cn-", "aws-cn"),
            ("us-gov-", "aws-us-gov"),
            ("us-iso-", "aws-iso"),
            ("us-isob-", "aws-iso-b"),
            ("eu-isoe-", "aws-iso-e"),
            ("us-isof-", "aws-iso-f"),
            ("eusc-", "aws-eusc"),
        ];
        partitions.iter().find(|(begin, _)| region.starts_with(begin)).map_or("aws", |(_, partition)| partition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_holds_everywhere() {
        assert_eq!(Place::default().arn(Resource::Service), "arn:aws:ecs:*:*:service/*/*");
        let china = Place { region: Some("cn-north-1".to_owned()), ..Place::default() };
        assert_eq!(china.arn(Resource::Cluster), "arn:aws-cn:ecs:cn-north-1:*:cluster/*");
    }
}

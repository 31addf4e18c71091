//! The pages of AWS's console, by what they show.

use std::fmt::{self, Write as _};

use super::{Arn, Thing, is_region};

/// The address of a page of AWS's console. It holds nothing but visible ASCII, whatever the names in it hold: what is
/// no letter, digit or `-._~` is percent-encoded (RFC 3986, 2.3), and a region that is none has no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page(String);

impl Page {
    /// Returns the page of something: of a container its task's. There is none for partitions whose console is not
    /// known here.
    pub fn of(thing: &Thing) -> Option<Self> {
        let path = match thing {
            Thing::Cluster(cluster) => format!("clusters/{}/services", encoded(cluster.name())),
            Thing::Service { cluster, service } => {
                format!("clusters/{}/services/{}/health", encoded(cluster.name()), encoded(service.name()))
            }
            Thing::Task { cluster, task } | Thing::Container { cluster, task, .. } => {
                format!("clusters/{}/tasks/{}/configuration", encoded(cluster.name()), encoded(task.name()))
            }
            Thing::Definition(arn) => {
                let (family, revision) = arn.name().rsplit_once(':')?;
                format!("task-definitions/{}/{}/containers", encoded(family), encoded(revision))
            }
        };
        let region = region(thing.arn())?;
        let domain = domain(thing.arn().partition())?;
        Some(Self(format!("https://{region}.{domain}/ecs/v2/{path}?region={region}")))
    }

    /// Returns the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns where the console of a partition is.
fn domain(partition: &str) -> Option<&'static str> {
    match partition {
        "aws" => Some("console.aws.amazon.com"),
        "aws-cn" => Some("console.amazonaws.cn"),
        "aws-us-gov" => Some("console.amazonaws-us-gov.com"),
        _ => None,
    }
}

/// Returns the region of an ARN, if it can be a part of a host's name.
fn region(arn: &Arn) -> Option<&str> {
    Some(arn.region()).filter(|region| is_region(region))
}

fn encoded(name: &str) -> String {
    name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(byte.into());
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn arn(partition: &str, region: &str, resource: &str) -> Arn {
        format!("arn:{partition}:ecs:{region}:123456789012:{resource}").parse().unwrap()
    }

    fn page(thing: &Thing) -> String {
        Page::of(thing).unwrap().to_string()
    }

    #[test]
    fn each_thing_has_a_page() {
        let arn = |resource: &str| arn("aws", "eu-west-1", resource);
        let (cluster, task) = (arn("cluster/prod"), arn("task/prod/4f2ab81c"));
        let at = |path: &str| format!("https://eu-west-1.console.aws.amazon.com/ecs/v2/{path}?region=eu-west-1");
        assert_eq!(page(&Thing::Cluster(cluster.clone())), at("clusters/prod/services"));
        let service = Thing::Service { cluster: cluster.clone(), service: arn("service/prod/api") };
        assert_eq!(page(&service), at("clusters/prod/services/api/health"));
        let of_task = at("clusters/prod/tasks/4f2ab81c/configuration");
        assert_eq!(page(&Thing::Task { cluster: cluster.clone(), task: task.clone() }), of_task);
        assert_eq!(page(&Thing::Container { cluster, task, name: "app".into() }), of_task);
        let definition = Thing::Definition(arn("task-definition/api:41"));
        assert_eq!(page(&definition), at("task-definitions/api/41/containers"));
    }

    #[test]
    fn each_partition_has_its_console() {
        let host = |partition: &str, region: &str| {
            let page = Page::of(&Thing::Cluster(arn(partition, region, "cluster/prod")))?;
            page.as_str().split('/').nth(2).map(str::to_owned)
        };
        assert_eq!(host("aws-cn", "cn-north-1").as_deref(), Some("cn-north-1.console.amazonaws.cn"));
        let gov = host("aws-us-gov", "us-gov-west-1");
        assert_eq!(gov.as_deref(), Some("us-gov-west-1.console.amazonaws-us-gov.com"));
        assert_eq!(host("aws-iso", "us-iso-east-1"), None);
        for region in ["", "evil.example/", "x@y", "eu\u{1b}]8", "EU"] {
            assert_eq!(host("aws", region), None, "{region:?}");
        }
    }

    proptest! {
        #[test]
        fn no_name_leaves_its_place(cluster in "[^/]{1,20}", service in "[^/]{1,20}") {
            let thing = Thing::Service {
                cluster: arn("aws", "eu-west-1", &format!("cluster/{cluster}")),
                service: arn("aws", "eu-west-1", &format!("service/c/{service}")),
            };
            let page = page(&thing);
            prop_assert!(page.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(page.matches('/').count(), 9);
            prop_assert!(page.matches('?').count() == 1 && !page.contains(['"', '\'', '$', '`', '\\', ';', '#', '&']));
        }
    }
}

//! AWS's token buckets, per category of ECS operations.

use std::collections::HashMap;

use super::clock::Moment;

/// Burst and refill per second of an operation's category, and the category's name; `None` where AWS publishes none.
///
/// From "Request throttling for the Amazon ECS API",
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>.
fn category(operation: &str) -> Option<(&'static str, f64, f64)> {
    Some(match operation {
        "ListClusters" | "DescribeClusters" => ("cluster read", 50.0, 20.0),
        "ListServices" | "DescribeServices" => ("service read", 100.0, 20.0),
        "ListServiceDeployments" | "DescribeServiceDeployments" => ("service deployment read", 50.0, 20.0),
        "DescribeServiceRevisions" => ("service revision read", 50.0, 20.0),
        "ListTasks" | "DescribeTasks" | "ListContainerInstances" | "DescribeContainerInstances" => {
            ("cluster resource read", 100.0, 20.0)
        }
        "UpdateService" => ("service modify", 50.0, 5.0),
        "ExecuteCommand" | "RunTask" | "StopTask" => ("cluster resource modify", 100.0, 40.0),
        "RegisterTaskDefinition" | "DeregisterTaskDefinition" => ("task definition modify", 20.0, 1.0),
        "ListTagsForResource" => ("tag read", 50.0, 20.0),
        "TagResource" | "UntagResource" => ("tag modify", 20.0, 10.0),
        "DescribeTaskDefinition" | "ListTaskDefinitions" | "ListTaskDefinitionFamilies" => {
            ("task definition read", 50.0, 20.0)
        }
        // AWS's knowledge center: five a second, and no burst is told of.
        "FilterLogEvents" => ("filter log events", 5.0, 5.0),
        // Botocore's model of CloudWatch Logs says 25 a second.
        "DescribeLogStreams" => ("describe log streams", 25.0, 25.0),
        _ => return None,
    })
}

/// The buckets of one account in one region.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    levels: HashMap<&'static str, (f64, Moment)>,
}

impl Buckets {
    /// Takes a token for a call; returns whether there was one.
    pub(crate) fn take(&mut self, operation: &str, now: Moment) -> bool {
        let Some((name, burst, refill)) = category(operation) else { return true };
        let (level, since) = self.levels.entry(name).or_insert((burst, now));
        *level = (*level + now.checked_since(*since).unwrap_or_default().as_secs_f64() * refill).min(burst);
        *since = now;
        let has = *level >= 1.0;
        if has {
            *level -= 1.0;
        }
        has
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_then_the_refill() {
        let mut buckets = Buckets::default();
        let taken = (0..200).filter(|_| buckets.take("ListServices", Moment::START)).count();
        assert_eq!(taken, 100);
        assert!(buckets.take("ListClusters", Moment::START), "another category has its own");
        let later = Moment::START.after(Duration::from_millis(500));
        let taken = (0..200).filter(|_| buckets.take("DescribeServices", later)).count();
        assert_eq!(taken, 10, "one bucket for a category, 20 tokens a second");
    }
}

//! Whether the log groups are there, and the execution role may write to them.

use std::collections::BTreeMap;

use super::{containers, execution_role, partition, roles, untold};
use crate::{
    aws,
    model::taskdef::Document,
    ops::{
        Identity,
        change::{Check, Verdict},
    },
};

/// Returns a check of each log group of the driver awslogs, and of whether the execution role may write to it.
pub(super) async fn checks(aws: &aws::Clients, by: &Identity, document: &Document) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut ours = Vec::new();
    for (group, place) in groups(document) {
        let what = format!("log group {group} is there");
        let verdict = match place {
            Place::Elsewhere(region) if region != aws.region() => Verdict::Skipped(format!("it is in {region}")),
            Place::Made => Verdict::Skipped("it is made when it is first written to".to_owned()),
            Place::Elsewhere(_) | Place::Here => {
                ours.push(group.clone());
                match aws.has_log_group(&group).await {
                    Ok(true) => Verdict::Passed,
                    Ok(false) => Verdict::Failed("there is none, so tasks would not start".to_owned()),
                    Err(error) => untold(error),
                }
            }
        };
        checks.push(Check::new(what, verdict));
    }
    if let Some(role) = execution_role(by, document) {
        let resources: Vec<String> = ours.iter().map(|group| arn(by, role, group)).collect();
        for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
            checks.extend(roles::may(aws, role, action, &resources).await);
        }
    }
    checks
}

/// Returns the ARN of the streams of a log group that a role is to write to.
fn arn(by: &Identity, role: &str, group: &str) -> String {
    let (partition, account) = (partition(role), by.account.as_deref().unwrap_or("*"));
    format!("arn:{partition}:logs:{}:{account}:log-group:{group}:*", by.region)
}

/// Where a log group is.
enum Place {
    Here,
    Elsewhere(String),
    /// It is made where there is none.
    Made,
}

fn groups(document: &Document) -> BTreeMap<String, Place> {
    let configurations = containers(document).map(|container| &container["logConfiguration"]);
    let of_awslogs = configurations.filter(|it| it["logDriver"] == "awslogs");
    let groups = of_awslogs.filter_map(|it| {
        let options = &it["options"];
        let region = options["awslogs-region"].as_str();
        let place = match region {
            _ if options["awslogs-create-group"] == "true" => Place::Made,
            Some(region) => Place::Elsewhere(region.to_owned()),
            None => Place::Here,
        };
        Some((options["awslogs-group"].as_str()?.to_owned(), place))
    });
    groups.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_in_the_partition_of_the_role_that_writes_to_it() {
        let account = Some("1".to_owned());
        let by = Identity { profile: "cn".to_owned(), region: "cn-north-1".to_owned(), account, caller: None };
        let arn = arn(&by, "arn:aws-cn:iam::1:role/execution", "/ecs/web");
        assert_eq!(arn, "arn:aws-cn:logs:cn-north-1:1:log-group:/ecs/web:*");
    }
}

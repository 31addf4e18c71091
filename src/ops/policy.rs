//! The least-privilege IAM policy of what ecsui does: which action a feature needs, and on what.
//!
//! Which kind of resource an action can be allowed on, and which actions know the condition key `ecs:cluster`, is told
//! by the Service Authorization Reference:
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html>.

mod place;
mod table;

use serde_json::{Map, Value, json};

pub use place::Place;
use place::Resource;
use table::PERMISSIONS;

/// Something that ecsui does, called as its command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// The browser without what its own views read: the panes and the facts.
    Browse,
    /// `list`.
    List,
    /// `ls`.
    Ls,
    /// `login` and `exec`.
    Exec,
    /// `events`.
    Events,
    /// `targets`, and `ls --elb`.
    Targets,
    /// `deployments`.
    Deployments,
    /// `taskdefs`.
    Taskdefs,
    /// `logs`.
    Logs,
    /// `stopped`.
    Stopped,
    /// `instances`.
    Instances,
    /// `params list`, `params get` and `params history`.
    Params,
    /// `params put` and `params delete`.
    ParamsPut,
    /// `check`.
    Check,
    /// `update`.
    Update,
    /// `redeploy`.
    Redeploy,
    /// `scale`.
    Scale,
    /// `rollback`.
    Rollback,
    /// `enable-exec`.
    EnableExec,
    /// What is looked at before tasks are replaced.
    Verify,
    /// `stop`.
    Stop,
    /// `run`.
    Run,
    /// `register`.
    Register,
}

/// Every feature with its name and what it is, in the order in which people are told of them.
pub const FEATURES: &[(Feature, &str, &str)] = &[
    (Feature::Browse, "browse", "the browser's panes and facts; its views are features of their own"),
    (Feature::List, "list", "the whole tree as text"),
    (Feature::Ls, "ls", "clusters, services and their tasks as text"),
    (Feature::Exec, "exec", "shells and commands in containers, encrypted sessions too"),
    (Feature::Events, "events", "events of services"),
    (Feature::Targets, "targets", "load balancers, target groups and the health of targets"),
    (Feature::Deployments, "deployments", "deployments and their history"),
    (Feature::Taskdefs, "taskdefs", "task definitions"),
    (Feature::Logs, "logs", "log lines, live where allowed"),
    (Feature::Stopped, "stopped", "stopped tasks and why they stopped"),
    (Feature::Instances, "instances", "container instances"),
    (Feature::Params, "params", "reading the parameters of a service"),
    (Feature::ParamsPut, "params-put", "putting and deleting parameters"),
    (Feature::Check, "check", "what is wrong with services"),
    (
        Feature::Update,
        "update",
        "giving services another image, variable or target group, and following that to its end",
    ),
    (Feature::Redeploy, "redeploy", "replacing the tasks of services, and following that to its end"),
    (Feature::Scale, "scale", "changing the number of tasks of services"),
    (Feature::Rollback, "rollback", "bringing back what services ran before, and following that to its end"),
    (Feature::EnableExec, "enable-exec", "letting the tasks of services be logged in to"),
    (
        Feature::Verify,
        "verify",
        "looking beforehand whether new tasks would find their image, secrets, roles and log groups; nothing needs it",
    ),
    (Feature::Stop, "stop", "stopping tasks"),
    (Feature::Run, "run", "running tasks by hand, and waiting for them; to print what they write is logs"),
    (Feature::Register, "register", "registering task definitions"),
];

impl Feature {
    /// Returns the feature of this name.
    pub fn named(name: &str) -> Option<Self> {
        FEATURES.iter().find(|(_, known, _)| *known == name).map(|(feature, ..)| *feature)
    }
}

/// An action that must be allowed.
#[derive(Debug, Clone, Copy)]
struct Permission {
    /// As IAM names it: `ecs:ListClusters`.
    action: &'static str,
    /// What it can be allowed on.
    on: &'static [Resource],
    /// What narrows it besides.
    only: Option<Only>,
    /// What needs it.
    by: &'static [Feature],
}

/// A condition key, and what it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Only {
    /// The cluster, by `ecs:cluster`.
    InCluster,
    /// Roles that are handed to tasks, by `iam:PassedToService`:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html>.
    ToTasks,
    /// Tags that a task definition is registered with, by `ecs:CreateAction`.
    AtRegistering,
}

/// Returns the actions that these features need, sorted.
pub fn actions(features: &[Feature]) -> Vec<&'static str> {
    let mut actions: Vec<_> = needed(features).map(|permission| permission.action).collect();
    actions.sort_unstable();
    actions
}

/// Returns the policy that allows these features in a place and nothing else, as IAM takes it.
pub fn policy(features: &[Feature], place: &Place) -> Value {
    let mut statements: Vec<(Vec<String>, Option<Only>, Vec<&str>)> = Vec::new();
    for permission in needed(features) {
        let mut resources: Vec<String> = permission.on.iter().map(|resource| place.arn(*resource)).collect();
        resources.sort();
        let only = permission.only.filter(|only| *only != Only::InCluster || place.cluster.is_some());
        match statements.iter_mut().find(|(known, also, _)| *known == resources && *also == only) {
            Some((.., actions)) => actions.push(permission.action),
            None => statements.push((resources, only, vec![permission.action])),
        }
    }
    let statements: Vec<Value> =
        statements.into_iter().map(|(resources, only, actions)| statement(&resources, only, actions, place)).collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn needed(features: &[Feature]) -> impl Iterator<Item = &'static Permission> {
    PERMISSIONS.iter().filter(|permission| permission.by.iter().any(|feature| features.contains(feature)))
}

fn statement(resources: &[String], only: Option<Only>, mut actions: Vec<&str>, place: &Place) -> Value {
    actions.sort_unstable();
    let mut statement = Map::new();
    statement.insert("Effect".to_owned(), "Allow".into());
    statement.insert("Action".to_owned(), json!(actions));
    statement.insert("Resource".to_owned(), json!(resources));
    if let Some(only) = only {
        statement.insert("Condition".to_owned(), only.condition(place));
    }
    Value::Object(statement)
}

impl Only {
    fn condition(self, place: &Place) -> Value {
        match self {
            Self::InCluster => json!({ "ArnLike": { "ecs:cluster": place.arn(Resource::Cluster) } }),
            Self::ToTasks => json!({ "StringEquals": { "iam:PassedToService": "ecs-tasks.amazonaws.com" } }),
            Self::AtRegistering => json!({ "StringEquals": { "ecs:CreateAction": "RegisterTaskDefinition" } }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_needs_something_and_every_action_is_needed() {
        for (feature, name, _) in FEATURES {
            assert!(!actions(&[*feature]).is_empty(), "{name}");
            assert_eq!(Feature::named(name), Some(*feature));
        }
        for permission in PERMISSIONS {
            assert!(!permission.by.is_empty() && !permission.on.is_empty(), "{}", permission.action);
        }
        let mut names: Vec<_> = PERMISSIONS.iter().map(|permission| permission.action).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all, "an action stands in the table twice");
    }

    #[test]
    fn roles_are_passed_to_tasks_and_to_nobody_else() {
        let policy = policy(&[Feature::Update], &Place::default());
        let statements = policy["Statement"].as_array().unwrap();
        let passing = statements.iter().find(|it| it["Action"] == json!(["iam:PassRole"])).unwrap();
        assert_eq!(
            passing["Condition"],
            json!({ "StringEquals": { "iam:PassedToService": "ecs-tasks.amazonaws.com" } })
        );
    }

    #[test]
    fn task_definitions_are_tagged_as_they_are_registered_and_nothing_else_is() {
        let policy = policy(&[Feature::Register], &Place::default());
        let statements = policy["Statement"].as_array().unwrap();
        let tagging = statements.iter().find(|it| it["Action"] == json!(["ecs:TagResource"])).unwrap();
        assert_eq!(tagging["Resource"], json!(["arn:aws:ecs:*:*:task-definition/*"]));
        assert_eq!(tagging["Condition"], json!({ "StringEquals": { "ecs:CreateAction": "RegisterTaskDefinition" } }));
    }

    #[test]
    fn a_place_narrows_what_can_be_narrowed() {
        let place = Place {
            region: Some("eu-west-1".to_owned()),
            account: Some("123456789012".to_owned()),
            cluster: Some("prod".to_owned()),
            service: Some("api".to_owned()),
        };
        let policy = policy(&[Feature::Events], &place);
        assert_eq!(
            policy,
            json!({ "Version": "2012-10-17", "Statement": [
                { "Effect": "Allow", "Action": ["ecs:ListClusters"], "Resource": ["*"] },
                { "Effect": "Allow", "Action": ["ecs:ListServices"], "Resource": ["*"],
                  "Condition": { "ArnLike": { "ecs:cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/prod" } } },
                { "Effect": "Allow", "Action": ["ecs:DescribeServices"],
                  "Resource": ["arn:aws:ecs:eu-west-1:123456789012:service/prod/api"] },
                { "Effect": "Allow", "Action": ["ecs:DescribeTasks"],
                  "Resource": ["arn:aws:ecs:eu-west-1:123456789012:task/prod/*"] },
            ] })
        );
    }
}

//! The table of what each feature needs.

use super::{
    Feature::{
        self, Browse, Check, Deployments, EnableExec, Events, Exec, Instances, List, Logs, Ls, Params, ParamsPut,
        Redeploy, Register, Rollback, Run, Scale, Stop, Stopped, Targets, Taskdefs, Update, Verify,
    },
    Only, Permission,
    Resource::{self, Any},
};

/// An action that only `*` can be allowed on.
const fn anywhere(action: &'static str, by: &'static [Feature]) -> Permission {
    Permission { action, on: &[Any], only: None, by }
}

/// An action on a kind of resource whose ARN names its cluster, or that has none.
const fn on(action: &'static str, on: &'static [Resource], by: &'static [Feature]) -> Permission {
    Permission { action, on, only: None, by }
}

/// An action that only the condition key `ecs:cluster` narrows.
const fn in_cluster(action: &'static str, by: &'static [Feature]) -> Permission {
    Permission { action, on: &[Any], only: Some(Only::InCluster), by }
}

pub(super) const PERMISSIONS: &[Permission] = &[
    anywhere(
        "ecs:ListClusters",
        &[
            Browse,
            List,
            Ls,
            Exec,
            Events,
            Targets,
            Deployments,
            Logs,
            Stopped,
            Instances,
            Params,
            ParamsPut,
            Check,
            Stop,
            Run,
            Update,
            Redeploy,
            Scale,
            Rollback,
            EnableExec,
        ],
    ),
    on("ecs:DescribeClusters", &[Resource::Cluster], &[Browse, Ls]),
    in_cluster(
        "ecs:ListServices",
        &[
            Browse,
            List,
            Ls,
            Exec,
            Events,
            Targets,
            Deployments,
            Logs,
            Stopped,
            Params,
            ParamsPut,
            Check,
            Stop,
            Run,
            Update,
            Redeploy,
            Scale,
            Rollback,
            EnableExec,
        ],
    ),
    on(
        "ecs:DescribeServices",
        &[Resource::Service],
        &[
            Browse,
            Ls,
            Events,
            Targets,
            Deployments,
            Params,
            Check,
            Stop,
            Run,
            Update,
            Redeploy,
            Scale,
            Rollback,
            EnableExec,
        ],
    ),
    in_cluster(
        "ecs:ListTasks",
        &[Browse, List, Ls, Exec, Targets, Logs, Stopped, Check, Stop, Update, Redeploy, Rollback, EnableExec, Scale],
    ),
    on(
        "ecs:DescribeTasks",
        &[Resource::Task],
        &[
            Browse, List, Ls, Exec, Events, Targets, Logs, Stopped, Check, Stop, Run, Update, Redeploy, Rollback,
            EnableExec, Scale,
        ],
    ),
    anywhere("ecs:ListTaskDefinitionFamilies", &[Taskdefs]),
    anywhere("ecs:ListTaskDefinitions", &[Taskdefs, Register, Update, Rollback]),
    anywhere(
        "ecs:DescribeTaskDefinition",
        &[Ls, Exec, Deployments, Taskdefs, Logs, Params, Run, Register, Update, Rollback, EnableExec, Redeploy, Scale],
    ),
    on(
        "ecs:ListServiceDeployments",
        &[Resource::Service],
        &[Deployments, Update, Redeploy, Rollback, EnableExec, Scale],
    ),
    on(
        "ecs:DescribeServiceDeployments",
        &[Resource::ServiceDeployment],
        &[Deployments, Update, Redeploy, Rollback, EnableExec, Scale],
    ),
    on(
        "ecs:DescribeServiceRevisions",
        &[Resource::ServiceRevision],
        &[Deployments, Update, Redeploy, Rollback, EnableExec, Scale],
    ),
    on("ecs:ListContainerInstances", &[Resource::Cluster], &[Instances]),
    on("ecs:DescribeContainerInstances", &[Resource::Instance], &[Targets, Instances]),
    on("ecs:ExecuteCommand", &[Resource::Cluster, Resource::Task], &[Exec]),
    on("ecs:UpdateService", &[Resource::Service], &[Update, Redeploy, Scale, Rollback, EnableExec]),
    on("ecs:StopServiceDeployment", &[Resource::ServiceDeployment], &[Rollback]),
    on("ecs:StopTask", &[Resource::Task], &[Stop]),
    Permission { action: "ecs:RunTask", on: &[Resource::Definition], only: Some(Only::InCluster), by: &[Run] },
    anywhere("ecs:RegisterTaskDefinition", &[Update, Register]),
    // Of those that have tags:
    // <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html>.
    Permission {
        action: "ecs:TagResource",
        on: &[Resource::Definition],
        only: Some(Only::AtRegistering),
        by: &[Update, Register],
    },
    // Those that the task definitions name.
    Permission {
        action: "iam:PassRole",
        on: &[Resource::Role],
        only: Some(Only::ToTasks),
        by: &[Update, Run, Register],
    },
    on("iam:GetRole", &[Resource::Role], &[Verify]),
    anywhere("iam:SimulatePrincipalPolicy", &[Verify]),
    anywhere("ecr:BatchGetImage", &[Verify]),
    anywhere("ecr:GetDownloadUrlForLayer", &[Verify]),
    anywhere("ecr:DescribePullThroughCacheRules", &[Verify]),
    anywhere("secretsmanager:DescribeSecret", &[Verify]),
    anywhere("logs:DescribeLogGroups", &[Verify]),
    on("ssm:ResumeSession", &[Resource::Session], &[Exec]),
    on("ssm:TerminateSession", &[Resource::Session], &[Exec]),
    on("kms:GenerateDataKey", &[Resource::Key], &[Exec]),
    anywhere("ec2:DescribeInstances", &[Instances]),
    anywhere("elasticloadbalancing:DescribeLoadBalancers", &[Targets]),
    anywhere("elasticloadbalancing:DescribeListeners", &[Targets]),
    anywhere("elasticloadbalancing:DescribeRules", &[Targets]),
    anywhere("elasticloadbalancing:DescribeTargetGroups", &[Targets, Update, Rollback]),
    anywhere("elasticloadbalancing:DescribeTargetGroupAttributes", &[Targets]),
    anywhere("elasticloadbalancing:DescribeTargetHealth", &[Targets, Check]),
    anywhere("elasticloadbalancing:DescribeInstanceHealth", &[Targets, Check]),
    anywhere("cloudwatch:GetMetricData", &[Browse]),
    on("cloudwatch:DescribeAlarms", &[Resource::Alarm], &[Browse]),
    anywhere("application-autoscaling:DescribeScalableTargets", &[Browse, Scale]),
    anywhere("application-autoscaling:DescribeScalingPolicies", &[Browse]),
    anywhere("application-autoscaling:DescribeScalingActivities", &[Browse]),
    on("logs:FilterLogEvents", &[Resource::LogGroup], &[Logs]),
    on("logs:StartLiveTail", &[Resource::LogGroup], &[Logs]),
    on("ssm:GetParametersByPath", &[Resource::Parameter], &[Params]),
    on("ssm:GetParameters", &[Resource::Parameter], &[Params, Verify]),
    on("ssm:GetParameter", &[Resource::Parameter], &[Params]),
    on("ssm:GetParameterHistory", &[Resource::Parameter], &[Params]),
    anywhere("ssm:DescribeParameters", &[ParamsPut]),
    on("ssm:PutParameter", &[Resource::Parameter], &[ParamsPut]),
    on("ssm:DeleteParameter", &[Resource::Parameter], &[ParamsPut]),
];

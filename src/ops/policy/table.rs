//! The table of what each feature needs.

use super::{
    Feature::{
        self, Browse, Check, Deployments, Events, Exec, Instances, List, Logs, Ls, Params, ParamsPut, Register, Run,
        Stop, Stopped, Targets, Taskdefs,
    },
    Permission,
    Resource::{self, Any},
};

/// An action that only `*` can be allowed on.
const fn anywhere(action: &'static str, by: &'static [Feature]) -> Permission {
    Permission { action, on: &[Any], in_cluster: false, by }
}

/// An action on a kind of resource whose ARN names its cluster, or that has none.
const fn on(action: &'static str, on: &'static [Resource], by: &'static [Feature]) -> Permission {
    Permission { action, on, in_cluster: false, by }
}

/// An action that only the condition key `ecs:cluster` narrows.
const fn in_cluster(action: &'static str, by: &'static [Feature]) -> Permission {
    Permission { action, on: &[Any], in_cluster: true, by }
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
        ],
    ),
    on("ecs:DescribeClusters", &[Resource::Cluster], &[Browse, Ls]),
    in_cluster(
        "ecs:ListServices",
        &[Browse, List, Ls, Exec, Events, Targets, Deployments, Logs, Stopped, Params, ParamsPut, Check, Stop, Run],
    ),
    on(
        "ecs:DescribeServices",
        &[Resource::Service],
        &[Browse, Ls, Events, Targets, Deployments, Params, Check, Stop, Run],
    ),
    in_cluster("ecs:ListTasks", &[Browse, List, Ls, Exec, Targets, Logs, Stopped, Check, Stop]),
    on(
        "ecs:DescribeTasks",
        &[Resource::Task],
        &[Browse, List, Ls, Exec, Events, Targets, Logs, Stopped, Check, Stop, Run],
    ),
    anywhere("ecs:ListTaskDefinitionFamilies", &[Taskdefs]),
    anywhere("ecs:ListTaskDefinitions", &[Taskdefs, Register]),
    anywhere("ecs:DescribeTaskDefinition", &[Ls, Exec, Deployments, Taskdefs, Logs, Params, Run, Register]),
    on("ecs:ListServiceDeployments", &[Resource::Service], &[Deployments]),
    on("ecs:DescribeServiceDeployments", &[Resource::ServiceDeployment], &[Deployments]),
    on("ecs:DescribeServiceRevisions", &[Resource::ServiceRevision], &[Deployments]),
    on("ecs:ListContainerInstances", &[Resource::Cluster], &[Instances]),
    on("ecs:DescribeContainerInstances", &[Resource::Instance], &[Targets, Instances]),
    on("ecs:ExecuteCommand", &[Resource::Cluster, Resource::Task], &[Exec]),
    on("ecs:StopTask", &[Resource::Task], &[Stop]),
    on("ecs:RunTask", &[Resource::Definition], &[Run]),
    anywhere("ecs:RegisterTaskDefinition", &[Register]),
    // Those that the task definitions name.
    on("iam:PassRole", &[Resource::Role], &[Run, Register]),
    on("ssm:ResumeSession", &[Resource::Session], &[Exec]),
    on("ssm:TerminateSession", &[Resource::Session], &[Exec]),
    on("kms:GenerateDataKey", &[Resource::Key], &[Exec]),
    anywhere("ec2:DescribeInstances", &[Instances]),
    anywhere("elasticloadbalancing:DescribeLoadBalancers", &[Targets]),
    anywhere("elasticloadbalancing:DescribeListeners", &[Targets]),
    anywhere("elasticloadbalancing:DescribeRules", &[Targets]),
    anywhere("elasticloadbalancing:DescribeTargetGroups", &[Targets]),
    anywhere("elasticloadbalancing:DescribeTargetGroupAttributes", &[Targets]),
    anywhere("elasticloadbalancing:DescribeTargetHealth", &[Targets, Check]),
    anywhere("elasticloadbalancing:DescribeInstanceHealth", &[Targets, Check]),
    anywhere("cloudwatch:GetMetricData", &[Browse]),
    on("cloudwatch:DescribeAlarms", &[Resource::Alarm], &[Browse]),
    anywhere("application-autoscaling:DescribeScalableTargets", &[Browse]),
    anywhere("application-autoscaling:DescribeScalingPolicies", &[Browse]),
    anywhere("application-autoscaling:DescribeScalingActivities", &[Browse]),
    on("logs:FilterLogEvents", &[Resource::LogGroup], &[Logs]),
    on("logs:StartLiveTail", &[Resource::LogGroup], &[Logs]),
    on("ssm:GetParametersByPath", &[Resource::Parameter], &[Params]),
    on("ssm:GetParameters", &[Resource::Parameter], &[Params]),
    on("ssm:GetParameter", &[Resource::Parameter], &[Params]),
    on("ssm:GetParameterHistory", &[Resource::Parameter], &[Params]),
    anywhere("ssm:DescribeParameters", &[ParamsPut]),
    on("ssm:PutParameter", &[Resource::Parameter], &[ParamsPut]),
    on("ssm:DeleteParameter", &[Resource::Parameter], &[ParamsPut]),
];

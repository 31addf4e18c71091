//! Whether what a service's tasks are registered with is there, and can lead to them.

use super::{unknown, untold};
use crate::{
    aws,
    model::{Arn, Attachment, TargetGroup, taskdef::Document},
    ops::{
        Cx,
        change::{Check, Verdict},
    },
};

/// Returns a check of each attachment: the task definition has its container and port, and its target group is there,
/// gets requests and takes what the tasks' network mode makes of them. ECS refuses all others
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html>). Classic load balancers
/// are not looked at.
pub(in crate::ops) async fn attached(cx: &Cx, attachments: &[Attachment], document: &Document) -> Vec<Check> {
    let mut checks = Vec::with_capacity(attachments.len());
    for attachment in attachments {
        checks.push(check(cx, attachment, document).await);
    }
    checks
}

async fn check(cx: &Cx, attachment: &Attachment, document: &Document) -> Check {
    let Attachment { container, port, .. } = attachment;
    let verdict = match attachment.group() {
        _ if !document.ports().any(|(name, it)| *name == **container && it == *port) => {
            Verdict::Failed(format!("the task definition has no container {container} with that port"))
        }
        Some(group) => leads(cx, group, document).await,
        None => Verdict::Passed,
    };
    Check::new(format!("{} leads to {container}:{port}", attachment.name()), verdict)
}

/// Returns whether a target group leads to tasks of a definition.
async fn leads(cx: &Cx, group: &Arn, document: &Document) -> Verdict {
    let aws = match cx.aws().await {
        Ok(aws) => aws,
        Err(error) => return unknown(&error),
    };
    if group.region() != aws.region() {
        return Verdict::Failed(format!("the target group is in {}", group.region()));
    }
    match aws.target_groups(std::slice::from_ref(group)).await {
        Ok(found) => found.first().map_or_else(gone, |found| suits(found, document)),
        Err(error) if error.kind == aws::Kind::NotFound => gone(),
        Err(error) => untold(error),
    }
}

fn gone() -> Verdict {
    Verdict::Failed("there is no such target group".to_owned())
}

fn suits(group: &TargetGroup, document: &Document) -> Verdict {
    let (takes, needed) = (group.target_type.as_deref().unwrap_or_default(), document.target_type());
    if group.balancers.is_empty() {
        return Verdict::Failed("no load balancer sends requests to the target group".to_owned());
    }
    if !takes.is_empty() && takes != needed {
        return Verdict::Failed(format!(
            "the target group takes targets of type {takes}, and these tasks are {needed}"
        ));
    }
    Verdict::Passed
}

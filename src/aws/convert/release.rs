//! Service deployments and service revisions.

use aws_sdk_ecs::types;

use super::{Words, count, said, time};
use crate::model::{
    Arn, CircuitBreaker, ReleaseDetail, RevisionImage, RevisionTasks, Rollback, ServiceDeployment, ServiceRevision,
};

impl Words {
    /// Returns the service deployment that ListServiceDeployments names, or `None` for one without an identity.
    pub(in crate::aws) fn service_deployment(
        &self,
        brief: &types::ServiceDeploymentBrief,
    ) -> Option<ServiceDeployment> {
        Some(ServiceDeployment {
            arn: brief.service_deployment_arn()?.parse().ok()?,
            status: self.state(brief.status().map(types::ServiceDeploymentStatus::as_str)),
            reason: said(brief.status_reason().map(str::to_owned)),
            target: arn(brief.target_service_revision_arn()),
            created: brief.created_at().copied().and_then(time),
            finished: brief.finished_at().copied().and_then(time),
            detail: None,
        })
    }

    /// Returns the service deployment as it was described.
    pub(in crate::aws) fn described_deployment(
        &self,
        described: types::ServiceDeployment,
    ) -> Option<ServiceDeployment> {
        let tasks = |summary: &types::ServiceRevisionSummary| {
            Some(RevisionTasks {
                revision: arn(summary.arn())?,
                requested: count(summary.requested_task_count),
                running: count(summary.running_task_count),
                pending: count(summary.pending_task_count),
            })
        };
        let target = described.target_service_revision().and_then(tasks);
        let alarms = described.alarms().map(types::ServiceDeploymentAlarms::triggered_alarm_names);
        let configuration = described.deployment_configuration();
        let detail = ReleaseDetail {
            sources: described.source_service_revisions().iter().filter_map(tasks).collect(),
            strategy: configuration.and_then(|it| it.strategy()).map(|strategy| strategy.as_str().to_owned()),
            stage: described.lifecycle_stage().map(|stage| stage.as_str().to_owned()),
            breaker: described.deployment_circuit_breaker().map(|breaker| CircuitBreaker {
                status: self.state(breaker.status().map(types::ServiceDeploymentRollbackMonitorsStatus::as_str)),
                failures: count(breaker.failure_count()),
                threshold: count(breaker.threshold()),
            }),
            alarms: alarms.unwrap_or_default().to_vec(),
            rollback: described.rollback().map(|rollback| Rollback {
                reason: said(rollback.reason().map(str::to_owned)),
                at: rollback.started_at().copied().and_then(time),
                revision: arn(rollback.service_revision_arn()),
            }),
            target,
        };
        Some(ServiceDeployment {
            arn: described.service_deployment_arn()?.parse().ok()?,
            status: self.state(described.status().map(types::ServiceDeploymentStatus::as_str)),
            target: detail.target.as_ref().map(|target| target.revision.clone()),
            reason: said(described.status_reason),
            created: described.created_at.and_then(time),
            finished: described.finished_at.or(described.stopped_at).and_then(time),
            detail: Some(Box::new(detail)),
        })
    }
}

/// Returns the service revision, or `None` for one without an identity.
pub(in crate::aws) fn service_revision(revision: types::ServiceRevision) -> Option<ServiceRevision> {
    let images = revision.container_images.unwrap_or_default().into_iter();
    Some(ServiceRevision {
        arn: revision.service_revision_arn.as_deref()?.parse().ok()?,
        task_definition: arn(revision.task_definition.as_deref()),
        images: images
            .map(|image| RevisionImage {
                container: image.container_name.unwrap_or_default(),
                image: image.image.unwrap_or_default(),
                digest: said(image.image_digest),
            })
            .collect(),
        created: revision.created_at.and_then(time),
    })
}

fn arn(text: Option<&str>) -> Option<Arn> {
    text?.parse().ok()
}

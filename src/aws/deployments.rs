//! Service deployments and service revisions: the history of a service's releases.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    Error,
    budget::Category,
    call::Operation,
    clients::Clients,
    ecs::{PAGE_SIZE, heed, in_pieces},
};
use crate::model::{Arn, ServiceDeployment, ServiceRevision};

const LIST_DEPLOYMENTS: Operation = Operation::read("ecs:ListServiceDeployments", Category::DeploymentRead);
const DESCRIBE_DEPLOYMENTS: Operation = Operation::read("ecs:DescribeServiceDeployments", Category::DeploymentRead);
const DESCRIBE_REVISIONS: Operation = Operation::read("ecs:DescribeServiceRevisions", Category::RevisionRead);

/// The most deployments or revisions that are described at once.
const DESCRIBED_AT_ONCE: usize = 20;

impl Clients {
    /// Returns the service deployments of a service that ECS remembers, newest first, without details.
    pub async fn service_deployments(&self, cluster: &Arn, service: &Arn) -> Result<Vec<ServiceDeployment>, Error> {
        let pages = stream::unfold(Some(None), move |token: Option<Option<String>>| async move {
            let token = token?;
            let call = || {
                let call = self.ecs().list_service_deployments().cluster(cluster.as_str()).service(service.as_str());
                call.max_results(PAGE_SIZE).set_next_token(token.clone()).send()
            };
            match self.call(LIST_DEPLOYMENTS, call).await {
                Ok(answer) if answer.next_token.is_some() && answer.next_token == token => {
                    Some((Err(Error::broken(LIST_DEPLOYMENTS.name, "the same page again and again")), None))
                }
                Ok(answer) => {
                    let next = answer.next_token.filter(|next| !next.is_empty());
                    Some((Ok(answer.service_deployments.unwrap_or_default()), next.map(Some)))
                }
                Err(error) => Some((Err(error), None)),
            }
        });
        let briefs: Vec<_> = pages.boxed().try_concat().await?;
        let deployments = briefs.iter().filter_map(|brief| self.words().service_deployment(brief));
        let mut deployments: Vec<ServiceDeployment> = deployments.collect();
        deployments.sort_by(|one, other| (other.created, &one.arn).cmp(&(one.created, &other.arn)));
        deployments.dedup_by(|one, other| one.arn == other.arn);
        Ok(deployments)
    }

    /// Returns these service deployments with their details, in any order; those that are gone are absent.
    pub async fn describe_service_deployments(&self, arns: &[Arn]) -> Result<Vec<ServiceDeployment>, Error> {
        in_pieces(arns, DESCRIBED_AT_ONCE, move |arns| async move {
            let call =
                || self.ecs().describe_service_deployments().set_service_deployment_arns(Some(arns.clone())).send();
            let answer = self.call(DESCRIBE_DEPLOYMENTS, call).await?;
            heed(DESCRIBE_DEPLOYMENTS.name, answer.failures())?;
            let described = answer.service_deployments.unwrap_or_default().into_iter();
            Ok(described.filter_map(|deployment| self.words().described_deployment(deployment)).collect())
        })
        .await
    }

    /// Returns these service revisions, in any order; those that are gone are absent.
    pub async fn service_revisions(&self, arns: &[Arn]) -> Result<Vec<ServiceRevision>, Error> {
        in_pieces(arns, DESCRIBED_AT_ONCE, move |arns| async move {
            let call = || self.ecs().describe_service_revisions().set_service_revision_arns(Some(arns.clone())).send();
            let answer = self.call(DESCRIBE_REVISIONS, call).await?;
            heed(DESCRIBE_REVISIONS.name, answer.failures())?;
            let revisions = answer.service_revisions.unwrap_or_default().into_iter();
            Ok(revisions.filter_map(super::convert::service_revision).collect())
        })
        .await
    }
}

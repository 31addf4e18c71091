//! StopServiceDeployment.

use super::{Failure, Sent, harmless, once};
use crate::{
    model::{Arn, text::clean},
    ops::{
        Cx,
        change::{Made, Place},
    },
};

/// Ends a service deployment so that what ran before it comes back.
pub(super) async fn roll_back(cx: &Cx, place: &Place, deployment: &Arn) -> Result<Made, Failure> {
    let aws = cx.aws().await?;
    let send = || aws.roll_back_deployment(deployment);
    let look = || async {
        let found = aws.describe_service_deployments(std::slice::from_ref(deployment)).await?;
        Ok(found.iter().any(|it| it.status.starts_with("ROLLBACK") || it.status.starts_with("STOP")).then_some(()))
    };
    let what = || format!("the deployment of {} cannot be rolled back", clean(place.path()));
    match once(cx, send, look, harmless).await {
        Sent::Made(()) => Ok(Made::RollingBack { place: place.clone(), deployment: deployment.clone() }),
        Sent::NotTaken(error) => Err(cx.failed(what(), &aws, error).into()),
        Sent::Unknown(error) => {
            let hint = format!(
                "it may be rolled back all the same; look with `ecsui deployments {}` before you try again",
                clean(place.path())
            );
            Err(Failure { error: cx.failed(what(), &aws, error).hint(hint), unknown: true })
        }
    }
}

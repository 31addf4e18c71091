//! One call to AWS: paid for from the budget, bounded in time, and made again only where that is known to help.
//!
//! The SDK's own retries are off: they know neither our budget nor whether somebody waits. A throttle answer empties
//! the bucket and the call takes its place in the queue again; a read that was cut off, or that AWS failed at, is made
//! once more; everything else is told at once. A call that changes something is made once.

use std::{error::Error as StdError, future::Future, time::Duration};

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::{error::metadata::ProvideErrorMetadata, retry::ErrorKind};
use tokio::time::sleep;

use super::{
    Error, Kind,
    budget::{Budget, Category, Urgency},
};

/// How often a call may meet a throttle before its caller is told.
const THROTTLES: u32 = 8;

/// How long a read waits before it is made again after AWS failed at it.
const PAUSE: Duration = Duration::from_millis(200);

/// One of AWS's operations, and what may be done with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operation {
    /// As IAM names it: `ecs:ListClusters`.
    pub(super) name: &'static str,
    /// The bucket that AWS counts it in.
    pub(super) category: Category,
    /// Whether it only reads.
    pub(super) reads: bool,
}

impl Operation {
    /// Returns an operation that only reads.
    pub(super) const fn read(name: &'static str, category: Category) -> Self {
        Self { name, category, reads: true }
    }

    /// Returns an operation that changes something.
    pub(super) const fn change(name: &'static str, category: Category) -> Self {
        Self { name, category, reads: false }
    }

    /// Makes the call that `send` builds.
    pub(super) async fn call<T, E, F>(
        self,
        budget: &Budget,
        urgency: Urgency,
        send: impl Fn() -> F + Send,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
        T: Send,
    {
        let (mut throttles, mut failures) = (0, 0);
        loop {
            budget.spend(self.category, urgency).await;
            let answer = send().await;
            let failure = match answer {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let error = Error::from_sdk(self.name, &failure);
            tracing::debug!(operation = self.name, kind = ?error.kind, code = error.code, "call failed");
            if error.kind == Kind::Throttled && throttles < THROTTLES {
                throttles += 1;
                budget.throttled(self.category);
            } else if self.reads && failures == 0 && may_pass(&failure, &error) {
                failures += 1;
                sleep(PAUSE).await;
            } else {
                return Err(error);
            }
        }
    }
}

/// Whether a failure is of the kind that a second try often does not meet: a connection cut off under the answer, or
/// AWS's own fault. A time-out is none: somebody has waited long enough.
fn may_pass<E>(failure: &SdkError<E, HttpResponse>, error: &Error) -> bool {
    match failure {
        // hyper tells of a connection that closed under the answer as "other, transient".
        SdkError::DispatchFailure(failure) => failure.is_io() || failure.as_other() == Some(ErrorKind::TransientError),
        SdkError::ResponseError(_) => true,
        SdkError::ServiceError(_) => error.kind == Kind::Broken,
        _ => false,
    }
}

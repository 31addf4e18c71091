//! The AWS clients: the only place that names a type of the SDK. SDK answers become `model` types here.

mod autoscaling;
mod body;
mod budget;
mod call;
mod chain;
mod change;
mod clients;
mod cloudwatch;
mod convert;
mod credentials;
mod deployments;
mod described;
mod ec2;
mod ecr;
mod ecs;
mod elb;
mod elbv2;
mod endings;
mod error;
mod given;
mod iam;
mod instances;
mod kms;
mod lend;
mod logs;
mod mfa;
mod parameters;
mod pool;
mod profiles;
mod role;
mod secrets;
mod ssm;
mod sts;
mod taskdefs;
mod tree;
mod whole;

pub use budget::{Budget, Budgets, Urgency};
pub use chain::ENVIRONMENT;
pub use change::{NetworkPlace, NewTasks, NotStarted, ServiceChange, Started};
pub use clients::Clients;
pub use elbv2::{Heard, Route};
pub use error::{Denial, Error, Kind, Lost};
pub use iam::{Decision, Permission};
pub use lend::Lent;
pub use logs::{LiveTail, LogQuery, RawLine, TailUpdate};
pub use mfa::{CodeAnswer, CodeWanted, Codes};
pub use parameters::NewParameter;
pub use profiles::{KnownProfile, profiles};
pub use ssm::ExecSession;
pub use sts::Caller;
pub use tree::Branch;

use crate::session::Secret;

/// How to get at AWS.
#[derive(Debug, Clone)]
pub enum Access {
    /// The SDK's default chain: environment, profile, SSO, web identity, container and instance roles.
    Chain {
        /// `--profile`; `None` leaves it to the environment. `env` takes the keys of the environment and nothing else.
        profile: Option<String>,
        /// `--region`; `None` leaves it to the environment and the profile.
        region: Option<String>,
        /// `--endpoint-url`; `None` leaves it to `AWS_ENDPOINT_URL` and the profile.
        endpoint_url: Option<String>,
    },
    /// Given keys and a given endpoint, and nothing read from the machine: the embedded simulated AWS.
    Fixed {
        /// What to call it on screen.
        name: String,
        /// The region to sign for.
        region: String,
        /// Where it listens.
        endpoint_url: String,
        /// Access key id.
        access_key: String,
        /// Secret access key.
        secret_key: Secret,
    },
}

impl Access {
    /// Returns the way with another profile, or to another region; given keys are of one account alone.
    #[must_use]
    pub fn at(&self, other_profile: Option<&str>, other_region: Option<&str>) -> Self {
        let mut access = self.clone();
        let other_region = other_region.map(str::to_owned);
        match &mut access {
            Self::Chain { profile, region, .. } => {
                *profile = other_profile.map(str::to_owned).or(profile.take());
                *region = other_region.or(region.take());
            }
            Self::Fixed { region, .. } => {
                if let Some(other) = other_region {
                    *region = other;
                }
            }
        }
        access
    }
}

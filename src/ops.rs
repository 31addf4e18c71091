//! The verbs: what ecsui can do, with no opinion on how it is shown. Nothing here reads the environment or prints.

pub mod error;
pub mod exec;
pub mod ls;

use std::sync::Arc;

use crate::{aws, config::Settings};
pub use error::{Error, Kind, Result};

/// What every verb is handed: the settings, and the way to AWS, which is opened at the first use. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Cx {
    /// What the user has set.
    pub settings: Arc<Settings>,
    /// Whether somebody waits for the answers.
    pub urgency: Urgency,
    access: Arc<aws::Access>,
}

/// Whether somebody waits for an answer; decides how much of AWS's shared call budget a verb may spend
/// (architecture: a person may spend an idle bucket's whole burst, the background a quarter of its refill).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// A person looks at the empty place.
    Waiting,
    /// A refresh of what is already shown.
    Background,
}

impl Cx {
    /// Returns a context; nothing is read and nobody is called until a verb needs it.
    pub fn new(access: aws::Access, settings: Settings) -> Self {
        Self { settings: Arc::new(settings), urgency: Urgency::Waiting, access: Arc::new(access) }
    }

    /// Returns the same context for work of this urgency.
    #[must_use]
    pub fn with_urgency(&self, urgency: Urgency) -> Self {
        Self { urgency, ..self.clone() }
    }
}

/// Who is asking, where: for the status line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The profile's name, `default`, or the name of the simulated account.
    pub profile: String,
    /// The region.
    pub region: String,
    /// The account, twelve digits; `None` when `sts:GetCallerIdentity` is refused.
    pub account: Option<String>,
    /// The ARN of the caller.
    pub caller: Option<String>,
}

//! What the service scheduler says.

use super::Timestamp;

/// One of the latest 100 events that ECS keeps for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceEvent {
    /// Its identity: two polls that carry the same id mean the same event.
    pub id: String,
    /// When it happened.
    pub at: Option<Timestamp>,
    /// What the scheduler says, untrusted text.
    pub message: String,
}

//! What the service scheduler says.

use std::sync::Arc;

use super::Timestamp;

/// One of the latest 100 events that ECS keeps for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceEvent {
    /// Its identity: two polls that carry the same id mean the same event.
    pub id: Arc<str>,
    /// When it happened.
    pub at: Option<Timestamp>,
    /// What the scheduler says, untrusted text.
    pub message: Arc<str>,
}

impl ServiceEvent {
    /// Returns what is said without the `(service NAME) ` that most events begin with.
    pub fn said(&self) -> &str {
        let rest = self.message.strip_prefix("(service ").and_then(|rest| rest.split_once(") "));
        rest.map_or(&self.message, |(_, said)| said)
    }

    /// Returns the id of the task that it is about: the first `(task ID)` in it.
    pub fn task(&self) -> Option<&str> {
        let (_, rest) = self.message.split_once("(task ")?;
        let (id, _) = rest.split_once(')')?;
        (!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(message: &str) -> ServiceEvent {
        ServiceEvent { id: "e".into(), at: None, message: message.into() }
    }

    #[test]
    fn the_service_is_not_said_again() {
        assert_eq!(event("(service api) has reached a steady state.").said(), "has reached a steady state.");
        assert_eq!(
            event("(service api) (deployment ecs-svc/1) deployment completed.").said(),
            "(deployment ecs-svc/1) deployment completed."
        );
        assert_eq!(event("something else").said(), "something else");
    }

    #[test]
    fn the_task_is_the_first_that_is_named() {
        let started = event("(service api) has started 2 tasks: (task 4f2ab81c) (task 77c01d9e).");
        assert_eq!(started.task(), Some("4f2ab81c"));
        for other in ["(service api) has reached a steady state.", "(task )", "(task a/../b)", "(task 4f2ab81c"] {
            assert_eq!(event(other).task(), None, "{other}");
        }
    }
}

//! What becomes of the task behind a session.

use crate::session::{
    BoxFuture,
    ssm::{Fate, Stage},
};

/// Waits for the end of a task, stage by stage.
pub(super) struct Watch {
    fate: Fate,
    stage: Stage,
    waiting: Option<BoxFuture<String>>,
    words: Option<String>,
}

impl Watch {
    /// Returns a watch that nobody has been told anything by yet.
    pub(super) fn new(fate: Fate) -> Self {
        let waiting = Some(fate(Stage::Stopping));
        Self { fate, stage: Stage::Stopping, waiting, words: None }
    }

    /// Waits for the next stage; for ever after the last. May be dropped and called again.
    pub(super) async fn next(&mut self) -> Stage {
        let Some(waiting) = &mut self.waiting else {
            return std::future::pending().await;
        };
        self.words = Some(waiting.await);
        let reached = self.stage;
        self.waiting = match reached {
            Stage::Stopping => {
                self.stage = Stage::Stopped;
                Some((self.fate)(Stage::Stopped))
            }
            Stage::Stopped => None,
        };
        reached
    }

    /// Returns what was said last of the task's end.
    pub(super) fn words(&self) -> Option<&str> {
        self.words.as_deref()
    }
}

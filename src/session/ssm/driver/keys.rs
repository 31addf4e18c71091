//! The key of an encrypted session on its way from KMS.

use std::time::{Duration, Instant};

use crate::session::{
    BoxFuture, DataKey,
    clock::Clock,
    ssm::{Callback, Failure, KeyRequest, channel::KeyWish},
};

/// Asks for a session's key when the agent wants one.
pub(super) struct Keys {
    /// What the key is good for, as the encryption context has it.
    session_id: String,
    target: Option<String>,
    data_key: Callback<KeyRequest, DataKey>,
    limit: Duration,
    /// Until when a key may come while the session is being opened: before the opening itself is given up.
    opening: Instant,
    waiting: Option<BoxFuture<Result<DataKey, String>>>,
}

impl Keys {
    /// Returns keys for a session whose opening, begun now, takes this long at most.
    pub(super) fn new(
        session_id: String,
        target: Option<String>,
        data_key: Callback<KeyRequest, DataKey>,
        opening: Duration,
        now: Instant,
    ) -> Self {
        // What is left is for saying so.
        let limit = opening * 4 / 5;
        Self { session_id, target, data_key, limit, opening: now + limit, waiting: None }
    }

    /// Asks for a key.
    pub(super) fn want(&mut self, wish: KeyWish, clock: &Clock) {
        let Some(target) = &self.target else {
            let unknown = "ECS does not tell the container's runtime id, which the key is bound to";
            self.waiting = Some(Box::pin(std::future::ready(Err(unknown.to_owned()))));
            return;
        };
        let mut context = vec![
            ("aws:ssm:SessionId".to_owned(), self.session_id.clone()),
            ("aws:ssm:TargetId".to_owned(), target.clone()),
        ];
        context.extend(wish.challenge.map(|challenge| ("aws:ssm:RandomChallenge".to_owned(), challenge)));
        let asked = (self.data_key)(KeyRequest { key_id: wish.key_id, context });
        let (clock, now) = (clock.clone(), clock.now());
        let limit = self.opening.checked_duration_since(now).filter(|left| !left.is_zero()).unwrap_or(self.limit);
        self.waiting = Some(Box::pin(async move {
            let silence = |_| Failure { reason: "no answer".to_owned(), lasts: false };
            clock.timeout(limit, asked).await.map_err(silence).flatten().map_err(|failure| failure.reason)
        }));
    }

    /// Waits for the key that was asked for, or why there is none; for ever where none was. May be dropped and called
    /// again.
    pub(super) async fn next(&mut self) -> Result<DataKey, String> {
        let Some(waiting) = &mut self.waiting else {
            return std::future::pending().await;
        };
        let key = waiting.await;
        self.waiting = None;
        key
    }
}

//! How a session is ended from this side: closing the websocket ends nothing, so AWS is asked to, and where that is
//! denied the remote program is.

use std::time::Duration;

use tokio::select;

use super::{Printed, Wire};
use crate::{model::text::clean, session::Backend};

/// How long the far side may take to end the session when it was asked to.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long AWS alone is waited for before the remote program is asked as well.
const PATIENCE: Duration = Duration::from_millis(500);

impl Wire {
    /// Ends the remote process: by AWS's call, or where that is denied or does not come about by the keys that end
    /// most programs.
    pub(super) async fn hang_up(mut self, backend: &Backend) {
        let clock = self.timing.clock.clone();
        let mut terminated = Box::pin(self.terminate());
        let denied = match clock.timeout(PATIENCE, &mut terminated).await {
            Ok(Ok(())) => return,
            Ok(Err(denied)) => Some(denied),
            Err(_) => None,
        };
        let is_connected = self.loss.is_none();
        let asked = async {
            if is_connected {
                self.interrupt().await;
            } else {
                std::future::pending::<()>().await;
            }
        };
        let silence = "no answer".to_owned();
        let denied = select! {
            biased;
            () = asked => return,
            answer = terminated, if denied.is_none() => match answer {
                Ok(()) => return,
                Err(late) => late,
            },
            () = clock.sleep(if is_connected || denied.is_none() { FAREWELL } else { Duration::ZERO }) => {
                denied.unwrap_or(silence)
            }
        };
        backend.bid_farewell(goes_on(&denied));
    }

    /// Tells the agent what it was still to be told, and ends the session.
    pub(super) async fn end(&mut self) {
        let clock = self.timing.clock.clone();
        let _idle_timeout_will = clock
            .timeout(FAREWELL, async {
                let _told_the_agent = self.line.flush().await;
                let _ended_by_the_agent = self.terminate().await;
            })
            .await;
    }

    /// Has AWS end the session; gives why it did not.
    pub(super) fn terminate(&self) -> impl Future<Output = Result<(), String>> + Send + use<> {
        let terminated = (self.gateway.terminate)(self.session_id.clone());
        let (clock, limit) = (self.timing.clock.clone(), self.timing.opening);
        async move {
            match clock.timeout(limit, terminated).await {
                Ok(answer) => answer.map_err(|failure| clean(failure.reason)),
                Err(_) => Err("no answer".to_owned()),
            }
        }
    }

    /// Types ^C and ^D and returns when the far side has closed the session; never if it does not.
    async fn interrupt(&mut self) {
        self.channel.on_input(b"\x03\x04", self.timing.clock.now());
        loop {
            self.settle();
            self.printed = Printed::default();
            if self.exit.is_some() {
                return;
            }
            if self.turn().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// Says that nothing could be done.
pub(super) fn goes_on(denied: &str) -> String {
    format!("the remote command goes on until AWS's idle time-out: the session could not be terminated ({denied})")
}

//! How a session is ended from this side: closing the websocket ends nothing, so AWS is asked to, and where that is
//! denied the remote program is.

use std::time::Duration;

use super::{Printed, Wire};
use crate::{model::text::clean, session::Backend};

/// How long the far side may take to end the session when it was asked to.
const FAREWELL: Duration = Duration::from_secs(2);

impl Wire {
    /// Ends the remote process: by AWS's call, or where that is denied by the keys that end most programs.
    pub(super) async fn hang_up(mut self, backend: &Backend) {
        let Err(denied) = self.terminate().await else {
            return;
        };
        let clock = self.timing.clock.clone();
        let is_connected = self.loss.is_none();
        if is_connected && clock.timeout(FAREWELL, self.interrupt()).await.is_ok() {
            return;
        }
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

    /// Has AWS end the session; returns why it did not.
    pub(super) async fn terminate(&mut self) -> Result<(), String> {
        let terminated = (self.gateway.terminate)(self.session_id.clone());
        match self.timing.clock.timeout(self.timing.opening, terminated).await {
            Ok(answer) => answer.map_err(|failure| clean(failure.reason)),
            Err(_) => Err("no answer".to_owned()),
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

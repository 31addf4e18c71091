//! The body of a live tail: an update a second, until it is over or cut.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::{Response, StatusCode, body::Frame};
use serde_json::Value;
use tokio::{sync::watch, time::sleep};

use super::{Body, Wire, refuse, with_head};
use crate::sim::{cloud::Cloud, logs::Tail};

/// How soon is looked again whether something is to be told.
const PACE: Duration = Duration::from_millis(250);

/// What becomes of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It lasts as long as sessions do.
    Lasting,
    /// It breaks off in the middle of its first update.
    Cut,
}

/// A session, and what can end it.
struct Session {
    cloud: Arc<Cloud>,
    tail: Tail,
    fate: Fate,
    ready: std::collections::VecDeque<Result<Bytes, io::Error>>,
    is_over: bool,
    moved: watch::Receiver<()>,
    cut: watch::Receiver<()>,
    stop: watch::Receiver<()>,
}

/// Begins to tell.
pub(super) fn begin(
    cloud: &Arc<Cloud>,
    members: &Value,
    fate: Fate,
    stop: watch::Receiver<()>,
    request_id: &str,
) -> Response<Body> {
    let tail = match cloud.look(|cx, now| Tail::open(cx, now, members)) {
        Ok(tail) => tail,
        Err(refusal) => return refuse(Wire::Json, &refusal, request_id),
    };
    let session = Session {
        ready: [Ok(tail.hello())].into(),
        cloud: Arc::clone(cloud),
        tail,
        fate,
        is_over: false,
        moved: cloud.moved.subscribe(),
        cut: cloud.tails_cut.subscribe(),
        stop,
    };
    let frames = stream::unfold(session, |mut session| async {
        let frame = session.next().await?;
        Some((frame.map(Frame::data), session))
    });
    let body = BodyExt::boxed(StreamBody::new(Box::pin(frames)));
    with_head(StatusCode::OK, "application/vnd.amazon.eventstream", body, request_id)
}

impl Session {
    /// Waits for the next frame; there is none after the end.
    async fn next(&mut self) -> Option<Result<Bytes, io::Error>> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Some(frame);
            }
            if self.is_over {
                return None;
            }
            let tail = &mut self.tail;
            let (updates, is_over) = self.cloud.look(|cx, now| (tail.updates(cx, now), tail.is_over(now)));
            if let Some(first) = updates.first().filter(|_| self.fate == Fate::Cut) {
                self.ready.push_back(Ok(first.slice(..first.len() / 2)));
                self.break_off();
                continue;
            }
            self.ready.extend(updates.into_iter().map(Ok));
            if is_over {
                self.is_over = true;
                self.ready.push_back(Ok(Tail::farewell()));
            }
            if self.ready.is_empty() {
                tokio::select! {
                    _ = self.moved.changed() => {}
                    () = sleep(PACE) => {}
                    _ = self.cut.changed() => self.break_off(),
                    _ = self.stop.changed() => return None,
                }
            }
        }
    }

    fn break_off(&mut self) {
        self.is_over = true;
        self.ready.push_back(Err(io::Error::other("cut by a fault")));
    }
}

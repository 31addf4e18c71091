//! The data channel's address: a signed websocket upgrade, handed to the agent.

use hyper::{Request, Response, StatusCode, header, upgrade::OnUpgrade};
use hyper_util::rt::TokioIo;
use tokio::sync::watch;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{handshake::derive_accept_key, protocol::Role},
};

use super::{Body, respond};
use crate::sim::{agent::Sessions, refusal::Refusal};

/// The path up to the session's id.
pub(super) const PATH: &str = "/v1/data-channel/";

/// The name that upgrades are signed for.
pub(super) const SERVICE: &str = "ssmmessages";

/// Returns the accept key of a request that can be upgraded.
pub(super) fn accept_key<B>(request: &Request<B>) -> Result<String, Refusal> {
    let has = |name: header::HeaderName, wanted: &str| {
        let value = request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(',').any(|word| word.trim().eq_ignore_ascii_case(wanted))
    };
    let role = request.uri().query().unwrap_or_default().split('&').any(|pair| pair == "role=publish_subscribe");
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY);
    match key {
        Some(key)
            if role
                && has(header::UPGRADE, "websocket")
                && has(header::CONNECTION, "upgrade")
                && has(header::SEC_WEBSOCKET_VERSION, "13") =>
        {
            Ok(derive_accept_key(key.as_bytes()))
        }
        _ => Err(Refusal::new("BadRequest", "a data channel is a websocket with role=publish_subscribe")),
    }
}

/// Switches protocols, and lets the agent have the websocket.
pub(super) fn open(
    accept_key: &str,
    upgrade: OnUpgrade,
    session_id: String,
    sessions: Sessions,
    mut stop: watch::Receiver<()>,
    request_id: &str,
) -> Response<Body> {
    tokio::spawn(async move {
        let Ok(upgraded) = upgrade.await else { return };
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
        tokio::select! {
            () = sessions.connect(session_id, socket) => {}
            _ = stop.changed() => {}
        }
    });
    let mut response = respond(StatusCode::SWITCHING_PROTOCOLS, "", bytes::Bytes::new(), request_id);
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    headers.insert(header::CONNECTION, header::HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, header::HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept_key.parse().expect("base64 is a header value"));
    response
}

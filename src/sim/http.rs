//! The listener, and the three ways of AWS to write calls and answers: JSON 1.1, query and CBOR.

mod cbor;
mod channel;
pub(crate) mod frames;
mod query;
mod tail;
mod tls;
mod wire;

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http_body_util::{BodyExt, Full, Limited, StreamBody, combinators::BoxBody};
use hyper::{
    Request, Response, StatusCode,
    body::{Frame, Incoming},
    header,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

pub(crate) use self::tls::Identity;
use self::wire::{Route, Wire};
use super::{
    agent::Door,
    cloud::{Asked, Cloud, Inside, Reply},
    journal::Outcome,
    portal,
    refusal::Refusal,
    signin,
    sigv4::{self, Rejection},
    sts,
};
use crate::model::Timestamp;

/// The largest request; AWS's own limit for ECS is of this size.
const LARGEST_REQUEST: usize = 1 << 20;
/// The region of what is in none.
const HOME: &str = "us-east-1";
/// How long the calls under way may take when the server stops.
const FAREWELL: Duration = Duration::from_millis(200);

/// A body that may break off.
type Body = BoxBody<Bytes, io::Error>;

/// Serves until `stop` closes, with TLS where there is an identity to show.
pub(crate) async fn serve(
    listener: TcpListener,
    identity: Option<Identity>,
    cloud: Arc<Cloud>,
    mut stop: watch::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(receive(stream, identity.clone(), Arc::clone(&cloud), stop.clone()));
                }
                // Out of file descriptors: those that have ended give theirs back.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
            _ = stop.changed() => break,
        }
    }
    drop(listener);
    cloud.sessions.shutdown().await;
    let _in_time = timeout(FAREWELL, async { while connections.join_next().await.is_some() {} }).await;
}

/// Takes a connection, and answers its requests.
async fn receive(stream: TcpStream, identity: Option<Identity>, cloud: Arc<Cloud>, mut stop: watch::Receiver<()>) {
    let _best_effort = stream.set_nodelay(true);
    let Some(identity) = identity else { return converse(stream, cloud, stop).await };
    let secured = tokio::select! {
        secured = identity.acceptor().accept(stream) => secured,
        _ = stop.changed() => return,
    };
    if let Ok(secured) = secured {
        converse(secured, cloud, stop).await;
    }
}

/// Answers one connection's requests.
async fn converse<S>(stream: S, cloud: Arc<Cloud>, mut stop: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let until = stop.clone();
    let service = service_fn(move |request| {
        let (cloud, until) = (Arc::clone(&cloud), until.clone());
        async move { answer(&cloud.of_request(request.headers()), request, until).await }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stop.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _over = connection.await;
}

/// Answers a request; an error closes the connection without an answer.
async fn answer(
    cloud: &Arc<Cloud>,
    request: Request<Incoming>,
    stop: watch::Receiver<()>,
) -> io::Result<Response<Body>> {
    let arrival = Instant::now();
    let request_id = uuid::Uuid::new_v4().to_string();
    if !wire::is_for_loopback(request.headers()) {
        let text = "this server answers to loopback names only";
        return Ok(respond(StatusCode::MISDIRECTED_REQUEST, "text/plain", text.into(), &request_id));
    }
    if let Some(session_id) = request.uri().path().strip_prefix(channel::PATH) {
        let session_id = session_id.to_owned();
        return open_channel(cloud, request, session_id, stop, &request_id).await;
    }
    if let Some(layer) = cloud.layer(request.uri().path()) {
        return Ok(respond(StatusCode::OK, "application/octet-stream", layer.into(), &request_id));
    }
    if request.uri().path() == portal::PATH {
        return Ok(give_keys(cloud, &request, &request_id));
    }
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_REQUEST).collect().await else {
        return Ok(respond(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", "request too large".into(), &request_id));
    };
    let body = body.to_bytes();
    if head.uri.path() == signin::PATH {
        return Ok(sign_in(cloud, &head.headers, &body, &request_id));
    }
    let route = match Route::of(&head, &body) {
        Ok(route) => route,
        Err(refusal) => return Ok(refuse(Wire::of(&head.headers), &refusal, &request_id)),
    };
    let signed = sigv4::Request {
        method: &head.method,
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &head.headers,
        body: &body,
    };
    let caller = match admit(cloud, signed, &route) {
        Ok(caller) => caller,
        Err(rejection) => {
            let refusal = route.wire.rejection(rejection);
            note_refusal(cloud, route.service, &route.operation, &refusal);
            return Ok(refuse(route.wire, &refusal, &request_id));
        }
    };
    let members = match route.members(&body) {
        Ok(members) => members,
        Err(refusal) => return Ok(refuse(route.wire, &refusal, &request_id)),
    };
    let asked = Asked { service: route.service, operation: &route.operation, body: &members, caller: &caller };
    let (late, reply) = cloud.call(asked);
    let is_tail = (route.service, route.operation.as_str()) == ("logs", "StartLiveTail");
    let answer = match reply {
        Reply::Answer(_) if is_tail => tail::begin(cloud, &members, tail::Fate::Lasting, stop, &request_id),
        Reply::Cut(_) if is_tail => tail::begin(cloud, &members, tail::Fate::Cut, stop, &request_id),
        Reply::Answer(value) => {
            let body = route.wire.answer(&route.operation, &value, &request_id);
            with_wire_headers(respond(StatusCode::OK, route.wire.content_type(), body, &request_id), route.wire, None)
        }
        Reply::Refusal(refusal) => refuse(route.wire, &refusal, &request_id),
        Reply::Cut(value) => {
            let whole = route.wire.answer(&route.operation, &value, &request_id);
            with_wire_headers(cut(route.wire, &whole, &request_id), route.wire, None)
        }
        Reply::Garbage(text) => respond(StatusCode::OK, route.wire.content_type(), text.into(), &request_id),
        Reply::Close => {
            sleep_until(arrival + late).await;
            return Err(closed());
        }
        Reply::Hang => std::future::pending().await,
    };
    // The time that this machine took to find the answer is part of how late it is.
    sleep_until(arrival + late).await;
    Ok(answer)
}

/// Lets a signed websocket through to its session; the agent then asks for the token.
async fn open_channel(
    cloud: &Cloud,
    mut request: Request<Incoming>,
    session_id: String,
    stop: watch::Receiver<()>,
    request_id: &str,
) -> io::Result<Response<Body>> {
    let signed = sigv4::Request {
        method: request.method(),
        path: request.uri().path(),
        query: request.uri().query().unwrap_or_default(),
        headers: request.headers(),
        body: &[],
    };
    if !cloud.spares_signature(request.headers())
        && let Err(rejection) = cloud.admit(signed, channel::SERVICE, Timestamp::now())
    {
        let refusal = Refusal { status: 403, ..Wire::Json.rejection(rejection) };
        note_refusal(cloud, channel::SERVICE, "OpenDataChannel", &refusal);
        return Ok(refuse(Wire::Json, &refusal, request_id));
    }
    let accept_key = match channel::accept_key(&request) {
        Ok(key) => key,
        Err(refusal) => return Ok(refuse(Wire::Json, &refusal, request_id)),
    };
    let members = serde_json::json!({ "SessionId": session_id });
    let asked = Asked { service: channel::SERVICE, operation: "OpenDataChannel", body: &members, caller: "" };
    let (late, reply) = cloud.call(asked);
    sleep(late).await;
    Ok(match reply {
        Reply::Answer(_) => match cloud.sessions.knock(&session_id) {
            Door::Hanging => std::future::pending().await,
            Door::Refusing(status) => {
                let refusal = Refusal { status, ..Refusal::new("Refused", "the gateway lets nobody in") };
                refuse(Wire::Json, &refusal, request_id)
            }
            Door::Open | Door::Mute | Door::Strange => {
                let upgrade = hyper::upgrade::on(&mut request);
                channel::open(&accept_key, upgrade, session_id, cloud.sessions.clone(), stop, request_id)
            }
        },
        Reply::Refusal(refusal) => refuse(Wire::Json, &refusal, request_id),
        Reply::Garbage(text) => respond(StatusCode::OK, "text/plain", text.into(), request_id),
        Reply::Cut(value) => cut(Wire::Json, value.to_string().as_bytes(), request_id),
        Reply::Close => return Err(closed()),
        Reply::Hang => std::future::pending().await,
    })
}

/// Lets a call in, and says who makes it.
fn admit(cloud: &Cloud, signed: sigv4::Request<'_>, route: &Route) -> Result<String, Rejection> {
    if (route.service, &*route.operation) == ("sts", sts::UNSIGNED) {
        return Ok(String::new());
    }
    let now = Timestamp::now();
    let verified = cloud.admit(signed, route.signed_for, now);
    // IAM is in no region: its clients sign for us-east-1, or for their own where they are told an address.
    let at_home = || cloud.keys.in_region(HOME).verify(signed, route.signed_for, now).map(|()| cloud.owner());
    verified.or_else(|rejection| if route.service == "iam" { at_home() } else { Err(rejection) })
}

/// Answers for the access portal.
fn give_keys(cloud: &Cloud, request: &Request<Incoming>, request_id: &str) -> Response<Body> {
    let mut inside = cloud.inside();
    let given = portal::keys(&mut inside, request.uri(), request.headers());
    let given = given.map_err(|refusal| (serde_json::json!({ "message": refusal.message }), refusal));
    lent(&mut inside, ("sso", "GetRoleCredentials"), given, request_id)
}

/// Answers for AWS Sign-In.
fn sign_in(cloud: &Cloud, headers: &hyper::HeaderMap, body: &[u8], request_id: &str) -> Response<Body> {
    let mut inside = cloud.inside();
    let given = signin::keys(&mut inside, headers, body);
    let given = given.map_err(|signin::Denied { refusal, error }| {
        (serde_json::json!({ "error": error, "message": refusal.message }), refusal)
    });
    lent(&mut inside, ("signin", "CreateOAuth2Token"), given, request_id)
}

/// Answers who asks for keys without having any: as REST does, with the code of a refusal in a header.
fn lent(
    inside: &mut Inside,
    (service, operation): (&'static str, &str),
    given: Result<Value, (Value, Refusal)>,
    request_id: &str,
) -> Response<Body> {
    let outcome = match &given {
        Ok(_) => Outcome::Answered,
        Err((_, refusal)) => Outcome::Refused(refusal.code.clone()),
    };
    let now = inside.clock.now();
    inside.journal.write(now, service, operation, Value::Null, outcome);
    match given {
        Ok(keys) => respond(StatusCode::OK, "application/json", keys.to_string().into(), request_id),
        Err((body, refusal)) => {
            let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
            let mut response = respond(status, "application/json", body.to_string().into(), request_id);
            if let Ok(code) = refusal.code.parse() {
                response.headers_mut().insert("x-amzn-errortype", code);
            }
            response
        }
    }
}

/// Why a connection is closed without an answer.
fn closed() -> io::Error {
    io::Error::other("closed by a fault")
}

/// Writes down a call that was not let in.
fn note_refusal(cloud: &Cloud, service: &str, operation: &str, refusal: &Refusal) {
    let mut inside = cloud.inside();
    let now = inside.clock.now();
    inside.journal.write(now, service, operation, Value::Null, Outcome::Refused(refusal.code.clone()));
}

fn refuse(wire: Wire, refusal: &Refusal, request_id: &str) -> Response<Body> {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    let body = wire.refusal(refusal, request_id);
    with_wire_headers(respond(status, wire.content_type(), body, request_id), wire, Some(refusal))
}

fn with_wire_headers(mut response: Response<Body>, wire: Wire, refusal: Option<&Refusal>) -> Response<Body> {
    let headers = wire.headers(refusal);
    let headers = headers.into_iter().filter_map(|(name, value)| Some((name, value.parse().ok()?)));
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    response
}

fn respond(status: StatusCode, content_type: &str, body: Bytes, request_id: &str) -> Response<Body> {
    let body = Full::new(body).map_err(|never| match never {}).boxed();
    with_head(status, content_type, body, request_id)
}

/// Answers with the first half of a body, and closes.
fn cut(wire: Wire, whole: &[u8], request_id: &str) -> Response<Body> {
    let half = Bytes::copy_from_slice(&whole[..whole.len() / 2]);
    let first = stream::once(async { Ok(Frame::data(half)) });
    let then = stream::once(async {
        // Once around, and what is there has been sent.
        tokio::task::yield_now().await;
        Err(io::Error::other("cut by a fault"))
    });
    let body = BodyExt::boxed(StreamBody::new(Box::pin(first.chain(then))));
    let mut response = with_head(StatusCode::OK, wire.content_type(), body, request_id);
    response.headers_mut().insert(header::CONTENT_LENGTH, whole.len().into());
    response
}

fn with_head(status: StatusCode, content_type: &str, body: Body, request_id: &str) -> Response<Body> {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, content_type)
        .header("x-amzn-requestid", request_id)
        .body(body)
        .expect("the headers are plain text")
}

//! How calls and answers are written: AWS JSON 1.1 (ECS, SSM, KMS …), query (STS, EC2, Elastic Load Balancing) and CBOR
//! (CloudWatch).

use bytes::Bytes;
use http::{HeaderMap, Method, request::Parts};
use serde_json::{Value, json};

use super::{
    cbor,
    query::{self, Dialect, form},
};
use crate::sim::{refusal::Refusal, sigv4::Rejection};

/// The targets of AWS JSON services, and what these are called, here and by signatures.
const JSON_SERVICES: [(&str, &str); 7] = [
    ("AmazonEC2ContainerRegistry_V20150921", "ecr"),
    ("AmazonEC2ContainerServiceV20141113", "ecs"),
    ("AmazonSSM", "ssm"),
    ("AnyScaleFrontendService", "application-autoscaling"),
    ("Logs_20140328", "logs"),
    ("TrentService", "kms"),
    ("secretsmanager", "secretsmanager"),
];

/// The type of what CloudWatch is told by clients that prefer JSON to CBOR, as botocore does.
const JSON_1_0: &str = "application/x-amz-json-1.0";

/// How a call is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    Json,
    /// AWS JSON 1.0, of a service that once spoke query.
    Json10,
    Query(&'static Dialect),
    Cbor,
}

/// What a request asks for.
#[derive(Debug)]
pub(crate) struct Route {
    /// What the service is called here.
    pub(crate) service: &'static str,
    /// The name the request must be signed for.
    pub(crate) signed_for: &'static str,
    pub(crate) operation: String,
    pub(crate) wire: Wire,
}

/// Returns whether a request was sent to a name of this machine's loopback: a page in a browser cannot reach us under
/// a name of its own.
pub(crate) fn is_for_loopback(headers: &HeaderMap) -> bool {
    let host = headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    // What the SDK prefixes to the hosts of some operations.
    let host = host.strip_prefix("stream-").unwrap_or(host);
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl Route {
    /// Reads what a request asks for from its head and, with query, its body.
    pub(crate) fn of(head: &Parts, body: &[u8]) -> Result<Self, Refusal> {
        let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        let content_type = text("content-type").unwrap_or_default();
        if let Some((service, signed_for, operation)) = cbor::route(head.uri.path())
            && Wire::of(&head.headers) == Wire::Cbor
        {
            return Ok(Self { service, signed_for, operation: operation.to_owned(), wire: Wire::Cbor });
        }
        if head.method != Method::POST || head.uri.path() != "/" {
            let message = format!("{} {} is not simulated", head.method, head.uri.path());
            return Err(Refusal { status: 404, ..Refusal::new("UnknownOperationException", message) });
        }
        if let Some(target) = text("x-amz-target") {
            if Wire::of(&head.headers) == Wire::Json10 {
                let named = target.split_once('.').and_then(|(name, operation)| Some((cbor::named(name)?, operation)));
                let unknown = || Refusal::new("UnknownOperationException", format!("{target} is not simulated"));
                let ((service, signed_for), operation) = named.ok_or_else(unknown)?;
                return Ok(Self { service, signed_for, operation: operation.to_owned(), wire: Wire::Json10 });
            }
            if content_type != "application/x-amz-json-1.1" {
                let message =
                    format!("content type {content_type:?} is not simulated, only application/x-amz-json-1.1");
                return Err(Refusal::new("SerializationException", message));
            }
            let (prefix, operation) = target.split_once('.').unwrap_or((target, ""));
            let service = JSON_SERVICES.iter().find(|(name, _)| *name == prefix).map(|(_, service)| *service);
            let service = service
                .ok_or_else(|| Refusal::new("UnknownOperationException", format!("{target} is not simulated")))?;
            return Ok(Self { service, signed_for: service, operation: operation.to_owned(), wire: Wire::Json });
        }
        if let Wire::Query(_) = Wire::of(&head.headers) {
            let form = form(body);
            let get = |name: &str| form.get(name).and_then(Value::as_str).unwrap_or_default();
            let Some(dialect) = Dialect::of_version(get("Version")) else {
                let message = format!("{} of version {:?} is not simulated", get("Action"), get("Version"));
                return Err(Refusal::new("UnknownOperationException", message));
            };
            let Dialect { service, signed_for, .. } = *dialect;
            return Ok(Self { service, signed_for, operation: get("Action").to_owned(), wire: Wire::Query(dialect) });
        }
        Err(Refusal::new(
            "UnknownOperationException",
            format!("a body of type {content_type:?} without X-Amz-Target is not simulated"),
        ))
    }

    /// Reads the members of a request.
    pub(crate) fn members(&self, body: &[u8]) -> Result<Value, Refusal> {
        match self.wire {
            Wire::Json | Wire::Json10 | Wire::Cbor if body.is_empty() => Ok(json!({})),
            Wire::Json | Wire::Json10 => {
                serde_json::from_slice(body).map_err(|error| Refusal::new("SerializationException", error.to_string()))
            }
            Wire::Query(_) => {
                let mut members = form(body);
                members.retain(|name, _| name != "Action" && name != "Version");
                Ok(Value::Object(members))
            }
            Wire::Cbor => cbor::read(body).map_err(|error| Refusal::new("SerializationException", error)),
        }
    }
}

impl Wire {
    /// Returns how a request is written, whatever it asks for.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let content_type = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if content_type.is_some_and(|text| text.starts_with("application/x-www-form-urlencoded")) {
            Self::Query(query::UNKNOWN)
        } else if headers.get("smithy-protocol").is_some_and(|protocol| protocol == cbor::PROTOCOL) {
            Self::Cbor
        } else if content_type == Some(JSON_1_0) {
            Self::Json10
        } else {
            Self::Json
        }
    }

    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/x-amz-json-1.1",
            Self::Json10 => JSON_1_0,
            Self::Query(_) => "text/xml",
            Self::Cbor => "application/cbor",
        }
    }

    /// Returns the headers beside the type that its answers carry; a refusal's repeats the code as query has it, for
    /// clients that knew the service before it spoke CBOR.
    pub(crate) fn headers(self, refusal: Option<&Refusal>) -> Vec<(&'static str, String)> {
        let code = refusal.map(|refusal| ("x-amzn-query-error", format!("{};Sender", refusal.code)));
        match self {
            Self::Json | Self::Query(_) => Vec::new(),
            Self::Json10 => code.into_iter().collect(),
            Self::Cbor => code.into_iter().chain([("smithy-protocol", cbor::PROTOCOL.to_owned())]).collect(),
        }
    }

    pub(crate) fn answer(self, operation: &str, value: &Value, request_id: &str) -> Bytes {
        match self {
            // What prints a value for people checks each piece of it again.
            Self::Json | Self::Json10 => serde_json::to_string(value).expect("a value is JSON").into(),
            Self::Query(dialect) => dialect.answer(operation, value, request_id).into(),
            Self::Cbor => cbor::write(value).into(),
        }
    }

    pub(crate) fn refusal(self, refusal: &Refusal, request_id: &str) -> Bytes {
        let named = json!({ "__type": refusal.code, "message": refusal.message });
        match self {
            Self::Json | Self::Json10 => named.to_string().into(),
            Self::Query(dialect) => dialect.refusal(refusal, request_id).into(),
            Self::Cbor => cbor::write(&named).into(),
        }
    }

    /// Words a rejected signature as the services of this wire do: AWS JSON's with status 400 and names in
    /// `Exception`, query's with 403 and their own names.
    pub(crate) fn rejection(self, rejection: Rejection) -> Refusal {
        const NO_TOKEN: &str = "The security token included in the request is invalid.";
        let (json, query, message) = match rejection {
            Rejection::Missing => (
                "MissingAuthenticationTokenException",
                "MissingAuthenticationToken",
                "Request is missing Authentication Token".to_owned(),
            ),
            Rejection::Incomplete(message) => ("IncompleteSignatureException", "IncompleteSignature", message),
            Rejection::UnknownKey => ("UnrecognizedClientException", "InvalidClientTokenId", NO_TOKEN.to_owned()),
            Rejection::RunOut => (
                "ExpiredTokenException",
                "ExpiredToken",
                "The security token included in the request is expired".to_owned(),
            ),
            Rejection::Wrong(message) => ("InvalidSignatureException", "SignatureDoesNotMatch", message),
        };
        match self {
            Self::Json => Refusal::new(json, message),
            Self::Json10 | Self::Query(_) | Self::Cbor => Refusal { status: 403, ..Refusal::new(query, message) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_answered() {
        let answered = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("host", host.parse().unwrap());
            is_for_loopback(&headers)
        };
        for host in [
            "127.0.0.1:4566",
            "127.0.0.1",
            "localhost:1",
            "LocalHost",
            "[::1]:80",
            "127.9.9.9",
            "stream-127.0.0.1:4566",
            "stream-localhost",
        ] {
            assert!(answered(host), "{host}");
        }
        for host in [
            "",
            "evil.example:80",
            "10.0.0.1:80",
            "127.0.0.1.evil.example",
            "[::2]:80",
            "localhost.evil",
            "stream-evil.example",
            "stream-stream-127.0.0.1",
            "data-127.0.0.1",
        ] {
            assert!(!answered(host), "{host}");
        }
        assert!(!is_for_loopback(&HeaderMap::new()));
    }
}

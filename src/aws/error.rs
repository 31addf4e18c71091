//! What went wrong at AWS, sorted by what a person can do about it.

use std::{error::Error as StdError, fmt};

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ecs::operation::RequestId;
use aws_smithy_runtime_api::client::{
    orchestrator::HttpResponse,
    result::{ConnectorError, DispatchFailure, SdkError},
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::session::dial::Distrust;

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What the user set cannot be used: an unknown profile, no region, another one than the endpoint's.
    Setup,
    /// IAM said no.
    Denied,
    /// The credentials are missing, wrong or have run out.
    Credentials,
    /// Too many calls.
    Throttled,
    /// The thing does not exist (any more).
    NotFound,
    /// AWS did not answer: name resolution, connection, TLS, time-out.
    Unreachable,
    /// AWS understood and refused.
    Refused,
    /// AWS failed, or answered something that cannot be understood.
    Broken,
}

/// A failed call, or a way to AWS that could not be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The call, as AWS and IAM name it: `ecs:ListClusters`; `None` when it did not come to a call.
    pub operation: Option<&'static str>,
    /// What kind of failure it was.
    pub kind: Kind,
    /// AWS's code where there is one: `AccessDeniedException`.
    pub code: Option<String>,
    /// What AWS or the connection said, untrusted text.
    pub message: String,
    /// Request id, for support.
    pub request_id: Option<String>,
    /// What to do next, one sentence each.
    pub hints: Vec<String>,
    /// Where the call may have been carried out all the same: it was sent, and nothing came back that says so.
    pub lost: Option<Lost>,
    /// Whether it works as soon as somebody has logged in elsewhere, as a hint says.
    pub awaits_login: bool,
}

/// How it came that nobody knows what became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The connection broke off, or AWS failed at it: by now it is done or it is not.
    Ended,
    /// No answer came in time, or one of success that cannot be read: it may still be done, or has been.
    Late,
}

/// What IAM's refusal names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// Who asked, an ARN.
    pub caller: String,
    /// What was asked for: `ecs:ListClusters`.
    pub action: String,
    /// On what; `None` where AWS does not say.
    pub resource: Option<String>,
    /// Why: `no identity-based policy allows the ecs:ListClusters action`.
    pub reason: Option<String>,
}

impl Error {
    /// Returns an error of our own, before any call.
    pub(super) fn setup(message: impl Into<String>) -> Self {
        Self::without_call(Kind::Setup, message)
    }

    /// Returns an error that came before any call.
    pub(super) fn without_call(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            operation: None,
            kind,
            code: None,
            message: message.into(),
            request_id: None,
            hints: Vec::new(),
            lost: None,
            awaits_login: false,
        }
    }

    /// Returns an answer of success that makes no sense.
    pub(super) fn broken(operation: &'static str, message: impl Into<String>) -> Self {
        Self { operation: Some(operation), lost: Some(Lost::Late), ..Self::without_call(Kind::Broken, message) }
    }

    /// Adds a sentence on what to do next.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Returns what a failed call of the SDK means.
    pub(super) fn from_sdk<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let code = error.as_service_error().and_then(|service| service.code()).map(str::to_owned);
        let told = error.as_service_error().and_then(|service| service.message());
        // SSM says nothing of a parameter that is not there.
        let told = told.filter(|told| !told.is_empty()).map(str::to_owned);
        let status = error.raw_response().map(|response| response.status().as_u16());
        let kind = match error {
            SdkError::ServiceError(_) => kind_of(code.as_deref(), told.as_deref(), status),
            SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_) if credentials(error).is_some() => {
                Kind::Credentials
            }
            SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => Kind::Unreachable,
            SdkError::ResponseError(_) if broke_off(error) => Kind::Unreachable,
            _ => Kind::Broken,
        };
        let message = match error {
            SdkError::TimeoutError(_) => "AWS did not answer in time".to_owned(),
            SdkError::DispatchFailure(failure) if kind == Kind::Unreachable => unreachable(failure),
            SdkError::ResponseError(_) if kind == Kind::Unreachable => {
                "the connection broke off in the middle of the answer".to_owned()
            }
            _ => match (told, &code, status) {
                (Some(told), ..) => told,
                (None, Some(code), _) => code.clone(),
                (None, None, Some(status)) => format!("AWS answered HTTP {status}"),
                (None, None, None) => credentials(error).unwrap_or_else(|| last_cause(error)),
            },
        };
        let request_id = error.request_id().map(str::to_owned);
        let lost = match kind {
            Kind::Broken | Kind::Unreachable => lost(error),
            _ => None,
        };
        Self {
            operation: Some(operation),
            kind,
            code,
            message,
            request_id,
            hints: hints(error),
            lost,
            awaits_login: false,
        }
    }

    /// Returns why credentials could not be had.
    pub(super) fn from_credentials(error: &CredentialsError) -> Self {
        if let Some(own) = causes(error).find_map(|cause| cause.downcast_ref::<Self>()) {
            return own.clone();
        }
        let unreachable = causes(error).any(<dyn StdError>::is::<ConnectorError>);
        let kind = if unreachable { Kind::Unreachable } else { Kind::Credentials };
        Self { hints: hints(error), ..Self::without_call(kind, credentials_message(error)) }
    }

    /// Whether AWS found a signature too old or too new.
    pub(super) fn tells_of_the_clock(&self) -> bool {
        self.code.as_deref() == Some("RequestTimeTooSkewed")
            || self.message.contains("Signature expired")
            || self.message.contains("Signature not yet current")
    }

    /// Returns what IAM's refusal names, where this is one that says so.
    pub fn denial(&self) -> Option<Denial> {
        if self.kind != Kind::Denied {
            return None;
        }
        let (caller, rest) = self.message.split_once(" is not authorized to perform: ")?;
        let caller = caller.rsplit("User: ").next().unwrap_or(caller).trim();
        let (rest, reason) = match rest.split_once(" because ") {
            Some((rest, reason)) => (rest, Some(reason)),
            None => match rest.split_once(" with an explicit deny") {
                Some((rest, _)) => (rest, Some("an explicit deny forbids it")),
                None => (rest, None),
            },
        };
        let (action, resource) = match rest.split_once(" on resource: ") {
            Some((action, resource)) => (action, Some(resource)),
            None => (rest, None),
        };
        let word = |text: &str| text.split_whitespace().next().unwrap_or_default().trim_matches('"').to_owned();
        Some(Denial {
            caller: caller.to_owned(),
            action: word(action),
            resource: resource.map(word).filter(|resource| !resource.is_empty()),
            reason: reason.map(|reason| reason.trim().to_owned()),
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Denial { action, resource, reason, .. }) = self.denial() {
            write!(f, "not allowed: {action}")?;
            if let Some(resource) = resource {
                write!(f, " on {resource}")?;
            }
            return reason.map_or(Ok(()), |reason| write!(f, " ({reason})"));
        }
        match self.operation {
            Some(operation) => write!(f, "{operation}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl StdError for Error {}

/// Returns the kind of an answer by its code; the codes are those of
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html>, of the ECS, SSM and STS models and
/// of the signature checks before them.
fn kind_of(code: Option<&str>, message: Option<&str>, status: Option<u16>) -> Kind {
    // Query protocols add the shape's namespace: `com.amazon.coral.service#ThrottlingException`.
    let code = code.map(|code| code.rsplit('#').next().unwrap_or(code));
    match code.unwrap_or_default() {
        "InvalidSignatureException" | "SignatureDoesNotMatch"
            if message.is_some_and(|message| message.contains("scoped to a valid region")) =>
        {
            Kind::Setup
        }
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "NotAuthorized" | "OptInRequired" => {
            Kind::Denied
        }
        "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "InvalidToken"
        | "InvalidTokenException"
        | "AuthFailure"
        | "RequestTimeTooSkewed" => Kind::Credentials,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "RequestThrottledException" => Kind::Throttled,
        "ClusterNotFoundException"
        | "ServiceNotFoundException"
        | "ServiceNotActiveException"
        | "TargetNotFoundException"
        | "ResourceNotFoundException"
        | "TargetGroupNotFound"
        | "LoadBalancerNotFound"
        | "ListenerNotFound"
        | "DoesNotExistException"
        | "RepositoryNotFoundException"
        | "NoSuchEntity"
        | "ParameterNotFound" => Kind::NotFound,
        // DescribeTaskDefinition has no exception of its own for a definition that is not there.
        "ClientException"
            if message.is_some_and(|message| message.starts_with("Unable to describe task definition")) =>
        {
            Kind::NotFound
        }
        "ServerException" | "InternalFailure" | "InternalServerError" | "ServiceUnavailable" => Kind::Broken,
        _ => match status {
            Some(429) => Kind::Throttled,
            Some(401 | 403) => Kind::Denied,
            Some(400..=499) => Kind::Refused,
            _ => Kind::Broken,
        },
    }
}

/// Returns the words of the credentials chain, where it is what failed.
fn credentials(error: &(dyn StdError + 'static)) -> Option<String> {
    causes(error).find_map(|cause| cause.downcast_ref::<CredentialsError>()).map(credentials_message)
}

/// Returns why credentials could not be had, in one line.
fn credentials_message(error: &CredentialsError) -> String {
    if let Some(distrust) = Distrust::beneath(error) {
        return distrust.to_string();
    }
    match error {
        CredentialsError::CredentialsNotLoaded(_) if error.source().is_none() => "no credentials were found".to_owned(),
        CredentialsError::ProviderTimedOut(_) => error.to_string(),
        _ => last_cause(error).trim().to_owned(),
    }
}

/// Returns why nobody could be reached, in words.
fn unreachable(failure: &DispatchFailure) -> String {
    let cause = failure.as_connector_error().map_or_else(String::new, |error| {
        Distrust::beneath(error).map_or_else(|| last_cause(error), |distrust| distrust.to_string())
    });
    if failure.is_timeout() {
        format!("no connection in time ({cause})")
    } else {
        format!("cannot be reached: {cause}")
    }
}

/// Returns what to do about a connection that could not be trusted.
fn hints(error: &(dyn StdError + 'static)) -> Vec<String> {
    Distrust::beneath(error).and_then(|distrust| distrust.hint()).map(str::to_owned).into_iter().collect()
}

/// Returns whether AWS may have got the call: unless it is known that there was no connection to send it on.
fn lost<E>(error: &SdkError<E, HttpResponse>) -> Option<Lost>
where
    E: StdError + 'static,
{
    match error {
        SdkError::ConstructionFailure(_) => None,
        SdkError::TimeoutError(_) => Some(Lost::Late),
        SdkError::DispatchFailure(failure) => {
            let unconnected = |cause: &(dyn StdError + 'static)| {
                cause.downcast_ref().is_some_and(hyper_util::client::legacy::Error::is_connect)
            };
            // The one time-out below the SDK's own is that of connecting.
            let unsent = failure.is_timeout() || failure.is_user() || causes(error).any(unconnected);
            (!unsent).then_some(Lost::Ended)
        }
        SdkError::ResponseError(answer) if answer.raw().status().is_success() => Some(Lost::Late),
        _ => Some(Lost::Ended),
    }
}

/// Returns whether an answer ended before its end.
fn broke_off(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(<dyn StdError>::is::<std::io::Error>)
}

pub(super) fn last_cause(error: &(dyn StdError + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| (*error).source())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(message: &str) -> Error {
        Error { operation: Some("ecs:ListClusters"), ..Error::without_call(Kind::Denied, message) }
    }

    #[test]
    fn a_refusal_of_iam_names_action_and_resource() {
        let error = denied(
            "User: arn:aws:sts::123456789012:assumed-role/dev/me is not authorized to perform: ecs:ListClusters on \
             resource: arn:aws:ecs:eu-west-1:123456789012:cluster/* because no identity-based policy allows the \
             ecs:ListClusters action",
        );
        assert_eq!(
            error.denial().unwrap(),
            Denial {
                caller: "arn:aws:sts::123456789012:assumed-role/dev/me".to_owned(),
                action: "ecs:ListClusters".to_owned(),
                resource: Some("arn:aws:ecs:eu-west-1:123456789012:cluster/*".to_owned()),
                reason: Some("no identity-based policy allows the ecs:ListClusters action".to_owned()),
            }
        );
        assert_eq!(
            error.to_string(),
            "not allowed: ecs:ListClusters on arn:aws:ecs:eu-west-1:123456789012:cluster/* (no identity-based policy \
             allows the ecs:ListClusters action)"
        );
    }

    #[test]
    fn a_refusal_may_be_short() {
        let error = denied("User: me is not authorized to perform: kms:GenerateDataKey with an explicit deny");
        let denial = error.denial().unwrap();
        assert_eq!((denial.action.as_str(), denial.resource), ("kms:GenerateDataKey", None));
        assert_eq!(denied("No.").denial(), None);
        assert_eq!(denied("No.").to_string(), "ecs:ListClusters: No.");
    }

    #[test]
    fn a_wrong_clock_is_recognised() {
        let told = |message| Error::without_call(Kind::Credentials, message).tells_of_the_clock();
        assert!(told("Signature expired: 20231114T221320Z is now earlier than 20231114T230000Z"));
        assert!(!told("The security token included in the request is expired"));
    }

    #[test]
    fn codes_are_sorted_by_what_helps() {
        for (code, kind) in [
            ("AccessDeniedException", Kind::Denied),
            ("ExpiredTokenException", Kind::Credentials),
            ("com.amazon.coral.service#UnrecognizedClientException", Kind::Credentials),
            ("ThrottlingException", Kind::Throttled),
            ("ClusterNotFoundException", Kind::NotFound),
            ("InvalidParameterException", Kind::Refused),
            ("ServerException", Kind::Broken),
        ] {
            assert_eq!(kind_of(Some(code), None, Some(400)), kind, "{code}");
        }
        assert_eq!(kind_of(None, None, Some(503)), Kind::Broken);
        let region = "Credential should be scoped to a valid region, not 'us-east-1'.";
        assert_eq!(kind_of(Some("InvalidSignatureException"), Some(region), Some(400)), Kind::Setup);
        assert_eq!(kind_of(Some("ClientException"), Some("Unable to describe task definition."), None), Kind::NotFound);
    }
}

//! What a session needs of AWS: to be started, signed for, resumed and ended.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};

use super::{Error, Kind, budget::Category, call::Operation, clients::Clients};
use crate::{model::Arn, session::Secret};

const EXECUTE_COMMAND: Operation = Operation::change("ecs:ExecuteCommand", Category::ResourceModify);
const RESUME_SESSION: Operation = Operation::change("ssm:ResumeSession", Category::Other);
const TERMINATE_SESSION: Operation = Operation::change("ssm:TerminateSession", Category::Other);

/// The name that Session Manager's data channel is signed for.
const CHANNEL: &str = "ssmmessages";

/// What ExecuteCommand returned.
#[derive(Debug, Clone)]
pub struct ExecSession {
    /// `ecs-execute-command-…`.
    pub session_id: String,
    /// Where the data channel is.
    pub stream_url: Secret,
    /// What opens it, once.
    pub token: Secret,
}

impl Clients {
    /// Starts a command in a container. Made once: a second command in a container is not the same as one.
    pub async fn execute_command(
        &self,
        cluster: &Arn,
        task: &Arn,
        container: &str,
        command: &str,
    ) -> Result<ExecSession, Error> {
        let call = || {
            let call = self.ecs().execute_command().cluster(cluster.as_str()).task(task.as_str());
            // The only mode that ECS has.
            call.container(container).command(command).interactive(true).send()
        };
        let session = self.call(EXECUTE_COMMAND, call).await?.session;
        let parts = session.and_then(|session| {
            Some(ExecSession {
                session_id: session.session_id?,
                stream_url: Secret::new(session.stream_url?),
                token: Secret::new(session.token_value?),
            })
        });
        parts.ok_or_else(|| Error::broken(EXECUTE_COMMAND.name, "an answer without a session"))
    }

    /// Returns a new token for a session whose connection was lost, or `None` when the session is over.
    pub async fn resume_session(&self, session_id: &str) -> Result<Option<Secret>, Error> {
        let call = || self.ssm().resume_session().session_id(session_id).send();
        match self.call(RESUME_SESSION, call).await {
            Ok(answer) => Ok(answer.token_value.filter(|token| !token.is_empty()).map(Secret::new)),
            Err(error) if error.kind == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Ends a session.
    pub async fn terminate_session(&self, session_id: &str) -> Result<(), Error> {
        let call = || self.ssm().terminate_session().session_id(session_id).send();
        self.call(TERMINATE_SESSION, call).await.map(drop)
    }

    /// Returns the headers that sign the websocket upgrade of this address, with fresh credentials; none where the
    /// address is signed already.
    pub async fn sign_channel(&self, address: &http::Uri) -> Result<Vec<(String, String)>, Error> {
        if is_signed(address) {
            return Ok(Vec::new());
        }
        let keys = self.keys().await?;
        signature(address, self.region(), keys, SystemTime::now())
            .map_err(|error| Error::without_call(Kind::Broken, format!("the session cannot be signed for: {error}")))
    }
}

/// Whether the query of an address holds a signature.
fn is_signed(address: &http::Uri) -> bool {
    address.query().unwrap_or_default().split('&').any(|pair| pair.to_ascii_lowercase().starts_with("x-amz-"))
}

/// Returns the headers of a SigV4 signature over nothing but `host`, `x-amz-date` and `x-amz-security-token`, as the
/// session-manager-plugin has made it since 1.2.764.0.
fn signature(
    address: &http::Uri,
    region: &str,
    keys: Credentials,
    now: SystemTime,
) -> Result<Vec<(String, String)>, Box<dyn std::error::Error + Send + Sync>> {
    let host = address.authority().ok_or("an address without a host")?.as_str();
    let url = address.to_string();
    let identity = keys.into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(CHANNEL)
        .time(now)
        .settings(SigningSettings::default())
        .build()?;
    let request = SignableRequest::new("GET", url.as_str(), std::iter::once(("host", host)), SignableBody::Bytes(&[]))?;
    let (instructions, _) = sign(request, &params.into())?.into_parts();
    Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn headers(token: Option<&str>) -> Vec<(String, String)> {
        let address = "wss://ssmmessages.eu-west-1.amazonaws.com/v1/data-channel/ecs-execute-command-0123456789abcdef0?role=publish_subscribe";
        let keys = Credentials::new("AKIDEXAMPLE", "secret", token.map(Into::into), None, "test");
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        signature(&address.parse().unwrap(), "eu-west-1", keys, now).unwrap()
    }

    fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
        headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).unwrap()
    }

    #[test]
    fn only_host_and_date_are_signed() {
        let headers = headers(None);
        assert_eq!(header(&headers, "x-amz-date"), "20231114T221320Z");
        let authorization = header(&headers, "authorization");
        assert!(authorization.contains("Credential=AKIDEXAMPLE/20231114/eu-west-1/ssmmessages/aws4_request"));
        assert!(authorization.contains("SignedHeaders=host;x-amz-date,"), "{authorization}");
        assert_eq!(headers.len(), 2);
    }

    #[test]
    fn a_session_token_is_signed_too() {
        let headers = headers(Some("token"));
        assert_eq!(header(&headers, "x-amz-security-token"), "token");
        assert!(header(&headers, "authorization").contains("SignedHeaders=host;x-amz-date;x-amz-security-token,"));
    }

    #[test]
    fn a_signed_address_is_left_alone() {
        assert!(is_signed(&"wss://host/x?role=a&X-Amz-Signature=1".parse().unwrap()));
        assert!(!is_signed(&"wss://host/x?role=publish_subscribe".parse().unwrap()));
    }
}

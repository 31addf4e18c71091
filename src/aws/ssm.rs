//! What a session needs of AWS: to be started, signed for, resumed and ended.

use std::{panic, time::SystemTime};

use aws_credential_types::Credentials;
use aws_sdk_ecs::operation::execute_command::ExecuteCommandOutput;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use tokio::runtime::Handle;

use super::{Error, Kind, budget::Category, call::Operation, clients::Clients, endings::Ending};
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
    ///
    /// Once the call has gone out its answer is waited for even when this future is dropped: the session that nobody
    /// waits for is then ended, where otherwise its command would run on.
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
            let call = call.container(container).command(command).interactive(true).send();
            let (clients, ending) = (self.clone(), self.endings().begin());
            async move {
                let sent = tokio::spawn(async move {
                    call.await.map(|answer| Unclaimed { clients, answer: Some(answer), _under_way: ending })
                });
                match sent.await.map_err(tokio::task::JoinError::try_into_panic) {
                    Ok(answer) => answer.map(Unclaimed::claim),
                    Err(Ok(panic)) => panic::resume_unwind(panic),
                    // The runtime ends, and who waits here with it.
                    Err(Err(_cancelled)) => std::future::pending().await,
                }
            }
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

    /// Ends a session; one that is over already is well ended.
    pub async fn terminate_session(&self, session_id: &str) -> Result<(), Error> {
        let call = || self.ssm().terminate_session().session_id(session_id).send();
        match self.call(TERMINATE_SESSION, call).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind == Kind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Ends a session that nobody waits for, in the background; see [`Clients::wait_for_endings`].
    pub fn abandon_session(&self, session_id: String) {
        let Ok(runtime) = Handle::try_current() else { return };
        let (clients, ending) = (self.clone(), self.endings().begin());
        runtime.spawn(async move {
            let _under_way = ending;
            clients.terminate_session(&session_id).await
        });
    }

    /// Returns the headers that sign the websocket upgrade of this address, with fresh credentials.
    pub async fn sign_channel(&self, address: &http::Uri) -> Result<Vec<(String, String)>, Error> {
        let keys = self.keys().await?;
        signature(address, self.region(), keys, SystemTime::now())
            .map_err(|error| Error::without_call(Kind::Broken, format!("the session cannot be signed for: {error}")))
    }
}

/// The answer to ExecuteCommand, until it is handed to who asked. Its command runs already: dropped before, because
/// nobody asks any more, its session is ended.
struct Unclaimed {
    clients: Clients,
    answer: Option<ExecuteCommandOutput>,
    /// Over only after the ending of the session has begun.
    _under_way: Ending,
}

impl Unclaimed {
    fn claim(mut self) -> ExecuteCommandOutput {
        self.answer.take().expect("only a claim takes it, and there is one")
    }
}

impl Drop for Unclaimed {
    fn drop(&mut self) {
        let session = self.answer.take().and_then(|answer| answer.session);
        if let Some(id) = session.and_then(|session| session.session_id) {
            self.clients.abandon_session(id);
        }
    }
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

    /// What botocore 1.44.5 makes of the same: `SigV4Auth(…, "ssmmessages", "eu-west-1").add_auth` over a GET with
    /// nothing but `Host`.
    #[test]
    fn the_signature_is_that_of_botocore() {
        let address = "wss://ssmmessages.eu-west-1.amazonaws.com/v1/data-channel/ecs-execute-command-0123456789abcdef0?role=publish_subscribe&cell-number=AAEAAc%2B%2F%3D";
        for (token, expected) in [
            (None, "f0133b5dc87d335712bee315d0f86224660a6d4c2e27caf1601164285e1cef96"),
            (Some("token/with+odd=characters"), "3d94e7841e91583dcb02730182d1501492f7a1c20aefccc4aa369a6c437a6e5d"),
        ] {
            let keys = Credentials::new("AKIDEXAMPLE", "secret", token.map(Into::into), None, "test");
            let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
            let headers = signature(&address.parse().unwrap(), "eu-west-1", keys, now).unwrap();
            let signed = if token.is_some() { "host;x-amz-date;x-amz-security-token" } else { "host;x-amz-date" };
            let scope = "AKIDEXAMPLE/20231114/eu-west-1/ssmmessages/aws4_request";
            assert_eq!(
                header(&headers, "authorization"),
                format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={expected}")
            );
        }
    }
}

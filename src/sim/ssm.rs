//! SSM, as far as the sessions of ECS need it: ResumeSession and TerminateSession.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{agent::Sessions, ecs::members, refusal::Refusal};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Named {
    session_id: String,
}

/// Answers an operation; `None` where there is no such operation. `stream_url` makes a session's address.
pub(crate) fn answer(
    sessions: &Sessions,
    operation: &str,
    body: &Value,
    stream_url: impl Fn(&str) -> String,
) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "ResumeSession" => named(body).and_then(|id| {
            let token = sessions.resume(&id).ok_or_else(|| gone(&id))?;
            Ok(json!({ "StreamUrl": stream_url(&id), "SessionId": id, "TokenValue": token }))
        }),
        "TerminateSession" => named(body)
            .and_then(|id| if sessions.terminate(&id) { Ok(json!({ "SessionId": id })) } else { Err(gone(&id)) }),
        _ => return None,
    })
}

fn named(body: &Value) -> Result<String, Refusal> {
    members::read::<Named>(body).map(|named| named.session_id)
}

fn gone(id: &str) -> Refusal {
    Refusal::new("DoesNotExistException", format!("Session {id} does not exist or has ended."))
}

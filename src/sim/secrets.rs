//! Secrets Manager: which secrets there are. What is in them is nobody's business here.
//!
//! Shapes and error codes are those of botocore's service model (`secretsmanager/2017-10-17/service-2.json`).

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    clock::Moment,
    ecs::{Account, members},
    identity,
    refusal::Refusal,
};

const AGE: std::time::Duration = std::time::Duration::from_hours(24 * 200);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Describe {
    secret_id: String,
}

/// Answers an operation; `None` where there is no such operation.
pub(crate) fn answer(cx: Account<'_>, operation: &str, body: &Value) -> Option<Result<Value, Refusal>> {
    (operation == "DescribeSecret").then(|| describe(cx, body))
}

fn describe(cx: Account<'_>, body: &Value) -> Result<Value, Refusal> {
    let Describe { secret_id } = members::read(body)?;
    let missing = || Refusal::new("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    let arn = cx.world.secret(&secret_id).ok_or_else(missing)?;
    let name = arn.rsplit(':').next().and_then(|name| name.rsplit_once('-')).map_or("", |(name, _)| name);
    let since = cx.clock.seconds(Moment::ago(AGE));
    Ok(json!({
        "ARN": arn,
        "Name": name,
        "LastChangedDate": since,
        "CreatedDate": since,
        "VersionIdsToStages": { identity::uuid(&["secret", &arn]): ["AWSCURRENT"] },
    }))
}

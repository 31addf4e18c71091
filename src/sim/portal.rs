//! The access portal of IAM Identity Center: keys of a role for whoever has logged in there.
//!
//! Shapes and error codes are those of botocore's service model (`sso/2019-06-10/service-2.json`): plain REST, and no
//! signature.

use std::time::Duration;

use http::{HeaderMap, Uri};
use serde_json::{Value, json};

use super::{cloud::Inside, refusal::Refusal, sigv4::decoded};

/// Where keys are given.
pub(crate) const PATH: &str = "/federation/credentials";
/// How long the keys are good for.
const LIFETIME: Duration = Duration::from_hours(1);

/// Gives the keys of a role.
pub(crate) fn keys(inside: &mut Inside, uri: &Uri, headers: &HeaderMap) -> Result<Value, Refusal> {
    let token = headers.get("x-amz-sso_bearer_token").and_then(|token| token.to_str().ok()).unwrap_or_default();
    let now = inside.clock.now();
    if !inside.loans.holds(token, now) {
        return Err(refusal(401, "UnauthorizedException", "Session token not found or invalid"));
    }
    let query = uri.query().unwrap_or_default();
    let said = |name: &str| {
        let values = query.split('&').filter_map(|pair| pair.split_once('='));
        let value = values.filter(|(known, _)| *known == name).map(|(_, value)| value).next()?;
        Some(String::from_utf8_lossy(&decoded(value)).into_owned()).filter(|value| !value.is_empty())
    };
    let (Some(role), Some(account)) = (said("role_name"), said("account_id")) else {
        return Err(refusal(400, "InvalidRequestException", "role_name and account_id are needed"));
    };
    if *account != *inside.world.account || inside.world.roles.missing.contains(&role) {
        return Err(refusal(403, "ForbiddenException", "No access"));
    }
    let until = now.after(LIFETIME);
    let caller = format!("arn:aws:sts::{account}:assumed-role/AWSReservedSSO_{role}_0123456789abcdef/mia");
    let region = inside.world.region.to_string();
    let loan = inside.loans.lend(&region, caller, until);
    let loan = loan.map_err(|error| refusal(500, "InternalServerException", &error.to_string()))?;
    Ok(json!({ "roleCredentials": {
        "accessKeyId": loan.keys.access,
        "secretAccessKey": loan.keys.secret,
        "sessionToken": loan.keys.token,
        "expiration": inside.clock.epoch_millis() + until.millis(),
    }}))
}

fn refusal(status: u16, code: &str, message: &str) -> Refusal {
    Refusal { status, ..Refusal::new(code, message) }
}

//! STS: who the keys belong to, and keys of roles for those who may have them.
//!
//! Shapes and error codes are those of botocore's service model (`sts/2011-06-15/service-2.json`).

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{clock::Moment, cloud::Inside, form::read, identity, refusal::Refusal, world::World};

/// The operation that is not signed: what is shown is a token.
pub(crate) const UNSIGNED: &str = "AssumeRoleWithWebIdentity";

/// How long a role's keys are good for where nobody says.
const USUAL: u64 = 3600;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Assume {
    role_arn: String,
    role_session_name: String,
    duration_seconds: Option<String>,
    serial_number: Option<String>,
    token_code: Option<String>,
    /// Nobody's trust asks for one.
    #[serde(rename = "ExternalId")]
    _external_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AssumeByToken {
    role_arn: String,
    role_session_name: String,
    web_identity_token: String,
    duration_seconds: Option<String>,
}

/// Answers an operation that `who` asks for; `None` where there is no such operation.
pub(crate) fn answer(inside: &mut Inside, who: &str, operation: &str, body: &Value) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "GetCallerIdentity" => identity(inside, who, body),
        "AssumeRole" => assume(inside, who, body),
        UNSIGNED => assume_by_token(inside, body),
        _ => return None,
    })
}

fn identity(inside: &Inside, who: &str, body: &Value) -> Result<Value, Refusal> {
    if let Some(name) = body.as_object().and_then(|members| members.keys().next()) {
        return Err(Refusal::new("ValidationError", format!("not simulated: unknown parameter {name}")));
    }
    let account = &*inside.world.account;
    Ok(json!({
        "UserId": format!("AIDA{}", identity::hex(&["user", account], 16).to_uppercase()),
        "Account": account,
        "Arn": who,
    }))
}

fn assume(inside: &mut Inside, who: &str, body: &Value) -> Result<Value, Refusal> {
    let asked: Assume = read(body, "ValidationError")?;
    let denied = || {
        let arn = &asked.role_arn;
        no_access(format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}"))
    };
    let role = role(&inside.world, &asked.role_arn).ok_or_else(denied)?.to_owned();
    match (&asked.serial_number, &asked.token_code) {
        (None, None) if inside.loans.guarded.contains(&role) => return Err(denied()),
        (None, None) => {}
        (Some(serial), Some(_)) if *serial != device(&inside.world) => {
            return Err(no_access(
                "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number \
                 is valid and associated with this user.",
            ));
        }
        (Some(_), Some(code)) => {
            if !inside.loans.use_code(code) {
                return Err(no_access("MultiFactorAuthentication failed with invalid MFA one time pass code. "));
            }
        }
        (Some(_), None) | (None, Some(_)) => {
            return Err(no_access(
                "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
            ));
        }
    }
    lend(inside, &role, &asked.role_session_name, asked.duration_seconds.as_deref())
}

fn assume_by_token(inside: &mut Inside, body: &Value) -> Result<Value, Refusal> {
    let asked: AssumeByToken = read(body, "ValidationError")?;
    if !inside.loans.holds(&asked.web_identity_token, inside.clock.now()) {
        return Err(Refusal::new(
            "InvalidIdentityToken",
            "Couldn't retrieve verification key from your identity provider",
        ));
    }
    let role = role(&inside.world, &asked.role_arn)
        .ok_or_else(|| no_access("Not authorized to perform sts:AssumeRoleWithWebIdentity"))?
        .to_owned();
    lend(inside, &role, &asked.role_session_name, asked.duration_seconds.as_deref())
}

fn lend(inside: &mut Inside, role: &str, session: &str, duration: Option<&str>) -> Result<Value, Refusal> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    if !(2..=64).contains(&session.len()) || !session.chars().all(fits) {
        let message = format!(
            "1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"
        );
        return Err(Refusal::new("ValidationError", message));
    }
    let seconds = match duration.map(str::parse) {
        None => USUAL,
        Some(Ok(seconds @ 900..=USUAL)) => seconds,
        Some(_) => {
            return Err(Refusal::new(
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            ));
        }
    };
    let until = inside.clock.now().after(Duration::from_secs(seconds));
    let arn = format!("arn:aws:sts::{}:assumed-role/{role}/{session}", inside.world.account);
    let region = inside.world.region.to_string();
    let loan = inside.loans.lend(&region, arn.clone(), until);
    let loan = loan.map_err(|error| Refusal { status: 500, ..Refusal::new("InternalFailure", error.to_string()) })?;
    Ok(json!({
        "Credentials": {
            "AccessKeyId": loan.keys.access,
            "SecretAccessKey": loan.keys.secret,
            "SessionToken": loan.keys.token,
            "Expiration": time(inside, until),
        },
        "AssumedRoleUser": {
            "AssumedRoleId": format!("AROA{}:{session}", identity::hex(&["role", role], 17).to_uppercase()),
            "Arn": arn,
        },
    }))
}

fn time(inside: &Inside, moment: Moment) -> String {
    inside.clock.text(moment)
}

/// Returns the name of the role that an ARN means; every role of the account is there but those that were taken away.
fn role<'a>(world: &World, arn: &'a str) -> Option<&'a str> {
    let name = arn.strip_prefix(&format!("arn:aws:iam::{}:role/", world.account))?.rsplit('/').next()?;
    (!world.roles.missing.contains(name) && world.may("demo", "sts:AssumeRole", arn)).then_some(name)
}

/// Returns the ARN of the MFA device of the account's user.
pub(crate) fn device(world: &World) -> String {
    format!("arn:aws:iam::{}:mfa/demo", world.account)
}

fn no_access(message: impl Into<String>) -> Refusal {
    Refusal { status: 403, ..Refusal::new("AccessDenied", message) }
}

/// Returns the ARN of the account's user.
pub(crate) fn caller(world: &World) -> String {
    format!("arn:aws:iam::{}:user/demo", world.account)
}

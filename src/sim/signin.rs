//! AWS Sign-In: keys for whoever has run `aws login`, against the refresh token that it left behind.
//!
//! Shapes and error codes are those of botocore's service model (`signin/2023-01-01/service-2.json`): plain REST, and
//! no signature. Instead each request proves with DPoP (RFC 9449) that it comes from the machine where somebody logged
//! in.

use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::HeaderMap;
use serde_json::{Value, json};

use super::{cloud::Inside, refusal::Refusal};

/// Where tokens are exchanged.
pub(crate) const PATH: &str = "/v1/token";
/// How long the keys are good for: the most that the model allows.
const LIFETIME: Duration = Duration::from_mins(15);
/// How long the next refresh token can be used.
const REFRESHABLE: Duration = Duration::from_hours(12);
/// Who may ask: `aws login` in a browser of this machine, or of another.
const CLIENTS: [&str; 2] = ["arn:aws:signin:::devtools/same-device", "arn:aws:signin:::devtools/cross-device"];

/// Why no keys are given: the refusal, and the model's `OAuth2ErrorCode`.
#[derive(Debug)]
pub(crate) struct Denied {
    pub(crate) refusal: Refusal,
    pub(crate) error: &'static str,
}

/// Gives keys for a refresh token, and the token for the next time.
pub(crate) fn keys(inside: &mut Inside, headers: &HeaderMap, body: &[u8]) -> Result<Value, Denied> {
    let asked: Value = serde_json::from_slice(body).map_err(|error| invalid(&error.to_string()))?;
    let said = |name: &str| asked[name].as_str().unwrap_or_default();
    if !CLIENTS.contains(&said("clientId")) {
        return Err(invalid("clientId is not one that is known"));
    }
    if said("grantType") != "refresh_token" {
        return Err(denied("ValidationException", "unsupported_grant_type", "only a refresh token is taken here"));
    }
    proof(headers).ok_or_else(|| denied("AccessDeniedException", "invalid_request", "the DPoP proof is not valid"))?;
    let now = inside.clock.now();
    if !inside.loans.holds(said("refreshToken"), now) {
        return Err(denied("AccessDeniedException", "TOKEN_EXPIRED", "the session has expired"));
    }
    let region = inside.world.region.to_string();
    let caller = format!("arn:aws:iam::{}:user/mia", inside.world.account);
    let failed = |error: std::io::Error| denied("InternalServerException", "server_error", &error.to_string());
    let loan = inside.loans.lend(&region, caller, now.after(LIFETIME)).map_err(failed)?;
    let next = inside.loans.token(now, REFRESHABLE).map_err(failed)?;
    Ok(json!({
        "accessToken": {
            "accessKeyId": loan.keys.access, "secretAccessKey": loan.keys.secret, "sessionToken": loan.keys.token,
        },
        "tokenType": "aws_sigv4",
        "expiresIn": LIFETIME.as_secs(),
        "refreshToken": next,
    }))
}

/// Returns something where a request carries a proof for this place that its own key has signed.
fn proof(headers: &HeaderMap) -> Option<()> {
    let [host, token] = [http::header::HOST.as_str(), "dpop"].map(|name| headers.get(name)?.to_str().ok());
    let (message, signature) = token?.rsplit_once('.')?;
    let (head, claims) = message.split_once('.')?;
    let part = |text: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(text).ok()?).ok();
    let (head, claims) = (part(head)?, part(claims)?);
    let about = claims["htu"].as_str()?.split_once("://")?.1;
    let is_for_this = claims["htm"] == "POST" && about == format!("{}{PATH}", host?);
    if !is_for_this || head["typ"] != "dpop+jwt" || head["alg"] != "ES256" {
        return None;
    }
    let [x, y] = ["x", "y"].map(|half| URL_SAFE_NO_PAD.decode(head["jwk"][half].as_str()?).ok());
    // An uncompressed point: SEC 1, section 2.3.3.
    let key = [vec![4], x?, y?].concat();
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(message.as_bytes(), &signature).ok()
}

fn invalid(message: &str) -> Denied {
    denied("ValidationException", "INVALID_REQUEST", message)
}

fn denied(code: &str, error: &'static str, message: &str) -> Denied {
    let status = if code == "InternalServerException" { 500 } else { 400 };
    Denied { refusal: Refusal { status, ..Refusal::new(code, message) }, error }
}

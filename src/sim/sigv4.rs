//! AWS Signature Version 4, checked from the server's side by code of its own, so that client and server cannot share
//! a mistake.
//!
//! Written from <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>. Presigned
//! URLs and unsigned payloads are not let in: nobody was given any.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, Method};
use jiff::{Span, Timestamp, civil::DateTime, tz::TimeZone};
use sha2::{Digest as _, Sha256};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far the clocks of client and server may be apart.
const SKEW_MINUTES: i64 = 5;

/// A pair of keys that is let in.
#[derive(Clone)]
pub(crate) struct Keys {
    /// Twenty characters, `AKIA…`.
    pub(crate) access: String,
    /// Forty characters.
    pub(crate) secret: String,
    /// The region they must be used in.
    pub(crate) region: String,
    /// What must come with them where they are lent.
    pub(crate) token: Option<String>,
}

/// A request as it came over the wire.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// Why a request is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// It carries no signature.
    Missing,
    /// Its signature lacks parts.
    Incomplete(String),
    /// Its access key is not ours, or does not belong to its session token.
    UnknownKey,
    /// Its keys were lent, and that time is over.
    RunOut,
    /// Its signature is wrong, in AWS's words.
    Wrong(String),
}

impl Keys {
    /// Makes up a pair of keys.
    pub(crate) fn random(region: &str) -> std::io::Result<Self> {
        Ok(Self {
            access: format!("AKIA{}", random_text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)?),
            secret: random_text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 40)?,
            region: region.to_owned(),
            token: None,
        })
    }

    /// Makes up keys that are lent.
    pub(crate) fn lent(region: &str) -> std::io::Result<Self> {
        let Self { access, secret, region, .. } = Self::random(region)?;
        let token = random_text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 128)?;
        Ok(Self { access: access.replacen("AKIA", "ASIA", 1), secret, region, token: Some(token) })
    }

    /// Returns the same keys for another region.
    pub(crate) fn in_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self.clone() }
    }

    /// Lets a request in that is signed with these keys for `service` at about `now`.
    pub(crate) fn verify(&self, request: Request<'_>, service: &str, now: Timestamp) -> Result<(), Rejection> {
        let authorization = Authorization::parse(request.headers)?;
        let date = header(request.headers, "x-amz-date").ok_or_else(|| {
            Rejection::Incomplete(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.".into(),
            )
        })?;
        if header(request.headers, "x-amz-security-token") != self.token.as_deref()
            || authorization.access_key != self.access
        {
            return Err(Rejection::UnknownKey);
        }
        self.check_scope(&authorization, service, date)?;
        check_age(date, now)?;
        check_signed_headers(&authorization, request.headers)?;
        let payload = hex(&Sha256::digest(request.body));
        if header(request.headers, "x-amz-content-sha256").is_some_and(|claimed| claimed != payload) {
            return Err(mismatch());
        }
        let scope = format!("{}/{}/{service}/aws4_request", authorization.date, self.region);
        let canonical = canonical_request(request, &authorization.signed_headers, &payload);
        let to_sign = format!("{ALGORITHM}\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let mut mac = keyed(&self.signing_key(authorization.date, service));
        mac.update(to_sign.as_bytes());
        let claimed = unhex(authorization.signature).ok_or_else(mismatch)?;
        // Takes as long for a signature that is nearly right as for one that is not.
        mac.verify_slice(&claimed).map_err(|_| mismatch())
    }

    fn check_scope(&self, authorization: &Authorization<'_>, service: &str, date: &str) -> Result<(), Rejection> {
        let wrong = |what: String| Err(Rejection::Wrong(format!("Credential should be scoped to {what}.")));
        if authorization.region != self.region {
            return wrong(format!("a valid region, not '{}'", authorization.region));
        }
        if authorization.service != service {
            return wrong(format!("correct service: '{service}'"));
        }
        if authorization.terminator != "aws4_request" {
            return wrong("a valid terminator: 'aws4_request'".into());
        }
        if date.get(..8) != Some(authorization.date) {
            let text = format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}', from '{date}'.",
                authorization.date,
                date.get(..8).unwrap_or(date)
            );
            return Err(Rejection::Wrong(text));
        }
        Ok(())
    }

    fn signing_key(&self, date: &str, service: &str) -> [u8; 32] {
        let start = format!("AWS4{}", self.secret).into_bytes();
        let step = |key: &[u8], text: &str| -> [u8; 32] {
            let mut mac = keyed(key);
            mac.update(text.as_bytes());
            mac.finalize().into_bytes().into()
        };
        let date = step(&start, date);
        step(&step(&step(&date, &self.region), service), "aws4_request")
    }
}

/// Returns the region that a request was signed for, as it says itself.
pub(crate) fn region(headers: &HeaderMap) -> Option<&str> {
    Authorization::parse(headers).ok().map(|authorization| authorization.region)
}

/// The parts of an `Authorization` header.
struct Authorization<'a> {
    access_key: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    terminator: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn parse(headers: &'a HeaderMap) -> Result<Self, Rejection> {
        let text = header(headers, "authorization").ok_or(Rejection::Missing)?;
        let incomplete = |what: String| Rejection::Incomplete(format!("{what} Authorization={ALGORITHM}"));
        let Some((ALGORITHM, parameters)) = text.split_once(' ') else {
            return Err(incomplete("Unsupported or incomplete authorization:".into()));
        };
        let parameter = |name: &str| {
            let found = parameters.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
            found.ok_or_else(|| incomplete(format!("Authorization header requires '{name}' parameter.")))
        };
        let credential = parameter("Credential")?;
        let [access_key, date, region, service, terminator] = credential.split('/').collect::<Vec<_>>()[..] else {
            return Err(incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, got '{credential}'."
            )));
        };
        Ok(Self {
            access_key,
            date,
            region,
            service,
            terminator,
            signed_headers: parameter("SignedHeaders")?.split(';').collect(),
            signature: parameter("Signature")?,
        })
    }
}

fn check_age(date: &str, now: Timestamp) -> Result<(), Rejection> {
    let signed = DateTime::strptime("%Y%m%dT%H%M%SZ", date)
        .and_then(|time| time.to_zoned(TimeZone::UTC))
        .map_err(|_| Rejection::Incomplete(format!("Date must be in ISO-8601 'basic format'. Got '{date}'.")))?
        .timestamp();
    let span = Span::new().minutes(SKEW_MINUTES);
    let print = |time: Timestamp| time.strftime("%Y%m%dT%H%M%SZ").to_string();
    let (oldest, newest) = (now - span, now + span);
    if signed < oldest {
        return Err(Rejection::Wrong(format!(
            "Signature expired: {date} is now earlier than {} ({} - {SKEW_MINUTES} min.)",
            print(oldest),
            print(now)
        )));
    }
    if signed > newest {
        return Err(Rejection::Wrong(format!(
            "Signature not yet current: {date} is still later than {} ({} + {SKEW_MINUTES} min.)",
            print(newest),
            print(now)
        )));
    }
    Ok(())
}

/// The host and everything that AWS gives a meaning must be covered by the signature.
fn check_signed_headers(authorization: &Authorization<'_>, headers: &HeaderMap) -> Result<(), Rejection> {
    let must =
        headers.keys().map(http::HeaderName::as_str).filter(|name| *name == "host" || name.starts_with("x-amz-"));
    for name in must.chain(["host", "x-amz-date"]) {
        if !authorization.signed_headers.contains(&name) {
            return Err(Rejection::Wrong(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.")));
        }
    }
    Ok(())
}

fn canonical_request(request: Request<'_>, signed_headers: &[&str], payload: &str) -> String {
    let mut text =
        format!("{}\n{}\n{}\n", request.method, canonical_path(request.path), canonical_query(request.query));
    for name in signed_headers {
        let values: Vec<String> =
            request.headers.get_all(*name).iter().map(|value| trimmed(value.as_bytes())).collect();
        let _infallible = writeln!(text, "{name}:{}", values.join(","));
    }
    let _infallible = write!(text, "\n{}\n{payload}", signed_headers.join(";"));
    text
}

/// Returns the path, each of its segments encoded once more than it came.
fn canonical_path(path: &str) -> String {
    if path.is_empty() {
        return "/".to_owned();
    }
    path.split('/').map(|segment| encoded(segment.as_bytes())).collect::<Vec<_>>().join("/")
}

fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encoded(&decoded(name)), encoded(&decoded(value))))
        .collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Returns a header's value without spaces around it and with runs of spaces as one.
fn trimmed(value: &[u8]) -> String {
    String::from_utf8_lossy(value).split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns `bytes` with everything but RFC 3986's unreserved characters as `%XX`.
fn encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _infallible = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// Returns the bytes that `%XX` in `text` stand for.
pub(crate) fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(byte) = bytes.get(index) {
        let escaped = (*byte == b'%').then(|| bytes.get(index + 1..index + 3)).flatten();
        let escaped = escaped.and_then(|digits| std::str::from_utf8(digits).ok()).and_then(unhex);
        if let Some(escaped) = escaped {
            decoded.extend(escaped);
            index += 3;
        } else {
            decoded.push(*byte);
            index += 1;
        }
    }
    decoded
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn mismatch() -> Rejection {
    Rejection::Wrong(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
            .into(),
    )
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Returns `length` characters of an alphabet whose size divides 256, each as likely as the other.
pub(crate) fn random_text(alphabet: &[u8], length: usize) -> std::io::Result<String> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes.iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect())
}

/// Returns so many digits.
pub(crate) fn random_digits(length: usize) -> std::io::Result<String> {
    // Of sixteen letters, which random text needs, six stand twice.
    random_text(b"0123456789012345", length)
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("access", &self.access).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

//! AWS's own signing test suite (`v4/*` of awslabs/aws-c-auth, as shipped in the crate aws-sigv4 1.6.4) against the
//! verifier, and every way to be refused.

use http::{HeaderName, HeaderValue};

use super::*;

const NOW: &str = "2015-08-30T12:36:00Z";

/// The keys of the test suite.
fn suite() -> Keys {
    Keys {
        access: "AKIDEXAMPLE".into(),
        secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
        region: "us-east-1".into(),
        token: None,
    }
}

/// Verifies the request that `text` holds as the suite writes it, for the suite's `service`.
fn verify_at(text: &str, now: &str) -> Result<(), Rejection> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let mut request_line = lines.next().unwrap().split(' ');
    let method: Method = request_line.next().unwrap().parse().unwrap();
    let target = request_line.next().unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        let name: HeaderName = name.to_lowercase().parse().unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    let request = Request { method: &method, path, query, headers: &headers, body: body.as_bytes() };
    suite().verify(request, "service", now.parse().unwrap())
}

fn verify(text: &str) -> Result<(), Rejection> {
    verify_at(text, NOW)
}

fn get(target: &str, more: &str, signed: &str, signature: &str) -> String {
    format!(
        "GET {target} HTTP/1.1\nHost:example.amazonaws.com\n{more}X-Amz-Date:20150830T123600Z\nAuthorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={signed}, Signature={signature}"
    )
}

const VANILLA: &str = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

fn vanilla() -> String {
    get("/", "", "host;x-amz-date", VANILLA)
}

#[test]
fn the_suites_requests_are_let_in() {
    let plain = "host;x-amz-date";
    let suite = [
        ("get-vanilla", vanilla()),
        (
            "get-header-value-trim",
            get(
                "/",
                "My-Header1: value1\nMy-Header2: \"a   b   c\"\n",
                "host;my-header1;my-header2;x-amz-date",
                "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
            ),
        ),
        (
            "get-header-key-duplicate",
            get(
                "/",
                "My-Header1:value2\nMy-Header1:value2\nMy-Header1:value1\n",
                "host;my-header1;x-amz-date",
                "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
            ),
        ),
        (
            "get-vanilla-query-order-key-case",
            get(
                "/?Param2=value2&Param1=value1",
                "",
                plain,
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
        ),
        (
            "get-vanilla-query-order-encoded",
            get(
                "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
                "",
                plain,
                "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
            ),
        ),
    ];
    for (name, request) in suite {
        assert_eq!(verify(&request), Ok(()), "{name}");
    }
}

#[test]
fn the_suites_body_is_let_in_and_another_is_not() {
    let request = "POST / HTTP/1.1\nContent-Type:application/x-www-form-urlencoded\nHost:example.amazonaws.com\nContent-Length:13\nX-Amz-Date:20150830T123600Z\nx-amz-content-sha256:9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e\nAuthorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=content-length;content-type;host;x-amz-content-sha256;x-amz-date, Signature=d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b\n\nParam1=value1";
    assert_eq!(verify(request), Ok(()));
    assert_eq!(verify(&request.replace("=value1", "=value2")), Err(mismatch()));
}

/// `double-encode-path` of the suite.
#[test]
fn a_path_is_encoded_once_more() {
    assert_eq!(canonical_path("/test/@connections/JBDvjfGEIAMCERw%3D"), "/test/%40connections/JBDvjfGEIAMCERw%253D");
}

#[test]
fn what_is_not_signed_is_told_so() {
    let unsigned = "GET / HTTP/1.1\nHost:example.amazonaws.com\nX-Amz-Date:20150830T123600Z";
    assert_eq!(verify(unsigned), Err(Rejection::Missing));
}

#[test]
fn a_changed_request_is_refused() {
    let changes = [
        vanilla().replace("GET /", "GET /x"),
        vanilla().replace("GET", "POST"),
        vanilla().replace("example.amazonaws.com", "example.org"),
        vanilla().replace(&VANILLA[..4], "0000"),
        vanilla().replace(VANILLA, "nonsense"),
        vanilla().replace(VANILLA, ""),
        vanilla().replace(" HTTP", "?a=b HTTP"),
        format!("{}\n\nbody", vanilla()),
    ];
    for request in changes {
        assert_eq!(verify(&request), Err(mismatch()), "{request}");
    }
}

#[test]
fn another_key_and_a_session_token_are_unknown() {
    assert_eq!(verify(&vanilla().replace("AKIDEXAMPLE", "AKIDEXAMPLF")), Err(Rejection::UnknownKey));
    let with_token = get("/", "X-Amz-Security-Token:abc\n", "host;x-amz-date;x-amz-security-token", VANILLA);
    assert_eq!(verify(&with_token), Err(Rejection::UnknownKey));
}

#[test]
fn the_scope_must_be_ours() {
    for (from, to, word) in [
        ("us-east-1", "us-east-2", "valid region"),
        ("/service/", "/other/", "correct service"),
        ("aws4_request", "aws5_request", "terminator"),
        ("=AKIDEXAMPLE/20150830", "=AKIDEXAMPLE/20150829", "does not match YYYYMMDD"),
    ] {
        let Err(Rejection::Wrong(text)) = verify(&vanilla().replace(from, to)) else { panic!("{to}") };
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn five_minutes_are_the_limit() {
    assert_eq!(verify_at(&vanilla(), "2015-08-30T12:40:59Z"), Ok(()));
    assert_eq!(verify_at(&vanilla(), "2015-08-30T12:31:01Z"), Ok(()));
    assert_eq!(
        verify_at(&vanilla(), "2015-08-30T12:41:01Z"),
        Err(Rejection::Wrong(
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"
                .into()
        ))
    );
    assert!(
        matches!(verify_at(&vanilla(), "2015-08-30T12:30:59Z"), Err(Rejection::Wrong(text)) if text.starts_with("Signature not yet current: "))
    );
}

#[test]
fn headers_that_mean_something_must_be_signed() {
    let request = get("/", "X-Amz-Target:Other.Operation\n", "host;x-amz-date", VANILLA);
    assert!(matches!(verify(&request), Err(Rejection::Wrong(text)) if text.contains("'x-amz-target' must be")));
    let request = get("/", "", "x-amz-date", VANILLA);
    assert!(matches!(verify(&request), Err(Rejection::Wrong(text)) if text.contains("'host' must be")));
}

#[test]
fn what_lacks_parts_is_incomplete() {
    for (from, to) in [
        (", Signature=", ", Sgnature="),
        ("SignedHeaders", "Signed"),
        ("/aws4_request", ""),
        ("AWS4-HMAC-SHA256 ", "AWS3 "),
        ("20150830T123600Z", "yesterday"),
    ] {
        let result = verify(&vanilla().replace(from, to).replace("/20150830/", "/yesterda/"));
        assert!(matches!(result, Err(Rejection::Incomplete(_))), "{to}: {result:?}");
    }
}

#[test]
fn keys_have_the_shapes_of_aws_and_never_repeat() {
    let (one, other) = (Keys::random("eu-west-1").unwrap(), Keys::random("eu-west-1").unwrap());
    assert_eq!((one.access.len(), one.secret.len()), (20, 40));
    assert!(one.access.starts_with("AKIA"));
    assert!(one.access != other.access && one.secret != other.secret);
}

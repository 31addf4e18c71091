//! Where a data channel may lead: AWS's own Session Manager hosts, and nowhere else.

use http::Uri;

use super::{Error, Secret};
use crate::session::dial::{Destination, is_loopback};

/// The domains of AWS's endpoints (SDK partitions data: `aws`, `aws-cn`, `aws-us-gov` and the sovereign `aws-eusc`).
const DOMAINS: [&str; 3] = ["amazonaws.com", "amazonaws.com.cn", "amazonaws.eu"];
/// Their dual-stack domains.
const DUAL_STACK_DOMAINS: [&str; 3] = ["api.aws", "api.amazonwebservices.com.cn", "api.amazonwebservices.eu"];
/// The names of the service.
const SERVICES: [&str; 2] = ["ssmmessages", "ssmmessages-fips"];

/// A stream URL that was found to lead to AWS, or to this machine where that is allowed.
#[derive(Clone)]
pub(super) struct Address {
    uri: Uri,
    host: String,
}

impl Address {
    /// Checks a stream URL.
    pub(super) fn parse(stream_url: &Secret, allow_loopback: bool) -> Result<Self, Error> {
        let uri: Uri = stream_url.expose().parse().map_err(|_| Error::BadUrl)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(Error::BadUrl);
        };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let loopback = is_loopback(&host);
        let is_plain_host = !authority.as_str().contains('@');
        let allowed = match scheme {
            "wss" if loopback => allow_loopback,
            "wss" => is_aws(&host) && matches!(authority.port_u16(), None | Some(443)),
            "ws" => loopback && allow_loopback,
            _ => false,
        };
        if allowed && is_plain_host { Ok(Self { uri, host }) } else { Err(Error::ForeignHost { host }) }
    }

    /// Returns the URL, for the wire and nothing else: its query may hold secrets.
    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Returns the host, for people.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Returns where to connect to.
    pub(super) fn destination(&self) -> Destination {
        let tls = self.uri.scheme_str() == Some("wss");
        let port = self.uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
        Destination { host: self.host.clone(), port, tls }
    }

    /// Whether the URL carries a signature already (the plugin's list of query parameters).
    pub(super) fn is_signed(&self) -> bool {
        const SIGNATURE: [&str; 7] = [
            "X-Amz-Algorithm",
            "X-Amz-Credential",
            "X-Amz-Date",
            "X-Amz-Expires",
            "X-Amz-SignedHeaders",
            "X-Amz-Signature",
            "X-Amz-Security-Token",
        ];
        let parameters = self.uri.query().unwrap_or_default().split('&');
        let mut names = parameters.map(|parameter| parameter.split('=').next().unwrap_or_default());
        names.any(|name| SIGNATURE.iter().any(|signature| name.eq_ignore_ascii_case(signature)))
    }
}

/// Whether a host is one of Session Manager's: `ssmmessages.REGION.DOMAIN`, or a VPC endpoint
/// `vpce-….ssmmessages.REGION.vpce.DOMAIN`.
fn is_aws(host: &str) -> bool {
    let domains = || DOMAINS.iter().chain(&DUAL_STACK_DOMAINS);
    let regional = domains().filter_map(|domain| below(host, domain)).any(|rest| {
        rest.split_once('.').is_some_and(|(service, region)| SERVICES.contains(&service) && is_label(region))
    });
    let endpoint = DOMAINS.iter().filter_map(|domain| below(below(host, domain)?, "vpce")).any(|rest| {
        let labels: Vec<_> = rest.split('.').collect();
        matches!(labels[..], [endpoint, service, region]
            if endpoint.starts_with("vpce-") && is_label(endpoint) && SERVICES.contains(&service) && is_label(region))
    });
    regional || endpoint
}

/// Returns what stands before `.domain`.
fn below<'a>(host: &'a str, domain: &str) -> Option<&'a str> {
    host.strip_suffix(domain)?.strip_suffix('.')
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str, allow_loopback: bool) -> Result<Address, Error> {
        Address::parse(&Secret::new(url), allow_loopback)
    }

    fn is_let_through(url: &str, allow_loopback: bool) -> bool {
        parse(url, allow_loopback).is_ok()
    }

    #[test]
    fn session_manager_hosts_are_let_through() {
        for host in [
            "ssmmessages.eu-west-1.amazonaws.com",
            "SSMMESSAGES.us-gov-west-1.amazonaws.com",
            "ssmmessages.cn-north-1.amazonaws.com.cn",
            "ssmmessages-fips.us-east-1.amazonaws.com",
            "ssmmessages.eu-west-1.amazonaws.com:443",
            "ssmmessages.eu-west-1.api.aws",
            "ssmmessages-fips.us-east-1.api.aws",
            "vpce-0123456789abcdef0-abcdefgh.ssmmessages.eu-west-1.vpce.amazonaws.com",
            "vpce-0123456789abcdef0-abcdefgh-eu-west-1a.ssmmessages.eu-west-1.vpce.amazonaws.com",
            "vpce-0123456789abcdef0-abcdefgh.ssmmessages.cn-north-1.vpce.amazonaws.com.cn",
        ] {
            assert!(is_let_through(&format!("wss://{host}/v1/data-channel/x?role=publish_subscribe"), false), "{host}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for url in [
            "ws://ssmmessages.eu-west-1.amazonaws.com/",
            "https://ssmmessages.eu-west-1.amazonaws.com/",
            "wss://ssmmessages.eu-west-1.amazonaws.com:8443/",
            "wss://ssmmessages.eu-west-1.amazonaws.com.evil.example/",
            "wss://ssmmessages.eu-west-1.amazonaws.com@evil.example/",
            "wss://user@ssmmessages.eu-west-1.amazonaws.com/",
            "wss://evil.example/ssmmessages.eu-west-1.amazonaws.com",
            "wss://evilssmmessages.eu-west-1.amazonaws.com/",
            "wss://ssmmessages.evil.eu-west-1.amazonaws.com/",
            "wss://ssmmessages.amazonaws.com/",
            "wss://ssmmessages.eu-west-1.evilamazonaws.com/",
            "wss://evil.s3.eu-west-1.amazonaws.com/",
            "wss://vpce-1.evil.ssmmessages.eu-west-1.vpce.amazonaws.com/",
            "wss://vpce-1.execute-api.eu-west-1.vpce.amazonaws.com/",
            "wss://10.0.0.1/",
            "wss://localhost.evil.example/",
            "wss://localhost/",
            "ws://127.0.0.1:8080/",
            "ws://[::1]:8080/",
        ] {
            assert!(!is_let_through(url, false), "{url}");
        }
        for url in ["", "not a url", "/v1/data-channel", "wss:///x"] {
            assert!(matches!(parse(url, true), Err(Error::BadUrl)), "{url}");
        }
    }

    #[test]
    fn this_machine_is_let_through_where_that_is_allowed() {
        for url in ["ws://127.0.0.1:8080/", "wss://127.0.0.1:8080/", "ws://[::1]:8080/", "ws://localhost:8080/"] {
            assert!(is_let_through(url, true), "{url}");
        }
        for url in ["ws://10.0.0.1:8080/", "ws://ssmmessages.eu-west-1.amazonaws.com/", "wss://evil.example/"] {
            assert!(!is_let_through(url, true), "{url}");
        }
    }

    #[test]
    fn a_refusal_names_the_host_and_not_the_query() {
        let error = parse("wss://evil.example/v1?X-Amz-Security-Token=secret", false).err().unwrap();
        assert_eq!(error.to_string(), "refused to connect to evil.example: not a Session Manager host of AWS");
    }

    #[test]
    fn a_signature_in_the_query_is_seen() {
        let signed = |query: &str| {
            parse(&format!("wss://ssmmessages.eu-west-1.amazonaws.com/v1?{query}"), false).unwrap().is_signed()
        };
        assert!(signed("role=publish_subscribe&X-Amz-Signature=0"));
        assert!(!signed("role=publish_subscribe&cell-number=X-Amz-Signature"));
    }
}

//! The HTTP connections that all clients share, opened when the first call needs one.

use aws_smithy_http_client::{
    Builder, ConnectorBuilder,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    connector_metadata::ConnectorMetadata,
    dns::{DnsFuture, ResolveDns, ResolveDnsError},
    http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::base64;

use crate::session::dial::{Bundle, is_loopback};

/// Returns connections with TLS, through the proxy that the environment names. A bundle's certificates are believed
/// instead of this machine's.
pub(super) fn with_tls(bundle: Option<&Bundle>) -> SharedHttpClient {
    secured(bundle, ProxyConfig::from_env(), None)
}

/// Returns connections with TLS and without any proxy, for an emulator on this machine.
pub(super) fn direct(bundle: Option<&Bundle>) -> SharedHttpClient {
    secured(bundle, ProxyConfig::disabled(), Some(Prefixed))
}

fn secured(bundle: Option<&Bundle>, proxies: ProxyConfig, names: Option<Prefixed>) -> SharedHttpClient {
    let context = bundle.map(|bundle| {
        let empty = TrustStore::empty();
        let store =
            bundle.certificates().fold(empty, |store, certificate| store.with_pem_certificate(pem(certificate)));
        TlsContext::builder().with_trust_store(store).build().expect("nothing of a context can be wrong")
    });
    SharedHttpClient::new(Lazy(Builder::new().build_with_connector_fn(move |settings, components| {
        let tls = ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
        let mut connector = tls.proxy_config(proxies.clone());
        if let Some(context) = &context {
            connector = connector.tls_context(context.clone());
        }
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        match names {
            Some(names) => connector.build_with_resolver(names),
            None => connector.build(),
        }
    })))
}

/// Writes a certificate in PEM, the one form that the SDK takes.
fn pem(certificate: &[u8]) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", base64::encode(certificate))
}

/// Returns connections without TLS and without any proxy, for the simulated AWS on this machine.
pub(super) fn plain() -> SharedHttpClient {
    Builder::new().build_http()
}

/// Returns the same for the operations whose hosts the SDK gives a prefix. It asks for TLS where the SDK hands out no
/// other way to look up names; nobody is trusted, and no endpoint without TLS needs that.
pub(super) fn plain_with_prefixes() -> SharedHttpClient {
    let nobody = TlsContext::builder().with_trust_store(TrustStore::empty()).build();
    let tls = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    tls.tls_context(nobody.expect("nothing of a context can be wrong")).build_with_resolver(Prefixed)
}

/// Looks up the names of this machine that the SDK has put a prefix to (`stream-localhost`), which no resolver knows.
#[derive(Debug, Clone, Copy)]
struct Prefixed;

/// What the SDK puts before the hosts of some operations of CloudWatch Logs and Service Discovery.
const PREFIXES: [&str; 2] = ["stream-", "data-"];

/// Returns the name without its prefix, where it is one of this machine.
fn without_prefix(name: &str) -> &str {
    let bare = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix));
    bare.filter(|bare| is_loopback(bare)).unwrap_or(name)
}

impl ResolveDns for Prefixed {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((without_prefix(name), 0)).await.map_err(ResolveDnsError::new)?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A client that does not load the machine's root certificates before the first connection: the SDK's does when a
/// service client is made, once for each.
#[derive(Debug)]
struct Lazy(SharedHttpClient);

impl HttpClient for Lazy {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_lose_a_prefix() {
        let bare = ["stream-127.0.0.1", "stream-localhost", "data-127.0.0.1", "stream-127.9.9.9"].map(without_prefix);
        assert_eq!(bare, ["127.0.0.1", "localhost", "127.0.0.1", "127.9.9.9"]);
        for other in ["stream-logs.eu-west-1.amazonaws.com", "localhost", "stream-stream-localhost", "x-localhost"] {
            assert_eq!(without_prefix(other), other);
        }
    }

    #[tokio::test]
    async fn a_prefixed_name_is_found() {
        let found = Prefixed.resolve_dns("stream-127.0.0.1").await.unwrap();
        assert_eq!(found, ["127.0.0.1".parse::<std::net::IpAddr>().unwrap()]);
    }
}

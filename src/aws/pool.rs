//! The HTTP connections that all clients share, opened when the first call needs one.

use aws_smithy_http_client::{
    Builder, ConnectorBuilder,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    connector_metadata::ConnectorMetadata,
    http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::base64;

use crate::session::dial::Bundle;

/// Returns connections with TLS, through the proxy that the environment names. A bundle's certificates are believed
/// instead of this machine's.
pub(super) fn with_tls(bundle: Option<&Bundle>) -> SharedHttpClient {
    secured(bundle, ProxyConfig::from_env())
}

/// Returns connections with TLS and without any proxy, for an emulator on this machine.
pub(super) fn direct(bundle: Option<&Bundle>) -> SharedHttpClient {
    secured(bundle, ProxyConfig::disabled())
}

fn secured(bundle: Option<&Bundle>, proxies: ProxyConfig) -> SharedHttpClient {
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
        connector.build()
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

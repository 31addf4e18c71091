//! The HTTP connections that all clients share, opened when the first call needs one.

use aws_smithy_http_client::{
    Builder, ConnectorBuilder,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    connector_metadata::ConnectorMetadata,
    http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
    runtime_components::RuntimeComponents,
};

/// Returns connections with TLS, through the proxy that the environment names.
pub(super) fn with_tls() -> SharedHttpClient {
    let tls = || ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    SharedHttpClient::new(Lazy(Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = tls().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.build()
    })))
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

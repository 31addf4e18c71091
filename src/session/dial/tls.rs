//! TLS: whose certificates are believed, and in words why one is not.

use std::{
    fmt, io,
    sync::{Arc, LazyLock},
};

use rustls::{
    CertificateError, ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::task::spawn_blocking;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{Error, Stream};
use crate::model::text::clean;

/// How many names of a certificate are told.
const NAMES_TOLD: usize = 3;

/// Whose certificates are believed.
#[derive(Debug, Clone, Default)]
pub(super) enum Trust {
    /// Those that this machine believes.
    #[default]
    Machine,
    /// Those of a bundle.
    Bundle(Bundle),
}

/// The certificates of authorities that are believed instead of this machine's. Cheap to clone.
#[derive(Clone)]
pub struct Bundle {
    certificates: Arc<[CertificateDer<'static>]>,
    config: Arc<ClientConfig>,
}

/// Why a text is no bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoBundle {
    /// It is not PEM.
    #[error("it is not PEM: {0}")]
    Malformed(String),
    /// Nothing in it is a certificate.
    #[error("it holds no certificate")]
    Empty,
}

impl Bundle {
    /// Reads certificates in PEM. Those that are none are left out, as OpenSSL does, unless no other is there.
    pub fn parse(pem: &[u8]) -> Result<Self, NoBundle> {
        let mut roots = RootCertStore::empty();
        let mut certificates = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| NoBundle::Malformed(error.to_string()))?;
            if roots.add(certificate.clone()).is_ok() {
                certificates.push(certificate);
            }
        }
        if certificates.is_empty() {
            return Err(NoBundle::Empty);
        }
        Ok(Self { certificates: certificates.into(), config: believing(roots) })
    }

    /// Returns the certificates in DER.
    pub fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        self.certificates.iter().map(AsRef::as_ref)
    }
}

impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bundle({} certificates)", self.certificates.len())
    }
}

/// Why the far side is not believed to be who it should be, or cannot be spoken with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Distrust {
    /// Nobody who is believed has signed its certificate.
    UnknownIssuer,
    /// Its certificate is for these names, untrusted text.
    WrongName(Vec<String>),
    /// Its certificate was good once.
    Expired,
    /// Its certificate will be good.
    NotYetValid,
    /// It does not speak TLS.
    NotTls,
    /// What else TLS found wrong.
    Other(String),
}

impl Distrust {
    /// Returns what an error of rustls means.
    pub fn of(error: &rustls::Error) -> Self {
        match error {
            // A signature is bad when it is by another authority of the same name.
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
                Self::UnknownIssuer
            }
            rustls::Error::InvalidCertificate(CertificateError::NotValidForName) => Self::WrongName(Vec::new()),
            rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }) => {
                // Written as `DnsName("other.example")`.
                let name = |written: &String| written.split('"').nth(1).unwrap_or(written).to_owned();
                Self::WrongName(presented.iter().map(name).collect())
            }
            rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
                Self::Expired
            }
            rustls::Error::InvalidCertificate(
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
            ) => Self::NotYetValid,
            rustls::Error::InvalidMessage(_) => Self::NotTls,
            other => Self::Other(other.to_string()),
        }
    }

    /// Returns what TLS found wrong, where it is beneath an error of a connection.
    pub fn beneath(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            // An error of I/O hides what it was made of from `source`.
            let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            let found = error.downcast_ref().or_else(|| inner?.downcast_ref());
            if let Some(found) = found {
                return Some(Self::of(found));
            }
            cause = match inner {
                Some(inner) => Some(inner),
                None => error.source(),
            };
        }
        None
    }

    /// Returns what to do next, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::UnknownIssuer => Some(
                "the file that AWS_CA_BUNDLE or the profile's `ca_bundle` names must hold its issuer's certificate",
            ),
            Self::Expired | Self::NotYetValid => Some("is the clock of this machine right?"),
            Self::WrongName(_) | Self::NotTls | Self::Other(_) => None,
        }
    }
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownIssuer => f.write_str("its certificate comes from an authority that is not trusted here"),
            Self::WrongName(names) if names.is_empty() => f.write_str("its certificate is for another name"),
            Self::WrongName(names) => {
                let names: Vec<_> = names.iter().take(NAMES_TOLD).map(|name| clean(name.as_str())).collect();
                write!(f, "its certificate is for another name: {}", names.join(", "))
            }
            Self::Expired => f.write_str("its certificate has expired"),
            Self::NotYetValid => f.write_str("its certificate is not valid yet"),
            Self::NotTls => f.write_str("it does not speak TLS"),
            Self::Other(reason) => write!(f, "no TLS: {reason}"),
        }
    }
}

/// Agrees on TLS with who can show a certificate for `host`.
pub(super) async fn secured(trust: &Trust, stream: Stream, host: &str) -> Result<TlsStream<Stream>, Error> {
    let config = match trust {
        Trust::Bundle(bundle) => Arc::clone(&bundle.config),
        Trust::Machine => machine().await.map_err(Error::Unreachable)?,
    };
    let other = |reason: String| Error::Distrusted(Distrust::Other(reason));
    let name = ServerName::try_from(host.to_owned()).map_err(|error| other(error.to_string()))?;
    TlsConnector::from(config).connect(name, stream).await.map_err(|error| match Distrust::beneath(&error) {
        Some(distrust) => Error::Distrusted(distrust),
        None => Error::Unreachable(error),
    })
}

/// Returns the configuration that believes whom this machine believes, read once for the process.
async fn machine() -> io::Result<Arc<ClientConfig>> {
    static MACHINE: LazyLock<Result<Arc<ClientConfig>, String>> = LazyLock::new(|| {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            let reason = found.errors.first().map_or_else(|| "there are none".to_owned(), ToString::to_string);
            return Err(format!("this machine's root certificates cannot be had: {reason}"));
        }
        Ok(believing(roots))
    });
    // Some 10 ms of reading files.
    let read = spawn_blocking(|| LazyLock::force(&MACHINE).clone()).await;
    read.map_err(io::Error::other)?.map_err(io::Error::other)
}

fn believing(roots: RootCertStore) -> Arc<ClientConfig> {
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has suites for TLS 1.2 and 1.3");
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

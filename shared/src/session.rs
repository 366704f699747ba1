//! The session policy: how every downloader treats the servers it asks.
//!
//! A session keeps its connections open, to use them again for the next page. Every request
//! has a timeout; a body is read up to [`MAX_BODY`]; certificates are checked against those
//! that the operating system trusts; a proxy named in the environment is used, but never for
//! this machine itself.

use std::env;
use std::sync::LazyLock;
use std::time::Duration;

use hyper::{StatusCode, Uri};
use hyper_util::client::proxy::matcher::Matcher;

use crate::{Error, Result};

/// The largest body that is read, in bytes: 10 MiB.
pub const MAX_BODY: u64 = 10 * 1024 * 1024;

/// How a session introduces itself.
const USER_AGENT: &str = concat!("concurrency-side-by-side/", env!("CARGO_PKG_VERSION"));

pub(crate) fn too_large(bytes: u64) -> String {
    format!("body larger than {} MiB", bytes / (1024 * 1024))
}

/// Tells an address that can be asked for from one that cannot.
fn check_address(uri: Option<&Uri>) -> Result<()> {
    let none = || Error::new("not a web address, like http://… or https://…");
    let uri = uri.ok_or_else(none)?;
    // A port that is too large counts as none here, and 80 would be asked instead.
    let place = uri
        .authority()
        .and_then(|place| place.as_str().rsplit('@').next());
    let after_host = place
        .zip(uri.host())
        .map(|(place, host)| &place[host.len()..]);
    if uri.port_u16().is_none() && after_host.is_some_and(|port| port.len() > 1) {
        return Err(none());
    }
    match uri.scheme_str() {
        Some("http" | "https") => Ok(()),
        Some(other) => Err(Error::new(format!(
            "{other}:// is neither http:// nor https://"
        ))),
        None => Err(none()),
    }
}

/// Only a status from 200 to 299 is a page.
fn check_status(status: StatusCode) -> Result<()> {
    if status.is_success() {
        return Ok(());
    }
    let name = status.canonical_reason().unwrap_or("unknown");
    Err(Error::new(format!("status {} {name}", status.as_u16())))
}

/// The proxy that the environment names for an address, if any.
///
/// HTTP_PROXY for http, HTTPS_PROXY for https, ALL_PROXY for what has none of its own, in
/// capitals or not; NO_PROXY lists hosts that need none. Loopback addresses never have one.
fn proxy_for(uri: &Uri) -> Option<String> {
    static PROXIES: LazyLock<Matcher> = LazyLock::new(|| {
        let first = |names| first_set(names).unwrap_or_default();
        Matcher::builder()
            .all(first(["ALL_PROXY", "all_proxy"]))
            .http(first(["HTTP_PROXY", "http_proxy"]))
            .https(first(["HTTPS_PROXY", "https_proxy"]))
            .no(first(["NO_PROXY", "no_proxy"]) + ",localhost,127.0.0.0/8,::1")
            .build()
    });
    PROXIES.intercept(uri)?;
    let own = match uri.scheme_str() {
        Some("https") => ["HTTPS_PROXY", "https_proxy"],
        _ => ["HTTP_PROXY", "http_proxy"],
    };
    first_set(own).or_else(|| first_set(["ALL_PROXY", "all_proxy"]))
}

fn first_set(names: [&str; 2]) -> Option<String> {
    names
        .into_iter()
        .filter_map(|name| env::var(name).ok())
        .find(|value| !value.is_empty())
}

/// Says that a proxy stood between, for a reader who would look for the fault elsewhere.
fn by_way_of(proxy: Option<String>) -> impl FnOnce(Error) -> Error {
    move |error| match proxy {
        // Only the host and the port: what stands before them may be a password.
        Some(proxy) => {
            let address = proxy.rsplit(['@', '/']).find(|part| !part.is_empty());
            let address = address.unwrap_or(&proxy);
            Error::new(format!("{error} (by way of the proxy {address})"))
        }
        None => error,
    }
}

/// Sessions of `ureq`, which wait where they are called.
#[cfg(feature = "ureq")]
pub mod blocking {
    use super::*;
    use std::net::SocketAddr;
    use ureq::config::{Config, ConfigBuilder};
    use ureq::tls::{RootCerts, TlsConfig};
    use ureq::typestate::{AgentScope, WithoutBody};
    use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
    use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
    use ureq::{Agent, Proxy, RequestBuilder};

    /// Opens a session that gives a page up after `timeout`.
    pub fn new_session(timeout: Duration) -> Agent {
        open(timeout, Agent::config_builder())
    }

    /// Opens a session for so many `threads` at once, which gives a page up after `timeout`.
    ///
    /// ureq keeps 3 idle connections to a host and closes the others; this keeps one for every
    /// thread.
    pub fn new_shared_session(timeout: Duration, threads: usize) -> Agent {
        let policy = Agent::config_builder()
            .max_idle_connections(threads.max(10))
            .max_idle_connections_per_host(threads);
        open(timeout, policy)
    }

    fn open(timeout: Duration, policy: ConfigBuilder<AgentScope>) -> Agent {
        let certificates = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let policy = policy
            .timeout_global(Some(timeout))
            .tls_config(certificates)
            .proxy(None)
            .http_status_as_error(false)
            .user_agent(USER_AGENT)
            .build();
        Agent::with_parts(policy, DefaultConnector::default(), NumbersFirst::default())
    }

    /// Sends a request and reads the whole page: `read_page(session.get(url))`.
    ///
    /// # Errors
    /// No connection, no answer in time, a status other than 200 to 299, a body that breaks
    /// off or is larger than [`MAX_BODY`].
    pub fn read_page(request: RequestBuilder<WithoutBody>) -> Result<Vec<u8>> {
        check_address(request.uri_ref())?;
        let proxy = request.uri_ref().and_then(proxy_for);
        let request = match &proxy {
            Some(proxy) => request.config().proxy(Some(Proxy::new(proxy)?)).build(),
            None => request,
        };
        let mut answer = request
            .call()
            .map_err(|error| by_way_of(proxy)(error.into()))?;
        check_status(answer.status())?;
        // A body that reaches ureq's limit is over it already.
        let limit = MAX_BODY + 1;
        Ok(answer.body_mut().with_config().limit(limit).read_to_vec()?)
    }

    /// Looks names up as ureq does, but takes an address in numbers as it stands.
    ///
    /// To look a name up in time ureq starts a thread, for every request. For 127.0.0.1 there
    /// is nothing to look up, and a lesson on one thread should have one.
    #[derive(Debug, Default)]
    struct NumbersFirst(DefaultResolver);

    impl Resolver for NumbersFirst {
        fn resolve(
            &self,
            uri: &Uri,
            config: &Config,
            timeout: NextTimeout,
        ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
            let numbers = uri
                .scheme()
                .zip(uri.authority())
                .and_then(|(scheme, authority)| {
                    DefaultResolver::host_and_port(scheme, authority)?
                        .parse::<SocketAddr>()
                        .ok()
                });
            match numbers {
                Some(address) => {
                    let mut addresses = self.empty();
                    addresses.push(address);
                    Ok(addresses)
                }
                None => self.0.resolve(uri, config, timeout),
            }
        }
    }
}

/// Sessions of `reqwest`, which let other downloads go on while they wait.
#[cfg(feature = "reqwest")]
pub mod nonblocking {
    use super::*;
    use reqwest::redirect::Policy;
    use reqwest::{Client, Proxy, RequestBuilder};
    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::crypto::CryptoProvider;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
    use rustls_platform_verifier::Verifier;
    use std::sync::{Arc, OnceLock};

    /// Opens a session that gives a page up after `timeout`.
    pub fn new_session(timeout: Duration) -> Client {
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let certificates = ClientConfig::builder_with_provider(Arc::clone(&ring))
            .with_safe_default_protocol_versions()
            .expect("ring speaks every version of TLS that rustls does")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(SystemCertificates::new(ring)))
            .with_no_client_auth();
        Client::builder()
            .timeout(timeout)
            .tls_backend_preconfigured(certificates)
            .proxy(Proxy::custom(|url| proxy_for(&url.as_str().parse().ok()?)))
            .redirect(Policy::limited(10))
            .user_agent(USER_AGENT)
            .build()
            .expect("nothing is read from the system before the first https page")
    }

    /// Sends a request and reads the whole page: `read_page(session.get(url)).await`.
    ///
    /// # Errors
    /// No connection, no answer in time, a status other than 200 to 299, a body that breaks
    /// off or is larger than [`MAX_BODY`].
    pub async fn read_page(request: RequestBuilder) -> Result<Vec<u8>> {
        // In a box the large state of a download exists only while it is in flight.
        Box::pin(read(request)).await
    }

    async fn read(request: RequestBuilder) -> Result<Vec<u8>> {
        let (session, request) = request.build_split();
        let uri: Option<Uri> = match &request {
            Ok(request) => request.url().as_str().parse().ok(),
            Err(_) => None,
        };
        check_address(uri.as_ref())?;
        let request = request?;
        let proxy = uri.as_ref().and_then(proxy_for);
        let answer = session.execute(request).await;
        let mut answer = answer.map_err(|error| by_way_of(proxy)(error.into()))?;
        check_status(answer.status())?;
        let mut page = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            page.extend_from_slice(&chunk);
            if page.len() as u64 > MAX_BODY {
                return Err(Error::new(too_large(MAX_BODY)));
            }
        }
        // The session takes the connection back in a task, which is in the queue by now. Wait
        // behind it: the next request would find no free connection and open another.
        let _ = tokio::spawn(async {}).await;
        Ok(page)
    }

    /// The certificates that the system trusts, read when the first https page needs them.
    ///
    /// Reading them takes longer than many a page, and a system without any can still
    /// download pages that need none.
    #[derive(Debug)]
    struct SystemCertificates {
        ring: Arc<CryptoProvider>,
        verifier: OnceLock<std::result::Result<Verifier, rustls::Error>>,
    }

    impl SystemCertificates {
        fn new(ring: Arc<CryptoProvider>) -> Self {
            Self {
                ring,
                verifier: OnceLock::new(),
            }
        }

        fn verifier(&self) -> std::result::Result<&Verifier, rustls::Error> {
            let verifier = self
                .verifier
                .get_or_init(|| Verifier::new(Arc::clone(&self.ring)));
            verifier.as_ref().map_err(Clone::clone)
        }
    }

    impl ServerCertVerifier for SystemCertificates {
        fn verify_server_cert(
            &self,
            certificate: &CertificateDer<'_>,
            intermediates: &[CertificateDer<'_>],
            name: &ServerName<'_>,
            ocsp: &[u8],
            now: UnixTime,
        ) -> std::result::Result<ServerCertVerified, rustls::Error> {
            self.verifier()?
                .verify_server_cert(certificate, intermediates, name, ocsp, now)
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
            self.verifier()?
                .verify_tls12_signature(message, certificate, signature)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
            self.verifier()?
                .verify_tls13_signature(message, certificate, signature)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.ring
                .signature_verification_algorithms
                .supported_schemes()
        }
    }
}

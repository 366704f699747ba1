//! Sessions of `reqwest`, which let other downloads go on while they wait.

use std::collections::HashSet;
use std::error::Error as StdError;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::time::Duration;

use hyper::Uri;
use hyper::header::LOCATION;
use hyper::http::Extensions;
use hyper_util::client::legacy::Error as ConnectionError;
use hyper_util::client::legacy::connect::HttpInfo;
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::retry::{self, for_host};
use reqwest::{Client, Proxy, RequestBuilder};
use rustls::ClientConfig;

use super::certificates::SystemCertificates;
use super::proxy::{any_named, by_way_of, proxy_for};
use super::reason::{Reason, reason};
use super::*;

/// Opens a session that gives a page up after `timeout`.
pub fn new_session(timeout: Duration) -> Client {
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let certificates = ClientConfig::builder_with_provider(Arc::clone(&ring))
        .with_safe_default_protocol_versions()
        .expect("ring speaks every version of TLS that rustls does")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(SystemCertificates::new(ring)))
        .with_no_client_auth();
    // Whoever may have a proxy is asked several times for every page, each time with an address
    // that is read again.
    let policy = match any_named() {
        true => Client::builder().proxy(Proxy::custom(|url| {
            proxy_for(&url.as_str().parse().ok()?).ok()?
        })),
        false => Client::builder().no_proxy(),
    };
    policy
        .timeout(timeout)
        .tls_backend_preconfigured(certificates)
        .redirect(Policy::custom(hop))
        .retry(ask_again())
        .http1_max_headers(MAX_HEADERS)
        .referer(false)
        .user_agent(USER_AGENT)
        .build()
        .expect("nothing is read from the system before the first https page")
}

/// Sends a request and reads the whole page: `read_page(session.get(url)).await`.
///
/// # Errors
/// No connection, no answer in time, a status other than 200 to 299, a body that breaks
/// off or is larger than [`MAX_BODY`]. The error has been told: `Failed URL: reason`.
pub async fn read_page(request: RequestBuilder) -> Result<Vec<u8>> {
    // In a box the large state of a download exists only while it is in flight.
    Box::pin(async {
        let (session, request) = request.build_split();
        let address = match &request {
            Ok(request) => Some(request.url().to_string()),
            Err(error) => error.url().map(ToString::to_string),
        };
        let outcome = match request {
            Ok(request) => read(&session, request).await,
            Err(_) => Err(address::no_address()),
        };
        outcome.or_else(|error| tell(address, Err(error)))
    })
    .await
}

async fn read(session: &Client, request: reqwest::Request) -> Result<Vec<u8>> {
    let uri: Uri = request
        .url()
        .as_str()
        .parse()
        .map_err(|_| address::no_address())?;
    address::check(&uri)?;
    let proxy = proxy_for(&uri)?;
    let answer = session.execute(request).await;
    let mut answer = answer.map_err(|error| by_way_of(proxy.as_deref(), reason(&error)))?;
    if let Some(connection) = answer.extensions().get().map(ends) {
        served().insert(connection);
    }
    if is_redirect(answer.status()) && answer.headers().contains_key(LOCATION) {
        return Err(Error::new(address::REDIRECTED_NOWHERE));
    }
    check_status(answer.status())?;
    check_length(answer.version(), answer.headers())?;
    let length = answer.content_length().unwrap_or(0);
    if length > MAX_BODY {
        return Err(too_large());
    }
    let mut page = Vec::with_capacity(length as usize);
    while let Some(chunk) = answer.chunk().await.map_err(|error| reason(&error))? {
        page.extend_from_slice(&chunk);
        if page.len() as u64 > MAX_BODY {
            return Err(too_large());
        }
    }
    // The session takes the connection back in a task, which is in the queue by now. Wait
    // behind it: the next request would find no free connection and open another. A test
    // (`connections_are_used_again`) tells when that no longer holds.
    let _ = tokio::spawn(async {}).await;
    Ok(page)
}

/// Follows a redirect, or says why not.
fn hop(attempt: Attempt<'_>) -> Action {
    if attempt.previous().len() > MAX_REDIRECTS {
        return attempt.error(Reason(Error::new("too many redirects")));
    }
    let uri = attempt.url().as_str().parse::<Uri>();
    let checked = uri.map_err(|_| address::no_address()).and_then(|uri| {
        address::check(&uri).map_err(|reason| reason.while_doing(address::REDIRECTED))?;
        proxy_for(&uri)
    });
    match checked {
        Ok(_) => attempt.follow(),
        Err(reason) => attempt.error(Reason(reason)),
    }
}

/// What a connection lost that had served before is asked for again. Every such connection has
/// left the pool by then, so that ends on a fresh one at the latest.
fn ask_again() -> retry::Builder {
    for_host(AnyHost)
        .no_budget()
        .max_retries_per_request(u32::MAX)
        .classify_fn(|attempt| {
            let lost = attempt.error().and_then(connection_of);
            match lost.is_some_and(|connection| served().remove(&connection)) {
                true => attempt.retryable(),
                false => attempt.success(),
            }
        })
}

/// A policy is for one host by default; this one is for all.
struct AnyHost;

impl PartialEq<&str> for AnyHost {
    fn eq(&self, _: &&str) -> bool {
        true
    }
}

/// Both ends of a connection: ours and the server's.
type Ends = (SocketAddr, SocketAddr);

fn ends(connection: &HttpInfo) -> Ends {
    (connection.local_addr(), connection.remote_addr())
}

/// The connections over which an answer has come.
fn served() -> MutexGuard<'static, HashSet<Ends>> {
    static SERVED: LazyLock<Mutex<HashSet<Ends>>> = LazyLock::new(Mutex::default);
    SERVED.lock().expect("nothing panics while it holds them")
}

/// The connection on which a request failed that had been sent, or was about to be.
fn connection_of(error: &(dyn StdError + 'static)) -> Option<Ends> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<ConnectionError>() {
            let mut extras = Extensions::new();
            error.connect_info()?.get_extras(&mut extras);
            // A timeout is no loss: it is the page's, not the connection's.
            return extras.get().map(ends);
        }
        cause = error.source();
    }
    None
}

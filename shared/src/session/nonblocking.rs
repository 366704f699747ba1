//! Sessions of `reqwest`, which let other downloads go on while they wait.

use std::collections::HashSet;
use std::error::Error as StdError;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use hyper::http::Extensions;
use hyper_util::client::legacy::Error as ConnectionError;
use hyper_util::client::legacy::connect::HttpInfo;
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{Client, Proxy, Request, RequestBuilder, Response};
use rustls::ClientConfig;

use super::certificates::SystemCertificates;
use super::own_reason::OwnReason;
use super::proxy::{any_named, by_way_of, proxy_for};
use super::reason::reason;
use super::*;

/// Opens a session that gives a page up after `timeout`.
pub fn new_session(timeout: Duration) -> Client {
    LONGEST_TIMEOUT.fetch_max(timeout.as_millis() as u64, Ordering::Relaxed);
    open(timeout)
}

/// The longest timeout of any session of this process, in milliseconds: a session does not tell
/// its own, and what is asked for twice has one timeout all the same.
static LONGEST_TIMEOUT: AtomicU64 = AtomicU64::new(0);

fn open(timeout: Duration) -> Client {
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
            Ok(request) => Some(request.url().clone()),
            Err(error) => error.url().cloned(),
        };
        let outcome = match request {
            Ok(request) => read(&session, request).await,
            Err(_) => Err(address::no_address()),
        };
        outcome.or_else(|error| tell(address.map(String::from), Err(error)))
    })
    .await
}

async fn read(session: &Client, request: Request) -> Result<Vec<u8>> {
    address::check_url(request.url())?;
    let proxy = match any_named() {
        true => proxy_for(&address::uri_of(request.url())?)?,
        false => None,
    };
    let answer = execute(session, request).await;
    let mut answer = answer.map_err(|error| by_way_of(proxy.as_deref(), reason(&error)))?;
    check_number_of(answer.headers())?;
    if let Some(connection) = answer.extensions().get().map(ends) {
        served().insert(connection);
    }
    // Any other was followed.
    if location(answer.status(), answer.headers()).is_some() {
        return Err(address::redirected_nowhere());
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
        return attempt.error(OwnReason(too_many_redirects()));
    }
    let checked = address::check_next(attempt.url()).and_then(|uri| proxy_for(&uri));
    match checked {
        Ok(_) => attempt.follow(),
        Err(reason) => attempt.error(OwnReason(reason)),
    }
}

/// Asks for a page, and once more if a connection was closed while it was idle: with a session
/// that has none yet, for the others of this one may be closed as well.
async fn execute(session: &Client, request: Request) -> reqwest::Result<Response> {
    let (start, again) = (Instant::now(), request.try_clone());
    let answer = session.execute(request).await;
    let lost = answer.as_ref().err().and_then(|error| connection_of(error));
    match (again, lost) {
        (Some(again), Some(connection)) if served().remove(&connection) => {
            let timeout = Duration::from_millis(LONGEST_TIMEOUT.load(Ordering::Relaxed));
            let left = timeout.saturating_sub(start.elapsed());
            open(left).execute(again).await
        }
        _ => answer,
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

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
use reqwest::redirect::Policy;
use reqwest::{Client, Proxy, Request, RequestBuilder, Response};
use rustls::ClientConfig;

use super::certificates::SystemCertificates;
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
        .redirect(Policy::none())
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
    let mut answer = follow(session, request).await?;
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

/// Asks for a page, and for what it leads to.
async fn follow(session: &Client, mut request: Request) -> Result<Response> {
    let start = Instant::now();
    for _ in 0..=MAX_REDIRECTS {
        address::check_url(request.url())?;
        let again = request.try_clone();
        let answer = ask(session, request, again.as_ref(), start).await?;
        let location = location(answer.status(), answer.headers());
        let (Some(location), Some(mut hop)) = (location, again) else {
            return Ok(answer);
        };
        let from = hop.url().to_string();
        *hop.url_mut() = next_hop(&from, location, hop.headers_mut())?;
        *hop.timeout_mut() = Some(time_left(start));
        request = hop;
    }
    Err(too_many_redirects())
}

/// Asks for one page, and once more if a connection was closed while it was idle: with a session
/// that has none yet, for the others of this one may be closed as well.
async fn ask(
    session: &Client,
    request: Request,
    again: Option<&Request>,
    start: Instant,
) -> Result<Response> {
    let proxy = match any_named() {
        true => proxy_for(&address::uri_of(request.url())?)?,
        false => None,
    };
    let mut answer = session.execute(request).await;
    let lost = answer.as_ref().err().and_then(|error| connection_of(error));
    if let Some(connection) = lost
        && served().remove(&connection)
        && let Some(again) = again.and_then(Request::try_clone)
    {
        answer = open(time_left(start)).execute(again).await;
    }
    let answer = answer.map_err(|error| by_way_of(proxy.as_deref(), reason(&error)))?;
    check_number_of(answer.headers())?;
    if let Some(connection) = answer.extensions().get().map(ends) {
        served().insert(connection);
    }
    Ok(answer)
}

/// What is left of the time of a page that was asked for at `start`.
fn time_left(start: Instant) -> Duration {
    let timeout = Duration::from_millis(LONGEST_TIMEOUT.load(Ordering::Relaxed));
    timeout.saturating_sub(start.elapsed())
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

//! Sessions of `ureq`, which wait where they are called.

mod connection;
mod resolver;

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::header::{AUTHORIZATION, COOKIE};
use ureq::config::ConfigBuilder;
use ureq::http::{Request, Response};
use ureq::middleware::{Middleware, MiddlewareNext};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::typestate::{AgentScope, WithoutBody};
use ureq::{Agent, Body, Proxy, RequestBuilder, SendBody};
use url::Url;

use self::connection::{Lost, WatchedConnector};
use self::resolver::NumbersFirst;
use super::own_reason::OwnReason;
use super::proxy::{by_way_of, proxy_for};
use super::reason::reason;
use super::*;

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
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let policy = policy
        .timeout_global(Some(timeout))
        .tls_config(certificates)
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(USER_AGENT)
        .build();
    let agent = Agent::with_parts(policy, WatchedConnector::default(), NumbersFirst);
    // Every request comes by the hops, which send it on with the session within.
    let hops = Hops { agent, timeout };
    Agent::config_builder().middleware(hops).build().into()
}

/// Sends a request and reads the whole page: `read_page(session.get(url))`.
///
/// # Errors
/// No connection, no answer in time, a status other than 200 to 299, a body that breaks
/// off or is larger than [`MAX_BODY`]. The error has been told: `Failed URL: reason`.
pub fn read_page(request: RequestBuilder<WithoutBody>) -> Result<Vec<u8>> {
    let address = request.uri_ref().cloned();
    read(request).or_else(|error| tell(address.map(|uri| uri.to_string()), Err(error)))
}

fn read(request: RequestBuilder<WithoutBody>) -> Result<Vec<u8>> {
    if request.uri_ref().is_none() {
        return Err(address::no_address());
    }
    let mut answer = request.call().map_err(|error| reason(&error))?;
    check_status(answer.status())?;
    check_length(answer.version(), answer.headers())?;
    let length = answer.body().content_length().unwrap_or(0);
    if length > MAX_BODY {
        return Err(too_large());
    }
    let mut page = Vec::with_capacity(length as usize);
    // A body that reaches ureq's limit is over it already.
    let body = answer.body_mut().with_config().limit(MAX_BODY + 1);
    body.reader()
        .read_to_end(&mut page)
        .map_err(|error| reason(&error))?;
    Ok(page)
}

/// Follows redirects, and asks again for what a connection lost that had served before.
struct Hops {
    agent: Agent,
    timeout: Duration,
}

impl Middleware for Hops {
    fn handle(
        &self,
        request: Request<SendBody>,
        _: MiddlewareNext,
    ) -> std::result::Result<Response<Body>, ureq::Error> {
        address::check(request.uri()).map_err(ours)?;
        let start = Instant::now();
        let mut hop = Request::new(());
        *hop.method_mut() = request.method().clone();
        *hop.uri_mut() = request.uri().clone();
        *hop.headers_mut() = request.headers().clone();
        for hops in 0..=MAX_REDIRECTS {
            let answer = self.ask(&hop, start, hops == 0)?;
            check_number_of(answer.headers()).map_err(ours)?;
            let Some(location) = location(answer.status(), answer.headers()) else {
                return Ok(answer);
            };
            lead_on(&mut hop, location).map_err(ours)?;
        }
        Err(ours(too_many_redirects()))
    }
}

impl Hops {
    /// Asks for one page, and once more if a connection was closed while it was idle. The time
    /// for the page began at `start`.
    fn ask(
        &self,
        request: &Request<()>,
        start: Instant,
        is_first: bool,
    ) -> std::result::Result<Response<Body>, ureq::Error> {
        let proxy = proxy_for(request.uri()).map_err(ours)?;
        let deadline = start + self.timeout;
        let answer = match (&proxy, is_first) {
            (None, true) => self.agent.run(request.clone()),
            _ => self.send(request, proxy.as_deref(), deadline, false),
        };
        let answer = match &answer {
            Err(error) if Lost::found_in(error) == Some(Lost::Idle) => {
                self.send(request, proxy.as_deref(), deadline, true)
            }
            _ => answer,
        };
        match proxy {
            Some(proxy) => answer.map_err(|error| ours(by_way_of(Some(&proxy), reason(&error)))),
            None => answer,
        }
    }

    fn send(
        &self,
        request: &Request<()>,
        proxy: Option<&str>,
        deadline: Instant,
        fresh: bool,
    ) -> std::result::Result<Response<Body>, ureq::Error> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            // ureq would take it for a second.
            return Err(ureq::Error::Timeout(ureq::Timeout::Global));
        }
        let mut policy = self.agent.configure_request(request.clone());
        policy = policy.timeout_global(Some(left));
        if let Some(proxy) = proxy {
            policy = policy.proxy(Some(Proxy::new(proxy)?));
        }
        if fresh {
            policy = policy.max_idle_age(Duration::ZERO);
        }
        self.agent.run(policy.build())
    }
}

/// Makes the request for where a redirect leads, without what is for the first server only if that
/// is another.
fn lead_on(hop: &mut Request<()>, location: &HeaderValue) -> Result<()> {
    let from = Url::parse(&hop.uri().to_string()).map_err(|_| address::no_address())?;
    let to = address::next(&from, location.as_bytes())?;
    if to.origin() != from.origin() {
        hop.headers_mut().remove(AUTHORIZATION);
        hop.headers_mut().remove(COOKIE);
    }
    *hop.uri_mut() = address::uri_of(&to)?;
    Ok(())
}

/// Sends a reason of our own on its way.
fn ours(reason: Error) -> ureq::Error {
    ureq::Error::Other(Box::new(OwnReason(reason)))
}

//! Looks the names of hosts up.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::{result, thread};

use hyper::Uri;
use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::Error;
use crate::session::own_reason::OwnReason;

/// Takes an address in numbers as it stands, and looks a name up.
///
/// ureq itself starts a thread for every request, also for 127.0.0.1, where there is nothing to
/// look up: a lesson on one thread should have one.
#[derive(Debug)]
pub(super) struct NumbersFirst;

impl Resolver for NumbersFirst {
    fn resolve(
        &self,
        uri: &Uri,
        _: &Config,
        timeout: NextTimeout,
    ) -> result::Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        // Most addresses name a port, and then there is no text to be made of both.
        let host = uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if let (Ok(ip), Some(port)) = (host.parse::<IpAddr>(), uri.port_u16()) {
            addresses.push(SocketAddr::new(ip, port));
            return Ok(addresses);
        }
        let place = uri.scheme().zip(uri.authority());
        let place = place.and_then(|(scheme, place)| DefaultResolver::host_and_port(scheme, place));
        let place = place.ok_or(ureq::Error::HostNotFound)?;
        match place.parse() {
            Ok(address) => addresses.push(address),
            Err(_) => look_up(place, timeout)?
                .take(MAX_ADDRESSES)
                .for_each(|address| addresses.push(address)),
        }
        match addresses.is_empty() {
            true => Err(ureq::Error::HostNotFound),
            false => Ok(addresses),
        }
    }
}

/// As many have room in what ureq takes them in.
const MAX_ADDRESSES: usize = 16;

/// Asks the system, which has no time limit of its own: on a thread, which may be left behind.
fn look_up(
    place: String,
    timeout: NextTimeout,
) -> result::Result<impl Iterator<Item = SocketAddr>, ureq::Error> {
    let (answer, answered) = mpsc::channel();
    thread::Builder::new()
        .name("lookup".into())
        .spawn(move || answer.send(place.to_socket_addrs()))
        .map_err(|error| {
            let reason = Error::from(error).while_doing("cannot start a thread to look a name up");
            ureq::Error::Other(Box::new(OwnReason(reason)))
        })?;
    match answered.recv_timeout(*timeout.after) {
        Ok(addresses) => Ok(addresses?),
        Err(_) => Err(ureq::Error::Timeout(timeout.reason)),
    }
}

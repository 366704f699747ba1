//! Looks the names of hosts up.

use std::net::{IpAddr, SocketAddr};

use hyper::Uri;
use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Looks names up as ureq does, but takes an address in numbers as it stands.
///
/// To look a name up in time ureq starts a thread, for every request. For 127.0.0.1 there
/// is nothing to look up, and a lesson on one thread should have one.
#[derive(Debug, Default)]
pub(super) struct NumbersFirst(DefaultResolver);

impl Resolver for NumbersFirst {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
        // Most addresses name a port, and then there is no text to be made of both.
        let host = uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let numbers = match (host.parse::<IpAddr>(), uri.port_u16()) {
            (Ok(ip), Some(port)) => Some(SocketAddr::new(ip, port)),
            (Ok(_), None) => with_usual_port(uri),
            (Err(_), _) => None,
        };
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

fn with_usual_port(uri: &Uri) -> Option<SocketAddr> {
    let place = DefaultResolver::host_and_port(uri.scheme()?, uri.authority()?)?;
    place.parse().ok()
}

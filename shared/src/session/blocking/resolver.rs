//! Looks the names of hosts up.

use std::net::SocketAddr;

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

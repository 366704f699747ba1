//! The proxies that the environment names.

use std::env;
use std::net::IpAddr;
use std::sync::LazyLock;

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use crate::{Error, Result};

/// The kinds of proxy that both libraries speak with.
const KINDS: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// Whether the environment names a proxy at all.
pub(super) fn any_named() -> bool {
    static ANY: LazyLock<bool> = LazyLock::new(|| {
        let all = [HTTP, HTTPS, ALL];
        all.into_iter().any(|names| first_set(names).is_some())
    });
    *ANY
}

/// The proxy that the environment names for an address, if any.
///
/// HTTP_PROXY for http, HTTPS_PROXY for https, ALL_PROXY for what has none of its own, in
/// capitals or not; NO_PROXY lists hosts that need none. This machine itself never has one.
///
/// # Errors
/// What it names is no proxy.
pub(super) fn proxy_for(uri: &Uri) -> Result<Option<String>> {
    static EXCEPT: LazyLock<Matcher> = LazyLock::new(|| {
        let none = first_set(["NO_PROXY", "no_proxy"]);
        Matcher::builder()
            .all("http://proxy.invalid")
            .no(none.map(|(_, hosts)| hosts).unwrap_or_default())
            .build()
    });
    if !any_named() || is_this_machine(uri.host().unwrap_or_default()) {
        return Ok(None);
    }
    let own = match uri.scheme_str() {
        Some("https") => HTTPS,
        _ => HTTP,
    };
    let named = first_set(own).or_else(|| first_set(ALL));
    let Some((name, proxy)) = named.filter(|_| EXCEPT.intercept(uri).is_some()) else {
        return Ok(None);
    };
    let proxy = match proxy.contains("://") {
        true => proxy,
        false => format!("http://{proxy}"),
    };
    let url = Url::parse(&proxy).ok().filter(|url| {
        KINDS.contains(&url.scheme()) && url.host_str().is_some_and(|host| !host.is_empty())
    });
    match url {
        Some(url) => Ok(Some(url.into())),
        None => Err(Error::new(format!(
            "the environment variable {name} names no proxy, like http://HOST:PORT"
        ))),
    }
}

const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];

/// The first of these variables that is set, and its value.
fn first_set(names: [&'static str; 2]) -> Option<(&'static str, String)> {
    names.into_iter().find_map(|name| {
        let value = env::var_os(name)?.to_string_lossy().into_owned();
        (!value.is_empty()).then_some((name, value))
    })
}

/// Whether a host is the machine that this program runs on, as far as its name tells.
fn is_this_machine(host: &str) -> bool {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    match bare.unwrap_or(host).parse::<IpAddr>() {
        Ok(address) => {
            let address = address.to_canonical();
            address.is_loopback() || address.is_unspecified()
        }
        Err(_) => {
            let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}

/// Says that a proxy stood between, for a reader who would look for the fault elsewhere.
pub(super) fn by_way_of(proxy: Option<&str>, error: Error) -> Error {
    let Some(proxy) = proxy else {
        return error;
    };
    // Only the host and the port: what stands before them may be a password.
    let address = proxy.rsplit(['@', '/']).find(|part| !part.is_empty());
    let address = address.unwrap_or(proxy);
    Error::new(format!("{error} (by way of the proxy {address})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_many_names() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "127.0.0.1",
            "127.255.0.3",
            "[::1]",
            "0.0.0.0",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:0.0.0.0]",
        ] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "",
            "example.org",
            "localhost.example",
            "128.0.0.1",
            "[::2]",
            "mylocalhost",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}

//! The addresses of pages: read once, before any library sees them.

use std::borrow::Cow;

use hyper::Uri;
use url::Url;

use crate::{Error, Result};

/// What stands for a text that is no address: both libraries take it, and `read_page` asks
/// nobody for it.
const REFUSED: &str = "refused://address/";

/// Brings an address into the one form that every library reads alike, as a browser does:
/// `http:/Bücher.example` is `http://xn--bcher-kva.example/`.
///
/// A text that is no address becomes one that cannot be fetched either; [`as_typed`] tells
/// what it was.
pub fn prepare(typed: &str) -> String {
    match read(typed) {
        Ok(url) => url.into(),
        Err(_) => {
            let text = [("typed", typed)];
            let refused = Url::parse_with_params(REFUSED, text).expect("it is an address");
            refused.into()
        }
    }
}

/// What the reader knows an address by.
pub fn as_typed(address: &str) -> Cow<'_, str> {
    refused(address).map_or(Cow::Borrowed(address), Cow::Owned)
}

fn refused(address: &str) -> Option<String> {
    if !address.starts_with(REFUSED) {
        return None;
    }
    let url = Url::parse(address).ok()?;
    let (_, typed) = url.query_pairs().next()?;
    Some(without_password(&typed))
}

/// Whatever stands between the first colon behind the scheme, if there is one, and the last `@`.
fn without_password(typed: &str) -> String {
    let scheme = ["http:", "https:"]
        .iter()
        .find(|scheme| typed.starts_with(*scheme));
    let host = scheme.map_or(0, |scheme| scheme.len());
    let password = typed[host..].find(':').map(|colon| host + colon + 1);
    match (password, typed.rfind('@')) {
        (Some(start), Some(end)) if start <= end => {
            format!("{}***{}", &typed[..start], &typed[end..])
        }
        _ => typed.to_owned(),
    }
}

fn read(text: &str) -> Result<Url> {
    let mut url = Url::parse(text).map_err(|_| no_address())?;
    url.set_fragment(None);
    match url.scheme() {
        "http" | "https" => {}
        other if text.contains("://") => {
            let reason = format!("{other}:// is neither http:// nor https://");
            return Err(Error::new(reason));
        }
        _ => return Err(no_address()),
    }
    // A browser would go over a control character, and nobody would see what is asked for.
    if text.contains(char::is_control) || url.as_str().parse::<Uri>().is_err() {
        return Err(no_address());
    }
    Ok(url)
}

pub(crate) fn no_address() -> Error {
    Error::new("not a web address, like http://… or https://…")
}

/// Tells an address that can be asked for from one that cannot, and why.
#[cfg(any(feature = "ureq", feature = "reqwest"))]
pub(crate) fn check(uri: &Uri) -> Result<()> {
    let authority = uri.authority().ok_or_else(no_address)?;
    // A port that is too large counts as none here, and 80 would be asked instead.
    let lost_its_port = || {
        let place = authority.as_str();
        let place = place.rsplit('@').next().unwrap_or(place);
        let port = place.get(authority.host().len()..);
        port.is_some_and(|port| port.len() > 1)
    };
    match uri.scheme_str() {
        Some("http" | "https") if authority.port_u16().is_none() && lost_its_port() => {
            Err(no_address())
        }
        Some("http" | "https") => Ok(()),
        _ => Err(why_refused(&uri.to_string())),
    }
}

/// The same of an address that was read as a whole.
#[cfg(feature = "reqwest")]
pub(crate) fn check_url(url: &Url) -> Result<()> {
    match url.scheme() {
        "http" | "https" => Ok(()),
        _ => Err(why_refused(url.as_str())),
    }
}

/// The text tells more than what stands for it.
#[cfg(any(feature = "ureq", feature = "reqwest"))]
fn why_refused(address: &str) -> Error {
    read(&as_typed(address)).err().unwrap_or_else(no_address)
}

/// The same address, for who takes nothing else.
#[cfg(any(feature = "ureq", feature = "reqwest"))]
pub(crate) fn uri_of(url: &Url) -> Result<Uri> {
    url.as_str().parse().map_err(|_| no_address())
}

/// Where a redirect leads, seen from the page that was asked for.
///
/// A name and a password go along to another page of the same scheme, host and port only; what
/// a server writes into an address of its own is no business of anybody else.
#[cfg(feature = "ureq")]
pub(crate) fn next(from: &Url, location: &[u8]) -> Result<Url> {
    let location = std::str::from_utf8(location).map_err(|_| redirected_nowhere())?;
    let mut to = from.join(location).map_err(|_| redirected_nowhere())?;
    let same = to.origin() == from.origin();
    let name = if same { from.username() } else { "" };
    let password = from.password().filter(|_| same);
    // An address without a host can have neither; it fails all the same.
    let _ = to.set_username(name);
    let _ = to.set_password(password);
    check_next(&to)?;
    Ok(to)
}

/// Tells a redirect that can be followed from one that cannot, and why.
#[cfg(any(feature = "ureq", feature = "reqwest"))]
pub(crate) fn check_next(to: &Url) -> Result<Uri> {
    let uri = uri_of(to).map_err(|_| redirected_nowhere())?;
    check(&uri).map_err(|reason| reason.while_doing("redirected to an address that is refused"))?;
    Ok(uri)
}

#[cfg(any(feature = "ureq", feature = "reqwest"))]
pub(crate) fn redirected_nowhere() -> Error {
    Error::new("redirected to what is no web address")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_a_browser_reads_it() {
        for (typed, asked) in [
            ("http://127.0.0.1/", "http://127.0.0.1/"),
            ("HTTP://Example.ORG:80", "http://example.org/"),
            ("http:/x", "http://x/"),
            ("http:\\\\x\\y", "http://x/y"),
            ("http://x/a b/../c d?e f#g", "http://x/c%20d?e%20f"),
            (
                "http://bücher.example/ü",
                "http://xn--bcher-kva.example/%C3%BC",
            ),
            ("http://0x7f.1/", "http://127.0.0.1/"),
            ("http://u:p@x:8/", "http://u:p@x:8/"),
        ] {
            assert_eq!(prepare(typed), asked);
            assert_eq!(as_typed(asked), asked);
        }
    }

    #[test]
    fn what_is_no_address_is_kept_as_typed() {
        for typed in [
            "",
            "dice",
            "http://",
            "http://x:99999/",
            "ftp://x/",
            "a\nb",
            "http://a b/",
        ] {
            let prepared = prepare(typed);
            assert!(prepared.starts_with(REFUSED), "{typed}");
            assert_eq!(as_typed(&prepared), typed);
        }
    }

    #[test]
    fn a_password_is_hidden_where_the_scheme_was_forgotten_too() {
        for (typed, shown) in [
            ("user:secret@host/", "user:***@host/"),
            (
                "http:/user:se/cr@et@host:99999/",
                "http:/user:***@host:99999/",
            ),
        ] {
            assert_eq!(as_typed(&prepare(typed)), shown);
        }
    }
}

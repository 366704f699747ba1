//! The session policy: how every downloader treats the servers it asks.
//!
//! A session keeps its connections open, to use them again for the next page.
//!
//! - A page has a timeout, from asking for it to its last byte, redirects included.
//! - A page is a status from 200 to 299 and the whole body. A body is read up to [`MAX_BODY`]; one
//!   that says neither how long it is nor where it ends is whole only if the connection was
//!   closed in order, which over TLS means with a message that says so.
//! - A server may close an idle connection at any time. What was asked for over a connection that
//!   had served before, and was lost before an answer came, is asked for again on a fresh one. A
//!   page that fails on a fresh connection has failed.
//! - Up to ten redirects are followed. Every one of them obeys the same rules as the first
//!   address, and no name, password or cookie goes along to another scheme, host or port.
//! - Certificates are checked against those that the operating system trusts.
//! - A proxy named in the environment is used, but never for this machine itself; one that is
//!   no proxy is said.
//! - A page that fails is told on standard error when it fails: `Failed URL: reason`.

#[cfg(feature = "ureq")]
pub mod blocking;
#[cfg(feature = "reqwest")]
mod certificates;
#[cfg(feature = "reqwest")]
pub mod nonblocking;
mod own_reason;
mod proxy;
mod reason;

use hyper::header::{CONTENT_LENGTH, HeaderMap, HeaderValue, LOCATION, TRANSFER_ENCODING};
use hyper::{StatusCode, Version};

use crate::{Error, Result, address};

/// The largest body that is read, in bytes: 10 MiB.
pub const MAX_BODY: u64 = 10 * 1024 * 1024;

/// How many headers an answer may have.
const MAX_HEADERS: usize = 100;

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 10;

/// How a session introduces itself.
const USER_AGENT: &str = concat!("concurrency-side-by-side/", env!("CARGO_PKG_VERSION"));

fn too_large() -> Error {
    Error::new(format!("body larger than {} MiB", MAX_BODY / (1024 * 1024)))
}

/// Only a status from 200 to 299 is a page.
fn check_status(status: StatusCode) -> Result<()> {
    if status.is_success() {
        return Ok(());
    }
    let name = status.canonical_reason().unwrap_or("unknown");
    Err(Error::new(format!("status {} {name}", status.as_u16())))
}

/// One library reads more of them than the other.
fn check_number_of(headers: &HeaderMap) -> Result<()> {
    match headers.len() {
        0..=MAX_HEADERS => Ok(()),
        _ => Err(head_too_large()),
    }
}

fn head_too_large() -> Error {
    Error::new("too many headers, or too long ones")
}

/// Whether an answer says one thing, and clearly, of how long its body is.
fn check_length(version: Version, headers: &HeaderMap) -> Result<()> {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let number = |length: &HeaderValue| length.to_str().ok()?.trim().parse::<u64>().ok();
    if let Some(first) = lengths.next() {
        let first =
            number(first).ok_or_else(|| Error::new("a content-length that is no length"))?;
        if !lengths.all(|length| number(length) == Some(first)) {
            return Err(Error::new("more than one content-length"));
        }
    }
    // Chunks came with HTTP/1.1: what seems to be one may be the page itself.
    if version == Version::HTTP_10 && headers.contains_key(TRANSFER_ENCODING) {
        return Err(Error::new("a transfer-encoding in an answer of HTTP/1.0"));
    }
    Ok(())
}

/// Where else an answer says that the page is.
fn location(status: StatusCode, headers: &HeaderMap) -> Option<&HeaderValue> {
    let leads_on = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
    headers.get(LOCATION).filter(|_| leads_on)
}

fn too_many_redirects() -> Error {
    Error::new("too many redirects")
}

/// Tells of a page that failed, by the address that the reader knows.
fn tell<T>(address: Option<String>, outcome: Result<T>) -> Result<T> {
    match (outcome, address) {
        (Err(error), Some(address)) => Err(error.tell(&address::as_typed(&address))),
        (outcome, _) => outcome,
    }
}

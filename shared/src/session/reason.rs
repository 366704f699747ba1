//! The words for what goes wrong on the network, the same for either library.

use std::error::Error as StdError;
use std::io;

use super::{head_too_large, own_reason};
use crate::Error;

const TIMED_OUT: &str = "no complete answer within the timeout";
pub(super) const CLOSED: &str = "connection closed before the answer was complete";

/// Words the cause of a library's error.
pub(super) fn reason(error: &(dyn StdError + 'static)) -> Error {
    let mut cause = error;
    loop {
        if let Some(reason) = own_reason::found_in(cause) {
            return reason;
        }
        if let Some(reason) = library_reason(cause).or_else(|| network_reason(cause)) {
            return reason;
        }
        match cause.source() {
            Some(deeper) => cause = deeper,
            // The innermost error says what happened, those around it only where.
            None => {
                let reason = Error::from_cause(cause).to_string();
                return Error::new(
                    reason.replace("invalid peer certificate", "certificate not trusted"),
                );
            }
        }
    }
}

fn network_reason(error: &(dyn StdError + 'static)) -> Option<Error> {
    use io::ErrorKind::*;
    let error = error.downcast_ref::<io::Error>()?;
    match error.kind() {
        TimedOut | WouldBlock => Some(Error::new(TIMED_OUT)),
        ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof => {
            Some(Error::new(CLOSED))
        }
        // What an `io::Error` is made of is not its source, but that one's source is.
        _ => Some(reason(error.get_ref()?)),
    }
}

fn library_reason(error: &(dyn StdError + 'static)) -> Option<Error> {
    #[cfg(feature = "ureq")]
    match error.downcast_ref::<ureq::Error>() {
        Some(ureq::Error::Io(error)) => return Some(reason(error)),
        Some(ureq::Error::Rustls(error)) => return Some(reason(error)),
        Some(ureq::Error::Other(error)) => return Some(reason(&**error)),
        Some(ureq::Error::Timeout(_)) => return Some(Error::new(TIMED_OUT)),
        Some(ureq::Error::BodyExceedsLimit(_)) => return Some(super::too_large()),
        Some(ureq::Error::LargeResponseHeader(..)) => return Some(head_too_large()),
        _ => {}
    }
    #[cfg(feature = "reqwest")]
    if error
        .downcast_ref::<reqwest::Error>()
        .is_some_and(reqwest::Error::is_timeout)
    {
        return Some(Error::new(TIMED_OUT));
    }
    match error.downcast_ref::<hyper::Error>()? {
        error if error.is_incomplete_message() => Some(Error::new(CLOSED)),
        error if error.is_parse_too_large() => Some(head_too_large()),
        _ => None,
    }
}

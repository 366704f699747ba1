//! The words for what goes wrong on the network, the same for either library.

use std::error::Error as StdError;
use std::{fmt, io};

use crate::Error;

const TIMED_OUT: &str = "no complete answer within the timeout";
pub(super) const CLOSED: &str = "connection closed before the answer was complete";

/// A reason of our own on its way through a library's error.
#[derive(Debug)]
pub(super) struct Reason(pub Error);

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Reason {}

/// Words the cause of a library's error.
pub(super) fn reason(error: &(dyn StdError + 'static)) -> Error {
    let mut cause = error;
    loop {
        if let Some(Reason(error)) = cause.downcast_ref() {
            return error.clone();
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
        _ => {}
    }
    #[cfg(feature = "reqwest")]
    if error
        .downcast_ref::<reqwest::Error>()
        .is_some_and(reqwest::Error::is_timeout)
    {
        return Some(Error::new(TIMED_OUT));
    }
    error
        .downcast_ref::<hyper::Error>()?
        .is_incomplete_message()
        .then(|| Error::new(CLOSED))
}

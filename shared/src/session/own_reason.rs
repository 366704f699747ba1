//! A reason of our own on its way through an error of ureq.

use std::error::Error as StdError;
use std::fmt;

use crate::Error;

#[derive(Debug)]
struct OwnReason(Error);

impl fmt::Display for OwnReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for OwnReason {}

/// Sends a reason on its way.
pub(super) fn ours(reason: Error) -> ureq::Error {
    ureq::Error::Other(Box::new(OwnReason(reason)))
}

/// The reason that this is, if it is one.
pub(super) fn found_in(error: &(dyn StdError + 'static)) -> Option<Error> {
    let OwnReason(reason) = error.downcast_ref()?;
    Some(reason.clone())
}

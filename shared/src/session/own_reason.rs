//! A reason of our own on its way through a library's error.

use std::error::Error as StdError;
use std::fmt;

use crate::Error;

#[derive(Debug)]
pub(super) struct OwnReason(pub Error);

impl fmt::Display for OwnReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for OwnReason {}

/// The reason that this is, if it is one.
pub(super) fn found_in(error: &(dyn StdError + 'static)) -> Option<Error> {
    let OwnReason(reason) = error.downcast_ref()?;
    Some(reason.clone())
}

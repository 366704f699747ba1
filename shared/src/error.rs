//! Why something could not be done, in one line.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::{fmt, io};

use crate::output;

/// The result of anything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something could not be done, in one line that a terminal may show.
///
/// Every error turns into one with `?`. That is why it is itself no [`std::error::Error`]:
/// it would turn into itself in two ways.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    reason: String,
    /// Whether somebody has been told of it already.
    told: bool,
}

impl Error {
    /// An error of one's own: `Error::new("body larger than 10 MiB")`.
    pub fn new(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        let reason = match output::harmless_line(&reason) {
            Cow::Borrowed(_) => reason,
            Cow::Owned(harmless) => harmless,
        };
        let told = false;
        Self { reason, told }
    }

    /// Says what was being done when it failed: `cannot start the site: too many open files`.
    pub fn while_doing(self, what: &str) -> Self {
        Self {
            told: self.told,
            ..Self::new(format!("{what}: {}", self.reason))
        }
    }

    /// Says on standard error what failed, a page for example, and why:
    /// `Failed http://127.0.0.1:40123/dice: status 404 Not Found`.
    ///
    /// That happens once: an error that has been told is not told again, and what it returns
    /// has been told. So a failure can be told when it happens, and nobody else need care.
    pub fn tell(self, what: &str) -> Self {
        if !self.is_told() {
            let what = output::harmless_line(what);
            output::complain(format_args!("Failed {what}: {self}"));
        }
        self.told()
    }

    /// This error, which somebody has told already.
    pub(crate) fn told(self) -> Self {
        Self { told: true, ..self }
    }

    /// Whether somebody has told it already.
    pub(crate) fn is_told(&self) -> bool {
        self.told
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

/// The same line as `Display`: it is what Rust prints when `main` returns an error.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<E: StdError + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self::new(reason(&error))
    }
}

const TIMED_OUT: &str = "no complete answer within the timeout";
const CLOSED: &str = "connection closed before the answer was complete";

/// Words the cause of an error, the same for every library that it may come from.
fn reason(error: &(dyn StdError + 'static)) -> String {
    let mut cause = error;
    loop {
        if let Some(reason) = library_reason(cause).or_else(|| system_reason(cause)) {
            return reason;
        }
        match cause.source() {
            Some(deeper) => cause = deeper,
            // The innermost error says what happened, those around it only where.
            None => {
                let text = cause.to_string();
                return text.replace("invalid peer certificate", "certificate not trusted");
            }
        }
    }
}

fn system_reason(error: &(dyn StdError + 'static)) -> Option<String> {
    use io::ErrorKind::*;
    let error = error.downcast_ref::<io::Error>()?;
    match error.kind() {
        TimedOut | WouldBlock => Some(TIMED_OUT.into()),
        ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof => Some(CLOSED.into()),
        _ if error.get_ref().is_some() => Some(reason(error.get_ref()?)),
        // "Connection refused (os error 111)": the number is of no use to a reader.
        _ => error
            .to_string()
            .split(" (os error")
            .next()
            .map(str::to_lowercase),
    }
}

#[cfg(feature = "downloads")]
fn library_reason(error: &(dyn StdError + 'static)) -> Option<String> {
    #[cfg(feature = "ureq")]
    match error.downcast_ref::<ureq::Error>() {
        Some(ureq::Error::Io(error)) => return Some(reason(error)),
        Some(ureq::Error::Rustls(error)) => return Some(reason(error)),
        Some(ureq::Error::Timeout(_)) => return Some(TIMED_OUT.into()),
        Some(ureq::Error::BodyExceedsLimit(bytes)) => {
            return Some(crate::session::too_large(*bytes));
        }
        _ => {}
    }
    #[cfg(feature = "reqwest")]
    if error
        .downcast_ref::<reqwest::Error>()
        .is_some_and(reqwest::Error::is_timeout)
    {
        return Some(TIMED_OUT.into());
    }
    error
        .downcast_ref::<hyper::Error>()?
        .is_incomplete_message()
        .then(|| CLOSED.into())
}

#[cfg(not(feature = "downloads"))]
fn library_reason(_: &(dyn StdError + 'static)) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_that_harms_no_terminal() {
        let error = Error::new("a\u{1b}[2J\nb").while_doing("cannot ask http://u:secret@host/");
        let shown = "cannot ask http://u:***@host/: a\\u{1b}[2J\\nb";
        assert_eq!(error.to_string(), shown);
        assert_eq!(format!("{error:?}"), shown);
    }

    #[test]
    fn what_was_told_stays_told() {
        let error = Error::new("no such page");
        assert!(!error.is_told() && !error.clone().while_doing("reading").is_told());
        assert!(error.tell("this test").while_doing("reading").is_told());
    }
}

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
    /// What has failed with it, if somebody has been told already.
    told: Option<String>,
}

impl Error {
    /// An error of one's own: `Error::new("body larger than 10 MiB")`.
    pub fn new(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        let reason = match output::harmless_line(&reason) {
            Cow::Borrowed(_) => reason,
            Cow::Owned(harmless) => harmless,
        };
        let told = None;
        Self { reason, told }
    }

    /// Says what was being done when it failed: `cannot start the site: too many open files`.
    pub fn while_doing(self, what: &str) -> Self {
        Self {
            told: self.told.clone(),
            ..Self::new(format!("{what}: {}", self.reason))
        }
    }

    /// Says on standard error what failed, a page for example, and why:
    /// `Failed http://127.0.0.1:40123/dice: status 404 Not Found`.
    ///
    /// That happens once: an error that has been told is not told again, and what it returns
    /// has been told. So a failure can be told when it happens, and nobody else need care. In a
    /// worker process nothing is said: its pool tells what comes of every job.
    pub fn tell(self, what: &str) -> Self {
        if output::TELL_POOL.get().is_some() {
            return self;
        }
        if self.told.is_none() {
            let what = output::harmless_line(what);
            output::complain(format_args!("Failed {what}: {self}"));
        }
        let told = self.told.or_else(|| Some(what.into()));
        Self { told, ..self }
    }

    /// What has failed with it, if somebody has been [told](Self::tell) already.
    #[cfg(any(feature = "downloads", feature = "machines", test))]
    pub(crate) fn told_of(&self) -> Option<&str> {
        self.told.as_deref()
    }

    /// An error that comes back to where somebody may have been told of it.
    #[cfg(feature = "machines")]
    pub(crate) fn with_told(self, told: Option<String>) -> Self {
        Self { told, ..self }
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
        Self::from_cause(&error)
    }
}

impl Error {
    /// The innermost cause: it says what happened, those around it only where.
    pub(crate) fn from_cause(error: &(dyn StdError + 'static)) -> Self {
        let mut cause = error;
        loop {
            // What an `io::Error` is made of is not its source, but that one's source is.
            let made_of = cause
                .downcast_ref::<io::Error>()
                .and_then(io::Error::get_ref);
            match made_of.map(|error| error as _).or_else(|| cause.source()) {
                Some(deeper) => cause = deeper,
                None => break,
            }
        }
        let text = cause.to_string();
        if !cause.is::<io::Error>() {
            return Self::new(text);
        }
        // "Connection refused (os error 111)": the number is of no use to a reader.
        let words = text.split(" (os error").next().unwrap_or(&text);
        Self::new(words.to_lowercase())
    }
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
    fn the_words_are_the_systems_own() {
        let again = io::Error::from(io::ErrorKind::WouldBlock);
        let reason = Error::from(again).to_string();
        assert!(
            !reason.contains("timeout") && !reason.is_empty(),
            "{reason}"
        );
        let nested = io::Error::other(io::Error::from_raw_os_error(2));
        let reason = Error::from(nested).to_string();
        assert!(
            !reason.contains("os error") && !reason.is_empty(),
            "{reason}"
        );
    }

    #[test]
    fn what_was_told_stays_told() {
        let error = Error::new("no such page");
        assert_eq!(error.clone().while_doing("reading").told_of(), None);
        let error = error
            .tell("this test")
            .while_doing("reading")
            .tell("another");
        assert_eq!(error.told_of(), Some("this test"));
    }
}

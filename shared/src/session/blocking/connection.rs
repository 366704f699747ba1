//! Connections that tell how they ended.
//!
//! ureq takes a connection that was cut off for one that ended, and does not say whether it had
//! served before. Both decide what a page is, so every connection is watched here.

use std::error::Error as StdError;
use std::{fmt, io};

use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport,
};

/// Why a connection gave no more bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// It had served before, and no byte of this answer had come.
    Idle,
    /// It was cut off in the middle.
    Cut,
}

impl Lost {
    /// How this connection was lost, if that is what the error says.
    pub(super) fn found_in(error: &Error) -> Option<Self> {
        match error {
            Error::Io(error) => error.get_ref()?.downcast_ref().copied(),
            _ => None,
        }
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(crate::session::reason::CLOSED)
    }
}

impl StdError for Lost {}

impl From<Lost> for Error {
    fn from(lost: Lost) -> Self {
        Self::Io(io::Error::other(lost))
    }
}

/// Opens connections as ureq does, and watches them.
#[derive(Debug, Default)]
pub(super) struct WatchedConnector(DefaultConnector);

impl Connector<()> for WatchedConnector {
    type Out = Watched;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<()>,
    ) -> Result<Option<Watched>, Error> {
        let inner = self.0.connect(details, chained)?;
        Ok(inner.map(|inner| Watched {
            inner,
            served: false,
            answered: false,
        }))
    }
}

#[derive(Debug)]
pub(super) struct Watched {
    inner: Box<dyn Transport>,
    /// Whether an answer came over it before this one.
    served: bool,
    /// Whether a byte of this answer has come.
    answered: bool,
}

impl Watched {
    fn lost(&self) -> Lost {
        match self.served && !self.answered {
            true => Lost::Idle,
            false => Lost::Cut,
        }
    }

    fn explain(&self, error: Error) -> Error {
        use io::ErrorKind::*;
        match &error {
            Error::Io(cause) => match cause.kind() {
                ConnectionReset | ConnectionAborted | BrokenPipe | NotConnected | UnexpectedEof => {
                    self.lost().into()
                }
                _ => error,
            },
            _ => error,
        }
    }
}

impl Transport for Watched {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.served |= self.answered;
        self.answered = false;
        let sent = self.inner.transmit_output(amount, timeout);
        sent.map_err(|error| self.explain(error))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        match self.inner.await_input(timeout) {
            Ok(true) => {
                self.answered = true;
                Ok(true)
            }
            // The end of a connection may be the end of a body, but not of what has not begun.
            Ok(false) if !self.answered => Err(self.lost().into()),
            Ok(false) => Ok(false),
            Err(error) => Err(self.explain(error)),
        }
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

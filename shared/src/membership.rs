//! How a worker process knows that it is one, and of which pool.

use std::net::SocketAddr;
use std::{env, fmt};

use crate::{Error, Result};

/// The environment variable that tells a process that it is a worker of a pool.
pub(crate) const WORKER_MARK: &str = "POOL_WORKER";

/// How the name ends under which a worker is started, and which `ps` shows. What the worker
/// itself starts inherits its environment, but not its name.
#[cfg(unix)]
pub(crate) const WORKER_NAME: &str = " (worker)";

/// What [`WORKER_MARK`] says.
pub(crate) struct Membership {
    /// The number of the process that has the pool.
    pub parent: u32,
    /// Where the pool expects the worker.
    pub address: SocketAddr,
    /// What only this worker and its pool know.
    pub token: String,
}

impl Membership {
    /// Makes a new token for a worker of this process.
    #[cfg(feature = "processes")]
    pub fn new(address: SocketAddr) -> Self {
        use std::hash::{BuildHasher, Hasher, RandomState};
        // A `RandomState` is seeded by the system.
        let [first, second] = [(); 2].map(|()| RandomState::new().build_hasher().finish());
        Self {
            parent: std::process::id(),
            address,
            token: format!("{first:016x}{second:016x}"),
        }
    }

    /// What this process is a worker of, if it is one.
    ///
    /// # Errors
    /// The environment says that it is, but no pool has said it.
    pub fn of_this_process() -> Result<Option<Self>> {
        let Some(mark) = env::var_os(WORKER_MARK) else {
            return Ok(None);
        };
        let read = |text: &str| {
            let mut words = text.split(' ');
            Some(Self {
                parent: words.next()?.parse().ok()?,
                address: words.next()?.parse().ok()?,
                token: words.next()?.to_owned(),
            })
        };
        let membership = mark.to_str().and_then(read).filter(Self::is_own);
        let error = || Error::new(format!("{WORKER_MARK} is set, but by no pool: unset it"));
        Ok(Some(membership.ok_or_else(error)?))
    }
}

impl Membership {
    /// Whether it is that of this process, and not of another one from which it was inherited.
    ///
    /// A pool that has ended since is not the parent any more, and which process is depends on
    /// the system: then the name tells. It alone would not do: some emulators take it away.
    #[cfg(unix)]
    fn is_own(&self) -> bool {
        let name = env::args_os().next().unwrap_or_default();
        self.parent == std::os::unix::process::parent_id()
            || name.to_string_lossy().ends_with(WORKER_NAME)
    }

    #[cfg(not(unix))]
    fn is_own(&self) -> bool {
        true
    }
}

impl fmt::Display for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parent, address, token) = (self.parent, self.address, &self.token);
        write!(f, "{parent} {address} {token}")
    }
}

/// Stops a worker that came past the place where workers enter: it would do again what its
/// parent does, and start workers of its own, without end.
pub(crate) fn refuse_worker() -> Result<()> {
    match Membership::of_this_process()? {
        None => Ok(()),
        Some(_) => Err(Error::new(
            "a worker process came too far: is `enter_worker` the first line of `main`?",
        )),
    }
}

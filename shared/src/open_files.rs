//! How many connections the system lets a program have: each is an open file.

use std::io;

use crate::{Error, Result};

/// What a program has open beside its connections: its outputs, the events that it waits for,
/// a library that it is loading.
const OTHERS: u64 = 32;

/// Raises the limit on open files as far as so many `workers` need it, each with this many
/// connections in this process.
///
/// # Errors
/// The system does not allow so many; it says how many workers would do.
pub fn make_room(workers: usize, connections: u64) -> Result<()> {
    let needed = workers as u64 * connections + OTHERS;
    // Where the system does not tell, there is nothing to refuse.
    let limit = raise(needed).unwrap_or(u64::MAX);
    if limit >= needed {
        return Ok(());
    }
    let possible = limit.saturating_sub(OTHERS) / connections;
    Err(Error::new(match possible {
        0 => format!("this needs {needed} open files, and the system allows {limit}"),
        _ => format!(
            "{workers} workers need {needed} open files, and the system allows {limit}: at most \
             {possible} workers"
        ),
    }))
}

/// Raises the limit on open files so that this process may have so many connections, or as many as
/// the system allows, and says how many that is.
#[cfg(feature = "downloads")]
pub fn most_connections(wanted: usize) -> usize {
    // Where the system does not tell, it may allow them.
    let limit = raise(wanted as u64 + OTHERS).unwrap_or(u64::MAX);
    let possible = usize::try_from(limit.saturating_sub(OTHERS)).unwrap_or(wanted);
    possible.clamp(1, wanted)
}

/// Gives the limit that then holds.
#[cfg(unix)]
fn raise(needed: u64) -> io::Result<u64> {
    let limit = rlimit::getrlimit(rlimit::Resource::NOFILE)?.0;
    if limit >= needed {
        return Ok(limit);
    }
    // macOS allows less than its hard limit says, which this knows.
    rlimit::increase_nofile_limit(needed)
}

/// Sockets are no files on Windows.
#[cfg(not(unix))]
fn raise(_: u64) -> io::Result<u64> {
    Ok(u64::MAX)
}

//! Ctrl-C and its like: they end the program that runs, and then `compare` itself.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fs, io, process, thread};

use shared::{Error, Result};
use tempfile::TempDir;

/// What a shell says of a program that Ctrl-C ended.
pub const STATUS: u8 = 130;

/// How long `compare` may take to leave by itself, cleanly.
const PATIENCE: Duration = Duration::from_secs(2);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether somebody wants `compare` to end.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// From here on the first interruption lets `compare` leave in order, and sees to it that it
/// does so soon, also from where it only waits: for the reader of a pipe, say. The second one
/// ends it at once.
///
/// # Errors
/// The system refuses.
pub fn notice() -> Result<()> {
    ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            leave();
        }
        let after_a_while = || {
            thread::sleep(PATIENCE);
            leave()
        };
        // For want of a thread there is still the second interruption.
        let _ = thread::Builder::new().spawn(after_a_while);
    })
    .map_err(|error| {
        let error = match error {
            // Its own text leaves out what the system said.
            ctrlc::Error::System(error) => Error::from(error),
            other => Error::from(other),
        };
        error.while_doing("cannot prepare for Ctrl-C")
    })
}

fn leave() -> ! {
    // Nobody gets either of them back: nothing is started any more, and nothing made.
    let (running, temporary) = (running(), temporary());
    if let Some(leader) = *running {
        end_group(leader);
    }
    temporary.iter().for_each(|path| remove(path));
    process::exit(STATUS.into())
}

/// Removes a file or a folder. Processes that have just been ended may still be in it.
fn remove(path: &Path) {
    for _ in 0..100 {
        let removed = match path.is_dir() {
            true => fs::remove_dir_all(path),
            false => fs::remove_file(path),
        };
        if removed.is_ok() || !path.exists() {
            break;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// A new folder that is to exist for a while only.
///
/// # Errors
/// There is no room for it.
pub fn temporary_folder() -> io::Result<TempDir> {
    let mut temporary = temporary();
    let folder = tempfile::Builder::new().prefix("compare-").tempdir()?;
    temporary.push(folder.path().to_owned());
    Ok(folder)
}

/// The files and folders that are to exist for a while only. They are locked while one is made.
/// A name may stay when what it named is gone.
pub fn temporary() -> MutexGuard<'static, Vec<PathBuf>> {
    static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number of the process that runs, as long as nobody else can have that number; it leads
/// a group of its own.
pub fn running() -> MutexGuard<'static, Option<u32>> {
    static RUNNING: Mutex<Option<u32>> = Mutex::new(None);
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends all processes of a group, those too whose leader has ended but was not waited for.
///
/// Windows knows no such groups: there a process that another one left behind lives on.
#[cfg(unix)]
pub fn end_group(leader: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let leader = i32::try_from(leader).ok().and_then(Pid::from_raw);
    if let Some(leader) = leader {
        // An error means that there is nobody left.
        let _ = kill_process_group(leader, Signal::KILL);
    }
}

#[cfg(not(unix))]
pub fn end_group(_leader: u32) {}

//! Ctrl-C and its like: they end the program that runs, and then `compare` itself.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use shared::Result;

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
    })?;
    Ok(())
}

fn leave() -> ! {
    if let Some(leader) = *running() {
        end_group(leader);
    }
    process::exit(STATUS.into())
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

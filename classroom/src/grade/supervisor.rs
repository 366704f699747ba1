//! The first process in a sandbox: it sees to it that the limits are kept. When it ends, so does
//! everything in there.
//!
//! Nobody in there can get at it: signals do not reach the first process, and it is closed to
//! the eyes of others, or they could write into its output.

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use shared::{Error, Result};

use super::confinement::{Broken, root};

/// Whom root's processes turn into.
const NOBODY: u32 = 65534;

/// How often it looks.
const INTERVAL: Duration = Duration::from_millis(10);

/// How many processes there may be, however many threads: enough for a pool without a limit.
const PROCESSES: usize = 150;

/// The largest file that may be written, in bytes.
const LARGEST_FILE: u64 = 256 << 20;

/// Runs a program within limits: `TIME_MS MEMORY_BYTES TASKS PROGRAM ARGUMENT...`.
pub fn supervise(mut arguments: impl Iterator<Item = OsString>) -> Result<ExitCode> {
    prctl::set_dumpable(false)?;
    let mut limit = || {
        let argument = arguments.next()?.into_string().ok()?;
        argument.parse::<u64>().ok()
    };
    let (Some(time), Some(memory), Some(tasks)) = (limit(), limit(), limit()) else {
        return Err(Error::new("there are no limits"));
    };
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    setrlimit(Resource::RLIMIT_FSIZE, LARGEST_FILE, LARGEST_FILE)?;
    // What takes it all in one piece must not be faster than this process looks.
    setrlimit(Resource::RLIMIT_AS, 4 * memory, 4 * memory)?;
    // A little more than is allowed: who comes that far is to be stopped, not to be slowed down.
    setrlimit(Resource::RLIMIT_NPROC, tasks + 50, tasks + 50)?;
    let program = arguments.next().unwrap_or_default();
    let start = Instant::now();
    let mut command = Command::new(&program);
    command.args(arguments);
    if root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let child = command.spawn().map_err(|error| {
        Error::from(error).while_doing(&format!("cannot start {}", program.display()))
    })?;
    loop {
        if let Some(code) = reap(&child) {
            return Ok(ExitCode::from(code));
        }
        if let Some(broken) = broken(start, time, memory, tasks) {
            return Ok(ExitCode::from(broken as u8));
        }
        thread::sleep(INTERVAL);
    }
}

/// Takes the dead out of the table of processes: the child, and whoever has lost a parent.
/// Returns how the child has ended, if it has.
fn reap(child: &Child) -> Option<u8> {
    let mut code = None;
    while let Ok(status) = waitpid(None, Some(WaitPidFlag::WNOHANG)) {
        let (id, status) = match status {
            WaitStatus::Exited(id, code) => (id, u8::try_from(code).unwrap_or(1)),
            // As a shell says it.
            WaitStatus::Signaled(id, signal, _) => (id, 128 + signal as u8),
            _ => break,
        };
        if u32::try_from(id.as_raw()) == Ok(child.id()) {
            code = Some(status);
        }
    }
    code
}

fn broken(start: Instant, time: u64, memory: u64, tasks: u64) -> Option<Broken> {
    if start.elapsed() > Duration::from_millis(time) {
        return Some(Broken::Time);
    }
    let (mut used, mut running) = (0, 0);
    let mut processes: Vec<_> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    processes.retain(|entry| entry.file_name().as_encoded_bytes()[0].is_ascii_digit());
    // Soon this process would hardly get its turn among them.
    if processes.len() > PROCESSES {
        return Some(Broken::Tasks);
    }
    for process in processes {
        let Ok(status) = fs::read_to_string(process.path().join("status")) else {
            continue;
        };
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        used += 1024 * number("VmRSS:").unwrap_or(0);
        running += number("Threads:").unwrap_or(0);
    }
    match () {
        () if used > memory => Some(Broken::Memory),
        () if running > tasks => Some(Broken::Tasks),
        () => None,
    }
}

//! Watches a process to its end, or puts an end to it: after a time, or when somebody interrupts.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use shared::Error;

use crate::interruption::interrupted;

/// How much is kept of what a process prints, in bytes. The rest is read all the same.
const KEPT: usize = 1 << 20;

/// How a process ended, and what it printed.
pub struct End {
    pub how: How,
    pub stdout: String,
    pub stderr: String,
}

pub enum How {
    Ended(ExitStatus),
    TookTooLong,
    Interrupted,
}

/// Starts a process and watches it.
///
/// # Errors
/// It cannot be started, or there is no thread to read what it prints.
pub fn watch(command: &mut Command, limit: Duration) -> io::Result<End> {
    if interrupted() {
        return Ok(End {
            how: How::Interrupted,
            stdout: String::new(),
            stderr: String::new(),
        });
    }
    // Ctrl-C in a terminal would end it before we can say what was graded by then.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            let name = command.get_program().display();
            because(error, &format!("cannot start {name}"))
        })?;
    let read = (|| {
        let stdout = Output::read(child.stdout.take())?;
        Ok((stdout, Output::read(child.stderr.take())?))
    })();
    let (stdout, stderr) = read.map_err(|error: io::Error| {
        stop(&mut child);
        because(error, "cannot read what a process prints")
    })?;
    let how = loop {
        if let Some(status) = child.try_wait()? {
            break How::Ended(status);
        }
        if interrupted() || start.elapsed() > limit {
            stop(&mut child);
            break if interrupted() {
                How::Interrupted
            } else {
                How::TookTooLong
            };
        }
        thread::sleep(Duration::from_millis(5));
    };
    Ok(End {
        how,
        stdout: stdout.text(),
        stderr: stderr.text(),
    })
}

/// The same error, and what was being done when it came.
fn because(error: io::Error, what: &str) -> io::Error {
    let kind = error.kind();
    io::Error::new(kind, Error::from(error).while_doing(what).to_string())
}

/// Ends a process and those that it has started. What has left its group goes with the sandbox.
fn stop(child: &mut Child) {
    #[cfg(unix)]
    if let Ok(id) = i32::try_from(child.id()) {
        use nix::sys::signal::{Signal, killpg};
        // It may have ended by itself.
        let _ = killpg(nix::unistd::Pid::from_raw(id), Signal::SIGKILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// What comes out of a pipe, read on a thread of its own.
#[derive(Clone, Default)]
struct Output {
    bytes: Arc<Mutex<Vec<u8>>>,
    closed: Arc<AtomicBool>,
}

impl Output {
    fn read(pipe: Option<impl Read + Send + 'static>) -> io::Result<Self> {
        let output = Self::default();
        let mut pipe = pipe.expect("it was asked for");
        let kept = output.clone();
        let read = move || {
            let mut piece = vec![0; 64 * 1024];
            while let Ok(length @ 1..) = pipe.read(&mut piece) {
                let mut bytes = kept.bytes.lock().expect("nothing panics with it");
                let room = KEPT.saturating_sub(bytes.len());
                bytes.extend_from_slice(&piece[..length.min(room)]);
            }
            kept.closed.store(true, Ordering::Release);
        };
        thread::Builder::new().spawn(read)?;
        Ok(output)
    }

    /// Somebody who was left behind may hold the pipe open for ever.
    fn text(self) -> String {
        let start = Instant::now();
        while !self.closed.load(Ordering::Acquire) && start.elapsed() < Duration::from_secs(1) {
            thread::sleep(Duration::from_millis(1));
        }
        let bytes = self.bytes.lock().expect("nothing panics with it");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

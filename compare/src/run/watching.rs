//! Watches a process to its end, or puts an end to it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use shared::{Error, Result};
use wait4::{ResUse, Wait4};

use super::{Fate, memory};

/// A process that ended by itself.
pub struct End {
    pub elapsed: Duration,
    pub usage: ResUse,
    pub memory: Option<u64>,
    /// What it said of its work.
    pub said: Said,
    /// The last thing it complained about.
    pub complaint: Option<String>,
}

/// Starts a process and watches it to its end.
pub fn watch(
    command: &mut Command,
    limit: Duration,
    mut meanwhile: impl FnMut(Duration),
) -> Result<Fate<End>> {
    // A process that it starts and leaves behind can then be stopped with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let start = Instant::now();
    let mut child = match command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    {
        Ok(child) => child,
        Err(error) => {
            let reason = Error::from(error).while_doing("cannot be started");
            return Ok(Err(reason.to_string()));
        }
    };
    let said = listen(child.stdout.take(), Said::default(), Said::and);
    let complaint = listen(child.stderr.take(), None, |complaint, line| {
        let says_why = !line.is_empty() && !line.starts_with("note:");
        if says_why {
            Some(line.to_owned())
        } else {
            complaint
        }
    });
    let mut memory = memory::Peak::of(child.id());
    let attended = attend(child, &said, limit, |elapsed| {
        memory.look();
        meanwhile(elapsed);
    })?;
    Ok(match attended {
        Attended::Ended { usage, end, output } => Ok(End {
            elapsed: end - start,
            usage,
            memory: memory.found(&usage),
            said: output.unwrap_or_default(),
            complaint: complaint
                .recv_timeout(Duration::from_secs(1))
                .ok()
                .and_then(|(complaint, _)| complaint),
        }),
        Attended::Hung => Err(format!("stopped: no end within {} s", limit.as_secs_f64())),
    })
}

/// What a program said of its work.
#[derive(Default)]
pub struct Said {
    /// How many pages it had fetched, jobs or functions done, files compressed.
    pub done: usize,
    /// The most functions that had started and not ended.
    pub most_at_once: usize,
    under_way: usize,
}

impl Said {
    fn and(mut self, line: &str) -> Self {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["Fetched", _, "bytes", "from", ..] => self.done += 1,
            [_, "=", _, times, "time" | "times"] => self.done = times.parse().unwrap_or(0),
            ["Compressed", files, "of", ..] => self.done = files.parse().unwrap_or(0),
            [_, "started", "at", _] => {
                self.under_way += 1;
                self.most_at_once = self.most_at_once.max(self.under_way);
            }
            [_, "ended", "at", _] => {
                self.under_way = self.under_way.saturating_sub(1);
                self.done += 1;
            }
            _ => {}
        }
        self
    }
}

/// Reads a pipe line by line, on a thread, and sends what it gathers and the time of its end.
pub fn listen<T: Send + 'static>(
    pipe: Option<impl Read + Send + 'static>,
    mut gathered: T,
    gather: impl Fn(T, &str) -> T + Send + 'static,
) -> Receiver<(T, Instant)> {
    let (sender, receiver) = mpsc::channel();
    let mut pipe = BufReader::new(pipe.expect("it was asked for"));
    thread::spawn(move || {
        let mut line = Vec::new();
        let mut next =
            |line: &mut Vec<u8>| pipe.by_ref().take(LONGEST_LINE).read_until(b'\n', line);
        while next(&mut line).is_ok_and(|read| read > 0) {
            gathered = gather(gathered, String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
        // Nobody waits any more for what an abandoned process says.
        let _ = sender.send((gathered, Instant::now()));
    });
    receiver
}

/// A program that prints without end and without lines must not fill the memory.
const LONGEST_LINE: u64 = 64 * 1024;

/// What became of a process.
pub enum Attended<T> {
    Ended {
        usage: ResUse,
        /// When its output ended: to the microsecond, when it did.
        end: Instant,
        /// What was gathered of its output.
        output: Option<T>,
    },
    Hung,
}

/// Waits for a process; stops it when its time is over or when `compare` is interrupted.
pub fn attend<T>(
    mut child: Child,
    output: &Receiver<(T, Instant)>,
    limit: Duration,
    mut meanwhile: impl FnMut(Duration),
) -> Result<Attended<T>> {
    let start = Instant::now();
    let mut gathered = None;
    loop {
        let elapsed = start.elapsed();
        match gathered {
            // More often at first: a short run should not be over before the first look.
            None => {
                gathered = output
                    .recv_timeout((elapsed / 5).clamp(LOOK_AFTER, LOOK_EVERY))
                    .ok()
            }
            Some(_) => thread::sleep(Duration::from_millis(1)),
        }
        if let Some(usage) = child.try_wait4()? {
            let noticed = Instant::now();
            // The last of the output may still be on its way; a process that was left behind
            // may keep it open for ever.
            let output = gathered.or_else(|| output.recv_timeout(Duration::from_secs(1)).ok());
            return Ok(Attended::Ended {
                usage,
                end: output.as_ref().map_or(noticed, |(_, end)| *end),
                output: output.map(|(gathered, _)| gathered),
            });
        }
        if interrupted() {
            stop(child)?;
            return Err(Error::new("interrupted"));
        }
        if elapsed > limit {
            stop(child)?;
            return Ok(Attended::Hung);
        }
        meanwhile(elapsed);
    }
}

/// Ends a process, with all that it started: its process group, if it leads one.
fn stop(mut child: Child) -> Result<()> {
    #[cfg(unix)]
    {
        use nix::sys::signal::{Signal::SIGKILL, killpg};
        use nix::unistd::Pid;
        let group = i32::try_from(child.id()).expect("it was an i32 before");
        // An error means that it leads none.
        let _ = killpg(Pid::from_raw(group), SIGKILL);
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

const LOOK_AFTER: Duration = Duration::from_millis(2);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Whether somebody wants `compare` to end.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl-C and its like end the program that runs, then `compare` itself.
///
/// # Errors
/// The system refuses.
pub fn notice_interruptions() -> Result<()> {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed))?;
    Ok(())
}

//! A gate for jobs: the turnstile of the practice site, for computations. It works over a
//! socket, so that the jobs of a program may be spread over threads and processes.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{env, fmt};

use crate::output::complain;
use crate::turnstile::{PATIENCE, Passing, Turnstile, TurnstileSeen};

/// If this environment variable holds the [address](Gate::address) of a gate, every job asks
/// it for leave before it begins.
pub const JOB_GATE: &str = "JOB_GATE";

/// The longest line that a gate reads, in bytes.
const LONGEST_LINE: u64 = 1024;

/// Lets jobs begin one at a time, the newest first, and only while as many are waiting as a
/// program promises to have under way. It ends when dropped; whoever waits may begin then.
///
/// ```
/// # use shared::jobs::Gate;
/// let gate = Gate::start(4, 20)?;
/// let mut program = std::process::Command::new("parallel-cpu");
/// program.args(["--workers", "4", "--jobs", "20"]);
/// program.env(shared::jobs::JOB_GATE, gate.address());
/// # std::io::Result::Ok(())
/// ```
pub struct Gate {
    address: SocketAddr,
    watch: Arc<Watch>,
    thread: Option<JoinHandle<()>>,
}

/// What a gate has seen.
#[derive(Clone, Debug)]
pub struct GateSeen {
    /// How many jobs came and passed, and what stopped them.
    pub turnstile: TurnstileSeen,
    /// The jobs, in the order in which they asked.
    pub jobs: Vec<JobAsked>,
}

/// A job that asked for leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobAsked {
    /// What it was, as in `fib(35)`.
    pub what: String,
    /// What came of it, as in `9227465`; `None` if it has not (yet) told.
    pub returned: Option<String>,
    /// Whether it has ended.
    pub ended: bool,
}

/// What the gate and those who attend to its jobs share.
struct Watch {
    turnstile: Turnstile,
    jobs: Mutex<Vec<JobAsked>>,
    stopped: AtomicBool,
}

impl Gate {
    /// Starts a gate on a free port of 127.0.0.1 for so many `jobs` in all, `at_once` of them
    /// at a time.
    ///
    /// # Errors
    /// The system gives no port or thread.
    pub fn start(at_once: usize, jobs: usize) -> io::Result<Self> {
        Self::start_patient(at_once, jobs, PATIENCE)
    }

    /// Like [`start`](Self::start), but gives up only when no job has come, begun or ended for
    /// as long as its `patience`.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_patient(at_once: usize, jobs: usize, patience: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let watch = Arc::new(Watch {
            turnstile: Turnstile::start(at_once, jobs, Passing::Newest, patience)?,
            jobs: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let thread = thread::Builder::new().name("gate".into()).spawn({
            let watch = Arc::clone(&watch);
            move || watch.receive(&listener)
        })?;
        Ok(Self {
            address,
            watch,
            thread: Some(thread),
        })
    }

    /// What [`JOB_GATE`] must be.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// What it has seen up to this moment.
    pub fn seen(&self) -> GateSeen {
        GateSeen {
            turnstile: self.watch.turnstile.seen(),
            jobs: self.watch.jobs().clone(),
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.watch.turnstile.open();
        self.watch.stopped.store(true, Ordering::Relaxed);
        // The thread waits for somebody to come; without this it would for ever.
        if TcpStream::connect(self.address).is_ok()
            && let Some(thread) = self.thread.take()
        {
            // A panic of the gate's thread has been printed by then; there is nothing to add.
            let _ = thread.join();
        }
    }
}

impl Watch {
    fn receive(self: &Arc<Self>, listener: &TcpListener) {
        loop {
            let accepted = listener.accept();
            if self.stopped.load(Ordering::Relaxed) {
                return;
            }
            let Ok((job, _)) = accepted else {
                // One that left at once, or no file for it: a job that ends gives one back.
                thread::sleep(Duration::from_millis(10));
                continue;
            };
            let watch = Arc::clone(self);
            let attending = thread::Builder::new()
                .name("gate-job".into())
                // An error is a job that has left: it needs no leave.
                .spawn(move || drop(watch.attend(job)));
            if let Err(error) = attending {
                complain(format_args!(
                    "Error: the gate cannot attend to a job: {error}"
                ));
            }
        }
    }

    /// Gives one job leave in its turn, and stays until it has ended.
    fn attend(&self, job: TcpStream) -> io::Result<()> {
        let mut leave = job.try_clone()?;
        let mut lines = BufReader::new(job);
        let what = read_line(&mut lines)?.unwrap_or_default();
        let number = {
            let mut jobs = self.jobs();
            jobs.push(JobAsked {
                what,
                returned: None,
                ended: false,
            });
            jobs.len() - 1
        };
        let ticket = self.turnstile.enter(Some(move || {
            // If it has left by now, the end of its connection says so.
            let _ = leave.write_all(LEAVE);
        }));
        let returned = read_line(&mut lines).unwrap_or_default();
        let told = returned.is_some();
        self.jobs()[number].returned = returned;
        if told {
            // Nothing follows but the end.
            let _ = lines.read(&mut [0]);
        }
        self.jobs()[number].ended = true;
        drop(ticket);
        Ok(())
    }

    fn jobs(&self) -> MutexGuard<'_, Vec<JobAsked>> {
        self.jobs.lock().expect("nothing panics while it is held")
    }
}

/// A line without its end; `None` if there is none.
fn read_line(lines: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    lines.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    let text = String::from_utf8_lossy(&line);
    Ok((!line.is_empty()).then(|| text.trim_end().to_owned()))
}

/// What a gate sends to a job that may begin.
const LEAVE: &[u8] = b"!";

static ADDRESS: LazyLock<Option<SocketAddr>> = LazyLock::new(|| {
    let address = env::var_os(JOB_GATE)?;
    let loopback = address.to_str().and_then(|text| text.parse().ok());
    let loopback = loopback.filter(|address: &SocketAddr| address.ip().is_loopback());
    if loopback.is_none() {
        complain(format_args!(
            "Error: {JOB_GATE} must be an address of this machine, like 127.0.0.1:4000"
        ));
    }
    loopback
});

/// Waits for leave to begin a job, if there is a gate; gives the connection that tells it of
/// the end.
pub(super) fn ask_for_leave(what: impl fmt::Display) -> Option<TcpStream> {
    let address = (*ADDRESS)?;
    let ask = || {
        let mut gate = TcpStream::connect(address)?;
        let what = what.to_string().replace(['\n', '\r'], " ");
        gate.write_all(format!("{what}\n").as_bytes())?;
        gate.read_exact(&mut [0; LEAVE.len()])?;
        Ok(gate)
    };
    let gate: io::Result<TcpStream> = ask();
    if let Err(error) = &gate {
        complain(format_args!(
            "Error: the gate {address} gave {what} no leave: {error}"
        ));
    }
    gate.ok()
}

//! One worker process, as the pool sees it.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{env, mem, process, thread};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::message::Message;
#[cfg(unix)]
use crate::membership::WORKER_NAME;
use crate::membership::{Membership, WORKER_MARK};
use crate::{Error, Result};

/// How long a new process may take to connect. It is far more than any needs.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How long a process may take to end when no more jobs come. It may be writing down its jobs.
pub(super) const LEAVE_LIMIT: Duration = Duration::from_secs(5);

pub(super) struct Worker {
    process: Child,
    connection: Connection,
}

enum Connection {
    /// The process has been started, and will connect here and give its token.
    Expected(TcpListener, String),
    Open(BufReader<TcpStream>),
    /// The process is to end, or has ended.
    Closed,
}

/// Why there is no outcome.
enum Loss {
    /// The process ended.
    Ended,
    /// Its time was over.
    TookTooLong(Duration),
    /// What it sent is none.
    Garbled(Error),
}

impl Worker {
    /// Starts a process, and does not wait for it.
    pub fn start() -> Result<Self> {
        // On macOS a process that another thread starts meanwhile would inherit the listener.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _turn = ONE_AT_A_TIME.lock().expect("nothing panics in here");
        let start = || {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            listener.set_nonblocking(true)?;
            let membership = Membership::new(listener.local_addr()?);
            let program = env::current_exe()?;
            let mut command = Command::new(&program);
            command
                .env(WORKER_MARK, membership.to_string())
                // What its jobs read is not the input of this program.
                .stdin(Stdio::null());
            #[cfg(unix)]
            {
                let mut name = program.into_os_string();
                name.push(WORKER_NAME);
                std::os::unix::process::CommandExt::arg0(&mut command, name);
            }
            let process = command.spawn()?;
            let connection = Connection::Expected(listener, membership.token);
            Ok(Self {
                process,
                connection,
            })
        };
        let started: io::Result<Self> = start();
        started.map_err(|error| Error::from(error).while_doing("cannot start a worker process"))
    }

    /// Has a job done; starts another process first if this one has ended.
    pub fn run<R: DeserializeOwned>(
        &mut self,
        argument: &str,
        job: &impl Serialize,
        patience: Option<Duration>,
    ) -> Result<R> {
        let job = serde_json::to_string(job)?;
        if self.process.try_wait()?.is_some() {
            *self = Self::start()?;
        }
        let loss = match self.outcome(argument, &job, patience) {
            Ok(Ok(outcome)) => return outcome.map_err(Error::new),
            Ok(Err(status)) => process::exit(status),
            Err(loss) => loss,
        };
        let status = self.end(&loss)?;
        Err(Error::new(match loss {
            Loss::Ended => format!("the worker process that held it died ({status})"),
            Loss::TookTooLong(time) => format!(
                "the worker process that held it had no outcome after {} s, and was killed",
                time.as_secs_f64()
            ),
            Loss::Garbled(error) => {
                format!("the worker process that held it answered with no outcome: {error}")
            }
        }))
    }

    fn outcome<R: DeserializeOwned>(
        &mut self,
        argument: &str,
        job: &str,
        patience: Option<Duration>,
    ) -> std::result::Result<Message<R>, Loss> {
        let stream = self.connect(argument, patience.unwrap_or(START_LIMIT))?;
        let deadline = patience.and_then(|patience| Instant::now().checked_add(patience));
        // A worker that is stopped reads nothing, either.
        let _ = stream.get_ref().set_write_timeout(patience);
        // Whether the worker lives to read it shows when it answers, or does not.
        let _ = stream.get_mut().write_all(format!("{job}\n").as_bytes());
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            let left = deadline.map(|deadline| {
                // A timeout of zero would be none.
                let left = deadline.saturating_duration_since(Instant::now());
                left.max(Duration::from_nanos(1_000))
            });
            // It cannot fail: the time is not zero.
            let _ = stream.get_ref().set_read_timeout(left);
            match stream.read_until(b'\n', &mut line) {
                Ok(0) => return Err(Loss::Ended),
                Ok(_) => {}
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                        return Err(Loss::TookTooLong(patience.unwrap_or_default()));
                    }
                    ErrorKind::Interrupted => {}
                    _ => return Err(Loss::Ended),
                },
            }
        }
        serde_json::from_slice(&line).map_err(|error| Loss::Garbled(error.into()))
    }

    /// Waits until the process has connected, and sends it the argument.
    fn connect(
        &mut self,
        argument: &str,
        patience: Duration,
    ) -> std::result::Result<&mut BufReader<TcpStream>, Loss> {
        if let Connection::Expected(listener, token) = &self.connection {
            let start = Instant::now();
            let mut stream = loop {
                match accept(listener, token) {
                    Some(stream) => break stream,
                    None if start.elapsed() > patience.min(START_LIMIT) => {
                        return Err(Loss::TookTooLong(patience.min(START_LIMIT)));
                    }
                    None if !matches!(self.process.try_wait(), Ok(None)) => {
                        return Err(Loss::Ended);
                    }
                    None => thread::sleep(Duration::from_micros(200)),
                }
            };
            let _ = stream
                .get_mut()
                .write_all(format!("{argument}\n").as_bytes());
            self.connection = Connection::Open(stream);
        }
        match &mut self.connection {
            Connection::Open(stream) => Ok(stream),
            _ => Err(Loss::Ended),
        }
    }

    /// Waits for the end of the process, and brings it about unless it has ended by itself.
    fn end(&mut self, loss: &Loss) -> io::Result<ExitStatus> {
        self.connection = Connection::Closed;
        match loss {
            Loss::Ended => wait_or_kill(&mut self.process, Instant::now() + LEAVE_LIMIT),
            _ => wait_or_kill(&mut self.process, Instant::now()),
        }
    }

    /// Waits for the end of a process that has been [dismissed](Self::dismiss), until `deadline`.
    pub fn see_off(&mut self, deadline: Instant) {
        // Otherwise it would stay in the system's table of processes, as a zombie.
        let _ = wait_or_kill(&mut self.process, deadline);
    }

    /// Tells the process that no more jobs come.
    pub fn dismiss(&mut self) {
        match mem::replace(&mut self.connection, Connection::Closed) {
            Connection::Expected(..) => {
                // It never got a job, so nothing is lost.
                let _ = self.process.kill();
            }
            Connection::Open(stream) => {
                // A process that another thread started meanwhile may hold the connection, too
                // (on macOS): to close it here would not be enough.
                let _ = stream.get_ref().shutdown(Shutdown::Both);
            }
            Connection::Closed => {}
        }
    }
}

/// Waits for the end of a process until `deadline`, and then brings it about.
fn wait_or_kill(process: &mut Child, deadline: Instant) -> io::Result<ExitStatus> {
    let mut pause = Duration::from_micros(100);
    while Instant::now() < deadline {
        if let Some(status) = process.try_wait()? {
            return Ok(status);
        }
        thread::sleep(pause);
        pause = (2 * pause).min(Duration::from_millis(10));
    }
    process.kill()?;
    process.wait()
}

/// The connection of the process that knows the token. Whoever else comes is sent away.
fn accept(listener: &TcpListener, token: &str) -> Option<BufReader<TcpStream>> {
    let (stream, _) = listener.accept().ok()?;
    stream.set_nonblocking(false).ok()?;
    stream.set_nodelay(true).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    let mut stream = BufReader::new(stream);
    let mut line = vec![0; token.len() + 1];
    stream.read_exact(&mut line).ok()?;
    (line.strip_suffix(b"\n") == Some(token.as_bytes())).then_some(stream)
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.dismiss();
        self.see_off(Instant::now() + LEAVE_LIMIT);
    }
}

//! Running a program as its reader would, to its end or for as long as it is wanted.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::{Failure, Run};

/// How long a program may go on without printing anything: one that takes longer hangs.
const SILENCE: Duration = Duration::from_secs(10);

/// How long it may go on in all.
const DEADLINE: Duration = Duration::from_secs(20);

/// How much of an output is kept, in bytes. The rest is read all the same.
const KEPT: usize = 4 << 20;

/// A proxy that nobody serves: whoever asks it for a page of this machine gets none.
const DEAD_PROXY: &str = "http://127.0.0.1:9";

/// The command that runs a program with these arguments, with nothing to read and both
/// outputs kept, and with a dead proxy in its environment.
pub fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A backtrace tells a student less than the line above it.
        .env("RUST_BACKTRACE", "0");
    for name in ["ALL_PROXY", "HTTP_PROXY", "http_proxy"] {
        command.env(name, DEAD_PROXY);
    }
    command.env_remove("NO_PROXY").env_remove("no_proxy");
    command
}

/// Waits for the end of a started program, and for what it prints until then to the outputs
/// that nobody else has taken.
///
/// # Panics
/// It does not end.
pub fn wait(child: Child) -> Run {
    let mut running = Running::of(child);
    running.read();
    match running.end() {
        Ok(run) => run,
        Err(failure) => panic!("{failure}"),
    }
}

/// Runs a program to its end.
///
/// # Panics
/// It cannot be started, or does not end.
pub fn run(program: &str, arguments: &[&str]) -> Run {
    wait(spawn(command(program, arguments)))
}

fn spawn(mut command: Command) -> Child {
    command.spawn().unwrap_or_else(|error| {
        let program = command.get_program().display();
        panic!("{program} cannot be started: {error}")
    })
}

/// A program that runs. It is stopped when this is dropped.
pub struct Running {
    child: Child,
    unread: Option<ChildStdout>,
    stdout: Output,
    stderr: Output,
}

impl Running {
    /// Starts a program and reads what it prints.
    ///
    /// # Panics
    /// It cannot be started, or there is no thread to read with.
    pub fn start(command: Command) -> Self {
        let mut running = Self::start_unread(command);
        running.read();
        running
    }

    /// Starts a program whose standard output nobody reads yet: when the pipe is full, it waits
    /// wherever it prints.
    ///
    /// # Panics
    /// It cannot be started, or there is no thread to read its errors with.
    pub fn start_unread(command: Command) -> Self {
        Self::of(spawn(command))
    }

    fn of(mut child: Child) -> Self {
        let stderr = child.stderr.take();
        // Whatever happens from here on, it is stopped when this is dropped.
        let running = Self {
            unread: child.stdout.take(),
            stdout: Output::default(),
            stderr: Output::default(),
            child,
        };
        if let Some(pipe) = stderr {
            running.stderr.read(pipe);
        }
        running
    }

    /// Begins to read its standard output.
    ///
    /// # Panics
    /// There is no thread to read with.
    pub fn read(&mut self) {
        if let Some(pipe) = self.unread.take() {
            self.stdout.read(pipe);
        }
    }

    /// Reads one line of its standard output, as `| head -1` does, and closes it.
    ///
    /// # Errors
    /// None comes for too long; then it is stopped.
    ///
    /// # Panics
    /// There is no thread to read with.
    pub fn read_one_line(mut self) -> Result<Self, Failure> {
        let (sender, line) = mpsc::channel();
        if let Some(pipe) = self.unread.take() {
            read_beside(move || {
                let mut line = String::new();
                let _ = sender.send(BufReader::new(pipe).read_line(&mut line));
            });
        }
        match line.recv_timeout(SILENCE) {
            Ok(_) => Ok(self),
            Err(_) => Err(hangs(SILENCE, SILENCE, &self.stop())),
        }
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// What it has printed to standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Whether it has ended.
    ///
    /// # Panics
    /// The system does not know.
    pub fn has_ended(&mut self) -> bool {
        let status = self.child.try_wait();
        status.expect("a child can be waited for").is_some()
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// It goes on for too long, in all or without a word; then it is stopped.
    pub fn end(mut self) -> Result<Run, Failure> {
        let start = Instant::now();
        let mut last_word = (start, 0);
        while !self.has_ended() {
            let printed = self.stdout.bytes() + self.stderr.bytes();
            if printed != last_word.1 {
                last_word = (Instant::now(), printed);
            }
            if start.elapsed() > DEADLINE || last_word.0.elapsed() > SILENCE {
                let silent = last_word.0.elapsed();
                return Err(hangs(start.elapsed(), silent, &self.stop()));
            }
            thread::sleep(Duration::from_millis(2));
        }
        Ok(self.stop())
    }

    /// Stops it if it still runs.
    ///
    /// # Panics
    /// The system cannot stop it.
    pub fn stop(mut self) -> Run {
        let status = self.kill();
        self.read();
        // Whatever else it has started may hold its outputs open for longer.
        let start = Instant::now();
        while !(self.stdout.is_closed() && self.stderr.is_closed()) && start.elapsed() < SILENCE / 5
        {
            thread::sleep(Duration::from_millis(1));
        }
        Run {
            stdout: self.stdout.text(),
            stderr: self.stderr.text(),
            status,
        }
    }

    fn kill(&mut self) -> ExitStatus {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.child.wait().expect("a child can be waited for")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

fn hangs(elapsed: Duration, silent: Duration, run: &Run) -> Failure {
    let [elapsed, silent] = [elapsed, silent].map(|time| time.as_secs());
    Failure::last(format!(
        "the program was still running after {elapsed} s, the last {silent} s without a word, so \
         the grader stopped it: what does it wait for?\n{run}"
    ))
}

/// Reads on a thread of its own.
///
/// # Panics
/// The system gives no thread.
fn read_beside(read: impl FnOnce() + Send + 'static) {
    if let Err(error) = thread::Builder::new().spawn(read) {
        panic!("there is no thread to read what a program prints: {error}")
    }
}

/// What has come out of a pipe; it is read on a thread of its own.
#[derive(Clone, Default)]
struct Output {
    text: Arc<Mutex<Vec<u8>>>,
    open: Arc<AtomicBool>,
}

impl Output {
    fn read(&self, mut pipe: impl Read + Send + 'static) {
        self.open.store(true, Ordering::Release);
        let output = self.clone();
        let mut piece = vec![0; 64 * 1024];
        read_beside(move || {
            while let Ok(bytes @ 1..) = pipe.read(&mut piece) {
                let mut text = output.lock();
                let room = KEPT.saturating_sub(text.len());
                text.extend_from_slice(&piece[..bytes.min(room)]);
            }
            output.open.store(false, Ordering::Release);
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<u8>> {
        self.text.lock().expect("nothing panics with it")
    }

    fn is_closed(&self) -> bool {
        !self.open.load(Ordering::Acquire)
    }

    fn bytes(&self) -> usize {
        self.lock().len()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.lock()).into_owned()
    }
}

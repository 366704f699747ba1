//! Where a worker process enters, and what it does until its end.

use std::borrow::Borrow;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{process, thread};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::message::Message;
use crate::membership::Membership;
use crate::{Error, Result, jobs, output};

/// Where a worker process enters: the first line of `main`.
///
/// In a worker it calls `open` once with what [`ProcessPool::start`](super::ProcessPool::start)
/// was given, then `work` for every job with what `open` returned, and never returns. Anywhere
/// else it does nothing.
///
/// The worker ends when its parent has closed its connection or is gone: on Unix even in the
/// middle of a job, elsewhere after it. A process that somebody else has marked as a worker
/// says so and ends with status 2.
pub fn enter_worker<A, S, J, R>(open: impl FnOnce(A) -> S, work: impl Fn(&S, &J) -> Result<R>)
where
    A: DeserializeOwned,
    J: ToOwned<Owned: DeserializeOwned> + ?Sized,
    R: Serialize,
{
    let membership = match Membership::of_this_process() {
        Ok(None) => return,
        Ok(Some(membership)) => membership,
        Err(error) => end(2, &error),
    };
    let work_all = || {
        end_with_parent(&membership)?;
        let mut pool = Pool::join(&membership)?;
        let Some(argument) = pool.next_line() else {
            return Ok(());
        };
        let session = open(serde_json::from_str(&argument)?);
        while let Some(job) = pool.next_line() {
            let job: J::Owned = serde_json::from_str(&job)?;
            let outcome = work(&session, job.borrow());
            let outcome = outcome.map_err(|error| error.to_string());
            send(&pool.answers, &Ok(outcome))?;
        }
        jobs::write_log()
    };
    match work_all() {
        Ok(()) => process::exit(0),
        Err(error) => end(1, &error),
    }
}

fn end(status: i32, error: &Error) -> ! {
    output::complain(format_args!("Error: {error}"));
    process::exit(status)
}

/// The pool, as a worker sees it.
struct Pool {
    lines: BufReader<TcpStream>,
    /// A job may have threads, and their output may fail while an outcome is on its way.
    answers: Arc<Mutex<TcpStream>>,
}

impl Pool {
    /// Connects to the pool, and says which worker this is.
    fn join(membership: &Membership) -> Result<Self> {
        let connect = || {
            let mut stream = TcpStream::connect(membership.address)?;
            stream.set_nodelay(true)?;
            stream.write_all(format!("{}\n", membership.token).as_bytes())?;
            Ok((BufReader::new(stream.try_clone()?), stream))
        };
        let connected: io::Result<_> = connect();
        if connected.is_err() {
            // Where the parent has ended, and its pool with it, there is nobody to tell: a moment
            // later this process has ended, too.
            thread::sleep(3 * LOOK_AFTER_PARENT);
        }
        let connected = connected
            .map_err(|error| Error::from(error).while_doing("a worker cannot reach its pool"));
        let (lines, stream) = connected?;
        let answers = Arc::new(Mutex::new(stream));
        let tell = {
            let answers = Arc::clone(&answers);
            move |status| {
                // A number cannot fail to become JSON.
                let _ = send(&answers, &Message::<()>::Err(status));
            }
        };
        // This is the only pool that the process ever joins.
        let _ = output::TELL_POOL.set(Box::new(tell));
        Ok(Self { lines, answers })
    }

    /// The next line, unless the pool has ended, be it in the middle of one.
    fn next_line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.lines.read_line(&mut line);
        (read.is_ok() && line.ends_with('\n')).then_some(line)
    }
}

/// Sends a message in one piece. If that fails, the pool is gone, and no next job comes.
fn send<R: Serialize>(stream: &Mutex<TcpStream>, message: &Message<R>) -> serde_json::Result<()> {
    let message = serde_json::to_string(message)?;
    let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = stream.write_all(format!("{message}\n").as_bytes());
    Ok(())
}

/// How often a worker looks whether its parent is still there.
const LOOK_AFTER_PARENT: Duration = Duration::from_millis(100);

/// Ends this process a moment after its parent, whatever it is at.
///
/// The end of its connection would tell at once, but only a thread that reads all the time
/// would hear of it, and would have to hand on every job.
#[cfg(unix)]
fn end_with_parent(membership: &Membership) -> Result<()> {
    use std::os::unix::process::parent_id;

    let parent = membership.parent;
    let watch = move || {
        while parent == parent_id() {
            thread::sleep(LOOK_AFTER_PARENT);
        }
        process::exit(1)
    };
    thread::Builder::new().spawn(watch)?;
    Ok(())
}

#[cfg(not(unix))]
fn end_with_parent(_: &Membership) -> Result<()> {
    Ok(())
}

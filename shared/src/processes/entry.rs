//! Where a worker process enters, and what it does until its end.

use std::borrow::Borrow;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::{process, thread};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Sent;
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
    output::IN_WORKER.store(true, Ordering::Relaxed);
    let work_all = || {
        end_with_parent(&membership)?;
        let (lines, mut answers) = report_for_work(&membership)?;
        let mut lines = lines.lines().map_while(io::Result::ok);
        let Some(argument) = lines.next() else {
            return Ok(());
        };
        let session = open(serde_json::from_str(&argument)?);
        for line in lines {
            let job: J::Owned = serde_json::from_str(&line)?;
            let outcome: Sent<R> = work(&session, job.borrow()).map_err(|error| error.to_string());
            let outcome = serde_json::to_string(&outcome)?;
            // In one piece; an error is a pool that is gone, and with it the next job.
            let _ = answers.write_all(format!("{outcome}\n").as_bytes());
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

/// Connects to the pool, and says which worker this is.
fn report_for_work(membership: &Membership) -> Result<(BufReader<TcpStream>, TcpStream)> {
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
    connected.map_err(|error| Error::from(error).while_doing("a worker cannot reach its pool"))
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

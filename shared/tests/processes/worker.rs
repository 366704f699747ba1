//! What a worker of these tests does.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::process::{self, Command, Stdio};
use std::time::Duration;
use std::{panic, thread};

use serde::{Deserialize, Serialize};
use shared::processes::{Argument, ProcessPool};
use shared::{Error, Result};

/// What every worker is given.
#[derive(Serialize, Deserialize)]
pub struct Given {
    word: String,
    limit: Option<Duration>,
}

impl Argument for Given {
    fn time_limit(&self) -> Option<Duration> {
        self.limit
    }
}

/// What a worker opens once: the word, and how many jobs it has done since.
pub type Session = (String, Cell<usize>);

pub fn open(given: Given) -> Session {
    (given.word, Cell::new(0))
}

pub fn work((argument, done): &Session, job: &str) -> Result<(String, u32, usize)> {
    done.set(done.get() + 1);
    match job {
        "panic" => {
            panic::set_hook(Box::new(|_| {}));
            panic!("as the job asked");
        }
        "exit" => process::exit(3),
        "abort" => process::abort(),
        "stop" => signal("STOP", process::id()),
        "exit 141" => process::exit(141),
        "exit 142" => process::exit(142),
        "sleep" => thread::sleep(Duration::from_millis(5)),
        "read" => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text)?;
            return Ok((text, process::id(), done.get()));
        }
        "flood" => {
            let piece = [b'.'; 1024 * 1024];
            for _ in 0..300 {
                io::stdout().write_all(&piece)?;
            }
        }
        "fail" => return Err(Error::new("as the job asked")),
        "print" => {
            shared::println!("with shared::println!");
            println!("with std::println!");
            print!("without an end");
        }
        _ => {
            // Not `parent_id`: as soon as another job has killed the pool, that is somebody else.
            if let Some(pool) = job.strip_prefix("orphan of ") {
                signal("KILL", pool.parse()?);
                thread::sleep(Duration::from_secs(20));
                eprintln!("an orphan is still here");
            }
        }
    }
    Ok((format!("{argument} {job}"), process::id(), done.get()))
}

pub fn start(workers: usize, limit: Option<Duration>) -> Result<ProcessPool> {
    let word = "did".into();
    ProcessPool::start(workers, &Given { word, limit })
}

pub fn map(workers: usize, jobs: &[&str]) -> Vec<Result<(String, u32, usize)>> {
    start(workers, None).expect("the pool starts").map(jobs)
}

pub fn signal(name: &str, process: u32) {
    let kill = format!("kill -{name} {process}");
    // It may have ended by itself.
    let _ = Command::new("sh")
        .args(["-c", &kill])
        .stderr(Stdio::null())
        .status();
}

//! What a program says of its work.

use std::convert::Infallible;
use std::io::{self, BufRead, BufReader, Read};
use std::mem;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use shared::output::harmless;

/// Somebody who reads a pipe, line by line, on a thread.
pub struct Listener<T> {
    gathered: Arc<Mutex<T>>,
    /// Nothing ever comes, but it is cut when the pipe is at its end.
    end: Receiver<Infallible>,
}

impl<T: Default + Send + 'static> Listener<T> {
    /// Reads the pipe, and gathers something of every line.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        pipe: Option<impl Read + Send + 'static>,
        gather: impl Fn(&mut T, &str) + Send + 'static,
    ) -> io::Result<Self> {
        let gathered = Arc::<Mutex<T>>::default();
        let (open, end) = mpsc::channel();
        let mut pipe = BufReader::new(pipe.expect("it was asked for"));
        let read = {
            let gathered = Arc::clone(&gathered);
            move || {
                let _open = open;
                let mut line = Vec::new();
                let mut next =
                    |line: &mut Vec<u8>| pipe.by_ref().take(LONGEST_LINE).read_until(b'\n', line);
                while next(&mut line).is_ok_and(|read| read > 0) {
                    let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
                    gather(&mut gathered, String::from_utf8_lossy(&line).trim_end());
                    line.clear();
                }
            }
        };
        thread::Builder::new().spawn(read)?;
        Ok(Self { gathered, end })
    }

    /// What was gathered, when the process has ended. The last of it may still be on its way;
    /// but a process that has left the group of the one that ended may keep the pipe for ever.
    pub fn heard(self) -> T {
        let _ = self.end.recv_timeout(Duration::from_secs(1));
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        mem::take(&mut gathered)
    }
}

/// A program that prints without end and without lines must not fill the memory.
const LONGEST_LINE: u64 = 64 * 1024;

/// What a program said of its work.
#[derive(Default)]
pub struct Said {
    /// How many pages it had fetched, jobs or functions done, files compressed.
    pub done: usize,
    /// How many pages it announced at its end, whatever had come of them.
    pub announced: usize,
    /// How many of these pages it had not asked for again.
    pub remembered: usize,
    /// The most functions that had started and not ended.
    pub most_at_once: usize,
    under_way: usize,
}

impl Said {
    /// Notes what a line of its output says.
    pub fn note(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["Fetched", _, "bytes", "from", ..] => self.done += 1,
            ["Fetched", pages, "pages", "in", _] => self.announced = pages.parse().unwrap_or(0),
            ["Remembered", _, "bytes", "from", ..] => {
                self.done += 1;
                self.remembered += 1;
            }
            [_, "=", _, times, "time" | "times"] => self.done = times.parse().unwrap_or(0),
            ["Compressed", files, "of", ..] => self.done = files.parse().unwrap_or(0),
            [_, "started", "at", _] | [_, "has", "locked", ..] => {
                self.under_way += 1;
                self.most_at_once = self.most_at_once.max(self.under_way);
            }
            [_, "ended", "at", _] | [_, "has", "moved", _] => {
                self.under_way = self.under_way.saturating_sub(1);
                self.done += 1;
            }
            _ => {}
        }
    }
}

/// Keeps the last thing that a program complains about.
pub fn note_complaint(complaint: &mut Option<String>, line: &str) {
    let says_why = !line.is_empty() && !line.starts_with("note:");
    if says_why {
        *complaint = Some(harmless(line).into_owned());
    }
}

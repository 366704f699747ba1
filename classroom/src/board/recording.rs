//! What happened, written down as it happens, and shown again.
//!
//! A recording has a line of JSON for every event, after one that says what it is:
//!
//! ```text
//! {"recording":"board","version":1}
//! {"at":1203,"came":{"name":"ada","connection":1,"request":17}}
//! {"at":1290,"ended":{"request":17,"outcome":"good"}}
//! ```

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use shared::output::complain;
use shared::site::Witness;
use shared::{Error, Result, println};

use super::room::{Event, Note, Outcome, Room, Seat};

const HEAD: &str = "{\"recording\":\"board\",\"version\":1}";

/// No line of a recording is longer.
const LONGEST_LINE: u64 = 256;

/// A recording that is being made.
pub struct Recorder {
    file: File,
    name: String,
}

impl Recorder {
    /// # Errors
    /// The file exists already, or cannot be made.
    pub fn create(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let file = File::create_new(path)
            .map_err(|error| Error::from(error).while_doing(&format!("cannot record to {name}")))?;
        let mut recorder = Self { file, name };
        recorder.write(&format!("{HEAD}\n")).inspect_err(|_| {
            // Or the next try would find it. The error is told whether or not it goes.
            let _ = fs::remove_file(path);
        })?;
        Ok(recorder)
    }

    /// # Errors
    /// The disk is full, say. That is told here, at once.
    pub fn write(&mut self, events: &str) -> Result<()> {
        self.file.write_all(events.as_bytes()).map_err(|error| {
            let doing = format!("cannot record to {} any more", self.name);
            Error::from(error).while_doing(&doing)
        })
    }
}

/// A recording to be shown.
pub struct Replay {
    lines: BufReader<File>,
    name: String,
}

/// A recording that is being shown.
pub struct Replaying {
    stop: Sender<()>,
    thread: JoinHandle<bool>,
}

impl Replay {
    /// # Errors
    /// The file cannot be read, or is no recording.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let file = File::open(path)
            .map_err(|error| Error::from(error).while_doing(&format!("cannot replay {name}")))?;
        let mut replay = Self {
            lines: BufReader::new(file),
            name,
        };
        let head = replay.line()?;
        if head.is_none_or(|head| head.trim_ascii_end() != HEAD.as_bytes()) {
            let doing = format!("cannot replay {}", replay.name);
            return Err(Error::new("it is no recording of a board").while_doing(&doing));
        }
        Ok(replay)
    }

    /// Lets all of it happen again in the room, at the same pace.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(self, room: &Arc<Room>) -> Result<Replaying> {
        let room = Arc::clone(room);
        let (stop, stopped) = mpsc::channel();
        let play = move || {
            let name = self.name.clone();
            let played = self.play(&room, &stopped);
            match &played {
                Ok(true) => println!("That was all of {name}."),
                Ok(false) => {}
                // What there was is shown on, so this is said here and not at the end.
                Err(error) => complain(format_args!("Error: {error}")),
            }
            played.is_ok()
        };
        let thread = thread::Builder::new().name("replay".into()).spawn(play)?;
        Ok(Replaying { stop, thread })
    }

    /// Whether it came to its end before it was stopped.
    fn play(mut self, room: &Arc<Room>, stopped: &mpsc::Receiver<()>) -> Result<bool> {
        let start = Instant::now();
        let mut in_flight: HashMap<usize, (Seat, usize)> = HashMap::new();
        let mut number = 1;
        while let Some(line) = self.line()? {
            number += 1;
            let broken = || {
                let doing = format!("cannot replay {} further", self.name);
                Error::new(format!("line {number} is no event")).while_doing(&doing)
            };
            let Note { at, event } = serde_json::from_slice(&line).map_err(|_| broken())?;
            let wait = Duration::from_millis(at).saturating_sub(start.elapsed());
            if stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                return Ok(false);
            }
            match event {
                Event::Came {
                    name,
                    connection,
                    request,
                } => {
                    let seat = room.seat(&name).map_err(|_| broken())?;
                    let arrival = seat.came("", connection);
                    in_flight.insert(request, (seat, arrival.request));
                }
                Event::Ended { request, outcome } => {
                    // What was in flight when all was cleared is forgotten.
                    if let Some((seat, request)) = in_flight.remove(&request) {
                        let left = outcome == Outcome::Left;
                        if !left {
                            seat.answered(request, outcome == Outcome::Good);
                        }
                        seat.ended(request, left);
                    }
                }
                Event::Run { name } => room.begin_run(&name).map_err(|_| broken())?,
                Event::Cleared {} => {
                    in_flight.clear();
                    room.clear();
                }
            }
        }
        Ok(true)
    }

    /// The next line; the last one may be half written.
    fn line(&mut self) -> Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let lines = self.lines.by_ref();
        let read = lines.take(LONGEST_LINE).read_until(b'\n', &mut line);
        let length = read.map_err(|error| {
            Error::from(error).while_doing(&format!("cannot replay {}", self.name))
        })?;
        let whole = line.ends_with(b"\n") || length as u64 == LONGEST_LINE;
        Ok(whole.then_some(line))
    }
}

impl Replaying {
    /// Whether it could be shown to its end, or to here.
    pub fn stop(self) -> bool {
        // It may have come to its end.
        let _ = self.stop.send(());
        // A panic has been printed by then.
        self.thread.join().unwrap_or(false)
    }
}

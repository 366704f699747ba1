//! A turnstile, which judges concurrency without a clock: it lets nobody through until as many
//! are waiting as a program promises to have under way, then exactly one, and so on.
//!
//! Whoever keeps all workers busy passes, on any machine at any speed. Whoever starts enough at
//! first and then one after another, or in rounds, or in shares that were fixed beforehand,
//! stops it: the one that was let through, the newest, is not followed by another.
//!
//! It may also let all of them through together, as a barrier does. That stops whoever takes the
//! end of several for the end of one.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use std::{io, thread};

/// How long a turnstile waits for the next to come when nothing happens at all.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// How long it looks for one too many before it lets one through. Whoever comes later is seen
/// the next time.
const SETTLE: Duration = Duration::from_millis(5);

/// What a turnstile has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnstileSeen {
    /// How many were to be waiting at once.
    pub at_once: usize,
    /// How many were to come in all.
    pub expected: usize,
    /// How many came.
    pub came: usize,
    /// How many have been let through, or have left by themselves.
    pub passed: usize,
    /// The most that were waiting at once; more than `at_once` are too many.
    pub most: usize,
    /// What stopped it, if anything did.
    pub stopped: Option<Stopped>,
}

/// A moment at which too few were waiting, and no more came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// How many had been let through.
    pub passed: usize,
    /// How many were waiting.
    pub waiting: usize,
    /// How many had yet to come.
    pub left: usize,
}

impl TurnstileSeen {
    /// Whether all came, always as many at once as promised, and never more.
    pub fn is_right(&self) -> bool {
        self.stopped.is_none() && self.most <= self.at_once && self.passed == self.expected
    }
}

/// See the module.
pub(crate) struct Turnstile {
    messages: Sender<Message>,
    seen: Arc<Mutex<TurnstileSeen>>,
}

enum Message {
    /// One comes, and is let through by a call of this; `None` if it waits for something else.
    Come(usize, Option<Release>),
    /// One has ended, whether it was let through or has left by itself.
    End(usize),
    /// Nobody watches any more: everybody may pass.
    Open,
}

/// Who is let through when enough are waiting.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passing {
    Newest,
    All,
}

type Release = Box<dyn FnOnce() + Send>;

impl Turnstile {
    /// Starts one for so many at once, of so many in all.
    pub fn start(
        at_once: usize,
        expected: usize,
        passing: Passing,
        patience: Duration,
    ) -> io::Result<Self> {
        let seen = Arc::new(Mutex::new(TurnstileSeen {
            at_once,
            expected,
            came: 0,
            passed: 0,
            most: 0,
            stopped: None,
        }));
        let (messages, receiver) = mpsc::channel();
        let mut keeper = Keeper {
            seen: Arc::clone(&seen),
            waiting: Vec::new(),
            under_way: 0,
            open: false,
            passing,
            patience,
        };
        thread::Builder::new()
            .name("turnstile".into())
            .spawn(move || keeper.keep(&receiver))?;
        Ok(Self { messages, seen })
    }

    /// Waits in front of it until `release` is called; without one, until the ticket is dropped.
    pub fn enter(&self, release: Option<impl FnOnce() + Send + 'static>) -> Ticket {
        let number = {
            let mut seen = locked(&self.seen);
            seen.came += 1;
            seen.came
        };
        let release = release.map(|release| Box::new(release) as Release);
        // The keeper listens for as long as there is somebody to send.
        let _ = self.messages.send(Message::Come(number, release));
        Ticket {
            number,
            messages: self.messages.clone(),
        }
    }

    /// Lets everybody through from now on.
    pub fn open(&self) {
        let _ = self.messages.send(Message::Open);
    }

    /// What it has seen up to this moment.
    pub fn seen(&self) -> TurnstileSeen {
        locked(&self.seen).clone()
    }
}

fn locked(seen: &Mutex<TurnstileSeen>) -> MutexGuard<'_, TurnstileSeen> {
    seen.lock().expect("nothing panics while it is held")
}

/// Held by whoever has come, until it has ended.
pub(crate) struct Ticket {
    number: usize,
    messages: Sender<Message>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let _ = self.messages.send(Message::End(self.number));
    }
}

/// Keeps the turnstile, on a thread of its own.
struct Keeper {
    seen: Arc<Mutex<TurnstileSeen>>,
    /// In the order in which they came.
    waiting: Vec<(usize, Option<Release>)>,
    /// How many have been let through and not yet ended.
    under_way: usize,
    /// Whether everybody may pass.
    open: bool,
    passing: Passing,
    patience: Duration,
}

impl Keeper {
    fn keep(&mut self, messages: &Receiver<Message>) {
        loop {
            let message = match self.time_to_wait() {
                Some(time) => messages.recv_timeout(time),
                None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match message {
                Ok(message) => self.note(message),
                Err(RecvTimeoutError::Timeout) if self.enough() => {
                    while self.let_newest_through() && self.passing == Passing::All {}
                }
                Err(RecvTimeoutError::Timeout) => self.give_up(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
    /// How long until something is to be done, unless a message comes first.
    fn time_to_wait(&self) -> Option<Duration> {
        if self.enough() {
            Some(SETTLE)
        } else if self.waiting.len() < self.wanted() && !self.waiting.is_empty() {
            // Whoever is under way may yet come again, however slow the machine.
            (self.under_way == 0).then_some(self.patience)
        } else {
            None
        }
    }

    /// How many must be waiting: at the end there are fewer than at once.
    fn wanted(&self) -> usize {
        let seen = locked(&self.seen);
        seen.at_once.min(seen.expected.saturating_sub(seen.passed))
    }

    fn enough(&self) -> bool {
        self.waiting.len() >= self.wanted()
            && self.waiting.iter().any(|(_, release)| release.is_some())
    }

    fn note(&mut self, message: Message) {
        match message {
            Message::Come(number, release) => {
                self.waiting.push((number, release));
                let mut seen = locked(&self.seen);
                seen.most = seen.most.max(self.waiting.len());
            }
            Message::End(number) => {
                let place = self.waiting.iter().position(|(one, _)| *one == number);
                match place {
                    Some(place) => {
                        self.waiting.remove(place);
                        locked(&self.seen).passed += 1;
                    }
                    None => self.under_way -= 1,
                }
            }
            Message::Open => self.open = true,
        }
        while self.open && self.let_newest_through() {}
    }

    fn let_newest_through(&mut self) -> bool {
        let newest = self
            .waiting
            .iter()
            .rposition(|(_, release)| release.is_some());
        let Some((_, Some(release))) = newest.map(|place| self.waiting.remove(place)) else {
            return false;
        };
        locked(&self.seen).passed += 1;
        self.under_way += 1;
        release();
        true
    }

    fn give_up(&mut self) {
        let mut seen = locked(&self.seen);
        seen.stopped = Some(Stopped {
            passed: seen.passed,
            waiting: self.waiting.len(),
            left: seen.expected.saturating_sub(seen.came),
        });
        drop(seen);
        self.open = true;
        while self.let_newest_through() {}
    }
}

//! Those who look at the board: they are told of what changes, and a slow one holds nobody up.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use shared::Result;
use shared::output::complain;
use tokio::sync::mpsc as stream;

use super::recording::Recorder;
use super::room::{Change, Room};

/// As often as this, at most, is anybody told anything.
const TICK: Duration = Duration::from_millis(50);

/// As often as this, at least: whoever has gone is found out then.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

/// As many messages wait for a viewer. Who is further behind is let go, and comes back for the
/// whole state.
const QUEUE: usize = 40;

/// As many look at once: each may cost as much memory as the whole state has. For this machine as
/// many again are kept free, so that nobody else can take the projector's place.
const MAX_VIEWERS: usize = 64;

/// Everybody who looks.
#[derive(Default)]
pub struct Viewers(Mutex<Vec<stream::Sender<Bytes>>>);

impl Viewers {
    /// Lets somebody look, at this machine or elsewhere, with all that there is first; `None` if
    /// there are too many already.
    pub fn welcome(&self, room: &Room, here: bool) -> Option<stream::Receiver<Bytes>> {
        let mut all = self.all();
        all.retain(|viewer| !viewer.is_closed());
        let most = if here { 2 * MAX_VIEWERS } else { MAX_VIEWERS };
        if all.len() >= most {
            return None;
        }
        let (sender, receiver) = stream::channel(QUEUE);
        sender.try_send(message(&room.whole())).ok()?;
        all.push(sender);
        Some(receiver)
    }

    /// Ends what everybody is told.
    pub fn dismiss(&self) {
        self.all().clear();
    }

    fn tell(&self, message: &Bytes) {
        // A queue that is full, or whose end is gone.
        self.all()
            .retain(|viewer| viewer.try_send(message.clone()).is_ok());
    }

    fn all(&self) -> MutexGuard<'_, Vec<stream::Sender<Bytes>>> {
        self.0.lock().expect("nothing panics while it is held")
    }
}

/// A message of the `text/event-stream`.
fn message(change: &Change) -> Bytes {
    let json = serde_json::to_string(change).expect("it is made of numbers and names");
    format!("data: {json}\n\n").into()
}

/// What tells the viewers, and the recorder if there is one.
pub struct Ticker {
    stop: Sender<()>,
    thread: JoinHandle<bool>,
}

impl Ticker {
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        room: Arc<Room>,
        viewers: Arc<Viewers>,
        mut recorder: Option<Recorder>,
    ) -> Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let tick = move || {
            let (mut told, mut whole) = (Instant::now(), true);
            loop {
                let over = stopped.recv_timeout(TICK) != Err(RecvTimeoutError::Timeout);
                if let Some(change) = room.change() {
                    viewers.tell(&message(&change));
                    told = Instant::now();
                } else if told.elapsed() >= SIGN_OF_LIFE {
                    viewers.tell(&Bytes::from_static(b":\n\n"));
                    told = Instant::now();
                }
                let notes = room.take_notes();
                if let Some(recorder) = recorder.as_mut().filter(|_| whole)
                    && let Err(error) = recorder.write(&notes)
                {
                    // The lesson goes on without it.
                    complain(format_args!("Error: {error}"));
                    whole = false;
                }
                if over {
                    return whole;
                }
            }
        };
        let thread = thread::Builder::new().name("ticker".into()).spawn(tick)?;
        Ok(Self { stop, thread })
    }

    /// Writes down what is left, and says whether all could be written that was to be.
    pub fn stop(self) -> bool {
        // It has ended already if it panicked, and has said so.
        let _ = self.stop.send(());
        self.thread.join().unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use shared::site::Witness;

    use super::*;
    use crate::board::names::Names;

    #[test]
    fn who_reads_nothing_is_let_go_and_whoever_reads_is_told_everything() {
        let (room, viewers) = (Arc::new(Room::new(Names::All, false)), Viewers::default());
        let mut silent = viewers.welcome(&room, true).unwrap();
        let mut attentive = viewers.welcome(&room, true).unwrap();
        let seat = room.seat("ada").unwrap();
        for told in 0..10 * QUEUE {
            seat.came("/dice", told);
            viewers.tell(&message(&room.change().unwrap()));
            let [state, change] =
                [told == 0, true].map(|comes| comes.then(|| attentive.try_recv()));
            assert!(state.is_none_or(|state| state.is_ok()) && change.unwrap().is_ok());
        }
        assert_eq!(viewers.all().len(), 1);
        let waiting = std::iter::from_fn(|| silent.try_recv().ok()).count();
        assert_eq!(waiting, QUEUE);
        assert!(silent.is_closed());
        // Whoever comes back gets all of it.
        let state = viewers.welcome(&room, true).unwrap().try_recv().unwrap();
        let requests = format!("\"requests\":{}", 10 * QUEUE);
        assert!(String::from_utf8_lossy(&state).contains(&requests));
    }

    #[test]
    fn nobody_can_take_the_place_of_the_projector() {
        let (room, viewers) = (Room::new(Names::All, false), Viewers::default());
        let look = |here| viewers.welcome(&room, here);
        let elsewhere: Vec<_> = (0..2 * MAX_VIEWERS).filter_map(|_| look(false)).collect();
        assert_eq!(elsewhere.len(), MAX_VIEWERS);
        let here: Vec<_> = (0..2 * MAX_VIEWERS).filter_map(|_| look(true)).collect();
        assert_eq!(here.len(), MAX_VIEWERS);
        drop(elsewhere);
        assert!(look(false).is_none() && look(true).is_some());
        drop(here);
        assert!(look(false).is_some());
    }
}

//! A hand-written Future keeps the pages in flight in slots, and a waker for every slot says
//! which of them to poll.

use std::mem;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

/// Which slots have something to do, and whom to wake when there is one more.
#[derive(Default)]
struct Bell {
    rung: Mutex<Vec<usize>>,
    owner: Mutex<Option<Waker>>,
}

impl Bell {
    fn ring(&self, slot: usize) {
        self.rung.lock().unwrap().push(slot);
        if let Some(owner) = &*self.owner.lock().unwrap() {
            owner.wake_by_ref();
        }
    }
}

struct SlotWaker {
    slot: usize,
    bell: Arc<Bell>,
}

impl Wake for SlotWaker {
    fn wake(self: Arc<Self>) {
        self.bell.ring(self.slot);
    }
}

/// A page in flight: the index of its address, and its download.
type Flight<'a> = (usize, Pin<Box<dyn Future<Output = Result<usize>> + 'a>>);

/// Fetches all pages, so many at a time as it has slots.
struct FetchAll<'a> {
    session: &'a Client,
    urls: &'a [String],
    next: usize,
    slots: Vec<Option<Flight<'a>>>,
    wakers: Vec<Waker>,
    bell: Arc<Bell>,
    outcomes: Vec<Option<Result<usize>>>,
    missing: usize,
}

impl<'a> FetchAll<'a> {
    fn new(session: &'a Client, urls: &'a [String], at_once: usize) -> Self {
        let bell = Arc::new(Bell::default());
        let waker = |slot| {
            let bell = Arc::clone(&bell);
            Waker::from(Arc::new(SlotWaker { slot, bell }))
        };
        let wakers = (0..at_once).map(waker).collect();
        // Every slot is looked at once, to begin with.
        bell.rung.lock().unwrap().extend(0..at_once);
        Self {
            session,
            urls,
            next: 0,
            slots: (0..at_once).map(|_| None).collect(),
            wakers,
            bell,
            outcomes: vec![None; urls.len()],
            missing: urls.len(),
        }
    }

    /// Goes on with what is in the slot, page after page, until one has to wait or none is left.
    fn advance(&mut self, slot: usize) {
        loop {
            if self.slots[slot].is_none() {
                let Some(url) = self.urls.get(self.next) else {
                    return;
                };
                let download = Box::pin(fetch_page(self.session, url));
                self.slots[slot] = Some((self.next, download));
                self.next += 1;
            }
            let Some((index, download)) = &mut self.slots[slot] else {
                return;
            };
            let mut context = Context::from_waker(&self.wakers[slot]);
            let Poll::Ready(outcome) = download.as_mut().poll(&mut context) else {
                return;
            };
            self.outcomes[*index] = Some(outcome);
            self.missing -= 1;
            self.slots[slot] = None;
        }
    }
}

impl Future for FetchAll<'_> {
    type Output = Outcomes;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcomes> {
        let this = self.get_mut();
        // First who is to be woken, then who has rung: so no ring is lost. Who rings from now on
        // wakes this future again.
        *this.bell.owner.lock().unwrap() = Some(context.waker().clone());
        let mut rung = mem::take(&mut *this.bell.rung.lock().unwrap());
        rung.sort_unstable();
        rung.dedup();
        for slot in rung {
            this.advance(slot);
        }
        if this.missing > 0 {
            return Poll::Pending;
        }
        let outcomes = mem::take(&mut this.outcomes);
        Poll::Ready(outcomes.into_iter().flatten().collect())
    }
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    Ok(FetchAll::new(&session, &downloads.urls, downloads.workers).await)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}

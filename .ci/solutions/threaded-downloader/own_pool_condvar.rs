//! A little thread pool in a module of its own: boxed jobs in a Mutex<VecDeque> with a Condvar,
//! each run with its thread's session, and Drop that joins.

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use shared::blocking::read_page;
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use ureq::Agent;

use self::pool::Pool;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

mod pool {
    use std::collections::VecDeque;
    use std::io;
    use std::sync::{Arc, Condvar, Mutex, MutexGuard};
    use std::thread::{self, JoinHandle};
    use std::time::Duration;

    use shared::blocking::new_session;
    use ureq::Agent;

    type Job = Box<dyn FnOnce(&Agent) + Send>;

    #[derive(Default)]
    struct Queue {
        jobs: VecDeque<Job>,
        closed: bool,
    }

    #[derive(Default)]
    struct Shared {
        queue: Mutex<Queue>,
        changed: Condvar,
    }

    impl Shared {
        fn lock(&self) -> MutexGuard<'_, Queue> {
            self.queue.lock().expect("no job runs under the lock")
        }

        /// Waits for a job; there is none any more when the queue is closed and empty.
        fn next(&self) -> Option<Job> {
            let is_waiting = |queue: &mut Queue| queue.jobs.is_empty() && !queue.closed;
            let mut queue = self
                .changed
                .wait_while(self.lock(), is_waiting)
                .expect("no job runs under the lock");
            queue.jobs.pop_front()
        }
    }

    /// Threads with a session each. Dropped, it waits until all jobs are done.
    pub struct Pool {
        shared: Arc<Shared>,
        threads: Vec<JoinHandle<()>>,
    }

    impl Pool {
        pub fn start(threads: usize, timeout: Duration) -> io::Result<Self> {
            let mut pool = Self {
                shared: Arc::default(),
                threads: Vec::with_capacity(threads),
            };
            for number in 1..=threads {
                let shared = Arc::clone(&pool.shared);
                let work = move || {
                    let session = new_session(timeout);
                    while let Some(job) = shared.next() {
                        job(&session);
                    }
                };
                let thread = thread::Builder::new().name(format!("pool-{number}"));
                // If this fails, dropping the pool ends those that have started.
                pool.threads.push(thread.spawn(work)?);
            }
            Ok(pool)
        }

        pub fn run(&self, job: impl FnOnce(&Agent) + Send + 'static) {
            self.shared.lock().jobs.push_back(Box::new(job));
            self.shared.changed.notify_one();
        }
    }

    impl Drop for Pool {
        fn drop(&mut self) {
            self.shared.lock().closed = true;
            self.shared.changed.notify_all();
            for thread in self.threads.drain(..) {
                // One that panicked has said so, and its page has no outcome.
                let _ = thread.join();
            }
        }
    }
}

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let pages: Arc<[(String, OnceLock<Result<usize>>)]> = downloads
        .urls
        .iter()
        .map(|url| (url.clone(), OnceLock::new()))
        .collect();

    let pool = Pool::start(downloads.workers, downloads.timeout)?;
    for place in 0..pages.len() {
        let pages = Arc::clone(&pages);
        pool.run(move |session| {
            let (url, outcome) = &pages[place];
            outcome.get_or_init(|| fetch_page(session, url));
        });
    }
    drop(pool);

    let outcome = |(_, outcome): &(String, OnceLock<Result<usize>>)| {
        let lost = || Err(Error::new("its thread was lost"));
        outcome.get().cloned().unwrap_or_else(lost)
    };
    Ok(pages.iter().map(outcome).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}

//! A builder for the crew and a trait for what fetches a list; a worker's session is a boxed
//! closure and counts its pages in a Cell for a log on standard error.

use std::cell::Cell;
use std::num::NonZeroUsize;
use std::process;
use std::process::ExitCode;
use std::time::Duration;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Error, Outcomes, Result, Workers, output, println};

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

/// Whoever makes outcomes of addresses.
trait FetchList {
    fn fetch_list(&mut self, urls: &[String]) -> Outcomes;
}

struct Crew {
    pool: ProcessPool,
}

impl FetchList for Crew {
    fn fetch_list(&mut self, urls: &[String]) -> Outcomes {
        self.pool.map::<String, usize>(urls)
    }
}

#[derive(Clone, Copy)]
struct CrewBuilder {
    hands: NonZeroUsize,
    patience: Duration,
}

impl CrewBuilder {
    fn new() -> Self {
        Self {
            hands: NonZeroUsize::MIN,
            patience: Duration::from_secs(10),
        }
    }

    fn hands(self, hands: usize) -> Result<Self> {
        let hands = NonZeroUsize::new(hands).ok_or_else(|| Error::new("a crew of nobody"))?;
        Ok(Self { hands, ..self })
    }

    fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    fn muster(self) -> Result<Crew> {
        let pool = ProcessPool::start(self.hands.get(), &self.patience)
            .map_err(|error| error.while_doing("cannot muster the crew"))?;
        Ok(Crew { pool })
    }
}

/// How a worker process fetches a page.
type Fetch = Box<dyn Fn(&str) -> Result<usize>>;

/// Opens the session of this worker process.
fn open(timeout: Duration) -> Fetch {
    let session = new_session(timeout);
    let fetched = Cell::new(0_u32);
    let process = process::id();
    output::complain(format_args!("[{process}] ready"));
    Box::new(move |url| {
        let size = read_page(session.get(url))?.len();
        println!("Fetched {size} bytes from {url}");
        fetched.set(fetched.get() + 1);
        output::complain(format_args!("[{process}] page {}", fetched.get()));
        Ok(size)
    })
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let mut crew = CrewBuilder::new()
        .hands(downloads.workers)?
        .patience(downloads.timeout)
        .muster()?;
    Ok(crew.fetch_list(&downloads.urls))
}

fn main() -> Result<ExitCode> {
    enter_worker(open, |fetch: &Fetch, url: &str| fetch(url));
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}

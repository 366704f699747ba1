//! Downloads pages one after another, and asks again for what may be there the next time.
//!
//! Run it with `cargo run -p sync-downloader --example retried -- /flaky/2 --pages 1`:
//!
//! ```text
//! Try 1 of 4: 503 Service Unavailable, again in 1.16s, http://127.0.0.1:40181/flaky/2
//! Try 2 of 4: 503 Service Unavailable, again in 1.33s, http://127.0.0.1:40181/flaky/2
//! ```
//! Waits grow, and differ by chance: clients that failed together do not come back together.

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use shared::blocking::new_session;
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str =
    "Downloads pages one after another, and asks again for what may be there later.";
const WORKERS: Workers = Workers::One;
const TRIES: u32 = 4;

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let mut tries = 0;
    loop {
        tries += 1;
        let mut answer = session.get(url).call()?;
        let page = answer.body_mut().read_to_vec()?;
        let status = answer.status();
        if status.is_success() {
            println!("Fetched {} bytes from {url}", page.len());
            return Ok(page.len());
        }
        let header = answer.headers().get("retry-after");
        let seconds = header.and_then(|seconds| seconds.to_str().ok()?.parse().ok());
        let asked = Duration::from_secs(seconds.unwrap_or(0));
        // What the client did wrong, like 404, stays wrong.
        if !status.is_server_error() || tries == TRIES || asked.as_secs() > 30 {
            return Err(Error::new(format!("status {status}")).tell(url));
        }
        let growing = Duration::from_millis(100 << tries);
        let wait = asked + growing.mul_f64((1.0 + fastrand::f64()) / 2.0);
        println!("Try {tries} of {TRIES}: {status}, again in {wait:.2?}, {url}");
        thread::sleep(wait);
    }
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let fetch = |url: &String| fetch_page(&session, url);
    Ok(downloads.urls.iter().map(fetch).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}

//! Whether the waits for several pages overlap, as far as only time can tell.

use std::thread;
use std::time::{Duration, Instant};

use crate::grader::Verdict;
use crate::grader::downloader::{Downloader, asked, in_flight, slow_site};
use crate::grader::rest::one_moment;
use crate::output::counted;

impl Downloader {
    /// While one page is on its way the others come, too: what happens between two pages takes
    /// no longer than the site takes over a page, with a factor of ten to spare.
    pub fn overlaps_its_waits(&self) -> Verdict {
        // Few need long to be many; many make up for it by their number.
        let (rounds, latency) = match self.at_once {
            1 => (20, 5),
            2..50 => (8, 5),
            _ => (1, 50),
        };
        one_moment(|| self.overlaps(rounds, latency))
    }

    fn overlaps(&self, rounds: usize, latency: u64) -> Verdict {
        let site = slow_site(latency)?;
        let pages = rounds * self.at_once;
        let start = Instant::now();
        let mut running = self.start(&site, &["/dice"], &["--pages", &pages.to_string()]);
        // The site is a little late itself, more so on a busy machine.
        let asked_for = Duration::from_millis(latency);
        let taken = || site.observations().mean_latency().max(asked_for);
        let limit = || 10 * rounds as u32 * taken();
        let mut elapsed = Duration::ZERO;
        while !running.has_ended() {
            elapsed = start.elapsed();
            // It is not waited for in vain; and the limit is known when pages have come.
            if elapsed > limit().max(Duration::from_secs(1)) {
                break;
            }
            thread::sleep(Duration::from_millis(2));
        }
        let limit = limit();
        let (came, waits) = {
            let seen = site.observations();
            (asked(&seen, "/dice"), in_flight(&seen))
        };
        let run = running.stop();
        ensure!(
            elapsed <= limit,
            "the site needs {} ms for a page and gets {} at once, so {pages} pages need {} ms; but \
             after {} ms, more than ten times as long, the program had asked for {came} of them, \
             and {waits} were in flight: {}?{}\n{run}",
            (limit / 10 / rounds as u32).as_millis(),
            counted(self.at_once, "request"),
            (limit / 10).as_millis(),
            elapsed.as_millis(),
            match self.one_thread {
                _ if self.at_once == 1 => "is there a pause between two pages",
                true => "does a sleep, a call or a computation block the event loop",
                false => "is there a sleep, or a lock that is held for too long",
            },
            match came < pages {
                true => "",
                false => " Or does something still wait when the last page has come?",
            },
        );
        Ok(())
    }
}

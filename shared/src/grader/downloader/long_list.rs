//! What becomes of a list that is longer than most.

use std::thread;
use std::time::{Duration, Instant};

use super::pages::{LISTED, summary_seconds};
use super::{Connections, Downloader, asked, site};
use crate::grader::rest::{Rest, STUCK, WATCHED, computed, one_moment};
use crate::grader::{Failure, Running, Verdict};
use crate::output::counted;

/// More pages than any channel or list has room for that was not made for them.
const PAGES: usize = 1_100;

/// The page that fails.
const FAILS: usize = 1_010;

/// The size of each of the others, in bytes.
const SIZE: usize = 10_966;

impl Downloader {
    /// However long the list is, it comes to its end, and takes neither more connections for it
    /// nor more memory.
    pub fn fetches_a_long_list(&self) -> Verdict {
        one_moment(|| self.fetches_many())
    }

    fn fetches_many(&self) -> Verdict {
        let site = site()?;
        // More addresses than one, and one of them fails: outcomes must keep their places.
        let good = ["/jython", "/jython?again", "/jython?once-more"];
        let mut list: Vec<&str> = good.into_iter().cycle().take(PAGES).collect();
        list[FAILS] = "/status/404";
        let start = Instant::now();
        let mut running = self.start(&site, &list, &["--pages", &PAGES.to_string()]);
        let (mut rest, mut memory) = (Rest::new(), Memory::default());
        let came = || site.observations().requests.len();
        while !running.has_ended() && start.elapsed() < WATCHED {
            memory.look(&running, came());
            ensure!(
                came() <= 2 * PAGES,
                "the site was asked for {} pages, but the list has {PAGES}: does something begin \
                 again after so many, such as a number of few bits?\n{}",
                came(),
                running.stop()
            );
            if rest.lasts((came(), 0, computed(&running))) > STUCK {
                return Err(Failure::last(format!(
                    "of {PAGES} pages the program has asked for {}, and then it neither went on \
                     nor ended, though it did with {LISTED}: what does it wait for: a channel \
                     that is full, because nobody takes from it before the end?\n{}",
                    came(),
                    running.stop()
                )));
            }
            thread::sleep(Duration::from_millis(2));
        }
        let run = running.end()?;
        let elapsed = start.elapsed();
        self.has_a_summary(&run)?;
        let misplaced = run.stderr.lines().find(|line| line.starts_with("Error: "));
        ensure!(
            misplaced.is_none(),
            "with a list of {PAGES} pages the program says `{}`, though with {LISTED} all was well: \
             does something have room for only so many, or put them in another order?\n{run}",
            misplaced.unwrap_or_default(),
        );
        let seen = site.observations();
        let summary = run.stdout.lines().last().unwrap_or_default();
        ensure!(
            seen.requests.len() == PAGES
                && asked(&seen, "/status/404") == 1
                && summary.starts_with(&format!("Fetched {} of {PAGES} pages in ", PAGES - 1)),
            "a list of {PAGES} pages, of which one fails, should be fetched as one of {LISTED} is, \
             but the site was asked for {}, and the last line is `{summary}`: does something have \
             room for only so many?\n{run}",
            counted(seen.requests.len(), "page"),
        );
        ensure!(
            self.connections != Connections::Kept || seen.connections <= 2 * self.at_once,
            "the site saw {} for {PAGES} pages, and {} should need no more than {}: is a new \
             session opened now and then, or one for every address?\n{run}",
            counted(seen.connections, "connection"),
            counted(self.at_once, "worker"),
            self.at_once,
        );
        ensure!(
            memory.grown < KEPT,
            "from page {} to the last the program took {} KiB more memory, and the pages \
             have {} KiB: is more kept of a page than its size?\n{run}",
            PAGES / 2,
            memory.grown,
            SIZE * (PAGES - PAGES / 2) / 1024,
        );
        let told = summary_seconds(&run);
        ensure!(
            told.is_none_or(|seconds| seconds <= elapsed.as_secs_f64() + 0.01),
            "the program ran for {:.2} s, but the summary says `{summary}`: is that the time from \
             before the first page to after the last, or are the times of pages added up that came \
             at once?\n{run}",
            elapsed.as_secs_f64(),
        );
        run.ended_with(1, "that a page failed")
    }
}

/// How much more memory a program takes that keeps most of the second half of the pages, in KiB.
const KEPT: usize = SIZE * (PAGES / 2) * 3 / 4 / 1024;

/// How much memory a program takes, in KiB, when half of the list is done and later.
#[derive(Default)]
struct Memory {
    at_first: Option<usize>,
    grown: usize,
}

impl Memory {
    #[cfg(target_os = "linux")]
    fn look(&mut self, running: &Running, came: usize) {
        use crate::grader::proc::{children, memory};

        if came >= PAGES / 2 {
            let workers = children(running.id()).into_iter();
            let now = memory(running.id()) + workers.map(|it| memory(it.id)).sum::<usize>();
            let at_first = *self.at_first.get_or_insert(now);
            self.grown = self.grown.max(now.saturating_sub(at_first));
        }
    }

    /// Elsewhere nobody tells.
    #[cfg(not(target_os = "linux"))]
    fn look(&mut self, _: &Running, _: usize) {}
}

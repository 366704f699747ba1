//! What becomes of a list that is longer than most.

use std::thread;
use std::time::{Duration, Instant};

use super::pages::{LISTED, summary_seconds};
use super::{Connections, Downloader, asked, site};
use crate::grader::rest::{Rest, STUCK, WATCHED, computed, one_moment};
use crate::grader::{Failure, Verdict};
use crate::output::counted;

/// More pages than any channel or list has room for that was not made for them.
const PAGES: usize = 1_100;

/// The page that fails.
const FAILS: usize = 1_010;

impl Downloader {
    /// However long the list is, it comes to its end, in order, and over no more connections.
    pub fn fetches_a_long_list(&self) -> Verdict {
        one_moment(|| self.fetches_many())
    }

    fn fetches_many(&self) -> Verdict {
        let site = site()?;
        // More addresses than one, and one of them fails: outcomes must keep their places.
        let long = format!("/jython?{}", "and-again".repeat(12));
        let good = ["/jython", "/jython?again", &long];
        let mut list: Vec<&str> = good.into_iter().cycle().take(PAGES).collect();
        list[FAILS] = "/status/404";
        let start = Instant::now();
        let mut running = self.start(&site, &list, &["--pages", &PAGES.to_string()]);
        let mut rest = Rest::new();
        let came = || site.observations().requests.len();
        while !running.has_ended() && start.elapsed() < WATCHED {
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
        ensure!(
            run.error().is_none(),
            "with a list of {PAGES} pages the program says `{}`, though with {LISTED} all was well: \
             does something have room for only so many, or put them in another order?\n{run}",
            run.error().unwrap_or_default(),
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
        for path in good {
            let times = list.iter().filter(|listed| **listed == path).count();
            let end = format!(" bytes from {}", site.url(path));
            let told = run.stdout.lines().filter(|line| line.ends_with(&end));
            let told = told.count();
            ensure!(
                told == times,
                "the line `Fetched …{end}` was printed {}, but the list has that address {}: is the \
                 address of a page told as it stands in the list?\n{run}",
                counted(told, "time"),
                counted(times, "time"),
            );
        }
        ensure!(
            self.connections != Connections::Kept || seen.connections <= 2 * self.at_once,
            "the site saw {} for {PAGES} pages, and {} should need no more than {}: is a new \
             session opened now and then, or one for every address?\n{run}",
            counted(seen.connections, "connection"),
            counted(self.at_once, "worker"),
            self.at_once,
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

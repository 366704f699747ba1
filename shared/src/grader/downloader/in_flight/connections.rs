//! How many connections the pages need.

use std::thread;
use std::time::{Duration, Instant};

use crate::grader::downloader::{Connections, Downloader, site, slow_site};
use crate::grader::rest::{RESTLESS, Rest, SETTLED, computed};
use crate::grader::{Run, Running, Verdict};
use crate::output::counted;
use crate::site::Observations;

impl Downloader {
    /// A session uses its connection again for the next page, also when all were idle at once.
    pub fn uses_its_connections_again(&self) -> Verdict {
        let site = site()?;
        // So long that a few lines fill the pipe. Then every worker stops where it prints, with
        // its page read to the end and its connection idle.
        let path = format!("/dice?{}", "and-again".repeat(400));
        // More workers than by default: so many connections must be kept as the command line says.
        let at_once = match self.workers_option {
            true => self.at_once + 3,
            false => self.at_once,
        };
        let mut options = vec!["--pages".into(), (at_once * 2 + 60).to_string()];
        options.extend(self.workers(at_once));
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let command = self.on(&site, &[&path], &options);
        let mut running = Running::start_unread(command);
        let (start, mut rest) = (Instant::now(), Rest::new());
        while rest.lasts((site.observations().requests.len(), 0, Duration::ZERO)) < SETTLED
            && start.elapsed() < RESTLESS
            && !running.has_ended()
        {
            thread::sleep(Duration::from_millis(5));
        }
        running.read();
        let run = running.end()?;
        run.reached_its_end()?;
        self.keeps_its_connections(at_once, &site.observations(), &run)
    }

    /// A page that fails before it needs a connection costs neither another one nor time.
    pub(in crate::grader::downloader) fn needs_no_more_for_failures(&self) -> Verdict {
        let (site, latency) = (slow_site(5)?, Duration::from_millis(5));
        // Every worker has to do with a few that fail.
        let each = if self.at_once < 50 { 24 } else { 8 };
        let pages = (each * self.at_once).to_string();
        let options = ["no-address", "--pages", &pages];
        let start = Instant::now();
        let mut running = self.start(&site, &["/dice"], &options);
        let taken = || site.observations().mean_latency().max(latency);
        let limit = || (10 * each as u32 * taken()).max(Duration::from_secs(1));
        // A program that pauses is not waited for. One that computes does not pause, and it may
        // have a core only now and then.
        while !running.has_ended() && start.elapsed() <= limit() + 5 * computed(&running) {
            thread::sleep(Duration::from_millis(2));
        }
        let (elapsed, ended, run) = (start.elapsed(), running.has_ended(), running.stop());
        ensure!(
            ended,
            "every second of {pages} pages has no address, and fails at once. The others take {} ms \
             each, but after {} ms the program had not ended: does it pause after a failure?\n{run}",
            latency.as_millis(),
            elapsed.as_millis(),
        );
        run.reached_its_end()?;
        let seen = site.observations();
        // One that is free may be back a moment too late for the next page.
        let (connections, enough) = (seen.connections, self.at_once + self.at_once / 2 + 1);
        ensure!(
            self.connections != Connections::Kept || connections <= enough,
            "every second page has no address, and fails without a connection. For the others {} \
             should need {}, but the site saw {connections}: is a new session opened \
             now and then, or after a failure?\n{run}",
            counted(self.at_once, "worker"),
            self.at_once,
        );
        Ok(())
    }

    fn keeps_its_connections(&self, at_once: usize, seen: &Observations, run: &Run) -> Verdict {
        let (connections, pages) = (seen.connections, seen.requests.len());
        // An event loop may begin with the next page before it puts the connection back.
        let late = if self.one_thread { at_once / 2 } else { 0 };
        match self.connections {
            Connections::Any => {}
            Connections::PerPage => ensure!(
                connections == pages,
                "the site saw {} for {}: every page should have one of its own\n{run}",
                counted(connections, "connection"),
                counted(pages, "page"),
            ),
            Connections::Kept => ensure!(
                connections <= at_once + late,
                "the site saw {} for {}, but {at_once} would be enough for {}: {} Or does a \
                 request close its connection, or leave a part of its page unread?\n{run}",
                counted(connections, "connection"),
                counted(pages, "page"),
                counted(at_once, "worker"),
                self.too_many_connections,
            ),
        }
        Ok(())
    }
}

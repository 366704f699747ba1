//! What becomes of pages that fail.

use std::collections::HashSet;
use std::thread;
use std::time::{Duration, Instant};

use super::pages::{has_all_outcomes, is_summary, takes_its_time};
use super::{Downloader, asked, in_flight, server, site, slow_site, started};
use crate::downloads::{FAULTS, faulty};
use crate::grader::rest::one_moment;
use crate::grader::{Failure, Running, Verdict, command};
use crate::output::counted;
use crate::site::{Observations, PracticeSite};

/// The timeout that is asked for.
const TIMEOUT: Duration = Duration::from_millis(400);

/// One that is less than a tenth of a second.
const SHORT: Duration = Duration::from_millis(90);

/// How many times as long a page may take that is given up in time, and how many times as short.
const TOLERANCE: u32 = 10;

/// What to ask if one page is taken for the other.
const ORDER: &str = "are the outcomes in the order of the addresses, or in the order in which the \
                     pages came?";

impl Downloader {
    /// A page that fails is named with the reason, the others are fetched all the same, and
    /// the summary and the exit status tell the truth.
    pub fn tells_the_truth_about_failures(&self) -> Verdict {
        // On the one pages come to each worker in turn, on the other in another order than they are
        // asked for: whoever takes one for the other is found out.
        let turnstile = PracticeSite::start_turnstile(self.at_once, faulty().len());
        let mut list = faulty();
        self.tells_the_truth_on(&slow_site(5)?, &list)?;
        // One of those that come last should be among those that fail.
        list.rotate_left(8);
        self.tells_the_truth_on(&started(turnstile)?, &list)?;
        self.tells_each_time_for_itself()
    }

    /// Of an address that is listed often some pages fail, and others do not.
    fn tells_each_time_for_itself(&self) -> Verdict {
        // More failures than workers, and as many pages again.
        let failures = self.at_once + 2;
        let pages = 2 * failures;
        let site = started(PracticeSite::start_turnstile(self.at_once, pages))?;
        let path = format!("/flaky/{failures}");
        let run = self
            .start(&site, &[&path], &["--pages", &pages.to_string()])
            .end()?;
        run.reached_its_end()?;
        let (asked, url) = (asked(&site.observations(), &path), site.url(&path));
        ensure!(
            asked == pages,
            "{url} is listed {pages} times, and fails at first, but the site was asked for it {}: \
             {}\n{run}",
            counted(asked, "time"),
            match asked > pages {
                true => "is a page that fails asked for again?",
                false =>
                    "does a worker end when its page fails, is a page not asked for because it has \
                     failed before, or does the program give up after so many failures?",
            },
        );
        let turnstile = site.turnstile().expect("the site was started as one");
        if let Some(stopped) = turnstile.stopped {
            return Err(Failure::new(format!(
                "after {}, {failures} of which failed, only {} in flight, though {} left; {} \
                 should keep {} in flight: does a page that fails take the place of others?\n{run}",
                counted(stopped.passed, "page"),
                match stopped.waiting {
                    1 => "1 request was".to_owned(),
                    waiting => format!("{waiting} requests were"),
                },
                match stopped.left + stopped.waiting {
                    1 => "1 page was".to_owned(),
                    left => format!("{left} pages were"),
                },
                counted(self.at_once, "worker"),
                self.at_once.min(stopped.left + stopped.waiting),
            )));
        }
        let failed = run.stderr.lines();
        let failed = failed.filter(|line| line.starts_with(&format!("Failed {url}: ")));
        let (failed, good) = (failed.count(), pages - failures);
        let summary = run.stdout.lines().last().unwrap_or_default();
        ensure!(
            failed == failures
                && summary.starts_with(&format!("Fetched {good} of {pages} pages in ")),
            "{url} is listed {pages} times; {failures} times it failed, and {good} times it came. \
             But {failed} lines say `Failed …`, and the summary says `{summary}`: is one outcome \
             kept for all pages with the same address?\n{run}"
        );
        Ok(())
    }

    fn tells_the_truth_on(&self, site: &PracticeSite, list: &[&str]) -> Verdict {
        let run = self
            .start(site, list, &["--pages", &list.len().to_string()])
            .end()?;
        run.reached_its_end()?;
        has_all_outcomes(&run)?;
        let seen = site.observations();
        let (pages, good) = (list.len(), list.len() - FAULTS.len());
        let right_number = format!("Fetched {good} of {pages} pages in ");
        let misplaced: Vec<(&str, &str)> = run
            .stderr
            .lines()
            .filter_map(|line| Some((line, line.split_once(" stands in the place of ")?.0)))
            .collect();
        if let Some((line, _)) = misplaced.first() {
            let outcomes: HashSet<&str> = misplaced.iter().map(|(_, outcome)| *outcome).collect();
            let exchanged = outcomes.len() == misplaced.len() && run.stdout.contains(&right_number);
            return Err(Failure::new(format!(
                "the program says `{line}`: {}\n{run}",
                match exchanged {
                    true => ORDER,
                    false => "does one failure count for other pages, too?",
                }
            )));
        }
        let blamed = |line: &&str| {
            let url = line
                .strip_prefix("Failed ")
                .and_then(|rest| rest.split_once(": "));
            url.is_some_and(|(url, _)| !FAULTS.iter().any(|fault| url == site.url(fault)))
        };
        if let Some(line) = run.stderr.lines().find(blamed) {
            let listed = |path: &str| list.iter().filter(|listed| **listed == path).count();
            let is_asked = |path: &&str| asked(&seen, path) >= listed(path);
            return Err(Failure::new(format!(
                "the program says `{line}`, but that page is a good one: {}\n{run}",
                match list.iter().all(is_asked) {
                    true => ORDER,
                    false => "is it not even asked for, because others have failed?",
                }
            )));
        }
        for fault in FAULTS {
            let asked = asked_afresh(&seen, fault);
            ensure!(
                asked <= 1,
                "the site was asked for {fault} {}, but once was enough: is a page that fails \
                 asked for again?\n{run}",
                counted(asked, "time"),
            );
        }
        for fault in FAULTS {
            let reason = self.names(&run, &site.url(fault))?;
            let other = FAULTS
                .iter()
                .filter_map(|other| other.strip_prefix("/status/"));
            let mut other = other.filter(|code| !fault.ends_with(code));
            ensure!(
                !other.any(|code| reason.contains(code)),
                "{} fails with the reason of another page, `{reason}`: {ORDER}\n{run}",
                site.url(fault),
            );
        }
        for fault in FAULTS {
            let reason = self.names(&run, &site.url(fault))?;
            let code = fault.strip_prefix("/status/").unwrap_or_default();
            ensure!(
                reason.contains(code),
                "the site answered {} with status {code}, but the reason says `{reason}`: is the \
                 outcome of this page the error that `fetch_page` returned, unchanged?\n{run}",
                site.url(fault),
            );
        }
        let failures = run
            .stderr
            .lines()
            .filter(|line| line.starts_with("Failed "));
        let failures = failures.count();
        ensure!(
            failures == FAULTS.len(),
            "{} pages are broken, but {failures} lines say `Failed …`: is each failure told \
             once?\n{run}",
            FAULTS.len()
        );
        let summary = run.stdout.lines().last().unwrap_or_default();
        ensure!(
            summary.starts_with(&right_number),
            "the site gave {good} good pages and {} broken ones, but the summary says \
             `{summary}`: does it count the addresses instead of the pages that came, or where \
             does the error of a page get lost?\n{run}",
            FAULTS.len(),
        );
        let lines = run.stdout.lines();
        let fetched = lines.filter(|line| line.contains(" bytes from ")).count();
        ensure!(
            fetched == good,
            "{good} pages came in full, but the line `Fetched … bytes from …` was printed {}: is \
             it printed only for a page with a good status whose whole body came?\n{run}",
            counted(fetched, "time"),
        );
        run.ended_with(1, "that pages failed")
    }

    /// A page that hangs is given up when the timeout says so, which is counted from asking for
    /// it: a page that has waited for its turn still has all of its time.
    pub fn gives_every_page_its_time(&self) -> Verdict {
        one_moment(|| self.gives_up_in_time())?;
        one_moment(|| self.gives_time())?;
        one_moment(|| self.gives_up_a_page_that_trickles())?;
        self.waits_for_a_slow_page()
    }

    /// A page that takes long, but less than the timeout, is waited for.
    fn waits_for_a_slow_page(&self) -> Verdict {
        const LATENCY: u64 = 1_300;
        let site = slow_site(LATENCY)?;
        let pages = counted(self.at_once, "page");
        let options = ["--pages", &self.at_once.to_string()];
        let mut running = self.start(&site, &["/dice"], &options);
        let (start, asked) = (Instant::now(), || asked(&site.observations(), "/dice"));
        while !running.has_ended() && asked() <= self.at_once && start.elapsed() < 20 * TIMEOUT {
            thread::sleep(Duration::from_millis(5));
        }
        let (asked, run) = (asked(), running.stop());
        let all = format!("Fetched {pages} in ");
        ensure!(
            asked == self.at_once && run.stdout.contains(&all),
            "with `--timeout 60` a page may take 1.3 s, but of {} that did, and that were asked \
             for {}, not all were fetched: is there another timeout than that of the command line, \
             or is a slow page asked for again?\n{run}",
            pages,
            counted(asked, "time"),
        );
        takes_its_time(&run, Duration::from_millis(LATENCY))?;
        run.ended_with(0, "that every page was fetched")
    }

    /// The timeout is not one of whole seconds.
    fn gives_up_in_time(&self) -> Verdict {
        let site = site()?;
        let (timeout, limit) = (SHORT.as_secs_f64(), SHORT * TOLERANCE);
        let options = ["--pages", "1", "--timeout", &timeout.to_string()];
        let mut running = self.start(&site, &["/hang"], &options);
        let start = Instant::now();
        let waits = || longest_wait(&site.observations(), start.elapsed());
        while !running.has_ended() && waits() < limit {
            thread::sleep(Duration::from_millis(5));
        }
        let (waited, run) = (waits(), running.stop());
        ensure!(
            waited < limit,
            "with `--timeout {timeout}` a page should be given up after {timeout} s, but the \
             program still waited for one after {:.1} s: does the session know the timeout of the \
             command line? It may be less than a second.\n{run}",
            waited.as_secs_f64(),
        );
        Ok(())
    }

    /// The timeout is one for the whole page, not for each piece of it.
    fn gives_up_a_page_that_trickles(&self) -> Verdict {
        let address = server::start(server::trickle)?;
        let url = format!("http://{address}/page");
        let (timeout, limit) = (TIMEOUT.as_secs_f64(), TIMEOUT * TOLERANCE);
        let options = ["--pages", "1", "--timeout", &timeout.to_string()];
        let options = [&[&*url], &options[..]].concat();
        let mut running = Running::start(command(self.program, &options));
        let start = Instant::now();
        while !running.has_ended() && start.elapsed() < limit {
            thread::sleep(Duration::from_millis(5));
        }
        let (ended, run) = (running.has_ended(), running.stop());
        ensure!(
            ended,
            "a page came in small pieces without an end, and with `--timeout {timeout}` it should \
             be given up after {timeout} s, but the program still read after {} s: is the timeout \
             one for the whole page, or does it begin again with each piece?\n{run}",
            limit.as_secs(),
        );
        self.names(&run, &url)?;
        run.ended_with(1, "that the page failed")
    }

    fn gives_time(&self) -> Verdict {
        let site = site()?;
        let at_once = if self.workers_option { 3 } else { self.at_once };
        let workers = self.workers(at_once);
        let mut list = vec!["/hang"; 3 * at_once];
        list.push("/dice");
        let (pages, timeout) = (list.len().to_string(), TIMEOUT.as_secs_f64().to_string());
        let mut options = vec!["--pages", &*pages, "--timeout", &*timeout];
        options.extend(workers.iter().map(String::as_str));
        let mut running = self.start(&site, &list, &options);
        let (start, limit) = (Instant::now(), TIMEOUT * TOLERANCE);
        let waits = || longest_wait(&site.observations(), start.elapsed());
        let mut busy = start;
        while !running.has_ended() && waits() < limit && busy.elapsed() < limit {
            if in_flight(&site.observations()) > 0 {
                busy = Instant::now();
            }
            thread::sleep(Duration::from_millis(5));
        }
        let (waited, ended) = (waits(), running.has_ended());
        let run = running.stop();
        ensure!(
            ended || waited >= limit,
            "{} that never came were given up after {timeout} s (`--timeout {timeout}`), and then \
             the program asked for no other, but did not end: does a page that fails keep what \
             the next one waits for, a permit or a place?\n{run}",
            counted(asked(&site.observations(), "/hang"), "page"),
        );
        ensure!(
            waited < limit,
            "with `--timeout {timeout}` a page should be given up after {timeout} s, but the \
             program still waited for one after {:.1} s: does the session know the timeout of the \
             command line?\n{run}",
            waited.as_secs_f64(),
        );
        run.reached_its_end()?;
        ensure!(
            run.stdout.lines().any(is_summary),
            "pages that never came were given up in time, but then the program ended without its \
             summary: is there one timeout for all pages together?\n{run}"
        );
        self.names_each_time(&run, &site, list.len() - 1)?;
        let seen = site.observations();
        let hanging = asked(&seen, "/hang");
        let hurried = seen.requests.iter().filter(|request| {
            let lasted = request.end.map(|end| end - request.start);
            *request.path == *"/hang" && lasted.is_some_and(|lasted| lasted < TIMEOUT / 5)
        });
        let hurried = hurried.count();
        ensure!(
            hanging == list.len() - 1 && hurried == 0,
            "{} never come; with {at_once} in flight at a time, each should get {timeout} s \
             (`--timeout {timeout}`), but the site was asked for {hanging} of them, and {hurried} \
             of those got less than a fifth of that time: {}\n{run}",
            counted(list.len() - 1, "page"),
            match hanging {
                _ if hanging >= list.len() => "is a page that was given up asked for again?",
                _ if hanging == hurried =>
                    "does the session know the timeout of the command line, to a fraction of a \
                     second?",
                _ if hurried == 0 =>
                    "does the time of a page begin while it still waits for its turn, is there one \
                     timeout for all pages of a worker, or is a page not asked for because another \
                     has failed?",
                _ => "does the time of a page begin while it still waits for its turn?",
            }
        );
        let dice = format!(" bytes from {}", site.url("/dice"));
        ensure!(
            run.stdout.contains(&dice),
            "{} pages before it never come, but {} is a good page and should be fetched: does a \
             page that is given up make others fail, too?\n{run}",
            list.len() - 1,
            site.url("/dice"),
        );
        // The site may notice late that a page was given up: then it counts two rounds at once.
        ensure!(
            seen.most_in_flight <= 2 * at_once,
            "with {at_once} in flight at a time, pages that were given up should make place for \
             others, but the site still saw {} in flight at once: does a page go on that was given \
             up, in a task whose handle was dropped, or on a thread that nobody waits for?\n{run}",
            seen.most_in_flight,
        );
        // They are waited for in three rounds: two thirds of that cannot be an accident.
        takes_its_time(&run, 2 * TIMEOUT)?;
        run.ended_with(1, "that pages failed")
    }

    fn names_each_time(
        &self,
        run: &crate::grader::Run,
        site: &PracticeSite,
        times: usize,
    ) -> Verdict {
        let line = format!("Failed {}: ", site.url("/hang"));
        let named = run.stderr.lines().filter(|said| said.starts_with(&line));
        let named = named.count();
        ensure!(
            named == times,
            "{} never came, so standard error should have a line `{line}…` for each, but there \
             are {named}: {}\n{run}",
            counted(times, "page"),
            match named < times {
                true if asked(&site.observations(), "/hang") < times =>
                    "the others were not even asked for: does a worker end when its page fails, or \
                     is a failure kept for the next time?",
                true => "where does the error of a page get lost?",
                false => "is a page asked for again, or its failure told twice?",
            },
        );
        Ok(())
    }

    /// Servers and addresses that are worse than broken harm only their own pages.
    pub fn survives_a_misbehaving_server(&self) -> Verdict {
        let site = site()?;
        let bad = [
            site.url("/huge"),
            "http://127.0.0.1:1/".into(),
            // A name that no name server needs to be asked for: no part may be so long.
            format!("http://{}.invalid/", "x".repeat(64)),
            "ftp://127.0.0.1/".into(),
            "no-address".into(),
        ];
        let good = site.url("/dice");
        let mut arguments: Vec<&str> = bad.iter().map(String::as_str).collect();
        arguments.extend([&good, "--pages", "6", "--timeout", "20"]);
        let run = Running::start(command(self.program, &arguments)).end()?;
        run.reached_its_end()?;
        for url in &bad {
            self.names(&run, url)?;
        }
        ensure!(
            run.stdout.contains(&format!("bytes from {good}\n")),
            "{good} is a good page, but it was not fetched: {}\n{run}",
            match asked(&site.observations(), "/dice") {
                0 =>
                    "is it not even asked for, because a page before it has failed, or several in \
                     a row?",
                _ => "does a bad page before it stop it?",
            },
        );
        ensure!(
            run.stdout.contains("Fetched 1 of 6 pages in "),
            "one page of six is good, so the summary should say `Fetched 1 of 6 pages`\n{run}"
        );
        run.ended_with(1, "that pages failed")
    }
}

/// How often a path was asked for, but for what a client must ask for again: a connection that
/// was used before may have been closed meanwhile, which shows only when it is used.
fn asked_afresh(seen: &Observations, path: &str) -> usize {
    let all = asked(seen, path);
    if path != "/reset" {
        return all;
    }
    let used = seen.requests.iter().enumerate().filter(|(index, request)| {
        let mut before = seen.requests[..*index].iter();
        *request.path == *path && before.any(|other| other.connection == request.connection)
    });
    let used = used.count();
    if all > used { all - used } else { all }
}

/// The longest time that a page has been waited for that never comes.
fn longest_wait(seen: &Observations, now: Duration) -> Duration {
    let hanging = seen
        .requests
        .iter()
        .filter(|request| *request.path == *"/hang");
    let waits = hanging.map(|request| request.end.unwrap_or(now).saturating_sub(request.start));
    waits.max().unwrap_or_default()
}

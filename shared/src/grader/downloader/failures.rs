//! What becomes of pages that fail.

use std::collections::HashSet;

use super::pages::has_all_outcomes;
use super::{Downloader, asked, site, slow_site, started, were};
use crate::downloads::{FAULTS, faulty};
use crate::grader::rest::one_moment;
use crate::grader::{Failure, Running, Verdict, command};
use crate::output::counted;
use crate::site::{Observations, PracticeSite};

/// What to ask if one page is taken for the other.
const ORDER: &str = "are the outcomes in the order of the addresses, or in the order in which the \
                     pages came?";

impl Downloader {
    /// A page that fails is named with the reason, the others are fetched all the same, and
    /// the summary and the exit status tell the truth.
    pub fn tells_the_truth_about_failures(&self) -> Verdict {
        // On the one pages come to each worker in turn, on the other in another order than they are
        // asked for: whoever takes one for the other is found out.
        let mut list = faulty();
        self.tells_the_truth_on(&slow_site(5)?, &list)?;
        // One of those that come last should be among those that fail.
        for places in [8, 1] {
            list.rotate_left(places);
            let turnstile = PracticeSite::start_turnstile(self.at_once, list.len());
            self.tells_the_truth_on(&started(turnstile)?, &list)?;
        }
        self.tells_each_time_for_itself()?;
        self.keeps_every_place()
    }

    /// Of an address that is listed often some pages fail, and others do not.
    fn tells_each_time_for_itself(&self) -> Verdict {
        // More failures than workers, and as many pages again.
        let failures = self.at_once + 2;
        let pages = 2 * failures;
        let (site, path) = (site()?, format!("/flaky/{failures}"));
        let run = self
            .start(&site, &[&path], &["--pages", &pages.to_string()])
            .end()
            .map_err(|hung| {
                Failure::last(format!(
                    "of {pages} pages the first {failures} fail, and then the program neither goes \
                     on nor ends: does a page that fails keep what the next one waits for, a \
                     permit or a place?\n{hung}"
                ))
            })?;
        run.reached_its_end()?;
        let (asked, url) = (asked(&site.observations(), &path), site.url(&path));
        ensure!(
            asked == pages,
            "{url} is listed {pages} times, and fails at first, but the site was asked for it {}: \
             {}\n{run}",
            counted(asked, "time"),
            match asked > pages {
                true => "is a page that fails, or takes long, asked for again?",
                false =>
                    "does a worker end when its page fails, is a page not asked for because it has \
                     failed before, or does the program give up after so many failures?",
            },
        );
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

    /// Of pages that all fail, and differ, every outcome shows in whose place it stands.
    fn keeps_every_place(&self) -> Verdict {
        let pages = self.at_once + 20;
        let list: Vec<String> = (0..pages)
            .map(|page| format!("/status/404?{page}"))
            .collect();
        let list: Vec<&str> = list.iter().map(String::as_str).collect();
        let site = started(PracticeSite::start_turnstile(self.at_once, pages))?;
        let run = self
            .start(&site, &list, &["--pages", &pages.to_string()])
            .end()?;
        run.reached_its_end()?;
        ensure!(
            run.error().is_none(),
            "the program says `{}`: {ORDER}\n{run}",
            run.error().unwrap_or_default(),
        );
        run.ended_with(1, "that pages failed")
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

    /// A page that fails takes neither the place of another, nor its connection, nor any time.
    pub fn goes_on_after_a_failure(&self) -> Verdict {
        // More failures than workers, and as many pages again.
        let failures = self.at_once + 2;
        let pages = 2 * failures;
        let site = started(PracticeSite::start_turnstile(self.at_once, pages))?;
        let path = format!("/flaky/{failures}");
        let run = self
            .start(&site, &[&path], &["--pages", &pages.to_string()])
            .end()?;
        run.reached_its_end()?;
        let turnstile = site.turnstile().expect("the site was started as one");
        if let Some(stopped) = turnstile.stopped {
            return Err(Failure::new(format!(
                "the first {failures} pages fail; after {} only {} in flight, though {} left; {} \
                 should keep {} in flight: does a page that fails take the place of others?\n{run}",
                counted(stopped.passed, "page"),
                were(stopped.waiting, "request"),
                were(stopped.left + stopped.waiting, "page"),
                counted(self.at_once, "worker"),
                self.at_once.min(stopped.left + stopped.waiting),
            )));
        }
        one_moment(|| self.needs_no_more_for_failures())
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

//! How many pages are in flight at once, by which means, and what they share.

use std::thread;
use std::time::{Duration, Instant};

use super::{Connections, Downloader, asked, in_flight, site, slow_site, started};
use crate::grader::rest::{RESTLESS, Rest, SETTLED, one_moment, watch};
use crate::grader::{Failure, Run, Running, Verdict, WHENCE, refuses_each};
use crate::options::Workers;
use crate::output::counted;
use crate::site::{Observations, PracticeSite};

/// How many pages there are for every worker. A few that take several at a time must find
/// enough for all of them; many would open more connections than a system may allow.
fn pages_each(at_once: usize) -> usize {
    if at_once < 50 { 10 } else { 3 }
}

/// A program all of whose pages are held back, when it has come to rest.
struct Held {
    in_flight: usize,
    /// Whether it computes all the time while it has nothing to do but wait.
    restless: bool,
    #[cfg(target_os = "linux")]
    means: Means,
    run: Run,
}

/// By which means a program waits.
#[cfg(target_os = "linux")]
struct Means {
    threads: usize,
    /// Connections to the site.
    connections: usize,
    /// The connections of each process that it has started.
    children: Vec<usize>,
}

impl Downloader {
    /// While no page comes, as many are in flight as promised, never more, and by the means
    /// that were promised: threads, processes or one thread for all.
    pub fn keeps_as_many_in_flight_as_promised(&self) -> Verdict {
        self.keeps_in_flight(self.at_once, &[])
    }

    fn keeps_in_flight(&self, at_once: usize, options: &[&str]) -> Verdict {
        let held = self.hold(at_once, options)?;
        let Held { in_flight, run, .. } = &held;
        let workers = counted(at_once, "worker");
        #[cfg(target_os = "linux")]
        ensure!(
            !self.processes || held.means.children.is_empty() || held.means.connections == 0,
            "the program itself holds {} to the site, while it has {} worker processes: is the \
             work done in the parent instead of the workers?\n{run}",
            counted(held.means.connections, "connection"),
            held.means.children.len(),
        );
        let asked_for = match options {
            [] => String::new(),
            options => format!("with `{}` ", options.join(" ")),
        };
        ensure!(
            *in_flight >= at_once,
            "the site held all pages back, and {asked_for}saw {} at once; {workers} should keep \
             {at_once} in flight: {}\n{run}",
            counted(*in_flight, "request"),
            match in_flight {
                0 =>
                    "what does every download wait for: a permit or a lock that nobody gives back?",
                1 => self.too_few,
                _ => WHENCE,
            },
        );
        ensure!(
            *in_flight <= at_once,
            "the site held all pages back, and {asked_for}saw {in_flight} requests at once; with \
             {workers} there should never be more than {at_once} in flight: {}\n{run}",
            match options.is_empty() && *in_flight == pages_each(at_once) * at_once {
                false => WHENCE,
                true => "what limits how many downloads are in flight?",
            },
        );
        #[cfg(target_os = "linux")]
        self.keeps_to_its_means(at_once, &held)?;
        ensure!(
            !held.restless,
            "{} in flight and nothing to do but wait, and the program uses the processor all the \
             time: does it look again and again whether something has come, instead of waiting \
             for it?\n{run}",
            counted(*in_flight, "page"),
        );
        Ok(())
    }

    #[cfg(target_os = "linux")]
    fn keeps_to_its_means(&self, at_once: usize, held: &Held) -> Verdict {
        let Held { means, run, .. } = held;
        let (threads, children) = (means.threads, means.children.len());
        if self.processes {
            ensure!(
                children >= at_once,
                "{at_once} pages are in flight, but the program has {}, and should have \
                 {at_once}: who downloads them, processes or threads?\n{run}",
                match children {
                    0 => "no worker process".into(),
                    1 => "1 worker process".into(),
                    _ => format!("{children} worker processes"),
                },
            );
            ensure!(
                children == at_once && means.children.iter().all(|connections| *connections == 1),
                "{at_once} pages are in flight, and the {children} worker processes have {:?} \
                 connections: is there one worker for each page, and does it fetch one page at a \
                 time?\n{run}",
                means.children,
            );
            return Ok(());
        }
        ensure!(
            children == 0,
            "the program has started {children} other processes: this exercise does without \
             them\n{run}"
        );
        ensure!(
            !self.one_thread || threads == 1,
            "{} in flight, and the program has {threads} threads; one is enough: does something \
             start a thread (a runtime of several threads, `spawn_blocking`, \
             `thread::spawn`)?\n{run}",
            counted(held.in_flight, "page"),
        );
        // One for `main`, and a few that hand out or collect.
        ensure!(
            threads <= at_once + 4,
            "{} in flight, and the program has {threads} threads: is a thread started for every \
             page, or a pool made without its number of threads?\n{run}",
            counted(held.in_flight, "page"),
        );
        Ok(())
    }

    /// Starts it on pages that never come, and looks at it when it has come to rest.
    fn hold(&self, at_once: usize, options: &[&str]) -> Result<Held, Failure> {
        let site = site()?;
        let pages = (pages_each(at_once) * at_once).to_string();
        let options = [&["--pages", &pages], options].concat();
        // Two addresses: a program may do something else with the same one again.
        let mut running = self.start(&site, &["/hang", "/hang?again"], &options);
        let rested = watch(&mut running, at_once, || {
            let seen = site.observations();
            (seen.requests.len(), in_flight(&seen))
        });
        #[cfg(target_os = "linux")]
        let means = Means::of(&running, &site);
        let run = running.stop();
        if rested.ended {
            run.reached_its_end()?;
            let asked = site.observations().requests.len();
            return Err(Failure::new(format!(
                "the site held all pages back, but the program ended before its timeout of 60 s, \
                 after {}: is there another timeout, or does the program not wait for its \
                 downloads?\n{run}",
                counted(asked, "request"),
            )));
        }
        Ok(Held {
            in_flight: rested.under_way,
            restless: rested.restless,
            #[cfg(target_os = "linux")]
            means,
            run,
        })
    }

    /// As soon as one page is there, the next is asked for, for as long as any are left: the
    /// site answers one, and only when as many are in flight again the next.
    pub fn goes_on_when_a_page_is_there(&self) -> Verdict {
        self.goes_on(self.at_once, &[])
    }

    fn goes_on(&self, at_once: usize, options: &[&str]) -> Verdict {
        // At the end there are fewer pages than workers, and those come together, too.
        let pages = at_once * if at_once < 50 { 6 } else { 3 } + at_once / 2;
        let site = started(PracticeSite::start_turnstile(at_once, pages))?;
        let pages = pages.to_string();
        let options = [&["--pages", &pages], options].concat();
        let run = self.download(&site, &["/jython", "/dice"], &options);
        let seen = site.turnstile().expect("the site was started as one");
        if let Ok(run) = &run
            && let Some(line) = run.stderr.lines().find(|line| line.starts_with("Failed "))
        {
            return Err(Failure::new(format!(
                "{pages} pages are good, and {} should fetch them all, but one failed: `{line}`. \
                 Does a page that finds no place fail, instead of waiting for its turn?\n{run}",
                counted(at_once, "worker"),
            )));
        }
        if let Some(stopped) = seen.stopped {
            let (answered, in_flight) = (stopped.passed, stopped.waiting);
            let run = run.map_or_else(|failure| failure.to_string(), |run| run.to_string());
            return Err(Failure::new(format!(
                "after {} only {} in flight, though {} were left; {} should keep {} in flight: \
                 {}\n{run}",
                counted(answered, "page"),
                match in_flight {
                    1 => "1 request was".to_owned(),
                    _ => format!("{in_flight} requests were"),
                },
                counted(stopped.left + in_flight, "page"),
                counted(at_once, "worker"),
                at_once.min(stopped.left + in_flight),
                match answered {
                    0 | 1 => {
                        "does the next download wait for the oldest one or for all the others, or \
                         did only the first ones start together?"
                    }
                    _ =>
                        "does a worker get its pages beforehand, or wait for the oldest one or for \
                         all the others?",
                },
            )));
        }
        let run = run?;
        ensure!(
            seen.most <= at_once,
            "the site saw {} requests at once, when pages came; with {} there should never be \
             more than {at_once} in flight: {}\n{run}",
            seen.most,
            counted(at_once, "worker"),
            match seen.most > 2 * at_once {
                false => "does a worker ask for the next page before it has read the last one?",
                true => "are only the first downloads limited, and not those that follow?",
            },
        );
        run.ended_with(0, "that every page was fetched")
    }

    /// So it does with another number of `--workers`, if there is that option.
    pub fn obeys_another_number_of_workers(&self) -> Verdict {
        if !self.workers_option {
            return refuses_each(self.program, &["--workers 3"]);
        }
        // More than the program has by itself, and more than any limit that follows the machine.
        let many = Workers::EveryCore.number().max(self.at_once + 10) + 5;
        for at_once in [3, 1, many] {
            let option = self.workers(at_once);
            let option: Vec<&str> = option.iter().map(String::as_str).collect();
            self.keeps_in_flight(at_once, &option)?;
        }
        self.goes_on(3, &["--workers", "3"])
    }

    /// A session uses its connection again for the next page, also when all were idle at once.
    pub fn uses_its_connections_again(&self) -> Verdict {
        let site = site()?;
        // So long that a few lines fill the pipe. Then every worker stops where it prints, with
        // its page read to the end and its connection idle.
        let path = format!("/dice?{}", "and-again".repeat(400));
        let pages = (self.at_once * 2 + 60).to_string();
        let command = self.on(&site, &[&path], &["--pages", &pages]);
        let mut running = Running::start_unread(command);
        let (start, mut rest) = (Instant::now(), Rest::new());
        while rest.lasts((site.observations().requests.len(), 0, 0)) < SETTLED
            && start.elapsed() < RESTLESS
            && !running.has_ended()
        {
            thread::sleep(Duration::from_millis(5));
        }
        running.read();
        let run = running.end()?;
        run.reached_its_end()?;
        self.keeps_its_connections(self.at_once, &site.observations(), &run)
    }

    fn keeps_its_connections(&self, at_once: usize, seen: &Observations, run: &Run) -> Verdict {
        let (connections, pages) = (seen.connections, seen.requests.len());
        match self.connections {
            Connections::Any => {}
            Connections::PerPage => ensure!(
                connections == pages,
                "the site saw {} for {}: every page should have one of its own\n{run}",
                counted(connections, "connection"),
                counted(pages, "page"),
            ),
            Connections::Kept => ensure!(
                connections <= at_once,
                "the site saw {} for {}, but {at_once} would be enough: {} Or does a request \
                 close its connection, or leave a part of its page unread?\n{run}",
                counted(connections, "connection"),
                counted(pages, "page"),
                self.too_many_connections,
            ),
        }
        Ok(())
    }

    /// While one page is on its way the others come, too: what happens between two pages takes
    /// no longer than the site takes over a page, with a factor of ten to spare.
    pub fn overlaps_its_waits(&self) -> Verdict {
        // Few need long to be many; many make up for it by their number.
        let (rounds, latency) = if self.at_once < 50 { (8, 5) } else { (1, 50) };
        if self.at_once == 1 {
            return Ok(());
        }
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
        let came = asked(&site.observations(), "/dice");
        let run = running.stop();
        ensure!(
            elapsed <= limit,
            "the site needs {} ms for a page and gets {} requests at once, so {pages} pages need \
             {}; but after {} ms, more than ten times as long, the program had asked for {came} \
             of them: {}?\n{run}",
            (limit / 10 / rounds as u32).as_millis(),
            self.at_once,
            match rounds {
                1 => "no longer".into(),
                _ => format!("{rounds} times that"),
            },
            elapsed.as_millis(),
            match self.one_thread {
                true => "does a sleep, a call or a computation block the event loop",
                false => "is there a sleep, or a lock that is held for too long",
            },
        );
        Ok(())
    }
}

#[cfg(target_os = "linux")]
impl Means {
    fn of(running: &Running, site: &PracticeSite) -> Self {
        use crate::grader::proc::{children, connections, process};

        let port = site
            .url("")
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok());
        let port = port.expect("the site's address ends with its port");
        let id = running.id();
        Self {
            threads: process(id).map_or(0, |process| process.threads),
            connections: connections(id, port),
            children: children(id)
                .iter()
                .filter(|child| child.state != 'Z')
                .map(|child| connections(child.id, port))
                .collect(),
        }
    }
}

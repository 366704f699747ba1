//! How long a page may take.

use std::thread;
use std::time::{Duration, Instant};

use super::pages::{is_summary, takes_its_time};
use super::{Downloader, asked, in_flight, server, site, slow_site};
use crate::grader::rest::one_moment;
use crate::grader::{Run, Running, Verdict, command};
use crate::output::counted;
use crate::site::{Observations, PracticeSite};

/// The timeout that is asked for.
const TIMEOUT: Duration = Duration::from_millis(400);

/// One that is less than a tenth of a second.
const SHORT: Duration = Duration::from_millis(90);

/// How many times as long a page may take that is given up in time, and how many times as short.
const TOLERANCE: u32 = 10;

impl Downloader {
    /// A page that hangs is given up when the timeout says so, which is counted from asking for
    /// it: a page that has waited for its turn still has all of its time.
    pub fn gives_every_page_its_time(&self) -> Verdict {
        one_moment(|| self.gives_up_in_time())?;
        one_moment(|| self.gives_time())?;
        one_moment(|| self.gives_up_a_page_that_trickles())?;
        self.waits_for_a_slow_page()
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

    fn names_each_time(&self, run: &Run, site: &PracticeSite, times: usize) -> Verdict {
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

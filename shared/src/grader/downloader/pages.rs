//! Every page once, and what is said of it.

use std::thread;
use std::time::{Duration, Instant};

use super::{Downloader, asked, server, site, started};
use crate::grader::{Failure, Run, Verdict, command};
use crate::output::counted;
use crate::site::{Observations, PracticeSite};

/// Pages of the practice site, with their sizes in bytes.
const PAGES: [(&str, usize); 2] = [("/jython", 10_966), ("/dice", 276)];

/// How many pages a program is asked for: an odd number, and more than it fetches by default.
pub(super) const LISTED: usize = 203;

impl Downloader {
    /// Every page is asked for exactly as often as it is listed, and told so.
    pub fn fetches_every_page_as_often_as_listed(&self) -> Verdict {
        let site = site()?;
        // One path more than pages with a size: a page has to be told from its neighbours. And
        // one twice in a row: it is no less a page of its own.
        let paths = [PAGES[0].0, PAGES[1].0, PAGES[1].0, "/status/200"];
        let list: Vec<&str> = paths.into_iter().cycle().take(LISTED).collect();
        let start = Instant::now();
        let run = self
            .start(&site, &paths, &["--pages", &LISTED.to_string()])
            .end()
            .map_err(|hung| {
                let so_far = how_far(&site.observations(), start.elapsed());
                Failure::last(format!("{so_far}\n{hung}"))
            })?;
        self.has_a_summary(&run)?;
        let seen = site.observations();
        if let Some(line) = run.stderr.lines().find(is_error) {
            return Err(Failure::new(format!("the program says `{line}`\n{run}")));
        }
        if let Some(line) = run.stderr.lines().find(|line| line.starts_with("Failed ")) {
            ensure!(
                !line.contains("the worker process"),
                "every page is good, but one failed: `{line}`. Does a worker end before it has \
                 nothing more to do?\n{run}"
            );
            return Err(Failure::new(format!(
                "every page is good, but one failed: `{line}`. Does the session come from \
                 `new_session`, is each address used unchanged, and does every download wait for \
                 its turn and its end?\n{run}"
            )));
        }
        for path in paths {
            let times = list.iter().filter(|listed| **listed == path).count();
            let asked = asked(&seen, path);
            ensure!(
                asked == times,
                "the site was asked for {path} {}, but the list has it {}: {}\n{run}",
                counted(asked, "time"),
                counted(times, "time"),
                match asked {
                    0 => {
                        "is every address of the list fetched, and does the program wait for \
                         every download, thread or task? An iterator does nothing until \
                         something takes its items, and a future nothing until it is awaited."
                    }
                    _ if asked < times => {
                        "is a part of the list left out, is a page kept for the next time, or \
                         does the program end before all is done?"
                    }
                    _ => "is an address fetched more than once, or in place of another?",
                },
            );
            let end = format!("from {}", site.url(path));
            let told = run.stdout.lines().filter(|line| line.ends_with(&end));
            let told = told.count();
            ensure!(
                told == times,
                "the site gave {path} {}, but the line `Fetched … {end}` was printed {}: {}\n{run}",
                counted(times, "time"),
                counted(told, "time"),
                match run.stderr.lines().any(|line| line.ends_with(&end)) {
                    true => "does it go to standard error instead of standard output?",
                    false => "is it printed once for every page, when the page is there?",
                },
            );
        }
        let other = seen.requests.iter();
        let other = other
            .map(|request| &*request.path)
            .find(|path| !paths.contains(path));
        ensure!(
            other.is_none(),
            "the site was asked for {}, too, which is not in the list: is each address used \
             unchanged, and no other?\n{run}",
            other.unwrap_or_default(),
        );
        for (path, size) in PAGES {
            says_the_size(&run, &site.url(path), size)?;
        }
        let summary = run.stdout.lines().last().unwrap_or_default();
        ensure!(
            summary.starts_with(&format!("Fetched {LISTED} pages in ")),
            "all {LISTED} pages came, so the last line should be `Fetched {LISTED} pages in …s`, \
             but it is `{summary}`: does `main` hand the outcomes to `report`, \
             and does the list of outcomes have one for every page?\n{run}"
        );
        run.ended_with(0, "that every page was fetched")
    }

    pub(super) fn has_a_summary(&self, run: &Run) -> Verdict {
        run.reached_its_end()?;
        if run.stdout.lines().any(is_summary) {
            return Ok(());
        }
        let reason = run.stderr.lines().last().unwrap_or("no word of why");
        Err(Failure::last(format!(
            "the program ended without its summary `Fetched … pages in …s`, with {}: \
             {reason}\n{run}",
            run.status
        )))
    }

    /// A size is that of the body, in bytes: neither in characters nor what a header promises.
    pub fn counts_the_bytes_of_a_page(&self) -> Verdict {
        // Neither is every byte a character, nor a part of one: a page may be a picture.
        let page = [&b"\xff\xd8"[..], "Grüße, 世界! ".repeat(7).as_bytes()].concat();
        self.counts_the_bytes(&page)?;
        self.counts_the_bytes(&vec![b'.'; LARGE])?;
        self.fetches_an_empty_page()
    }

    fn counts_the_bytes(&self, page: &[u8]) -> Verdict {
        let text = String::from_utf8_lossy(page);
        for (manner, address) in server::serve(page)? {
            let url = format!("http://{address}{}", server::PAGE);
            let run = super::Running::start(command(self.program, &[&url, "--pages", "1"]));
            let run = run.end().map_err(|hung| {
                Failure::last(format!(
                    "with a list of one page the program does not end: does it wait for more \
                     workers, or more pages, than there are?\n{hung}"
                ))
            })?;
            self.has_a_summary(&run)?;
            // Only there: the number of the port may have these digits, too.
            let failed = format!("Failed {url}: ");
            let mut reasons = run.stderr.lines().filter_map(|it| it.strip_prefix(&failed));
            ensure!(
                !reasons.any(|reason| reason.contains(server::NOT_HERE)),
                "{url} is a good page, but the server was asked for another: is each address used \
                 unchanged?\n{run}"
            );
            let line = format!(" bytes from {url}");
            let said = run.stdout.lines().find_map(|printed| {
                let size = printed.strip_suffix(&line)?.strip_prefix("Fetched ")?;
                size.parse::<usize>().ok()
            });
            let bytes = page.len();
            ensure!(
                said == Some(bytes),
                "a page of {}, which are {bytes} bytes, was {manner}, so the program should print \
                 `Fetched {bytes}{line}`: {}\n{run}",
                counted(text.chars().count(), "character"),
                match said {
                    Some(size) if size == text.chars().count() =>
                        "does it count characters instead of bytes?",
                    Some(0) => "is the size taken from a header instead of the page?",
                    Some(size) if size < bytes => "is the page read to its end?",
                    None if run.stdout.contains(&format!("Fetched {bytes} bytes from ")) =>
                        "is the address of a page told as it stands in the list?",
                    None if bytes == LARGE => "is a page that large taken for a failure?",
                    _ => "where does the size come from, and is the page made a text before?",
                }
            );
        }
        Ok(())
    }

    fn fetches_an_empty_page(&self) -> Verdict {
        let (site, path) = (site()?, "/status/204");
        let run = self.start(&site, &[path], &["--pages", "1"]).end()?;
        self.has_a_summary(&run)?;
        let line = format!("Fetched 0 bytes from {}", site.url(path));
        ensure!(
            run.stdout.lines().any(|printed| printed == line),
            "a page came that is empty, so the program should print `{line}`: is a size of 0 taken \
             for a page that failed?\n{run}"
        );
        run.ended_with(0, "that the page was fetched")
    }

    /// Of a program that adds up the sizes of its pages and tells the total: none is lost.
    pub fn adds_up_all_sizes(&self) -> Verdict {
        // The first page comes when as many are in flight as can be. So whoever reads the total
        // before a download, and writes it after that, writes over what the others have added.
        let pages = 4 * self.at_once;
        let site = started(PracticeSite::start_turnstile(self.at_once, pages))?;
        let pages = pages.to_string();
        let run = self.download(&site, &PAGES.map(|(path, _)| path), &["--pages", &pages])?;
        let all = 2 * self.at_once * (PAGES[0].1 + PAGES[1].1);
        let line = format!("The total is {all} bytes");
        let told = run
            .stdout
            .lines()
            .find(|line| line.starts_with("The total is "));
        ensure!(
            told == Some(&line),
            "{pages} pages have {all} bytes together, so the program should print `{line}`, but \
             {}: is a size forgotten, or written over by another thread that has read the old \
             total?\n{run}",
            told.map_or("there is no such line".into(), |told| format!(
                "it says `{told}`"
            )),
        );
        Ok(())
    }

    /// The line of a page is printed when the page is there, whatever comes of those before it.
    pub fn prints_a_page_when_it_arrives(&self) -> Verdict {
        let pages = match self.at_once {
            1 => ["/dice", "/jython", "/hang"],
            _ => ["/dice", "/hang", "/jython"],
        };
        let (asked, run) = self.run_until(&pages, |running| {
            running.stdout().lines().count() >= pages.len() - 1
        })?;
        let printed = run.stdout.lines().count();
        ensure!(
            asked == pages.len(),
            "of three pages one does not come, and the program has asked for {asked} of them: are \
             the pages of a short list fetched in another way than those of a long one?\n{run}"
        );
        ensure!(
            printed >= 2,
            "two pages have come, and the program waits for another, but it has printed {}: {}\n{run}",
            counted(printed, "line"),
            match printed {
                1 if self.at_once > 1 =>
                    "is the line of a page held back until those before it in the list are there?",
                _ => "are the pages printed only when all of them are there?",
            }
        );
        Ok(())
    }

    /// So is the reason why a page has failed: a page that hangs must not keep it back.
    pub fn tells_a_failure_when_it_happens(&self) -> Verdict {
        let (_, run) = self.run_until(&["/status/404", "/hang"], |running| {
            running.stderr().contains("Failed ")
        })?;
        ensure!(
            run.stderr.contains("Failed "),
            "one page has failed, and the program waits for another, but standard error says \
             nothing of it yet: is the error of a page told only when all pages are there?\n{run}"
        );
        Ok(())
    }

    /// Runs it on these pages until it has asked for all of them and come so far, or no further;
    /// tells for how many it asked.
    fn run_until(
        &self,
        pages: &[&str],
        is_there: impl Fn(&super::Running) -> bool,
    ) -> Result<(usize, Run), Failure> {
        let site = site()?;
        let mut running = self.start(&site, pages, &["--pages", &pages.len().to_string()]);
        let asked = || site.observations().requests.len();
        let start = Instant::now();
        while !(asked() >= pages.len() && is_there(&running))
            && start.elapsed() < PATIENCE
            && !running.has_ended()
        {
            thread::sleep(Duration::from_millis(2));
        }
        Ok((asked(), running.stop()))
    }
}

/// The size of a page that is larger than most, and smaller than what a session takes, in bytes.
const LARGE: usize = 2 << 20;

/// How long a line may take from the program to the grader.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whoever has asked for a page so lately will ask for more.
const GOES_ON: Duration = Duration::from_secs(2);

/// How far a program has come that does not end.
fn how_far(seen: &Observations, now: Duration) -> String {
    let asked = seen.requests.len();
    let last = seen.requests.last().map_or(Duration::ZERO, |it| it.start);
    let goes_on = now.saturating_sub(last) < GOES_ON;
    match asked {
        0 => "the program asked for no page, and did not end: what does it wait for: a permit or \
              a lock that nobody gives back?"
            .into(),
        1..LISTED if goes_on => format!(
            "the site answers at once, but after {} s the program had asked for only {asked} of \
             {LISTED} pages: what takes it so long: is there a pause between two pages?",
            now.as_secs(),
        ),
        1..LISTED => format!(
            "the program asked for {asked} of {LISTED} pages, which came, and then for no more: \
             does it wait for a place in a channel that nobody empties before the end, or for a \
             lock or a permit that nobody gives back?"
        ),
        _ => format!(
            "all {LISTED} pages came, but the program did not end: does it wait for more work or \
             outcomes from a channel or a queue that nobody closes, or for a thread or a task \
             that does not end?"
        ),
    }
}

/// A line that says why the program as a whole failed.
fn is_error(line: &&str) -> bool {
    line.starts_with("Error: ") && !line.contains(" outcomes for ")
}

/// There is an outcome for every page.
pub(super) fn has_all_outcomes(run: &Run) -> Verdict {
    let line = run
        .stderr
        .lines()
        .find(|line| line.contains(" outcomes for "));
    ensure!(
        line.is_none(),
        "the program says `{}`: is a page that fails left out, or does it stop the others?\n{run}",
        line.unwrap_or_default(),
    );
    Ok(())
}

pub(super) fn is_summary(line: &str) -> bool {
    line.starts_with("Fetched ") && line.contains(" in ")
}

/// The summary tells no shorter time than the downloads took.
pub(super) fn takes_its_time(run: &Run, at_least: Duration) -> Verdict {
    let summary = run.stdout.lines().rev().find(|line| is_summary(line));
    ensure!(
        summary_seconds(run).is_none_or(|seconds| seconds >= at_least.as_secs_f64()),
        "the downloads took more than {} s, but the summary says `{}`: is the clock read before \
         the first one begins, and again when the last has ended?\n{run}",
        at_least.as_secs_f64(),
        summary.unwrap_or_default(),
    );
    Ok(())
}

/// The time that the summary says, in seconds.
pub(super) fn summary_seconds(run: &Run) -> Option<f64> {
    let summary = run.stdout.lines().rev().find(|line| is_summary(line))?;
    summary
        .rsplit_once(" in ")?
        .1
        .strip_suffix('s')?
        .parse()
        .ok()
}

/// Every line about this address says this size.
fn says_the_size(run: &Run, url: &str, size: usize) -> Verdict {
    let (line, end) = (
        format!("Fetched {size} bytes from {url}"),
        format!(" from {url}"),
    );
    let other = run
        .stdout
        .lines()
        .find(|printed| printed.ends_with(&end) && *printed != line);
    ensure!(
        other.is_none(),
        "the site sent {size} bytes, so the program should print `{line}`, but it printed `{}`: \
         is that the size of this page, in bytes?\n{run}",
        other.unwrap_or_default(),
    );
    Ok(())
}

impl Downloader {
    /// The summary is there, and one line with the reason for a page that fails.
    pub(super) fn names(&self, run: &Run, url: &str) -> Result<String, Failure> {
        ensure!(
            run.stdout.lines().any(is_summary),
            "the program ended without its summary: does the first page that fails stop the \
             rest?\n{run}"
        );
        let line = format!("Failed {url}: ");
        let reasons = run.stderr.lines();
        let reasons: Vec<&str> = reasons
            .filter_map(|said| said.strip_prefix(&line))
            .collect();
        ensure!(
            reasons.len() == 1 && !reasons[0].is_empty(),
            "{url} fails, so standard error should have one line `{line}…` with the reason, but \
             there are {}: {}\n{run}",
            reasons.len(),
            match reasons.len() {
                0 | 1 => "where does the error of a page get lost?",
                _ =>
                    "is the outcome of this page the error that `fetch_page` returned, unchanged, \
                     and is it told once?",
            },
        );
        Ok(reasons[0].to_owned())
    }
}

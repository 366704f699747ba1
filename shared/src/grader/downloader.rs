//! What a downloader is judged by.

mod failures;
mod in_flight;
mod long_list;
mod manners;
mod pages;
mod server;
mod timeout;

use std::time::Duration;

use super::{Failure, Lesson, Run, Running, Verdict, command};
use crate::output::counted;
use crate::site::{Observations, PracticeSite};

/// A downloader, and what its model promises.
#[derive(Clone, Copy)]
pub struct Downloader {
    /// The built program: `env!("CARGO_BIN_EXE_threaded-downloader")`.
    pub program: &'static str,
    /// How many downloads it keeps in flight.
    pub at_once: usize,
    /// Whether it has the option `--workers`.
    pub workers_option: bool,
    /// Whether one thread does it all, however many pages are in flight. Only Linux tells.
    pub one_thread: bool,
    /// Whether worker processes download, one for each page in flight, and their parent does
    /// not. Only Linux tells.
    pub processes: bool,
    /// How many connections it needs.
    pub connections: Connections,
    /// What to ask a student whose program keeps fewer in flight.
    pub too_few: &'static str,
    /// What to ask a student whose program opens more connections than it has use for.
    pub too_many_connections: &'static str,
}

/// How many connections a downloader needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Connections {
    /// As many as it keeps pages in flight: they are used again.
    Kept,
    /// A new one for every page.
    PerPage,
    /// As many as it likes: it promises nothing.
    Any,
}

/// A check of a downloader, after the names of those that it needs.
type Check = (
    &'static [&'static str],
    &'static str,
    fn(&Downloader) -> Verdict,
);

macro_rules! checks {
    ($($name:ident needs [$($needed:ident)*],)+) => {
        &[$((&[$(stringify!($needed)),*], stringify!($name), Downloader::$name)),+]
    };
}

/// In the order in which a lesson is learnt: the pages, their number at once, their failures,
/// and the manners of a program on the command line.
const CHECKS: &[Check] = checks! {
    fetches_every_page_as_often_as_listed needs [],
    keeps_as_many_in_flight_as_promised needs [fetches_every_page_as_often_as_listed],
    overlaps_its_waits needs [keeps_as_many_in_flight_as_promised],
    goes_on_when_a_page_is_there needs [overlaps_its_waits],
    obeys_another_number_of_workers needs [goes_on_when_a_page_is_there],
    counts_the_bytes_of_a_page needs [fetches_every_page_as_often_as_listed],
    uses_its_connections_again needs [overlaps_its_waits],
    tells_the_truth_about_failures needs [fetches_every_page_as_often_as_listed],
    goes_on_after_a_failure needs [goes_on_when_a_page_is_there tells_the_truth_about_failures],
    fetches_a_long_list needs [goes_on_when_a_page_is_there tells_the_truth_about_failures],
    gives_every_page_its_time needs [keeps_as_many_in_flight_as_promised],
    survives_a_misbehaving_server needs [tells_the_truth_about_failures],
    prints_a_page_when_it_arrives needs [fetches_every_page_as_often_as_listed],
    tells_a_failure_when_it_happens needs [tells_the_truth_about_failures],
    asks_the_proxy_of_the_environment needs [fetches_every_page_as_often_as_listed],
    brings_its_own_site needs [tells_the_truth_about_failures],
    refuses_senseless_options needs [],
    ends_quietly_without_a_reader needs [fetches_every_page_as_often_as_listed],
};

impl Downloader {
    /// All its checks, in the order of the lesson.
    pub fn lesson(self) -> Lesson {
        let add = |lesson: Lesson, (needs, name, check): &Check| {
            let check = *check;
            lesson.and_after(needs, name, move || check(&self))
        };
        CHECKS.iter().fold(Lesson::new(), add)
    }

    /// Starts it on pages of a site. A wrong solution needs the site's patience, and so must
    /// have some itself: its timeout is a minute unless the options say otherwise.
    fn start(&self, site: &PracticeSite, pages: &[&str], options: &[&str]) -> Running {
        Running::start(self.on(site, pages, options))
    }

    fn on(&self, site: &PracticeSite, pages: &[&str], options: &[&str]) -> std::process::Command {
        let urls: Vec<String> = pages.iter().map(|page| site.url(page)).collect();
        let urls = urls.iter().map(String::as_str);
        let patient: &[&str] = match options.contains(&"--timeout") {
            true => &[],
            false => &["--timeout", "60"],
        };
        let options = options.iter().chain(patient).copied();
        command(self.program, &urls.chain(options).collect::<Vec<_>>())
    }

    /// Runs it to its end, and fails if it breaks off.
    fn download(
        &self,
        site: &PracticeSite,
        pages: &[&str],
        options: &[&str],
    ) -> Result<Run, Failure> {
        let run = self.start(site, pages, options).end()?;
        run.reached_its_end()?;
        Ok(run)
    }

    /// The option that makes it keep so many in flight, if there is a choice.
    fn workers(&self, at_once: usize) -> Vec<String> {
        match self.workers_option {
            true => vec!["--workers".into(), at_once.to_string()],
            false => Vec::new(),
        }
    }
}

fn site() -> Result<PracticeSite, Failure> {
    slow_site(0)
}

fn slow_site(milliseconds: u64) -> Result<PracticeSite, Failure> {
    started(PracticeSite::start(Duration::from_millis(milliseconds)))
}

fn started(site: std::io::Result<PracticeSite>) -> Result<PracticeSite, Failure> {
    site.map_err(|error| Failure::new(format!("the practice site does not start: {error}")))
}

/// How often a path was asked for.
fn asked(seen: &Observations, path: &str) -> usize {
    let asked = seen.requests.iter();
    asked.filter(|request| *request.path == *path).count()
}

/// How many requests are in flight at the moment.
fn in_flight(seen: &Observations) -> usize {
    let open = seen.requests.iter();
    open.filter(|request| request.end.is_none()).count()
}

/// So many things were, as in "1 page was".
fn were(number: usize, what: &str) -> String {
    let verb = if number == 1 { "was" } else { "were" };
    format!("{} {verb}", counted(number, what))
}

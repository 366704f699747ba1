//! What a downloader is asked to do, and what it says when it is done.

mod board;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Arg, ArgMatches, Command};

use self::board::Board;
use crate::options::{self, Workers, flag, number, option, read};
use crate::output::{complain, counted};
use crate::site::PracticeSite;
use crate::{Error, Result, address, jobs, membership, open_files, println};

/// The tutorial's two pages on the internet.
pub const LIVE: [&str; 2] = [
    "https://www.jython.org",
    "http://olympus.realpython.org/dice",
];

/// Two pages of the same sizes on the practice site.
pub const PRACTICE: [&str; 2] = ["/jython", "/dice"];

/// What takes the place of every tenth page in [`faulty`], in turn.
pub const FAULTS: [&str; 4] = ["/status/404", "/status/503", "/truncated", "/reset"];

/// The pages of [`PRACTICE`] in turn, with one of [`FAULTS`] as the tenth, twentieth,
/// thirtieth and fortieth: of 160 pages, 144 can be fetched.
pub fn faulty() -> Vec<&'static str> {
    let mut pages: Vec<&str> = PRACTICE
        .into_iter()
        .cycle()
        .take(10 * FAULTS.len())
        .collect();
    for (tenth, fault) in pages.chunks_mut(10).zip(FAULTS) {
        tenth[9] = fault;
    }
    pages
}

/// What came of every page, in the order of the addresses: its size in bytes, or why it failed.
///
/// `Result<Outcomes>` has two layers, then. The outer one is the model's own: a pool of threads
/// may fail to start. The inner ones are the pages': one that fails stops no other.
pub type Outcomes = Vec<Result<usize>>;

/// What a downloader is asked to do.
pub struct Downloads {
    /// The address of every page to fetch, in order: as it was typed, but in the one form that
    /// all libraries read alike.
    pub urls: Vec<String>,
    /// How many pages may be in flight at once.
    pub workers: usize,
    /// When to give a page up, counted from asking for it.
    pub timeout: Duration,
    site: Site,
}

/// Where the practice pages are, if any of the pages is one.
enum Site {
    Nowhere,
    /// The program brought it along.
    Own(PracticeSite),
    Board(Board),
}

impl Downloads {
    /// Reads the command line of a program that is `about` something, and starts the practice
    /// site if it names no other pages.
    ///
    /// Asked for help, or for something that makes no sense, it ends the program.
    ///
    /// # Errors
    /// The practice site does not start, or this is a worker process, which has no business here.
    pub fn from_command_line(about: &'static str, workers: Workers) -> Result<Self> {
        membership::refuse_worker()?;
        Self::read(&options::parse(command(about, workers)), workers)
    }

    pub(crate) fn read(matches: &ArgMatches, workers: Workers) -> Result<Self> {
        let pages: usize = read(matches, "pages");
        let list = list(matches);
        let workers = workers.read_option(matches);
        let is_on_site = |page: &String| page.starts_with('/');
        let board: Option<Board> = matches.get_one("site").cloned();
        let brings_site = board.is_none() && list.iter().any(is_on_site);
        // Of a connection to its own site this process has both ends.
        let ends = if brings_site { 2 } else { 1 };
        open_files::make_room(workers, ends).unwrap_or_else(|error| options::refuse(error));
        let site = match board {
            Some(board) => Site::Board(board.begin()?),
            None if brings_site => Site::Own(
                PracticeSite::start(read(matches, "latency"))
                    .map_err(|error| Error::from(error).while_doing("cannot start the site"))?,
            ),
            None => Site::Nowhere,
        };
        let list: Vec<String> = list
            .into_iter()
            .map(|page| match &site {
                Site::Own(site) if is_on_site(&page) => address::prepare(&site.url(&page)),
                Site::Board(board) => address::prepare(&board.url(&page)),
                _ => address::prepare(&page),
            })
            .collect();
        Ok(Self {
            urls: list.iter().cycle().take(pages).cloned().collect(),
            workers,
            timeout: read(matches, "timeout"),
            site,
        })
    }

    /// Says how many pages were fetched and how long it took, and what the practice site saw,
    /// and which pages failed, as far as nobody has [told](Error::tell) yet; it takes an outcome
    /// for every one of `urls`, in their order.
    ///
    /// The status is success only if every page was fetched. An outcome that is another page's,
    /// as far as failures tell, is named.
    pub fn report(&self, outcomes: &[Result<usize>], elapsed: Duration) -> ExitCode {
        for (url, outcome) in self.urls.iter().zip(outcomes) {
            if let Err(reason) = outcome {
                let url = address::as_typed(url);
                let told = reason.clone().tell(&url);
                // One of the libraries tells an address without the name and the password in it.
                let is_another = |told: &&str| *told != url && !url.contains('@');
                if let Some(other) = told.told_of().filter(is_another)
                    && outcomes.len() == self.urls.len()
                {
                    complain(format_args!(
                        "Error: the outcome of {other} stands in the place of {url}"
                    ));
                }
            }
        }
        let (pages, told) = (self.urls.len(), outcomes.len());
        if told != pages {
            complain(format_args!(
                "Error: {told} outcomes for {pages} pages; every page has one"
            ));
        }
        let fetched = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let of = if fetched == pages {
            String::new()
        } else {
            format!("{fetched} of ")
        };
        let seconds = elapsed.as_secs_f64();
        println!("Fetched {of}{} in {seconds:.2}s", counted(pages, "page"));
        let mut failed = fetched != pages || told != pages;
        let seen = match &self.site {
            Site::Nowhere => Ok(()),
            Site::Own(site) => {
                println!("{}", site.settled());
                Ok(())
            }
            Site::Board(board) => board.report(pages),
        };
        // Whoever computes something for its pages has jobs to note.
        for error in [seen, jobs::write_log()]
            .into_iter()
            .filter_map(Result::err)
        {
            complain(format_args!("Error: {error}"));
            failed = true;
        }
        ExitCode::from(u8::from(failed))
    }
}

/// The pages to take in turn; one that begins with a slash is on the practice site.
fn list(matches: &ArgMatches) -> Vec<String> {
    let strings = |pages: &[&str]| pages.iter().map(ToString::to_string).collect();
    if matches.get_flag("live") {
        strings(&LIVE)
    } else if matches.get_flag("faulty") {
        strings(&faulty())
    } else {
        let named = matches
            .get_many("URL")
            .into_iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>();
        if named.is_empty() {
            strings(&PRACTICE)
        } else {
            named
        }
    }
}

pub(crate) fn command(about: &'static str, workers: Workers) -> Command {
    let milliseconds = |text: &str| options::time(text, Duration::from_millis(1));
    let seconds = |text: &str| match options::time(text, Duration::from_secs(1)) {
        Ok(Duration::ZERO) => Err("must be more than 0".into()),
        time => time,
    };
    let pages = number(
        "pages",
        "N",
        "How many pages to fetch in all",
        1..=MAX_PAGES,
    );
    let command = Command::new(env!("CARGO_PKG_NAME"))
        .about(about)
        .after_help(HELP)
        .arg(Arg::new("URL").num_args(0..).help(
            "Fetch these in turn; /PATH is a page of the practice site [default: /jython /dice]",
        ))
        .arg(flag("live", "Fetch the tutorial's two pages on the internet").conflicts_with("URL"))
        .arg(
            flag(
                "faulty",
                "Fetch the practice site's pages with every tenth one broken",
            )
            .conflicts_with_all(["URL", "live"]),
        )
        .arg(pages.default_value("160"));
    workers
        .add_option(command, "How many pages may be in flight at once")
        .arg(
            option(
                "latency",
                "MS",
                "How long the practice site takes over a page, in milliseconds",
            )
            .value_parser(milliseconds)
            .default_value("87.5"),
        )
        .arg(
            option(
                "site",
                "URL",
                "Take the practice pages from a board, under a name: http://HOST:PORT/NAME",
            )
            .value_parser(Board::at)
            .conflicts_with_all(["URL", "live", "latency"]),
        )
        .arg(
            option("timeout", "S", "When to give a page up, in seconds")
                .value_parser(seconds)
                .default_value("10"),
        )
}

/// More addresses than these need too much memory.
const MAX_PAGES: u64 = 10_000_000;

const HELP: &str = "\
The practice site is part of this program and stops with it: no network is needed.
  /jython       10966 bytes of HTML       /truncated  promises a page, sends half of it
  /dice           276 bytes of HTML       /reset      closes the connection unanswered
  /status/CODE  that status, 200 to 599   /hang       never answers
  /flaky/N      503 N times, then /dice   /huge       a body without end
--faulty puts /status/404, /status/503, /truncated and /reset among the good pages, each as one
page in forty: of 160 pages, 144 can be fetched.
--site takes the same pages from a board, which shows a room what is in flight:
`cargo run -p classroom -- board`.

What it prints: one line per page as it arrives, then how many were fetched and how long all of it
took, then the most requests that the practice site saw in flight at once and how many
connections they came over. A page that fails is named on standard error when it fails,
with the reason.
A page counts with a status of 200 to 299 and its whole body, of up to 10 MiB; up to ten
redirects are followed. A proxy named by HTTP_PROXY, HTTPS_PROXY or ALL_PROXY is used (NO_PROXY
lists hosts without one), but never for this machine itself.
Exit status: 0 every page was fetched, 1 something failed, 2 the command line makes no sense.

Try:
  --pages 10              a short run
  --latency 0             how fast is the program itself?
  --faulty                what does it make of broken pages?
  /hang /dice --pages 4 --timeout 1
";

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn every_tenth_page_is_faulty_and_no_other() {
        let pages = faulty();
        let faults: Vec<usize> = (0..pages.len())
            .filter(|&i| FAULTS.contains(&pages[i]))
            .collect();
        assert_eq!(faults, [9, 19, 29, 39]);
        assert_eq!(pages.len(), 40);
    }

    #[test]
    fn a_board_that_has_ended_is_a_failure() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/ada", listener.local_addr().unwrap());
        drop(listener);
        let downloads = |site| Downloads {
            urls: vec![address.clone()],
            workers: 1,
            timeout: Duration::from_secs(1),
            site,
        };
        let statuses = [Site::Nowhere, Site::Board(Board::at(&address).unwrap())].map(|site| {
            let status = downloads(site).report(&[Ok(1)], Duration::ZERO);
            format!("{status:?}")
        });
        let [success, failure] = [0, 1].map(|status| format!("{:?}", ExitCode::from(status)));
        assert_eq!(statuses, [success, failure]);
    }

    #[test]
    fn the_command_line_is_sound() {
        command("Test.", Workers::One).debug_assert();
        command("Test.", Workers::Default(5)).debug_assert();
    }
}

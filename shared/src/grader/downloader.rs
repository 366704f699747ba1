//! What a downloader is judged by.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use super::{Run, command, refuses, run, wait};
use crate::downloads::{FAULTS, faulty};
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
    /// What to ask a student whose program keeps fewer in flight.
    pub too_few: &'static str,
    /// What to ask a student whose program opens more connections than it has use for.
    pub too_many_connections: &'static str,
}

impl Downloader {
    /// Every page is asked for exactly as often as it is listed, and told so.
    #[track_caller]
    pub fn fetches_every_page_as_often_as_listed(&self) {
        let site = start(0, 0);
        let run = self.download(
            &site,
            &["/jython", "/dice", "/status/200"],
            &["--pages", "31"],
        );
        let expected = count(
            ["/jython", "/dice", "/status/200"]
                .into_iter()
                .cycle()
                .take(31),
        );
        let seen = site.observations();
        let asked = count(seen.requests.iter().map(|request| &*request.path));
        for (page, times) in &expected {
            let asked = asked.get(page).copied().unwrap_or(0);
            assert!(
                asked == *times,
                "the site was asked for {page} {}, but the list has it {}: is every address \
                 fetched once, and once only?\n{run}",
                counted(asked, "time"),
                counted(*times, "time"),
            );
            let line = format!("from {}", site.url(page));
            let told = run
                .stdout
                .lines()
                .filter(|printed| printed.ends_with(&line))
                .count();
            assert!(
                told == *times,
                "the site gave {page} {}, but the line `Fetched … {line}` was printed {}\n{run}",
                counted(*times, "time"),
                counted(told, "time"),
            );
        }
        assert!(
            run.stdout
                .lines()
                .last()
                .is_some_and(|line| line.starts_with("Fetched 31 pages in ")),
            "the last line should be `Fetched 31 pages in …s`\n{run}"
        );
        run.expect_status(0, "that every page was fetched");
    }

    /// The site sees as many requests at once as the model promises, and never more.
    #[track_caller]
    pub fn keeps_as_many_in_flight_as_promised(&self) {
        self.keeps_in_flight(self.at_once, &[]);
    }

    /// So it does with another number of `--workers`, if there is that option.
    #[track_caller]
    pub fn obeys_another_number_of_workers(&self) {
        if self.workers_option {
            self.keeps_in_flight(3, &["--workers", "3"]);
        } else {
            refuses(self.program, &["--workers 3"]);
        }
    }

    #[track_caller]
    fn keeps_in_flight(&self, at_once: usize, options: &[&str]) {
        let (run, seen) = self.gather(at_once, options);
        let most = seen.most_in_flight;
        assert!(
            most >= at_once,
            "the site saw at most {} at once; {} should keep {at_once} in flight: {}\n{run}",
            counted(most, "request"),
            counted(at_once, "worker"),
            self.too_few,
        );
        assert!(
            most <= at_once,
            "the site saw {} at once; with {} there should never be more than {at_once} in \
             flight: what keeps the next download from starting before one has ended?\n{run}",
            counted(most, "request"),
            counted(at_once, "worker"),
        );
        run.expect_status(0, "that every page was fetched");
    }

    /// A session uses its connection again for the next page.
    #[track_caller]
    pub fn uses_its_connections_again(&self) {
        let (run, seen) = self.gather(self.at_once, &[]);
        let (connections, pages) = (seen.connections, seen.requests.len());
        assert!(
            connections <= self.at_once,
            "the site saw {} for {}, where {} would do: {}\n{run}",
            counted(connections, "connection"),
            counted(pages, "page"),
            self.at_once,
            self.too_many_connections,
        );
        assert!(
            connections == self.at_once,
            "the site saw {} only, where {} could work side by side: {}\n{run}",
            counted(connections, "connection"),
            self.at_once,
            self.too_few,
        );
    }

    /// Downloads from a site that answers nobody before `at_once` requests have come together,
    /// then takes its time, so that one too many would be seen.
    #[track_caller]
    pub fn gather(&self, at_once: usize, options: &[&str]) -> (Run, Observations) {
        let (pages, requests) = (
            (4 * at_once).max(20).to_string(),
            if at_once > 1 { at_once } else { 0 },
        );
        let site = start(30, requests);
        let options = [&["--pages", &pages], options].concat();
        let run = self.download(&site, &["/jython", "/dice"], &options);
        (run, site.observations())
    }

    /// A page that fails is named with the reason, the others are fetched all the same, and
    /// the summary and the exit status tell the truth.
    #[track_caller]
    pub fn tells_the_truth_about_failures(&self) {
        let site = start(0, 0);
        let list = faulty();
        let run = self.download(&site, &list, &["--pages", &list.len().to_string()]);
        for fault in FAULTS {
            self.names(&run, &site.url(fault));
        }
        let seen = site.observations();
        for fault in FAULTS.iter().filter(|fault| fault.starts_with("/status/")) {
            let asked = seen
                .requests
                .iter()
                .filter(|request| *request.path == **fault)
                .count();
            assert!(
                asked == 1,
                "the site was asked for {fault} {}: is a page that fails tried again, and nobody \
                 told?\n{run}",
                counted(asked, "time"),
            );
        }
        let failures = run
            .stderr
            .lines()
            .filter(|line| line.starts_with("Failed "))
            .count();
        assert!(
            failures == FAULTS.len(),
            "{} pages are broken, no more\n{run}",
            FAULTS.len()
        );
        let (pages, good) = (list.len(), list.len() - FAULTS.len());
        let summary = run.stdout.lines().last().unwrap_or_default();
        assert!(
            summary.starts_with(&format!("Fetched {good} of {pages} pages in ")),
            "the site gave {good} good pages and {} broken ones, but the summary says \
             `{summary}`: does it count what was asked for instead of what came?\n{run}",
            FAULTS.len(),
        );
        let fetched = run
            .stdout
            .lines()
            .filter(|line| line.contains(" bytes from "))
            .count();
        assert!(
            fetched == good,
            "{good} pages came in full, but the line `Fetched … bytes from …` was printed {}: a \
             page counts only with a good status and its whole body\n{run}",
            counted(fetched, "time"),
        );
        run.expect_status(1, "that pages failed");
    }

    /// Servers and addresses that are worse than broken harm only their own pages.
    #[track_caller]
    pub fn survives_a_misbehaving_server(&self) {
        let site = start(0, 0);
        let bad = [
            site.url("/hang"),
            site.url("/huge"),
            "http://127.0.0.1:1/".into(),
            // A name that no name server needs to be asked for: no part may be so long.
            format!("http://{}.invalid/", "x".repeat(64)),
            "ftp://127.0.0.1/".into(),
            "no-address".into(),
        ];
        let good = site.url("/dice");
        let mut arguments: Vec<&str> = bad.iter().map(String::as_str).collect();
        arguments.extend([&good, "--pages", "7", "--timeout", "3"]);
        let run = run(self.program, &arguments);
        for url in &bad {
            self.names(&run, url);
        }
        assert!(
            run.stdout.contains(&format!("bytes from {good}\n")),
            "{good} is a good page\n{run}"
        );
        assert!(
            run.stdout.contains("Fetched 1 of 7 pages in "),
            "one page of seven is good: do the bad ones harm it, or is something else counted?\n{run}"
        );
        assert!(
            !run.stderr.contains("panicked"),
            "a panic is no way to report a failure\n{run}"
        );
        run.expect_status(1, "that pages failed");
    }

    #[track_caller]
    fn names(&self, run: &Run, url: &str) {
        assert!(
            run.stdout
                .lines()
                .any(|line| line.starts_with("Fetched ") && line.contains(" in ")),
            "the program ended without its summary: does the first page that fails stop the \
             rest?\n{run}"
        );
        let line = format!("Failed {url}: ");
        let reasons = run
            .stderr
            .lines()
            .filter_map(|printed| printed.strip_prefix(&line));
        let reasons: Vec<&str> = reasons.collect();
        assert!(
            reasons.len() == 1 && !reasons[0].is_empty(),
            "{url} fails, so standard error should have one line `{line}…` with the reason: \
             where does the error of a page get lost?\n{run}"
        );
    }

    /// Without any address it brings its own site along, and says what that saw.
    #[track_caller]
    pub fn brings_its_own_site(&self) {
        let run = run(self.program, &["--latency", "0", "--faulty"]);
        let mut lines = run.stdout.lines().rev();
        let [last, summary] = [(); 2].map(|()| lines.next().unwrap_or_default());
        assert!(
            last.starts_with("The site saw at most ") && last.contains(" at once, over "),
            "the last line should be `The site saw at most … at once, over …`\n{run}"
        );
        assert!(
            summary.starts_with("Fetched 144 of 160 pages in "),
            "144 of 160 pages are good, but the summary says `{summary}`: is it the one that \
             `report` prints?\n{run}"
        );
        run.expect_status(1, "that pages failed");
    }

    /// A senseless command line gets one line and status 2.
    #[track_caller]
    pub fn refuses_senseless_options(&self) {
        refuses(
            self.program,
            &[
                "--no-such-option",
                "--pages 0",
                "--pages many",
                "--workers 0",
                "--latency -1",
                "--latency NaN",
                "--timeout 0",
                "--live --faulty",
            ],
        );
    }

    /// A reader who has seen enough (`| head -1`) ends it without noise.
    #[track_caller]
    pub fn ends_quietly_without_a_reader(&self) {
        let mut child = command(self.program, &["--latency", "10"])
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("it was asked for"));
        stdout.read_line(&mut line).expect("a pipe can be read");
        drop(stdout);
        let Run { stderr, status, .. } = wait(child);
        assert!(
            status.success() && stderr.is_empty(),
            "after one line its reader was gone; it ended with {status} and wrote:\n{stderr}"
        );
    }

    /// A proxy that the environment names is asked for pages of other machines.
    #[track_caller]
    pub fn asks_the_proxy_of_the_environment(&self) {
        let proxy = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = proxy.local_addr().expect("it has one");
        thread::spawn(move || {
            for client in proxy.incoming().map_while(Result::ok) {
                thread::spawn(|| stand_in_for_a_proxy(client));
            }
        });
        let url = "http://elsewhere.invalid/page";
        let mut command = command(self.program, &[url, "--pages", "1"]);
        command.env("HTTP_PROXY", format!("http://{address}"));
        let run = wait(command.spawn().expect("it starts"));
        let line = format!("Fetched 2 bytes from {url}");
        assert!(
            run.stdout.contains(&line),
            "HTTP_PROXY names a proxy that has the page, so it should print `{line}`\n{run}"
        );

        let run = self::run(self.program, &[url, "--pages", "1"]);
        assert!(
            run.stderr.contains("proxy 127.0.0.1:9"),
            "the proxy is dead, so the reason of the failure should name it\n{run}"
        );
        run.expect_status(1, "that the page failed");
    }

    fn download(&self, site: &PracticeSite, pages: &[&str], options: &[&str]) -> Run {
        let urls: Vec<String> = pages.iter().map(|page| site.url(page)).collect();
        let mut arguments: Vec<&str> = urls.iter().map(String::as_str).collect();
        arguments.extend_from_slice(options);
        // The site is patient with a wrong solution, so the solution must be patient too.
        arguments.extend(["--timeout", "60"]);
        run(self.program, &arguments)
    }
}

/// Gives every request on a connection the same page, tunnelled or not.
fn stand_in_for_a_proxy(mut client: TcpStream) {
    let mut head = String::new();
    let mut lines = BufReader::new(client.try_clone().expect("a socket can be shared"));
    while lines.read_line(&mut head).is_ok_and(|bytes| bytes > 0) {
        if head.ends_with("\r\n\r\n") {
            let answer = match head.starts_with("CONNECT ") {
                true => "HTTP/1.1 200 OK\r\n\r\n",
                false => "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
            };
            if client.write_all(answer.as_bytes()).is_err() {
                break;
            }
            head.clear();
        }
    }
}

fn start(milliseconds: u64, gathering: usize) -> PracticeSite {
    PracticeSite::start_gathering(Duration::from_millis(milliseconds), gathering)
        .expect("the practice site starts")
}

fn count<'a>(pages: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut times = BTreeMap::new();
    pages.for_each(|page| *times.entry(page).or_default() += 1);
    times
}

//! What makes each of the examples a lesson.

use shared::grader::{Connections, Downloader, example};

fn downloader(name: &str) -> Downloader {
    Downloader {
        program: example(name).leak(),
        at_once: 1,
        workers_option: false,
        one_thread: true,
        processes: false,
        connections: Connections::PerPage,
        too_few: "is the download ever started?",
        too_many_connections: "",
    }
}

// Every page needs a connection of its own.
shared::grade!(
    downloader("session_per_page"),
    fetches_every_page_as_often_as_listed,
    keeps_as_many_in_flight_as_promised,
    uses_its_connections_again,
    tells_the_truth_about_failures,
    brings_its_own_site,
    refuses_senseless_options,
);

mod cached {
    use shared::grader::{example, run};

    /// A hundred and sixty pages, and the site is asked for two.
    #[test]
    fn asks_for_every_page_once() {
        let run = run(&example("cached"), &["--latency", "1"]);
        let lines = |word: &str| {
            run.stdout
                .lines()
                .filter(|line| line.starts_with(word))
                .count()
        };
        assert_eq!(lines("Remembered "), 158, "{run}");
        assert!(run.stdout.contains("\nFetched 160 pages in "), "{run}");
        let seen = "at most 1 request at once, over 1 connection";
        assert!(run.stdout.contains(seen), "{run}");
    }

    /// A page that failed may be there the next time: it is asked for again.
    #[test]
    fn remembers_no_failure() {
        let run = run(&example("cached"), &["/status/404", "--pages", "3"]);
        let failures = run
            .stderr
            .lines()
            .filter(|line| line.starts_with("Failed "));
        assert_eq!(failures.count(), 3, "{run}");
        run.expect_status(1, "that pages failed");
    }
}

mod retried {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use shared::grader::{Connections, Downloader, Run, example, run};
    use shared::site::{Observations, PracticeSite};

    /// Downloads each of these pages once, and tells what the site saw of it.
    fn retry(pages: &[&str]) -> (Run, Observations) {
        let site = PracticeSite::start(Duration::ZERO).expect("the practice site starts");
        let mut arguments: Vec<String> = pages.iter().map(|page| site.url(page)).collect();
        arguments.extend(["--pages".into(), pages.len().to_string()]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        (run(&example("retried"), &arguments), site.observations())
    }

    fn tries(seen: &Observations) -> BTreeMap<&str, usize> {
        let mut tries = BTreeMap::new();
        for request in &*seen.requests {
            *tries.entry(&*request.path).or_default() += 1;
        }
        tries
    }

    #[test]
    fn asks_again_until_the_page_is_there() {
        let (run, seen) = retry(&["/flaky/2", "/dice"]);
        assert_eq!(
            tries(&seen),
            BTreeMap::from([("/flaky/2", 3), ("/dice", 1)])
        );
        run.expect_status(0, "that both pages came");
        // The site asked for a second, twice; the program adds a tenth of a second at least.
        let start = |index: usize| seen.requests[index].start;
        for next in [1, 2] {
            let waited = start(next) - start(next - 1);
            assert!(waited >= Duration::from_millis(1100), "{waited:?}\n{run}");
        }
    }

    #[test]
    fn gives_up_what_stays_wrong_at_once_and_the_rest_after_so_many_tries() {
        let (run, seen) = retry(&["/status/404", "/status/503", "/dice"]);
        let expected = [("/status/404", 1), ("/status/503", 4), ("/dice", 1)];
        assert_eq!(tries(&seen), BTreeMap::from(expected), "{run}");
        let failed: Vec<&str> = run.stderr.lines().collect();
        assert_eq!(failed.len(), 2, "{run}");
        assert!(failed[0].contains("/status/404: status 404 "), "{run}");
        assert!(failed[1].contains("/status/503: status 503 "), "{run}");
        run.expect_status(1, "that pages failed");
        // At least half of 200, 400 and 800 ms: the waits grow.
        for (tries, pair) in (1..).zip(seen.requests[1..5].windows(2)) {
            let waited = pair[1].start - pair[0].end.expect("it has ended");
            let least = Duration::from_millis(50 << tries);
            assert!(waited >= least, "{waited:?} after try {tries}\n{run}");
        }
    }

    fn kept() -> Downloader {
        Downloader {
            connections: Connections::Kept,
            ..super::downloader("retried")
        }
    }

    shared::grade!(
        kept(),
        fetches_every_page_as_often_as_listed,
        keeps_as_many_in_flight_as_promised,
        uses_its_connections_again,
        brings_its_own_site,
        refuses_senseless_options,
    );
}

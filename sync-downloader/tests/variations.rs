//! What makes each of the examples a lesson.

use shared::grader::{Connections, Downloader, example};

fn session_per_page() -> Downloader {
    Downloader {
        program: example("session_per_page").leak(),
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
    session_per_page(),
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

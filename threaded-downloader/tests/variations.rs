//! What makes each of the examples a lesson.

use std::time::Duration;

use shared::blocking::{new_session, new_shared_session};
use shared::grader::{Connections, Downloader, Verdict, example, two_functions_overlap};
use shared::site::PracticeSite;
use ureq::Agent;

fn downloader(name: &str) -> Downloader {
    Downloader {
        program: example(name).leak(),
        at_once: 5,
        workers_option: true,
        one_thread: false,
        processes: false,
        connections: Connections::Kept,
        too_few: "is the queue locked while a page is on its way?",
        too_many_connections: "does every thread have a session, or the session room for every thread?",
    }
}

mod scoped_threads {
    shared::grade!(Downloader, super::downloader("scoped_threads"));
}

mod shared_session {
    shared::grade!(Downloader, super::downloader("shared_session"));
}

mod shared_session_default {
    use shared::grader::{Connections, Downloader};

    fn careless() -> Downloader {
        Downloader {
            connections: Connections::Any,
            ..super::downloader("shared_session_default")
        }
    }

    shared::grade!(
        careless(),
        fetches_every_page_as_often_as_listed,
        keeps_as_many_in_flight_as_promised,
        goes_on_when_a_page_is_there,
        tells_the_truth_about_failures,
        brings_its_own_site,
    );

    #[test]
    fn opens_more_connections_than_it_has_use_for() {
        let careful = super::downloader("shared_session_default");
        let failure = careful.uses_its_connections_again().expect_err("it should");
        assert!(failure.to_string().contains("connections for"), "{failure}");
    }
}

mod channel {
    use shared::grader::{example, run};

    /// At every moment no more pages have been fetched and not received than there is room for:
    /// one in the hand of each of 5 threads, 5 in the channel, and one with the receiver.
    #[test]
    fn downloads_wait_for_a_slow_receiver() {
        let run = run(&example("channel"), &["--latency", "0", "--pages", "60"]);
        let mut waiting = 0_i32;
        let mut most = 0;
        for line in run.stdout.lines() {
            match line.split(' ').next() {
                Some("Fetched") if line.contains(" bytes from ") => waiting += 1,
                Some("Received") => waiting -= 1,
                _ => {}
            }
            most = most.max(waiting);
        }
        assert!((6..=11).contains(&most), "{most} pages waited\n{run}");
        assert_eq!(waiting, 0, "every page is received\n{run}");
    }

    shared::grade!(
        super::downloader("channel"),
        fetches_every_page_as_often_as_listed,
        keeps_as_many_in_flight_as_promised,
        tells_the_truth_about_failures,
        brings_its_own_site,
        refuses_senseless_options,
        ends_quietly_without_a_reader,
    );
}

mod lost_updates {
    use shared::grader::{example, run};

    /// What 160 pages have together, 80 of 10,966 and 80 of 276 bytes.
    const ALL: usize = 80 * (10_966 + 276);

    fn total(name: &str) -> usize {
        let run = run(&example(name), &["--latency", "20"]);
        let line = run
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix("The total is "));
        let total = line.and_then(|line| line.strip_suffix(" bytes")?.parse().ok());
        total.unwrap_or_else(|| panic!("it tells no total\n{run}"))
    }

    #[test]
    fn loses_updates_every_time() {
        for _ in 0..3 {
            assert!(total("lost_updates") < ALL);
        }
    }

    #[test]
    fn the_cure_loses_none() {
        assert_eq!(total("lost_updates_cured"), ALL);
    }
}

mod deadlock {
    use shared::grader::{example, run};

    #[test]
    fn two_locks_in_two_orders_stop_both_threads_every_time() {
        for _ in 0..3 {
            let run = run(&example("deadlock"), &[]);
            let mut lines: Vec<&str> = run.stdout.lines().collect();
            lines.sort_unstable();
            let locked = ["Rent has locked A, wants B", "Wages has locked B, wants A"];
            assert_eq!(lines, locked, "{run}");
            let noticed = "Deadlock: rent and wages wait for each other\n";
            assert_eq!(run.stderr, noticed, "{run}");
            run.expect_status(1, "a deadlock");
        }
    }

    #[test]
    fn one_order_stops_nobody() {
        for _ in 0..3 {
            let run = run(&example("deadlock_cured"), &[]);
            let wants = |line: &&str| line.ends_with(" has locked A, wants B");
            assert_eq!(run.stdout.lines().filter(wants).count(), 2, "{run}");
            assert!(run.stdout.ends_with("\nA has 120, B has 80\n"), "{run}");
            assert_eq!(run.stderr, "", "{run}");
            run.expect_status(0, "that both transfers were made");
        }
    }
}

/// How many connections five requests at once take, four times over, if each of the four waits
/// until all connections of the one before are idle.
fn connections(session: &Agent) -> usize {
    let site = PracticeSite::start(Duration::ZERO).expect("the practice site starts");
    for _ in 0..4 {
        let answers = [(); 5].map(|()| session.get(site.url("/jython")).call().expect("an answer"));
        for mut answer in answers {
            answer.body_mut().read_to_vec().expect("a page");
        }
    }
    site.observations().connections
}

// With threads it takes luck to have more than three idle at once; so it does not.
#[test]
fn a_session_closes_idle_connections_over_its_limit() {
    let timeout = Duration::from_secs(60);
    assert_eq!(connections(&new_session(timeout)), 5 + 3 * 2);
    assert_eq!(connections(&new_shared_session(timeout, 5)), 5);
}

#[test]
fn two_threads() -> Verdict {
    two_functions_overlap(&example("two_threads"))
}

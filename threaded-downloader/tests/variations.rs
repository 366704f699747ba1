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

//! What makes each of the examples a lesson.

use shared::grader::{Downloader, example};

fn session_per_page() -> Downloader {
    Downloader {
        program: example("session_per_page").leak(),
        at_once: 1,
        workers_option: false,
        too_few: "is the download ever started?",
        too_many_connections: "",
    }
}

shared::grade!(
    session_per_page(),
    fetches_every_page_as_often_as_listed,
    keeps_as_many_in_flight_as_promised,
    tells_the_truth_about_failures,
    brings_its_own_site,
    refuses_senseless_options,
);

#[test]
fn every_page_needs_a_connection_of_its_own() {
    let (run, seen) = session_per_page().gather(1, &[]);
    assert_eq!(seen.connections, seen.requests.len(), "\n{run}");
}

//! What makes each of the examples a lesson.

use shared::grader::{Downloader, example, two_functions_overlap};

fn process_per_page() -> Downloader {
    Downloader {
        program: example("process_per_page").leak(),
        at_once: 5,
        workers_option: true,
        too_few: "does a process start only when the one before has ended?",
        too_many_connections: "",
    }
}

shared::grade!(
    process_per_page(),
    fetches_every_page_as_often_as_listed,
    keeps_as_many_in_flight_as_promised,
    obeys_another_number_of_workers,
    tells_the_truth_about_failures,
    survives_a_misbehaving_server,
    brings_its_own_site,
    refuses_senseless_options,
    ends_quietly_without_a_reader,
);

#[test]
fn every_page_needs_a_process_and_so_a_connection_of_its_own() {
    let (run, seen) = process_per_page().gather(5, &[]);
    assert_eq!(seen.connections, seen.requests.len(), "\n{run}");
}

#[test]
fn two_processes() {
    two_functions_overlap(&example("two_processes"));
}

//! The grader of this lesson: `cargo test -p threaded-downloader`, also for a solution of your own.

use shared::grader::Downloader;

const LESSON: Downloader = Downloader {
    program: env!("CARGO_BIN_EXE_threaded-downloader"),
    at_once: 5,
    workers_option: true,
    too_few: "is each download waiting for the one before?",
    too_many_connections: "is a new session opened for every page, instead of one for every thread?",
};

#[test]
fn fetches_every_page_as_often_as_listed() {
    LESSON.fetches_every_page_as_often_as_listed();
}

#[test]
fn keeps_as_many_in_flight_as_promised() {
    LESSON.keeps_as_many_in_flight_as_promised();
}

#[test]
fn obeys_another_number_of_workers() {
    LESSON.obeys_another_number_of_workers();
}

#[test]
fn uses_its_connections_again() {
    LESSON.uses_its_connections_again();
}

#[test]
fn tells_the_truth_about_failures() {
    LESSON.tells_the_truth_about_failures();
}

#[test]
fn survives_a_misbehaving_server() {
    LESSON.survives_a_misbehaving_server();
}

#[test]
fn brings_its_own_site() {
    LESSON.brings_its_own_site();
}

#[test]
fn asks_the_proxy_of_the_environment() {
    LESSON.asks_the_proxy_of_the_environment();
}

#[test]
fn refuses_senseless_options() {
    LESSON.refuses_senseless_options();
}

#[test]
fn ends_quietly_without_a_reader() {
    LESSON.ends_quietly_without_a_reader();
}

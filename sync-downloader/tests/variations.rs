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

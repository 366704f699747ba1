//! What makes each of the examples a lesson.

use shared::grader::{Connections, Downloader, Verdict, example, two_functions_overlap};

fn process_per_page() -> Downloader {
    Downloader {
        program: example("process_per_page").leak(),
        at_once: 5,
        workers_option: true,
        one_thread: false,
        processes: true,
        connections: Connections::PerPage,
        too_few: "does a process start only when the one before has ended?",
        too_many_connections: "",
    }
}

// Every page needs a process, and so a connection of its own.
shared::grade!(
    process_per_page(),
    fetches_every_page_as_often_as_listed,
    keeps_as_many_in_flight_as_promised,
    goes_on_when_a_page_is_there,
    obeys_another_number_of_workers,
    uses_its_connections_again,
    overlaps_its_waits,
    tells_the_truth_about_failures,
    gives_every_page_its_time,
    survives_a_misbehaving_server,
    brings_its_own_site,
    refuses_senseless_options,
    ends_quietly_without_a_reader,
);

#[test]
fn two_processes() -> Verdict {
    two_functions_overlap(&example("two_processes"))
}

mod own_memory {
    use shared::grader::{example, run};

    #[test]
    fn every_process_counts_for_itself() {
        let run = run(
            &example("own_memory"),
            &["--latency", "5", "--workers", "3"],
        );
        let counts = run.stdout.lines().filter_map(|line| {
            let (_, count) = line.strip_prefix("Process ")?.split_once(" counted ")?;
            count.strip_suffix(" pages")?.parse::<usize>().ok()
        });
        let counts: Vec<usize> = counts.collect();
        assert_eq!((counts.len(), counts.iter().sum()), (3, 160), "{run}");
        assert!(
            run.stdout.contains("\nTheir parent counted 0 pages\n"),
            "{run}"
        );
    }
}

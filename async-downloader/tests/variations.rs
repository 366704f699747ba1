//! What makes each of the examples a lesson.

use shared::grader::{Connections, Downloader, Verdict, example, two_functions_overlap};

fn downloader(name: &str) -> Downloader {
    Downloader {
        program: example(name).leak(),
        at_once: 100,
        workers_option: true,
        one_thread: true,
        processes: false,
        connections: Connections::Kept,
        too_few: "does something block the only thread?",
        too_many_connections: "is there one session for all pages, with room for every worker?",
    }
}

mod spawned_tasks {
    shared::grade!(Downloader, super::downloader("spawned_tasks"));
}

mod bare_hyper {
    use shared::grader::{Connections, Downloader};

    // Its connections are idle a moment too late for the next page, so it opens a few more; and
    // of proxies it knows nothing.
    fn bare() -> Downloader {
        Downloader {
            connections: Connections::Any,
            ..super::downloader("bare_hyper")
        }
    }

    shared::grade!(
        bare(),
        fetches_every_page_as_often_as_listed,
        counts_the_bytes_of_a_page,
        keeps_as_many_in_flight_as_promised,
        goes_on_when_a_page_is_there,
        obeys_another_number_of_workers,
        overlaps_its_waits,
        tells_the_truth_about_failures,
        gives_every_page_its_time,
        prints_a_page_when_it_arrives,
        survives_a_misbehaving_server,
        brings_its_own_site,
        refuses_senseless_options,
        ends_quietly_without_a_reader,
    );
}

mod blocking_call {
    use shared::grader::Downloader;

    fn one_at_a_time() -> Downloader {
        Downloader {
            at_once: 1,
            ..super::downloader("blocking_call")
        }
    }

    // A hundred workers, but the site sees one request at once, over one connection.
    shared::grade!(
        one_at_a_time(),
        fetches_every_page_as_often_as_listed,
        keeps_as_many_in_flight_as_promised,
        uses_its_connections_again,
        tells_the_truth_about_failures,
        brings_its_own_site,
    );
}

mod blocking_call_cured {
    use shared::grader::Downloader;

    // A thread for every page in flight.
    fn threads() -> Downloader {
        Downloader {
            one_thread: false,
            ..super::downloader("blocking_call_cured")
        }
    }

    shared::grade!(Downloader, threads());
}

#[test]
fn two_tasks() -> Verdict {
    two_functions_overlap(&example("two_tasks"))
}

mod buffered {
    shared::grade!(Downloader, super::downloader("buffered"));
}

mod lock_across_await {
    use shared::grader::Downloader;

    fn one_at_a_time() -> Downloader {
        Downloader {
            at_once: 1,
            ..super::downloader("lock_across_await")
        }
    }

    // A hundred workers, and each waits until the one before has its page.
    shared::grade!(
        one_at_a_time(),
        fetches_every_page_as_often_as_listed,
        keeps_as_many_in_flight_as_promised,
        brings_its_own_site,
    );
}

mod lock_across_await_cured {
    shared::grade!(
        super::downloader("lock_across_await_cured"),
        fetches_every_page_as_often_as_listed,
        keeps_as_many_in_flight_as_promised,
        goes_on_when_a_page_is_there,
        tells_the_truth_about_failures,
        brings_its_own_site,
    );
}

mod first_answer {
    use std::time::Duration;

    use shared::grader::{example, run};
    use shared::site::PracticeSite;

    #[test]
    fn every_page_comes_and_every_other_request_is_abandoned() {
        // It answers nobody before both places have been asked for all pages.
        let site = PracticeSite::start_gathering(Duration::ZERO, 40);
        let site = site.expect("the practice site starts");
        let run = run(
            &example("first_answer"),
            &[&site.url("/dice"), "--pages", "20"],
        );
        run.expect_status(0, "that every page came");
        let seen = site.settled();
        let of = |path: &str| {
            let requests = seen.requests.iter();
            let requests = requests.filter(|request| &*request.path == path);
            requests
                .map(|request| (request.good, request.left))
                .collect::<Vec<_>>()
        };
        assert_eq!(of("/dice"), [(true, false); 20], "{run}");
        assert_eq!(of("/hang"), [(false, true); 20], "{run}");
    }

    #[test]
    fn the_site_says_how_many_were_abandoned() {
        let run = run(
            &example("first_answer"),
            &["--pages", "3", "--latency", "500"],
        );
        assert!(
            run.stdout.ends_with("; 3 requests were abandoned\n"),
            "{run}"
        );
    }

    shared::grade!(
        super::downloader("first_answer"),
        brings_its_own_site,
        refuses_senseless_options,
        ends_quietly_without_a_reader,
    );
}

mod download_and_compute {
    use std::thread;
    use std::time::{Duration, Instant};

    use shared::grader::{Downloader, Running, command, example};
    use shared::jobs::{Gate, JOB_GATE, JOB_LOG};
    use shared::site::PracticeSite;

    const PAGES: usize = 30;
    const WORKERS: usize = 5;

    /// How many pages the site has answered and how many computations have begun while none of
    /// them gets leave to end: when it is as many as these, or in vain, after a minute.
    fn while_computing(name: &str, enough: (usize, usize)) -> (usize, usize) {
        // It answers nobody before every worker has asked.
        let site = PracticeSite::start_gathering(Duration::ZERO, WORKERS);
        let site = site.expect("the practice site starts");
        let never = PAGES + 1;
        let gate = Gate::start_patient(never, never, Duration::from_secs(600));
        let gate = gate.expect("the gate starts");
        let [pages, workers] = [PAGES, WORKERS].map(|number| number.to_string());
        let options = ["--pages", &pages, "--workers", &workers];
        let mut command = command(&example(name), &[&site.url("/dice")]);
        command.args(options).env(JOB_GATE, gate.address());
        let running = Running::start(command);
        let seen = || {
            let requests = site.observations().requests;
            let answered = requests.iter().filter(|request| request.end.is_some());
            (answered.count(), gate.seen().jobs.len())
        };
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(60)
            && (seen().0 < enough.0 || seen().1 < enough.1)
        {
            thread::sleep(Duration::from_millis(1));
        }
        // For whoever goes on.
        thread::sleep(Duration::from_millis(100));
        let before = seen();
        drop(gate);
        let run = running.end().unwrap_or_else(|failure| panic!("{failure}"));
        run.expect_status(0, "that every page came");
        assert_eq!(site.observations().requests.len(), PAGES, "{run}");
        before
    }

    #[test]
    fn downloads_go_on_while_others_compute() {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let expected = (PAGES, cores.min(PAGES));
        let seen = while_computing("download_and_compute", expected);
        assert_eq!(seen, expected);
    }

    /// Every worker had asked before the first computation, and nobody asks again meanwhile: the
    /// connections are idle.
    #[test]
    fn everything_waits_for_the_loop_that_computes() {
        let seen = while_computing("download_and_compute_stalled", (WORKERS, 1));
        assert_eq!(seen, (WORKERS, 1));
    }

    #[test]
    fn a_log_of_its_jobs_that_cannot_be_written_is_a_failure() {
        let mut command = command(&example("download_and_compute"), &["--pages", "1"]);
        command.env(JOB_LOG, env!("CARGO_MANIFEST_DIR"));
        let run = Running::start(command).end();
        let run = run.unwrap_or_else(|failure| panic!("{failure}"));
        run.expect_status(1, "a log that is a folder");
        let told = "Error: cannot write the job log: ";
        assert!(run.stderr.starts_with(told), "{run}");
    }

    fn threads() -> Downloader {
        Downloader {
            at_once: 20,
            one_thread: false,
            ..super::downloader("download_and_compute")
        }
    }

    shared::grade!(
        threads(),
        fetches_every_page_as_often_as_listed,
        keeps_as_many_in_flight_as_promised,
        goes_on_when_a_page_is_there,
        tells_the_truth_about_failures,
        brings_its_own_site,
    );
}

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
        let site = PracticeSite::start(Duration::ZERO).expect("the practice site starts");
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
            &["--workers", "3", "--pages", "7"],
        );
        assert!(
            run.stdout.ends_with("; 7 requests were abandoned\n"),
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

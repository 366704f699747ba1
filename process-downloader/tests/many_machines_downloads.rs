//! Pages from several machines: here several processes, and a real server between them.
//! Without `nats-server` everything is skipped.

use std::io::{self, BufRead, BufReader, Write};

use shared::grader::{Run, command, example, wait};

const EXAMPLE: &str = "many_machines_downloads";

/// Runs it and a worker that joins it; `None` if there is no server.
fn run_with_a_worker(options: &[&str]) -> Option<[Run; 2]> {
    let mut asker = command(&example(EXAMPLE), options)
        .spawn()
        .expect("it is built");
    let mut stdout = BufReader::new(asker.stdout.take().expect("it was asked for"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("a pipe can be read");
    let Some((_, url)) = line.trim_end().split_once("--join ") else {
        wait(asker).expect_status(2, "that there is no server to start");
        let _ = writeln!(io::stderr(), "SKIPPED: there is no nats-server");
        return None;
    };
    let worker = command(&example(EXAMPLE), &["--join", url])
        .spawn()
        .expect("it is built");
    let mut text = String::new();
    io::Read::read_to_string(&mut stdout, &mut text).expect("a pipe can be read");
    let worker = wait(worker);
    let asker = Run {
        stdout: text,
        ..wait(asker)
    };
    Some([asker, worker])
}

#[test]
fn one_limit_holds_for_all_machines() {
    let Some([asker, worker]) = run_with_a_worker(&["--pages", "60", "--workers", "4"]) else {
        return;
    };
    asker.expect_status(0, "that every page was fetched");
    worker.expect_status(0, "that it did what it could");
    assert!(asker.stdout.contains("\nFetched 60 pages in "), "{asker}");
    let most = "\nThe site saw at most 4 requests at once, ";
    assert!(asker.stdout.contains(most), "{asker}");
    let fetched = |run: &Run| run.stdout.matches("Fetched ").count();
    assert!(
        fetched(&worker) > 0,
        "it fetched nothing\n{worker}\n{asker}"
    );
    // One line is the summary.
    assert_eq!(fetched(&worker) + fetched(&asker), 61, "{worker}\n{asker}");
}

#[test]
fn failures_are_told_as_everywhere() {
    let Some([asker, _]) = run_with_a_worker(&["--faulty", "--pages", "40"]) else {
        return;
    };
    asker.expect_status(1, "that pages failed");
    assert!(
        asker.stdout.contains("\nFetched 36 of 40 pages in "),
        "{asker}"
    );
    for reason in ["status 404 Not Found", "status 503 Service Unavailable"] {
        assert_eq!(asker.stderr.matches(reason).count(), 1, "{asker}");
    }
}

//! Workers that come, go, are slow or die.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use shared::jobs::Gate;

use super::nats::Nats;
use super::program::Program;
use super::{LONG, let_it_take_a_job, wait_until};

#[test]
fn no_job_is_lost_with_a_worker_or_counted_twice() {
    let Some(nats) = Nats::start() else { return };
    let (url, jobs) = (nats.url(), 40);
    let mut asker = Program::start(&format!("--nats {url} {LONG} --jobs {jobs} --workers 0"));
    let join = format!("--join {url} --workers 1");
    let [mut killed, mut stopped] = [Program::start(&join), Program::start(&join)];
    killed.prints("Did job", 1);
    let_it_take_a_job();
    killed.signal("KILL");
    stopped.prints("Did job", 1);
    let_it_take_a_job();
    stopped.signal("STOP");
    let mut late = Program::start(&join);
    // Of the killed one and of the stopped one.
    asker.prints("was given out 2 times, and done by", 2);
    let before = stopped.jobs().len();
    stopped.signal("CONT");
    // It goes on with a job that another has done.
    stopped.prints("Did job", before + 1);
    asker.prints("was done again, by", 1);
    asker.did_all(jobs);
    for worker in [&mut stopped, &mut late] {
        worker.ends_with(0);
    }
    let workers = [&killed, &stopped, &late];
    let done: BTreeSet<usize> = workers.iter().flat_map(|worker| worker.jobs()).collect();
    assert_eq!(done, (0..jobs).collect(), "not every job, or another");
}

#[test]
fn a_slow_worker_takes_fewer_jobs() {
    let Some(nats) = Nats::start() else { return };
    let (url, jobs) = (nats.url(), 40);
    let join = format!("--join {url} --workers 1");
    let mut workers = [(); 3].map(|()| Program::start(&join));
    let options = format!("--nats {url} --number 38 --jobs {jobs} --workers 0");
    let mut asker = Program::start(&options);
    // It runs for a fifth of the time.
    let slow = &workers[0];
    while asker.process.try_wait().expect("it is ours").is_none() {
        slow.signal("STOP");
        thread::sleep(Duration::from_millis(200));
        slow.signal("CONT");
        thread::sleep(Duration::from_millis(50));
    }
    asker.did_all(jobs);
    for worker in &mut workers {
        worker.ends_with(0);
    }
    let [slow, others @ ..] = workers.map(|worker| worker.jobs().len());
    let slowest = others.into_iter().min().expect("there are two");
    assert!(slow < slowest, "{slow} jobs, but {others:?}");
}

#[test]
fn nothing_is_lost_with_a_server_that_starts_again() {
    let Some(mut nats) = Nats::start() else {
        return;
    };
    let (url, jobs) = (nats.url(), 24);
    let mut asker = Program::start(&format!("--nats {url} {LONG} --jobs {jobs} --workers 1"));
    let mut worker = Program::start(&format!("--join {url} --workers 1"));
    worker.prints("Did job", 2);
    nats.stop();
    thread::sleep(Duration::from_millis(500));
    nats.start_again();
    asker.did_all(jobs);
    worker.ends_with(0);
    let stderr = worker.read("stderr");
    assert!(
        stderr.contains("Note: the server is there again\n"),
        "{stderr}"
    );
}

#[test]
fn a_worker_waits_for_a_server_that_starts_again_and_for_somebody_who_asks() {
    let Some(mut nats) = Nats::start() else {
        return;
    };
    let url = nats.url();
    let mut worker = Program::start(&format!("--join {url} --workers 1"));
    // Time enough to connect, and to look for a queue.
    thread::sleep(Duration::from_millis(500));
    nats.stop();
    let gone = "Note: the server is gone; trying again\n";
    wait_until("it notices", || worker.read("stderr").contains(gone));
    // A question that was on its way is lost, and is answered by nobody for ten seconds.
    thread::sleep(Duration::from_secs(11));
    nats.start_again();
    Program::start(&format!("--nats {url} --number 1 --jobs 10 --workers 0")).did_all(10);
    worker.ends_with(0);
    assert_eq!(worker.jobs().len(), 10, "{}", worker.shown());
}

#[test]
fn a_server_that_stays_away_is_given_up() {
    let Some(mut nats) = Nats::start() else {
        return;
    };
    let url = nats.url();
    let mut asker = Program::start(&format!("--nats {url} --number 43 --jobs 50 --workers 0"));
    let mut worker = Program::start(&format!("--join {url} --workers 1"));
    worker.prints("Did job", 1);
    nats.stop();
    for program in [&mut asker, &mut worker] {
        program.ends_with(1);
        let stderr = program.read("stderr");
        let lines = "Note: the server is gone; trying again\n\
                     Error: the server has not answered for half a minute\n";
        assert_eq!(stderr, lines);
    }
}

#[test]
fn ten_thousand_small_jobs() {
    let Some(nats) = Nats::start() else { return };
    let url = nats.url();
    let mut worker = Program::start(&format!("--join {url}"));
    Program::start(&format!("--nats {url} --number 1 --jobs 10000")).did_all(10_000);
    worker.ends_with(0);
    assert!(worker.count("Did job") > 0, "{}", worker.shown());
}

#[test]
fn two_who_ask_at_once_get_their_own_results() {
    let Some(nats) = Nats::start() else { return };
    let url = nats.url();
    let mut askers = ["--number 20", "--number 21"]
        .map(|number| Program::start(&format!("--nats {url} {number} --jobs 300 --workers 0")));
    let mut workers = [(); 2].map(|()| Program::start(&format!("--join {url} --workers 1")));
    for asker in &mut askers {
        // It checks every result.
        asker.did_all(300);
    }
    for worker in &mut workers {
        worker.ends_with(0);
    }
    let done: usize = workers.iter().map(|worker| worker.jobs().len()).sum();
    assert_eq!(done, 600);
}

#[test]
fn a_job_that_nobody_survives_is_given_up_after_three() {
    let Some(nats) = Nats::start() else { return };
    let url = nats.url();
    let mut asker = Program::start(&format!("--nats {url} --number 55 --jobs 1 --workers 0"));
    let gate = Gate::start(1, 3).expect("a gate starts");
    for taken in 1..=3 {
        let join = format!("--join {url} --workers 1");
        let worker = Program::start_at(&gate.address(), &join);
        wait_until("it takes the job", || gate.seen().jobs.len() == taken);
        drop(worker);
    }
    let mut last = Program::start(&format!("--join {url} --workers 1"));
    asker.ends_with(1);
    let stderr = asker.read("stderr");
    assert!(
        stderr.contains("Failed job 0: given out 3 times, and never done\n"),
        "{stderr}"
    );
    last.ends_with(0);
    assert!(last.jobs().is_empty(), "it did a job: {}", last.shown());
}

#[test]
fn a_long_job_stays_with_its_worker() {
    let Some(nats) = Nats::start() else { return };
    let url = nats.url();
    // It waits in vain for a second job, and so its first one takes longer than three seconds.
    let patience = Duration::from_secs(7);
    let gate = Gate::start_patient(2, 2, patience).expect("a gate starts");
    let join = format!("--join {url} --workers 1");
    let mut workers = [(); 2].map(|()| Program::start_at(&gate.address(), &join));
    let mut asker = Program::start(&format!("--nats {url} --number 1 --jobs 1 --workers 0"));
    asker.did_all(1);
    for worker in &mut workers {
        worker.ends_with(0);
    }
    assert_eq!(gate.seen().jobs.len(), 1, "jobs were begun");
    assert_eq!(asker.count("given out"), 0, "{}", asker.shown());
}

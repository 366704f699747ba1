//! What a pool of worker processes is judged by, beside what every downloader is.
//!
//! On Linux only: elsewhere nothing tells which processes are whose children.

use std::fs;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use super::{command, wait};
use crate::site::PracticeSite;

/// A worker that is killed fails the page that it held, and is replaced.
#[track_caller]
pub fn a_killed_worker_fails_only_its_page(program: &str) {
    let site = start();
    let (hang, dice) = (site.url("/hang"), site.url("/dice"));
    // The worker is killed over the first page; the last one shows who took its place.
    let arguments = [&*hang, &dice, &dice, &dice, &hang, "--pages", "5"];
    let options = ["--workers", "1", "--timeout", "120"];
    let child = command(program, &[&arguments[..], &options].concat()).spawn();
    let mut child = child.expect("it starts");
    for requests in [1, 5] {
        child = wait_for_requests(child, &site, requests);
        let workers = children(child.id());
        assert!(
            workers.len() == 1 && workers[0].state != 'Z',
            "one worker should be alive and no dead one left in the table of processes \
             (state Z), but these are there: {workers:?}"
        );
        signal("KILL", workers[0].id);
    }
    let run = wait(child);
    let lines = run
        .stderr
        .lines()
        .filter(|line| line.starts_with(&format!("Failed {hang}: ")));
    assert!(
        lines.filter(|line| line.contains("SIGKILL")).count() == 2,
        "both pages whose worker was killed should be named, with the signal\n{run}"
    );
    assert!(
        run.stdout.contains("Fetched 3 of 5 pages in "),
        "another worker should fetch the pages that are left\n{run}"
    );
    run.expect_status(1, "that pages failed");
    let connections = site.observations().connections;
    assert!(
        connections == 2,
        "a worker and its successor need 2 connections, not {connections}"
    );
}

/// Workers do not outlive their parent, however it ends and whatever they are at.
#[track_caller]
pub fn leaves_nobody_behind(program: &str) {
    for name in ["TERM", "KILL"] {
        let site = start();
        let hang = site.url("/hang");
        let arguments = [&*hang, "--pages", "5", "--workers", "5", "--timeout", "120"];
        let child = command(program, &arguments).spawn().expect("it starts");
        let child = wait_for_requests(child, &site, 5);
        let workers = children(child.id());
        assert!(
            workers.len() == 5,
            "there should be five workers: {workers:?}"
        );
        signal(name, child.id());
        wait(child);
        wait_until(
            &format!("after SIG{name} the workers end with their parent"),
            || {
                workers
                    .iter()
                    .all(|worker| process(worker.id).is_none_or(|it| it.state == 'Z'))
            },
        );
    }
}

fn start() -> PracticeSite {
    PracticeSite::start(Duration::ZERO).expect("the practice site starts")
}

#[derive(Debug)]
struct Process {
    id: u32,
    /// A letter of proc(5): Z is a zombie.
    state: char,
    parent: u32,
}

fn process(id: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // "ID (NAME) STATE PARENT …", where a name may contain anything.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    Some(Process {
        id,
        state: fields.next()?.parse().ok()?,
        parent: fields.next()?.parse().ok()?,
    })
}

fn children(parent: u32) -> Vec<Process> {
    let tasks = fs::read_dir("/proc").expect("Linux has it").flatten();
    let ids = tasks.filter_map(|task| task.file_name().to_str()?.parse().ok());
    ids.filter_map(process)
        .filter(|process| process.parent == parent)
        .collect()
}

fn signal(name: &str, id: u32) {
    let kill = Command::new("sh")
        .args(["-c", &format!("kill -{name} {id}")])
        .status();
    assert!(
        kill.expect("there is a shell").success(),
        "{id} cannot be signalled"
    );
}

/// Waits until the site has seen so many requests, for as long as the program runs.
#[track_caller]
fn wait_for_requests(mut child: Child, site: &PracticeSite, requests: usize) -> Child {
    let start = Instant::now();
    let seen = || site.observations().requests.len();
    while seen() != requests {
        let ended = child
            .try_wait()
            .expect("a child can be waited for")
            .is_some();
        if ended || start.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!(
                "the site saw {} of {requests} requests, and no more would come: are the workers \
                 started one after another, or do they end too soon?\n{}",
                seen(),
                wait(child)
            );
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child
}

/// How long the site may take to see what must come. It is far more than any machine needs.
const PATIENCE: Duration = Duration::from_secs(30);

#[track_caller]
fn wait_until(what: &str, happened: impl Fn() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

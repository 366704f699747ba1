//! What a pool of worker processes is judged by, beside what every downloader is.
//!
//! On Linux only: elsewhere nothing tells which processes are whose children.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::proc::{children, process};
use super::{Failure, Running, Verdict, command};
use crate::site::PracticeSite;

/// A worker that is killed fails the page that it held, and is replaced.
pub fn a_killed_worker_fails_only_its_page(program: &str) -> Verdict {
    let site = start()?;
    // The worker is killed over the first page; the last one shows who took its place.
    let list = ["/hang", "/dice", "/dice", "/dice", "/hang"];
    let urls = list.map(|path| site.url(path));
    let options = ["--pages", "5", "--workers", "1", "--timeout", "120"];
    let arguments = [&urls.each_ref().map(|url| &**url)[..], &options].concat();
    let mut running = Running::start(command(program, &arguments));
    let or_asked_again = |failure| {
        let seen = site.observations();
        let mut asked = seen.requests.iter().enumerate();
        match asked.all(|(place, request)| list.get(place) == Some(&&*request.path)) {
            true => failure,
            false => Failure::new(format!(
                "a worker was killed over a page, and then the program did not ask for the next \
                 one in the list: is a page asked for again whose worker has died? It has \
                 failed, and its outcome is the error that `map` has for it. {failure}"
            )),
        }
    };
    for requests in [1, 5] {
        running = wait_for_requests(running, &site, requests).map_err(or_asked_again)?;
        let workers = children(running.id());
        ensure!(
            workers.len() == 1 && workers[0].state != 'Z',
            "one worker process should run, and none should be left that has ended (state Z), but \
             there are these: {workers:?}"
        );
        signal("KILL", workers[0].id)?;
    }
    let run = running.end().map_err(or_asked_again)?;
    ensure!(
        run.stdout.contains(" pages in "),
        "two workers were killed, and the program ended without its summary: is a worker that died \
         taken for more than the failure of one page?\n{run}"
    );
    let lines = run
        .stderr
        .lines()
        .filter(|line| line.starts_with(&format!("Failed {}: ", urls[0])));
    ensure!(
        lines.filter(|line| line.contains("SIGKILL")).count() == 2,
        "both pages whose worker was killed should be named, with the signal\n{run}"
    );
    ensure!(
        run.stdout.contains("Fetched 3 of 5 pages in "),
        "another worker should fetch the pages that are left\n{run}"
    );
    run.ended_with(1, "that pages failed")?;
    let connections = site.observations().connections;
    ensure!(
        connections == 2,
        "a worker and its successor need 2 connections, not {connections}"
    );
    Ok(())
}

/// Workers do not outlive their parent, however it ends and whatever they are at.
pub fn leaves_nobody_behind(program: &str) -> Verdict {
    for name in ["TERM", "KILL"] {
        let site = start()?;
        let hang = site.url("/hang");
        let arguments = [&*hang, "--pages", "5", "--workers", "5", "--timeout", "120"];
        let running = Running::start(command(program, &arguments));
        let running = wait_for_requests(running, &site, 5)?;
        let workers = children(running.id());
        ensure!(
            workers.len() == 5,
            "there should be five workers: {workers:?}"
        );
        signal(name, running.id())?;
        running.end()?;
        let start = Instant::now();
        let gone = |id| process(id).is_none_or(|worker| worker.state == 'Z');
        while !workers.iter().all(|worker| gone(worker.id)) {
            ensure!(
                start.elapsed() < PATIENCE,
                "SIG{name} ended the program, but its workers still run"
            );
            thread::sleep(Duration::from_millis(2));
        }
    }
    Ok(())
}

fn start() -> Result<PracticeSite, Failure> {
    PracticeSite::start(Duration::ZERO)
        .map_err(|error| Failure::new(format!("the practice site does not start: {error}")))
}

fn signal(name: &str, id: u32) -> Verdict {
    let kill = Command::new("sh")
        .args(["-c", &format!("kill -{name} {id}")])
        .status();
    ensure!(
        kill.is_ok_and(|status| status.success()),
        "{id} cannot be signalled"
    );
    Ok(())
}

/// Waits until the site has seen so many requests, for as long as the program runs.
fn wait_for_requests(
    mut running: Running,
    site: &PracticeSite,
    requests: usize,
) -> Result<Running, Failure> {
    let start = Instant::now();
    let seen = || site.observations().requests.len();
    while seen() != requests {
        let ended = running.has_ended();
        ensure!(
            !ended && start.elapsed() < PATIENCE,
            "the site saw {} of {requests} requests, and then no more came: are the workers \
             started one after another, or do they end too soon?\n{}",
            seen(),
            running.stop()
        );
        thread::sleep(Duration::from_millis(2));
    }
    Ok(running)
}

/// How long the site may take to see what must come. It is far more than any machine needs.
const PATIENCE: Duration = Duration::from_secs(10);

//! The server that the program starts itself.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use shared::jobs::{Gate, JOB_GATE, JOB_LOG};
use shared::nats_server::is_installed;

use super::nats::listens;
use super::program::Program;
use super::{skip, wait_until};

#[test]
fn brings_its_own_server_which_ends_with_it_whatever_ends_it() {
    if !is_installed() {
        let mut program = Program::start("--jobs 3");
        program.ends_with(2);
        let stderr = program.read("stderr");
        assert!(stderr.contains("apt install nats-server"), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        return;
    }
    let port = |program: &mut Program| -> u16 {
        program.prints("--join nats://", 1);
        let stdout = program.stdout();
        let line = stdout.lines().next().expect("it is there");
        let port = line.rsplit(':').next().expect("it has a port");
        port.parse().expect("it is a number")
    };
    let mut program = Program::start("--jobs 30 --number 30 --workers 2");
    let own = port(&mut program);
    program.did_all(30);
    assert!(!listens(own), "the server is still there");
    for signal in ["KILL", "TERM", "INT"] {
        let mut program = Program::start("--jobs 1000 --number 40");
        let own = port(&mut program);
        assert!(listens(own));
        program.signal(signal);
        program.end();
        wait_until("the server is gone", || !listens(own));
    }
}

/// A server that says where it is only if there is a file `go`, and ends only if it must.
const SLOW: &str = r#"#!/bin/sh
    settings=$2
    cd "${0%/*}"
    echo $$ > starting
    mv starting started
    until [ -e go ]; do sleep 0.01; done
    echo '{"nats": ["nats://127.0.0.1:9"]}' > "${settings%/*}/nats-server_$$.ports"
    exec sleep 1000"#;

/// Much less than a server may take to start.
const SOON: Duration = Duration::from_secs(15);

#[test]
fn a_server_whose_program_ends_before_it_is_up_ends_too() {
    for goes in [true, false] {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = |name| folder.path().join(name);
        fs::write(file("nats-server"), SLOW).expect("a file can be written");
        let all = fs::Permissions::from_mode(0o755);
        fs::set_permissions(file("nats-server"), all).expect("it is ours");
        let path = env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}", folder.path().display());
        let mut program = Program::start_with("--jobs 3", &[("PATH", &path)]);
        wait_until("the server starts", || file("started").exists());
        program.signal("KILL");
        program.end();
        if goes {
            fs::write(file("go"), "").expect("a file can be written");
        }
        let server = fs::read_to_string(file("started")).expect("it is there");
        let server = Path::new("/proc").join(server.trim());
        if !Path::new("/proc/self").exists() {
            skip("there is no /proc to see it in");
            return;
        }
        let start = Instant::now();
        while server.exists() {
            assert!(start.elapsed() < SOON, "the server lives on, told: {goes}");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn the_log_of_jobs_tells_the_workers() {
    if !is_installed() {
        skip("there is no nats-server");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    let log = folder.path().join("jobs");
    // No job begins without two others, so every worker has some.
    let gate = Gate::start(3, 30).expect("a gate starts");
    let environment = [
        (JOB_GATE, &*gate.address()),
        (JOB_LOG, log.to_str().expect("it is text")),
    ];
    let mut program = Program::start_with("--jobs 30 --number 1 --workers 3", &environment);
    program.did_all(30);
    let log = fs::read_to_string(log).expect("it was written");
    let lanes: Vec<&str> = log
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    assert_eq!(lanes.len(), 30, "{log}");
    let process = program.process.id();
    let workers = [0, 1, 2].map(|worker| format!("{process} worker {worker}"));
    let lanes: BTreeSet<&str> = lanes.into_iter().collect();
    assert_eq!(lanes, workers.iter().map(String::as_str).collect(), "{log}");
}

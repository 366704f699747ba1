//! More workers than the system has open files for are refused, and never fail pages.
#![cfg(unix)]

use std::process::{Command, Output};

/// Runs the program with so many open files allowed: `soft` by default, `hard` at most.
fn run(soft: usize, hard: usize, options: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_threaded-downloader");
    let script = format!("ulimit -S -n {soft} && ulimit -H -n {hard} && exec {program} {options}");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).output().expect("it starts")
}

#[test]
fn what_cannot_work_is_refused_with_the_number_that_can() {
    let output = run(256, 256, "--workers 400 --latency 0");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{complaint}");
    assert_eq!(
        complaint,
        "error: 400 workers need 832 open files, and the system allows 256: at most 112 workers \
         (--help lists the options)\n"
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn that_number_can() {
    let output = run(256, 256, "--workers 112 --latency 20 --pages 336");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("\nFetched 336 pages in "), "{printed}");
}

#[test]
fn a_limit_that_may_be_raised_is() {
    let output = run(64, 1024, "--workers 400 --latency 50 --pages 1200");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("\nFetched 1200 pages in "), "{printed}");
}

//! What jobs print, which goes where the output of their pool goes.

use std::process::{Command, Stdio};
use std::{env, fs};

use crate::parent::{FLOODED, PRINTING, PRINTING_ON, run};

pub fn what_a_job_prints_is_passed_on() {
    let output = run(PRINTING);
    let text = String::from_utf8(output.stdout).expect("it prints text");
    assert_eq!(
        text,
        "with shared::println!\nwith std::println!\nwithout an end"
    );
}

pub fn what_a_job_prints_costs_the_pool_nothing() {
    let output = run(FLOODED);
    assert_eq!(output.stdout.len(), 300 * 1024 * 1024);
    if cfg!(target_os = "linux") {
        let text = String::from_utf8(output.stderr).expect("it prints text");
        let kilobytes: u64 = text.trim().parse().expect("a number");
        assert!(kilobytes < 64 * 1024, "the pool took {kilobytes} kB");
    }
}

pub fn a_pool_whose_reader_is_gone_ends_quietly() {
    let mut command = Command::new(env::current_exe().expect("a program knows itself"));
    command.arg(PRINTING_ON).stderr(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), text.as_str()), (Some(0), ""));
}

pub fn a_pool_whose_output_is_full_says_so() {
    let Ok(full) = fs::File::create("/dev/full") else {
        return;
    };
    let mut command = Command::new(env::current_exe().expect("a program knows itself"));
    let output = command.arg(PRINTING_ON).stdout(full).output();
    let output = output.expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = "Error: cannot write to standard output: No space left on device";
    assert!(text.starts_with(line) && !text.contains("Failed"), "{text}");
}

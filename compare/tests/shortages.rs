//! A system that is full: no process, no thread, no space on the disk.
#![cfg(target_os = "linux")]

#[allow(dead_code, reason = "it is not all for this test")]
mod running;
#[allow(dead_code, reason = "it is not all for this test")]
#[path = "running/scripts.rs"]
mod scripts;

use std::process::{Command, Output};

use running::command;
use scripts::{INDUSTRIOUS, as_nobody_special, folder_with};

fn texts(output: &Output) -> [String; 2] {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned())
}

#[test]
fn want_of_processes_and_threads_is_an_error() {
    let script = "echo Fetched 1 bytes from nowhere";
    let folder = folder_with(&[("sync-downloader", script)]);
    let options = format!(
        "--only sync-downloader --pages 1 --latency 0 --programs {}",
        folder.display()
    );
    let mut failures = Vec::new();
    // One thread more each time, so that each of them is once the one that is missing.
    for most in 1..=12 {
        let mut limited = Command::new("prlimit");
        let compare = command(&options);
        limited
            .arg(format!("--nproc={most}"))
            .arg(compare.get_program())
            .args(compare.get_args());
        let Ok(output) = as_nobody_special(&limited).output() else {
            println!("SKIPPED: there is no setpriv or no prlimit");
            return;
        };
        let [stdout, stderr] = texts(&output);
        if stderr.starts_with("setpriv: ") || stderr.starts_with("prlimit: ") {
            println!("SKIPPED: {stderr}");
            return;
        }
        assert!(!stderr.contains("panicked"), "{most}: {stderr}");
        let told = [&stdout, &stderr]
            .iter()
            .any(|text| text.contains("resource temporarily unavailable"));
        match output.status.code() {
            Some(1) if told => failures.push(most),
            status => assert_eq!(status, Some(0), "{most}: {stdout}{stderr}"),
        }
    }
    assert!(failures.len() > 2 && failures.len() < 12, "{failures:?}");
}

/// Runs in a system of files of its own, where one folder has next to no space.
const ON_A_FULL_DISK: &str = r#"
    compare=$1 programs=$2 folder=$3
    mount -t tmpfs -o size=64k none "$folder" || { echo "mount: no"; exit; }
    cd "$folder"
    for file in figures.json page.html picture.svg; do echo old > $file; done
    "$compare" --only sync-cpu --programs "$programs" \
        --json figures.json --html page.html --svg picture.svg
    echo "status $?"
    ls -A
    cat *"#;

#[test]
fn on_a_full_disk_what_was_there_stays() {
    let programs = folder_with(&[("sync-cpu", INDUSTRIOUS)]);
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", ON_A_FULL_DISK])
        .args(["sh", env!("CARGO_BIN_EXE_compare")])
        .args([programs, running::folder()])
        .output();
    let Ok(output) = output else {
        println!("SKIPPED: there is no unshare");
        return;
    };
    let [stdout, stderr] = texts(&output);
    if stderr.starts_with("unshare: ") || stderr.starts_with("mount: ") {
        println!("SKIPPED: {stderr}");
        return;
    }
    assert!(stdout.contains("\nsync "), "{stdout}{stderr}");
    for file in ["figures.json", "page.html", "picture.svg"] {
        let line = format!("Error: cannot write {file}: no space left on device\n");
        assert!(stderr.contains(&line), "{stderr}");
    }
    let left = "\nstatus 1\nfigures.json\npage.html\npicture.svg\nold\nold\nold\n";
    assert!(stdout.ends_with(left), "{stdout}{stderr}");
}

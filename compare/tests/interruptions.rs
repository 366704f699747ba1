//! Ctrl-C and its like, once and twice.
#![cfg(target_os = "linux")]

#[allow(dead_code, reason = "it is not all for this test")]
mod running;
#[allow(dead_code, reason = "it is not all for this test")]
#[path = "running/scripts.rs"]
mod scripts;
#[path = "running/signals.rs"]
mod signals;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use running::command;
use running::python::stand_in;
use scripts::{HANGING, INDUSTRIOUS, are_gone, as_nobody_special, folder_with};
use signals::{TWO, end, names, send, wait_until};

#[test]
fn an_interruption_leaves_nothing_behind() {
    for signals in [&["INT"][..], &["TERM"], &TWO] {
        let folder = folder_with(&[("sync-cpu", HANGING)]);
        let temporary = running::folder();
        let child = command(&format!("--only sync-cpu --programs {}", folder.display()))
            .env("TMPDIR", &temporary)
            .spawn()
            .expect("it starts");
        wait_until(|| folder.join("processes").exists());
        assert_eq!(names(&temporary).len(), 1, "the log of jobs is there");
        send(signals, &child);
        assert_eq!(end(child).code(), Some(130), "{signals:?}");
        are_gone(&folder);
        assert!(names(&temporary).is_empty(), "{signals:?}: {temporary:?}");
    }
}

#[test]
fn an_interpreter_that_hangs_keeps_nobody_from_leaving_and_leaves_nothing_behind() {
    let at_the_second_call =
        format!("if [ \"$1\" = -c ]; then echo version 3.10.0; exit; fi\n{HANGING}");
    let programs = folder_with(&[("sync-cpu", "echo 'fib(35) = 9227465, 20 times'")]);
    for (script, folders) in [(HANGING, 1), (&at_the_second_call, 2)] {
        for signals in [&["INT"][..], &TWO] {
            let python = stand_in(script);
            let folder = python.parent().expect("a folder");
            let temporary = running::folder();
            let child = command("--only sync-cpu --python")
                .args([&python, Path::new("--programs"), &programs])
                .env("TMPDIR", &temporary)
                .spawn()
                .expect("it starts");
            wait_until(|| folder.join("processes").exists());
            assert_eq!(names(&temporary).len(), folders, "{temporary:?}");
            send(signals, &child);
            assert_eq!(end(child).code(), Some(130), "{signals:?}");
            are_gone(folder);
            assert!(names(&temporary).is_empty(), "{signals:?}: {temporary:?}");
        }
    }
}

#[test]
fn an_interruption_leaves_no_half_a_file_behind() {
    for signals in [&["INT"][..], &TWO] {
        let folder = folder_with(&[("sync-cpu", INDUSTRIOUS)]);
        let file = running::folder().join("figures.json");
        let options = format!("--only sync-cpu --programs {}", folder.display());
        let child = command(&options).arg("--json").arg(&file).spawn();
        let child = child.expect("it starts");
        let output = file.parent().expect("a folder");
        wait_until(|| !names(output).is_empty());
        send(signals, &child);
        assert_eq!(end(child).code(), Some(130), "{signals:?}");
        assert!(names(output).is_empty(), "{signals:?}: {:?}", names(output));
    }
}

/// Nobody reads the pipe that `compare` is to write to, so it cannot leave in order; and the
/// system gives it no thread that would see to its end. There is still the second interruption.
#[test]
fn the_second_interruption_ends_it_whatever_it_is_at() {
    let script = "echo 'fib(35) = 9227465, 20 times'";
    let folder = folder_with(&[("sync-cpu", script)]);
    let pipe = folder.join("pipe");
    let made = Command::new("mkfifo").arg("--mode=666").arg(&pipe).status();
    assert!(made.expect("it starts").success());
    let options = format!("--only sync-cpu --programs {}", folder.display());
    let mut command = as_nobody_special(command(&options).arg("--json").arg(&pipe));
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        println!("SKIPPED: there is no setpriv");
        return;
    };
    let mut lines = BufReader::new(child.stdout.take().expect("it was asked for")).lines();
    if !lines.any(|line| line.is_ok_and(|line| line.starts_with("sync "))) {
        println!(
            "SKIPPED: nobody else may run compare here: {:?}",
            end(child)
        );
        return;
    }
    let mut limit = Command::new("prlimit");
    limit.args(["--nproc=1", "--pid", &child.id().to_string()]);
    let limited = as_nobody_special(&limit).status();
    if !limited.is_ok_and(|status| status.success()) {
        println!("SKIPPED: there is no prlimit");
        let _ = child.kill();
        let _ = child.wait();
        return;
    }
    send(&["INT"], &child);
    // Longer than a thread would wait.
    thread::sleep(Duration::from_secs(3));
    let status = child.try_wait().expect("it is ours");
    assert_eq!(status, None, "it waits for its reader");
    send(&["INT"], &child);
    assert_eq!(end(child).code(), Some(130));
}

//! Scripts in place of the programs that `compare` runs.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{fs, process, thread};

use super::running;

/// A program that hangs, with another process that hangs, too; both leave their numbers.
pub const HANGING: &str = r#"
    cd "${0%/*}"
    sleep 1000 &
    echo $$ $! > starting
    mv starting processes
    wait"#;

/// A program that says it did one job, and notes so many that a file with all of them is large.
pub const INDUSTRIOUS: &str = r#"
    job="1 1\t1000000000\t1200000000\tfib(35)\n"
    awk "BEGIN { for (job = 0; job < 20000; job++) printf \"$job\" }" >> $JOB_LOG
    echo 'fib(35) = 9227465, 20000 times'"#;

/// A folder with scripts, which everybody may use.
pub fn folder_with(scripts: &[(&str, &str)]) -> PathBuf {
    let folder = running::folder();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("it is ours");
    fs::create_dir(folder.join("examples")).expect("a folder can be made");
    for (name, script) in scripts {
        let file = folder.join(name);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("it can be written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("it is ours");
    }
    folder
}

fn is_gone(process: &str) -> bool {
    // What has ended but was not waited for yet is a zombie: "123 (sleep) Z".
    fs::read_to_string(format!("/proc/{process}/stat")).map_or(true, |stat| {
        stat.rsplit(") ")
            .next()
            .is_some_and(|state| state.starts_with('Z'))
    })
}

#[track_caller]
pub fn are_gone(folder: &Path) {
    let processes = fs::read_to_string(folder.join("processes")).expect("it was started");
    for process in processes.split_whitespace() {
        for _ in 0..500 {
            if is_gone(process) {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        assert!(is_gone(process), "process {process} was left behind");
    }
}

/// A command as somebody whom limits bind: they do not bind root.
pub fn as_nobody_special(command: &Command) -> Command {
    let mut limited = match fs::metadata("/proc/self").expect("Linux has it").uid() {
        0 => {
            // A number that nobody else has: what he runs counts.
            let user = 60_000 + process::id() % 5_000;
            let mut setpriv = Command::new("setpriv");
            setpriv.args([format!("--reuid={user}"), format!("--regid={user}")]);
            setpriv.arg("--clear-groups").arg(command.get_program());
            setpriv
        }
        _ => Command::new(command.get_program()),
    };
    limited.args(command.get_args());
    limited
}

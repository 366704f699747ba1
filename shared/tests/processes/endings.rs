//! The end of a pool, and of all its workers with it.

use std::process::{self, Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use crate::parent::{BUSY, HASTY, ORPHANING, VANISHING, run};
use crate::worker::map;

pub fn a_pool_that_ends_early_ends_quietly() {
    let output = run(HASTY);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

pub fn a_pool_may_be_killed_at_any_moment() {
    if !cfg!(unix) {
        return;
    }
    for moment in 0..20 {
        let program = env::current_exe().expect("a program knows itself");
        let mut command = Command::new(program);
        command.arg(BUSY).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        thread::sleep(Duration::from_micros(moment * 1_700));
        child.kill().expect("it is ours");
        // The error output is at its end when the last worker is gone.
        let output = child.wait_with_output().expect("it ends");
        assert!(!output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}

/// A worker has the error output of its parent: to read it to its end is to wait for the worker.
pub fn orphans_end_quietly() {
    if !cfg!(unix) {
        return;
    }
    for what in [ORPHANING, VANISHING] {
        let output = run(what);
        assert!(!output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{what}");
    }
}

/// Makes a process the parent of all orphans among its descendants, lets it start a program, and
/// waits for all of them.
const SUBREAPER: &str = "
import ctypes, os, subprocess, sys
PR_SET_CHILD_SUBREAPER = 36
if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
    sys.exit('subreaper: the system refuses')
subprocess.run(sys.argv[1:])
try:
    while True:
        os.wait()
        print('adopted')
except ChildProcessError:
    pass
";

pub fn adopted_orphans_end_quietly() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let program = env::current_exe().expect("a program knows itself");
    // How far a worker has come when its parent ends differs.
    for what in [ORPHANING, VANISHING, VANISHING, VANISHING, VANISHING] {
        let mut command = Command::new("python3");
        command.args(["-c", SUBREAPER]).arg(&program).arg(what);
        let Ok(output) = command.output() else {
            println!("SKIPPED: there is no python3");
            return;
        };
        let stderr = String::from_utf8_lossy(&output.stderr);
        if stderr.starts_with("subreaper: ") {
            println!("SKIPPED: {stderr}");
            return;
        }
        assert_eq!(stderr, "", "{what}");
        assert!(output.stdout.starts_with(b"adopted\n"), "{output:?}");
    }
}

pub fn nobody_is_left_behind() {
    map(3, &["a", "panic", "b", "exit", "c"]);
    if !cfg!(target_os = "linux") {
        return;
    }
    let own = process::id();
    for task in fs::read_dir("/proc").expect("Linux has it").flatten() {
        let Ok(stat) = fs::read_to_string(task.path().join("stat")) else {
            continue;
        };
        // "PID (NAME) STATE PARENT …", where a name may contain anything.
        let parent = stat
            .rsplit(") ")
            .next()
            .and_then(|rest| rest.split(' ').nth(1));
        assert_ne!(parent, Some(own.to_string().as_str()), "{stat}");
    }
}

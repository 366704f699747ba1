//! How a process knows that it is a worker, and of which pool.

use std::env;
use std::fmt::Display;
use std::io::Write;
use std::net::{Shutdown, TcpListener};
use std::process::{self, Child, Command, Stdio};

use crate::parent::{FORGETFUL, PRINTING};

/// Starts this program as a pool would.
fn start_worker(pool: impl Display, arguments: &[&str]) -> Child {
    let program = env::current_exe().expect("a program knows itself");
    let mut command = Command::new(program);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::arg0(&mut command, "processes (worker)");
    command
        .args(arguments)
        .env("POOL_WORKER", format!("{} {pool} token", process::id()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts")
}

pub fn a_pool_that_ends_in_the_middle_of_a_line_is_gone() {
    let pool = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let worker = start_worker(pool.local_addr().expect("it has one"), &[]);
    let (mut connection, _) = pool.accept().expect("it connects");
    let text = r#"{"word":"did","limit":null}"#.to_owned() + "\n\"half a j";
    connection.write_all(text.as_bytes()).expect("it reads");
    connection.shutdown(Shutdown::Write).expect("it is open");
    let output = worker.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), text.as_str()), (Some(0), ""));
}

pub fn a_worker_is_no_parent() {
    // This one has no `enter_worker`.
    let run = start_worker("127.0.0.1:1", &[FORGETFUL]).wait_with_output();
    let run = run.expect("it ends");
    assert_eq!(run.status.code(), Some(1));
    let text = String::from_utf8(run.stderr).expect("it prints text");
    assert!(
        text.contains("is `enter_worker` the first line of `main`?"),
        "{text}"
    );
}

pub fn a_mark_from_elsewhere_is_told() {
    // What is no mark, and the mark of another process's worker, as it is inherited by a program
    // that a job starts.
    for mark in ["1", "4294967295 127.0.0.1:1 token"] {
        let program = env::current_exe().expect("a program knows itself");
        let run = Command::new(program).env("POOL_WORKER", mark).output();
        let run = run.expect("it starts");
        let text = String::from_utf8(run.stderr).expect("it prints text");
        if mark == "1" || cfg!(unix) {
            assert_eq!(
                (run.status.code(), text.as_str()),
                (
                    Some(2),
                    "Error: POOL_WORKER is set, but by no pool: unset it\n"
                )
            );
        }
    }
}

/// A pool's program is the first process of a container, and so the parent of all orphans, too.
pub fn the_first_process_of_a_system_may_have_a_pool() {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--pid", "--fork", "--mount-proc"]);
    command.arg(env::current_exe().expect("a program knows itself"));
    let Ok(output) = command.arg(PRINTING).output() else {
        println!("SKIPPED: there is no unshare");
        return;
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.starts_with("unshare: ") {
        println!("SKIPPED: {stderr}");
        return;
    }
    assert_eq!((output.status.code(), &*stderr), (Some(0), ""));
    assert!(output.stdout.ends_with(b"without an end"), "{output:?}");
}

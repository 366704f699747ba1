//! Interruptions, and what is left after them.

use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;
use std::{fs, thread};

/// Looks again and again until it is so.
#[track_caller]
pub fn wait_until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..30_000 {
        if is_so() {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
    panic!("it takes too long");
}

pub fn send(signals: &[&str], child: &Child) {
    let kill = |signal| format!("kill -{signal} {}", child.id());
    let kills: Vec<String> = signals.iter().map(kill).collect();
    let sent = Command::new("sh")
        .args(["-c", &kills.join(" && ")])
        .status();
    assert!(sent.expect("it starts").success());
}

/// Two interruptions that both come before anything can be done about the first.
pub const TWO: [&str; 4] = ["STOP", "INT", "TERM", "CONT"];

/// Waits for the end; what has none, ends here.
pub fn end(mut child: Child) -> ExitStatus {
    for _ in 0..2_000 {
        if let Some(status) = child.try_wait().expect("it is ours") {
            return status;
        }
        thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    child.wait().expect("it is ours")
}

pub fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).expect("it can be read").flatten();
    let mut names: Vec<String> = files
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

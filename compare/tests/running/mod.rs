//! Runs `compare` as its reader would.

#[cfg(unix)]
pub mod python;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fmt, fs};

use serde_json::Value;

/// What `compare` printed and wrote, and how it ended.
pub struct Compared {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
    pub json: Value,
    #[allow(dead_code, reason = "not every test looks at it")]
    pub svg: String,
    /// The page, as a file.
    #[allow(dead_code, reason = "not every test looks at it")]
    pub html: PathBuf,
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (status, stdout, stderr) = (self.status, &self.stdout, &self.stderr);
        write!(
            f,
            "{status}\n--- standard output\n{stdout}\n--- standard error\n{stderr}"
        )
    }
}

/// A new, empty folder.
pub fn folder() -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!(
        "{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Left from an earlier process of the same number, perhaps.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

/// The command that runs `compare` with these options.
pub fn command(options: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_compare"));
    command
        .args(options.split_whitespace())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs `compare` with these options to its end.
pub fn compare(options: &str) -> Compared {
    finish(command(options))
}

/// Runs `compare` as this command does, to its end.
pub fn finish(mut command: Command) -> Compared {
    let folder = folder();
    let [json, svg, html] =
        ["figures.json", "picture.svg", "page.html"].map(|name| folder.join(name));
    let output = command
        .arg("--json")
        .arg(&json)
        .arg("--svg")
        .arg(&svg)
        .arg("--html")
        .arg(&html)
        .output()
        .expect("it starts");
    let [stdout, stderr] =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    let json = fs::read_to_string(&json)
        .unwrap_or_else(|error| panic!("no figures: {error}\n{stdout}{stderr}"));
    Compared {
        status: output.status,
        stdout,
        stderr,
        json: serde_json::from_str(&json).expect("the figures are JSON"),
        svg: fs::read_to_string(&svg).expect("the picture was written"),
        html,
    }
}

//! Runs the tests of a lesson on what a student wrote, and reads what they found.
//!
//! The tests are the teacher's; the student's program is started by them. So it cannot change
//! what they say, unless it gets at their memory or their output. In the sandbox it cannot: the
//! file that holds the tests may be run and not read, and Linux hides such a process.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use shared::{Error, Result};

use super::confinement::{Broken, Confinement, Limits, Plan};
use super::crates::Ready;
use super::grades::{Check, Fate, Verdict};
use crate::watching::{How, watch};

/// Of the tests and the program together.
const MEMORY: u64 = 2 << 30;
/// A wrong program may start a thread for each of some hundred pages, and should hear of that.
const TASKS: u64 = 700;

/// What came of the tests.
pub struct Tested {
    pub fate: Fate,
    pub checks: Vec<Check>,
    /// Beside their report.
    pub said: String,
}

/// Runs the tests on a program.
///
/// # Errors
/// They cannot be started, or somebody interrupts.
pub fn run(
    confinement: &Confinement,
    ready: &Ready,
    program: &Path,
    folder: &Path,
    time: Duration,
) -> Result<Tested> {
    let tests = folder.join("tests");
    fs::copy(&ready.tests, &tests)?;
    hide(&tests)?;
    let visible = match confinement {
        Confinement::Bubblewrap(_) => vec![
            (tests.clone(), tests.clone()),
            (program.to_owned(), ready.program.clone()),
        ],
        // They know one place only where the program may be.
        Confinement::None => {
            fs::remove_file(&ready.program)?;
            fs::copy(program, &ready.program)?;
            Vec::new()
        }
    };
    let limits = Limits {
        time,
        memory: MEMORY,
        tasks: TASKS,
    };
    let end = watch(
        &mut confinement.command(Plan {
            program: &tests,
            arguments: ["--color", "never"].map(Into::into).into(),
            variables: BTreeMap::from([("RUST_BACKTRACE".to_owned(), "0".to_owned())]),
            folder: if visible.is_empty() {
                folder
            } else {
                Path::new("/tmp")
            },
            visible,
            writable: None,
            limits: &limits,
        })?,
        time + Duration::from_secs(5),
    )?;
    let checks = found(&ready.checks, &end.stdout);
    let stopped = format!("stopped after {} s", time.as_secs_f64());
    let reason = match end.how {
        How::Interrupted => return Err(Error::new("interrupted")),
        How::TookTooLong => stopped,
        How::Ended(status) => match status.code() {
            Some(0 | 101) if checks.iter().any(ran) => {
                return Ok(Tested {
                    fate: Fate::Graded,
                    checks,
                    said: end.stderr,
                });
            }
            Some(code) => match Broken::from_status(code) {
                Some(Broken::Time) => stopped,
                Some(Broken::Memory) => format!(
                    "stopped: it needed more than {} GiB of memory",
                    MEMORY >> 30
                ),
                Some(Broken::Tasks) => "stopped: it started too many processes or threads".into(),
                None => format!("the tests ended with status {code}: were they killed?"),
            },
            None => "the tests were killed".into(),
        },
    };
    Ok(Tested {
        fate: Fate::Refused(reason),
        checks,
        said: end.stderr,
    })
}

fn ran(check: &Check) -> bool {
    check.verdict != Verdict::NotRun
}

/// Its owner may run it and not read it.
#[cfg(unix)]
fn hide(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(
        file,
        fs::Permissions::from_mode(0o111),
    )?)
}

#[cfg(not(unix))]
fn hide(_: &Path) -> Result<()> {
    Ok(())
}

/// What the report of the tests says of each check. One of which it says nothing did not run.
fn found(names: &[String], report: &str) -> Vec<Check> {
    // Below this line there are messages, and in those whatever the program printed.
    let (verdicts, messages) = report.split_once("\nfailures:\n").unwrap_or((report, ""));
    let verdicts: BTreeMap<&str, Verdict> = verdicts.lines().filter_map(verdict).collect();
    let failed = names
        .iter()
        .filter(|name| verdicts.get(name.as_str()) == Some(&Verdict::Failed));
    let messages = message_of_each(&failed.cloned().collect::<Vec<_>>(), messages);
    let check = |name: &String| Check {
        name: name.clone(),
        verdict: verdicts
            .get(name.as_str())
            .copied()
            .unwrap_or(Verdict::NotRun),
        message: messages.get(name).cloned().unwrap_or_default(),
    };
    names.iter().map(check).collect()
}

/// "test NAME ... ok"
fn verdict(line: &str) -> Option<(&str, Verdict)> {
    let (name, verdict) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let verdict = match verdict {
        "ok" => Verdict::Passed,
        "FAILED" => Verdict::Failed,
        _ => Verdict::NotRun,
    };
    Some((name.trim_end(), verdict))
}

/// Every message follows a line "---- NAME ----", and each name comes once.
fn message_of_each(failed: &[String], report: &str) -> BTreeMap<String, String> {
    let mut messages: BTreeMap<String, String> = BTreeMap::new();
    let mut current = None;
    for line in report.lines() {
        if line == "failures:" {
            break;
        }
        let name = line
            .strip_prefix("---- ")
            .and_then(|line| line.strip_suffix(" ----"));
        let name = name.map(|name| name.trim_end_matches(" stdout"));
        let known = name.and_then(|name| failed.iter().find(|failed| *failed == name));
        match known.filter(|name| !messages.contains_key(*name)) {
            Some(name) => {
                current = Some(name);
                messages.insert(name.clone(), String::new());
            }
            None => {
                if let Some(message) = current.and_then(|name| messages.get_mut(name)) {
                    message.push_str(line);
                    message.push('\n');
                }
            }
        }
    }
    for message in messages.values_mut() {
        *message = without_frame(message);
    }
    messages
}

/// A failed assertion of Rust's own tests says first where it stands, and last what might help.
fn without_frame(message: &str) -> String {
    let panicked = |line: &&str| line.starts_with("thread '") && line.contains(" panicked at ");
    let note = |line: &&str| line.starts_with("note: run with `RUST_BACKTRACE");
    let lines = message
        .lines()
        .filter(|line| !panicked(line) && !note(line));
    let lines: Vec<&str> = lines.collect();
    lines.join("\n").trim().to_owned()
}

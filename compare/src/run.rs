//! Runs the programs, one after another, and keeps what came of each.

mod board;
mod building;
mod listening;
mod memory;
mod outcome;
mod plan;
mod process;
mod python;

use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use shared::downloads::{PRACTICE, faulty};
use shared::jobs::{JOB_LOG, read_log_since};
use shared::site::PracticeSite;
use shared::{Error, Result};

use crate::interruption::temporary_folder;
use crate::options::Options;
use crate::programs::{OwnJob, Work};
pub use board::KEPT as KEPT_BY_BOARD;
pub use building::{PROFILE, file_in};
use listening::{Listener, Said, note_complaint};
pub use memory::MEMORY_IS;
use outcome::End;
pub use outcome::{Bar, Fate, Outcome, Run};
use plan::{expected_time, plan, progress_bar};
use process::{Attended, Process};
pub use python::Python;

/// Runs every program as often as asked for, in rounds, so that a busy moment of the machine
/// hits all of them alike.
///
/// # Errors
/// There is no cargo, no board where one was named, the practice site does not start, or somebody
/// interrupts. A program's own failure is an outcome.
pub fn run_all(options: &Options, python: Option<&Python>) -> Result<Vec<Outcome>> {
    if let Some(board) = &options.board {
        board::find(board)?;
    }
    let executables = building::executables(options)?;
    let mut outcomes = plan(options);
    let bar = progress_bar(&outcomes, options);
    for outcome in &mut outcomes {
        let before = bar.position();
        let expected = expected_time(outcome, options).as_millis() as u64;
        bar.set_message(outcome.program.name);
        let meanwhile = |elapsed: Duration| {
            bar.set_position(before + expected.min(elapsed.as_millis() as u64));
        };
        let command = match outcome.program.twin {
            None => executables.get(outcome.program.name).map(Command::new),
            Some(_) => python.map(|python| python.command(outcome.program)),
        };
        if let Some(command) = command {
            outcome.run = run(outcome, command, options, meanwhile)?;
        }
        bar.set_position(before + expected);
    }
    Ok(outcomes)
}

/// Runs a program once.
fn run(
    outcome: &Outcome,
    mut command: Command,
    options: &Options,
    meanwhile: impl FnMut(Duration),
) -> Result<Fate> {
    let program = outcome.program;
    if program.has_workers_option() {
        command.args(["--workers", &outcome.workers.to_string()]);
    }
    let generous = 10 * expected_time(outcome, options) + Duration::from_secs(60);
    let limit = options.limit.unwrap_or(generous);
    let folder = temporary_folder()
        .map_err(|error| Error::from(error).while_doing("cannot make a temporary folder"))?;
    let log = folder.path().join("jobs");
    command.env(JOB_LOG, &log);
    if (program.work, program.own_job) == (Work::Downloads, None) {
        let patience = (options.latency.as_secs_f64() * 3.0 + 10.0).min(LONGEST_TIMEOUT);
        command.args(["--pages", &options.pages.to_string()]);
        // The tutorial's programs wait for ever.
        if program.twin.is_none() {
            command.args(["--timeout", &patience.to_string()]);
        }
        let start = since_1970();
        if let Some(board) = &options.board {
            command.args(["--site", &format!("{board}/{}", program.name)]);
            command.args(options.faulty.then_some("--faulty"));
            let end = watch(&mut command, limit, meanwhile)?;
            let seen = board::observations(board, program.name)?;
            return Ok(end.and_then(|end| end.downloads(seen, program, options.pages, Vec::new())));
        }
        let site = PracticeSite::start(options.latency)
            .map_err(|error| Error::from(error).while_doing("cannot start the site"))?;
        let pages = if options.faulty {
            faulty()
        } else {
            PRACTICE.to_vec()
        };
        command.args(pages.into_iter().map(|page| site.url(page)));
        let end = watch(&mut command, limit, meanwhile)?;
        let computed = read_log_since(&log, start).unwrap_or_default();
        return Ok(
            end.and_then(|end| end.downloads(site.settled(), program, options.pages, computed))
        );
    }
    // Files that it makes are gone with the folder, even if it is stopped.
    command.envs(["TMPDIR", "TMP", "TEMP"].map(|name| (name, folder.path())));
    if program.own_job.is_none() {
        command
            .args(["--number", &options.number.to_string()])
            .args(["--jobs", &options.jobs.to_string()]);
    }
    let end = watch(&mut command, limit, meanwhile)?;
    Ok(end.and_then(|end| match program.own_job {
        Some(OwnJob::TwoFunctions) => end.functions(0),
        Some(OwnJob::Deadlock) => end.functions(1),
        _ => end.jobs(&log),
    }))
}

/// In seconds: the downloaders refuse one of more than a day.
const LONGEST_TIMEOUT: f64 = 24.0 * 60.0 * 60.0;

/// Starts a process and watches it to its end.
fn watch(
    command: &mut Command,
    limit: Duration,
    mut meanwhile: impl FnMut(Duration),
) -> Result<Fate<End>> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = match Process::start(command) {
        Ok(process) => process,
        Err(error) => {
            let reason = Error::from(error).while_doing("cannot be started");
            return Ok(Err(reason.to_string()));
        }
    };
    let no_thread = |error| Error::from(error).while_doing("cannot listen to a program");
    let said = Listener::start(process.child.stdout.take(), Said::note).map_err(no_thread)?;
    let complaint =
        Listener::start(process.child.stderr.take(), note_complaint).map_err(no_thread)?;
    let mut memory = memory::Peak::of(process.child.id());
    let attended = process.attend(limit, |elapsed| {
        memory.look();
        meanwhile(elapsed);
    })?;
    Ok(match attended {
        Attended::Ended { usage, elapsed } => Ok(End {
            elapsed,
            usage,
            memory: memory.found(&usage),
            said: said.heard(),
            complaint: complaint.heard(),
        }),
        Attended::Hung => Err(format!("stopped: no end within {} s", limit.as_secs_f64())),
    })
}

/// What the log of jobs counts its times from.
fn since_1970() -> Duration {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    since_1970.unwrap_or_default()
}

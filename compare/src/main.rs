//! Runs every program on one practice site and shows side by side what happened.
//!
//! Run it with `cargo run --release -p compare`; a part of what it prints:
//!
//! ```text
//! downloader  model         time  speed-    at  connec-     CPU  memory     ok/
//!                              s      up  once    tions  time s      MB  failed
//! ─────────────────────────────────────────────────────────────────────────────
//! sync        one thread   14.22    1.0×     1        1   0.020     3.1   160/0
//! threaded    5 threads     2.86    5.0×     5        5   0.017     4.5   160/0
//! ```
//!
//! Its parts are [`programs`], which lists them, [`run`], which runs them and keeps what came of
//! it, [`measure`], which makes figures of that and says which of them are not to be trusted,
//! and [`show`], which prints and draws them.

mod interruption;
mod measure;
mod options;
mod programs;
mod run;
mod show;

use std::process::ExitCode;

use measure::Comparison;
use options::Options;
use run::Python;
use shared::Result;
use shared::output::complain;

fn main() -> Result<ExitCode> {
    let mut options = Options::from_command_line();
    interruption::notice()?;
    match compare(&mut options) {
        _ if interruption::interrupted() => Ok(ExitCode::from(interruption::STATUS)),
        succeeded => Ok(ExitCode::from(u8::from(!succeeded?))),
    }
}

/// Whether every program did its work, and all of it could be shown.
fn compare(options: &mut Options) -> Result<bool> {
    let python = options.python.as_deref().map(Python::ask).transpose()?;
    let mut lacking = None;
    if let Some(python) = &python {
        lacking = python.lacks(&options.programs);
        options.programs.retain(|program| python.runs(program));
    }
    if let Some(lacking) = &lacking {
        // Said at once: whoever wants to help need not wait for the rest.
        complain(format_args!("Error: {lacking}"));
    }
    let outcomes = run::run_all(options, python.as_ref())?;
    let trace = options.trace.as_ref().map(|_| show::trace(&outcomes));
    let mut comparison =
        Comparison::new(options, python.and_then(|python| python.name()), outcomes);
    comparison.notes.append(&mut options.left_out);
    let shown = show::show(&comparison, trace.as_deref(), options);
    Ok(shown && lacking.is_none() && !comparison.failed())
}

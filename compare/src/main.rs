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
use shared::Result;

fn main() -> Result<ExitCode> {
    let options = Options::from_command_line();
    interruption::notice()?;
    match compare(&options) {
        _ if interruption::interrupted() => Ok(ExitCode::from(interruption::STATUS)),
        succeeded => Ok(ExitCode::from(u8::from(!succeeded?))),
    }
}

/// Whether every program did its work, and all of it could be shown.
fn compare(options: &Options) -> Result<bool> {
    let outcomes = run::run_all(options)?;
    let comparison = Comparison::new(options, outcomes);
    let shown = show::show(&comparison, options);
    Ok(shown && !comparison.failed())
}

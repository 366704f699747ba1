//! Runs every program on one practice site and shows side by side what happened.
//!
//! Run it with `cargo run --release -p compare`; it reads best from here: [`run`] starts the
//! programs and keeps what came of each, [`measure`] makes figures of it and says which of
//! them are not to be trusted, [`show`] prints and draws them.

mod measure;
mod options;
mod run;
mod show;

use std::process::ExitCode;

use measure::Comparison;
use options::Options;
use shared::Result;

fn main() -> Result<ExitCode> {
    let options = Options::from_command_line();
    run::notice_interruptions()?;
    let outcomes = match run::run_all(&options) {
        // What a shell says of a program that Ctrl-C ended.
        _ if run::interrupted() => return Ok(ExitCode::from(130)),
        outcomes => outcomes?,
    };
    let comparison = Comparison::new(&options, outcomes);
    show::show(&comparison, &options)?;
    Ok(ExitCode::from(u8::from(comparison.failed())))
}

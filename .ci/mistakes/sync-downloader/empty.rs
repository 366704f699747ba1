//! The function returns no outcome at all.
//!
//! Expect: is every address of the list fetched, and does the program wait

use shared::{Downloads, Outcomes, Result, Workers};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn fetch_all(_downloads: &Downloads) -> Result<Outcomes> {
    Ok(Vec::new())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}

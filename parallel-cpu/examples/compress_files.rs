//! Compresses files, spread over every core: a complete NAME.gz beside each NAME, or none.
//!
//! Run it with `cargo run --release -p parallel-cpu --example compress_files -- FILE...`; without
//! a FILE it makes some, and its last lines are like these:
//!
//! ```text
//! Compressed 12 of 12 files, 11758110 to 3837718 bytes, in 0.20s
//! One core takes 0.37s, 1.86 times as long
//! ```
//!
//! Lay `parallel-cpu/src/main.rs` beside it: the same few lines for a job that may fail. To compare,
//! all is compressed again on one core, when the files are in memory and nothing is written.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use flate2::{Compression, write::GzEncoder};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::files::{Files, Outcome, write_new};
use shared::{Result, Workers};

const ABOUT: &str = "Compresses files on every core; then again on one, in memory, to compare.";
const WORKERS: Workers = Workers::EveryCore;

fn compress(path: &Path, output: impl Write) -> Result<u64> {
    let mut encoder = GzEncoder::new(output, Compression::default());
    let bytes = io::copy(&mut File::open(path)?, &mut encoder)?;
    encoder.finish()?;
    Ok(bytes)
}

fn compress_file(path: &Path) -> Outcome {
    let mut output = path.as_os_str().to_owned();
    output.push(".gz");
    // It gets its name when it is complete, and only if no other file has it.
    write_new(output.as_ref(), path, |file| {
        Ok([compress(path, file)?, file.metadata()?.len()])
    })
}

fn compress_all(files: &Files) -> Result<Vec<Outcome>> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(files.workers)
        .build()?;
    let paths = files.paths.par_iter().with_max_len(1);
    Ok(pool.install(|| paths.map(|path| compress_file(path)).collect()))
}

fn main() -> Result<ExitCode> {
    let files = Files::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = compress_all(&files)?;
    files.report(&outcomes, start.elapsed(), |path| {
        compress(path, io::sink())
    })
}

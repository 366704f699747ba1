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
//! everything is read and compressed again on one core, and written nowhere.

mod files;

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use files::{Files, Sizes, tell, write_beside};
use flate2::{Compression, write::GzEncoder};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::{Result, Workers};

const ABOUT: &str = "Compresses files on every core, then once more on one, to compare.";
const WORKERS: Workers = Workers::EveryCore;

fn compress(path: &Path, output: impl Write) -> Result<u64> {
    let mut encoder = GzEncoder::new(output, Compression::default());
    let before = io::copy(&mut File::open(path)?, &mut encoder)?;
    encoder.finish()?;
    Ok(before)
}

fn compress_file(path: &Path) -> Result<Sizes> {
    // It gets its name when it is complete, and only if no other file has it.
    let sizes = write_beside(path, ".gz", |file| compress(path, file))?;
    tell(format_args!("Compressed {sizes}: {}.gz", path.display()));
    Ok(sizes)
}

fn compress_all(files: &Files) -> Result<Vec<Result<Sizes>>> {
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
    let again = |path: &Path| compress(path, io::sink());
    files.report(&outcomes, start.elapsed(), again)
}

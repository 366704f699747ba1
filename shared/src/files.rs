//! Files that a program is asked to compress, and what it says when it is done.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::builder::ValueParser;
use clap::{Arg, Command};
use tempfile::TempDir;

use crate::jobs::{self, Job};
use crate::options::{self, Workers};
use crate::output::{complain, counted};
use crate::{Error, Result, println};

/// Which files a program is asked to compress.
pub struct Files {
    /// Where each of them is, in order.
    pub paths: Vec<PathBuf>,
    /// How many may be worked on at once.
    pub workers: usize,
    /// Where they are if none were asked for: gone when this is dropped.
    folder: Option<TempDir>,
}

/// How many bytes a file had before and has after, or why it was not compressed.
pub type Outcome = Result<[u64; 2]>;

impl Files {
    /// Reads the command line of a program that is `about` something. If it names no files,
    /// some are made in a temporary folder.
    ///
    /// Asked for help, or for something that makes no sense, it ends the program.
    ///
    /// # Errors
    /// Those files cannot be written.
    pub fn from_command_line(about: &'static str, workers: Workers) -> Result<Self> {
        let files = Arg::new("file")
            .value_name("FILE")
            .num_args(0..)
            .value_parser(ValueParser::path_buf())
            .help("Compress these; without any, some that are made for it, and gone at the end");
        let command = Command::new(env!("CARGO_PKG_NAME"))
            .about(about)
            .after_help(HELP)
            .arg(files);
        let command = workers.add_option(command, "How many files may be worked on at once");
        let matches = options::parse(command);
        let paths = matches.get_many("file").unwrap_or_default();
        let mut files = Self {
            paths: paths.cloned().collect(),
            workers: workers.read_option(&matches),
            folder: None,
        };
        if files.paths.is_empty() {
            let folder = tempfile::tempdir()?;
            for file in (1..=SET).rev() {
                let path = folder.path().join(format!("squares-{file}.txt"));
                fs::write(&path, squares(file * LINES))?;
                files.paths.push(path);
            }
            files.folder = Some(folder);
        }
        Ok(files)
    }

    /// Says what became of every file, how many bytes there were before and after, and how
    /// long it took. Then has every file that was compressed `compress`ed again, one after
    /// another, and says how long that takes.
    ///
    /// The status is success only if every file was compressed.
    ///
    /// # Errors
    /// A file that was compressed cannot be compressed again.
    pub fn report(
        self,
        outcomes: &[Outcome],
        elapsed: Duration,
        compress: impl Fn(&Path) -> Result<u64>,
    ) -> Result<ExitCode> {
        let files = || self.paths.iter().zip(outcomes);
        let start = Instant::now();
        for (path, _) in files().filter(|(_, outcome)| outcome.is_ok()) {
            compress(path)?;
        }
        let one_core = start.elapsed().as_secs_f64();
        // Printing ends the program if nobody reads, and the folder would be left.
        drop(self.folder);
        let mut done = Vec::new();
        for (path, outcome) in files() {
            let path = path.display();
            match outcome {
                Ok([before, after]) => {
                    println!("Compressed {before} to {after} bytes: {path}.gz");
                    done.push([before, after]);
                }
                Err(reason) => complain(format_args!("Failed {path}: {reason}")),
            }
        }
        let [before, after] = [0, 1].map(|size| done.iter().map(|file| file[size]).sum::<u64>());
        let (count, elapsed) = (done.len(), elapsed.as_secs_f64());
        let all = counted(self.paths.len(), "file");
        println!("Compressed {count} of {all}, {before} to {after} bytes, in {elapsed:.2}s");
        if count > 0 {
            let times = one_core / elapsed;
            println!("One core takes {one_core:.2}s, {times:.2} times as long");
        }
        jobs::write_log()?;
        Ok(ExitCode::from(u8::from(count != self.paths.len())))
    }
}

/// Writes a file by `write`, with the permissions of `original`. Under its name there is
/// nothing before it is complete; if something fails nothing is left of it. It is a [`Job`].
///
/// # Errors
/// `original` is no file; the output exists already, and is left as it is; `write` failed.
pub fn write_new<T>(
    output: &Path,
    original: &Path,
    write: impl FnOnce(&File) -> Result<T>,
) -> Result<T> {
    let _job = Job::begin(original.display());
    let metadata = original.metadata()?;
    // To open a pipe would be to wait for somebody who writes to it.
    if !metadata.is_file() {
        return Err(Error::new("not a file"));
    }
    let exists = || Error::new(format!("{} exists already", output.display()));
    if output.symlink_metadata().is_ok() {
        return Err(exists());
    }
    let part = tempfile::Builder::new()
        .prefix(".part-")
        .tempfile_in(output.parent().unwrap_or(Path::new("")))?;
    let written = write(part.as_file())?;
    part.as_file().set_permissions(metadata.permissions())?;
    match part.persist_noclobber(output) {
        Ok(_) => Ok(written),
        // Somebody else was faster.
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Err(exists()),
        Err(error) => Err(error.into()),
    }
}

const HELP: &str = "\
Exit status: 0 every file was done, 1 something failed, 2 the command line makes no sense.
";

/// How many files a set has.
const SET: u64 = 12;

/// How many lines the smallest of them has; the next has twice as many, the next three times.
const LINES: u64 = 5_000;

fn squares(lines: u64) -> String {
    let mut text = String::new();
    for number in 0..lines {
        writeln!(text, "{number} times {number} is {}", number * number)
            .expect("a String takes everything");
    }
    text
}

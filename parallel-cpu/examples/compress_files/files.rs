//! Files that a program is asked to compress, and what it says when it is done.

use std::fmt::{self, Write as _};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};
use std::{env, mem, process};

use clap::builder::ValueParser;
use clap::{Arg, Command};
use shared::jobs::{self, Job};
use shared::options::{self, Workers};
use shared::output::{complain, counted};
use shared::{Error, Result};
use tempfile::TempDir;

/// Which files a program is asked to compress.
pub struct Files {
    /// Where each of them is, in order.
    pub paths: Vec<PathBuf>,
    /// How many may be worked on at once.
    pub workers: usize,
    /// Where they are if none were asked for: gone when this is dropped.
    folder: Option<TempDir>,
}

/// How many bytes a file had before and has after: `10966 to 276 bytes`.
#[derive(Clone, Copy, Default)]
pub struct Sizes {
    pub before: u64,
    pub after: u64,
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {} bytes", self.before, self.after)
    }
}

impl Files {
    /// Reads the command line of a program that is `about` something. If it names no files,
    /// some are made in a temporary folder.
    ///
    /// Asked for help, or for something that makes no sense, it ends the program.
    ///
    /// # Errors
    /// Those files cannot be written, or the system does not tell of an interruption.
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
        ctrlc::set_handler(|| end(INTERRUPTED))?;
        if files.paths.is_empty() {
            let folder = tempfile::tempdir().map_err(cannot_write(&env::temp_dir()))?;
            temporary().push(folder.path().to_owned());
            for file in (1..=SET).rev() {
                let path = folder.path().join(format!("squares-{file}.txt"));
                fs::write(&path, squares(file * LINES))?;
                files.paths.push(path);
            }
            files.folder = Some(folder);
        }
        Ok(files)
    }

    /// Says which files failed and why, how many were compressed, how many bytes there were
    /// before and after, and how long it took. Then has those that were compressed compressed
    /// `again`, one after another, and says how long that takes.
    ///
    /// The status is success only if every file was compressed.
    ///
    /// # Errors
    /// The file that [`JOB_LOG`](jobs::JOB_LOG) names cannot be written.
    pub fn report(
        &self,
        outcomes: &[Result<Sizes>],
        elapsed: Duration,
        again: impl Fn(&Path) -> Result<u64>,
    ) -> Result<ExitCode> {
        let (mut done, mut total) = (Vec::new(), Sizes::default());
        for (path, outcome) in self.paths.iter().zip(outcomes) {
            match outcome {
                Ok(sizes) => {
                    done.push(path);
                    total.before += sizes.before;
                    total.after += sizes.after;
                }
                Err(reason) => complain(format_args!("Failed {}: {reason}", path.display())),
            }
        }
        let (count, all) = (done.len(), counted(self.paths.len(), "file"));
        let seconds = elapsed.as_secs_f64();
        tell(format_args!(
            "Compressed {count} of {all}, {total}, in {seconds:.2}s"
        ));
        if self.workers > 1 && elapsed > WORTH_COMPARING {
            let start = Instant::now();
            for path in done {
                if let Err(reason) = again(path) {
                    // It was compressed, and that is what counts.
                    complain(format_args!("Not compared: {}: {reason}", path.display()));
                }
            }
            let one_core = start.elapsed().as_secs_f64();
            let times = one_core / seconds;
            tell(format_args!(
                "One core takes {one_core:.2}s, {times:.2} times as long"
            ));
        }
        jobs::write_log()?;
        Ok(ExitCode::from(u8::from(count != self.paths.len())))
    }
}

/// Prints a line. If that fails the program ends, and leaves no temporary file behind: quietly if
/// nobody reads any more, otherwise with a line that says so.
pub fn tell(line: fmt::Arguments<'_>) {
    match writeln!(io::stdout(), "{line}") {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => end(0),
        Err(error) => {
            complain(format_args!(
                "Error: cannot write to standard output: {error}"
            ));
            end(1);
        }
    }
}

/// What a shell says of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Ends the program in the middle of its work, where nothing is dropped.
fn end(status: i32) -> ! {
    remove_temporary();
    process::exit(status)
}

/// In less time than this, starting threads and making files is a good part of it.
const WORTH_COMPARING: Duration = Duration::from_millis(20);

/// Writes a file by `write`, with the permissions of `original`, and its name with an
/// `extension`. Under that name there is nothing before it is complete; if something fails
/// nothing is left of it. It is a [`Job`].
///
/// `write` returns the size of the original, in bytes.
///
/// # Errors
/// `original` is no file; the output exists already, and is left as it is, or cannot be
/// written; `write` failed.
pub fn write_beside(
    original: &Path,
    extension: &str,
    write: impl FnOnce(&File) -> Result<u64>,
) -> Result<Sizes> {
    let _job = Job::begin(original.display());
    let metadata = original.metadata()?;
    // To open a pipe would be to wait for somebody who writes to it.
    if !metadata.is_file() {
        return Err(Error::new("not a file"));
    }
    let mut output = original.as_os_str().to_owned();
    output.push(extension);
    let output = Path::new(&output);
    let exists = || Error::new(format!("{} exists already", output.display()));
    if output.symlink_metadata().is_ok() {
        return Err(exists());
    }
    let folder = match output.parent() {
        Some(folder) if folder != "" => folder,
        _ => Path::new("."),
    };
    let part = {
        let mut temporary = temporary();
        let mut part = tempfile::Builder::new();
        let part = part.prefix(".part-").tempfile_in(folder);
        let part = part.map_err(cannot_write(folder))?;
        temporary.push(part.path().to_owned());
        part
    };
    let before = write(part.as_file())?;
    let after = part.as_file().metadata()?.len();
    copy_permissions(&metadata, part.as_file())?;
    let _no_removal_meanwhile = temporary();
    match part.persist_noclobber(output) {
        Ok(_) => Ok(Sizes { before, after }),
        // Somebody else was faster.
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Err(exists()),
        Err(error) => Err(error.into()),
    }
}

/// Lets the same people read and write a file as the original, but gives it none of the rights
/// that a program may have.
#[cfg(unix)]
fn copy_permissions(original: &fs::Metadata, copy: &File) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = original.permissions().mode() & 0o777;
    Ok(copy.set_permissions(fs::Permissions::from_mode(permissions))?)
}

/// Elsewhere the folder says who may read what is in it.
#[cfg(not(unix))]
fn copy_permissions(_: &fs::Metadata, _: &File) -> Result<()> {
    Ok(())
}

/// Names the folder instead of a file in it that nobody asked for.
fn cannot_write(folder: &Path) -> impl FnOnce(io::Error) -> Error {
    move |error| {
        let reason = error.to_string().to_lowercase();
        let reason = reason.split(" (os error").next().unwrap_or_default();
        Error::new(format!("cannot write to {}: {reason}", folder.display()))
    }
}

/// Every temporary file and folder that there is or was. Whoever holds it may make one, rename
/// one or remove all.
fn temporary() -> MutexGuard<'static, Vec<PathBuf>> {
    static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
    TEMPORARY
        .lock()
        .expect("nothing panics while it holds them")
}

/// Removes them. From then on no thread can make another.
fn remove_temporary() {
    let temporary = temporary();
    for path in temporary.iter() {
        // Most are gone already.
        let _ = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
    }
    mem::forget(temporary);
}

const HELP: &str = "\
A file is one job: more workers than files are no faster.
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

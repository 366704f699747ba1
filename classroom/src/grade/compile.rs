//! Compiles what a student wrote: as cargo had the starter compiled, but by the compiler alone
//! and confined, for `include_str!` reads any file, and a constant may take for ever.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use shared::{Error, Result};

use super::confinement::{Broken, Confinement, Limits, Plan, root};
use super::crates::{Compiler, Ready};
use super::watching::{How, watch};

const LIMITS: Limits = Limits {
    time: Duration::from_secs(30),
    memory: 2 << 30,
    tasks: 200,
};

pub struct Compiled {
    /// Or why it could not be built.
    pub program: std::result::Result<PathBuf, String>,
    /// By the compiler.
    pub said: String,
}

/// Compiles a source in a folder of its own.
///
/// # Errors
/// There is no compiler, or no room; or somebody interrupts.
pub fn compile(
    confinement: &Confinement,
    ready: &Ready,
    exercise: &str,
    source: &str,
    folder: &Path,
) -> Result<Compiled> {
    let Compiler {
        program: compiler,
        variables,
        folder: from,
        ..
    } = &ready.compiler;
    let home = home_of(compiler)?;
    let compiler = home
        .join("bin")
        .join("rustc")
        .with_extension(std::env::consts::EXE_EXTENSION);
    let main = Path::new(exercise).join("src").join("main.rs");
    let written = folder.join(&main);
    let out = folder.join("out");
    fs::create_dir_all(written.parent().expect("it is in src"))?;
    fs::create_dir(&out)?;
    fs::write(&written, source)?;
    open_to_others(&out)?;
    let program = out.join(format!("program{}", std::env::consts::EXE_SUFFIX));
    let confined = matches!(confinement, Confinement::Bubblewrap(_));
    // Confined, it stands where cargo found the starter, and messages name it as for a student.
    let seen = if confined {
        main.clone()
    } else {
        written.clone()
    };
    let end = watch(
        &mut confinement.command(Plan {
            program: &compiler,
            arguments: arguments(&ready.compiler, &seen, &program),
            variables: variables.clone(),
            folder: from,
            visible: vec![
                (home.clone(), home.clone()),
                (dependencies(&ready.compiler), dependencies(&ready.compiler)),
                (written, from.join(&main)),
            ],
            writable: Some(out),
            limits: &LIMITS,
        })?,
        LIMITS.time + Duration::from_secs(5),
    )?;
    let seconds = LIMITS.time.as_secs();
    let reason = match end.how {
        How::Interrupted => return Err(Error::new("interrupted")),
        How::Ended(status) if status.success() => {
            let said = end.stderr;
            return Ok(Compiled {
                program: Ok(program),
                said,
            });
        }
        How::TookTooLong => format!("the compiler was not done after {seconds} s"),
        How::Ended(status) => match status.code().and_then(Broken::from_status) {
            Some(Broken::Time) => format!("the compiler was not done after {seconds} s"),
            Some(Broken::Memory) => format!(
                "the compiler needed more than {} GiB of memory",
                LIMITS.memory >> 30
            ),
            Some(Broken::Tasks) => "the compiler started too many threads".into(),
            None => {
                let error = end.stderr.lines().find(|line| line.starts_with("error"));
                error.map_or_else(
                    || format!("the compiler ended with {status}"),
                    str::to_owned,
                )
            }
        },
    };
    Ok(Compiled {
        program: Err(format!("does not build: {reason}")),
        said: end.stderr,
    })
}

/// What cargo said, but for the source, the place of the result, and messages that are for a reader.
fn arguments(call: &Compiler, source: &Path, program: &Path) -> Vec<OsString> {
    let left_out = ["--error-format", "--json", "--emit", "--diagnostic-width"];
    let mut arguments: Vec<OsString> = Vec::new();
    let mut all = call.arguments.iter().peekable();
    while let Some(argument) = all.next() {
        let next = all.peek().map(|next| next.as_str()).unwrap_or_default();
        let own = next.starts_with("extra-filename=") || next.starts_with("incremental=");
        if argument == "--out-dir" || argument == "-C" && own {
            all.next();
        } else if argument.ends_with("main.rs") {
            arguments.push(source.into());
        } else if !left_out.iter().any(|name| argument.starts_with(name)) {
            arguments.push(argument.into());
        }
    }
    arguments.push("--emit=link".into());
    arguments.push("--color=never".into());
    arguments.push("-o".into());
    arguments.push(program.into());
    arguments
}

/// Where the crates are that cargo had compiled before.
fn dependencies(call: &Compiler) -> PathBuf {
    let places = call
        .arguments
        .iter()
        .filter_map(|argument| argument.strip_prefix("dependency="));
    places.map(PathBuf::from).next().unwrap_or_default()
}

/// The folder of the compiler and its standard library.
fn home_of(compiler: &Path) -> Result<PathBuf> {
    let output = Command::new(compiler).args(["--print", "sysroot"]).output();
    let output =
        output.map_err(|error| Error::from(error).while_doing("cannot start the compiler"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().into())
}

/// Whom root's processes turn into must write there.
#[cfg(unix)]
fn open_to_others(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if root() { 0o777 } else { 0o700 };
    Ok(fs::set_permissions(
        folder,
        fs::Permissions::from_mode(mode),
    )?)
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Result<()> {
    Ok(())
}

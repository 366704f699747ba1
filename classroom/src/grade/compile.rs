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
use crate::watching::{How, watch};

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
            None => first_error(&end.stderr)
                .unwrap_or_else(|| format!("the compiler ended with {status}")),
        },
    };
    Ok(Compiled {
        program: Err(format!("does not build: {reason}")),
        said: end.stderr,
    })
}

/// The first error in a line: what it is, what is written beside its mark, and where it is.
fn first_error(said: &str) -> Option<String> {
    let mut lines = said.lines().skip_while(|line| !line.starts_with("error"));
    let mut error = lines.next()?.to_owned();
    let mut lines = lines.take_while(|line| !line.is_empty());
    let place = lines.find_map(|line| line.trim_start().strip_prefix("--> "));
    let mark = lines.find_map(|line| line.rsplit_once('^'));
    let beside = mark.map_or("", |(_, beside)| beside.trim());
    // Some errors say the same twice.
    if !beside.is_empty() && !error.contains(beside) {
        error += &format!(": {beside}");
    }
    let place = place.and_then(|place| place.rsplit_once("src/main.rs:")?.1.split_once(':'));
    if let Some((line, _)) = place {
        error += &format!(" (src/main.rs, line {line})");
    }
    Some(error)
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

#[cfg(test)]
mod tests {
    use super::first_error;

    #[test]
    fn an_error_is_told_with_its_reason_and_its_place() {
        let said = "warning: unused import: `a`\n --> sync-cpu/src/main.rs:1:5\n\n\
                    error[E0308]: mismatched types\n --> sync-cpu/src/main.rs:2:17\n  |\n\
                    2 |     let a: u8 = \"one\";\n  |            --   ^^^^^ expected `u8`, found `&str`\n\n\
                    error: aborting due to 1 previous error\n";
        let told =
            "error[E0308]: mismatched types: expected `u8`, found `&str` (src/main.rs, line 2)";
        assert_eq!(first_error(said).as_deref(), Some(told));
    }

    #[test]
    fn an_error_is_told_once() {
        let said = "error: unexpected closing delimiter: `}`\n --> src/main.rs:2:1\n  |\n\
                    1 | fn main() {}\n  |            - the block is closed here\n\
                    2 | }\n  | ^ unexpected closing delimiter\n\n";
        let told = "error: unexpected closing delimiter: `}` (src/main.rs, line 2)";
        assert_eq!(first_error(said).as_deref(), Some(told));
    }

    #[test]
    fn an_error_without_a_place_is_told_as_it_is() {
        let said = "error: cannot find `main`\n\nerror: aborting\n --> src/main.rs:1:1\n";
        assert_eq!(
            first_error(said).as_deref(),
            Some("error: cannot find `main`")
        );
        assert_eq!(first_error("killed\n"), None);
    }
}

//! Lets cargo build the programs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, io};

use shared::{Error, Result};

use super::listening::Listener;
use super::process::Process;
use crate::options::Options;
use crate::programs::Program;

/// Where the programs are.
pub fn executables(options: &Options) -> Result<BTreeMap<String, PathBuf>> {
    let programs = options.programs.iter();
    let programs = programs.filter(|program| program.twin.is_none() && program.lacks().is_none());
    if let Some(folder) = &options.folder {
        let files = programs.map(|program| (program.name.to_owned(), file_in(folder, program)));
        return Ok(files.filter(|(_, file)| file.exists()).collect());
    }
    // Cargo builds what it is given at once with the features of all, those of `shared` too. What
    // needs one that is off by default is built alone, or it would make other programs of the rest
    // than those that `cargo run` runs.
    let (plain, special): (Vec<_>, Vec<_>) =
        programs.partition(|program| program.feature().is_none());
    let alone = special.into_iter().map(|program| vec![program]);
    let mut built = BTreeMap::new();
    for programs in [plain]
        .into_iter()
        .chain(alone)
        .filter(|programs| !programs.is_empty())
    {
        built.extend(build(&programs, options)?);
    }
    Ok(built)
}

/// Where a program is in a folder, as cargo does it: `target/release/sync-cpu`,
/// `target/release/examples/remembered`.
pub fn file_in(folder: &Path, program: &Program) -> PathBuf {
    let folder = match program.varies() {
        Some(_) => folder.join("examples"),
        None => folder.to_owned(),
    };
    folder.join(format!("{}{}", program.name, env::consts::EXE_SUFFIX))
}

/// Whether this very program was built with optimisation; it builds the others likewise.
pub const PROFILE: &str = if cfg!(debug_assertions) {
    "dev"
} else {
    "release"
};

/// Lets cargo build the programs; those that do not compile are missing.
fn build(programs: &[&&Program], options: &Options) -> Result<BTreeMap<String, PathBuf>> {
    let mut build = cargo();
    build
        .args(["build", "--keep-going", "--profile", PROFILE])
        .arg("--manifest-path")
        .arg(workspace(options)?)
        .arg("--message-format=json-render-diagnostics");
    for program in programs {
        build.args(["--package", program.lesson().program.name]);
        match program.varies() {
            Some(_) => build.args(["--example", program.name]),
            None => build.args(["--bin", program.name]),
        };
        if let Some(feature) = program.feature() {
            build.args(["--features", feature]);
        }
    }
    let mut cargo = Process::start(build.stdout(Stdio::piped())).map_err(no_cargo)?;
    let built = Listener::start(
        cargo.child.stdout.take(),
        |built: &mut BTreeMap<_, _>, line| {
            built.extend(built_executable(line));
        },
    )
    .map_err(|error| Error::from(error).while_doing("cannot listen to cargo"))?;
    cargo.attend(Duration::MAX, |_| {})?;
    Ok(built.heard())
}

fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What the cargo that started this told it of itself would have some crates built again, and
    // once more by the next `cargo run` of a program.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    cargo
}

fn no_cargo(error: io::Error) -> Error {
    Error::from(error).while_doing("cannot start cargo")
}

/// The manifest of the workspace that is to be measured: the one whose `cargo run` started this,
/// or else the one around the current folder. Where this program was compiled says nothing: the
/// workspace may have been copied or moved since.
fn workspace(options: &Options) -> Result<PathBuf> {
    let started_by = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let folders = started_by.into_iter().chain(env::current_dir().ok());
    for folder in folders.filter(|folder| folder.is_dir()) {
        if let Some(manifest) = workspace_around(&folder)?
            && has_programs(&manifest, options)
        {
            return Ok(manifest);
        }
    }
    Err(Error::new(
        "there is no workspace with the programs around the current folder; go there, or name \
         the folder of built programs with --programs",
    ))
}

fn workspace_around(folder: &Path) -> Result<Option<PathBuf>> {
    let found = cargo()
        .args(["locate-project", "--workspace", "--message-format", "plain"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(no_cargo)?;
    let manifest = String::from_utf8_lossy(&found.stdout).trim_end().to_owned();
    Ok(found.status.success().then(|| manifest.into()))
}

fn has_programs(manifest: &Path, options: &Options) -> bool {
    let folder = |program: &&Program| manifest.with_file_name(program.lesson().program.name);
    options
        .programs
        .iter()
        .any(|program| folder(program).is_dir())
}

/// The name and the place of an executable, if that is what a message of cargo's is about.
fn built_executable(message: &str) -> Option<(String, PathBuf)> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let name = message["target"]["name"].as_str()?;
    Some((name.into(), message["executable"].as_str()?.into()))
}

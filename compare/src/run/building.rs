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
    let Some(folder) = &options.folder else {
        return build(options);
    };
    // As cargo does it: `target/release/sync-cpu`, `target/release/examples/remembered`.
    let file = |program: &&Program| {
        let folder = match program.varies() {
            Some(_) => folder.join("examples"),
            None => folder.clone(),
        };
        folder.join(format!("{}{}", program.name, env::consts::EXE_SUFFIX))
    };
    let programs = options.programs.iter();
    let files = programs.map(|program| (program.name.to_owned(), file(program)));
    Ok(files.filter(|(_, file)| file.exists()).collect())
}

/// Whether this very program was built with optimisation; it builds the others likewise.
pub const PROFILE: &str = if cfg!(debug_assertions) {
    "dev"
} else {
    "release"
};

/// Lets cargo build the programs; those that do not compile are missing.
fn build(options: &Options) -> Result<BTreeMap<String, PathBuf>> {
    let mut build = cargo();
    build
        .args(["build", "--keep-going", "--profile", PROFILE])
        .arg("--manifest-path")
        .arg(workspace(options)?)
        .args(["--message-format=json-render-diagnostics", "--bins"]);
    for program in &options.programs {
        build.args(["--package", program.lesson().program.name]);
        if program.varies().is_some() {
            build.args(["--example", program.name]);
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
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
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

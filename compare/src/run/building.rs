//! Lets cargo build the programs.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use shared::{Error, Result};

use super::watching::{Attended, attend, listen};
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
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--keep-going", "--profile", PROFILE])
        .args([
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"),
        ])
        .args(["--message-format=json-render-diagnostics", "--bins"]);
    for program in &options.programs {
        cargo.args(["--package", program.lesson().program.name]);
        if program.varies().is_some() {
            cargo.args(["--example", program.name]);
        }
    }
    let mut child = cargo
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| Error::from(error).while_doing("cannot start cargo"))?;
    let built = listen(child.stdout.take(), BTreeMap::new(), |mut built, line| {
        built.extend(built_executable(line));
        built
    });
    match attend(child, &built, Duration::MAX, |_| {})? {
        Attended::Ended { output, .. } => Ok(output.unwrap_or_default()),
        Attended::Hung => unreachable!("it may take as long as it likes"),
    }
}

/// The name and the place of an executable, if that is what a message of cargo's is about.
fn built_executable(message: &str) -> Option<(String, PathBuf)> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let name = message["target"]["name"].as_str()?;
    Some((name.into(), message["executable"].as_str()?.into()))
}

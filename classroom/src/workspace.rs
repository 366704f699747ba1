//! Where the programs are that exercises are made from.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use shared::{Error, Result};

use crate::watching::{How, watch};

/// The workspace that this tool was built in.
pub struct Workspace(PathBuf);

impl Workspace {
    /// # Errors
    /// It is not there any more.
    pub fn find() -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = folder.parent().unwrap_or(folder);
        if !root.join("shared/Cargo.toml").is_file() {
            return Err(Error::new(format!(
                "the programs are gone: this was built in {}; build it again where they are",
                root.display()
            )));
        }
        Ok(Self(root.into()))
    }

    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.0.join(path)
    }

    /// # Errors
    /// The file cannot be read; the error names it.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<String> {
        let path = self.path(path);
        fs::read_to_string(&path).map_err(|error| {
            Error::from(error).while_doing(&format!("cannot read {}", path.display()))
        })
    }

    /// A command of cargo's that asks no network. It is called from the workspace, so that it
    /// finds the crates where the workspace's settings say.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args(&arguments[..1])
            .arg("--offline")
            .args(&arguments[1..])
            .current_dir(&self.0);
        cargo
    }
}

/// Runs cargo, or what it built, for as long as it takes, and returns what that printed.
///
/// # Errors
/// There is no cargo, it fails, or somebody interrupts.
pub fn finish(command: &mut Command) -> Result<String> {
    let end = watch(command, Duration::MAX).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            Error::new("there is no cargo: is Rust installed (https://rustup.rs)?")
        }
        _ => error.into(),
    })?;
    match end.how {
        How::Ended(status) if status.success() => Ok(end.stdout),
        How::Ended(_) => Err(Error::new(trouble(&end.stderr))),
        How::TookTooLong | How::Interrupted => Err(Error::new("interrupted")),
    }
}

/// What went wrong, in a line, and what helps if a crate is not there.
fn trouble(said: &str) -> String {
    let lines = said.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| line.starts_with("error")).collect();
    let words = lines.join(" ");
    match said.contains("--offline") {
        true => format!("{words}; `cargo fetch --locked` with a network brings it"),
        false => words,
    }
}

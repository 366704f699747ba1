//! Where the programs are that exercises are made from.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use shared::{Error, Result};

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

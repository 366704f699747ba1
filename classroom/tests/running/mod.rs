//! Runs `classroom` as a teacher would.

#![allow(dead_code, reason = "no test needs all of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A folder that is gone when the test ends.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder can be made"))
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub fn write(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("folders can be made");
        fs::write(path, text).expect("a file can be written");
    }

    pub fn read(&self, name: impl AsRef<Path>) -> String {
        read(&self.path(name))
    }

    /// What is in it, by name.
    pub fn names(&self) -> Vec<String> {
        names(self.0.path())
    }
}

pub fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What is in a folder, by name.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder can be read");
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut names: Vec<String> = entries.map_while(Result::ok).map(name).collect();
    names.sort();
    names
}

/// The workspace.
pub fn workspace() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    folder.parent().expect("it is in one").into()
}

pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_classroom"));
    command.args(arguments);
    command
}

/// What it printed and how it ended.
pub struct Run {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

pub fn run(command: &mut Command) -> Run {
    command.output().expect("it starts").into()
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            // Tests that grade at the same time wait for each other.
            text.replace("Waiting for another grading to end\n", "")
        });
        Self {
            status: output.status.code(),
            stdout,
            stderr,
        }
    }
}

impl Run {
    #[track_caller]
    pub fn expect(&self, status: i32) -> &Self {
        let Self { stdout, stderr, .. } = self;
        assert!(
            self.status == Some(status),
            "{:?}\n{stdout}\n{stderr}",
            self.status
        );
        self
    }

    /// It failed with one line, which says this.
    #[track_caller]
    pub fn refuses(&self, status: i32, says: &str) {
        self.expect(status);
        let Self { stdout, stderr, .. } = self;
        assert!(
            stderr.lines().count() == 1 && stderr.contains(says),
            "{stderr}"
        );
        assert!(stdout.is_empty(), "{stdout}");
    }
}

/// What takes the least to build and to run.
pub const EXERCISE: &str = "sync-cpu";

pub fn solution() -> String {
    read(&workspace().join("sync-cpu/src/main.rs"))
}

pub fn hand_in(folder: &Folder, student: &str, source: impl AsRef<[u8]>) {
    folder.write(format!("class/{student}/{EXERCISE}/src/main.rs"), source);
}

/// Grades the class; what this machine has against strangers makes no difference here.
pub fn grade(folder: &Folder, options: &[&str]) -> Run {
    let mut command = command(&["grade", "--unconfined", "--json"]);
    command
        .args([folder.path("grades.json"), folder.path("class")])
        .args(options);
    run(&mut command)
}

pub fn grades(folder: &Folder) -> Vec<Value> {
    let grades: Value = serde_json::from_str(&folder.read("grades.json")).expect("it is JSON");
    grades.as_array().expect("a list").clone()
}

#[track_caller]
pub fn grade_of(folder: &Folder, student: &str) -> (u64, u64, String) {
    let grades = grades(folder);
    let grade = grades.iter().find(|grade| grade["student"] == student);
    let grade = grade.unwrap_or_else(|| panic!("{student} has no grade: {grades:?}"));
    let number = |name: &str| grade[name].as_u64().expect("a number");
    let reason = grade["reason"].as_str().unwrap_or_default();
    (number("points"), number("of"), reason.to_owned())
}

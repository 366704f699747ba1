//! Builds what the teacher brings: the crates that an exercise uses, and its tests.
//!
//! Cargo does that, on nothing but the teacher's files. A student's file is compiled later, by
//! the compiler alone, in the same way as cargo had the starter compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde::{Deserialize, Serialize};
use shared::output::complain;
use shared::{Error, Result};

use crate::exercises::{self, Exercise};
use crate::hand_out;
use crate::workspace::{Workspace, finish};

/// An exercise that is ready to be graded.
pub struct Ready {
    /// The tests, built.
    pub tests: PathBuf,
    /// Where they expect the program.
    pub program: PathBuf,
    /// What they check, in their order.
    pub checks: Vec<String>,
    /// How the program is compiled.
    pub compiler: Compiler,
}

/// A call of the compiler.
#[derive(Clone, Deserialize, Serialize)]
pub struct Compiler {
    pub program: PathBuf,
    pub arguments: Vec<String>,
    /// What cargo tells a program of its crate.
    pub variables: BTreeMap<String, String>,
    pub folder: PathBuf,
}

/// The place of what is built, which this process alone uses until it is dropped.
pub struct Place {
    pub folder: PathBuf,
    _lock: File,
}

impl Place {
    /// # Errors
    /// It cannot be made.
    pub fn take(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.path("target/classroom");
        let cannot =
            |error| Error::from(error).while_doing(&format!("cannot use {}", folder.display()));
        fs::create_dir_all(&folder).map_err(cannot)?;
        let lock = File::create(folder.join(".lock")).map_err(cannot)?;
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            complain(format_args!("Waiting for another grading to end"));
            lock.lock().map_err(cannot)?;
        }
        Ok(Self {
            folder,
            _lock: lock,
        })
    }
}

/// Builds the exercises of these names.
///
/// # Errors
/// There is no cargo, or a crate is not to be had without a network.
pub fn build(
    workspace: &Workspace,
    place: &Place,
    names: &BTreeSet<String>,
    mut meanwhile: impl FnMut(&str),
) -> Result<BTreeMap<String, Ready>> {
    // All of them, whichever are graded, so that nothing is built again for another selection.
    let all = exercises::all(workspace)?;
    let folder = place.folder.join("crates");
    let files = hand_out::files(workspace, &all)?;
    hand_out::write(&files, &folder)
        .and_then(|()| hand_out::lock(workspace, &folder))
        .map_err(|error| error.while_doing("cannot prepare the crates"))?;
    let mut ready = BTreeMap::new();
    for exercise in all.iter().filter(|exercise| names.contains(&exercise.name)) {
        meanwhile(&exercise.name);
        ready.insert(
            exercise.name.clone(),
            build_one(workspace, place, exercise)?,
        );
    }
    Ok(ready)
}

fn build_one(workspace: &Workspace, place: &Place, exercise: &Exercise) -> Result<Ready> {
    let name = &exercise.name;
    let crates = place.folder.join("crates");
    let records = place.folder.join("calls");
    fs::create_dir_all(&records)?;
    let record = records.join(name.replace('-', "_")).with_extension("json");
    if !record.exists() {
        // Cargo calls the compiler for what has changed only.
        File::options()
            .append(true)
            .open(crates.join(name).join("src/main.rs"))?
            .set_modified(std::time::SystemTime::now())?;
    }
    let mut cargo = workspace.cargo(&["test", "--no-run", "--test=lesson", "--package", name]);
    cargo
        .arg("--message-format=json-render-diagnostics")
        .arg("--manifest-path")
        .arg(crates.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", place.folder.join("target"))
        .env("RUSTC_WORKSPACE_WRAPPER", env::current_exe()?)
        .env(RECORDS, &records)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    let built = finish(&mut cargo)
        .map_err(|error| error.while_doing(&format!("the tests of {name} cannot be built")))?;
    let executable = |kind: &str| {
        let messages = built
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        let of_kind = |message: serde_json::Value| {
            let is = message["target"]["kind"][0] == kind;
            is.then(|| message["executable"].as_str().map(PathBuf::from))
                .flatten()
        };
        let executable = messages.filter_map(of_kind).next_back();
        executable.ok_or_else(|| Error::new(format!("cargo built no {kind} of {name}")))
    };
    let tests = executable("test")?;
    let listed = finish(Command::new(&tests).arg("--list"))
        .map_err(|error| error.while_doing(&format!("the tests of {name} do not run")))?;
    let checks = listed
        .lines()
        .filter_map(|line| line.strip_suffix(": test"));
    let call = fs::read_to_string(&record).map_err(|error| {
        Error::from(error).while_doing("cannot read how cargo calls the compiler")
    })?;
    Ok(Ready {
        checks: checks.map(str::to_owned).collect(),
        program: executable("bin")?,
        tests,
        compiler: serde_json::from_str(&call)?,
    })
}

/// Where calls of the compiler are noted, if cargo calls this program in its place.
const RECORDS: &str = "CLASSROOM_RECORDS";

/// If cargo has called this program in the compiler's place: notes the call if it is for a
/// program, and lets the compiler do it.
pub fn stand_in_for_the_compiler() -> Option<Result<ExitCode>> {
    let records = env::var_os(RECORDS)?;
    Some(note(Path::new(&records)))
}

fn note(records: &Path) -> Result<ExitCode> {
    let mut arguments = env::args().skip(1);
    let program = arguments
        .next()
        .ok_or_else(|| Error::new("there is no compiler"))?;
    let arguments: Vec<String> = arguments.collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    let is_program = after("--crate-type").is_some_and(|kind| kind == "bin");
    if let (true, Some(name)) = (is_program, after("--crate-name")) {
        // What else is called like them may be a password for a registry.
        let of_the_crate = |name: &str| {
            let names = ["CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_MANIFEST_DIR"];
            name.starts_with("CARGO_PKG_") || names.contains(&name)
        };
        let variables = env::vars().filter(|(name, _)| of_the_crate(name));
        let call = Compiler {
            program: program.clone().into(),
            arguments: arguments.clone(),
            variables: variables.collect(),
            folder: env::current_dir()?,
        };
        fs::write(
            records.join(name).with_extension("json"),
            serde_json::to_vec(&call)?,
        )?;
    }
    let status = Command::new(program).args(arguments).status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}

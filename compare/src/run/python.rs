//! An interpreter of Python, and the programs that it runs: the folder `compare/python`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use shared::output::{counted, harmless};
use shared::{Error, Result};
use tempfile::TempDir;

use super::listening::Listener;
use super::process::{Attended, Process};
use crate::interruption::temporary_folder;
use crate::programs::{Model, Program, Work};

/// An interpreter that somebody asked for.
pub struct Python {
    interpreter: PathBuf,
    answer: Answer,
    /// Where the programs are: those that this very program was built with.
    folder: TempDir,
}

/// What an interpreter said of itself.
#[derive(Default)]
struct Answer {
    /// `None`: it said nothing that a Python of today says.
    version: Option<String>,
    free_threaded: bool,
    packages: Vec<String>,
    complaint: Option<String>,
}

/// An import compiles what is not compiled yet: no run should have to do so.
const QUESTION: &str = r#"
import platform, sysconfig
print("version", platform.python_version())
if sysconfig.get_config_var("Py_GIL_DISABLED"):
    print("free-threaded")
for package in "requests", "aiohttp":
    try:
        __import__(package)
        print("has", package)
    except ImportError:
        pass
"#;

/// How long an interpreter may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The oldest that the packages of `requirements.txt` run on.
const OLDEST: (u32, u32) = (3, 10);

const FILES: [(&str, &str); 10] = [
    ("async_cpu.py", include_str!("../../python/async_cpu.py")),
    (
        "async_downloader.py",
        include_str!("../../python/async_downloader.py"),
    ),
    (
        "computations.py",
        include_str!("../../python/computations.py"),
    ),
    ("downloads.py", include_str!("../../python/downloads.py")),
    (
        "process_cpu.py",
        include_str!("../../python/process_cpu.py"),
    ),
    (
        "process_downloader.py",
        include_str!("../../python/process_downloader.py"),
    ),
    ("sync_cpu.py", include_str!("../../python/sync_cpu.py")),
    (
        "sync_downloader.py",
        include_str!("../../python/sync_downloader.py"),
    ),
    (
        "threaded_cpu.py",
        include_str!("../../python/threaded_cpu.py"),
    ),
    (
        "threaded_downloader.py",
        include_str!("../../python/threaded_downloader.py"),
    ),
];

impl Python {
    /// Asks an interpreter what it is and has, and puts the programs where it finds them.
    ///
    /// # Errors
    /// There is no room for the programs, or somebody interrupts. An interpreter that is not
    /// there [lacks](Self::lacks) everything.
    pub fn ask(interpreter: &Path) -> Result<Self> {
        let no_room = |error| Error::from(error).while_doing("cannot put the Python programs down");
        let folder = temporary_folder().map_err(no_room)?;
        for (name, text) in FILES {
            fs::write(folder.path().join(name), text).map_err(no_room)?;
        }
        Ok(Self {
            interpreter: interpreter.to_owned(),
            answer: answer(interpreter)?,
            folder,
        })
    }

    /// What it is, in words.
    pub fn name(&self) -> Option<String> {
        let kind = if self.answer.free_threaded {
            "free-threaded Python"
        } else {
            "Python"
        };
        let version = self.answer.version.as_ref()?;
        Some(format!("{kind} {version}"))
    }

    /// Whether it can run a program, as far as it said; of one in Rust nothing is asked.
    pub fn runs(&self, program: &Program) -> bool {
        let has = |package: &str| self.answer.packages.iter().any(|had| had == package);
        match program.work {
            _ if program.twin.is_none() => true,
            Work::Downloads => self.answer.version.is_some() && has(package(program)),
            Work::Computations => self.answer.version.is_some(),
        }
    }

    /// Says in a line why it cannot run `programs`, and what to type so that it can; `None` if
    /// there is nothing that it lacks.
    pub fn lacks(&self, programs: &[&Program]) -> Option<String> {
        let interpreter = self.interpreter.display();
        if self.answer.version.is_none() {
            let complaint = self.answer.complaint.as_deref();
            let (major, minor) = OLDEST;
            return Some(format!(
                "{interpreter} {}; without Python its programs are left out. Install Python \
                 {major}.{minor} or later, or say where it is: --python INTERPRETER",
                complaint.unwrap_or("is no Python 3"),
            ));
        }
        let left_out: Vec<_> = programs
            .iter()
            .filter(|program| !self.runs(program))
            .collect();
        let missing: BTreeSet<&str> = left_out.iter().map(|program| package(program)).collect();
        let [pip, python] = if cfg!(windows) {
            [r"..\venv\Scripts\pip", r"..\venv\Scripts\python"]
        } else {
            ["../venv/bin/pip", "../venv/bin/python"]
        };
        (!missing.is_empty()).then(|| {
            format!(
                "{interpreter} lacks {}, and cannot run {}. Type `{interpreter} -m venv ../venv` \
                 and `{pip} install -r compare/python/requirements.txt`, then run this with \
                 --python {python}",
                Vec::from_iter(missing).join(" and "),
                counted(left_out.len(), "program"),
            )
        })
    }

    /// The command that runs a program.
    pub fn command(&self, program: &Program) -> Command {
        let mut command = Command::new(&self.interpreter);
        command
            .arg(self.folder.path().join(program.name))
            // The site is no place for a proxy; that of the environment may be a company's.
            .envs(["NO_PROXY", "no_proxy"].map(|name| (name, "127.0.0.1")));
        command
    }
}

/// The package that a downloader needs.
fn package(program: &Program) -> &'static str {
    match program.model {
        Model::EventLoop => "aiohttp",
        _ => "requests",
    }
}

fn answer(interpreter: &Path) -> Result<Answer> {
    let mut command = Command::new(interpreter);
    command.args(["-c", QUESTION]);
    let started = Process::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
    let mut process = match started {
        Ok(process) => process,
        Err(error) => {
            let reason = Error::from(error).while_doing("cannot be started");
            return Ok(Answer {
                complaint: Some(reason.to_string()),
                ..Answer::default()
            });
        }
    };
    let said = Listener::start(process.child.stdout.take(), Answer::note)
        .map_err(|error| Error::from(error).while_doing("cannot listen to Python"))?;
    Ok(match process.attend(PATIENCE, |_| {})? {
        Attended::Ended { .. } => said.heard(),
        Attended::Hung => Answer {
            complaint: Some(format!("said nothing within {} s", PATIENCE.as_secs())),
            ..Answer::default()
        },
    })
}

impl Answer {
    fn note(&mut self, line: &str) {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["version", version] if is_new_enough(version) => {
                self.version = Some(harmless(version).into_owned());
            }
            ["version", version] => {
                self.complaint = Some(format!("is only Python {}", harmless(version)));
            }
            ["free-threaded"] => self.free_threaded = true,
            ["has", package] => self.packages.push(package.into()),
            _ => {}
        }
    }
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= OLDEST,
        _ => false,
    }
}

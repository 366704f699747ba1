//! The exercises: each is a file `classroom/exercises/NAME.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use shared::{Error, Result};

use crate::workspace::Workspace;

/// An exercise, as its file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Exercise {
    /// As the program, example or mistake is called that it is made from: the file's name.
    #[serde(skip)]
    pub name: String,
    pub title: String,
    pub kind: Kind,
    /// From 1 to 3.
    pub level: u8,
    pub minutes: u16,
    /// Its prerequisites: what must be known before.
    pub before: String,
    /// What the finished program does, in a sentence.
    pub job: String,
    /// What the starter is made from.
    pub source: PathBuf,
    /// What passes; of what is emptied, the source itself.
    pub solution: Option<PathBuf>,
    /// The program whose tests grade it, and whose manifest has the dependencies.
    pub lesson: String,
    /// The only crates that it may use, beside `shared`.
    pub dependencies: Vec<String>,
    /// The features of `shared`, if they are not those that the lesson has.
    pub shared: Option<Vec<String>>,
    /// Which function is emptied, if one is.
    pub function: Option<String>,
    /// What else goes: items by their name, macros by theirs.
    #[serde(default)]
    pub without: Vec<String>,
    /// Imports that stay though nothing in the starter needs them.
    #[serde(default)]
    pub given: Vec<String>,
    /// Words of the lesson's tests that are others here.
    #[serde(default)]
    pub tests: BTreeMap<String, String>,
    pub task: String,
    pub look_at: String,
    /// Hints of its own, instead of those for all programs of its sort, by check.
    #[serde(default)]
    pub hints: Vec<Hint>,
}

/// Two hints for one check.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    pub check: String,
    pub first: String,
    pub second: String,
}

#[derive(Deserialize)]
struct HintFile {
    /// In their order, if the file is for all programs of a sort.
    #[serde(default)]
    checks: Vec<String>,
    hints: Vec<Hint>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A function is empty.
    Write,
    /// Something is wrong.
    Mend,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Mend => "mend",
        }
    }
}

impl Exercise {
    /// # Errors
    /// There is none of that name, or its file makes no sense.
    pub fn read(workspace: &Workspace, name: &str) -> Result<Self> {
        let text = workspace.read(folder().join(name).with_extension("toml"))?;
        let exercise: Self = toml_edit::de::from_str(&text)
            .map_err(|error| Error::new(format!("exercises/{name}.toml: {}", error.message())))?;
        Ok(Self {
            name: name.to_owned(),
            ..exercise
        })
    }

    /// Where its solution is.
    pub fn solution(&self) -> &Path {
        self.solution.as_deref().unwrap_or(&self.source)
    }

    /// The hints for all programs of its sort, for its model, and its own, in the order of the
    /// checks.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn hints(&self, workspace: &Workspace) -> Result<Vec<Hint>> {
        let sort = match &*self.lesson {
            "sync-cpu" | "parallel-cpu" => "computer",
            _ => "downloader",
        };
        let HintFile { checks, mut hints } = HintFile::read(workspace, sort)?;
        let of_model = HintFile::read(workspace, &self.lesson)?.hints;
        for hint in of_model.into_iter().chain(self.hints.clone()) {
            hints.retain(|other| other.check != hint.check);
            hints.push(hint);
        }
        let place = |hint: &Hint| checks.iter().position(|check| *check == hint.check);
        hints.sort_by_key(|hint| place(hint).unwrap_or(checks.len()));
        Ok(hints)
    }
}

impl HintFile {
    fn read(workspace: &Workspace, name: &str) -> Result<Self> {
        let text = workspace.read(folder().join("hints").join(name).with_extension("toml"))?;
        toml_edit::de::from_str(&text)
            .map_err(|error| Error::new(format!("hints/{name}.toml: {}", error.message())))
    }
}

fn folder() -> PathBuf {
    Path::new("classroom").join("exercises")
}

/// The names of all exercises.
///
/// # Errors
/// The folder cannot be read.
pub fn names(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.path(folder());
    let cannot = |error| {
        Error::from(error).while_doing(&format!(
            "cannot read the exercises in {}",
            folder.display()
        ))
    };
    let mut names = Vec::new();
    for file in fs::read_dir(&folder).map_err(cannot)? {
        let path = file.map_err(cannot)?.path();
        let is_exercise = path
            .extension()
            .is_some_and(|extension| extension == "toml");
        if let (true, Some(name)) = (is_exercise, path.file_stem()) {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// All exercises: those of a lesson together, itself first, then the easy ones.
///
/// # Errors
/// One cannot be read.
pub fn all(workspace: &Workspace) -> Result<Vec<Exercise>> {
    let names = names(workspace)?;
    let read = |name: &String| Exercise::read(workspace, name);
    let mut exercises = names.iter().map(read).collect::<Result<Vec<_>>>()?;
    let lesson = |exercise: &Exercise| LESSONS.iter().position(|name| *name == exercise.lesson);
    exercises.sort_by_key(|exercise| {
        let is_lesson = exercise.name == exercise.lesson;
        (
            lesson(exercise),
            !is_lesson,
            exercise.level,
            exercise.minutes,
        )
    });
    Ok(exercises)
}

/// The programs, in the order in which they are taught.
const LESSONS: [&str; 6] = [
    "sync-downloader",
    "threaded-downloader",
    "async-downloader",
    "process-downloader",
    "sync-cpu",
    "parallel-cpu",
];

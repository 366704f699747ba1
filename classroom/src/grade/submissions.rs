//! Finds what was handed in: `FOLDER/STUDENT/EXERCISE/src/main.rs`.
//!
//! Of all that a student hands in only that one file is looked at, and only if it is a plain
//! file in plain folders: a link could lead to anybody's.

use std::ffi::OsString;
use std::fs::{self, File, FileType};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use shared::{Error, Result};

use super::grades::shown;
use super::misplaced::Sources;

/// The largest file that anybody could have written by hand, in bytes.
const LARGEST: u64 = 256 * 1024;

/// What a student handed in for an exercise.
pub struct Submission {
    /// The name of the student's folder.
    pub student: OsString,
    pub exercise: String,
    /// The text of `main.rs`, or why there is none.
    pub source: std::result::Result<String, String>,
}

impl Submission {
    /// What it is and whose, as far as that can be shown.
    pub fn name(&self) -> String {
        let student = shown(&self.student.to_string_lossy());
        format!("{} of {student}", self.exercise)
    }
}

/// The students of a folder.
///
/// # Errors
/// The folder cannot be read, or there are none in it.
pub fn students(folder: &Path) -> Result<Vec<OsString>> {
    let students = folders(folder).map_err(|error| {
        Error::from(error).while_doing(&format!("cannot read {}", folder.display()))
    })?;
    if students.is_empty() {
        return Err(Error::new(format!(
            "there are no folders of students in {}: expected STUDENT/EXERCISE/src/main.rs",
            folder.display()
        )));
    }
    Ok(students)
}

/// The folders in a folder, in order of their names. Hidden ones and links are none.
fn folders(folder: &Path) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if entry.file_type()?.is_dir() && !hidden {
            names.push(entry.file_name());
        }
    }
    names.sort_by_cached_key(|name| (name.to_string_lossy().to_lowercase(), name.clone()));
    Ok(names)
}

/// A student's folder.
pub struct Student<'a> {
    class: &'a Path,
    name: &'a OsString,
    /// The exercises that there is a folder for.
    exercises: Vec<OsString>,
    sources: Sources,
}

impl<'a> Student<'a> {
    /// Looks at what is there for which of the known exercises.
    pub fn find(class: &'a Path, name: &'a OsString, known: &[String]) -> Self {
        let folder = class.join(name);
        Self {
            class,
            name,
            exercises: folders(&folder).unwrap_or_default(),
            sources: Sources::find(&folder, known),
        }
    }

    /// Whether there is something for an exercise, be it at the wrong place.
    pub fn has(&self, exercise: &str) -> bool {
        self.exercises.iter().any(|name| name == exercise)
            || self.sources.exercises().any(|name| name == exercise)
    }

    /// A source that is for no exercise that is known, and its way from the class's folder.
    pub fn stray(&self) -> Option<String> {
        let stray = self.sources.stray()?;
        Some(with_slashes(&Path::new(self.name).join(stray)))
    }

    /// Reads what was handed in for an exercise. Whoever hands the starter back has no answer.
    pub fn read(&self, exercise: &str, starter: &str) -> Submission {
        let source = match self.source(exercise) {
            Ok(Some(source)) if same(&source, starter) => {
                Err("src/main.rs is as it was handed out".into())
            }
            Ok(Some(source)) if source.trim().is_empty() => Err("src/main.rs is empty".into()),
            Ok(Some(source)) => Ok(source),
            Ok(None) => Err(self.what_is_missing(exercise)),
            Err(reason) => Err(reason),
        };
        Submission {
            student: self.name.clone(),
            exercise: exercise.to_owned(),
            source,
        }
    }

    /// The text of `main.rs`, if there is one.
    fn source(&self, exercise: &str) -> std::result::Result<Option<String>, String> {
        let folder = self.class.join(self.name).join(exercise);
        let src = folder.join("src");
        let main = src.join("main.rs");
        let there = is_there(&folder, FileType::is_dir, "folder")?
            && is_there(&src, FileType::is_dir, "folder")?
            && is_there(&main, FileType::is_file, "file")?;
        there.then(|| read_text(&main)).transpose()
    }

    fn what_is_missing(&self, exercise: &str) -> String {
        let student = Path::new(self.name);
        let expected = student.join(exercise).join("src").join("main.rs");
        match self.sources.of(exercise) {
            Some(found) => format!(
                "found at {}; expected {}",
                with_slashes(&student.join(found)),
                with_slashes(&expected)
            ),
            None if self.exercises.iter().any(|name| name == exercise) => {
                "src/main.rs is missing".into()
            }
            None => "nothing was handed in".into(),
        }
    }
}

/// A path as the documentation writes it, on every system.
fn with_slashes(path: &Path) -> String {
    let parts = path.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

/// Whether two sources differ in white space at most.
fn same(one: &str, other: &str) -> bool {
    let dense = |text: &str| text.split_whitespace().collect::<String>();
    dense(one) == dense(other)
}

fn is_there(
    path: &Path,
    is: impl Fn(&FileType) -> bool,
    what: &str,
) -> std::result::Result<bool, String> {
    let name = match path.file_name() {
        Some(name) if name == "main.rs" => "src/main.rs".into(),
        name => name.unwrap_or_default().to_string_lossy(),
    };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(format!("{name} cannot be read: {}", Error::from(error))),
        Ok(metadata) if metadata.is_symlink() => {
            Err(format!("{name} is a link, and links are not followed"))
        }
        Ok(metadata) if !is(&metadata.file_type()) => Err(format!("{name} is not a {what}")),
        Ok(_) => Ok(true),
    }
}

fn read_text(path: &Path) -> std::result::Result<String, String> {
    let cannot = |error: io::Error| format!("src/main.rs cannot be read: {}", Error::from(error));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(cannot)?;
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(cannot)?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("src/main.rs is larger than {} KiB", LARGEST / 1024));
    }
    String::from_utf8(bytes).map_err(|_| "src/main.rs is not UTF-8".into())
}

//! Finds what was handed in at another place than it should be: one folder too deep, say, or
//! under a name that an archive has changed.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

/// How many folders deep it looks.
const DEEPEST: usize = 6;

/// How many folders and files it looks at: nobody waits for what has no end.
const MOST: usize = 10_000;

/// The sources in a student's folder.
pub struct Sources {
    /// The way from the student's folder, and the exercise it seems to be for.
    found: Vec<(PathBuf, Option<String>)>,
}

impl Sources {
    /// Looks for files that may be meant for one of the known exercises, the nearest first.
    pub fn find(student: &Path, known: &[String]) -> Self {
        let mut found = Vec::new();
        let mut folders = VecDeque::from([PathBuf::new()]);
        let mut seen = 0;
        while let Some(folder) = folders.pop_front() {
            let entries = fs::read_dir(student.join(&folder)).into_iter().flatten();
            let mut entries: Vec<_> = entries.flatten().take(MOST - seen).collect();
            seen += entries.len();
            entries.sort_by_key(fs::DirEntry::file_name);
            for entry in entries {
                let name = entry.file_name();
                let path = folder.join(&name);
                match entry.file_type() {
                    Ok(kind) if kind.is_file() => found.extend(source(path, known)),
                    Ok(kind) if kind.is_dir() => {
                        let hidden = name.as_encoded_bytes().starts_with(b".");
                        let made = name == "target" || name == "vendor";
                        if !hidden && !made && path.iter().count() < DEEPEST {
                            folders.push_back(path);
                        }
                    }
                    // Links are not followed.
                    _ => {}
                }
            }
        }
        Self { found }
    }

    /// The exercises that they seem to be for.
    pub fn exercises(&self) -> impl Iterator<Item = &String> {
        self.found
            .iter()
            .filter_map(|(_, exercise)| exercise.as_ref())
    }

    /// What may be meant for an exercise: by its name, or because it has none that is known.
    pub fn of(&self, exercise: &str) -> Option<&Path> {
        self.meant_for(Some(exercise)).or_else(|| self.stray())
    }

    /// What is for no exercise that is known.
    pub fn stray(&self) -> Option<&Path> {
        self.meant_for(None)
    }

    fn meant_for(&self, exercise: Option<&str>) -> Option<&Path> {
        let mut found = self.found.iter();
        let found = found.find(|(_, meant)| meant.as_deref() == exercise);
        found.map(|(path, _)| path.as_path())
    }
}

/// A `main.rs` is meant for the exercise that its folder is named after, but for `src`; another
/// file for that which it is named after itself.
fn source(path: PathBuf, known: &[String]) -> Option<(PathBuf, Option<String>)> {
    if path.extension().is_none_or(|extension| extension != "rs") {
        return None;
    }
    let is_main = path.file_name().is_some_and(|name| name == "main.rs");
    let mut folders = path.parent().into_iter().flat_map(Path::iter).rev();
    let name = match is_main {
        true => folders.find(|name| *name != "src"),
        false => path.file_stem(),
    };
    let name = name.map(|name| plain(&name.to_string_lossy()));
    let exercise = known.iter().find(|known| Some(plain(known)) == name);
    let exercise = exercise.cloned();
    (is_main || exercise.is_some()).then_some((path, exercise))
}

/// Archives and systems that hand files on change these.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', ' '], "-")
}

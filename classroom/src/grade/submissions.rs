//! Finds what was handed in: `FOLDER/STUDENT/EXERCISE/src/main.rs`.
//!
//! Of all that a student hands in only that one file is looked at, and only if it is a plain
//! file in plain folders: a link could lead to anybody's.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, FileType};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use shared::{Error, Result};

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
            "{} has no folders of students: STUDENT/EXERCISE/src/main.rs",
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
    names.sort();
    Ok(names)
}

/// Those of the known exercises that any student has a folder for.
pub fn exercises(folder: &Path, students: &[OsString], known: &[String]) -> Vec<String> {
    let handed_in: BTreeSet<OsString> = students
        .iter()
        .flat_map(|student| folders(&folder.join(student)).unwrap_or_default())
        .collect();
    let is_handed_in = |name: &&String| handed_in.contains(std::ffi::OsStr::new(name.as_str()));
    known.iter().filter(is_handed_in).cloned().collect()
}

/// Reads what a student handed in for an exercise.
pub fn read(folder: &Path, student: &OsString, exercise: &str) -> Submission {
    let folder = folder.join(student);
    Submission {
        student: student.clone(),
        exercise: exercise.to_owned(),
        source: source(&folder, exercise),
    }
}

fn source(folder: &Path, exercise: &str) -> std::result::Result<String, String> {
    let mut path = folder.join(exercise);
    if !path.is_symlink() && !path.exists() {
        return Err("nothing was handed in".into());
    }
    expect(&path, FileType::is_dir, "folder")?;
    path.push("src");
    expect(&path, FileType::is_dir, "folder")?;
    path.push("main.rs");
    expect(&path, FileType::is_file, "file")?;
    let text = read_text(&path)?;
    if text.trim().is_empty() {
        return Err("src/main.rs is empty".into());
    }
    Ok(text)
}

fn expect(
    path: &PathBuf,
    is: impl Fn(&FileType) -> bool,
    what: &str,
) -> std::result::Result<(), String> {
    let name = match path.file_name() {
        Some(name) if name == "main.rs" => "src/main.rs".into(),
        name => name.unwrap_or_default().to_string_lossy(),
    };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Err(format!("{name} is missing")),
        Err(error) => Err(format!("{name} cannot be read: {}", Error::from(error))),
        Ok(metadata) if metadata.is_symlink() => {
            Err(format!("{name} is a link, and links are not followed"))
        }
        Ok(metadata) if !is(&metadata.file_type()) => Err(format!("{name} is no {what}")),
        Ok(_) => Ok(()),
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

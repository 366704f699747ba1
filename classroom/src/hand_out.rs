//! Makes what students get: a folder with `shared` and a crate for every exercise.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use shared::output::counted;
use shared::{Error, Result, println};
use tempfile::TempDir;

use crate::exercises::Exercise;
use crate::interruption::{interrupted, notice_interruptions};
use crate::workspace::{Workspace, finish};
use crate::{manifests, starter, task};

/// Files by their paths in the folder, which does not exist before all of them do.
pub type Files = BTreeMap<PathBuf, String>;

/// Makes the folder.
///
/// # Errors
/// It exists already, something cannot be read or written, or somebody interrupts; then there is
/// none.
pub fn hand_out(workspace: &Workspace, folder: &Path, exercises: &[Exercise]) -> Result<()> {
    let name = folder.display();
    let cannot = |error: Error| error.while_doing(&format!("cannot make {name}"));
    if fs::symlink_metadata(folder).is_ok() {
        return Err(cannot(Error::new(
            "it exists already, and nothing is overwritten",
        )));
    }
    let files = files(workspace, exercises)?;
    // In one step from not being there to being complete: from a folder beside it.
    let beside = match folder.parent() {
        Some(parent) if parent != "" => parent,
        _ => Path::new("."),
    };
    if !beside.is_dir() {
        let beside = beside.display();
        return Err(cannot(Error::new(format!("there is no folder {beside}"))));
    }
    notice_interruptions()?;
    let unfinished = tempfile::Builder::new()
        .prefix(".unfinished-")
        .tempdir_in(beside)
        // Its own words name a file that nobody has heard of.
        .map_err(|error| cannot(io::Error::from(error.kind()).into()))?;
    write(&files, unfinished.path()).map_err(cannot)?;
    lock(workspace, unfinished.path()).map_err(cannot)?;
    if interrupted() {
        return Err(cannot(Error::new("interrupted")));
    }
    publish(unfinished, folder).map_err(cannot)?;
    println!("{name} has {}:", counted(exercises.len(), "exercise"));
    for exercise in exercises {
        println!("  {}: {}", exercise.name, exercise.title);
    }
    println!("Begin with {}", folder.join("README.md").display());
    Ok(())
}

fn publish(unfinished: TempDir, folder: &Path) -> Result<()> {
    open_to_others(unfinished.path())?;
    // Onto an empty folder a rename would succeed; only one that came in between can be there.
    fs::rename(unfinished.path(), folder)?;
    let _ = unfinished.keep();
    Ok(())
}

/// A temporary folder is its owner's alone.
#[cfg(unix)]
fn open_to_others(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(
        folder,
        fs::Permissions::from_mode(0o755),
    )?)
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Result<()> {
    Ok(())
}

/// All that is handed out, but for the lock file.
pub fn files(workspace: &Workspace, exercises: &[Exercise]) -> Result<Files> {
    let mut files = Files::new();
    let mut members = vec!["shared"];
    for exercise in exercises {
        members.push(&exercise.name);
        files.extend(crate_of(workspace, exercise)?);
    }
    members.sort_unstable();
    shared(workspace, Path::new("shared/src"), &mut files)?;
    let manifest = manifests::of_shared(&workspace.read("shared/Cargo.toml")?)?;
    files.insert("shared/Cargo.toml".into(), manifest);
    let manifest = manifests::of_folder(&workspace.read("Cargo.toml")?, &members)?;
    files.insert("Cargo.toml".into(), manifest);
    files.insert("README.md".into(), task::index(exercises));
    files.insert(".gitignore".into(), "/target\n".into());
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        files.insert(licence.into(), workspace.read(licence)?);
    }
    Ok(files)
}

/// The crate of one exercise.
fn crate_of(workspace: &Workspace, exercise: &Exercise) -> Result<Files> {
    let lesson = Path::new(&exercise.lesson);
    let tests = tests(exercise, &workspace.read(lesson.join("tests/lesson.rs"))?)?;
    let manifest = workspace.read(lesson.join("Cargo.toml"))?;
    let manifest = manifests::of_exercise(exercise, &manifest, &tests)?;
    let starter = starter::starter(workspace, exercise)?;
    let files = [
        ("Cargo.toml", manifest),
        (
            "EXERCISE.md",
            task::page(exercise, &exercise.hints(workspace)?),
        ),
        ("src/main.rs", starter),
        ("tests/lesson.rs", tests),
    ];
    let folder = Path::new(&exercise.name);
    Ok(files
        .into_iter()
        .map(|(name, text)| (folder.join(name), text))
        .collect())
}

/// The tests of the lesson, for a program of another name, and with what differs for it.
fn tests(exercise: &Exercise, lesson: &str) -> Result<String> {
    let mut tests = lesson
        .replace(
            &format!("CARGO_BIN_EXE_{}", exercise.lesson),
            &format!("CARGO_BIN_EXE_{}", exercise.name),
        )
        .replace(
            &format!("-p {}`", exercise.lesson),
            &format!("-p {}`", exercise.name),
        );
    for (old, new) in &exercise.tests {
        if !tests.contains(old) {
            let file = format!("{}/tests/lesson.rs", exercise.lesson);
            return Err(Error::new(format!("{file} does not say `{old}`")));
        }
        tests = tests.replace(old, new);
    }
    Ok(tests)
}

/// The source of `shared`, all of it: the tests stand on it.
fn shared(workspace: &Workspace, folder: &Path, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(workspace.path(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            shared(workspace, &path, files)?;
        } else {
            files.insert(path.clone(), workspace.read(&path)?);
        }
    }
    Ok(())
}

/// Writes the files into a folder; those that it has already, with the same text, it leaves.
pub fn write(files: &Files, folder: &Path) -> Result<()> {
    for (path, text) in files {
        let path = folder.join(path);
        if fs::read_to_string(&path).is_ok_and(|old| old == *text) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text)?;
    }
    Ok(())
}

/// Cuts the lock file from the workspace's: the same versions for everybody.
pub fn lock(workspace: &Workspace, folder: &Path) -> Result<()> {
    let lock = folder.join("Cargo.lock");
    fs::write(&lock, workspace.read("Cargo.lock")?)?;
    let manifest = folder.join("Cargo.toml");
    finish(
        workspace
            .cargo(&["update", "--workspace", "--quiet", "--manifest-path"])
            .arg(&manifest),
    )?;
    let text = fs::read_to_string(&manifest)?;
    let tidied = manifests::without_idle_profiles(&text, &fs::read_to_string(&lock)?)?;
    if tidied != text {
        fs::write(&manifest, tidied)?;
    }
    Ok(())
}

//! What students get.

mod running;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use running::{Folder, Run, command, names, read, run, workspace};
use toml_edit::{DocumentMut, Item};

fn hand_out(folder: &Path, exercises: &[&str]) -> Run {
    run(command(&["hand-out"]).arg(folder).args(exercises))
}

fn toml(path: &Path) -> DocumentMut {
    read(path).parse().expect("it is TOML")
}

/// The exercises, by the files that say what they are.
fn exercises() -> Vec<String> {
    let files = names(&workspace().join("classroom/exercises"));
    let name = |file: &String| file.strip_suffix(".toml").map(str::to_owned);
    files.iter().filter_map(name).collect()
}

#[test]
fn there_are_exercises_of_both_kinds_and_three_levels() {
    let list = run(&mut command(&["hand-out", "--list"]));
    let list = &list.expect(0).stdout;
    let rows: Vec<Vec<&str>> = list
        .lines()
        .map(|line| line.split_whitespace().take(3).collect())
        .filter(|row: &Vec<&str>| row.len() == 3 && ["write", "mend"].contains(&row[1]))
        .collect();
    let column = |index: usize| rows.iter().map(|row| row[index]).collect::<BTreeSet<_>>();
    assert_eq!(column(0), exercises().iter().map(String::as_str).collect());
    assert_eq!(column(1), BTreeSet::from(["mend", "write"]));
    assert_eq!(column(2), BTreeSet::from(["1", "2", "3"]));
    assert!(rows.len() >= 20, "{list}");
}

#[test]
fn a_folder_has_all_that_students_need_and_nothing_else() {
    let folder = Folder::new();
    let made = folder.path("made");
    hand_out(&made, &[]).expect(0);
    let mut expected = exercises();
    expected.extend(
        [
            ".gitignore",
            "Cargo.lock",
            "Cargo.toml",
            "LICENSE-APACHE",
            "LICENSE-MIT",
            "README.md",
            "shared",
        ]
        .map(str::to_owned),
    );
    expected.sort();
    assert_eq!(names(&made), expected);
    assert_eq!(folder.names(), ["made"]);
    for name in exercises() {
        let exercise = made.join(&name);
        assert_eq!(
            names(&exercise),
            ["Cargo.toml", "EXERCISE.md", "src", "tests"],
            "{name}"
        );
        assert_eq!(names(&exercise.join("src")), ["main.rs"]);
        assert_eq!(names(&exercise.join("tests")), ["lesson.rs"]);
        for file in ["EXERCISE.md", "src/main.rs", "tests/lesson.rs"] {
            refers_to_its_own_files_only(&name, &read(&exercise.join(file)));
        }
        uses_what_it_may(&name, &toml(&exercise.join("Cargo.toml")));
        is_no_solution(&name, &read(&exercise.join("src/main.rs")));
    }
    let readme = read(&made.join("README.md"));
    assert!(
        readme.contains("cargo run -p NAME\ncargo test -p NAME\n"),
        "{readme}"
    );
    // It stands on its own: cargo has nothing to add to the lock file, and nothing to leave out.
    let mut cargo = Command::new(env::var_os("CARGO").expect("cargo runs the tests"));
    cargo
        .args([
            "metadata",
            "--offline",
            "--locked",
            "--format-version=1",
            "--filter-platform",
        ])
        .args(["x86_64-unknown-linux-gnu", "--manifest-path"])
        .arg(made.join("Cargo.toml"));
    run(&mut cargo).expect(0);
    let locked = |lock: DocumentMut| {
        let packages = lock["package"]
            .as_array_of_tables()
            .expect("it has some")
            .clone();
        let text = |package: &toml_edit::Table, key: &str| {
            package.get(key).and_then(Item::as_str).map(str::to_owned)
        };
        let versions = packages
            .iter()
            .filter(|package| package.contains_key("source"));
        let versions = versions.map(|package| ["name", "version"].map(|key| text(package, key)));
        versions.collect::<BTreeSet<_>>()
    };
    let ours = locked(toml(&workspace().join("Cargo.lock")));
    let theirs = locked(toml(&made.join("Cargo.lock")));
    assert!(theirs.is_subset(&ours), "{:?}", theirs.difference(&ours));
}

/// A word like `sync-downloader/src/main.rs` names a file that a student does not have.
fn refers_to_its_own_files_only(name: &str, text: &str) {
    let words = text.split(|char: char| char.is_whitespace() || "`(),".contains(char));
    for word in words.filter(|word| word.contains(".rs") || word.contains("examples/")) {
        assert_eq!(
            word.trim_end_matches(['.', ':']),
            "src/main.rs",
            "in {name}"
        );
    }
}

fn uses_what_it_may(name: &str, manifest: &DocumentMut) {
    let exercise = toml(&workspace().join(format!("classroom/exercises/{name}.toml")));
    let may = exercise["dependencies"].as_array().expect("a list").iter();
    let mut may: BTreeSet<&str> = may.filter_map(|name| name.as_str()).collect();
    may.insert("shared");
    let uses = manifest["dependencies"].as_table().expect("a table").iter();
    assert_eq!(
        uses.map(|(name, _)| name).collect::<BTreeSet<_>>(),
        may,
        "in {name}"
    );
}

/// Also not one that is spread over comments.
fn is_no_solution(name: &str, starter: &str) {
    let exercise = toml(&workspace().join(format!("classroom/exercises/{name}.toml")));
    let solution = exercise.get("solution").unwrap_or(&exercise["source"]);
    let solution = read(&workspace().join(solution.as_str().expect("a path")));
    let model = |text: &str| {
        let start = ["fn fetch_page(", "fn fetch_all(", "fn compute_all("];
        let start = start
            .iter()
            .find_map(|start| text.find(start))
            .expect("it has a model");
        text[start..].to_owned()
    };
    assert_ne!(model(starter), model(&solution), "in {name}");
}

#[test]
fn hints_are_for_the_model_of_the_exercise() {
    let folder = Folder::new();
    let made = folder.path("made");
    hand_out(&made, &[]).expect(0);
    for name in exercises() {
        let exercise = toml(&workspace().join(format!("classroom/exercises/{name}.toml")));
        let uses = exercise["dependencies"].to_string();
        let page = read(&made.join(&name).join("EXERCISE.md"));
        let (_, hints) = page.split_once("## Hints").expect("it has some");
        let other_models: &[(&str, &[&str])] = &[
            ("tokio", &["await", "event loop", "permit", "task"]),
            ("rayon", &["rayon", "with_max_len"]),
        ];
        let others = other_models.iter().filter(|(name, _)| !uses.contains(name));
        for word in others.flat_map(|(_, words)| *words) {
            assert!(!hints.contains(word), "{word} in {name}");
        }
        let lesson = exercise["lesson"].as_str().expect("a name");
        assert_eq!(
            hints.contains("pool"),
            lesson == "process-downloader",
            "{name}"
        );
    }
}

#[test]
fn a_starter_gives_nothing_away() {
    let folder = Folder::new();
    let made = folder.path("made");
    hand_out(
        &made,
        &["threaded-downloader", "scoped_threads", "blocking_call"],
    )
    .expect(0);
    let starter = |name: &str| read(&made.join(name).join("src/main.rs"));
    let threaded = starter("threaded-downloader");
    for word in ["rayon", "thread_local", "OnceCell", "with_max_len", "diff"] {
        assert!(!threaded.contains(word), "{word}");
    }
    assert!(
        threaded.contains("    todo!(\"write fetch_all\")\n"),
        "{threaded}"
    );
    assert!(threaded.contains("let page = read_page(session.get(url))?;"));
    let manifest = read(&made.join("scoped_threads/Cargo.toml"));
    assert!(!manifest.contains("rayon"), "{manifest}");
    let blocking = starter("blocking_call");
    for word in ["mistake", "cure", "ureq waits right here"] {
        assert!(!blocking.contains(word), "{word}");
    }
}

#[test]
fn nothing_is_overwritten() {
    let folder = Folder::new();
    folder.write("full/Cargo.toml", "mine");
    folder.write("file", "mine");
    fs::create_dir(folder.path("empty")).expect("a folder can be made");
    for name in ["full", "file", "empty", "."] {
        hand_out(&folder.path(name), &["sync-cpu"]).refuses(1, "it exists already");
    }
    assert_eq!(folder.names(), ["empty", "file", "full"]);
    assert_eq!(folder.read("full/Cargo.toml"), "mine");
    assert_eq!(folder.read("file"), "mine");
    assert!(names(&folder.path("empty")).is_empty());
}

#[cfg(unix)]
#[test]
fn a_link_to_nowhere_is_there_already() {
    let folder = Folder::new();
    std::os::unix::fs::symlink(folder.path("nowhere"), folder.path("link")).expect("a link");
    hand_out(&folder.path("link"), &["sync-cpu"]).refuses(1, "it exists already");
    assert_eq!(folder.names(), ["link"]);
}

#[test]
fn what_makes_no_sense_gets_a_line() {
    let folder = Folder::new();
    hand_out(&folder.path("made"), &["sync-cpu", "snyc-cpu"]).refuses(2, "'snyc-cpu'");
    hand_out(&folder.path("made"), &["../sync-cpu"]).refuses(2, "'../sync-cpu'");
    run(&mut command(&["hand-out"])).refuses(2, "FOLDER");
    let mut forgotten = command(&["hand-out", "rounds"]);
    let forgotten = forgotten.current_dir(folder.path(""));
    run(forgotten).refuses(2, "did you mean `hand-out FOLDER rounds`?");
    run(&mut command(&["hand-out", "--list", "folder"])).refuses(2, "--list");
    hand_out(&folder.path("not/there"), &["sync-cpu"]).refuses(1, "there is no folder");
    assert!(folder.names().is_empty());
}

#[test]
fn without_cargo_there_is_a_line_and_no_folder() {
    let folder = Folder::new();
    let mut command = command(&["hand-out"]);
    command
        .arg(folder.path("made"))
        .env("CARGO", folder.path("no-cargo"));
    run(&mut command).refuses(1, "there is no cargo");
    assert!(folder.names().is_empty());
}

/// The disk of a process whose files may only have so many bytes is full sooner.
#[cfg(unix)]
#[test]
fn on_a_full_disk_there_is_a_line_and_no_folder() {
    let folder = Folder::new();
    let mut shell = Command::new("sh");
    shell
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 8; exec \"$0\" hand-out \"$1\" sync-cpu",
        ])
        .arg(env!("CARGO_BIN_EXE_classroom"))
        .arg(folder.path("made"));
    run(&mut shell).refuses(1, "file too large");
    assert!(folder.names().is_empty());
}

/// Cargo is where most of the time goes: an interruption finds it at work.
#[cfg(unix)]
#[test]
fn an_interruption_leaves_nothing_behind() {
    let folder = Folder::new();
    for signal in ["INT", "TERM"] {
        let cargo = folder.path("cargo");
        folder.write(
            "cargo",
            format!("#!/bin/sh\nkill -{signal} $PPID\nexec sleep 60\n"),
        );
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&cargo, mode).expect("it is ours");
        let mut command = command(&["hand-out"]);
        command.arg(folder.path("made")).env("CARGO", cargo);
        run(&mut command).refuses(130, "Interrupted: nothing was handed out");
        assert_eq!(folder.names(), ["cargo"]);
    }
}

//! What students might hand in who mean harm: each is a row with its reason, sees and spoils
//! nothing, and keeps nobody else from a grade.
#![cfg(target_os = "linux")]

mod running;

use std::net::TcpListener;
use std::time::{Duration, SystemTime};
use std::{env, fs, process};

use running::{Folder, command, names, read, run, workspace};
use serde_json::Value;
use toml_edit::DocumentMut;

const EXERCISE: &str = "sync-cpu";

/// What a program of each of these is about is in its first line.
fn hostile() -> Vec<String> {
    let files = names(&workspace().join("classroom/tests/hostile"));
    files
        .iter()
        .filter_map(|file| file.strip_suffix(".rs").map(str::to_owned))
        .collect()
}

/// Grades them, between two that are right.
fn grade(students: &[&str], limit: &str) -> Option<Vec<(String, Value)>> {
    let folder = Folder::new();
    let home = env::var("HOME").expect("somebody is at home");
    let secret = format!("{home}/.classroom-test-{}", process::id());
    let words = format!("known to the teacher alone, since {:?}", SystemTime::now());
    fs::write(&secret, &words).expect("a file can be written at home");
    let teacher = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    teacher
        .set_nonblocking(true)
        .expect("a socket can be asked");
    let address = teacher.local_addr().expect("it has one").to_string();
    let right = read(&workspace().join("sync-cpu/src/main.rs"));
    let hints: DocumentMut = read(&workspace().join("classroom/exercises/hints/computer.toml"))
        .parse()
        .expect("it is TOML");
    let checks = hints["checks"].to_string();
    for student in students {
        let source = read(&workspace().join(format!("classroom/tests/hostile/{student}.rs")));
        let source = source
            .replace("SECRET", &secret)
            .replace("ADDRESS", &address);
        let source = source.replace("[CHECKS]", checks.trim());
        folder.write(format!("class/{student}/{EXERCISE}/src/main.rs"), source);
    }
    for student in ["0-right", "zz-right"] {
        folder.write(format!("class/{student}/{EXERCISE}/src/main.rs"), &right);
    }
    let files = ["json", "html", "csv"].map(|kind| folder.path(format!("grades.{kind}")));
    let mut command = command(&["grade", "--limit", limit]);
    command
        .arg(folder.path("class"))
        .arg("--results")
        .arg(folder.path("results"));
    for (option, file) in ["--json", "--html", "--csv"].iter().zip(&files) {
        command.arg(option).arg(file);
    }
    let run = run(&mut command);
    fs::remove_file(&secret).expect("it is still there");
    if run.stderr.contains("--unconfined") {
        eprintln!(
            "skipped, for nothing is run unconfined here: {}",
            run.stderr
        );
        return None;
    }
    run.expect(0);
    assert!(
        teacher.accept().is_err(),
        "somebody connected to the teacher's machine"
    );
    for text in files.iter().map(|file| read(file)).chain([run.stdout]) {
        assert!(!text.contains(&words), "somebody has read it: {text}");
        assert!(text.len() < 1_000_000, "{} bytes", text.len());
    }
    let grades: Value = serde_json::from_str(&read(&files[0])).expect("it is JSON");
    let grades = grades.as_array().expect("a list").iter();
    let named = grades.map(|grade| {
        (
            grade["student"].as_str().expect("a name").to_owned(),
            grade.clone(),
        )
    });
    let grades: Vec<_> = named.collect();
    for (student, grade) in &grades {
        let right = student.ends_with("right");
        assert_eq!(grade["points"] == grade["of"], right, "{grade}");
        assert_eq!(grade["reason"].is_string(), !right, "{grade}");
    }
    assert_eq!(grades.len(), students.len() + 2);
    Some(grades)
}

#[test]
fn hostile_programs_harm_nobody() {
    let slow = ["compiles_without_end", "never_ends"];
    let all = hostile();
    let quick: Vec<&str> = all
        .iter()
        .map(String::as_str)
        .filter(|name| !slow.contains(name))
        .collect();
    let Some(grades) = grade(&quick, "30") else {
        return;
    };
    for (student, expected) in [
        ("eats_memory", "it needed more than"),
        ("forks", "it started too many processes"),
        ("includes_the_home", "couldn't read"),
        ("includes_without_end", "the compiler needed more than"),
        ("kills_its_parent", "killed"),
    ] {
        let (_, grade) = grades
            .iter()
            .find(|(name, _)| name == student)
            .expect("a row");
        let reason = grade["reason"].as_str().unwrap_or_default();
        assert!(reason.contains(expected), "{student}: {reason}");
    }
    // Nothing that a program prints makes a check pass.
    let (_, report) = grades
        .iter()
        .find(|(name, _)| name == "prints_a_report")
        .expect("a row");
    let passed = report["checks"].as_array().expect("a list").iter();
    let passed: Vec<_> = passed
        .filter(|check| check["verdict"] == "passed")
        .collect();
    assert!(passed.is_empty(), "{passed:?}");
    // Whoever stays behind ends with the rest.
    for process in fs::read_dir("/proc").expect("Linux has it").flatten() {
        let command = fs::read(process.path().join("cmdline")).unwrap_or_default();
        assert!(
            !String::from_utf8_lossy(&command).contains("54321"),
            "it sleeps on"
        );
    }
}

/// They take all the time there is: a minute or so.
#[test]
#[ignore = "they take all the time there is; `cargo test -p classroom -- --ignored`"]
fn what_never_ends_is_ended() {
    let start = std::time::Instant::now();
    let Some(grades) = grade(&["compiles_without_end", "never_ends"], "30") else {
        return;
    };
    let (_, grade) = grades
        .iter()
        .find(|(name, _)| name == "compiles_without_end")
        .expect("a row");
    let reason = grade["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("the compiler was not done"), "{reason}");
    assert!(start.elapsed() < Duration::from_secs(600), "it has no end");
}

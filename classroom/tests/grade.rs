//! What a teacher gets.

mod running;

use std::fs;
use std::path::Path;

use running::{
    EXERCISE, Folder, Run, command, grade, grade_of, grades, hand_in, names, run, solution,
    workspace,
};

#[test]
fn every_submission_is_a_row_with_its_reason() {
    let folder = Folder::new();
    hand_in(&folder, "right", solution());
    hand_in(
        &folder,
        "not-written",
        "fn main() {\n    todo!(\"write it\")\n}\n",
    );
    hand_in(
        &folder,
        "not-built",
        "fn main() {\n    let number: u8 = \"one\";\n}\n",
    );
    hand_in(&folder, "empty", " \n");
    hand_in(&folder, "latin", b"fn main() { println!(\"caf\xe9\") }");
    hand_in(&folder, "large", vec![b'/'; 300 * 1024]);
    folder.write("class/nothing/notes.txt", "I was ill");
    folder.write("class/nothing/vendor/other/src/main.rs", "fn main() {}");
    folder.write(format!("class/no-source/{EXERCISE}/src/lib.rs"), solution());
    folder.write(
        format!("class/folder/{EXERCISE}/src/main.rs/main.rs"),
        solution(),
    );
    // None of these is a student.
    folder.write("class/list.txt", "names");
    folder.write(format!("class/.git/{EXERCISE}/src/main.rs"), solution());
    let first = grade(&folder, &[]);
    first.expect(0);
    let reasons = [
        ("right", ""),
        ("not-written", "not written yet"),
        (
            "not-built",
            "does not build: error[E0308]: mismatched types: expected `u8`, found `&str` \
             (src/main.rs, line 2)",
        ),
        ("empty", "src/main.rs is empty"),
        ("latin", "src/main.rs is not UTF-8"),
        ("large", "src/main.rs is larger than 256 KiB"),
        ("nothing", "nothing was handed in"),
        ("no-source", "src/main.rs is missing"),
        ("folder", "src/main.rs is not a file"),
    ];
    assert_eq!(grades(&folder).len(), reasons.len());
    for (student, expected) in reasons {
        let (points, of, reason) = grade_of(&folder, student);
        assert!(reason.contains(expected), "{student}: {reason}");
        assert_eq!(reason.is_empty(), student == "right", "{student}: {reason}");
        assert_eq!(
            points == of,
            student == "right",
            "{student}: {points} of {of}"
        );
    }
    // What only the first check could say is said by it alone; the others did not run.
    assert_eq!(grade_of(&folder, "not-written").0, 0);
    // Graded again, everybody has the same.
    let grades = folder.read("grades.json");
    let second = grade(&folder, &[]);
    assert_eq!(first.stdout, second.stdout);
    assert_eq!(grades, folder.read("grades.json"));
}

#[test]
fn what_is_at_another_place_is_named_everywhere() {
    let folder = Folder::new();
    let places = [
        ("deep", "deep/exercises/sync-cpu/src/main.rs"),
        ("shallow", "shallow/src/main.rs"),
        ("bare", "bare/main.rs"),
        ("without-src", "without-src/sync-cpu/main.rs"),
        ("renamed", "renamed/Sync_CPU/src/main.rs"),
        ("misspelt", "misspelt/snyc-cpu/src/main.rs"),
        ("flat", "flat/sync_cpu.rs"),
    ];
    for (_, place) in places {
        folder.write(format!("class/{place}"), solution());
    }
    // That is for another exercise.
    folder.write("class/other/computed-once/src/main.rs", solution());
    let files = ["grades.html", "grades.csv"].map(|name| folder.path(name));
    let [html, csv] = files.each_ref().map(|file| file.to_str().expect("UTF-8"));
    let shown = grade(&folder, &["--only", EXERCISE, "--html", html, "--csv", csv]);
    let shown = shown.expect(0).stdout.split_whitespace();
    let shown = shown.collect::<Vec<_>>().join(" ");
    for (student, place) in places {
        let expected = format!("found at {place}; expected {student}/sync-cpu/src/main.rs");
        assert_eq!(grade_of(&folder, student), (0, 7, expected.clone()));
        let [html, csv] = ["grades.html", "grades.csv"].map(|name| folder.read(name));
        for text in [&html, &csv, &shown] {
            assert!(text.contains(&expected), "{text}");
        }
    }
    let (_, _, reason) = grade_of(&folder, "other");
    assert_eq!(reason, "nothing was handed in");
    // Nobody needs to hear so often that a check did not run.
    let html = folder.read("grades.html");
    assert_eq!(html.matches("not run").count(), 0, "{html}");
}

#[test]
fn what_is_as_it_was_handed_out_has_no_points() {
    let folder = Folder::new();
    let (write, mend) = (EXERCISE, "computed_once");
    let mut hand_out = command(&["hand-out"]);
    run(hand_out.arg(folder.path("made")).args([write, mend])).expect(0);
    for exercise in [write, mend] {
        let starter = folder.read(format!("made/{exercise}/src/main.rs"));
        let place = format!("{exercise}/src/main.rs");
        folder.write(
            format!("class/spaced/{place}"),
            starter.replace('\n', "\n \n"),
        );
        folder.write(format!("class/same/{place}"), starter);
    }
    let shown = grade(&folder, &[]);
    shown.expect(0);
    let grades = grades(&folder);
    assert_eq!(grades.len(), 4);
    for grade in grades {
        assert_eq!(grade["points"], 0, "{grade}");
        assert_eq!(grade["reason"], "src/main.rs is as it was handed out");
    }
}

#[test]
fn without_a_terminal_every_grade_is_a_line_beside_the_table() {
    let folder = Folder::new();
    hand_in(&folder, "ada", solution());
    hand_in(&folder, "ben", " ");
    let shown = grade(&folder, &[]);
    let progress: Vec<&str> = shown.expect(0).stderr.lines().collect();
    let expected = [
        "building the tests of sync-cpu",
        "1 of 2: sync-cpu of ada, 7 of 7 points",
        "2 of 2: sync-cpu of ben, 0 of 7 points",
    ];
    assert_eq!(progress, expected);
    assert!(shown.stdout.starts_with("student"), "{}", shown.stdout);
}

#[test]
fn students_come_in_the_order_of_the_alphabet() {
    let folder = Folder::new();
    for student in ["Zoe", "adam", "Bea", "carl"] {
        hand_in(&folder, student, "");
    }
    grade(&folder, &[]).expect(0);
    let grades = grades(&folder);
    let students = grades.iter().map(|grade| grade["student"].as_str());
    assert!(
        students.eq(["adam", "Bea", "carl", "Zoe"].map(Some)),
        "{grades:?}"
    );
}

#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_not_opened() {
    let folder = Folder::new();
    folder.write("secret", solution());
    hand_in(&folder, "right", solution());
    let link = |to: &Path, student: &str, name: &str| {
        let link = folder.path(format!("class/{student}/{EXERCISE}/{name}"));
        fs::create_dir_all(link.parent().expect("it has one")).expect("folders can be made");
        std::os::unix::fs::symlink(to, link).expect("a link can be made");
    };
    link(&folder.path("secret"), "link", "src/main.rs");
    link(Path::new("/dev/zero"), "device", "src/main.rs");
    link(Path::new("nowhere"), "dangling", "src/main.rs");
    link(
        &folder.path(format!("class/right/{EXERCISE}/src")),
        "linked-src",
        "src",
    );
    let pipe = folder.path(format!("class/pipe/{EXERCISE}/src"));
    fs::create_dir_all(&pipe).expect("folders can be made");
    let made = std::process::Command::new("mkfifo")
        .arg(pipe.join("main.rs"))
        .status();
    assert!(
        made.is_ok_and(|status| status.success()),
        "there is no mkfifo"
    );
    grade(&folder, &[]).expect(0);
    for (student, expected) in [
        ("link", "main.rs is a link"),
        ("device", "main.rs is a link"),
        ("dangling", "main.rs is a link"),
        ("linked-src", "src is a link"),
        ("pipe", "main.rs is not a file"),
    ] {
        let (points, _, reason) = grade_of(&folder, student);
        assert!(
            points == 0 && reason.contains(expected),
            "{student}: {reason}"
        );
    }
}

#[test]
fn nothing_but_the_source_counts() {
    let folder = Folder::new();
    let wrong = "fn main() {\n    println!(\"test does_every_job ... ok\");\n}\n";
    hand_in(&folder, "wrong", wrong);
    let crate_of = format!("class/wrong/{EXERCISE}");
    let manifest = "[package]\nname = \"sync-cpu\"\nautotests = false\nbuild = \"build.rs\"\n";
    folder.write(format!("{crate_of}/Cargo.toml"), manifest);
    folder.write(
        format!("{crate_of}/build.rs"),
        "fn main() { panic!(\"it is built\") }",
    );
    folder.write(
        format!("{crate_of}/tests/lesson.rs"),
        "#[test]\nfn does_every_job() {}\n",
    );
    folder.write(
        format!("{crate_of}/.cargo/config.toml"),
        "[build]\nrustc = \"/bin/true\"\n",
    );
    folder.write(
        "class/shared/src/lib.rs",
        "compile_error!(\"it is built\");",
    );
    folder.write("class/Cargo.toml", "[workspace]\n");
    grade(&folder, &[]).expect(0);
    let (points, of, reason) = grade_of(&folder, "wrong");
    assert!(
        points < of && !reason.contains("built"),
        "{points} of {of}: {reason}"
    );
    let grades = grades(&folder);
    let checks = grades
        .iter()
        .find(|grade| grade["student"] == "wrong")
        .expect("a grade");
    assert_ne!(checks["checks"][0]["verdict"], "passed", "{checks}");
}

#[test]
fn what_makes_no_sense_gets_a_line() {
    let folder = Folder::new();
    grade(&folder, &[]).refuses(1, "cannot read");
    fs::create_dir(folder.path("class")).expect("a folder can be made");
    grade(&folder, &[]).refuses(1, "there are no folders of students");
    folder.write("class/somebody/something/src/main.rs", solution());
    grade(&folder, &[]).refuses(1, "but there is somebody/something/src/main.rs");
    grade(&folder, &["--only", "snyc-cpu"]).refuses(2, "'snyc-cpu'");
    grade(&folder, &["--csv", "not/there.csv"]).refuses(2, "not/there.csv");
    let file = folder.path("grades.json");
    fs::write(&file, "mine").expect("a file can be written");
    grade(&folder, &["--results", file.to_str().expect("UTF-8")]).refuses(2, "is not a folder");
    grade(&folder, &["--limit", "0"]).refuses(2, "--limit");
    run(&mut command(&["grade"])).refuses(2, "FOLDER");
    assert_eq!(folder.read("grades.json"), "mine");
}

#[test]
fn help_names_every_status() {
    let help = run(&mut command(&["--help"]));
    for status in [
        "0 it was done",
        "1 it could not",
        "2 the command line",
        "130 it was",
    ] {
        assert!(help.expect(0).stdout.contains(status), "{status}");
    }
}

#[test]
fn without_cargo_there_is_a_line() {
    let folder = Folder::new();
    hand_in(&folder, "right", solution());
    let mut command = command(&["grade", "--unconfined"]);
    command
        .arg(folder.path("class"))
        .env("CARGO", folder.path("no-cargo"));
    run(&mut command).refuses(1, "there is no cargo");
}

#[test]
fn without_bubblewrap_it_wants_to_be_told() {
    let folder = Folder::new();
    hand_in(&folder, "right", solution());
    let mut command = command(&["grade"]);
    command
        .arg(folder.path("class"))
        .env("PATH", folder.path("nothing"));
    run(&mut command).refuses(1, "--unconfined");
}

#[test]
fn a_machine_that_has_no_crates_hears_how_to_get_them() {
    let folder = Folder::new();
    hand_in(&folder, "ada", solution());
    let mut command = command(&["grade", "--unconfined"]);
    command
        .arg(folder.path("class"))
        .env("CARGO_HOME", folder.path("fresh"));
    let ended = run(&mut command);
    ended.refuses(1, "`cargo fetch --locked` with a network brings it");
}

#[cfg(unix)]
#[test]
fn what_was_graded_before_an_interruption_is_kept() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    use std::process::Stdio;

    let folder = Folder::new();
    hand_in(&folder, "a", solution());
    let mark = folder.path("b-runs");
    let endless = format!(
        "fn main() {{\n    std::fs::write({mark:?}, \"\").expect(\"it is confined\");\n    loop {{\n        \
         println!(\"on\");\n    }}\n}}\n"
    );
    hand_in(&folder, "b", endless);
    hand_in(&folder, "c", solution());
    let mut command = command(&["grade", "--unconfined", "--json"]);
    command
        .args([folder.path("grades.json"), folder.path("class")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    while !mark.exists() {
        let ended = child.try_wait().expect("a child can be waited for");
        assert!(ended.is_none(), "it ended before it was interrupted");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let id = Pid::from_raw(child.id().try_into().expect("it is small"));
    kill(id, Signal::SIGINT).expect("it runs");
    let ended: Run = child.wait_with_output().expect("it ends").into();
    ended.expect(130);
    let last = "Interrupted: 2 submissions were not graded";
    assert_eq!(ended.stderr.lines().last(), Some(last));
    let (points, of, _) = grade_of(&folder, "a");
    assert_eq!(points, of);
    for student in ["b", "c"] {
        let grades = grades(&folder);
        let grade = grades
            .iter()
            .find(|grade| grade["student"] == student)
            .expect("a row");
        assert!(grade["points"].is_null(), "{grade}");
    }
    leaves_nothing_behind();
}

/// Beside what is built, for the next time.
fn leaves_nothing_behind() {
    // Whoever grades at the same time has a folder of their own.
    let place = workspace().join("target/classroom");
    let lock = fs::File::open(place.join(".lock")).expect("it is there");
    lock.lock().expect("it can be locked");
    let left = names(&place);
    assert!(
        !left.iter().any(|name| name.starts_with("grading-")),
        "{left:?}"
    );
}

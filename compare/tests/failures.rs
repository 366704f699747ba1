//! Programs that fail, hang, lie or are missing, and readers who have seen enough.

mod running;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "it is not all for this test")]
#[path = "running/scripts.rs"]
mod scripts;

use std::io::{BufRead, BufReader};

use running::{command, compare};

#[test]
fn senseless_options_get_one_line() {
    for options in [
        "--no-such-option",
        "--only nobody",
        "--pages 0",
        "--latency -1",
        "--workers 0",
        "--number 94",
        "--runs 0",
        "--sweep 1,x",
        "--sweep 1 --only sync-cpu",
        "--limit 0",
        "--json no/such/folder/figures.json",
        "--html .",
    ] {
        let output = command(options).output().expect("it starts");
        let [stdout, stderr] =
            [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert_eq!(output.status.code(), Some(2), "{options}: {stderr}");
        assert_eq!(
            (stdout.as_str(), stderr.lines().count()),
            ("", 1),
            "{options}: {stderr}"
        );
    }
}

#[test]
fn it_ends_quietly_without_a_reader() {
    let mut child = command("--only sync-cpu --number 5 --jobs 1")
        .spawn()
        .expect("it starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("it was asked for"));
    stdout
        .read_line(&mut String::new())
        .expect("it can be read");
    drop(stdout);
    let output = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && !stderr.contains("panicked"),
        "{stderr}"
    );
}

#[test]
fn missing_programs_are_rows() {
    let folder = running::folder();
    let compared = compare(&format!("--programs {}", folder.display()));
    assert_eq!(compared.status.code(), Some(1), "{compared}");
    for program in compared.json["programs"].as_array().expect("a list") {
        let failure = program["failure"].as_str().expect("a reason");
        assert!(failure.starts_with("missing: "), "{failure}");
    }
    assert!(
        compared
            .stdout
            .contains("\nprocess     5 processes  failed"),
        "{compared}"
    );
}

#[test]
fn a_sweep_of_nothing_draws_nothing() {
    let folder = running::folder();
    let compared = compare(&format!(
        "--sweep 1,2 --latency 0 --programs {}",
        folder.display()
    ));
    let page = std::fs::read_to_string(&compared.html).expect("the page was written");
    assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
}

#[test]
fn what_cannot_be_written_loses_nothing_else() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    for (full, other) in [("json", "svg"), ("svg", "html"), ("html", "json")] {
        let whole = running::folder().join(other);
        let options = format!(
            "--only sync-cpu --number 5 --jobs 1 --{full} /dev/full --{other} {}",
            whole.display()
        );
        let output = command(&options).output().expect("it starts");
        let [stdout, stderr] =
            [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert_eq!(output.status.code(), Some(1), "{full}: {stderr}");
        assert!(stdout.contains("\nsync "), "{full}: {stdout}");
        let complaint = "Error: cannot write /dev/full: no space left on device";
        assert!(stderr.contains(complaint), "{full}: {stderr}");
        assert!(whole.exists(), "{other} is written");
    }
}

#[test]
fn outside_of_a_workspace_it_says_so() {
    let folder = running::folder();
    let program = folder.join("compare");
    std::fs::copy(env!("CARGO_BIN_EXE_compare"), &program).expect("it can be copied");
    let elsewhere = std::env::temp_dir();
    let output = std::process::Command::new(program)
        .args(["--only", "sync-cpu"])
        .env_remove("CARGO_MANIFEST_DIR")
        .current_dir(elsewhere)
        .output()
        .expect("it starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.starts_with("Error: there is no workspace with the programs around"),
        "{stderr}"
    );
}

/// With scripts in place of the programs.
#[cfg(target_os = "linux")]
mod with_scripts {
    use std::fs;

    use super::running::{command, compare};
    use super::scripts::{HANGING, are_gone, folder_with};

    #[test]
    fn each_way_to_fail_has_its_words_and_the_others_still_run() {
        let folder = folder_with(&[
            (
                "sync-downloader",
                "echo Fetched 1 bytes from nowhere; echo Fetched 1 bytes from nowhere",
            ),
            ("threaded-downloader", HANGING),
            ("async-downloader", "echo Error: no luck >&2; exit 3"),
            ("process-downloader", "exit 0"),
            ("parallel-cpu", "kill -9 $$"),
        ]);
        fs::write(folder.join("sync-cpu"), "no program").expect("it can be written");
        let compared = compare(&format!(
            "--pages 2 --limit 5 --programs {}",
            folder.display()
        ));
        assert_eq!(compared.status.code(), Some(1), "{compared}");
        let programs = compared.json["programs"].as_array().expect("a list");
        let failures: Vec<&str> = programs
            .iter()
            .map(|program| program["failure"].as_str().unwrap_or("none"))
            .collect();
        assert_eq!(
            failures,
            [
                "none",
                "stopped: no end within 5 s",
                "ended with exit status: 3 after 0 of 2 pages: Error: no luck",
                "ended with exit status: 0 after 0 of 2 pages",
                "cannot be started: permission denied",
                "ended with signal: 9 (SIGKILL)",
            ],
            "{compared}"
        );
        let lie = "what was said and what was seen differ: sync-downloader (2 pages, seen 0)";
        assert!(
            compared.json["notes"].to_string().contains(lie),
            "{compared}"
        );
        are_gone(&folder);
    }

    #[test]
    fn examples_are_in_a_folder_of_their_own() {
        let script = "echo add_two started at 0.00s; echo add_two ended at 0.00s";
        let folder = folder_with(&[("examples/two_tasks", script), ("two_threads", script)]);
        let compared = compare(&format!(
            "--only two_threads,two_tasks --programs {}",
            folder.display()
        ));
        assert_eq!(compared.status.code(), Some(1), "{compared}");
        let [threads, tasks] = [0, 1].map(|row| &compared.json["programs"][row]);
        assert_eq!(threads["measured"], serde_json::Value::Null, "{compared}");
        // One of two functions has ended.
        let tasks = &tasks["measured"];
        assert_eq!([&tasks["ok"], &tasks["failed"]], [1, 1], "{compared}");
        let doubt =
            "failed, so the time says nothing about good ones: two_tasks (1 of 2 functions)";
        assert!(
            compared.json["notes"].to_string().contains(doubt),
            "{compared}"
        );
    }

    /// A program that says it computed 20 times, `after` so many seconds, and notes `jobs`.
    fn pretender(after: &str, jobs: &str) -> String {
        let job = r"1 1\t1000000000\t1200000000\tfib(35)\n";
        format!(
            "sleep {after}; for job in {jobs}; do printf '{job}' >> $JOB_LOG; done
            echo 'fib(35) = 9227465, 20 times'"
        )
    }

    #[test]
    fn figures_that_cannot_be_are_doubted() {
        // Twenty jobs of 0.2 s each, without any CPU time; then three of twenty in no time.
        let slow = pretender("1", &"job ".repeat(20));
        let fast = pretender("0", "job job job");
        let folder = folder_with(&[("sync-cpu", &slow), ("parallel-cpu", &fast)]);
        let compared = compare(&format!(
            "--only sync-cpu,parallel-cpu --workers 2 --runs 2 --programs {}",
            folder.display()
        ));
        let notes = compared.json["notes"].to_string();
        for doubt in [
            "so something slowed the sync twin down: parallel-cpu (",
            "what was said and what was seen differ: parallel-cpu (20 jobs, seen 3)",
        ] {
            assert!(notes.contains(doubt), "no `{doubt}` in {notes}");
        }
        let busy = "jobs had a core for only a part of their time: sync-cpu (";
        assert!(notes.contains(busy), "no `{busy}` in {notes}");
    }

    #[test]
    fn a_program_is_measured_to_its_end_and_not_to_that_of_its_output() {
        let two = "echo add_two started at 0; echo add_two ended at 0";
        let script = format!("{two}; exec >&- 2>&-; sleep 1");
        let folder = folder_with(&[("examples/two_threads", &script)]);
        let compared = compare(&format!(
            "--only two_threads --programs {}",
            folder.display()
        ));
        let time = compared.json["programs"][0]["measured"]["time_s"].as_f64();
        assert!(time.is_some_and(|time| time >= 1.0), "{compared}");
    }

    #[test]
    fn what_a_program_leaves_behind_is_ended_and_what_it_said_counts() {
        let script = r#"
            echo add_two started at 0
            echo add_two ended at 0
            sleep 1000 &
            echo $! > "${0%/*}/../processes""#;
        let folder = folder_with(&[("examples/two_threads", script)]);
        let compared = compare(&format!(
            "--only two_threads --programs {}",
            folder.display()
        ));
        assert_eq!(
            compared.json["programs"][0]["measured"]["ok"], 1,
            "{compared}"
        );
        are_gone(&folder);
    }

    #[test]
    fn a_program_has_nothing_to_read() {
        let script = "test -z \"$(cat)\" && echo add_two started at 0 && echo add_two ended at 0";
        let folder = folder_with(&[("examples/two_threads", script)]);
        let options = format!("--only two_threads --programs {}", folder.display());
        let mut child = command(&options)
            .stdin(std::process::Stdio::piped())
            .spawn()
            .expect("it starts");
        let input = child.stdin.take();
        let output = child.wait_with_output().expect("it ends");
        drop(input);
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(stdout.contains(" 1/1"), "{stdout}");
    }

    #[test]
    fn no_program_gets_a_timeout_that_it_refuses() {
        let script = r#"echo "$@" > "${0%/*}/arguments""#;
        let folder = folder_with(&[("threaded-downloader", script)]);
        compare(&format!(
            "--only threaded-downloader --latency 30000000 --pages 1 --programs {}",
            folder.display()
        ));
        let arguments = fs::read_to_string(folder.join("arguments")).expect("it was started");
        let mut words = arguments.split_whitespace();
        words.find(|word| *word == "--timeout").expect("it has one");
        let timeout: f64 = words
            .next()
            .and_then(|word| word.parse().ok())
            .expect("a number");
        assert!(timeout <= 24.0 * 60.0 * 60.0, "{timeout}");
    }

    #[test]
    fn no_control_character_and_no_password_of_a_program_is_shown() {
        let script = r"printf 'Error: \033[2Jhttp://u:secret@host/\n' >&2; exit 3";
        let folder = folder_with(&[("sync-cpu", script)]);
        let compared = compare(&format!("--only sync-cpu --programs {}", folder.display()));
        let page = fs::read_to_string(&compared.html).expect("the page was written");
        for shown in [&compared.stdout, &page, &compared.json.to_string()] {
            assert!(
                !shown.contains('\u{1b}') && !shown.contains("secret"),
                "{shown}"
            );
            assert!(shown.contains("http://u:***@host/"), "{shown}");
        }
    }
}

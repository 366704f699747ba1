//! The examples for many machines: they need a server, which may be missing, and take long to
//! build. So cargo, the server and they themselves are stand-ins here, but for one test.
#![cfg(target_os = "linux")]

#[allow(dead_code, reason = "it is not all for this test")]
mod running;
#[allow(dead_code, reason = "it is not all for this test")]
#[path = "running/scripts.rs"]
mod scripts;
#[path = "running/signals.rs"]
mod signals;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use running::{Compared, command, finish};
use scripts::folder_with;
use serde_json::Value;
use signals::{TWO, end, send, wait_until};

/// Says that it did three jobs, two of them by one worker, each on another thread.
const QUEUE: &str = r#"
    printf '7 worker 1\t1000000000\t1200000000\tfib(35)\n' >> $JOB_LOG
    printf '7 worker 0\t1000000000\t1300000000\tfib(35)\n' >> $JOB_LOG
    printf '7 worker 1\t1250000000\t1400000000\tfib(35)\n' >> $JOB_LOG
    echo 'fib(35) = 9227465, 3 times'"#;

/// `compare`, for which there is a server.
fn with_server(options: &str) -> Command {
    let server = folder_with(&[("nats-server", "exit 0")]);
    let path = env::var("PATH").unwrap_or_default();
    let mut command = command(options);
    command.env("PATH", format!("{}:{path}", server.display()));
    command
}

/// `compare`, for which there is none; `None` if that cannot be had here, and then it says so.
fn without_server(options: &str) -> Option<Command> {
    if Path::new("/usr/sbin/nats-server").exists() {
        eprintln!("SKIPPED: there is a nats-server where it is always found");
        return None;
    }
    let mut command = command(options);
    command.env("PATH", "");
    Some(command)
}

/// A cargo that builds nothing, but writes down what it is asked to build.
fn stand_in_cargo() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("Cargo.toml");
    let script = format!(
        r#"if [ "$1" = build ]; then echo "$@" >> "${{0%/*}}/builds"; else echo '{}'; fi"#,
        workspace.display()
    );
    folder_with(&[("cargo", &script)]).join("cargo")
}

/// The options of every call of cargo.
fn builds(mut command: Command) -> Vec<String> {
    let cargo = stand_in_cargo();
    finish({
        command.env("CARGO", &cargo);
        command
    });
    let builds = fs::read_to_string(cargo.with_file_name("builds")).expect("it was asked");
    builds.lines().map(str::to_owned).collect()
}

fn programs(compared: &Compared) -> &Vec<Value> {
    compared.json["programs"].as_array().expect("a list")
}

fn names(compared: &Compared) -> Vec<&str> {
    let rows = programs(compared).iter();
    rows.filter_map(|row| row["name"].as_str()).collect()
}

/// The names of the files in the folder `kind` beside any program.
fn files(kind: &str) -> BTreeSet<String> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let list = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    list(workspace.expect("a workspace"))
        .flat_map(|program| list(&program.path().join(kind)))
        .map(|file| file.file_name().to_string_lossy().replace(".rs", ""))
        .collect()
}

#[test]
fn a_lane_is_a_worker() {
    let folder = folder_with(&[("examples/many_machines", QUEUE)]);
    let options = "--only many_machines --jobs 3 --workers 2";
    let trace = folder.join("trace");
    let mut command = with_server(options);
    command.args([
        Path::new("--programs"),
        &folder,
        Path::new("--trace"),
        &trace,
    ]);
    let compared = finish(command);
    assert!(compared.status.success(), "{compared}");
    let row = &programs(&compared)[0];
    assert_eq!(row["model"], "queue, 2 workers", "{row}");
    assert_eq!(row["measured"]["lanes"], 2, "{row}");
    let bars = row["measured"]["bars"].as_array().expect("a list");
    let lanes: Vec<&Value> = bars.iter().map(|bar| &bar["lane"]).collect();
    assert_eq!(lanes, [0, 1, 0], "{row}");
    assert!(
        compared
            .svg
            .contains("a lane per thread or worker of a queue")
    );
    let trace = fs::read_to_string(trace).expect("it was written");
    for worker in 0..2 {
        let name = format!(r#"{{"name":"worker {worker}"}}"#);
        assert!(trace.contains(&name), "{trace}");
    }
}

#[test]
fn in_a_folder_only_what_is_named_must_be_there() {
    let folder = folder_with(&[("parallel-cpu", "echo 'fib(35) = 9227465, 20 times'")]);
    let folder = folder.display();
    let options = format!("--variations --only parallel-cpu --programs {folder}");
    let compared = finish(with_server(&options));
    assert!(!names(&compared).contains(&"many_machines"), "{compared}");
    let notes = compared.json["notes"].to_string();
    let note = format!("left out: many_machines: there is none in {folder}");
    assert!(notes.contains(&note), "{notes}");
    let compared = finish(with_server(&format!(
        "--only many_machines --programs {folder}"
    )));
    assert_eq!(compared.status.code(), Some(1), "{compared}");
    let failure = &programs(&compared)[0]["failure"];
    assert_eq!(failure, &format!("missing: there is none in {folder}"));
}

#[test]
fn without_a_server_only_what_is_named_is_a_failure() {
    let not_installed = "nats-server is not installed: take `apt install nats-server`, ";
    let folder = folder_with(&[
        ("parallel-cpu", "echo 'fib(35) = 9227465, 20 times'"),
        ("examples/many_machines", QUEUE),
    ]);
    let folder = folder.display();
    let options = format!("--variations --only parallel-cpu --programs {folder}");
    let Some(command) = without_server(&options) else {
        return;
    };
    let compared = finish(command);
    assert!(!names(&compared).contains(&"many_machines"), "{compared}");
    let notes = compared.json["notes"].to_string();
    let note = format!("left out: many_machines: {not_installed}");
    assert_eq!(notes.matches(&note).count(), 1, "{notes}");
    let options = format!("--only many_machines --programs {folder}");
    let compared = finish(without_server(&options).expect("there was none before"));
    assert_eq!(compared.status.code(), Some(1), "{compared}");
    let failure = programs(&compared)[0]["failure"].to_string();
    let expected = format!("\"missing: {not_installed}");
    assert!(failure.starts_with(&expected), "{failure}");
}

#[test]
fn cargo_builds_them_by_themselves_and_only_if_asked() {
    let feature = "--features";
    let plain = builds(with_server(""));
    assert_eq!(plain.len(), 1, "{plain:?}");
    assert!(!plain[0].contains(feature), "{plain:?}");
    assert!(!plain[0].contains("--example"), "{plain:?}");
    let all = builds(with_server("--variations"));
    let [plain, alone @ ..] = &all[..] else {
        panic!("cargo was not asked")
    };
    assert!(!plain.contains(feature), "{plain}");
    let examples = plain.split(" --example ").skip(1);
    let examples: BTreeSet<String> = examples
        .filter_map(|rest| Some(rest.split(' ').next()?.to_owned()))
        .collect();
    assert_eq!(examples, files("examples"));
    assert_eq!(alone.len(), files("machines").len(), "{alone:?}");
    for name in files("machines") {
        let of = |build: &&String| build.contains(&format!(" --example {name} "));
        let build = alone.iter().find(of).unwrap_or_else(|| panic!("no {name}"));
        assert!(build.ends_with(" --features machines"), "{build}");
        // A program that is built with the feature would be another one than `cargo run` runs.
        assert!(!build.contains("--bin"), "{build}");
        assert_eq!(build.matches("--package").count(), 1, "{build}");
    }
    let Some(command) = without_server("--variations") else {
        return;
    };
    assert!(!builds(command).concat().contains(feature));
}

/// The servers that keep something in a folder.
fn servers_in(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().expect("it is text");
    let processes = fs::read_dir("/proc").expect("there is one").flatten();
    let commands = processes.map(|process| fs::read(process.path().join("cmdline")));
    commands
        .filter_map(|command| Some(String::from_utf8_lossy(&command.ok()?).into_owned()))
        .filter(|command| command.contains("nats-server") && command.contains(folder))
        .collect()
}

#[track_caller]
fn leaves_no_server(temporary: &Path) {
    let is_clean = || servers_in(temporary).is_empty() && signals::names(temporary).is_empty();
    // Its keeper may have heard of it a moment later.
    wait_until(is_clean);
}

#[test]
#[ignore = "it builds for minutes what nothing else here needs, so .ci/machines runs it"]
fn the_real_ones() {
    if !shared::nats_server::is_installed() {
        eprintln!("SKIPPED: there is no nats-server");
        return;
    }
    let temporary = running::folder();
    let both = "--only many_machines,many_machines_downloads";
    let with = |options: &str| {
        let mut command = command(&format!("{both} {options}"));
        command.env("TMPDIR", &temporary);
        command
    };
    let compared = finish(with(
        "--pages 30 --latency 20 --number 30 --jobs 60 --workers 3",
    ));
    assert!(compared.status.success(), "{compared}");
    assert_eq!(
        names(&compared),
        ["many_machines_downloads", "many_machines"]
    );
    for (row, pieces) in programs(&compared).iter().zip([30, 60]) {
        let measured = &row["measured"];
        assert_eq!(measured["ok"], pieces, "{row}");
        let bars = measured["bars"].as_array().map(Vec::len);
        assert_eq!(bars, Some(pieces), "{row}");
        assert_eq!(measured["lanes"], 3, "{row}");
        let at_once = measured["most_at_once"].as_u64();
        assert!(at_once <= Some(3), "{row}");
    }
    leaves_no_server(&temporary);
    let endless = "--pages 10000 --latency 100 --number 45 --jobs 10000";
    let compared = finish(with(&format!("{endless} --limit 1")));
    let hung = compared.stdout.matches("no end within 1 s").count();
    assert_eq!(hung, 2, "{compared}");
    leaves_no_server(&temporary);
    for signals in [&["INT"][..], &["TERM"], &TWO] {
        let child = with(endless).spawn().expect("it starts");
        wait_until(|| !servers_in(&temporary).is_empty());
        send(signals, &child);
        assert_eq!(end(child).code(), Some(130), "{signals:?}");
        leaves_no_server(&temporary);
    }
}

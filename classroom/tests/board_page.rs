//! The board's page in a real browser, while real programs run.

mod boards;
#[path = "boards/browser.rs"]
mod browser;

use std::env::consts::EXE_SUFFIX;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use boards::{Board, wait_until};
use browser::Browser;
use serde_json::Value;

/// What is drawn and written of every name, by name.
const DRAWN: &str = r#"Object.fromEntries([...document.querySelectorAll(".block")].map((block) => [
  block.querySelector("h2").textContent,
  {
    ...Object.fromEntries(Object.entries(block.querySelector("canvas").dataset).map(([key, value]) => [key, Number(value)])),
    text: block.innerText,
  },
]))"#;

/// Whether anything is to be seen of a drawing in this colour of the page.
const PAINTED: &str = r#"((name, colour) => {
  const block = [...document.querySelectorAll(".block")].find((block) => block.dataset.name === name);
  const canvas = block.querySelector("canvas");
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(colour);
  probe.fillRect(0, 0, 1, 1);
  const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < data.length; at += 4) {
    if (data[at] === r && data[at + 1] === g && data[at + 2] === b && data[at + 3] === 255) return true;
  }
  return false;
})"#;

const THREADS_IN_PYTHON: &str = r#"
import concurrent.futures, http.client, sys, threading
host, name = sys.argv[1:]
local = threading.local()
def fetch(path):
    if not hasattr(local, "session"):
        local.session = http.client.HTTPConnection(host)
    local.session.request("GET", f"/{name}/{path}")
    return len(local.session.getresponse().read())
with concurrent.futures.ThreadPoolExecutor(5) as pool:
    assert sum(pool.map(fetch, ["jython", "dice"] * 20)) == 20 * (10966 + 276)
"#;

fn open(board: &Board) -> Option<Browser> {
    let browser = Browser::open(&board.url("/"));
    if browser.is_none() {
        eprintln!("SKIPPED: there is no Chromium to open the page with");
    }
    browser
}

/// Starts a downloader; it is told to take its pages from the board.
fn start(program: &str, board: &Board, name: &str, more: &[&str]) -> Child {
    let folder = Path::new(env!("CARGO_BIN_EXE_classroom"))
        .parent()
        .expect("it has one");
    let mut command = Command::new(folder.join(format!("{program}-downloader{EXE_SUFFIX}")));
    command
        .args(["--site", &board.url(&format!("/{name}"))])
        .args(more);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts")
}

/// Builds the programs with the features that they have when `compare` builds them: so they are
/// built once for both.
fn build() {
    build_packages(&[
        "async-downloader",
        "parallel-cpu",
        "process-downloader",
        "sync-cpu",
        "sync-downloader",
        "threaded-downloader",
    ]);
}

fn build_packages(packages: &[&str]) {
    let mut build = Command::new(env!("CARGO"));
    build.args([
        "build",
        "--quiet",
        "--bins",
        "--manifest-path",
        "../Cargo.toml",
    ]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    for package in packages {
        build.args(["--package", package]);
    }
    assert!(build.status().expect("cargo starts").success());
}

fn python() -> Option<&'static str> {
    ["python3", "python"].into_iter().find(|python| {
        let version = Command::new(python).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    })
}

#[test]
fn the_bars_are_the_requests_while_programs_run() {
    let board = Board::start_with(&["--listen", "127.0.0.1:0", "--latency", "40"]);
    let Some(mut browser) = open(&board) else {
        return;
    };
    build();
    let mut programs = vec![
        ("sync", start("sync", &board, "sync", &["--pages", "100"])),
        ("threads", start("threaded", &board, "threads", &[])),
        ("async", start("async", &board, "async", &[])),
        ("processes", start("process", &board, "processes", &[])),
        ("faulty", start("threaded", &board, "faulty", &["--faulty"])),
    ];
    if let Some(python) = python() {
        let mut command = Command::new(python);
        command.args(["-c", THREADS_IN_PYTHON, &board.address, "python"]);
        programs.push(("python", command.spawn().expect("it starts")));
    }
    // While they run: what is drawn was asked for before, and what was asked for before is drawn.
    let (mut compared, mut flying) = (0, 0);
    while programs
        .iter_mut()
        .any(|(_, program)| program.try_wait().unwrap().is_none())
    {
        for (name, _) in &programs {
            let before = board.seen(name)["requests"].as_u64().unwrap();
            let mut drawn = Value::Null;
            wait_until("it is drawn", || {
                drawn = browser.value(DRAWN);
                drawn[*name]["bars"].as_u64().unwrap_or(0) >= before
            });
            let after = board.seen(name)["requests"].as_u64().unwrap();
            let bars = drawn[*name]["bars"].as_u64().unwrap_or(0);
            assert!(
                (before..=after).contains(&bars),
                "{name}: {before} {bars} {after}"
            );
            compared += u64::from(bars > 0);
            flying += drawn[*name]["flying"].as_u64().unwrap_or(0);
        }
    }
    assert!(
        compared > 0 && flying > 0,
        "they were over before anything was compared"
    );
    for (name, program) in &mut programs {
        assert_eq!(
            program.wait().unwrap().success(),
            *name != "faulty",
            "{name}"
        );
        let seen = board.seen(name);
        let mut drawn = Value::Null;
        wait_until("the last one is drawn", || {
            drawn = browser.value(DRAWN)[*name].take();
            drawn["bars"] == seen["requests"] && drawn["flying"] == 0
        });
        let failed = seen["requests"].as_u64().unwrap() - seen["good"].as_u64().unwrap();
        assert_eq!(
            (&drawn["lanes"], &drawn["failed"]),
            (&seen["connections"], &failed.into()),
            "{name}"
        );
        let most = format!("at most {}", seen["most_in_flight"]);
        let text = drawn["text"].as_str().unwrap();
        assert!(
            text.contains(&most) && text.contains(&format!("{} pages", seen["good"])),
            "{text}"
        );
        let painted = |colour: &str| format!("{PAINTED}({name:?}, {colour:?})");
        assert_eq!(browser.value(&painted("--good")), true, "{name}");
        assert_eq!(browser.value(&painted("--failed")), failed > 0, "{name}");
    }
    // Whoever does not see the drawings gets the same figures.
    wait_until("the table has them", || {
        let row = "[...document.querySelectorAll('tbody tr')].map((row) => row.innerText).join()";
        let rows = browser.value(row);
        rows.as_str()
            .unwrap()
            .contains("threads\t0\t5\t5\t160\t160\t0\t")
    });
    assert_eq!(browser.complaints, Vec::<Value>::new());
}

#[test]
fn the_last_line_of_a_program_is_what_the_board_saw() {
    build();
    let board = Board::start_with(&["--listen", "127.0.0.1:0", "--latency", "20"]);
    let last_lines = |program, name, more: &[&str]| {
        let output = start(program, &board, name, more)
            .wait_with_output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (_, last) = text.rsplit_once("Fetched ").expect("a summary");
        last.split_once('\n').expect("two lines").1.to_owned()
    };
    for program in ["threaded", "process"] {
        // Each counts its own run only.
        for workers in ["9", "5"] {
            let last = last_lines(program, program, &["--pages", "30", "--workers", workers]);
            let expected = format!(
                "The site saw at most {workers} requests at once, over {workers} connections\n"
            );
            assert_eq!(last, expected);
        }
    }
    let faulty = last_lines("sync", "faulty", &["--faulty"]);
    assert!(faulty.contains("at most 1 request at once"), "{faulty}");
    assert_eq!(board.seen("faulty")["good"], 144);
    let hanging = board.hang("shared", 1);
    let shared = last_lines("sync", "shared", &["--pages", "3"]);
    drop(hanging);
    assert_eq!(
        shared,
        "The site saw at most 2 requests at once, over 1 connection\n\
         Others used this name meanwhile: 3 requests came for 3 pages\n"
    );
}

#[test]
fn compare_lets_a_room_see_its_downloads() {
    build();
    build_packages(&["compare"]);
    let board = Board::start_with(&["--listen", "127.0.0.1:0", "--latency", "20"]);
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("compared.json");
    let programs = Path::new(env!("CARGO_BIN_EXE_classroom")).parent().unwrap();
    let compare = |board: &str, more: &[&str]| {
        let mut command = Command::new(programs.join(format!("compare{EXE_SUFFIX}")));
        command.args([
            "--only",
            "sync-downloader,threaded-downloader",
            "--latency",
            "20",
        ]);
        command.args(["--board", board]).args(more);
        command
            .arg("--programs")
            .arg(programs)
            .arg("--json")
            .arg(&json);
        command.output().expect("it starts")
    };
    let output = compare(&board.url("/"), &["--pages", "40", "--faulty"]);
    assert!(output.status.success(), "{output:?}");
    let compared: Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    for (program, workers) in [("sync-downloader", 1), ("threaded-downloader", 5)] {
        let seen = board.seen(program);
        assert_eq!(
            (&seen["most_in_flight"], &seen["good"]),
            (&workers.into(), &36.into())
        );
        let programs = compared["programs"].as_array().unwrap();
        let measured = programs.iter().find(|one| one["name"] == program).unwrap();
        let measured = &measured["measured"];
        assert_eq!(measured["most_at_once"], workers, "{measured}");
        assert_eq!(measured["lanes"], seen["connections"], "{measured}");
        assert_eq!(measured["ok"], 36, "{measured}");
    }
    let refused = compare(&board.url(""), &["--pages", "1001"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    let refused = compare(&board.url("/ada"), &[]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    let nowhere = board.url("");
    drop(board);
    let nobody = compare(&nowhere, &["--pages", "4"]);
    let said = String::from_utf8_lossy(&nobody.stderr);
    assert_eq!(nobody.status.code(), Some(1), "{said}");
    assert!(said.contains("connection refused"), "{said}");
}

#[test]
fn buttons_work_with_the_keyboard() {
    let board = Board::start();
    let Some(mut browser) = open(&board) else {
        return;
    };
    let _hanging = board.hang("ada", 3);
    let flying = |browser: &mut Browser| browser.value(DRAWN)["ada"]["flying"].clone();
    wait_until("it is drawn", || flying(&mut browser) == 3);
    let mut visited = Vec::new();
    for _ in 0..5 {
        browser.press("Tab", 9, "");
        visited.push(browser.value("document.activeElement.id"));
    }
    assert_eq!(visited, ["stop", "scale", "table", "clear", "save"]);

    // Standing still, it shows what it showed; going on, what has come meanwhile.
    browser.value("document.getElementById('stop').focus()");
    browser.press("Enter", 13, "\r");
    assert_eq!(browser.value("document.activeElement.ariaPressed"), "true");
    let _more = board.hang("ben", 1);
    browser.value("new Promise((done) => setTimeout(done, 500))");
    assert_eq!(
        browser.value("document.querySelectorAll('.block').length"),
        1
    );
    browser.press("Enter", 13, "\r");
    wait_until("ben is drawn", || {
        browser.value("document.querySelectorAll('.block').length") == 2
    });

    browser.value("document.getElementById('table').click()");
    assert_eq!(
        browser.value("getComputedStyle(document.querySelector('main')).display"),
        "none"
    );
    browser.value("document.getElementById('table').click()");

    // A file with all of it, which asks for nothing.
    let file = browser.value("file()");
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("board.html");
    std::fs::write(&saved, file.as_str().expect("a text")).unwrap();
    browser.value("document.getElementById('clear').focus()");
    browser.press("Enter", 13, "\r");
    wait_until("it is cleared", || {
        browser.value("document.querySelectorAll('.block').length") == 0
    });
    drop(board);
    wait_until("it is said that the board is gone", || {
        browser.value("document.getElementById('trouble').hidden") == false
    });

    browser.complaints.clear();
    browser.go(&format!("file://{}", saved.display()));
    wait_until("it is drawn from the file", || flying(&mut browser) == 3);
    let asked = browser.value("performance.getEntriesByType('resource').filter((one) => !one.name.startsWith('data:')).length");
    assert_eq!(asked, 0);
    assert_eq!(
        browser.value("document.getElementById('clear').hidden"),
        true
    );
    assert_eq!(browser.complaints, Vec::<Value>::new());
}

#[test]
fn a_page_without_event_source_or_script_says_so() {
    let board = Board::start();
    let Some(mut browser) = open(&board) else {
        return;
    };
    let without = serde_json::json!({"source": "delete window.EventSource;"});
    browser.call("Page.addScriptToEvaluateOnNewDocument", without);
    browser.go(&board.url("/"));
    wait_until("it says so", || {
        let text = browser.value("document.body?.innerText ?? ''");
        text.as_str().unwrap().contains("it has no EventSource")
    });
    browser.call(
        "Emulation.setScriptExecutionDisabled",
        serde_json::json!({"value": true}),
    );
    browser.go(&board.url("/"));
    wait_until("it says so", || {
        let text = browser.value("document.body?.innerText ?? ''");
        text.as_str().unwrap().contains("this browser runs none")
    });
}

#[test]
fn forty_names_fit_and_more_fold() {
    let board = Board::start();
    let Some(mut browser) = open(&board) else {
        return;
    };
    let fetch = |name: String| {
        assert!(
            board
                .get(&format!("/{name}/dice"))
                .starts_with("HTTP/1.1 200 ")
        );
    };
    let shown = "document.querySelectorAll('.block').length";
    (0..40).for_each(|number| fetch(format!("name-number-{number}-of-them")));
    wait_until("all are shown", || browser.value(shown) == 40);
    let cut = r#"[...document.querySelectorAll(".block")].filter((block) => {
      const { right, bottom } = block.getBoundingClientRect();
      const canvas = block.querySelector("canvas").getBoundingClientRect();
      const size = parseFloat(getComputedStyle(block).fontSize);
      return right > innerWidth || bottom > innerHeight || canvas.height < 30 || size < 15;
    }).length"#;
    assert_eq!(browser.value(cut), 0);
    let first = "document.querySelector('.block h2').textContent";
    assert_eq!(browser.value(first), "name-number-39-of-them");
    (40..50).for_each(|number| fetch(format!("name-number-{number}-of-them")));
    wait_until("the oldest fold", || {
        browser.value("document.querySelectorAll('#folded li').length") == 10
    });
    assert_eq!(browser.value(shown), 40);
    let folded = browser.value("document.getElementById('folded').textContent");
    assert!(
        folded.as_str().unwrap().contains("name-number-0-of-them"),
        "{folded}"
    );
    let _back = board.hang("name-number-0-of-them", 1);
    wait_until("it is back", || {
        browser.value(first) == "name-number-0-of-them"
    });
}

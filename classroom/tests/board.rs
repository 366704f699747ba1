//! The board shows what it was asked for, and nothing else.

mod boards;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use boards::{Board, FAILED, GOOD, IN_FLIGHT, LEFT, Viewer, wait_until};

/// Asks for these pages one after another over one connection.
fn fetch(board: &Board, name: &str, pages: &[&str]) {
    let mut stream = board.connect();
    for (place, page) in pages.iter().enumerate() {
        let close = if place + 1 == pages.len() {
            "close"
        } else {
            "keep-alive"
        };
        write!(
            stream,
            "GET /{name}/{page} HTTP/1.1\r\nhost: x\r\nconnection: {close}\r\n\r\n"
        )
        .unwrap();
    }
    // One that was cut off has been answered as it was asked to.
    let _ = stream.read_to_end(&mut Vec::new());
}

#[test]
fn a_name_has_the_pages_of_the_practice_site() {
    let board = Board::start();
    for (page, start, bytes) in [
        ("jython", "HTTP/1.1 200 OK\r\n", 10_966),
        ("dice", "HTTP/1.1 200 OK\r\n", 276),
        ("truncated", "HTTP/1.1 200 OK\r\n", 5_483),
        ("status/503", "HTTP/1.1 503 ", 24),
        ("reset", "", 0),
    ] {
        let answer = board.get(&format!("/ada/{page}"));
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        assert!(answer.starts_with(start), "{answer}");
        assert_eq!(body.len(), bytes, "{page}");
    }
    let seen = board.seen("ada");
    let expected = serde_json::json!({
        "name": "ada", "run": 1, "requests": 5, "good": 2, "in_flight": 0, "most_in_flight": 1,
        "connections": 5,
    });
    assert_eq!(seen, expected);
    let missing = board.get("/ada/nothing");
    assert!(
        missing.starts_with("HTTP/1.1 404 ") && missing.contains("/jython"),
        "{missing}"
    );
}

#[test]
fn the_events_agree_with_the_requests() {
    let board = Board::start();
    let mut viewer = board.look();
    fetch(&board, "ada", &["jython", "dice", "status/404", "dice"]);
    fetch(&board, "ada", &["dice", "truncated"]);
    let hanging = board.hang("ada", 3);
    let ada = viewer.until("ada", |ada| ada.figures["requests"] == 9);
    assert_eq!(
        [IN_FLIGHT, GOOD, FAILED].map(|outcome| ada.bars_with(outcome)),
        [3, 4, 2]
    );
    let lanes: BTreeSet<u64> = ada.bars.values().map(|bar| bar[0]).collect();
    assert_eq!(lanes, BTreeSet::from([0, 1, 2, 3, 4]));
    assert!(ada.bars.values().all(|bar| bar[1] <= bar[2]));
    for (figure, value) in [
        ("in_flight", 3),
        ("most_in_flight", 3),
        ("good", 4),
        ("connections", 5),
    ] {
        assert_eq!(ada.figures[figure], value, "{figure}");
    }
    drop(hanging);
    let ada = viewer.until("ada", |ada| ada.figures["in_flight"] == 0);
    assert_eq!((ada.bars_with(IN_FLIGHT), ada.bars_with(LEFT)), (0, 3));
    assert_eq!(ada.bars.len(), 9);
}

#[test]
fn who_comes_late_sees_all_that_there_is_first() {
    let board = Board::start();
    fetch(&board, "ada", &["dice"; 20]);
    let _hanging = board.hang("ben", 2);
    let mut viewer = board.look();
    assert!(viewer.next() && viewer.last["whole"] == true);
    let [ada, ben] = ["ada", "ben"].map(|name| viewer.name(name).expect("it is there"));
    assert_eq!((ada.bars_with(GOOD), ada.bars.len()), (20, 20));
    assert_eq!((ben.bars_with(IN_FLIGHT), ben.bars.len()), (2, 2));
    fetch(&board, "ada", &["dice"; 5]);
    let ada = viewer.until("ada", |ada| ada.figures["requests"] == 25);
    assert_eq!(ada.bars_with(GOOD), 25);
}

#[test]
fn the_boards_own_requests_are_not_counted() {
    let board = Board::start();
    let mut viewer = board.look();
    let page = board.get("/");
    let address = format!("http://{}/NAME/jython", board.address);
    assert!(page.contains(&address), "{page}");
    assert!(
        page.contains("text/html") && page.contains("script-src 'nonce-"),
        "{page}"
    );
    for path in [
        "/events?x",
        "/favicon.ico",
        "/ada",
        "/ada/",
        "//",
        "/ada/seen",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        assert_eq!(board.send(request.as_bytes()).read(&mut [0; 9]).unwrap(), 9);
    }
    assert_eq!(board.seen("ada")["requests"], 0);
    fetch(&board, "ben", &["dice"]);
    viewer.until("ben", |ben| ben.figures["requests"] == 1);
    assert_eq!(viewer.names.len(), 1);
}

#[test]
fn viewers_who_read_nothing_hold_nobody_up() {
    let board = Board::start();
    let _silent: Vec<Viewer> = (0..20).map(|_| board.look()).collect();
    let mut viewer = board.look();
    for round in 0..10 {
        fetch(&board, "ada", &["dice"; 500]);
        let requests = 500 * (round + 1);
        viewer.until("ada", |ada| ada.figures["good"] == requests);
    }
    assert_eq!(board.seen("ada")["requests"], 5000);
    // As many messages as moments in which something changed, not as requests.
    assert!(viewer.messages < 2500, "{} messages", viewer.messages);
}

#[test]
fn there_is_a_limit_to_viewers_and_those_who_left_do_not_count() {
    let board = Board::start();
    for _ in 0..2 {
        let viewers: Vec<Viewer> = (0..128).map(|_| board.look()).collect();
        wait_until("all are there", || board.get("/events").contains(" 503 "));
        drop(viewers);
        wait_until("they have left", || {
            let mut start = [0; 12];
            let events = board
                .send(b"GET /events HTTP/1.1\r\nhost: x\r\n\r\n")
                .read_exact(&mut start);
            events.is_ok() && start == *b"HTTP/1.1 200"
        });
    }
}

#[test]
fn hostile_names_and_paths_are_refused_or_harmless() {
    let board = Board::start();
    let mut viewer = board.look();
    let long = "n".repeat(25);
    for name in [
        "<script>alert(1)</script>",
        "%3Cscript%3E",
        "..",
        "%2e%2e",
        ".",
        "-a",
        "a%20b",
        "a%00",
        "ada\"onload=",
        "ada&lt;",
        &long,
        "a;b",
        "a:b",
        "@",
        "ü",
    ] {
        let answer = board.get(&format!("/{name}/dice"));
        let refused = answer.starts_with("HTTP/1.1 404 ") || answer.starts_with("HTTP/1.1 400 ");
        assert!(refused && !answer.contains("text/html"), "{name}: {answer}");
    }
    for bytes in [
        &b"GET /\xff\xfe/dice HTTP/1.1\r\nhost: x\r\n\r\n"[..],
        b"\0\0\0\0\r\n\r\n",
        b"GET",
    ] {
        let mut stream = board.send(bytes);
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    }
    assert!(board.get("/ada/<img>").starts_with("HTTP/1.1 400 "));
    let path = format!("/ada/%3Cimg%3E'{}?%3Cb%3E=1", "p".repeat(5_000));
    assert!(board.get(&path).starts_with("HTTP/1.1 404 "));
    board.get("http://elsewhere.example/ada/dice");
    let ada = viewer.until("ada", |ada| ada.figures["requests"] == 2);
    assert_eq!((ada.bars_with(GOOD), ada.bars_with(FAILED)), (1, 1));
    assert_eq!(viewer.names.len(), 1);
    for mark in ["<", ">", "img", "ppp"] {
        assert!(!viewer.text.contains(mark), "{mark} in {}", viewer.text);
    }
}

#[test]
fn many_names_lock_nobody_out() {
    let board = Board::start();
    let _busy = board.hang("busy", 1);
    for number in 0..450 {
        fetch(&board, &format!("n{number}"), &["dice"]);
    }
    let mut viewer = board.look();
    assert!(viewer.next());
    assert_eq!(viewer.names.len(), 200);
    assert!(viewer.name("busy").is_some() && viewer.name("n449").is_some());
}

#[test]
fn only_the_names_of_the_list_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("names.txt");
    let names = file.to_str().unwrap();
    std::fs::write(&file, "\u{feff}ada\r\n\n  ben \n").unwrap();
    let board = Board::start_with(&["--listen", "127.0.0.1:0", "--names", names]);
    for name in ["ada", "ben"] {
        let answer = board.get(&format!("/{name}/dice"));
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    assert!(board.get("/chen/dice").starts_with("HTTP/1.1 403 "));
    let lines = |names: usize| (0..names).map(|n| format!("n{n}\n")).collect::<String>();
    for (text, reason) in [
        (&b"ada\na b\n"[..], "line 2 is no name"),
        (b"\n", "there are none"),
        (b"caf\xe9\n", "it is not UTF-8"),
        (lines(201).as_bytes(), "at most 200 names"),
        (lines(10_000).as_bytes(), "at most 200 names"),
        (&[b'x'; 100_000], "it is larger than 64 KiB"),
    ] {
        std::fs::write(&file, text).unwrap();
        let refused = refused(&["--names", names]);
        assert!(refused.contains(reason), "{refused}");
        assert!(refused.len() < 300, "{refused}");
    }
    assert!(refused(&["--names", "nowhere"]).contains("cannot take the names from nowhere"));
}

/// Nobody who reads `/dev/zero` to its end comes back.
#[cfg(unix)]
#[test]
fn a_list_of_names_without_end_is_refused() {
    assert!(refused(&["--names", "/dev/zero"]).contains("it is larger than 64 KiB"));
    assert!(refused(&["--replay", "/dev/zero"]).contains("no recording"));
}

#[cfg(unix)]
#[test]
fn whoever_asks_a_board_to_end_need_not_wait_for_its_file() {
    use nix::sys::signal::{Signal, kill};

    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for option in ["--names", "--replay"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_classroom"));
        let mut board = command.args(["board", option]).arg(&pipe).spawn().unwrap();
        // Somebody who can open it to write has met the board, which reads.
        let writer = std::fs::File::options().write(true).open(&pipe).unwrap();
        let process = nix::unistd::Pid::from_raw(board.id() as i32);
        // Not SIGINT: it means nothing to what a shell runs in the background, these tests maybe.
        kill(process, Signal::SIGTERM).unwrap();
        wait_until("it has ended", || board.try_wait().unwrap().is_some());
        drop(writer);
    }
}

/// The one line that a board says when it cannot be.
fn refused(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_classroom"));
    let output = command
        .arg("board")
        .args(arguments)
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let complaint = String::from_utf8(output.stderr).expect("text");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    complaint
}

#[test]
fn a_port_that_is_taken_is_passed_over_unless_it_was_asked_for() {
    // Somebody else may have it, just as well.
    let _first = TcpListener::bind("127.0.0.1:8000");
    let board = Board::start_with(&[]);
    assert_ne!(board.address, "127.0.0.1:8000");
    assert!(
        board.introduction.contains("Only programs on this machine"),
        "{}",
        board.introduction
    );
    let refused = refused(&["--listen", &board.address]);
    assert!(
        refused.contains(&format!("cannot listen on {}", board.address)),
        "{refused}"
    );
}

#[test]
fn only_somebody_at_this_machine_clears_the_board() {
    let board = Board::start();
    let mut viewer = board.look();
    fetch(&board, "ada", &["dice"; 3]);
    viewer.until("ada", |ada| ada.figures["good"] == 3);
    let clear = |host: &str, origin: &str| {
        let origin = format!("origin: {origin}\r\nconnection: close");
        let head = format!("POST /clear HTTP/1.1\r\nhost: {host}\r\n{origin}\r\n\r\n");
        board.raw(head.as_bytes())
    };
    let own = &board.address;
    let elsewhere = "elsewhere.example:8000";
    for (host, origin) in [
        (own.as_str(), "http://elsewhere.example:8000"),
        (own, "null"),
        (own, "http://localhost"),
        // A name that leads here, though the page came from elsewhere.
        (elsewhere, "http://elsewhere.example:8000"),
        ("", "http://"),
    ] {
        let answer = clear(host, origin);
        assert!(answer.starts_with("HTTP/1.1 403 "), "{host}: {answer}");
    }
    assert!(board.get("/clear").starts_with("HTTP/1.1 404 "));
    assert_eq!(board.seen("ada")["requests"], 3);
    for host in [own, "localhost:8000", "[::1]:8000"] {
        fetch(&board, "ada", &["dice"]);
        let answer = clear(host, &format!("http://{host}"));
        assert!(answer.starts_with("HTTP/1.1 200 "), "{host}: {answer}");
        assert_eq!(board.seen("ada")["requests"], 0);
    }
    while !viewer.names.is_empty() {
        assert!(viewer.next(), "the events ended");
    }
    fetch(&board, "ada", &["dice"]);
    viewer.until("ada", |ada| {
        ada.figures["requests"] == 1 && ada.bars.len() == 1
    });
}

#[test]
fn a_run_can_be_begun_and_not_while_another_is_under_way() {
    let board = Board::start();
    fetch(&board, "ada", &["dice"; 4]);
    assert!(board.ask("POST /ada/seen").contains("\"requests\":0"));
    fetch(&board, "ada", &["dice"; 2]);
    let seen = board.seen("ada");
    assert_eq!((&seen["run"], &seen["requests"]), (&2.into(), &2.into()));
    let _hanging = board.hang("ada", 1);
    assert!(board.ask("POST /ada/seen").contains("\"requests\":3"));
}

#[cfg(unix)]
#[test]
fn a_recording_shows_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hour.jsonl");
    let file = file.to_str().unwrap();
    let mut board = Board::start_with(&["--listen", "127.0.0.1:0", "--record", file]);
    fetch(&board, "forgotten", &["dice"]);
    board.ask("POST /clear");
    fetch(&board, "ada", &["jython", "dice", "status/404"]);
    board.ask("POST /ada/seen");
    fetch(&board, "ada", &["jython", "dice", "truncated"]);
    let hanging = board.hang("ben", 2);
    drop(hanging);
    wait_until("they have left", || board.seen("ben")["in_flight"] == 0);
    let (mut viewer, mut again) = (board.look(), board.look());
    assert!(viewer.next() && again.next());
    assert!(board.interrupt().success());
    assert!(!viewer.next(), "the events end with the board");
    assert!(refused(&["--record", file]).contains("cannot record to"));
    for option in [["--record", "new"], ["--latency", "5"], ["--names", "list"]] {
        let mut both = Command::new(env!("CARGO_BIN_EXE_classroom"));
        // Nobody can listen there, so that it ends in any case.
        both.args(["board", "--listen", "192.0.2.1:1", "--replay", file]);
        let both = both.args(option).output();
        assert_eq!(both.unwrap().status.code(), Some(2), "{option:?}");
    }

    let mut board = Board::start_with(&["--listen", "127.0.0.1:0", "--replay", file]);
    assert!(board.line().contains("That was all"));
    assert!(board.get("/ada/dice").starts_with("HTTP/1.1 503 "));
    let mut viewer = board.look();
    assert!(viewer.next());
    assert_eq!(viewer.names.len(), 2);
    for (name, before) in again.names.values().map(|name| (&name.name, name)) {
        let after = viewer.name(name).expect("it is there again");
        for figure in [
            "run",
            "requests",
            "good",
            "in_flight",
            "most_in_flight",
            "connections",
        ] {
            assert_eq!(
                after.figures[figure], before.figures[figure],
                "{figure} of {name}"
            );
        }
        for outcome in [GOOD, FAILED, LEFT] {
            assert_eq!(
                after.bars_with(outcome),
                before.bars_with(outcome),
                "{name}"
            );
        }
    }
    assert!(board.interrupt().success());
}

#[cfg(unix)]
#[test]
fn what_is_no_recording_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken.jsonl");
    let head = "{\"recording\":\"board\",\"version\":1}\n";
    let path = file.to_str().unwrap();
    for text in [&b""[..], b"{}\n", b"caf\xe9\n", &[b'x'; 100_000]] {
        std::fs::write(&file, text).unwrap();
        assert!(refused(&["--replay", path]).contains("no recording"));
    }
    for line in [
        &b"{}"[..],
        b"\xff",
        b"{\"at\":0,\"came\":{\"name\":\"a b\",\"connection\":1,\"request\":1}}",
        &[b'y'; 999],
    ] {
        std::fs::write(&file, [head.as_bytes(), line, b"\n"].concat()).unwrap();
        // The board stays, and tells at the end that something was wrong; but one that ends before
        // it has come so far has seen nothing wrong.
        let told = [0, 50, 500, 5_000].into_iter().any(|milliseconds| {
            let mut board = Board::start_with(&["--listen", "127.0.0.1:0", "--replay", path]);
            board.get("/");
            std::thread::sleep(std::time::Duration::from_millis(milliseconds));
            board.interrupt().code() == Some(1)
        });
        assert!(told, "{}", String::from_utf8_lossy(line));
    }
}

/// Also one that is behind its time, or that an editor on Windows has saved.
#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_replay_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("long.jsonl");
    let mut text = "{\"recording\":\"board\",\"version\":1}\r\n".to_owned();
    for _ in 0..300_000 {
        text += "{\"at\":0,\"run\":{\"name\":\"ada\"}}\r\n";
    }
    std::fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap();
    let mut board = Board::start_with(&["--listen", "127.0.0.1:0", "--replay", path]);
    assert!(board.interrupt().success());
    assert_eq!(board.line(), "", "it was not shown to its end");
}

#[cfg(target_os = "linux")]
#[test]
fn a_recording_that_finds_no_room_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hour.jsonl");
    let path = file.to_str().unwrap();
    // With no byte to write, a file can be made all the same.
    let script = "ulimit -f 0; trap '' XFSZ; exec \"$0\" board --record \"$1\"";
    let mut shell = Command::new("sh");
    let board = shell.args(["-c", script, env!("CARGO_BIN_EXE_classroom"), path]);
    let output = board.output().expect("there is a shell");
    let complaint = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(complaint.contains("cannot record to"), "{complaint}");
    assert!(!file.exists());
}

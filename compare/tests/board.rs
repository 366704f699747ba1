//! Boards that are none or say nothing, or that do not go with the program.
#![cfg(target_os = "linux")]

#[allow(dead_code, reason = "it is not all for this test")]
mod running;
#[allow(dead_code, reason = "it is not all for this test")]
#[path = "running/scripts.rs"]
mod scripts;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use running::{command, compare};
use scripts::folder_with;

/// Starts a board that tells the same whenever it is asked; returns its address.
fn board(told: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.expect("somebody asks"));
            let mut line = String::new();
            while reader.read_line(&mut line).expect("it is a request") > 2 {
                line.clear();
            }
            let head = b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
            let mut stream = reader.into_inner();
            stream.write_all(head).expect("somebody listens");
            stream.write_all(told.as_bytes()).expect("somebody listens");
            if told.is_empty() {
                thread::park();
            }
        }
    });
    format!("http://{address}")
}

/// What compare does with a program that is a script, and a board.
fn options(script: &str, board: &str) -> String {
    let folder = folder_with(&[("sync-downloader", script)]);
    let folder = folder.display();
    format!("--only sync-downloader --pages 1 --latency 5 --board {board} --programs {folder}")
}

#[test]
fn what_is_no_board_is_told_in_a_line() {
    let hangs_up = "\n";
    for (told, reason) in [
        (hangs_up, "that is no board"),
        ("hello\n\n", "that is no board"),
        ("data: {}\n\n", "that is no board"),
        ("", "no answer within 10 s"),
    ] {
        let board = board(told);
        let output = command(&options("exit 0", &board)).output();
        let output = output.expect("it starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        let complaint = format!("Error: cannot look at the board {board}: {reason}\n");
        assert_eq!((output.status.code(), &*stderr), (Some(1), &*complaint));
    }
}

#[test]
fn a_board_of_another_latency_is_told_apart_from_a_busy_machine() {
    let board = board(
        "data: {\"names\":[{\"name\":\"sync-downloader\",\"in_flight\":0,\"most_in_flight\":1,\
         \"connections\":1,\"bars\":[[7,0,100,187,1]]}]}\n\n",
    );
    let compared = compare(&options("echo Fetched 276 bytes from the board", &board));
    assert!(compared.status.success(), "{compared}");
    assert_eq!(compared.json["settings"]["board"], board.as_str());
    let notes = compared.json["notes"].to_string();
    let note = "87.0 ms over a page instead of 5 ms: the board has another --latency, or the";
    assert!(notes.contains(note), "{notes}");
}

#[test]
fn a_program_that_a_board_does_not_take_tells_why() {
    let board = board("data: {\"names\":[]}\n\n");
    let script = "echo 'Error: cannot ask: all 200 names are in use' >&2; exit 1";
    let compared = compare(&options(script, &board));
    assert_eq!(compared.status.code(), Some(1), "{compared}");
    let failure = compared.json["programs"][0]["failure"].as_str();
    let reason = "ended with exit status: 1 after 0 of 1 page: Error: cannot ask: all 200 names";
    assert!(
        failure.is_some_and(|failure| failure.starts_with(reason)),
        "{compared}"
    );
}

//! Servers that are not there, or let nobody in.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::thread;

use super::nats::Nats;
use super::program::Program;

#[test]
fn a_wrong_password_is_named_and_not_shown() {
    let Some(nats) = Nats::start() else { return };
    let port = nats.port;
    for access in ["me:wrong@", "token@", ""] {
        let url = format!("nats://{access}127.0.0.1:{port}");
        cannot_use(port, &url, "it wants another password or token\n");
    }
}

#[test]
fn a_server_without_queues_is_told_from_none() {
    let Some(nats) = Nats::start_with(false) else {
        return;
    };
    let reason = "it keeps no queues: start it with --jetstream";
    cannot_use(nats.port, &nats.url(), reason);
}

#[test]
fn what_is_no_server_is_named() {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let port = |listener: &TcpListener| listener.local_addr().expect("it has one").port();
    let url = |port| format!("nats://127.0.0.1:{port}");
    let free = port(&listen());
    cannot_use(free, &url(free), "connection refused");
    let silent = listen();
    cannot_use(port(&silent), &url(port(&silent)), "timed out");
    let other = listen();
    let place = port(&other);
    thread::spawn(move || {
        for client in other.incoming() {
            // The next line is about what the program says, whatever comes of this.
            let _ = client.and_then(|mut client| client.write_all(b"HTTP/1.1 400 Bad Request\r\n"));
        }
    });
    cannot_use(place, &url(place), "invalid server operation");
    for url in ["nats://", "http://127.0.0.1:4222", ""] {
        let mut program = Program::start(&format!("--nats {url}"));
        program.ends_with(2);
        let stderr = program.read("stderr");
        assert!(
            stderr.contains(": not the address of a NATS server"),
            "{stderr}"
        );
    }
}

/// Whoever asks there, and whoever joins, ends with one line.
#[track_caller]
fn cannot_use(port: u16, url: &str, reason: &str) {
    for option in ["nats", "join"] {
        let mut program = Program::start(&format!("--{option} {url}"));
        program.ends_with(1);
        let stderr = program.read("stderr");
        let start = format!("Error: cannot use the server 127.0.0.1:{port}: {reason}");
        assert!(stderr.starts_with(&start), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}

//! Servers that are not there, or let nobody in.

use std::net::{Ipv4Addr, TcpListener};

use super::nats::Nats;
use super::program::Program;

#[test]
fn a_wrong_password_is_named_and_not_shown() {
    let Some(nats) = Nats::start() else { return };
    let port = nats.port;
    for access in ["me:wrong@", "token@", ""] {
        for option in ["nats", "join"] {
            let mut program =
                Program::start(&format!("--{option} nats://{access}127.0.0.1:{port}"));
            program.ends_with(1);
            let line = format!(
                "Error: cannot use the server 127.0.0.1:{port}: it wants another password or token\n"
            );
            assert_eq!(program.read("stderr"), line);
        }
    }
}

#[test]
fn an_address_without_a_server_is_an_error() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let port = free.local_addr().expect("it has one").port();
    drop(free);
    let mut program = Program::start(&format!("--join nats://127.0.0.1:{port}"));
    program.ends_with(1);
    let stderr = program.read("stderr");
    let start = format!("Error: cannot use the server 127.0.0.1:{port}: ");
    assert!(
        stderr.starts_with(&start) && stderr.lines().count() == 1,
        "{stderr}"
    );
}

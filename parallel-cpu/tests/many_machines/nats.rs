//! A server that the tests start and stop.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Child;

use shared::nats_server::{self, is_installed};
use tempfile::TempDir;

use super::{skip, wait_until};

/// A server that can be stopped and started again in the same place. It ends when dropped.
pub struct Nats {
    process: Child,
    folder: TempDir,
    pub port: u16,
}

impl Nats {
    /// Starts one that demands the password `a b:c@d` of the user `me`; `None` if there is none
    /// to start, and then it says so.
    pub fn start() -> Option<Self> {
        Self::start_with(true)
    }

    /// Starts one that keeps queues only if it is to.
    pub fn start_with(queues: bool) -> Option<Self> {
        if !is_installed() {
            skip("there is no nats-server");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder can be made");
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = free.local_addr().expect("it has one").port();
        drop(free);
        let mut settings = format!(
            "host: 127.0.0.1\nport: {port}\n\
             authorization {{ user: me, password: \"a b:c@d\" }}\n"
        );
        if queues {
            let folder = folder.path().display();
            settings.push_str(&format!("jetstream {{ store_dir: \"{folder}\" }}\n"));
        }
        fs::write(folder.path().join("settings"), settings).expect("a file can be written");
        let process = Self::spawn(&folder, port);
        Some(Self {
            process,
            folder,
            port,
        })
    }

    fn spawn(folder: &TempDir, port: u16) -> Child {
        let settings = folder.path().join("settings");
        let process = nats_server::start(&["--config".as_ref(), settings.as_os_str()]);
        let process = process.expect("a server starts");
        wait_until("the server listens", || listens(port));
        process
    }

    pub fn stop(&mut self) {
        self.process.kill().expect("it can be ended");
        self.process.wait().expect("it has ended");
    }

    pub fn start_again(&mut self) {
        self.process = Self::spawn(&self.folder, self.port);
    }

    pub fn url(&self) -> String {
        format!("nats://me:a%20b:c%40d@127.0.0.1:{}", self.port)
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn listens(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

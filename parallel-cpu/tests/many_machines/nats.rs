//! A server that the tests start and stop.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

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
        if !is_installed() {
            skip("there is no nats-server");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder can be made");
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = free.local_addr().expect("it has one").port();
        drop(free);
        let settings = format!(
            "host: 127.0.0.1\nport: {port}\njetstream {{ store_dir: \"{}\" }}\n\
             authorization {{ user: me, password: \"a b:c@d\" }}\n",
            folder.path().display()
        );
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
        let process = server()
            .arg("--config")
            .arg(settings)
            .stderr(Stdio::null())
            .spawn()
            .expect("a server starts");
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

/// As the program looks for it.
pub fn server() -> Command {
    let mut on_path = Command::new("nats-server");
    match on_path.arg("--version").stdout(Stdio::null()).status() {
        Ok(_) => Command::new("nats-server"),
        Err(_) => Command::new("/usr/sbin/nats-server"),
    }
}

pub fn is_installed() -> bool {
    let version = server().arg("--version").stdout(Stdio::null()).status();
    version.is_ok()
}

pub fn listens(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

//! The program `nats-server`: whether it is installed, and how to start it.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::process::{Child, Command, Stdio};

/// What to tell somebody who lacks it.
pub const HOW_TO_INSTALL: &str = "nats-server is not installed: take `apt install nats-server`, \
    `brew install nats-server`, or a release from https://github.com/nats-io/nats-server/releases";

/// Debian has it where only administrators look for programs.
const PLACES: &[&str] = if cfg!(unix) {
    &["nats-server", "/usr/sbin/nats-server"]
} else {
    &["nats-server"]
};

/// Starts it with these arguments, from the first place that has it. It reads and prints nothing.
///
/// # Errors
/// It is in none of them (then the kind is `NotFound`), or the system refuses.
pub fn start(arguments: &[&OsStr]) -> io::Result<Child> {
    let start = |place: &&str| {
        Command::new(place)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    };
    let is_elsewhere = |started: &io::Result<Child>| {
        started
            .as_ref()
            .is_err_and(|error| error.kind() == ErrorKind::NotFound)
    };
    let mut started = PLACES.iter().map(start);
    started
        .find(|started| !is_elsewhere(started))
        .unwrap_or_else(|| Err(ErrorKind::NotFound.into()))
}

/// Whether there is one to start.
pub fn is_installed() -> bool {
    match start(&["--version".as_ref()]) {
        Ok(mut server) => {
            // That it started is all there is to know.
            let _ = server.kill();
            let _ = server.wait();
            true
        }
        Err(error) => error.kind() != ErrorKind::NotFound,
    }
}

//! A NATS server of a program's own, which ends with it.
//!
//! It has a keeper: this program, started again, which does nothing but wait for the end of its
//! standard input. That comes with the end of the program, whatever ends it.

use std::convert::Infallible;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use serde_json::{Value, json};

use crate::nats_server::{self, HOW_TO_INSTALL};
use crate::output::complain;
use crate::{Error, Result};

/// The environment variable that tells a process that it is to keep a server.
const KEEPER_MARK: &str = "NATS_SERVER_KEEPER";

/// The status of a keeper that found no server to start.
const NOT_INSTALLED: i32 = 2;

/// How long a server may take to start. It is far more than any needs.
const START_LIMIT: Duration = Duration::from_secs(30);

/// What does without installing it.
const CONTAINER: &str =
    "a container (`docker run -p 127.0.0.1:4222:4222 nats -js`) and --nats nats://127.0.0.1";

/// It ends when this is dropped, or when the program ends, whatever ends it.
pub(super) struct Server {
    url: String,
    keeper: Child,
    /// The end of this is the end of the server.
    life: Option<ChildStdin>,
}

impl Server {
    /// Starts one on a free port of 127.0.0.1, for those who know its token.
    ///
    /// If there is none on this machine, it says how to install one, and ends the program.
    ///
    /// # Errors
    /// It does not start.
    pub fn start() -> Result<Self> {
        let start = || {
            let mut command = Command::new(env::current_exe()?);
            command
                .env(KEEPER_MARK, "")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped());
            set_apart(&mut command);
            let mut keeper = command.spawn()?;
            let life = keeper.stdin.take();
            let mut url = String::new();
            if let Some(stdout) = keeper.stdout.take() {
                BufReader::new(stdout).read_line(&mut url)?;
            }
            Ok((keeper, life, url.trim_end().to_owned()))
        };
        let cannot = |error: Error| error.while_doing("cannot start a nats-server");
        let (mut keeper, life, url) = start().map_err(|error: io::Error| cannot(error.into()))?;
        if !url.is_empty() {
            return Ok(Self { url, keeper, life });
        }
        // It has said why.
        match keeper.wait()?.code() {
            Some(NOT_INSTALLED) => process::exit(NOT_INSTALLED),
            _ => process::exit(1),
        }
    }

    /// Where it is, with its token.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Keeps a server until the program that has asked for it ends, if this is a keeper.
    pub fn keep_if_asked() {
        if env::var_os(KEEPER_MARK).is_some() {
            process::exit(match keep() {
                Ok(()) => 0,
                Err(error) => {
                    complain(format_args!("Error: cannot start a nats-server: {error}"));
                    1
                }
            });
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.life = None;
        // It ends by itself, and there is nothing to be done if it does not.
        let _ = self.keeper.wait();
    }
}

/// Ctrl-C in a terminal is for the program, not for its keeper, which has to tidy up.
#[cfg(unix)]
fn set_apart(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(windows)]
fn set_apart(command: &mut Command) {
    use std::os::windows::process::CommandExt;
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
    command.creation_flags(CREATE_NEW_PROCESS_GROUP);
}

fn keep() -> Result<()> {
    let life = life_of_program()?;
    // Only this user can read it: the token is in it.
    let folder = tempfile::Builder::new().prefix("nats-").tempdir()?;
    let token = new_token();
    let settings = folder.path().join("settings");
    let log = folder.path().join("log");
    fs::write(
        &settings,
        json!({
            "host": "127.0.0.1",
            "port": -1,
            "ports_file_dir": folder.path(),
            "log_file": log,
            "authorization": { "token": token },
            "jetstream": { "store_dir": folder.path() },
        })
        .to_string(),
    )?;
    let mut server = match nats_server::start(&["--config".as_ref(), settings.as_os_str()]) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            drop(folder);
            complain(format_args!("error: {HOW_TO_INSTALL}, or {CONTAINER}"));
            process::exit(NOT_INSTALLED)
        }
        server => server?,
    };
    let address = wait_for_address(&mut server, folder.path(), &log, &life);
    if let Ok(Some(address)) = &address {
        // A program that has ended meanwhile takes no address, and its server must end with it.
        let _ = writeln!(io::stdout(), "nats://{token}@{address}");
        let _ = life.recv();
    }
    // It may have ended by itself.
    let _ = server.kill();
    server.wait()?;
    address.map(|_| ())
}

/// A channel that is cut when the program ends that has asked for a server.
fn life_of_program() -> io::Result<Receiver<Infallible>> {
    let (alive, life) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        // What is written there does not matter, only that it ends.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        drop(alive);
    })?;
    Ok(life)
}

/// A token that nobody can guess: a `RandomState` is seeded by the system.
fn new_token() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let [first, second] = [(); 2].map(|()| RandomState::new().build_hasher().finish());
    format!("{first:016x}{second:016x}")
}

/// Waits until the server has written down where it is: `127.0.0.1:41234`; `None` if there is
/// nobody left to be told.
fn wait_for_address(
    server: &mut Child,
    folder: &Path,
    log: &Path,
    life: &Receiver<Infallible>,
) -> Result<Option<String>> {
    let ports = folder.join(format!("nats-server_{}.ports", server.id()));
    let start = Instant::now();
    while start.elapsed() < START_LIMIT {
        // It may be half written.
        let text = fs::read_to_string(&ports).unwrap_or_default();
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        if let Some(address) = value["nats"][0].as_str() {
            return Ok(Some(address.trim_start_matches("nats://").to_owned()));
        }
        if let Some(status) = server.try_wait()? {
            let log = fs::read_to_string(log).unwrap_or_default();
            let reason = log.lines().rev().find_map(|line| line.split_once("[FTL] "));
            let reason = reason.map_or_else(|| status.to_string(), |(_, why)| why.to_owned());
            return Err(Error::new(reason));
        }
        if life.recv_timeout(Duration::from_millis(5)) == Err(RecvTimeoutError::Disconnected) {
            return Ok(None);
        }
    }
    Err(Error::new("it does not say where it is"))
}

//! The command line of a program that works with others, and how it finds them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::jetstream::context::RequestErrorKind;
use async_nats::jetstream::{Context, ContextBuilder};
use async_nats::{ConnectErrorKind, ConnectOptions, Event, ServerAddr};
use clap::builder::{RangedU64ValueParser, ValueParser};
use clap::{ArgGroup, ArgMatches, Command};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::options::{self, MAX_WORKERS, option};
use crate::output::complain;
use crate::{Computations, Error, Result, Workers, cpu};
#[cfg(feature = "downloads")]
use crate::{Downloads, downloads};

/// What a program may be asked to do with others.
pub trait Task: Sized {
    /// Two programs with jobs of different kinds may use one server: a word.
    const KIND: &'static str;

    /// Its options.
    fn command(about: &'static str, workers: Workers) -> Command;

    /// Reads them.
    ///
    /// # Errors
    /// It cannot be prepared.
    fn read(matches: &ArgMatches, workers: Workers) -> Result<Self>;
}

impl Task for Computations {
    const KIND: &'static str = "computations";

    fn command(about: &'static str, workers: Workers) -> Command {
        let command = cpu::command(about, workers, "35");
        command.mut_arg("workers", |workers| {
            let range = RangedU64ValueParser::<usize>::from(0..=MAX_WORKERS as u64);
            workers
                .value_parser(range)
                .help("How many jobs this machine does at once; 0 leaves all to others")
        })
    }

    fn read(matches: &ArgMatches, workers: Workers) -> Result<Self> {
        Ok(Self::read(matches, workers))
    }
}

#[cfg(feature = "downloads")]
impl Task for Downloads {
    const KIND: &'static str = "downloads";

    fn command(about: &'static str, workers: Workers) -> Command {
        downloads::command(about, workers).mut_arg("workers", |workers| {
            workers.help("How many pages may be in flight at once, from all machines together")
        })
    }

    fn read(matches: &ArgMatches, workers: Workers) -> Result<Self> {
        Self::read(matches, workers)
    }
}

/// What the command line says.
pub(super) struct Asked<T> {
    pub address: Address,
    pub workers: usize,
    /// `None` if it is to do the jobs of others.
    pub task: Option<T>,
}

impl<T: Task> Asked<T> {
    pub fn from_command_line(about: &'static str, default: Workers) -> Result<Self> {
        let command = T::command(about, default);
        let own: Vec<_> = command
            .get_arguments()
            .map(|arg| arg.get_id().clone())
            .filter(|id| id != "workers")
            .collect();
        let nats = "Use this server, not one of its own: nats:// or tls://[USER:PASSWORD@ or TOKEN@]HOST[:PORT]";
        let join = "Do jobs for whoever asks at this server, until all are done";
        let command = command
            .arg(option("nats", "URL", nats))
            .arg(option("join", "URL", join).conflicts_with_all(own))
            .group(ArgGroup::new("server").args(["nats", "join"]))
            .arg(
                option("credentials", "FILE", "What lets this program in there")
                    .value_parser(ValueParser::path_buf())
                    .requires("server"),
            );
        let matches = options::parse(command);
        let given = |name| matches.get_one::<String>(name).cloned();
        Ok(Self {
            address: Address {
                url: given("nats").or_else(|| given("join")),
                credentials: matches.get_one("credentials").cloned(),
            },
            workers: default.read_option(&matches),
            task: match given("join") {
                Some(_) => None,
                None => Some(T::read(&matches, default)?),
            },
        })
    }
}

/// Where a server is, and what lets this program in.
pub(super) struct Address {
    url: Option<String>,
    credentials: Option<PathBuf>,
}

impl Address {
    pub fn new(url: &str) -> Self {
        Self {
            url: Some(url.to_owned()),
            credentials: None,
        }
    }

    pub fn is_given(&self) -> bool {
        self.url.is_some()
    }

    /// # Errors
    /// The server cannot be reached or does not let this program in.
    pub async fn connect(&self) -> Result<Context> {
        let url = self.url.as_deref().unwrap_or_default();
        let refuse = |why: &str| -> ! { options::refuse(format_args!("{url}: {why}")) };
        let address = match url.parse::<ServerAddr>() {
            Ok(address) if !address.host().is_empty() => address,
            _ => refuse("not the address of a NATS server"),
        };
        let mut settings = ConnectOptions::new();
        if let Some(file) = &self.credentials {
            let read = settings.credentials_file(file).await;
            settings = read.map_err(|error| {
                Error::from(error).while_doing(&format!("cannot read {}", file.display()))
            })?;
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        settings = match (address.username(), address.password()) {
            (Some(user), Some(password)) => {
                settings.user_and_password(decoded(user), decoded(password))
            }
            (Some(token), None) => settings.token(decoded(token)),
            _ => settings,
        };
        let was_connected = AtomicBool::new(false);
        let place = format!("{}:{}", address.host(), address.port());
        let cannot = |error: Error| error.while_doing(&format!("cannot use the server {place}"));
        let connected = settings
            .ping_interval(PING_INTERVAL)
            .reconnect_delay_callback(|_| BETWEEN_ATTEMPTS)
            .event_callback(move |event| {
                match event {
                    Event::Disconnected => {
                        complain(format_args!("Note: the server is gone; trying again"));
                    }
                    Event::Connected if was_connected.swap(true, Ordering::Relaxed) => {
                        complain(format_args!("Note: the server is there again"));
                    }
                    _ => {}
                }
                async {}
            })
            .connect(address)
            .await;
        let client = connected.map_err(|error| {
            let error = match error.kind() {
                ConnectErrorKind::AuthorizationViolation => {
                    Error::new("it wants another password or token")
                }
                _ => error.into(),
            };
            cannot(error)
        })?;
        let context = ContextBuilder::new()
            .max_ack_inflight(2 * IN_FLIGHT)
            .backpressure_on_inflight(true)
            .build(client);
        let asked = context.request("INFO", &json!({})).await;
        let answer: Value = asked.map_err(|error| match error.kind() {
            RequestErrorKind::NoResponders => cannot(Error::new(NO_QUEUES)),
            _ => cannot(error.into()),
        })?;
        match answer["error"]["description"].as_str() {
            None => Ok(context),
            Some(reason) => Err(cannot(Error::new(reason))),
        }
    }
}

const NO_QUEUES: &str = "it keeps no queues: start it with --jetstream";

/// How many messages may be on their way to the server without an answer.
pub(super) const IN_FLIGHT: usize = 256;

/// A cable that is pulled tells nobody: a server that does not answer two of these is gone.
const PING_INTERVAL: Duration = Duration::from_secs(3);

const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(200);

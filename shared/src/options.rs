//! What the command lines of all programs have in common.

use std::ops::RangeInclusive;
use std::process;
#[cfg(feature = "downloads")]
use std::time::Duration;

use clap::builder::RangedU64ValueParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command};

/// The most workers that can be asked for: with both ends of every connection in one process,
/// they fit into the 1,024 open files that many systems allow.
pub const MAX_WORKERS: usize = 400;

/// The environment variable that tells a process that it is a worker of a pool, and names
/// its parent by its number.
#[cfg(any(feature = "downloads", feature = "processes"))]
pub(crate) const WORKER_MARK: &str = "POOL_WORKER";

/// Stops a worker that came past the place where workers enter: it would do again what its
/// parent does, and start workers of its own, without end.
#[cfg(any(feature = "downloads", feature = "processes"))]
pub(crate) fn refuse_worker() -> crate::Result<()> {
    if std::env::var_os(WORKER_MARK).is_none() {
        return Ok(());
    }
    Err(crate::Error::new(
        "a worker process came too far: is `enter_worker` the first line of `main`?",
    ))
}

/// How many workers a program has: its model, as far as it is a number.
#[derive(Clone, Copy, Debug)]
pub enum Workers {
    /// One after another is the whole point, so there is no `--workers`.
    One,
    /// So many, unless `--workers` says otherwise.
    Default(usize),
    /// As many as the machine lets this program use, unless `--workers` says otherwise.
    EveryCore,
}

impl Workers {
    /// How many, unless `--workers` says otherwise.
    pub fn number(self) -> usize {
        match self {
            Self::One => 1,
            Self::Default(workers) => workers,
            // A system that cannot tell has at least the core that asks.
            Self::EveryCore => std::thread::available_parallelism().map_or(1, usize::from),
        }
    }

    /// Adds `--workers`, if there is a choice.
    pub(crate) fn add_option(self, command: Command, help: &'static str) -> Command {
        let option = number("workers", "N", help, 1..=MAX_WORKERS as u64);
        match self {
            Self::One => command,
            _ => command.arg(option.default_value(self.number().to_string())),
        }
    }

    /// Reads `--workers`, if there was a choice.
    pub(crate) fn read_option(self, matches: &ArgMatches) -> usize {
        match self {
            Self::One => 1,
            _ => read(matches, "workers"),
        }
    }
}

/// Reads the command line of a program that is `about` something and has no options: asked for
/// help, or for anything else, it ends the program.
pub fn no_options(about: &'static str) {
    parse(Command::new(env!("CARGO_PKG_NAME")).about(about));
}

/// An option with a whole number from a range.
pub fn number(
    name: &'static str,
    unit: &'static str,
    help: &'static str,
    range: RangeInclusive<u64>,
) -> Arg {
    option(name, unit, help).value_parser(RangedU64ValueParser::<usize>::from(range))
}

/// An option without a value.
pub fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .help(help)
        .action(ArgAction::SetTrue)
}

/// An option with one value, as it was typed.
pub fn option(name: &'static str, unit: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(unit)
        .help(help)
        .allow_negative_numbers(true)
}

/// Reads an option.
///
/// # Panics
/// It has no default and was not given.
pub fn read<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, name: &str) -> T {
    matches
        .get_one::<T>(name)
        .expect("it has a default")
        .clone()
}

/// Reads the command line. Prints help and ends with status 0 if asked to; ends with status 2
/// and one line on what is wrong if it makes no sense.
pub fn parse(command: Command) -> ArgMatches {
    command.try_get_matches().unwrap_or_else(|error| {
        let text = error.render().to_string();
        match error.kind() {
            ErrorKind::DisplayHelp => {
                crate::output::print(format_args!("{text}"));
                process::exit(0);
            }
            _ => {
                let first: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
                let line = first.join(" ");
                crate::output::complain(format_args!("{line} (--help lists the options)"));
                process::exit(2);
            }
        }
    })
}

#[cfg(feature = "downloads")]
/// Reads a time of so many `unit`s from an argument; fractions are fine.
///
/// # Errors
/// It is no number, or is not from 0 to a day.
pub fn time(text: &str, unit: Duration) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    Duration::try_from_secs_f64(number * unit.as_secs_f64())
        .ok()
        .filter(|time| *time <= MAX_TIME)
        .ok_or_else(|| "must be from 0 to a day".into())
}

#[cfg(feature = "downloads")]
const MAX_TIME: Duration = Duration::from_secs(24 * 60 * 60);

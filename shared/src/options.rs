//! What the command lines of all programs have in common.

use std::ops::RangeInclusive;
use std::process;
#[cfg(feature = "downloads")]
use std::time::Duration;

use clap::builder::RangedU64ValueParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command};

/// The most workers that can be asked for, unless the machine has more cores: a few less than the
/// practice site has connections.
pub const MAX_WORKERS: usize = 1000;

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
    pub fn add_option(self, command: Command, help: &'static str) -> Command {
        match self {
            Self::One => command,
            _ => command.arg(workers_option(self.number(), help)),
        }
    }

    /// Reads `--workers`, if there was a choice.
    pub fn read_option(self, matches: &ArgMatches) -> usize {
        match self {
            Self::One => 1,
            _ => read(matches, "workers"),
        }
    }
}

/// A machine may have more cores than [`MAX_WORKERS`].
fn workers_option(by_default: usize, help: &'static str) -> Arg {
    let most = MAX_WORKERS.max(by_default) as u64;
    number("workers", "N", help, 1..=most).default_value(by_default.to_string())
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

/// Ends the program because of its command line: with status 2 and one line on what is wrong.
pub fn refuse(what: impl std::fmt::Display) -> ! {
    crate::output::complain(format_args!("error: {what} (--help lists the options)"));
    process::exit(2)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_may_have_any_number_of_cores() {
        for cores in [1, MAX_WORKERS, 4_480] {
            let command = Command::new("test").arg(workers_option(cores, "Help."));
            let matches = command.try_get_matches_from(["test"]);
            let workers: usize = read(&matches.expect("its own default is fine"), "workers");
            assert_eq!(workers, cores);
        }
    }
}

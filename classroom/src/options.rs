//! What `classroom` is asked to do.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process;

use clap::{Arg, ArgMatches, Command, value_parser};
use shared::options::{flag, parse};
use shared::output;

/// What `classroom` is asked to do.
pub enum Job {
    List,
    HandOut {
        folder: PathBuf,
        /// All, if none are named.
        exercises: Vec<String>,
    },
}

/// Reads the command line. Asked for help, or for something that makes no sense, it ends the
/// program.
pub fn read() -> Job {
    let matches = parse(command());
    match matches.subcommand() {
        Some(("hand-out", matches)) if matches.get_flag("list") => Job::List,
        Some(("hand-out", matches)) => Job::HandOut {
            folder: path(matches, "FOLDER").expect("it is required"),
            exercises: names(matches, "EXERCISE"),
        },
        _ => unreachable!("one is required"),
    }
}

/// Ends the program over a command line that makes no sense.
pub fn refuse(what: &str) -> ! {
    output::complain(format_args!("error: {what}"));
    process::exit(2)
}

fn path(matches: &ArgMatches, name: &str) -> Option<PathBuf> {
    matches.get_one(name).cloned()
}

/// Each once.
fn names(matches: &ArgMatches, name: &str) -> Vec<String> {
    let names: BTreeSet<String> = matches
        .get_many(name)
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    names.into_iter().collect()
}

fn command() -> Command {
    let hand_out = Command::new("hand-out")
        .about("Makes a folder with exercises, to be given to students")
        .after_help(HAND_OUT)
        .arg(
            Arg::new("FOLDER")
                .value_parser(value_parser!(PathBuf))
                .required_unless_present("list")
                .help("The folder to make; it must not exist"),
        )
        .arg(
            Arg::new("EXERCISE")
                .num_args(0..)
                .help("Which exercises [default: all]"),
        )
        .arg(
            flag("list", "Show which exercises there are")
                .conflicts_with_all(["FOLDER", "EXERCISE"]),
        );
    Command::new(env!("CARGO_PKG_NAME"))
        .about(env!("CARGO_PKG_DESCRIPTION"))
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .after_help(HELP)
        .subcommand(hand_out)
}

const HELP: &str = "\
classroom/README.md tells how to teach with it.
Exit status: 0 it was done, 1 it could not be done, 2 the command line makes no sense.
";

const HAND_OUT: &str = "\
The folder has `shared` and for every exercise a crate: a starter, its tests, and EXERCISE.md,
which says what to do. It needs no network, holds no solution, and nothing is ever overwritten.
";

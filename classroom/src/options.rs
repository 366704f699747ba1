//! What `classroom` is asked to do.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process;
use std::time::Duration;

use clap::{Arg, ArgMatches, Command, value_parser};
use shared::options::{flag, number, option, parse, read as value_of, time};
use shared::output;

use crate::board;
use crate::grade::{Conditions, Request};
use crate::report::Targets;

/// What `classroom` is asked to do.
pub enum Job {
    Board(board::Request),
    List,
    HandOut {
        folder: PathBuf,
        /// All, if none are named.
        exercises: Vec<String>,
    },
    Check {
        /// All, if none are named.
        exercises: Vec<String>,
        conditions: Conditions,
    },
    Grade {
        request: Request,
        targets: Targets,
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
        Some(("check", matches)) => Job::Check {
            exercises: names(matches, "EXERCISE"),
            conditions: conditions(matches),
        },
        Some(("grade", matches)) => Job::Grade {
            request: Request {
                folder: path(matches, "FOLDER").expect("it is required"),
                exercises: names(matches, "only"),
                conditions: conditions(matches),
            },
            targets: Targets {
                html: path(matches, "html"),
                csv: path(matches, "csv"),
                json: path(matches, "json"),
                results: path(matches, "results"),
            },
        },
        Some(("board", matches)) => Job::Board(board::Request {
            listen: matches.get_one("listen").copied(),
            latency: value_of(matches, "latency"),
            names: path(matches, "names"),
            record: path(matches, "record"),
            replay: path(matches, "replay"),
        }),
        _ => unreachable!("one is required"),
    }
}

/// Ends the program over a command line that makes no sense.
pub fn refuse(what: &str) -> ! {
    output::complain(format_args!("error: {what}"));
    process::exit(2)
}

fn conditions(matches: &ArgMatches) -> Conditions {
    Conditions {
        unconfined: matches.get_flag("unconfined"),
        limit: Duration::from_secs(value_of::<usize>(matches, "limit") as u64),
    }
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

fn exercises() -> Arg {
    Arg::new("EXERCISE")
        .num_args(0..)
        .help("Which exercises [default: all]")
}

fn seconds() -> Arg {
    let help = "How long the tests of a submission may take, in seconds";
    number("limit", "S", help, 1..=86_400).default_value("90")
}

fn unconfined() -> Arg {
    flag("unconfined", "Run what students wrote without a sandbox")
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
        .arg(exercises())
        .arg(
            flag("list", "Show which exercises there are")
                .conflicts_with_all(["FOLDER", "EXERCISE"]),
        );
    let file = |name, unit, help| option(name, unit, help).value_parser(value_parser!(PathBuf));
    let grade = Command::new("grade")
        .about("Grades what students handed in: FOLDER/STUDENT/EXERCISE/src/main.rs")
        .after_help(GRADE)
        .arg(
            Arg::new("FOLDER")
                .value_parser(value_parser!(PathBuf))
                .required(true)
                .help("The folder with a folder for every student"),
        )
        .arg(
            option(
                "only",
                "EXERCISE,...",
                "Grade these [default: those that anybody handed in]",
            )
            .value_delimiter(','),
        )
        .arg(file(
            "html",
            "FILE",
            "Write a page where a grade opens to its checks",
        ))
        .arg(file("csv", "FILE", "Write a row for every submission"))
        .arg(file(
            "json",
            "FILE",
            "Write every check of every submission",
        ))
        .arg(file(
            "results",
            "FOLDER",
            "Write STUDENT/EXERCISE/results.json, as Gradescope reads it",
        ))
        .arg(seconds())
        .arg(unconfined());
    let check = Command::new("check")
        .about("Checks exercises: each fails as it is handed out, and its solution passes")
        .after_help(CHECK)
        .arg(exercises())
        .arg(seconds())
        .arg(unconfined());
    let milliseconds = |text: &str| time(text, Duration::from_millis(1));
    let board = Command::new("board")
        .about("Shows a room its requests while they are in flight, on a page for the projector")
        .after_help(BOARD)
        .arg(
            option(
                "listen",
                "ADDRESS:PORT",
                "Where to listen [default: 127.0.0.1:8000, or the next free port]",
            )
            .value_parser(value_parser!(SocketAddr)),
        )
        .arg(
            option(
                "latency",
                "MS",
                "How long it takes over a practice page, in milliseconds",
            )
            .value_parser(milliseconds)
            .default_value("87.5"),
        )
        .arg(file(
            "names",
            "FILE",
            "Take only the names in this file, one in a line",
        ))
        .arg(
            file(
                "record",
                "FILE",
                "Write down what happens; the file must not exist",
            )
            .conflicts_with("replay"),
        )
        .arg(
            file("replay", "FILE", "Show what was recorded")
                .conflicts_with_all(["names", "latency"]),
        );
    Command::new(env!("CARGO_PKG_NAME"))
        .about(env!("CARGO_PKG_DESCRIPTION"))
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .after_help(HELP)
        .subcommand(hand_out)
        .subcommand(grade)
        .subcommand(check)
        .subcommand(board)
}

const HELP: &str = "\
classroom/README.md tells how to teach with it.
Exit status: 0 it was done, 1 it could not be done, 2 the command line makes no sense,
130 it was interrupted.
";

const HAND_OUT: &str = "\
The folder has `shared` and for every exercise a crate: a starter, its tests, and EXERCISE.md,
which says what to do. It holds no solution, and nothing is ever overwritten. The first build fetches
the crates; after that it needs no network.
";

const GRADE: &str = "\
Of a submission only that one file counts. It is compiled with the crates that the exercise may use,
and judged by the teacher's tests: a point for every check that passed; what did not run is not
passed. Files that are named here and exist already are replaced.

What students wrote is run by bwrap (bubblewrap, on Linux): with no network, no sight of your files,
and limits on time, memory, processes and disk. Without it only --unconfined runs it at all.
Ctrl-C ends it with status 130; what was graded by then is shown and written.
";

const CHECK: &str = "\
For whoever writes an exercise: classroom/exercises/NAME.toml. All of them take five minutes.
";

const BOARD: &str = "\
http://ADDRESS:PORT/ is the page. The practice pages are under a name of at most 24 letters, digits,
dots, - and _, so that any program is one address away:
  /NAME/jython       10966 bytes of HTML       /NAME/truncated  promises a page, sends half of it
  /NAME/dice           276 bytes of HTML       /NAME/reset      closes the connection unanswered
  /NAME/status/CODE  that status, 200 to 599   /NAME/hang       never answers
  /NAME/huge         a body without end        /NAME/seen       what was seen, as JSON

Only this machine can reach the board, unless --listen names another of its addresses, or 0.0.0.0
for all. Ctrl-C ends it.
";

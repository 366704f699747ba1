//! What `compare` is asked to do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::{PossibleValuesParser, RangedU64ValueParser};
use clap::{ArgMatches, Command, value_parser};
use shared::options::{flag, number, option, parse, read, refuse, time};
use shared::{MAX_WORKERS, cpu, open_files};

use crate::programs::{LESSONS, Lesson, Program};
use crate::run::{KEPT_BY_BOARD, file_in};

/// What `compare` is asked to do.
pub struct Options {
    /// The programs to run, in the order of [`LESSONS`].
    pub programs: Vec<&'static Program>,
    /// What is to be said of those that were left out.
    pub left_out: Vec<String>,
    pub pages: usize,
    pub latency: Duration,
    /// `None`: every program has as many as it has by itself.
    pub workers: Option<usize>,
    pub faulty: bool,
    pub number: u32,
    pub jobs: usize,
    pub runs: usize,
    /// The interpreter for the twins in Python; `None`: they are not run.
    pub python: Option<PathBuf>,
    /// The numbers of workers to try one after another; empty for no sweep.
    pub sweep: Vec<usize>,
    /// When a program counts as hanging; `None`: by what it has to do.
    pub limit: Option<Duration>,
    /// Where the programs are; `None`: in the workspace, which builds them.
    pub folder: Option<PathBuf>,
    /// The address of a board that is to show the downloads; `None`: nobody looks.
    pub board: Option<String>,
    pub html: Option<PathBuf>,
    pub svg: Option<PathBuf>,
    pub json: Option<PathBuf>,
    pub trace: Option<PathBuf>,
}

impl Options {
    /// Reads the command line. Asked for help, or for something that makes no sense, it ends
    /// the program.
    pub fn from_command_line() -> Self {
        let matches = parse(command());
        let only: Vec<&String> = matches.get_many("only").into_iter().flatten().collect();
        let named = |name: &str| only.iter().any(|only| *only == name);
        let variations = matches.get_flag("variations");
        let python: Option<PathBuf> = matches.get_one("python").cloned();
        let has_twin = |program: &Program| python.is_some() && program.twins().next().is_some();
        let chosen = |program: &&Program| match program.varies() {
            None => only.is_empty() || named(program.name),
            Some(varies) => {
                let with_its_program = variations || has_twin(program);
                named(program.name) || with_its_program && (only.is_empty() || named(varies))
            }
        };
        let and_twins = |program: &'static Program| {
            let twins = program.twins().filter(|_| python.is_some());
            [program].into_iter().chain(twins)
        };
        let folder: Option<PathBuf> = matches.get_one("programs").cloned();
        let mut left_out = BTreeMap::<String, Vec<&str>>::new();
        // Of what was named itself it is a failure that it cannot be run.
        let mut is_to_run = |program: &&'static Program| {
            let obstacle = obstacle(program, folder.as_deref()).filter(|_| !named(program.name));
            let is_to_run = obstacle.is_none();
            if let Some(obstacle) = obstacle {
                left_out.entry(obstacle).or_default().push(program.name);
            }
            is_to_run
        };
        let number: usize = read(&matches, "number");
        let file = |name| matches.get_one(name).cloned();
        let options = Self {
            programs: LESSONS
                .iter()
                .flat_map(Lesson::all)
                .filter(chosen)
                .filter(&mut is_to_run)
                .flat_map(and_twins)
                .collect(),
            pages: read(&matches, "pages"),
            latency: read(&matches, "latency"),
            workers: matches.get_one("workers").copied(),
            faulty: matches.get_flag("faulty"),
            number: u32::try_from(number).expect("the option's range says so"),
            jobs: read(&matches, "jobs"),
            runs: read(&matches, "runs"),
            sweep: sweep(&matches),
            python,
            limit: matches.get_one("limit").copied(),
            left_out: left_out
                .iter()
                .map(|(obstacle, names)| format!("left out: {}: {obstacle}", names.join(", ")))
                .collect(),
            folder,
            board: matches.get_one("board").cloned(),
            html: file("html"),
            svg: file("svg"),
            json: file("json"),
            trace: file("trace"),
        };
        options.refuse_what_would_fail_at_the_end();
        options
    }

    /// Nobody should wait for all the runs to hear that a file's folder is not there.
    fn refuse_what_would_fail_at_the_end(&self) {
        if self.board.is_some() && self.pages > KEPT_BY_BOARD {
            refuse(format!("a board tells of at most {KEPT_BY_BOARD} pages"));
        }
        let files = [&self.html, &self.svg, &self.json, &self.trace];
        for file in files.into_iter().flatten() {
            let folder = file.parent().filter(|folder| *folder != "");
            if file.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
                refuse(format!("no file can be written at '{}'", file.display()));
            }
        }
        if !self.sweep.is_empty() && !self.programs.iter().any(|program| program.sweeps()) {
            refuse("'--sweep' needs threaded-, async- or process-downloader");
        }
        // The site is in this process, and has a connection for every worker.
        let most = self
            .workers
            .into_iter()
            .chain(self.sweep.iter().copied())
            .max();
        if let Err(error) = open_files::make_room(most.unwrap_or(100), 1) {
            refuse(error);
        }
    }
}

/// Why a program that takes more than the workspace and cargo cannot be run.
fn obstacle(program: &Program, folder: Option<&Path>) -> Option<String> {
    program.feature()?;
    let missing = folder.filter(|folder| !file_in(folder, program).exists());
    match (program.lacks(), missing) {
        (Some(lacking), _) => Some(lacking.into()),
        (None, Some(folder)) => Some(format!("there is none in {}", folder.display())),
        (None, None) => None,
    }
}

/// Where a board is.
fn board(text: &str) -> Result<String, String> {
    let address = text.strip_suffix('/').unwrap_or(text);
    let host = address.strip_prefix("http://").unwrap_or_default();
    match host.rsplit_once(':') {
        Some((_, port)) if port.parse::<u16>().is_ok() && !host.contains('/') => {
            Ok(address.to_owned())
        }
        _ => Err("must be like http://127.0.0.1:8000".into()),
    }
}

/// The numbers in ascending order, each once: the curve is drawn through them.
fn sweep(matches: &ArgMatches) -> Vec<usize> {
    let mut sweep: Vec<usize> = matches
        .get_many("sweep")
        .into_iter()
        .flatten()
        .copied()
        .collect();
    sweep.sort_unstable();
    sweep.dedup();
    sweep
}

fn command() -> Command {
    let milliseconds = |text: &str| time(text, Duration::from_millis(1));
    let seconds = |text: &str| match time(text, Duration::from_secs(1)) {
        Ok(Duration::ZERO) => Err("must be more than 0".into()),
        time => time,
    };
    let file = |name, help| option(name, "FILE", help).value_parser(value_parser!(PathBuf));
    let names = PossibleValuesParser::new(
        LESSONS
            .iter()
            .flat_map(Lesson::all)
            .map(|program| program.name),
    );
    let numbers = RangedU64ValueParser::<usize>::from(1..=MAX_WORKERS as u64);
    Command::new(env!("CARGO_PKG_NAME"))
        .about(env!("CARGO_PKG_DESCRIPTION"))
        .after_help(HELP)
        .arg(
            option("only", "NAME,...", "Run these programs or examples only")
                .value_delimiter(',')
                .hide_possible_values(true)
                .value_parser(names),
        )
        .arg(flag(
            "variations",
            "Run the examples beside the programs, too",
        ))
        .arg(
            option(
                "python",
                "INTERPRETER",
                "Run their twins in Python, too; by python3 unless named",
            )
            .num_args(0..=1)
            .default_missing_value(if cfg!(windows) { "python" } else { "python3" })
            .value_parser(value_parser!(PathBuf)),
        )
        .arg(number("pages", "N", "How many pages to fetch", 1..=1_000_000).default_value("160"))
        .arg(
            option(
                "latency",
                "MS",
                "How long the site takes over a page, in milliseconds",
            )
            .value_parser(milliseconds)
            .default_value("87.5"),
        )
        .arg(number(
            "workers",
            "N",
            "The same number of workers for all that have workers: a fair race",
            1..=MAX_WORKERS as u64,
        ))
        .arg(flag(
            "faulty",
            "Break every tenth page, the same ones for every program",
        ))
        .arg(
            number(
                "number",
                "N",
                "Which Fibonacci number to compute",
                0..=cpu::MAX_NUMBER.into(),
            )
            .default_value("35"),
        )
        .arg(number("jobs", "N", "How many times to compute it", 1..=1_000_000).default_value("20"))
        .arg(
            number(
                "runs",
                "N",
                "How many times to run each program; the median counts",
                1..=1000,
            )
            .default_value("1"),
        )
        .arg(
            option(
                "sweep",
                "N,N,...",
                "Run the downloaders with so many workers each, too",
            )
            .value_delimiter(',')
            .value_parser(numbers),
        )
        .arg(
            option(
                "board",
                "URL",
                "Let a room see the downloads on a board, like http://127.0.0.1:8000, each under its name",
            )
            .value_parser(board)
            .conflicts_with("python"),
        )
        .arg(file(
            "html",
            "Write a page with the tables and a picture of what happened",
        ))
        .arg(file("svg", "Write the picture alone, fit for a README"))
        .arg(file(
            "json",
            "Write every figure; compare/JSON.md explains them",
        ))
        .arg(file(
            "trace",
            "Write all runs as a trace, for https://ui.perfetto.dev",
        ))
        .arg(
            option(
                "programs",
                "FOLDER",
                "Run the programs in this folder, and build none",
            )
            .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            option(
                "limit",
                "S",
                "When a program counts as hanging [default: 60 and ten times what it should need]",
            )
            .value_parser(seconds),
        )
}

const HELP: &str = "\
Builds the programs of the workspace whose `cargo run` started it, or else of the one around the
current folder, as it was built itself (--release or not). It starts a practice site for each,
runs them one after another, and prints what it measured and what the site saw. The programs:
  sync-downloader   threaded-downloader   async-downloader   process-downloader
  sync-cpu          parallel-cpu

With --python each is followed by its twin in Python, from compare/python. Four of the twins need
requests and aiohttp: compare/python/requirements.txt. No sweep runs them.

With --variations come the examples beside them. Two of these, many_machines and
many_machines_downloads, are left out where there is no nats-server (`apt install nats-server`);
where there is one, cargo builds some minutes longer for them, once.

With --board the downloads come from there, and a room sees them in flight: start it with
`cargo run --release -p classroom -- board`, and give both the same --latency. What a program
computes is no request, and is not shown there; nor are Python's programs.

Exit status: 0 every program did its work, 1 one did not, or lacks Python or a package of it, or a
file could not be written, 2 the command line makes no sense, 130 interrupted.
A page that --faulty breaks is nobody's failure, but Python's sync_downloader.py ends at one.

Try:
  --latency 10                          a short run
  --workers 20 --runs 5                 a fair race
  --variations --latency 10             everything there is
  --html page.html                      see what happened
  --python --pages 2000 --latency 0     what Python and Rust take for themselves
  --sweep 1,2,5,10,20,50,100 --latency 10 --only threaded-downloader,async-downloader
";

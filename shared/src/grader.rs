//! What the tests of the programs are made of: they run the built program as its reader
//! would, and judge it by what the practice site saw and by what was printed.
//!
//! A check that fails says what was seen, what should have been seen, and asks the question
//! that leads to the mistake. No check asks for speed: a slow machine is no mistake. Where only
//! time can tell, the measure is the time that the site itself takes, ten times over.

/// Ends a check with a [`Failure`](crate::grader::Failure) unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err($crate::grader::Failure::new(format!($($message)+)));
        }
    };
}

mod computer;
#[cfg(feature = "downloads")]
mod downloader;
mod lesson;
#[cfg(target_os = "linux")]
mod proc;
mod rest;
mod run;
mod running;
#[cfg(all(feature = "downloads", target_os = "linux"))]
pub mod workers;

use std::fmt;

pub use computer::Computer;
#[cfg(feature = "downloads")]
pub use downloader::{Connections, Downloader};
pub use lesson::Lesson;
pub use run::Run;
pub use running::{Running, command, run, wait};

use crate::options::Workers;

/// What to ask if another number is under way than there are workers.
fn whence(under_way: usize, workers: usize) -> String {
    let cores = Workers::EveryCore.number();
    let guess = if under_way == workers + 1 {
        "does another thread do their work, too, such as that of `main`? Or "
    } else if under_way + 1 == workers {
        "does one of them do something else, such as waiting for the others? Or "
    } else if under_way == cores {
        "that is the number of cores: is a pool built with the right number, and another one \
         used? Or "
    } else {
        ""
    };
    let parts = match under_way < workers {
        true => ", and is the list cut into fewer parts than there are workers",
        false => "",
    };
    format!(
        "{guess}where does the number of workers come from{parts}? It should be that of the \
         command line, and these workers should do all of the work."
    )
}

/// What a check finds.
pub type Verdict = Result<(), Failure>;

/// Why a check failed, for the one whose program it is.
pub struct Failure {
    message: String,
    last: bool,
}

impl Failure {
    /// A failure that leaves other checks something to find.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: run::shortened(&message.into()),
            last: false,
        }
    }

    /// A failure that every later check could only repeat: nothing written yet, a panic, a
    /// program that does not end.
    pub fn last(message: impl Into<String>) -> Self {
        Self {
            message: run::shortened(&message.into()),
            last: true,
        }
    }

    /// Whether every later check could only repeat it.
    pub fn is_last(&self) -> bool {
        self.last
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The same text as `Display`: it is what a test prints that returns an error.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Makes a test of every check of a [`Downloader`] or a [`Computer`]:
/// `grade!(Downloader, LESSON);`. A program with a promise of its own names its checks.
///
/// A lesson has [`Lesson::grade`] instead, which knows an order.
#[macro_export]
macro_rules! grade {
    (Downloader, $lesson:expr) => {
        $crate::grade! {
            $lesson,
            fetches_every_page_as_often_as_listed,
            keeps_as_many_in_flight_as_promised,
            overlaps_its_waits,
            goes_on_when_a_page_is_there,
            obeys_another_number_of_workers,
            counts_the_bytes_of_a_page,
            uses_its_connections_again,
            tells_the_truth_about_failures,
            goes_on_after_a_failure,
            fetches_a_long_list,
            gives_every_page_its_time,
            survives_a_misbehaving_server,
            prints_a_page_when_it_arrives,
            tells_a_failure_when_it_happens,
            asks_the_proxy_of_the_environment,
            brings_its_own_site,
            refuses_senseless_options,
            ends_quietly_without_a_reader,
        }
    };
    (Computer, $lesson:expr) => {
        $crate::grade! {
            $lesson,
            does_every_job,
            computes_what_it_reports,
            computes_all_the_time,
            keeps_every_worker_busy,
            goes_on_when_a_job_is_done,
            obeys_another_number_of_workers,
            refuses_senseless_options,
        }
    };
    ($lesson:expr, $($check:ident,)+) => {
        $(
            #[test]
            fn $check() -> $crate::grader::Verdict {
                $lesson.$check()
            }
        )+
    };
}

/// Fails unless each of these arguments is refused with status 2 and one line.
///
/// # Panics
/// One is not.
#[track_caller]
pub fn refuses(program: &str, commands: &[&str]) {
    if let Err(failure) = refuses_each(program, commands) {
        panic!("{failure}");
    }
}

fn refuses_each(program: &str, commands: &[&str]) -> Verdict {
    for command in commands {
        let run = run(program, &command.split(' ').collect::<Vec<_>>());
        run.ended_with(
            2,
            &format!("a command line that makes no sense, `{command}`,"),
        )?;
        let lines = run.stderr.lines().count();
        ensure!(
            lines == 1 && run.stdout.is_empty(),
            "`{command}` makes no sense, so there should be one line on standard error, and no \
             other output\n{run}"
        );
    }
    Ok(())
}

/// The built example of this name. `cargo test` builds them, but `cargo test --test …` does not.
///
/// # Panics
/// It is not there.
pub fn example(name: &str) -> String {
    let test = std::env::current_exe().expect("a test knows where it is");
    let profile = test.ancestors().nth(2).expect("it is in PROFILE/deps");
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let program = profile.join("examples").join(file);
    assert!(
        program.exists(),
        "{name} is not built: `cargo build --examples` builds it"
    );
    program.into_os_string().into_string().expect("UTF-8")
}

/// Whether `add_two` and `subtract_two` of a program each started before the other ended, and
/// gave the right results.
pub fn two_functions_overlap(program: &str) -> Verdict {
    let run = run(program, &[]);
    run.reached_its_end()?;
    let line = |event: &str| {
        let mut lines = run.stdout.lines();
        let found = lines.position(|line| line.starts_with(&format!("{event} at ")));
        found.ok_or_else(|| Failure::new(format!("no line says `{event} at …`\n{run}")))
    };
    for (one, other) in [("add_two", "subtract_two"), ("subtract_two", "add_two")] {
        ensure!(
            line(&format!("{one} started"))? < line(&format!("{other} ended"))?,
            "{one} started only when {other} had ended: is the one awaited or joined before the \
             other is started?\n{run}"
        );
    }
    let results = "5 + 2 = 7, 5 - 2 = 3";
    ensure!(
        run.stdout.lines().any(|line| line == results),
        "it should print `{results}`\n{run}"
    );
    run.ended_with(0, "that both functions returned")
}

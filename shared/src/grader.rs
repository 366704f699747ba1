//! What the tests of the programs are made of: they run the built program as its reader
//! would, and judge it by what the practice site saw and by what was printed.
//!
//! A check that fails says what was seen, what should have been seen, and asks the question
//! that leads to the mistake. No check asks for speed: a slow machine is no mistake.

mod computer;
#[cfg(feature = "downloads")]
mod downloader;
#[cfg(all(feature = "downloads", target_os = "linux"))]
pub mod workers;

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{fmt, thread};

use crate::output::counted;

pub use computer::Computer;
#[cfg(feature = "downloads")]
pub use downloader::Downloader;

/// Makes a test of every check of a [`Downloader`] or a [`Computer`]:
/// `grade!(Downloader, LESSON);`.
#[macro_export]
macro_rules! grade {
    (Downloader, $lesson:expr) => {
        $crate::grade! {
            $lesson,
            fetches_every_page_as_often_as_listed,
            keeps_as_many_in_flight_as_promised,
            obeys_another_number_of_workers,
            uses_its_connections_again,
            tells_the_truth_about_failures,
            survives_a_misbehaving_server,
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
            keeps_every_worker_busy,
            refuses_senseless_options,
        }
    };
    ($lesson:expr, $($check:ident,)+) => {
        $(
            #[test]
            fn $check() {
                $lesson.$check();
            }
        )+
    };
}

/// How long a program may run. It is far more than any needs: one that takes longer hangs.
const DEADLINE: Duration = Duration::from_secs(120);

/// A proxy that nobody serves: whoever asks it for a page of this machine gets none.
const DEAD_PROXY: &str = "http://127.0.0.1:9";

/// What a program printed and how it ended.
pub struct Run {
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// How it ended.
    pub status: ExitStatus,
}

/// The command that runs a program with these arguments, with nothing to read and both
/// outputs kept, and with a dead proxy in its environment.
pub fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in ["ALL_PROXY", "HTTP_PROXY", "http_proxy"] {
        command.env(name, DEAD_PROXY);
    }
    command.env_remove("NO_PROXY").env_remove("no_proxy");
    command
}

/// Waits for the end of a started program, and for what it prints until then to the outputs
/// that nobody else has taken.
///
/// # Panics
/// It does not end.
pub fn wait(mut child: Child) -> Run {
    fn keep(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
        thread::spawn(move || {
            let mut text = Vec::new();
            if let Some(mut pipe) = pipe {
                let read = pipe.read_to_end(&mut text);
                read.expect("a pipe can be read to its end");
            }
            String::from_utf8_lossy(&text).into_owned()
        })
    }
    let stdout = keep(child.stdout.take());
    let stderr = keep(child.stderr.take());
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            break status;
        }
        if start.elapsed() > DEADLINE {
            child.kill().expect("a child can be killed");
            child.wait().expect("a child can be waited for");
            panic!(
                "the program was still running after {} s, so the grader stopped it. What it \
                 had printed by then:\n{}{}",
                DEADLINE.as_secs(),
                stdout.join().expect("reading does not panic"),
                stderr.join().expect("reading does not panic"),
            );
        }
        thread::sleep(Duration::from_millis(5));
    };
    Run {
        stdout: stdout.join().expect("reading does not panic"),
        stderr: stderr.join().expect("reading does not panic"),
        status,
    }
}

/// Runs a program to its end.
pub fn run(program: &str, arguments: &[&str]) -> Run {
    let child = command(program, arguments).spawn();
    wait(child.unwrap_or_else(|error| panic!("{program} cannot be started: {error}")))
}

impl Run {
    /// Fails unless the exit status is `status`.
    #[track_caller]
    pub fn expect_status(&self, status: i32, because: &str) {
        let actual = self.status;
        assert!(
            actual.code() == Some(status),
            "the program ended with {actual}, but {because} means exit status {status}\n{self}"
        );
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, text) in [("output", &self.stdout), ("error", &self.stderr)] {
            writeln!(
                f,
                "--- standard {name}, {}",
                counted(text.lines().count(), "line")
            )?;
            let lines: Vec<&str> = text.lines().collect();
            let skipped = lines.len().saturating_sub(2 * SHOWN);
            for (index, line) in lines.iter().enumerate() {
                match index {
                    _ if skipped == 0 || index < SHOWN || index >= SHOWN + skipped => {
                        writeln!(f, "{line}")?;
                    }
                    SHOWN => writeln!(f, "...")?,
                    _ => {}
                }
            }
        }
        write!(f, "---")
    }
}

/// How many lines a failed check shows from the start and from the end of an output.
const SHOWN: usize = 5;

/// Fails unless each of these arguments is refused with status 2 and one line.
#[track_caller]
pub fn refuses(program: &str, commands: &[&str]) {
    for command in commands {
        let run = run(program, &command.split(' ').collect::<Vec<_>>());
        run.expect_status(2, &format!("the senseless command line `{command}`"));
        let lines = run.stderr.lines().count();
        assert!(
            lines == 1 && run.stdout.is_empty(),
            "`{command}` should get one line\n{run}"
        );
    }
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

/// Fails unless `add_two` and `subtract_two` of a program each started before the other ended,
/// and gave the right results.
#[track_caller]
pub fn two_functions_overlap(program: &str) {
    let run = run(program, &[]);
    run.expect_status(0, "that both functions returned");
    let line = |event: &str| {
        let mut lines = run.stdout.lines();
        let found = lines.position(|line| line.starts_with(&format!("{event} at ")));
        found.unwrap_or_else(|| panic!("no line says `{event} at …`\n{run}"))
    };
    for (one, other) in [("add_two", "subtract_two"), ("subtract_two", "add_two")] {
        assert!(
            line(&format!("{one} started")) < line(&format!("{other} ended")),
            "{one} started only when {other} had ended: is the one awaited or joined before the \
             other is started?\n{run}"
        );
    }
    let results = "5 + 2 = 7, 5 - 2 = 3";
    assert!(
        run.stdout.lines().any(|line| line == results),
        "it should print `{results}`\n{run}"
    );
}

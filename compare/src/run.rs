//! Runs the programs, one after another, and keeps what came of each.

mod memory;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fs, process};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use shared::cpu::JOB_LOG;
use shared::downloads::{PRACTICE, faulty};
use shared::output::counted;
use shared::site::{Observations, PracticeSite};
use shared::{Error, Result};
use wait4::{ResUse, Wait4};

use crate::options::Options;
pub use memory::MEMORY_IS;

/// A program of this workspace.
pub struct Program {
    pub name: &'static str,
    pub work: Work,
    pub model: Model,
}

/// What a program spends its time on.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    Downloads,
    Computations,
}

/// How a program does several things at once, if it does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Model {
    OneThread,
    Threads,
    EventLoop,
    Processes,
}

const fn downloader(name: &'static str, model: Model) -> Program {
    let work = Work::Downloads;
    Program { name, work, model }
}

const fn computer(name: &'static str, model: Model) -> Program {
    let work = Work::Computations;
    Program { name, work, model }
}

/// Every program, the twin that the others are compared with before them.
pub const PROGRAMS: [Program; 6] = [
    downloader("sync-downloader", Model::OneThread),
    downloader("threaded-downloader", Model::Threads),
    downloader("async-downloader", Model::EventLoop),
    downloader("process-downloader", Model::Processes),
    computer("sync-cpu", Model::OneThread),
    computer("parallel-cpu", Model::Threads),
];

impl Program {
    pub fn has_workers(&self) -> bool {
        self.model != Model::OneThread
    }

    /// Whether `--sweep` runs it.
    pub fn sweeps(&self) -> bool {
        self.work == Work::Downloads && self.has_workers()
    }

    /// How many workers it gets: those asked for, or as many as it has by itself.
    fn workers(&self, asked: Option<usize>) -> usize {
        match (self.model, self.work) {
            (Model::OneThread, _) => 1,
            (_, Work::Computations) => asked.unwrap_or_else(cores),
            (Model::EventLoop, _) => asked.unwrap_or(100),
            _ => asked.unwrap_or(5),
        }
    }
}

/// How many threads can compute at once.
pub fn cores() -> usize {
    // A system that cannot tell has at least the core that asks.
    thread::available_parallelism().map_or(1, usize::from)
}

/// What came of one run of a program.
pub struct Outcome {
    pub program: &'static Program,
    pub workers: usize,
    /// Whether the run was part of the sweep.
    pub sweep: bool,
    /// What was measured, or why there is nothing to measure.
    pub run: std::result::Result<Run, String>,
}

/// What was measured of a run that came to its end, and what the site saw of it.
pub struct Run {
    /// From the start of the process to its end.
    pub elapsed: Duration,
    /// Of all its processes together.
    pub cpu_time: Duration,
    /// The most memory in use at once, in bytes: [`MEMORY_IS`] says of what.
    pub memory: Option<u64>,
    /// Pages fetched or jobs done, by the program's own word.
    pub done: usize,
    /// Pages answered well or jobs done, as others saw it.
    pub good: usize,
    /// Connections or threads.
    pub lanes: usize,
    pub most_at_once: usize,
    /// How long the site took over a page.
    pub latency: Option<Duration>,
    pub bars: Vec<Bar>,
}

/// A request or a job; times are in seconds since the first one.
#[derive(Serialize)]
pub struct Bar {
    /// Which connection or thread it was on; the first is 0.
    pub lane: usize,
    /// The page or the job.
    pub what: String,
    #[serde(rename = "start_s")]
    pub start: f64,
    #[serde(rename = "end_s")]
    pub end: f64,
    pub good: bool,
}

/// Runs every program as often as asked for, in rounds, so that a busy moment of the machine
/// hits all of them alike. `None` if it was interrupted.
///
/// # Errors
/// There is no cargo, or the practice site does not start. A program's own failure is an
/// outcome.
pub fn run_all(options: &Options) -> Result<Option<Vec<Outcome>>> {
    let Some(executables) = executables(options)? else {
        return Ok(None);
    };
    let plan = plan(options);
    let bar = progress_bar(&plan, options);
    let mut outcomes = Vec::new();
    for mut outcome in plan {
        let program = outcome.program;
        let before = bar.position();
        let expected = expected_time(&outcome, options).as_millis() as u64;
        bar.set_message(program.name);
        let meanwhile = |elapsed: Duration| {
            bar.set_position(before + expected.min(elapsed.as_millis() as u64));
        };
        if let Some(executable) = executables.get(program.name) {
            match run(&outcome, executable, options, meanwhile)? {
                Some(run) => outcome.run = run,
                None => {
                    bar.finish_and_clear();
                    return Ok(None);
                }
            }
        }
        bar.set_position(before + expected);
        outcomes.push(outcome);
    }
    bar.finish_and_clear();
    Ok(Some(outcomes))
}

/// Every run to make, in order, with what is to be said of it if it cannot be made.
fn plan(options: &Options) -> Vec<Outcome> {
    let missing = match &options.folder {
        Some(folder) => format!("missing: there is none in {}", folder.display()),
        None => "missing: it was not built, the reason is above".into(),
    };
    let outcome = |program: &'static Program, workers, sweep| Outcome {
        program,
        workers: program.workers(workers),
        sweep,
        run: Err(missing.clone()),
    };
    let mut plan = Vec::new();
    for _ in 0..options.runs {
        for program in &options.programs {
            plan.push(outcome(program, options.workers, false));
        }
    }
    for workers in &options.sweep {
        for program in options.programs.iter().filter(|program| program.sweeps()) {
            plan.push(outcome(program, Some(*workers), true));
        }
    }
    plan
}

/// Shown on a terminal only, and drawn while a program runs: seldom, so that it disturbs none.
fn progress_bar(plan: &[Outcome], options: &Options) -> ProgressBar {
    let expected = plan.iter().map(|outcome| expected_time(outcome, options));
    let style = ProgressStyle::with_template("{bar:40} {elapsed} {msg}")
        .expect("it is a template")
        .progress_chars("━╸ ");
    ProgressBar::new(expected.sum::<Duration>().as_millis() as u64).with_style(style)
}

/// How long a run takes if nothing comes between.
fn expected_time(outcome: &Outcome, options: &Options) -> Duration {
    let start = Duration::from_millis(20);
    let rounds = |things: usize, at_once: usize| u32::try_from(things.div_ceil(at_once));
    match outcome.program.work {
        Work::Downloads => {
            let rounds = rounds(options.pages, outcome.workers).unwrap_or(u32::MAX);
            start + options.latency.saturating_mul(rounds)
        }
        Work::Computations => {
            let rounds = rounds(options.jobs, outcome.workers.min(cores())).unwrap_or(u32::MAX);
            let job = 0.035 * 1.618_f64.powi(options.number as i32 - 35);
            start + Duration::from_secs_f64(job).saturating_mul(rounds)
        }
    }
}

/// Runs a program once. `None` if it was interrupted.
fn run(
    outcome: &Outcome,
    executable: &Path,
    options: &Options,
    meanwhile: impl FnMut(Duration),
) -> Result<Option<std::result::Result<Run, String>>> {
    let mut command = Command::new(executable);
    command.stdin(Stdio::null());
    if outcome.program.has_workers() {
        command.args(["--workers", &outcome.workers.to_string()]);
    }
    let expected = expected_time(outcome, options);
    let limit = options
        .limit
        .unwrap_or(expected.saturating_mul(10) + Duration::from_secs(60));
    Ok(match outcome.program.work {
        Work::Downloads => {
            let site = PracticeSite::start(options.latency)
                .map_err(|error| Error::from(error).while_doing("cannot start the site"))?;
            let paths = if options.faulty {
                faulty()
            } else {
                PRACTICE.to_vec()
            };
            let patience = options.latency.as_secs_f64() * 3.0 + 10.0;
            command
                .args(paths.into_iter().map(|path| site.url(path)))
                .args(["--pages", &options.pages.to_string()])
                .args(["--timeout", &patience.to_string()]);
            match watch(&mut command, limit, meanwhile)? {
                Watched::Interrupted => None,
                Watched::Failed(reason) => Some(Err(reason)),
                Watched::Ended(end) => Some(end.downloads(settled(&site), options.pages)),
            }
        }
        Work::Computations => {
            let folder = OwnFolder::create()?;
            let log = folder.0.join("jobs");
            command
                .args(["--number", &options.number.to_string()])
                .args(["--jobs", &options.jobs.to_string()])
                .env(JOB_LOG, &log);
            match watch(&mut command, limit, meanwhile)? {
                Watched::Interrupted => None,
                Watched::Failed(reason) => Some(Err(reason)),
                Watched::Ended(end) => Some(end.computations(&log, options)),
            }
        }
    })
}

/// What a site has seen when it has noticed, too, that its last client is gone.
fn settled(site: &PracticeSite) -> Observations {
    for _ in 0..50 {
        let seen = site.observations();
        if seen.requests.iter().all(|request| request.end.is_some()) {
            return seen;
        }
        thread::sleep(Duration::from_millis(2));
    }
    site.observations()
}

enum Watched {
    Ended(End),
    Failed(String),
    Interrupted,
}

/// A process that ended by itself.
struct End {
    elapsed: Duration,
    usage: ResUse,
    memory: Option<u64>,
    /// How many pages it said it had fetched.
    fetched: usize,
    /// The last thing it complained about.
    complaint: Option<String>,
}

impl End {
    fn downloads(self, seen: Observations, pages: usize) -> std::result::Result<Run, String> {
        // The contract of the downloaders: 0 if every page was fetched, else 1.
        let promised = i32::from(self.fetched < pages);
        if self.usage.status.code() != Some(promised) {
            let pages = counted(pages, "page");
            return Err(self.failure(&format!(" after {} of {pages}", self.fetched)));
        }
        let first = seen
            .requests
            .first()
            .map(|request| request.start)
            .unwrap_or_default();
        let seconds = |time: Duration| (time - first).as_secs_f64();
        Ok(Run {
            done: self.fetched,
            good: seen.requests.iter().filter(|request| request.good).count(),
            lanes: seen.connections,
            most_at_once: seen.most_in_flight,
            latency: Some(seen.mean_latency()),
            bars: seen
                .requests
                .iter()
                .map(|request| Bar {
                    lane: request.connection,
                    what: request.path.to_string(),
                    start: seconds(request.start),
                    end: seconds(request.end.unwrap_or(first + self.elapsed)),
                    good: request.good,
                })
                .collect(),
            ..self.into()
        })
    }

    fn computations(self, log: &Path, options: &Options) -> std::result::Result<Run, String> {
        if !self.usage.status.success() {
            return Err(self.failure(""));
        }
        let log = fs::read_to_string(log)
            .map_err(|error| format!("it left no log of its jobs: {}", Error::from(error)))?;
        let bars = log
            .lines()
            .map(|line| Bar::from_log(line, options.number))
            .collect::<Option<Vec<_>>>()
            .ok_or("its log of its jobs makes no sense")?;
        let at_once = |moment| {
            bars.iter()
                .filter(|bar| (bar.start..bar.end).contains(&moment))
                .count()
        };
        Ok(Run {
            done: bars.len(),
            good: bars.len(),
            lanes: bars.iter().map(|bar| bar.lane + 1).max().unwrap_or(0),
            // The count is highest when one of them begins.
            most_at_once: bars.iter().map(|bar| at_once(bar.start)).max().unwrap_or(0),
            bars,
            ..self.into()
        })
    }

    /// Says how it ended, and what it said of that.
    fn failure(&self, after: &str) -> String {
        let complaint = self.complaint.as_ref().map(|line| format!(": {line}"));
        let complaint = complaint.unwrap_or_default();
        format!("ended with {}{after}{complaint}", self.usage.status)
    }
}

impl From<End> for Run {
    fn from(end: End) -> Self {
        Self {
            elapsed: end.elapsed,
            cpu_time: end.usage.rusage.utime + end.usage.rusage.stime,
            memory: end.memory,
            done: 0,
            good: 0,
            lanes: 0,
            most_at_once: 0,
            latency: None,
            bars: Vec::new(),
        }
    }
}

impl Bar {
    /// Reads a line of [`JOB_LOG`].
    fn from_log(line: &str, number: u32) -> Option<Self> {
        let fields: Vec<u32> = line
            .split('\t')
            .map(str::parse)
            .collect::<std::result::Result<_, _>>()
            .ok()?;
        let [lane, start, end] = fields[..] else {
            return None;
        };
        Some(Self {
            lane: lane as usize,
            what: format!("fib({number})"),
            start: f64::from(start) / 1e6,
            end: f64::from(end) / 1e6,
            good: true,
        })
    }
}

/// Starts a process and watches it to its end.
fn watch(
    command: &mut Command,
    limit: Duration,
    mut meanwhile: impl FnMut(Duration),
) -> Result<Watched> {
    // A process that it starts and leaves behind can then be stopped with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let start = Instant::now();
    let mut child = match command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    {
        Ok(child) => child,
        Err(error) => {
            let reason = Error::from(error).while_doing("cannot be started");
            return Ok(Watched::Failed(reason.to_string()));
        }
    };
    let fetched = listen(child.stdout.take(), 0, |fetched, line| {
        let is_page = line.starts_with("Fetched ") && line.contains(" bytes from ");
        fetched + usize::from(is_page)
    });
    let complaint = listen(child.stderr.take(), None, |complaint, line| {
        let says_why = !line.is_empty() && !line.starts_with("note:");
        if says_why {
            Some(line.to_owned())
        } else {
            complaint
        }
    });
    let mut memory = memory::Peak::of(child.id());
    let attended = attend(child, &fetched, limit, |elapsed| {
        memory.look();
        meanwhile(elapsed);
    })?;
    Ok(match attended {
        Attended::Ended { usage, end, output } => Watched::Ended(End {
            elapsed: end - start,
            usage,
            memory: memory.found(&usage),
            fetched: output.unwrap_or(0),
            complaint: complaint
                .recv_timeout(Duration::from_secs(1))
                .ok()
                .and_then(|(complaint, _)| complaint),
        }),
        Attended::Hung => {
            Watched::Failed(format!("stopped: no end within {} s", limit.as_secs_f64()))
        }
        Attended::Interrupted => Watched::Interrupted,
    })
}

/// Reads a pipe line by line, on a thread, and sends what it gathers and the time of its end.
fn listen<T: Send + 'static>(
    pipe: Option<impl Read + Send + 'static>,
    mut gathered: T,
    gather: impl Fn(T, &str) -> T + Send + 'static,
) -> Receiver<(T, Instant)> {
    let (sender, receiver) = mpsc::channel();
    let mut pipe = BufReader::new(pipe.expect("it was asked for"));
    thread::spawn(move || {
        let mut line = Vec::new();
        while pipe.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            gathered = gather(gathered, String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
        // Nobody waits any more for what an abandoned process says.
        let _ = sender.send((gathered, Instant::now()));
    });
    receiver
}

enum Attended<T> {
    Ended {
        usage: ResUse,
        /// When its output ended: to the microsecond, when it did.
        end: Instant,
        /// What was gathered of its output.
        output: Option<T>,
    },
    Hung,
    Interrupted,
}

/// Waits for a process; stops it when its time is over or when `compare` is interrupted.
fn attend<T>(
    mut child: Child,
    output: &Receiver<(T, Instant)>,
    limit: Duration,
    mut meanwhile: impl FnMut(Duration),
) -> Result<Attended<T>> {
    let start = Instant::now();
    let mut gathered = None;
    loop {
        let elapsed = start.elapsed();
        match gathered {
            // More often at first: a short run should not be over before the first look.
            None => {
                gathered = output
                    .recv_timeout((elapsed / 5).clamp(LOOK_AFTER, LOOK_EVERY))
                    .ok()
            }
            Some(_) => thread::sleep(Duration::from_millis(1)),
        }
        if let Some(usage) = child.try_wait4()? {
            let noticed = Instant::now();
            // The last of the output may still be on its way; a process that was left behind
            // may keep it open for ever.
            let output = gathered.or_else(|| output.recv_timeout(Duration::from_secs(1)).ok());
            return Ok(Attended::Ended {
                usage,
                end: output.as_ref().map_or(noticed, |(_, end)| *end),
                output: output.map(|(gathered, _)| gathered),
            });
        }
        let interrupted = INTERRUPTED.load(Ordering::Relaxed);
        if interrupted || elapsed > limit {
            stop(child)?;
            return Ok(if interrupted {
                Attended::Interrupted
            } else {
                Attended::Hung
            });
        }
        meanwhile(elapsed);
    }
}

/// Ends a process, with all that it started: its process group, if it leads one.
fn stop(mut child: Child) -> Result<()> {
    #[cfg(unix)]
    {
        use nix::sys::signal::{Signal::SIGKILL, killpg};
        use nix::unistd::Pid;
        let group = i32::try_from(child.id()).expect("it was an i32 before");
        // An error means that it leads none.
        let _ = killpg(Pid::from_raw(group), SIGKILL);
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

const LOOK_AFTER: Duration = Duration::from_millis(2);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Whether somebody wants `compare` to end.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl-C and its like end the program that runs, then `compare` itself.
///
/// # Errors
/// The system refuses.
pub fn notice_interruptions() -> Result<()> {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed))?;
    Ok(())
}

/// Where the programs are. `None` if it was interrupted.
fn executables(options: &Options) -> Result<Option<BTreeMap<String, PathBuf>>> {
    let Some(folder) = &options.folder else {
        return build(options);
    };
    let names = options.programs.iter().map(|program| program.name);
    let place = |name: &str| {
        (
            name.to_owned(),
            folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)),
        )
    };
    Ok(Some(
        names.map(place).filter(|(_, file)| file.exists()).collect(),
    ))
}

/// Whether this very program was built with optimisation; it builds the others likewise.
pub const PROFILE: &str = if cfg!(debug_assertions) {
    "dev"
} else {
    "release"
};

/// Lets cargo build the programs; those that do not compile are missing.
fn build(options: &Options) -> Result<Option<BTreeMap<String, PathBuf>>> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--keep-going", "--profile", PROFILE])
        .args([
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"),
        ])
        .arg("--message-format=json-render-diagnostics");
    for program in &options.programs {
        cargo.args(["--package", program.name]);
    }
    let mut child = cargo
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| Error::from(error).while_doing("cannot start cargo"))?;
    let built = listen(child.stdout.take(), BTreeMap::new(), |mut built, line| {
        built.extend(built_executable(line));
        built
    });
    Ok(match attend(child, &built, Duration::MAX, |_| {})? {
        Attended::Ended { output, .. } => Some(output.unwrap_or_default()),
        _ => None,
    })
}

/// The name and the place of an executable, if that is what a message of cargo's is about.
fn built_executable(message: &str) -> Option<(String, PathBuf)> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let name = message["target"]["name"].as_str()?;
    Some((name.into(), message["executable"].as_str()?.into()))
}

/// A new folder for temporary files, removed when dropped.
struct OwnFolder(PathBuf);

impl OwnFolder {
    fn create() -> Result<Self> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let name = format!("compare-{}-{}", process::id(), now.as_nanos());
        let folder = env::temp_dir().join(name);
        fs::create_dir(&folder)
            .map_err(|error| Error::from(error).while_doing("cannot make a temporary folder"))?;
        Ok(Self(folder))
    }
}

impl Drop for OwnFolder {
    fn drop(&mut self) {
        // What is left then is one small file among the system's other temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

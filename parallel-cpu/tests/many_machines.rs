//! Jobs on several machines: here several processes, and a real server between them.
//!
//! `.ci/machines` runs it. Without `nats-server` nearly everything is skipped, and says so.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use shared::grader::{command, example};
use shared::jobs::{Gate, JOB_GATE};
use shared::output::counted;
use tempfile::TempDir;

/// Nothing here takes that long, however busy the machine is.
const LIMIT: Duration = Duration::from_secs(120);

/// Waits until something is so.
#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < LIMIT, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A server that can be stopped and started again in the same place. It ends when dropped.
struct Nats {
    process: Child,
    folder: TempDir,
    port: u16,
}

impl Nats {
    /// Starts one that demands the password `a b:c@d` of the user `me`; `None` if there is none
    /// to start, and then it says so.
    fn start() -> Option<Self> {
        if !is_installed() {
            // Past what keeps the output of tests that pass.
            let _ = writeln!(io::stderr(), "SKIPPED: there is no nats-server");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder can be made");
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = free.local_addr().expect("it has one").port();
        drop(free);
        let settings = format!(
            "host: 127.0.0.1\nport: {port}\njetstream {{ store_dir: \"{}\" }}\n\
             authorization {{ user: me, password: \"a b:c@d\" }}\n",
            folder.path().display()
        );
        fs::write(folder.path().join("settings"), settings).expect("a file can be written");
        let process = Self::spawn(&folder, port);
        Some(Self {
            process,
            folder,
            port,
        })
    }

    fn spawn(folder: &TempDir, port: u16) -> Child {
        let settings = folder.path().join("settings");
        let process = server()
            .arg("--config")
            .arg(settings)
            .stderr(Stdio::null())
            .spawn()
            .expect("a server starts");
        wait_until("the server listens", || listens(port));
        process
    }

    fn stop(&mut self) {
        self.process.kill().expect("it can be ended");
        self.process.wait().expect("it has ended");
    }

    fn start_again(&mut self) {
        self.process = Self::spawn(&self.folder, self.port);
    }

    fn url(&self) -> String {
        format!("nats://me:a%20b:c%40d@127.0.0.1:{}", self.port)
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// As the program looks for it.
fn server() -> Command {
    let mut on_path = Command::new("nats-server");
    match on_path.arg("--version").stdout(Stdio::null()).status() {
        Ok(_) => Command::new("nats-server"),
        Err(_) => Command::new("/usr/sbin/nats-server"),
    }
}

fn is_installed() -> bool {
    let version = server().arg("--version").stdout(Stdio::null()).status();
    version.is_ok()
}

fn listens(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// The example, running. It is killed when dropped.
struct Program {
    process: Child,
    folder: TempDir,
}

impl Program {
    fn start(options: &str) -> Self {
        Self::start_at("", options)
    }

    /// Starts it with its jobs at a gate.
    fn start_at(gate: &str, options: &str) -> Self {
        let options: Vec<&str> = options.split(' ').collect();
        let mut command = command(&example("many_machines"), &options);
        if !gate.is_empty() {
            command.env(JOB_GATE, gate);
        }
        Self::run(command)
    }

    fn run(mut command: Command) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let output = |name| File::create(folder.path().join(name)).expect("a file can be made");
        let process = command
            .stdout(output("stdout"))
            .stderr(output("stderr"))
            .spawn()
            .expect("the example is built");
        Self { process, folder }
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).expect("it can be read")
    }

    fn stdout(&self) -> String {
        self.read("stdout")
    }

    fn shown(&self) -> String {
        let [stdout, stderr] = ["stdout", "stderr"].map(|name| self.read(name));
        format!("stdout:\n{stdout}stderr:\n{stderr}")
    }

    /// How many lines contain it.
    fn count(&self, what: &str) -> usize {
        let stdout = self.stdout();
        stdout.lines().filter(|line| line.contains(what)).count()
    }

    /// Waits until so many lines contain it.
    #[track_caller]
    fn prints(&mut self, what: &str, times: usize) {
        wait_until(what, || {
            let ended = self.process.try_wait().expect("it is ours").is_some();
            let count = self.count(what);
            assert!(
                count >= times || !ended,
                "it ended and printed `{what}` {count} times only\n{}",
                self.shown()
            );
            count >= times
        });
    }

    #[track_caller]
    fn end(&mut self) -> ExitStatus {
        let mut status = None;
        wait_until("the program ends", || {
            status = self.process.try_wait().expect("it is ours");
            status.is_some()
        });
        status.expect("it has ended")
    }

    #[track_caller]
    fn ends_with(&mut self, status: i32) {
        let ended = self.end();
        assert!(ended.code() == Some(status), "{ended}\n{}", self.shown());
    }

    fn signal(&self, signal: &str) {
        let (signal, process) = (format!("-{signal}"), self.process.id().to_string());
        let sent = Command::new("kill").args([signal, process]).status();
        assert!(sent.expect("there is a `kill`").success());
    }

    /// Which jobs it says it did.
    fn jobs(&self) -> Vec<usize> {
        let stdout = self.stdout();
        let job = |line: &str| line.strip_prefix("Did job ")?.parse().ok();
        stdout.lines().filter_map(job).collect()
    }

    /// How many jobs its own summary counts, of all workers.
    fn counted(&self) -> usize {
        let stdout = self.stdout();
        let count = |line: &str| -> Option<usize> {
            let (count, _) = line.split_once(" job")?;
            line.contains(" by ").then(|| count.parse().ok())?
        };
        stdout.lines().filter_map(count).sum()
    }

    #[track_caller]
    fn did_all(&mut self, jobs: usize) {
        self.ends_with(0);
        let all = format!(", {}\n", counted(jobs, "time"));
        assert!(self.stdout().contains(&all), "{}", self.shown());
        assert_eq!(self.counted(), jobs, "{}", self.shown());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// About a quarter of a second.
const LONG: &str = "--number 40";

/// Time enough to have taken the next job, and not to have done it.
fn let_it_take_a_job() {
    thread::sleep(Duration::from_millis(60));
}

#[test]
fn brings_its_own_server_which_ends_with_it_whatever_ends_it() {
    if !is_installed() {
        let mut program = Program::start("--jobs 3");
        program.ends_with(2);
        let stderr = program.read("stderr");
        assert!(stderr.contains("apt install nats-server"), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        return;
    }
    let port = |program: &mut Program| -> u16 {
        program.prints("--join nats://", 1);
        let stdout = program.stdout();
        let line = stdout.lines().next().expect("it is there");
        let port = line.rsplit(':').next().expect("it has a port");
        port.parse().expect("it is a number")
    };
    let mut program = Program::start("--jobs 30 --number 30 --workers 2");
    let own = port(&mut program);
    program.did_all(30);
    assert!(!listens(own), "the server is still there");
    for signal in ["KILL", "TERM", "INT"] {
        let mut program = Program::start("--jobs 1000 --number 40");
        let own = port(&mut program);
        assert!(listens(own));
        program.signal(signal);
        program.end();
        wait_until("the server is gone", || !listens(own));
    }
}

#[test]
fn no_job_is_lost_with_a_worker_or_counted_twice() {
    let Some(nats) = Nats::start() else { return };
    let (url, jobs) = (nats.url(), 40);
    let mut asker = Program::start(&format!("--nats {url} {LONG} --jobs {jobs} --workers 0"));
    let join = format!("--join {url} --workers 1");
    let [mut killed, mut stopped] = [Program::start(&join), Program::start(&join)];
    killed.prints("Did job", 1);
    let_it_take_a_job();
    killed.signal("KILL");
    stopped.prints("Did job", 1);
    let_it_take_a_job();
    stopped.signal("STOP");
    let mut late = Program::start(&join);
    // Of the killed one and of the stopped one.
    asker.prints("was given out 2 times, and done by", 2);
    let before = stopped.jobs().len();
    stopped.signal("CONT");
    // It goes on with a job that another has done.
    stopped.prints("Did job", before + 1);
    asker.prints("was done again, by", 1);
    asker.did_all(jobs);
    for worker in [&mut stopped, &mut late] {
        worker.ends_with(0);
    }
    let workers = [&killed, &stopped, &late];
    let done: BTreeSet<usize> = workers.iter().flat_map(|worker| worker.jobs()).collect();
    assert_eq!(done, (0..jobs).collect(), "not every job, or another");
}

#[test]
fn a_slow_worker_takes_fewer_jobs() {
    let Some(nats) = Nats::start() else { return };
    let (url, jobs) = (nats.url(), 40);
    let join = format!("--join {url} --workers 1");
    let mut workers = [(); 3].map(|()| Program::start(&join));
    let options = format!("--nats {url} --number 38 --jobs {jobs} --workers 0");
    let mut asker = Program::start(&options);
    // It runs for a fifth of the time.
    let slow = &workers[0];
    while asker.process.try_wait().expect("it is ours").is_none() {
        slow.signal("STOP");
        thread::sleep(Duration::from_millis(200));
        slow.signal("CONT");
        thread::sleep(Duration::from_millis(50));
    }
    asker.did_all(jobs);
    for worker in &mut workers {
        worker.ends_with(0);
    }
    let [slow, others @ ..] = workers.map(|worker| worker.jobs().len());
    let slowest = others.into_iter().min().expect("there are two");
    assert!(slow < slowest, "{slow} jobs, but {others:?}");
}

#[test]
fn nothing_is_lost_with_a_server_that_starts_again() {
    let Some(mut nats) = Nats::start() else {
        return;
    };
    let (url, jobs) = (nats.url(), 24);
    let mut asker = Program::start(&format!("--nats {url} {LONG} --jobs {jobs} --workers 1"));
    let mut worker = Program::start(&format!("--join {url} --workers 1"));
    worker.prints("Did job", 2);
    nats.stop();
    thread::sleep(Duration::from_millis(500));
    nats.start_again();
    asker.did_all(jobs);
    worker.ends_with(0);
    let stderr = worker.read("stderr");
    assert!(
        stderr.contains("Note: the server is there again\n"),
        "{stderr}"
    );
}

#[test]
fn a_wrong_password_is_named_and_not_shown() {
    let Some(nats) = Nats::start() else { return };
    let port = nats.port;
    for access in ["me:wrong@", "token@", ""] {
        for option in ["nats", "join"] {
            let mut program =
                Program::start(&format!("--{option} nats://{access}127.0.0.1:{port}"));
            program.ends_with(1);
            let line = format!(
                "Error: cannot use the server 127.0.0.1:{port}: it wants another password or token\n"
            );
            assert_eq!(program.read("stderr"), line);
        }
    }
}

#[test]
fn an_address_without_a_server_is_an_error() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let port = free.local_addr().expect("it has one").port();
    drop(free);
    let mut program = Program::start(&format!("--join nats://127.0.0.1:{port}"));
    program.ends_with(1);
    let stderr = program.read("stderr");
    let start = format!("Error: cannot use the server 127.0.0.1:{port}: ");
    assert!(
        stderr.starts_with(&start) && stderr.lines().count() == 1,
        "{stderr}"
    );
}

#[test]
fn ten_thousand_small_jobs() {
    let Some(nats) = Nats::start() else { return };
    let url = nats.url();
    let mut worker = Program::start(&format!("--join {url}"));
    Program::start(&format!("--nats {url} --number 1 --jobs 10000")).did_all(10_000);
    worker.ends_with(0);
    assert!(worker.count("Did job") > 0, "{}", worker.shown());
}

#[test]
fn two_who_ask_at_once_get_their_own_results() {
    let Some(nats) = Nats::start() else { return };
    let url = nats.url();
    let mut askers = ["--number 20", "--number 21"]
        .map(|number| Program::start(&format!("--nats {url} {number} --jobs 300 --workers 0")));
    let mut workers = [(); 2].map(|()| Program::start(&format!("--join {url} --workers 1")));
    for asker in &mut askers {
        // It checks every result.
        asker.did_all(300);
    }
    for worker in &mut workers {
        worker.ends_with(0);
    }
    let done: usize = workers.iter().map(|worker| worker.jobs().len()).sum();
    assert_eq!(done, 600);
}

#[test]
fn a_job_that_nobody_survives_is_given_up_after_three() {
    let Some(nats) = Nats::start() else { return };
    let url = nats.url();
    let mut asker = Program::start(&format!("--nats {url} --number 55 --jobs 1 --workers 0"));
    let gate = Gate::start(1, 3).expect("a gate starts");
    for taken in 1..=3 {
        let join = format!("--join {url} --workers 1");
        let worker = Program::start_at(&gate.address(), &join);
        wait_until("it takes the job", || gate.seen().jobs.len() == taken);
        drop(worker);
    }
    let mut last = Program::start(&format!("--join {url} --workers 1"));
    asker.ends_with(1);
    let stderr = asker.read("stderr");
    assert!(
        stderr.contains("Failed job 0: given out 3 times, and never done\n"),
        "{stderr}"
    );
    last.ends_with(0);
    assert!(last.jobs().is_empty(), "it did a job: {}", last.shown());
}

#[test]
fn a_long_job_stays_with_its_worker() {
    let Some(nats) = Nats::start() else { return };
    let url = nats.url();
    // It waits in vain for a second job, and so its first one takes longer than three seconds.
    let patience = Duration::from_secs(7);
    let gate = Gate::start_patient(2, 2, patience).expect("a gate starts");
    let join = format!("--join {url} --workers 1");
    let mut workers = [(); 2].map(|()| Program::start_at(&gate.address(), &join));
    let mut asker = Program::start(&format!("--nats {url} --number 1 --jobs 1 --workers 0"));
    asker.did_all(1);
    for worker in &mut workers {
        worker.ends_with(0);
    }
    assert_eq!(gate.seen().jobs.len(), 1, "jobs were begun");
    assert_eq!(asker.count("given out"), 0, "{}", asker.shown());
}

/// Two machines with a cable between them: network namespaces, which only an administrator of
/// Linux can make. They are gone when this is dropped.
struct Cable {
    ends: [String; 2],
}

const ADDRESSES: [&str; 2] = ["192.0.2.1", "192.0.2.2"];

fn ip(arguments: &str) -> bool {
    let arguments = arguments.split(' ');
    let done = Command::new("ip")
        .args(arguments)
        .stderr(Stdio::null())
        .status();
    done.is_ok_and(|status| status.success())
}

impl Cable {
    /// `None` if this is not allowed here, and then it says so.
    fn lay() -> Option<Self> {
        let id = std::process::id();
        let cable = Self {
            ends: ["a", "b"].map(|end| format!("machine-{end}-{id}")),
        };
        let [a, b] = &cable.ends;
        let mut laid = ip(&format!("netns add {a}")) && ip(&format!("netns add {b}"));
        laid = laid
            && ip(&format!(
                "link add eth0 netns {a} type veth peer name eth0 netns {b}"
            ));
        for (end, address) in cable.ends.iter().zip(ADDRESSES) {
            laid = laid && ip(&format!("-n {end} addr add {address}/24 dev eth0"));
            laid = laid && ip(&format!("-n {end} link set lo up"));
            laid = laid && ip(&format!("-n {end} link set eth0 up"));
        }
        if !laid {
            let _ = writeln!(io::stderr(), "SKIPPED: no network namespaces for this user");
        }
        laid.then_some(cable)
    }

    fn pull(&self) {
        assert!(ip(&format!("-n {} link set eth0 down", self.ends[1])));
    }

    fn plug_in(&self) {
        assert!(ip(&format!("-n {} link set eth0 up", self.ends[1])));
    }

    /// A command on one of the machines.
    fn on(&self, end: usize, program: &str, arguments: &str) -> Command {
        let arguments = arguments.split(' ');
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &self.ends[end], program])
            .args(arguments);
        command
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        for end in &self.ends {
            ip(&format!("netns del {end}"));
        }
    }
}

#[test]
fn a_cable_that_is_pulled_loses_no_job() {
    if Nats::start().is_none() {
        return;
    }
    let Some(cable) = Cable::lay() else { return };
    let store = tempfile::tempdir().expect("a folder can be made");
    let program = server().get_program().to_string_lossy().into_owned();
    let options = format!("--addr {} --jetstream --auth key", ADDRESSES[0]);
    let mut server = cable.on(0, &program, &options);
    server.arg("--store_dir").arg(store.path());
    let _server = Program::run(server);
    let url = format!("nats://key@{}", ADDRESSES[0]);
    let this = example("many_machines");
    let asks = || {
        let options = format!("--nats {url} {LONG} --jobs 60 --workers 1");
        let mut asker = Program::run(cable.on(0, &this, &options));
        thread::sleep(Duration::from_millis(500));
        asker
            .process
            .try_wait()
            .expect("it is ours")
            .is_none()
            .then_some(asker)
    };
    let mut asker = None;
    wait_until("the server listens", || {
        asker = asks();
        asker.is_some()
    });
    let mut asker = asker.expect("it was waited for");
    let mut far = Program::run(cable.on(1, &this, &format!("--join {url} --workers 1")));
    far.prints("Did job", 1);
    let_it_take_a_job();
    cable.pull();
    asker.prints("was given out 2 times", 1);
    cable.plug_in();
    asker.did_all(60);
    far.ends_with(0);
    let jobs = far.jobs();
    let twice = asker.count("was done again, by") + far.count("nobody waits");
    assert!(twice > 0, "{jobs:?}\n{}", asker.shown());
}

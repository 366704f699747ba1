//! The example, as a process.

use std::fs::{self, File};
use std::process::{Child, Command, ExitStatus};

use shared::grader::{command, example};
use shared::jobs::JOB_GATE;
use shared::output::counted;
use tempfile::TempDir;

use super::wait_until;

/// The example, running. It is killed when dropped.
pub struct Program {
    pub process: Child,
    folder: TempDir,
}

impl Program {
    pub fn start(options: &str) -> Self {
        Self::start_with(options, &[])
    }

    /// Starts it with its jobs at a gate.
    pub fn start_at(gate: &str, options: &str) -> Self {
        Self::start_with(options, &[(JOB_GATE, gate)])
    }

    /// Starts it with these variables in its environment.
    pub fn start_with(options: &str, environment: &[(&str, &str)]) -> Self {
        let options: Vec<&str> = options.split(' ').collect();
        let mut command = command(&example("many_machines"), &options);
        command.envs(environment.iter().copied());
        Self::run(command)
    }

    pub fn run(mut command: Command) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let output = |name| File::create(folder.path().join(name)).expect("a file can be made");
        let process = command
            .stdout(output("stdout"))
            .stderr(output("stderr"))
            .spawn()
            .expect("the example is built");
        Self { process, folder }
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).expect("it can be read")
    }

    pub fn stdout(&self) -> String {
        self.read("stdout")
    }

    pub fn shown(&self) -> String {
        let [stdout, stderr] = ["stdout", "stderr"].map(|name| self.read(name));
        format!("stdout:\n{stdout}stderr:\n{stderr}")
    }

    /// How many lines contain it.
    pub fn count(&self, what: &str) -> usize {
        let stdout = self.stdout();
        stdout.lines().filter(|line| line.contains(what)).count()
    }

    /// Waits until so many lines contain it.
    #[track_caller]
    pub fn prints(&mut self, what: &str, times: usize) {
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
    pub fn end(&mut self) -> ExitStatus {
        let mut status = None;
        wait_until("the program ends", || {
            status = self.process.try_wait().expect("it is ours");
            status.is_some()
        });
        status.expect("it has ended")
    }

    #[track_caller]
    pub fn ends_with(&mut self, status: i32) {
        let ended = self.end();
        assert!(ended.code() == Some(status), "{ended}\n{}", self.shown());
    }

    pub fn signal(&self, signal: &str) {
        let (signal, process) = (format!("-{signal}"), self.process.id().to_string());
        let sent = Command::new("kill").args([signal, process]).status();
        assert!(sent.expect("there is a `kill`").success());
    }

    /// Which jobs it says it did.
    pub fn jobs(&self) -> Vec<usize> {
        let stdout = self.stdout();
        let job = |line: &str| line.strip_prefix("Did job ")?.parse().ok();
        stdout.lines().filter_map(job).collect()
    }

    /// How many jobs its own summary counts, of all workers.
    pub fn counted(&self) -> usize {
        let stdout = self.stdout();
        let count = |line: &str| -> Option<usize> {
            let (count, _) = line.split_once(" job")?;
            line.contains(" by ").then(|| count.parse().ok())?
        };
        stdout.lines().filter_map(count).sum()
    }

    #[track_caller]
    pub fn did_all(&mut self, jobs: usize) {
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

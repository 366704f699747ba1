//! Students' code is strangers' code: what runs it, or only compiles it, is confined to a
//! sandbox that has no network but its own, and sees nothing of the teacher's.
//!
//! On Linux bubblewrap makes it; elsewhere there is none.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use shared::{Error, Result};

use crate::watching::{How, watch};

/// How what students wrote is run.
pub enum Confinement {
    Bubblewrap(PathBuf),
    None,
}

/// What may happen in a sandbox.
pub struct Limits {
    pub time: Duration,
    /// Of all processes together, in bytes.
    pub memory: u64,
    /// Processes and threads.
    pub tasks: u64,
}

/// What is to be run, and what of the system it needs.
pub struct Plan<'a> {
    pub program: &'a Path,
    pub arguments: Vec<OsString>,
    pub variables: BTreeMap<String, String>,
    pub folder: &'a Path,
    /// What it may read, and where that is for it.
    pub visible: Vec<(PathBuf, PathBuf)>,
    /// Where it may write, beside a temporary folder of its own.
    pub writable: Option<PathBuf>,
    pub limits: &'a Limits,
}

/// The job by which this program is called to be the supervisor.
pub const SUPERVISOR: &str = "supervise";

/// Which limit was broken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    Time = 91,
    Memory = 92,
    Tasks = 93,
}

impl Broken {
    /// What an exit status says of a limit.
    pub fn from_status(status: i32) -> Option<Self> {
        [Self::Time, Self::Memory, Self::Tasks]
            .into_iter()
            .find(|broken| *broken as i32 == status)
    }
}

/// How much fits into the temporary folder, in bytes.
const TEMPORARY: u64 = 256 << 20;

/// What programs of the system need, if it is there. A link is a link there, too.
const SYSTEM: [&str; 8] = [
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix",
];

/// The settings among those. Whatever else is in `/etc` is nobody's business.
const SETTINGS: [&str; 9] = [
    "/etc/alternatives",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/nsswitch.conf",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/certs",
    "/etc/ssl/certs",
];

impl Confinement {
    /// # Errors
    /// There is no bubblewrap that works, and nobody said that it may do without.
    pub fn find(unconfined: bool) -> Result<Self> {
        if unconfined {
            return Ok(Self::None);
        }
        let advice = "with `--unconfined` what students wrote runs with all your rights";
        let paths = env::var_os("PATH").unwrap_or_default();
        let bwrap = env::split_paths(&paths).map(|path| path.join("bwrap"));
        let Some(bwrap) = bwrap
            .into_iter()
            .find(|path| cfg!(target_os = "linux") && path.is_file())
        else {
            return Err(Error::new(format!(
                "there is no bwrap to confine what students wrote (package bubblewrap, on Linux); {advice}"
            )));
        };
        let found = Self::Bubblewrap(bwrap);
        let limits = Limits {
            time: Duration::from_secs(10),
            memory: 1 << 30,
            tasks: 100,
        };
        let end = watch(
            &mut found.command(Plan {
                program: Path::new("/bin/true"),
                arguments: Vec::new(),
                variables: BTreeMap::new(),
                folder: Path::new("/tmp"),
                visible: Vec::new(),
                writable: None,
                limits: &limits,
            })?,
            Duration::from_secs(20),
        )?;
        match end.how {
            How::Ended(status) if status.success() => Ok(found),
            _ => {
                let words = end
                    .stderr
                    .lines()
                    .next()
                    .unwrap_or("it does not run")
                    .to_owned();
                Err(Error::new(format!(
                    "bwrap does not work here ({words}); {advice}"
                )))
            }
        }
    }

    /// The command that does it.
    ///
    /// # Errors
    /// This program does not know where it is.
    pub fn command(&self, plan: Plan<'_>) -> Result<Command> {
        let Self::Bubblewrap(bwrap) = self else {
            let mut command = Command::new(plan.program);
            command
                .args(plan.arguments)
                .envs(plan.variables)
                .current_dir(plan.folder);
            return Ok(command);
        };
        let mut command = Command::new(bwrap);
        if root() {
            // Root's processes are never too many for the system, so the supervisor turns into
            // somebody else before it starts one; for that it needs to stay in root's world.
            command
                .args([
                    "--unshare-ipc",
                    "--unshare-net",
                    "--unshare-pid",
                    "--unshare-uts",
                ])
                .args(["--unshare-cgroup-try", "--cap-drop", "ALL"])
                .args(["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]);
        } else {
            command
                .args(["--unshare-all", "--unshare-user", "--cap-drop", "ALL"])
                .args(["--uid", "1000", "--gid", "1000"]);
        }
        command
            .args([
                "--new-session",
                "--die-with-parent",
                "--as-pid-1",
                "--clearenv",
            ])
            .args([
                "--setenv",
                "PATH",
                "/usr/bin:/bin",
                "--setenv",
                "HOME",
                "/tmp",
            ])
            .args(["--setenv", "RUST_BACKTRACE", "0"]);
        for (name, value) in &plan.variables {
            command.args(["--setenv", name, value]);
        }
        command.args(["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]);
        for folder in ["/dev/shm", "/tmp"] {
            command
                .args(["--perms", "1777", "--size", &TEMPORARY.to_string()])
                .args(["--tmpfs", folder]);
        }
        for path in SYSTEM {
            match fs::read_link(path) {
                Ok(target) => command.arg("--symlink").arg(target).arg(path),
                Err(_) => command.args(["--ro-bind-try", path, path]),
            };
        }
        for path in SETTINGS {
            make_way(&mut command, Path::new(path));
            command.args(["--ro-bind-try", path, path]);
        }
        let supervisor = Path::new("/run/supervisor");
        let own = (env::current_exe()?, supervisor.to_owned());
        for (real, seen) in [own].iter().chain(&plan.visible) {
            make_way(&mut command, seen);
            command.arg("--ro-bind").args([real, seen]);
        }
        if let Some(folder) = &plan.writable {
            make_way(&mut command, folder);
            command.arg("--bind").args([folder, folder]);
        }
        let Limits {
            time,
            memory,
            tasks,
        } = plan.limits;
        let limits = [time.as_millis() as u64, *memory, *tasks];
        command
            .args(["--remount-ro", "/", "--chdir"])
            .arg(plan.folder)
            .arg("--")
            .args([supervisor, Path::new(SUPERVISOR)])
            .args(limits.map(|limit| limit.to_string()))
            .arg(plan.program)
            .args(plan.arguments);
        Ok(command)
    }
}

/// Makes the folders above a path: by itself bubblewrap makes them for root alone if they are
/// root's outside.
fn make_way(command: &mut Command, path: &Path) {
    let mut above: Vec<&Path> = path.ancestors().skip(1).collect();
    above.retain(|folder| folder.parent().is_some() && *folder != Path::new("/tmp"));
    for folder in above.iter().rev() {
        command.args(["--perms", "0755", "--dir"]).arg(folder);
    }
}

/// Whether this is root: a container's only user, mostly.
#[cfg(unix)]
pub fn root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[cfg(not(unix))]
pub fn root() -> bool {
    false
}

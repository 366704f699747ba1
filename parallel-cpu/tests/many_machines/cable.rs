//! Two machines with addresses of their own, and what becomes of the jobs when a cable is pulled.

use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, thread};

use shared::grader::example;

use super::nats::Nats;
use super::program::Program;
use super::{LONG, let_it_take_a_job, skip, wait_until};

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
            skip("no network namespaces for this user");
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
    let options = format!("--addr {} --jetstream --auth key", ADDRESSES[0]);
    let mut server = cable.on(0, "nats-server", &options);
    // Debian has it there.
    let path = env::var("PATH").unwrap_or_default();
    server.env("PATH", format!("{path}:/usr/sbin"));
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

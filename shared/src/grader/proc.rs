//! What Linux tells of a process: its threads, its children, its connections, its time.

#[cfg(feature = "downloads")]
use std::collections::HashSet;
use std::fs;
use std::time::Duration;

/// What proc(5) counts time in, in ms: a hundredth of a second, on nearly all systems.
const TICK: u64 = 10;

/// A process, as it was when somebody looked.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) id: u32,
    /// A letter of proc(5): Z is a zombie.
    pub(super) state: char,
    pub(super) parent: u32,
    pub(super) threads: usize,
    /// For how long it has computed so far.
    pub(super) computed: Duration,
}

/// Looks at a process; `None` if there is none of that number.
pub(super) fn process(id: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // "ID (NAME) STATE PARENT …", where a name may contain anything.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let number = |field: usize| fields.get(field)?.parse::<u64>().ok();
    Some(Process {
        id,
        state: fields.first()?.parse().ok()?,
        parent: u32::try_from(number(1)?).ok()?,
        threads: usize::try_from(number(17)?).ok()?,
        computed: Duration::from_millis(TICK * (number(11)? + number(12)?)),
    })
}

/// The processes that a process has started.
pub(super) fn children(parent: u32) -> Vec<Process> {
    let tasks = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = tasks.filter_map(|task| task.file_name().to_str()?.parse().ok());
    ids.filter_map(process)
        .filter(|process| process.parent == parent)
        .collect()
}

/// How many threads of a process compute, or would if a core were free.
pub(super) fn computing_threads(id: u32) -> usize {
    let threads = fs::read_dir(format!("/proc/{id}/task"));
    let threads = threads.into_iter().flatten().flatten();
    threads
        .filter_map(|thread| fs::read_to_string(thread.path().join("stat")).ok())
        .filter(|stat| {
            stat.rsplit_once(") ")
                .is_some_and(|it| it.1.starts_with('R'))
        })
        .count()
}

/// How many connections a process holds to a port of this machine.
#[cfg(feature = "downloads")]
pub(super) fn connections(id: u32, port: u16) -> usize {
    let table = fs::read_to_string(format!("/proc/{id}/net/tcp")).unwrap_or_default();
    let place = format!("0100007F:{port:04X}");
    // "SLOT: LOCAL REMOTE STATE … INODE …": the inode is the tenth.
    let sockets: HashSet<String> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields.get(2) == Some(&&*place))
        .filter_map(|fields| Some(format!("socket:[{}]", fields.get(9)?)))
        .collect();
    let files = fs::read_dir(format!("/proc/{id}/fd")).into_iter().flatten();
    files
        .flatten()
        .filter_map(|file| fs::read_link(file.path()).ok())
        .filter(|target| target.to_str().is_some_and(|name| sockets.contains(name)))
        .count()
}

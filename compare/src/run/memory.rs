//! How much memory a process takes, with all the processes that it starts.

use std::fs;
use std::time::Instant;

use wait4::ResUse;

/// What the figure means on this system.
pub const MEMORY_IS: &str = if cfg!(target_os = "linux") {
    "of all its processes together, what they share counted once"
} else {
    "of its largest process"
};

/// The most memory that a process and its descendants were seen to take at once.
pub struct Peak {
    process: u32,
    bytes: Option<u64>,
    looks: u32,
    next: Instant,
}

impl Peak {
    pub fn of(process: u32) -> Self {
        Self {
            process,
            bytes: None,
            looks: 0,
            next: Instant::now(),
        }
    }

    /// Looks once more, unless the last look was so recent that looking would become a load.
    pub fn look(&mut self) {
        let start = Instant::now();
        if start < self.next {
            return;
        }
        self.bytes = self.bytes.max(tree(self.process));
        self.looks += 1;
        self.next = Instant::now() + 30 * start.elapsed();
    }

    /// What was found, when the process has ended.
    ///
    /// On Linux the system's own figure would not do: it knows no descendants, and begins
    /// with the size of the process that started this one.
    pub fn found(&self, usage: &ResUse) -> Option<u64> {
        if cfg!(target_os = "linux") {
            self.bytes.filter(|_| self.looks >= ENOUGH)
        } else {
            Some(usage.rusage.maxrss).filter(|bytes| *bytes > 0)
        }
    }
}

/// A process that is over after fewer looks was seen while it was still growing.
const ENOUGH: u32 = 3;

/// The memory of a process and of its descendants, in bytes, if the system is Linux.
fn tree(process: u32) -> Option<u64> {
    let mut bytes = proportional_size(process)?;
    for thread in fs::read_dir(format!("/proc/{process}/task"))
        .ok()?
        .flatten()
    {
        // A thread may be gone already.
        let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        let children = children.split_whitespace().flat_map(str::parse);
        bytes += children.filter_map(tree).sum::<u64>();
    }
    Some(bytes)
}

/// The memory of one process, where a page shared by five processes counts a fifth for each.
fn proportional_size(process: u32) -> Option<u64> {
    let sizes = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let line = sizes.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

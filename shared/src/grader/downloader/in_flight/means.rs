//! By which means a program waits for several pages at once. Only Linux tells.

use crate::grader::downloader::Downloader;
use crate::grader::proc::{children, connections, process};
use crate::grader::{Run, Running, Verdict};
use crate::output::counted;
use crate::site::PracticeSite;

/// By which means a program waits.
pub(super) struct Means {
    threads: usize,
    /// Connections to the sites.
    connections: usize,
    /// The connections of each process that it has started.
    children: Vec<usize>,
}

impl Means {
    pub(super) fn of(running: &Running, sites: &[PracticeSite]) -> Self {
        let port = |site: &PracticeSite| {
            let port = site.url("").rsplit(':').next()?.parse().ok();
            Some(port.expect("the site's address ends with its port"))
        };
        let ports: Vec<u16> = sites.iter().filter_map(port).collect();
        let connections = |id| ports.iter().map(|port| connections(id, *port)).sum();
        let id = running.id();
        Self {
            threads: process(id).map_or(0, |process| process.threads),
            connections: connections(id),
            children: children(id)
                .iter()
                .filter(|child| child.state != 'Z')
                .map(|child| connections(child.id))
                .collect(),
        }
    }
}

impl Downloader {
    /// A parent of workers asks for no page itself.
    pub(super) fn leaves_the_work_to_its_workers(&self, means: &Means, run: &Run) -> Verdict {
        ensure!(
            !self.processes || means.connections == 0,
            "the program itself holds {} to the site, while it has {}: is the work done in the \
             parent instead of the workers?\n{run}",
            counted(means.connections, "connection"),
            worker_processes(means.children.len()),
        );
        Ok(())
    }

    /// Threads, processes or one thread for all, as it promises.
    pub(super) fn keeps_to_its_means(
        &self,
        at_once: usize,
        in_flight: usize,
        means: &Means,
        run: &Run,
    ) -> Verdict {
        let (threads, children) = (means.threads, means.children.len());
        if self.processes {
            ensure!(
                children == at_once && means.children.iter().all(|connections| *connections == 1),
                "{} in flight, and {} with {:?} connections: is there one worker for each page, \
                 and does it fetch one page at a time?\n{run}",
                counted(at_once, "page"),
                worker_processes(children),
                means.children,
            );
            return Ok(());
        }
        ensure!(
            children == 0,
            "the program has started {children} other processes: this exercise does without \
             them\n{run}"
        );
        ensure!(
            !self.one_thread || threads == 1,
            "{} in flight, and the program has {threads} threads; one is enough: does something \
             start a thread (a runtime of several threads, `spawn_blocking`, \
             `thread::spawn`)?\n{run}",
            counted(in_flight, "page"),
        );
        // One for `main`, and a few that hand out or collect.
        ensure!(
            threads <= at_once + 4,
            "{} in flight, and the program has {threads} threads: is a thread started for every \
             page, or a pool made without its number of threads?\n{run}",
            counted(in_flight, "page"),
        );
        Ok(())
    }
}

fn worker_processes(number: usize) -> String {
    match number {
        0 => "no worker process".into(),
        1 => "1 worker process".into(),
        _ => format!("{number} worker processes"),
    }
}

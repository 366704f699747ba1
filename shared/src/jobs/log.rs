//! The log of jobs, for those who want to know when each of them was under way.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fs;
use std::path::Path;
use std::time::Duration;

#[cfg(doc)]
use super::JOB_LOG;
use crate::{Error, Result};

/// A job that has ended; times are counted from the beginning of the first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSeen {
    /// Which thread it was on, or which worker of a queue did it, in whichever process; the first
    /// is 0.
    pub thread: usize,
    /// When it began.
    pub start: Duration,
    /// When it had ended.
    pub end: Duration,
    /// What it was, as in `fib(35)`.
    pub what: String,
}

/// Reads the file that [`JOB_LOG`] named; the jobs are in the order in which they began.
///
/// # Errors
/// There is no such file, or it is no log of jobs.
pub fn read_log(log: &Path) -> Result<Vec<JobSeen>> {
    let mut jobs = read_log_since(log, Duration::ZERO)?;
    let first = jobs.first().map_or(Duration::ZERO, |job| job.start);
    for job in &mut jobs {
        job.start -= first;
        job.end -= first;
    }
    Ok(jobs)
}

/// Like [`read_log`], but times are counted from another moment, so long after the beginning of
/// 1970; what was earlier was at that moment.
///
/// # Errors
/// As for [`read_log`].
pub fn read_log_since(log: &Path, moment: Duration) -> Result<Vec<JobSeen>> {
    let text = fs::read_to_string(log)?;
    let mut lines = text
        .lines()
        .map(|line| fields(line).ok_or_else(|| Error::new(format!("not a job: {line}"))))
        .collect::<Result<Vec<_>>>()?;
    lines.sort_by_key(|(_, start, ..)| *start);
    let mut threads = HashMap::new();
    let seen = lines.into_iter().map(|(thread, start, end, what)| {
        let next = threads.len();
        JobSeen {
            thread: *threads.entry(thread).or_insert(next),
            start: start.saturating_sub(moment),
            end: end.saturating_sub(moment),
            what: what.to_owned(),
        }
    });
    Ok(seen.collect())
}

fn fields(line: &str) -> Option<(&str, Duration, Duration, &str)> {
    let mut fields = line.splitn(4, '\t');
    let thread = fields.next()?;
    let mut time = || Some(Duration::from_nanos(fields.next()?.parse().ok()?));
    let (start, end) = (time()?, time()?);
    Some((thread, start, end.max(start), fields.next()?))
}

/// The most jobs that were under way at the same moment, of jobs in the order of [`read_log`].
pub fn most_at_once(jobs: &[JobSeen]) -> usize {
    let mut ends = BinaryHeap::new();
    let under_way = jobs.iter().map(|job| {
        while ends.peek().is_some_and(|Reverse(end)| *end <= job.start) {
            ends.pop();
        }
        ends.push(Reverse(job.end));
        ends.len()
    });
    under_way.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn most(jobs: &[(u64, u64)]) -> usize {
        let seen = |(start, end): &(u64, u64)| JobSeen {
            thread: 0,
            start: Duration::from_nanos(*start),
            end: Duration::from_nanos(*end),
            what: String::new(),
        };
        most_at_once(&jobs.iter().map(seen).collect::<Vec<_>>())
    }

    #[test]
    fn jobs_are_at_once_if_one_begins_before_the_other_ends() {
        assert_eq!(most(&[]), 0);
        assert_eq!(most(&[(0, 5), (5, 9), (9, 9), (9, 12)]), 1);
        assert_eq!(most(&[(0, 5), (1, 3), (2, 4), (4, 6), (4, 5)]), 3);
    }
}

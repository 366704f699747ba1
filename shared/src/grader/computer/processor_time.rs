//! Whether a program has computed what it reports.

use std::time::{Duration, Instant};

use super::{Computer, start};
use crate::fib;
use crate::grader::rest::one_moment;
use crate::grader::{Run, Running, Verdict};
use crate::jobs::Gate;

impl Computer {
    /// The time that it computes fits the work.
    pub fn computes_what_it_reports(&self) -> Verdict {
        one_moment(|| self.computes())?;
        self.takes_its_time()
    }

    /// The time of the summary is that from before the first job to after the last.
    fn takes_its_time(&self) -> Verdict {
        const HELD: Duration = Duration::from_millis(1_200);
        // It waits for a second job in vain, and only then lets the first begin.
        let gate = start(Gate::start_patient(2, 2, HELD))?;
        let start = Instant::now();
        let run = self.start_at(&gate, "--number 20 --jobs 1").end()?;
        let (elapsed, told) = (start.elapsed(), summary_seconds(&run));
        ensure!(
            told.is_none_or(|seconds| seconds + ROUNDED >= HELD.as_secs_f64()
                && seconds <= elapsed.as_secs_f64() + ROUNDED),
            "a job was held back for {:.1} s, and the program ran for {:.1} s, but the summary \
             says {} s: is that the whole time from before the first job to after the last?\n{run}",
            HELD.as_secs_f64(),
            elapsed.as_secs_f64(),
            told.unwrap_or_default(),
        );
        run.ended_with(0, "that every job was done")
    }

    fn computes(&self) -> Verdict {
        let (number, jobs) = (30, 12);
        // Of one worker the time by the clock is no shorter than that of the processor.
        let command = self.command(&self.options(number, jobs, 1));
        let before = cpu_time(Of::Children);
        let run = Running::start(command).end()?;
        let spent = cpu_time(Of::Children) - before;
        let before = cpu_time(Of::Me);
        for _ in 0..jobs {
            fib(number);
        }
        let needed = cpu_time(Of::Me) - before;
        ensure!(
            spent * 3 >= needed,
            "to compute fib({number}) {jobs} times takes {} ms of processor time here, but the \
             program used {} ms in all: is every result computed by `fib`?\n{run}",
            needed.as_millis(),
            spent.as_millis(),
        );
        let told = summary_seconds(&run);
        ensure!(
            told.is_none_or(|seconds| seconds + ROUNDED >= needed.as_secs_f64() / 3.0),
            "to compute fib({number}) {jobs} times takes {} ms here, but the summary says {} s: is \
             the clock read before the first job begins, and again when the last has ended?\n{run}",
            needed.as_millis(),
            told.unwrap_or_default(),
        );
        Ok(())
    }
}

/// The time that the summary says, in seconds.
pub(super) fn summary_seconds(run: &Run) -> Option<f64> {
    run.stdout.lines().find_map(|line| {
        let seconds = line.strip_prefix("Completed in ")?.strip_suffix('s')?;
        seconds.parse().ok()
    })
}

/// How far the time of a summary may be from the true one, in seconds.
pub(super) const ROUNDED: f64 = 0.005;

/// Whose time.
enum Of {
    /// Of this process.
    Me,
    /// Of all processes that this one has started and that have ended, and of those that they
    /// had started.
    Children,
}

/// How long a core has computed, for itself and for the system.
#[cfg(unix)]
fn cpu_time(of: Of) -> Duration {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;

    let who = match of {
        Of::Me => UsageWho::RUSAGE_SELF,
        Of::Children => UsageWho::RUSAGE_CHILDREN,
    };
    let usage = getrusage(who).expect("every process may ask");
    let spent = usage.user_time() + usage.system_time();
    Duration::from_micros(spent.num_microseconds().unsigned_abs())
}

/// Elsewhere nobody tells simply, and whatever was spent fits.
#[cfg(not(unix))]
fn cpu_time(_: Of) -> Duration {
    Duration::ZERO
}

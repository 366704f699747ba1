//! Whether a program has computed what it reports.

use std::time::Duration;

use super::Computer;
use crate::fib;
use crate::grader::rest::one_moment;
use crate::grader::{Running, Verdict, command};

impl Computer {
    /// The time that it computes fits the work.
    pub fn computes_what_it_reports(&self) -> Verdict {
        one_moment(|| self.computes())
    }

    fn computes(&self) -> Verdict {
        let (number, jobs) = (30, 12);
        let mut options = vec!["--number".into(), number.to_string()];
        options.extend(["--jobs".into(), jobs.to_string()]);
        // Of one worker the time by the clock is no shorter than that of the processor.
        options.extend(self.workers(1, true));
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let before = cpu_time(Of::Children);
        let run = Running::start(command(self.program, &options)).end()?;
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
        let told = run.stdout.lines().find_map(|line| {
            let seconds = line.strip_prefix("Completed in ")?.strip_suffix('s')?;
            seconds.parse::<f64>().ok()
        });
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

/// How far the time of a summary may be from the true one, in seconds.
const ROUNDED: f64 = 0.005;

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

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
        let options = ["--number", &number.to_string(), "--jobs", &jobs.to_string()];
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
        Ok(())
    }
}

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

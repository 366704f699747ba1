//! The order of the checks, and what is left out when a later one could only repeat an earlier.

use std::collections::HashSet;
use std::panic;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use super::{Failure, Verdict};

/// The checks of a program, in the order in which its lesson is learnt.
///
/// `cargo test` runs them one after another and takes its usual arguments. The first that fails
/// is the mistake; one that needs what has failed already is not run.
#[must_use = "it checks nothing unless it is asked to `grade`"]
pub struct Lesson {
    checks: Vec<Check>,
}

struct Check {
    name: &'static str,
    /// The checks without which it has nothing to say.
    needs: &'static [&'static str],
    check: Box<dyn FnOnce() -> Verdict + Send>,
}

impl Lesson {
    /// A lesson without a check.
    pub(super) fn new() -> Self {
        Self { checks: Vec::new() }
    }

    /// Adds a check of one's own as the last: `.and("leaves_nobody_behind", || …)`.
    pub fn and(self, name: &'static str, check: impl FnOnce() -> Verdict + Send + 'static) -> Self {
        self.and_after(&[], name, check)
    }

    /// Adds a check as the last. If one that it `needs` has failed, it is not run.
    pub fn and_after(
        mut self,
        needs: &'static [&'static str],
        name: &'static str,
        check: impl FnOnce() -> Verdict + Send + 'static,
    ) -> Self {
        self.checks.push(Check {
            name,
            needs,
            check: Box::new(check),
        });
        self
    }

    /// Runs the checks that the command line of a test names: all of them by default. It is what
    /// `main` of a test without Rust's own harness is made of.
    pub fn grade(self) -> ExitCode {
        let mut arguments = Arguments::from_args();
        // One at a time: their order says what to mend first, and two at once would disturb
        // each other.
        arguments.test_threads = Some(1);
        // A panic is the failure of its check, and says so there.
        panic::set_hook(Box::new(|_| {}));
        let failed = Arc::new(Mutex::new(Failures::new()));
        let trials = self.checks.into_iter().map(|check| {
            let failed = Arc::clone(&failed);
            Trial::ignorable_test(check.name, move || run_check(check, &failed))
        });
        libtest_mimic::run(&arguments, trials.collect()).exit_code()
    }
}

/// How long somebody with a mistake to mend waits for what else there is to find.
const PATIENCE: Duration = Duration::from_secs(25);

/// What has failed so far.
struct Failures {
    start: Instant,
    names: HashSet<&'static str>,
    /// The first of them.
    first: Option<&'static str>,
    /// The check after which none has anything to say.
    last: Option<&'static str>,
}

impl Failures {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            names: HashSet::new(),
            first: None,
            last: None,
        }
    }

    /// The check that has to be mended before this one makes sense, if any.
    fn before(&self, check: &Check) -> Option<&'static str> {
        let late = self.first.filter(|_| self.start.elapsed() > PATIENCE);
        let needed = check.needs.iter().find(|name| self.names.contains(*name));
        self.last.or(needed.copied()).or(late)
    }

    fn add(&mut self, check: &'static str) {
        self.names.insert(check);
        self.first.get_or_insert(check);
    }
}

fn run_check(check: Check, failures: &Mutex<Failures>) -> Result<Completion, Failed> {
    let mut failures = failures.lock().expect("a panic of a check is caught");
    if let Some(name) = failures.before(&check) {
        // What stands on this check has no ground, either.
        failures.names.insert(check.name);
        return Ok(Completion::ignored_with(format!(
            "not run: first mend {name}"
        )));
    }
    let verdict = panic::catch_unwind(panic::AssertUnwindSafe(check.check));
    let verdict = verdict.unwrap_or_else(|panic| {
        let message = panic.downcast::<String>();
        Err(Failure::last(message.map_or_else(
            |_| "the check itself panicked".into(),
            |message| *message,
        )))
    });
    verdict.map(|()| Completion::Completed).map_err(|failure| {
        failures.add(check.name);
        if failure.is_last() {
            failures.last = Some(check.name);
        }
        Failed::from(failure.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &'static str, verdict: fn() -> Verdict) -> Check {
        Check {
            name,
            needs: if name == "second" { &["first"] } else { &[] },
            check: Box::new(verdict),
        }
    }

    fn outcomes(first: fn() -> Verdict) -> [bool; 3] {
        let failures = Mutex::new(Failures::new());
        let third: fn() -> Verdict = || Ok(());
        [("first", first), ("second", third), ("third", third)].map(|(name, verdict)| {
            matches!(
                run_check(check(name, verdict), &failures),
                Ok(Completion::Completed)
            )
        })
    }

    #[test]
    fn what_needs_a_failed_check_is_not_run() {
        assert_eq!(outcomes(|| Ok(())), [true, true, true]);
        assert_eq!(
            outcomes(|| Err(Failure::new("wrong"))),
            [false, false, true]
        );
    }

    #[test]
    fn nothing_is_run_after_the_last_word() {
        let nothing = [false, false, false];
        assert_eq!(outcomes(|| Err(Failure::last("not written"))), nothing);
        assert_eq!(outcomes(|| panic!("{}", "no chance")), nothing);
    }
}

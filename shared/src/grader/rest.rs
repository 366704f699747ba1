//! When a program has come to rest: it has asked for all that it will, and only waits.

use std::thread;
use std::time::{Duration, Instant};

use super::{Failure, Running, Verdict};

/// How long nothing must change before a program counts as at rest.
pub(super) const SETTLED: Duration = Duration::from_millis(250);

/// The same as long as another number is under way than was promised: more may be coming, and a
/// connection that found the queue of the listener full is tried again after a second.
const PATIENCE: Duration = Duration::from_millis(1500);

/// How long a program that has work to do may neither go on with it nor end.
pub(super) const STUCK: Duration = Duration::from_secs(4);

/// How long a program that goes on with its work is watched.
pub(super) const WATCHED: Duration = Duration::from_secs(30);

/// How long a program that never comes to rest is watched.
pub(super) const RESTLESS: Duration = Duration::from_secs(6);

/// A program that has come to rest, or never will.
pub(super) struct Rested {
    /// How much it has under way.
    pub(super) under_way: usize,
    /// Whether it computes all the time while it has nothing to do but wait.
    pub(super) restless: bool,
    /// Whether it has ended instead.
    pub(super) ended: bool,
}

/// Watches a program that is held back until it is at rest. `asked` tells for how much it has
/// asked, and how much of that is under way.
pub(super) fn watch(
    running: &mut Running,
    promised: usize,
    asked: impl Fn() -> (usize, usize),
) -> Rested {
    let (start, mut rest) = (Instant::now(), Rest::new());
    loop {
        thread::sleep(Duration::from_millis(15));
        let (asked, under_way) = asked();
        let ended = running.has_ended();
        let patience = match under_way == promised {
            true => SETTLED,
            false => PATIENCE,
        };
        let settled = rest.lasts((asked, under_way, computed(running))) > patience;
        if ended || settled || start.elapsed() > RESTLESS {
            return Rested {
                under_way,
                restless: !settled,
                ended,
            };
        }
    }
}

/// For how long a program and its children have computed so far.
#[cfg(target_os = "linux")]
pub(super) fn computed(running: &Running) -> Duration {
    use super::proc::{children, process};

    let own = process(running.id()).into_iter();
    own.chain(children(running.id()))
        .map(|process| process.computed)
        .sum()
}

/// Elsewhere nobody tells: such a program counts as at rest when it asks for nothing more.
#[cfg(not(target_os = "linux"))]
pub(super) fn computed(_: &Running) -> Duration {
    Duration::ZERO
}

/// Since when nothing has changed.
pub(super) struct Rest {
    since: Instant,
    state: (usize, usize, Duration),
}

impl Rest {
    pub(super) fn new() -> Self {
        Self {
            since: Instant::now(),
            state: (0, 0, Duration::ZERO),
        }
    }

    pub(super) fn lasts(&mut self, state: (usize, usize, Duration)) -> Duration {
        if state != self.state {
            self.since = Instant::now();
            self.state = state;
        }
        self.since.elapsed()
    }
}

/// Repeats a check that only time can decide: a right solution needs one moment in which the
/// machine lets it. What every later check could only repeat is not tried again.
pub(super) fn one_moment(check: impl Fn() -> Verdict) -> Verdict {
    let again = |failure: Failure| match failure.is_last() {
        true => Err(failure),
        false => check(),
    };
    check().or_else(again).or_else(again)
}

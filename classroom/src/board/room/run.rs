//! One run of a program: the requests that came under one name without a long pause.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::mem;

use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// After so many milliseconds without a request in flight the next one begins a new run.
const PAUSE: u64 = 3_000;

/// As many bars are kept of requests that have ended.
const KEPT: usize = 1_000;

/// As many bars of requests that have both begun and ended since the last change are told; more
/// could not be told apart.
const TOLD: usize = 300;

/// As many connections are known at once: twice as many as can be open.
const KNOWN: usize = 8_192;

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    InFlight = 0,
    Good = 1,
    /// It was answered, but with no page.
    Failed = 2,
    /// Its client left before it was answered.
    Left = 3,
}

/// A request, as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    pub request: usize,
    /// Which of the connections of the run it came over; the first is 0.
    pub lane: usize,
    /// Milliseconds since the board was started.
    pub start: u64,
    pub end: u64,
    pub outcome: Outcome,
    told: bool,
}

impl Serialize for Bar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let outcome = self.outcome as u8;
        (self.request, self.lane, self.start, self.end, outcome).serialize(serializer)
    }
}

/// What was seen of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Which run it is; the first is 1.
    pub run: usize,
    /// When it began, and when the last of its requests ended, in milliseconds since the board was
    /// started.
    pub began: u64,
    pub last: u64,
    /// How many requests came.
    pub requests: usize,
    /// How many of them were answered with a page.
    pub good: usize,
    /// How many of them are in flight.
    pub in_flight: usize,
    /// How many were in flight at most.
    pub most_in_flight: usize,
    /// How many connections they came over.
    pub connections: usize,
}

pub(super) struct Run {
    figures: Figures,
    /// The lane of every connection that is known, and the last request that came over it.
    lanes: HashMap<usize, (usize, usize)>,
    in_flight: BTreeMap<usize, Bar>,
    done: VecDeque<Bar>,
    /// Bars that have ended and are to be told.
    news: Vec<Bar>,
}

impl Run {
    pub fn new(now: u64) -> Self {
        let figures = Figures {
            run: 0,
            began: now,
            last: now,
            requests: 0,
            good: 0,
            in_flight: 0,
            most_in_flight: 0,
            connections: 0,
        };
        Self {
            figures,
            lanes: HashMap::new(),
            in_flight: BTreeMap::new(),
            done: VecDeque::new(),
            news: Vec::new(),
        }
    }

    /// The run after this one, which nothing has come for yet.
    pub fn next(&self, now: u64) -> Self {
        let mut next = Self::new(now);
        next.figures.run = self.figures.run + 1;
        next
    }

    pub fn figures(&self) -> Figures {
        self.figures
    }

    /// Since when nothing has been in flight; `None` if something is.
    pub fn quiet_since(&self) -> Option<u64> {
        (self.figures.in_flight == 0).then_some(self.figures.last)
    }

    /// Notes a request, and gives how many are in flight with it.
    pub fn came(&mut self, request: usize, connection: usize, now: u64) -> usize {
        let quiet = self.quiet_since();
        if self.figures.requests > 0 && quiet.is_some_and(|since| now - since > PAUSE) {
            *self = self.next(now);
        }
        let lane = self.lane(connection, request);
        let figures = &mut self.figures;
        if figures.requests == 0 {
            (figures.began, figures.last) = (now, now);
            figures.run = figures.run.max(1);
        }
        figures.requests += 1;
        figures.in_flight += 1;
        figures.most_in_flight = figures.most_in_flight.max(figures.in_flight);
        let bar = Bar {
            request,
            lane,
            start: now,
            end: now,
            outcome: Outcome::InFlight,
            told: false,
        };
        self.in_flight.insert(request, bar);
        self.figures.in_flight
    }

    fn lane(&mut self, connection: usize, request: usize) -> usize {
        if self.lanes.len() >= KNOWN {
            // Those that were used long ago have been closed.
            let mut used: Vec<usize> = self.lanes.values().map(|(_, request)| *request).collect();
            let (_, middle, _) = used.select_nth_unstable(KNOWN / 2);
            let middle = *middle;
            self.lanes.retain(|_, (_, request)| *request >= middle);
        }
        let opened = &mut self.figures.connections;
        let (lane, last) = self.lanes.entry(connection).or_insert_with(|| {
            *opened += 1;
            (*opened - 1, request)
        });
        *last = request;
        *lane
    }

    pub fn answered(&mut self, request: usize, good: bool) {
        if let Some(bar) = self.in_flight.get_mut(&request) {
            bar.outcome = if good { Outcome::Good } else { Outcome::Failed };
            self.figures.good += usize::from(good);
        }
    }

    /// Notes the end of a request, unless it is none of this run.
    pub fn ended(&mut self, request: usize, left: bool, now: u64) -> Option<Outcome> {
        let mut bar = self.in_flight.remove(&request)?;
        self.figures.in_flight -= 1;
        self.figures.last = now;
        bar.end = now;
        bar.outcome = match bar.outcome {
            Outcome::InFlight if left => Outcome::Left,
            Outcome::InFlight => Outcome::Failed,
            answered => answered,
        };
        if bar.told || self.news.len() < TOLD {
            self.news.push(bar);
        }
        if self.done.len() == KEPT {
            self.done.pop_front();
        }
        self.done.push_back(bar);
        Some(bar.outcome)
    }

    /// All that are kept.
    pub fn bars(&self) -> impl Iterator<Item = Bar> {
        let done = self.done.iter().copied();
        done.chain(self.in_flight.values().map(in_flight))
    }

    /// Those that have begun or ended since this was last asked for.
    pub fn take_changed(&mut self) -> Vec<Bar> {
        let mut changed = mem::take(&mut self.news);
        let begun = self.in_flight.values_mut().filter(|bar| !bar.told);
        changed.extend(begun.map(|bar| {
            bar.told = true;
            in_flight(bar)
        }));
        changed
    }
}

/// It is in flight to its last byte, also when it is known already what comes of it.
fn in_flight(bar: &Bar) -> Bar {
    Bar {
        outcome: Outcome::InFlight,
        ..*bar
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_with_a_pause_and_with_nothing_shorter() {
        let mut run = Run::new(0);
        run.came(1, 7, 100);
        run.came(2, 8, 200);
        run.ended(1, false, 300);
        run.came(3, 7, 300 + 2 * PAUSE);
        run.ended(2, false, 300 + 3 * PAUSE);
        run.ended(3, false, 300 + 3 * PAUSE);
        run.came(4, 7, 300 + 4 * PAUSE);
        let figures = run.figures();
        assert_eq!((figures.run, figures.requests), (1, 4));
        assert_eq!((figures.most_in_flight, figures.connections), (2, 2));
        run.ended(4, false, 400 + 4 * PAUSE);
        run.came(5, 9, 401 + 5 * PAUSE);
        let figures = run.figures();
        assert_eq!((figures.run, figures.requests), (2, 1));
        assert_eq!((figures.most_in_flight, figures.connections), (1, 1));
        assert_eq!(run.bars().count(), 1);
    }

    #[test]
    fn what_is_kept_is_bounded_and_what_is_counted_is_not() {
        let mut run = Run::new(0);
        for request in 1..=100_000 {
            run.came(request, request, 0);
            run.answered(request, true);
            run.ended(request, false, 0);
            assert!(run.lanes.len() <= KNOWN && run.news.len() <= TOLD);
        }
        let figures = run.figures();
        assert_eq!((figures.requests, figures.connections), (100_000, 100_000));
        assert_eq!(run.bars().count(), KEPT);
        assert_eq!(run.take_changed().len(), TOLD);
    }

    #[test]
    fn a_bar_that_was_told_is_told_to_have_ended_however_many_others_have() {
        let mut run = Run::new(0);
        run.came(1, 1, 0);
        assert_eq!(run.take_changed()[0].outcome, Outcome::InFlight);
        for request in 2..10_000 {
            run.came(request, 2, 0);
            run.ended(request, false, 0);
        }
        run.ended(1, true, 0);
        let changed = run.take_changed();
        let bar = changed.iter().find(|bar| bar.request == 1);
        assert_eq!(bar.map(|bar| bar.outcome), Some(Outcome::Left));
    }
}

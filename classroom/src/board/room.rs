//! The room: who has asked for what, and what came of it.

mod change;
mod notes;
mod run;
mod seat;

use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use super::names::{MAX_NAMES, Names, Refusal};
pub use change::{Change, Shown};
use notes::Notes;
pub use notes::{Event, Note};
use run::Run;
pub use run::{Bar, Figures, Outcome};
pub use seat::Seat;

/// Everybody, and what they do. What is kept of it is bounded, however long it goes on.
pub struct Room {
    start: Instant,
    names: Names,
    state: Mutex<State>,
}

struct State {
    names: HashMap<String, usize>,
    people: BTreeMap<usize, Person>,
    /// How many people there ever were.
    counted: usize,
    requests: usize,
    connections: usize,
    /// How many changes were told.
    told: u64,
    gone: Vec<usize>,
    cleared: bool,
    notes: Notes,
}

struct Person {
    name: String,
    run: Run,
    changed: bool,
}

impl Person {
    fn shown(&self, id: usize, bars: Vec<Bar>) -> Shown {
        Shown {
            id,
            name: self.name.clone(),
            figures: self.run.figures(),
            bars,
        }
    }
}

impl Room {
    pub fn new(names: Names, noting: bool) -> Self {
        let state = State {
            names: HashMap::new(),
            people: BTreeMap::new(),
            counted: 0,
            requests: 0,
            connections: 0,
            told: 0,
            gone: Vec::new(),
            cleared: false,
            notes: Notes::new(noting),
        };
        Self {
            start: Instant::now(),
            names,
            state: Mutex::new(state),
        }
    }

    /// Milliseconds since the board was started.
    pub fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it is held")
    }

    /// Numbers a connection.
    pub fn connected(&self) -> usize {
        let mut state = self.state();
        state.connections += 1;
        state.connections
    }

    /// The place of a name, new or not. Where all places are taken, whoever has been quiet for
    /// longest leaves.
    pub fn seat(self: &Arc<Self>, name: &str) -> Result<Seat, Refusal> {
        self.names.check(name)?;
        let mut state = self.state();
        let seat = |id| Seat {
            room: Arc::clone(self),
            id,
        };
        if let Some(&id) = state.names.get(name) {
            return Ok(seat(id));
        }
        if state.people.len() >= MAX_NAMES {
            let quiet = |(&id, person): (&usize, &Person)| Some((person.run.quiet_since()?, id));
            let (_, leaving) = state
                .people
                .iter()
                .filter_map(quiet)
                .min()
                .ok_or(Refusal::Full)?;
            if let Some(person) = state.people.remove(&leaving) {
                state.names.remove(&person.name);
            }
            state.gone.push(leaving);
        }
        state.counted += 1;
        let id = state.counted;
        state.names.insert(name.to_owned(), id);
        let person = Person {
            name: name.to_owned(),
            run: Run::new(self.now()),
            changed: false,
        };
        state.people.insert(id, person);
        Ok(seat(id))
    }

    /// What was seen of a name since its run began: nothing, of one that has not come.
    pub fn figures(&self, name: &str) -> Result<Figures, Refusal> {
        self.names.check(name)?;
        let state = self.state();
        let person = state.names.get(name).and_then(|id| state.people.get(id));
        let nothing = || Run::new(self.now()).figures();
        Ok(person.map_or_else(nothing, |person| person.run.figures()))
    }

    /// Lets the next request of a name begin a new run, unless some are in flight: those go on.
    pub fn begin_run(&self, name: &str) -> Result<(), Refusal> {
        self.names.check(name)?;
        let now = self.now();
        let state = &mut *self.state();
        let id = state.names.get(name);
        if let Some(person) = id.and_then(|id| state.people.get_mut(id))
            && person.run.quiet_since().is_some()
        {
            person.run = person.run.next(now);
            person.changed = true;
            state.notes.add(now, || Event::Run {
                name: name.to_owned(),
            });
        }
        Ok(())
    }

    /// Forgets everybody.
    pub fn clear(&self) {
        let now = self.now();
        let mut state = self.state();
        state.names.clear();
        state.people.clear();
        state.gone.clear();
        state.cleared = true;
        state.notes.add(now, || Event::Cleared {});
    }

    /// All that there is, for somebody who has just come.
    pub fn whole(&self) -> Change {
        let state = self.state();
        let people = state.people.iter();
        let names = people.map(|(&id, person)| person.shown(id, person.run.bars().collect()));
        Change {
            number: state.told,
            whole: true,
            at: self.now(),
            names: names.collect(),
            gone: Vec::new(),
        }
    }

    /// What has changed since this was last asked for, if anything has.
    pub fn change(&self) -> Option<Change> {
        let state = &mut *self.state();
        let mut names = Vec::new();
        for (&id, person) in &mut state.people {
            if mem::take(&mut person.changed) {
                let bars = person.run.take_changed();
                names.push(person.shown(id, bars));
            }
        }
        let whole = mem::take(&mut state.cleared);
        let gone = mem::take(&mut state.gone);
        if names.is_empty() && gone.is_empty() && !whole {
            return None;
        }
        state.told += 1;
        Some(Change {
            number: state.told,
            whole,
            at: self.now(),
            names,
            gone,
        })
    }

    /// What has happened since this was last asked for, a line for each event.
    pub fn take_notes(&self) -> String {
        self.state().notes.take()
    }
}

#[cfg(test)]
mod tests {
    use shared::site::Witness;

    use super::*;

    #[test]
    fn who_has_been_quiet_for_longest_makes_place_and_nobody_else() {
        let room = Arc::new(Room::new(Names::All, false));
        let busy = room.seat("busy").unwrap();
        busy.came("/hang", 1);
        for number in 0..3 * MAX_NAMES {
            let seat = room.seat(&format!("n{number}")).unwrap();
            let arrival = seat.came("/dice", 2);
            seat.ended(arrival.request, false);
        }
        let names = room.whole().names;
        assert_eq!(names.len(), MAX_NAMES);
        assert!(names.iter().any(|shown| shown.name == "busy"));
        assert!(names.iter().any(|shown| shown.name == "n599"));
        assert!(names.iter().all(|shown| shown.name != "n0"));
    }

    #[test]
    fn what_is_in_flight_when_all_is_cleared_is_never_seen_again() {
        let room = Arc::new(Room::new(Names::All, false));
        let seat = room.seat("ada").unwrap();
        let arrival = seat.came("/hang", 1);
        room.clear();
        seat.answered(arrival.request, true);
        seat.ended(arrival.request, false);
        let change = room.change().unwrap();
        assert!(change.whole && change.names.is_empty());
        assert!(room.whole().names.is_empty());
    }
}

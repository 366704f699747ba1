//! The room: who has asked for what, and what came of it.

mod event;
mod run;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use serde::Serialize;
use shared::site::{Arrival, Witness};

pub use event::{Event, Note};
use run::Run;
pub use run::{Bar, Figures, Outcome};

/// What a name may be, in words.
pub const NAMES: &str =
    "a name has 1 to 24 letters (a to z), digits, dots, - and _, and begins with a letter or digit";

/// As many names as a board has.
pub const MAX_NAMES: usize = 200;

const LONGEST_NAME: usize = 24;

/// Whether a text may be a name.
pub fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    text.len() <= LONGEST_NAME
        && text.bytes().all(allowed)
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

/// Why somebody cannot have a name.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    NoName,
    NotOnTheList,
    Full,
}

/// Everybody, and what they do. What is kept of it is bounded, however long it goes on.
pub struct Room {
    start: Instant,
    allowed: Option<BTreeSet<String>>,
    state: Mutex<State>,
}

#[derive(Default)]
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
    /// What has happened since it was last written down, if it is.
    notes: Option<String>,
}

struct Person {
    name: String,
    run: Run,
    changed: bool,
}

/// What has changed, or all that there is.
#[derive(Serialize)]
pub struct Change {
    /// One more than that of the change before.
    pub number: u64,
    /// Whether what is not mentioned is not there.
    pub whole: bool,
    /// Milliseconds since the board was started.
    pub at: u64,
    pub names: Vec<Shown>,
    /// Who has gone, by their numbers.
    pub gone: Vec<usize>,
}

/// A name, and what is to be shown of it.
#[derive(Serialize)]
pub struct Shown {
    pub id: usize,
    pub name: String,
    #[serde(flatten)]
    pub figures: Figures,
    /// Bars that have begun, changed or ended.
    pub bars: Vec<Bar>,
}

impl Room {
    pub fn new(allowed: Option<BTreeSet<String>>, noting: bool) -> Self {
        let state = State {
            notes: noting.then(String::new),
            ..State::default()
        };
        Self {
            start: Instant::now(),
            allowed,
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

    fn check(&self, name: &str) -> Result<(), Refusal> {
        if !is_name(name) {
            return Err(Refusal::NoName);
        }
        let listed = |allowed: &BTreeSet<String>| allowed.contains(name);
        match self.allowed.as_ref().is_none_or(listed) {
            true => Ok(()),
            false => Err(Refusal::NotOnTheList),
        }
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
        self.check(name)?;
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
        self.check(name)?;
        let state = self.state();
        let person = state.names.get(name).and_then(|id| state.people.get(id));
        let nothing = || Run::new(self.now()).figures();
        Ok(person.map_or_else(nothing, |person| person.run.figures()))
    }

    /// Lets the next request of a name begin a new run, unless some are in flight: those go on.
    pub fn begin_run(&self, name: &str) -> Result<(), Refusal> {
        self.check(name)?;
        let now = self.now();
        let state = &mut *self.state();
        let id = state.names.get(name);
        if let Some(person) = id.and_then(|id| state.people.get_mut(id))
            && person.run.quiet_since().is_some()
        {
            person.run = person.run.next(now);
            person.changed = true;
            note(&mut state.notes, now, || Event::Run {
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
        note(&mut state.notes, now, || Event::Cleared {});
    }

    /// All that there is, for somebody who has just come.
    pub fn whole(&self) -> Change {
        let state = self.state();
        let names = state.people.iter().map(|(&id, person)| Shown {
            id,
            name: person.name.clone(),
            figures: person.run.figures(),
            bars: person.run.bars().collect(),
        });
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
        let changed = state.people.iter_mut().filter(|(_, person)| person.changed);
        let names: Vec<Shown> = changed
            .map(|(&id, person)| {
                person.changed = false;
                Shown {
                    id,
                    name: person.name.clone(),
                    figures: person.run.figures(),
                    bars: person.run.take_changed(),
                }
            })
            .collect();
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
        self.state()
            .notes
            .as_mut()
            .map(mem::take)
            .unwrap_or_default()
    }
}

fn note(notes: &mut Option<String>, at: u64, event: impl FnOnce() -> Event) {
    if let Some(notes) = notes {
        let event = event();
        let note = serde_json::to_string(&Note { at, event });
        notes.push_str(&note.expect("it is made of numbers and names"));
        notes.push('\n');
    }
}

/// The place that a name has in the room: it sees the requests that are for that name.
pub struct Seat {
    room: Arc<Room>,
    id: usize,
}

impl Witness for Seat {
    fn came(&self, _: &str, connection: usize) -> Arrival {
        let now = self.room.now();
        let state = &mut *self.room.state();
        state.requests += 1;
        let request = state.requests;
        let at_once = match state.people.get_mut(&self.id) {
            Some(person) => {
                note(&mut state.notes, now, || Event::Came {
                    name: person.name.clone(),
                    connection,
                    request,
                });
                person.changed = true;
                person.run.came(request, connection, now)
            }
            // Everybody was told to go meanwhile.
            None => 1,
        };
        Arrival { request, at_once }
    }

    fn answered(&self, request: usize, good: bool) {
        if let Some(person) = self.room.state().people.get_mut(&self.id) {
            person.run.answered(request, good);
        }
    }

    fn ended(&self, request: usize, left: bool) {
        let now = self.room.now();
        let state = &mut *self.room.state();
        if let Some(person) = state.people.get_mut(&self.id)
            && let Some(outcome) = person.run.ended(request, left, now)
        {
            person.changed = true;
            note(&mut state.notes, now, || Event::Ended { request, outcome });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        for name in ["ada", "A-1", "x", "a.b_c", &"n".repeat(24)] {
            assert!(is_name(name), "{name}");
        }
        for text in [
            "",
            ".",
            "..",
            "-a",
            "a b",
            "a%20",
            "ü",
            "<b>",
            &"n".repeat(25),
        ] {
            assert!(!is_name(text), "{text}");
        }
    }

    #[test]
    fn who_has_been_quiet_for_longest_makes_place_and_nobody_else() {
        let room = Arc::new(Room::new(None, false));
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
    fn only_listed_names_are_taken() {
        let room = Arc::new(Room::new(Some(["ada".to_owned()].into()), false));
        assert!(room.seat("ada").is_ok());
        assert_eq!(room.seat("ben").err(), Some(Refusal::NotOnTheList));
    }

    #[test]
    fn what_is_in_flight_when_all_is_cleared_is_never_seen_again() {
        let room = Arc::new(Room::new(None, false));
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

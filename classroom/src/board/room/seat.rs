//! The place of a name in the room.

use std::sync::Arc;

use shared::site::{Arrival, Witness};

use super::{Event, Room};

/// The place that a name has in the room: it sees the requests that are for that name.
pub struct Seat {
    pub(super) room: Arc<Room>,
    pub(super) id: usize,
}

impl Witness for Seat {
    fn came(&self, _: &str, connection: usize) -> Arrival {
        let now = self.room.now();
        let state = &mut *self.room.state();
        state.requests += 1;
        let request = state.requests;
        let at_once = match state.people.get_mut(&self.id) {
            Some(person) => {
                state.notes.add(now, || Event::Came {
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
            state.notes.add(now, || Event::Ended { request, outcome });
        }
    }
}

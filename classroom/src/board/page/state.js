"use strict";

// What the board has told, put together.

const IN_FLIGHT = 0;
const GOOD = 1;

// As many bars are kept of every name; the board keeps no more.
const KEPT = 1000;

class Room {
  people = new Map();
  // The board's clock, in milliseconds, and when it was read.
  at = 0;
  read = 0;
  number = -1;

  now() {
    return this.at + performance.now() - this.read;
  }

  apply(change) {
    if (!change.whole && change.number <= this.number) {
      return;
    }
    this.number = change.number;
    this.at = change.at;
    this.read = performance.now();
    if (change.whole) {
      const ids = new Set(change.names.map((shown) => shown.id));
      for (const id of [...this.people.keys()]) {
        if (!ids.has(id)) {
          this.people.delete(id);
        }
      }
    }
    change.gone.forEach((id) => this.people.delete(id));
    change.names.forEach((shown) => this.merge(shown, change.whole));
  }

  merge(shown, whole) {
    let person = this.people.get(shown.id);
    if (!person || person.run !== shown.run || whole) {
      person = { bars: new Map() };
      this.people.set(shown.id, person);
    }
    const { bars, ...figures } = shown;
    Object.assign(person, figures);
    for (const [request, lane, start, end, outcome] of bars) {
      person.bars.set(request, { request, lane, start, end, outcome });
    }
    if (person.bars.size > KEPT) {
      let tooMany = person.bars.size - person.in_flight - KEPT;
      for (const bar of person.bars.values()) {
        if (tooMany <= 0) {
          break;
        }
        if (bar.outcome !== IN_FLIGHT) {
          person.bars.delete(bar.request);
          tooMany -= 1;
        }
      }
    }
  }

  // Everything as one change, for a file.
  whole(now) {
    const names = [...this.people.values()].map((person) => ({
      ...person,
      bars: [...person.bars.values()].map((bar) => [bar.request, bar.lane, bar.start, bar.end, bar.outcome]),
    }));
    return { number: this.number, whole: true, at: Math.round(now), names, gone: [] };
  }
}

// How long the run of a name has taken, in milliseconds.
function duration(person, now) {
  const end = person.in_flight > 0 ? now : person.last;
  return Math.max(0, end - person.began);
}

function failed(person) {
  return person.requests - person.good - person.in_flight;
}

//! Moves money between two accounts on two threads, with a mistake: they stop for ever.
//!
//! Run it with `cargo run -p threaded-downloader --example deadlock`; it ends with status 1:
//!
//! ```text
//! Rent has locked A, wants B
//! Wages has locked B, wants A
//! Deadlock: rent and wages wait for each other
//! ```
//!
//! Lay `threaded-downloader/examples/deadlock_cured.rs` beside it. The compiler lets no two threads
//! change a value at once. It does let them wait for each other.

use std::process;
use std::sync::Barrier;
use std::thread::{self, Builder};
use std::time::Duration;

use parking_lot::{Mutex, deadlock};
use shared::{Result, options, output, println};

const ABOUT: &str =
    "Moves money between two accounts on two threads, with a mistake: they stop for ever.";

struct Account(&'static str, Mutex<i64>);

fn transfer(what: &str, from: &Account, to: &Account, amount: i64, meeting: &Barrier) {
    let mut source = from.1.lock();
    println!("{what} has locked {}, wants {}", from.0, to.0);
    // Each waits until the other has its first lock, or it would seldom happen.
    meeting.wait();
    let mut target = to.1.lock();
    *source -= amount;
    *target += amount;
    println!("{what} has moved {amount}");
}

/// These locks note who holds them and who waits for them; those of the standard library do not.
fn watch() {
    while deadlock::check_deadlock().is_empty() {
        thread::sleep(Duration::from_millis(10));
    }
    output::complain(format_args!("Deadlock: rent and wages wait for each other"));
    process::exit(1);
}

fn main() -> Result<()> {
    options::no_options(ABOUT);
    let [a, b] = ["A", "B"].map(|name| Account(name, Mutex::new(100)));
    let meeting = Barrier::new(2);
    Builder::new().spawn(watch)?;
    thread::scope(|scope| {
        Builder::new().spawn_scoped(scope, || transfer("Rent", &a, &b, 30, &meeting))?;
        transfer("Wages", &b, &a, 50, &meeting);
        Ok::<_, std::io::Error>(())
    })?;
    println!("A has {}, B has {}", a.1.into_inner(), b.1.into_inner());
    Ok(())
}

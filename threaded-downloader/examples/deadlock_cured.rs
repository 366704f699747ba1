//! Moves money between two accounts on two threads, which take the locks in one order.
//!
//! Run it with `cargo run -p threaded-downloader --example deadlock_cured`; the last lines:
//!
//! ```text
//! Wages has locked A, wants B
//! Wages has moved 50
//! A has 120, B has 80
//! ```
//!
//! Lay `threaded-downloader/examples/deadlock.rs` beside it.

use std::process;
use std::sync::Barrier;
use std::thread::{self, Builder};
use std::time::Duration;

use parking_lot::{Mutex, deadlock};
use shared::{Result, options, output, println};

const ABOUT: &str =
    "Moves money between two accounts on two threads, which take the locks in one order.";

struct Account(&'static str, Mutex<i64>);

fn transfer(what: &str, from: &Account, to: &Account, amount: i64, meeting: &Barrier) {
    meeting.wait();
    // Whoever needs both takes A first. The one who comes second waits, and holds nothing.
    let forth = from.0 < to.0;
    let (first, second) = if forth { (from, to) } else { (to, from) };
    let mut first_balance = first.1.lock();
    println!("{what} has locked {}, wants {}", first.0, second.0);
    let mut second_balance = second.1.lock();
    *first_balance -= if forth { amount } else { -amount };
    *second_balance += if forth { amount } else { -amount };
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

//! A whole room at once: 30 clients with 100 connections each.
//!
//! The whole minute, with figures, at best optimised:
//! `cargo test --release -p classroom --test board_load -- --ignored --nocapture`

mod boards;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use boards::{Board, IN_FLIGHT, Viewer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime;

/// What came of a load.
struct Load {
    requests: usize,
    waits: Vec<Duration>,
}

/// Lets so many clients ask over so many connections each, for as long as that.
fn load(board: &Board, clients: usize, connections: usize, time: Duration) -> Load {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let over = Instant::now() + time;
    runtime.block_on(async {
        let one = |number| {
            let address = board.address.clone();
            let request = format!("GET /client-{number}/dice HTTP/1.1\r\nhost: x\r\n\r\n");
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address)
                    .await
                    .expect("it takes everybody");
                let mut waits = Vec::new();
                let mut answer = [0; 1024];
                while Instant::now() < over {
                    let start = Instant::now();
                    stream
                        .write_all(request.as_bytes())
                        .await
                        .expect("it listens");
                    let mut read = 0;
                    while !answer[..read].ends_with(b"-->\n") {
                        let more = stream.read(&mut answer[read..]).await.expect("it answers");
                        assert!(more > 0, "it closed a connection");
                        read += more;
                    }
                    assert!(answer.starts_with(b"HTTP/1.1 200 "));
                    waits.push(start.elapsed());
                }
                waits
            })
        };
        let tasks: Vec<_> = (0..clients * connections)
            .map(|place| one(place % clients))
            .collect();
        let mut waits = Vec::new();
        for task in tasks {
            waits.extend(task.await.expect("no client fails"));
        }
        waits.sort();
        Load {
            requests: waits.len(),
            waits,
        }
    })
}

/// How long it takes from a request to the event that tells of it, again and again.
fn event_delays(board: &Board, over: &AtomicBool) -> Vec<Duration> {
    let mut viewer = board.look();
    assert!(viewer.next());
    let mut delays = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let name = format!("probe-{}", delays.len());
        let mut stream = board.connect();
        let start = Instant::now();
        write!(stream, "GET /{name}/hang HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        viewer.until(&name, |probe| probe.bars_with(IN_FLIGHT) == 1);
        delays.push(start.elapsed());
        thread::sleep(Duration::from_millis(333));
    }
    delays.sort();
    delays
}

fn board(latency: &str) -> Board {
    Board::start_with(&["--listen", "127.0.0.1:0", "--latency", latency])
}

/// What the board has agrees with what the clients did.
fn check(board: &Board, clients: usize, connections: usize, load: &Load) {
    let mut requests = 0;
    for client in 0..clients {
        let seen = board.seen(&format!("client-{client}"));
        assert_eq!(seen["requests"], seen["good"], "{seen}");
        assert_eq!(seen["connections"], connections, "{seen}");
        let most = seen["most_in_flight"].as_u64().unwrap() as usize;
        assert!((1..=connections).contains(&most), "{seen}");
        requests += seen["requests"].as_u64().unwrap() as usize;
    }
    assert_eq!(requests, load.requests);
}

#[test]
fn many_clients_are_served_and_counted() {
    let board = board("200");
    let silent: Vec<Viewer> = (0..5).map(|_| board.look()).collect();
    let load = load(&board, 10, 50, Duration::from_secs(2));
    check(&board, 10, 50, &load);
    drop(silent);
}

#[test]
#[ignore = "takes a minute and two cores"]
fn a_room_of_thirty_is_served_for_a_minute() {
    shared::open_files::make_room(3_000, 1).expect("the system allows it");
    let board = Arc::new(board("500"));
    let silent: Vec<Viewer> = (0..5).map(|_| board.look()).collect();
    let over = Arc::new(AtomicBool::new(false));
    let idle = {
        let over = Arc::new(AtomicBool::new(false));
        let (board, flag) = (Arc::clone(&board), Arc::clone(&over));
        let idle = thread::spawn(move || event_delays(&board, &flag));
        thread::sleep(Duration::from_secs(5));
        over.store(true, Ordering::Relaxed);
        idle.join().unwrap()
    };
    let probing = {
        let (board, over) = (Arc::clone(&board), Arc::clone(&over));
        thread::spawn(move || event_delays(&board, &over))
    };
    let before = cost(&board);
    let start = Instant::now();
    let load = load(&board, 30, 100, Duration::from_secs(60));
    let seconds = start.elapsed().as_secs_f64();
    let after = cost(&board);
    over.store(true, Ordering::Relaxed);
    let delays = probing.join().unwrap();
    check(&board, 30, 100, &load);
    drop(silent);
    let at = |all: &[Duration], part: f64| all[((all.len() - 1) as f64 * part) as usize];
    println!("{} requests in {seconds:.1} s", load.requests);
    for part in [0.5, 0.99, 0.999, 1.0] {
        println!(
            "{:5.1} %: answer after {:?}, event after {:?} idle and {:?} under load",
            100.0 * part,
            at(&load.waits, part),
            at(&idle, part),
            at(&delays, part)
        );
    }
    if let (Some(before), Some(after)) = (before, after) {
        println!(
            "the board took {:.1} s of CPU time and {} KiB, at most {} KiB",
            (after.ticks - before.ticks) as f64 / 100.0,
            after.memory,
            after.most_memory
        );
    }
}

/// What the board has cost, where the system tells: on Linux.
struct Cost {
    /// Hundredths of a second.
    ticks: u64,
    memory: u64,
    most_memory: u64,
}

fn cost(board: &Board) -> Option<Cost> {
    let file = |name| std::fs::read_to_string(format!("/proc/{}/{name}", board.process.id())).ok();
    let (stat, status) = (file("stat")?, file("status")?);
    let fields: Vec<&str> = stat.rsplit(") ").next()?.split(' ').collect();
    let ticks = fields[11].parse::<u64>().ok()? + fields[12].parse::<u64>().ok()?;
    let kib = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some(Cost {
        ticks,
        memory: kib("VmRSS")?,
        most_memory: kib("VmHWM")?,
    })
}

/// An hour of a busy room: the memory at half of it is the memory at its end.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "asks for half a million pages"]
fn memory_is_flat() {
    let board = board("0");
    let mut memory = Vec::new();
    for _ in 0..8 {
        let load = load(&board, 30, 10, Duration::from_secs(10));
        let cost = cost(&board).expect("Linux tells");
        println!("{} requests more, {} KiB", load.requests, cost.memory);
        memory.push(cost.memory);
    }
    assert!(memory[7] < memory[3] + memory[3] / 20, "{memory:?}");
}

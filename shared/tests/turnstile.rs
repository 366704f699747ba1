//! The turnstile of the practice site lets right clients pass, and tells what stopped the others.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use shared::site::PracticeSite;
use shared::turnstile::{Stopped, TurnstileSeen};

/// Short, as the wrong clients here wait for it.
const PATIENCE: Duration = Duration::from_millis(500);

fn start(at_once: usize, pages: usize) -> PracticeSite {
    PracticeSite::start_patient_turnstile(at_once, pages, PATIENCE).unwrap()
}

/// Fetches a page, whatever comes of it.
fn fetch(site: &PracticeSite, path: &str) {
    let url = site.url("");
    let mut stream = TcpStream::connect(&url["http://".len()..]).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: practice\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let _ = stream.take(1_000_000).read_to_end(&mut Vec::new());
}

/// A pool of workers that take the next page from a list they share.
fn pool(site: &PracticeSite, workers: usize, paths: &[&str]) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    fetch(site, path);
                }
            });
        }
    });
}

fn seen(site: &PracticeSite) -> TurnstileSeen {
    site.turnstile().expect("the site is a turnstile")
}

fn stopped(site: &PracticeSite) -> Option<(usize, usize, usize)> {
    let Stopped {
        passed,
        waiting,
        left,
    } = seen(site).stopped?;
    Some((passed, waiting, left))
}

#[test]
fn a_pool_passes() {
    for (workers, pages) in [(1, 5), (2, 2), (5, 40), (5, 3), (100, 250)] {
        let site = start(workers, pages);
        pool(&site, workers, &vec!["/dice"; pages]);
        let seen = seen(&site);
        assert!(
            seen.is_right(),
            "{workers} workers, {pages} pages: {seen:?}"
        );
        assert_eq!(seen.most, workers.min(pages));
        assert_eq!((seen.came, seen.passed), (pages, pages));
    }
}

#[test]
fn pages_that_fail_pass_as_well() {
    let site = start(5, 40);
    let pages = ["/status/404", "/reset", "/truncated", "/dice", "/huge"];
    pool(&site, 5, &pages.repeat(8));
    assert!(seen(&site).is_right(), "{:?}", seen(&site));
}

#[test]
fn a_pool_passes_a_barrier() {
    for (workers, pages) in [(1, 5), (5, 40), (5, 42), (100, 250)] {
        let site = PracticeSite::start_barrier(workers, pages).unwrap();
        pool(&site, workers, &vec!["/dice"; pages]);
        let seen = seen(&site);
        assert!(
            seen.is_right(),
            "{workers} workers, {pages} pages: {seen:?}"
        );
        assert_eq!(seen.most, workers);
    }
}

#[test]
fn places_that_stay_empty_stop_a_barrier() {
    let site = PracticeSite::start_barrier(5, 10).unwrap();
    pool(&site, 5, &["/dice"; 5]);
    pool(&site, 1, &["/dice"; 5]);
    assert_eq!(stopped(&site), Some((5, 1, 4)));
}

#[test]
fn the_oldest_page_waits_for_the_others() {
    let site = start(3, 20);
    pool(&site, 3, &["/dice"; 20]);
    let seen = site.observations();
    let end = seen
        .requests
        .iter()
        .map(|request| request.end)
        .max()
        .unwrap();
    // Of the first three, two are still there when only those two are left.
    let late = seen.requests[..3].iter().filter(|first| {
        let others = &seen.requests[3..];
        others.iter().all(|other| other.end < first.end)
    });
    assert_eq!(late.count(), 2, "{end:?}: {:?}", seen.requests);
    assert_eq!(seen.most_in_flight, 3);
}

#[test]
fn a_page_that_hangs_holds_up_its_own_worker_only() {
    let site = start(3, 12);
    let url = site.url("");
    let mut hanging = TcpStream::connect(&url["http://".len()..]).unwrap();
    hanging
        .write_all(b"GET /hang HTTP/1.1\r\nhost: practice\r\n\r\n")
        .unwrap();
    pool(&site, 2, &["/dice"; 11]);
    assert_eq!(seen(&site).passed, 11);
    drop(hanging);
    let start = Instant::now();
    while !seen(&site).is_right() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{:?}",
            seen(&site)
        );
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn one_after_another_is_told() {
    let site = start(5, 40);
    pool(&site, 1, &["/dice"; 40]);
    assert_eq!(stopped(&site), Some((0, 1, 39)));
    assert!(!seen(&site).is_right());
    assert_eq!(seen(&site).passed, 40);
}

#[test]
fn five_at_once_and_then_one_after_another_are_told() {
    let site = start(5, 40);
    pool(&site, 5, &["/dice"; 5]);
    assert_eq!(stopped(&site), Some((1, 4, 35)));
    pool(&site, 1, &["/dice"; 35]);
    assert!(!seen(&site).is_right());
}

#[test]
fn rounds_are_told() {
    let site = start(5, 40);
    for _ in 0..8 {
        pool(&site, 5, &["/dice"; 5]);
    }
    assert_eq!(stopped(&site), Some((1, 4, 35)));
}

#[test]
fn fixed_shares_are_told() {
    let site = start(5, 40);
    thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| pool(&site, 1, &["/dice"; 8]));
        }
    });
    // The worker whose pages are always the newest comes to the end of its share.
    assert_eq!(stopped(&site), Some((8, 4, 28)));
}

#[test]
fn workers_that_begin_a_batch_together_are_told() {
    let site = start(4, 40);
    for _ in 0..5 {
        pool(&site, 4, &["/dice"; 8]);
    }
    // The first batch passes until it has no next page for the worker that is free.
    assert_eq!(stopped(&site), Some((5, 3, 32)));
}

#[test]
fn too_few_workers_are_told() {
    let site = start(5, 40);
    pool(&site, 4, &["/dice"; 40]);
    assert_eq!(stopped(&site), Some((0, 4, 36)));
}

#[test]
fn one_too_many_is_told() {
    for workers in [6, 40] {
        let site = start(5, 40);
        pool(&site, workers, &["/dice"; 40]);
        let seen = seen(&site);
        // Not all of forty need be there before the first page is answered.
        assert!(seen.most > 5 && seen.stopped.is_none(), "{seen:?}");
        assert!(!seen.is_right());
    }
}

#[test]
fn a_site_that_is_none_says_so() {
    assert_eq!(
        PracticeSite::start(Duration::ZERO).unwrap().turnstile(),
        None
    );
}

#[test]
fn it_stops_when_dropped_whoever_is_waiting() {
    let site = PracticeSite::start_turnstile(5, 40).unwrap();
    let url = site.url("/dice");
    let waiting = thread::spawn(move || {
        let (address, path) = url["http://".len()..].split_once('/').unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET /{path} HTTP/1.1\r\nhost: practice\r\n\r\n").unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    while seen(&site).came == 0 {
        thread::sleep(Duration::from_millis(1));
    }
    drop(site);
    waiting.join().unwrap();
}

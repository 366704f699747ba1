//! The practice site under attack: its counts stay right, and it answers the others.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};

use shared::site::{MAX_CONNECTIONS, Observations, PracticeSite};

fn start() -> PracticeSite {
    PracticeSite::start(Duration::ZERO).expect("the practice site starts")
}

fn connect(site: &PracticeSite) -> TcpStream {
    let url = site.url("");
    TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap()
}

fn send(site: &PracticeSite, bytes: &str) -> TcpStream {
    let mut stream = connect(site);
    stream.write_all(bytes.as_bytes()).unwrap();
    stream
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: practice\r\n\r\n")
}

/// Reads a page that ends as all of them do.
fn read_page(client: &mut TcpStream) {
    client
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let mut page = Vec::new();
    while !page.ends_with(b"-->\n") {
        let mut buffer = [0; 1024];
        let length = client.read(&mut buffer).expect("an answer in a minute");
        assert_ne!(length, 0, "the answer ended before it was whole");
        page.extend_from_slice(&buffer[..length]);
    }
}

fn answers_others(site: &PracticeSite) {
    read_page(&mut send(site, &request("/dice")));
}

fn in_flight(seen: &Observations) -> usize {
    let requests = seen.requests.iter();
    requests.filter(|request| request.end.is_none()).count()
}

/// Waits for something that must happen, however slow the machine.
#[track_caller]
fn wait_until(site: &PracticeSite, what: &str, happened: impl Fn(&Observations) -> bool) {
    let start = Instant::now();
    while !happened(&site.observations()) {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{what} did not happen"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Closes a connection with a reset, as a client that is killed does.
fn reset(client: &TcpStream) {
    SockRef::from(client)
        .set_linger(Some(Duration::ZERO))
        .unwrap();
}

#[test]
fn a_client_that_leaves_bytes_unread_is_in_flight_no_more() {
    let slow = PracticeSite::start(Duration::from_secs(1000)).unwrap();
    let gathering = PracticeSite::start_gathering(Duration::from_secs(1000), 2).unwrap();
    let hanging = start();
    for (site, path) in [(&hanging, "/hang"), (&slow, "/dice"), (&gathering, "/dice")] {
        let much = "x".repeat(20_000);
        let second = request(path);
        for more in ["x", &much, &second] {
            for with_reset in [false, true] {
                let before = site.observations().requests.len();
                let mut client = send(site, &request(path));
                client.write_all(more.as_bytes()).unwrap();
                wait_until(site, "the request", |seen| seen.requests.len() > before);
                assert_eq!(in_flight(&site.observations()), 1);
                if with_reset {
                    reset(&client);
                }
                drop(client);
                wait_until(
                    site,
                    &format!("the end of {path} with {} more, {with_reset}", more.len()),
                    |seen| in_flight(seen) == 0,
                );
                assert_eq!(site.observations().requests.len(), before + 1);
            }
        }
    }
}

#[test]
fn unread_bytes_do_not_end_a_request() {
    let site = PracticeSite::start(Duration::from_millis(300)).unwrap();
    let mut client = send(&site, &request("/dice"));
    client.write_all(request("/dice").as_bytes()).unwrap();
    read_page(&mut client);
    read_page(&mut client);
    assert_eq!(site.observations().connections, 1);
}

#[test]
fn a_thousand_that_hang_and_leave_lock_nobody_out() {
    let site = start();
    for number in 0..MAX_CONNECTIONS + 10 {
        send(&site, &(request("/hang") + "x"));
        wait_until(&site, "the request", |seen| seen.requests.len() > number);
    }
    answers_others(&site);
    wait_until(&site, "the end of them all", |seen| {
        seen.requests.len() == MAX_CONNECTIONS + 11 && in_flight(seen) == 0
    });
}

/// Both ends of every connection are in this process, so it is a matter of open files.
fn connections_at_once() -> usize {
    #[cfg(unix)]
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(256);
    #[cfg(not(unix))]
    let files = 16_384;
    let others = 200 + MAX_CONNECTIONS as u64;
    let connections = files.saturating_sub(others).min(10_000);
    usize::try_from(connections).expect("it is small")
}

#[test]
fn ten_thousand_connections_lock_nobody_out() {
    let site = start();
    let address: SocketAddr = site.url("")["http://".len()..].parse().unwrap();
    let attack: Vec<Socket> = (0..connections_at_once())
        .map(|_| {
            let client = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            client.set_nonblocking(true).unwrap();
            // Most have to wait until the system has room for them, and go on trying.
            let _ = client.connect(&address.into());
            client
        })
        .collect();
    assert!(attack.len() > MAX_CONNECTIONS, "too few open files for it");
    answers_others(&site);
    drop(attack);
    answers_others(&site);
}

#[test]
fn whoever_takes_all_places_makes_place_for_others() {
    let many = connections_at_once().min(MAX_CONNECTIONS + 100);
    for bytes in ["GET /dice HTT", &request("/hang"), &request("/huge")] {
        let site = start();
        let mut attack = Vec::new();
        while attack.len() < many {
            attack.push(send(&site, bytes));
            if attack.len() % 100 == 0 {
                // A full queue of the system would make the attack wait.
                let taken = attack.len().min(MAX_CONNECTIONS);
                wait_until(&site, "taking them", |seen| seen.connections >= taken);
            }
        }
        answers_others(&site);
        drop(attack);
        wait_until(&site, "the end of them all", |seen| in_flight(seen) == 0);
        assert!(site.observations().most_in_flight <= MAX_CONNECTIONS);
        answers_others(&site);
    }
}

#[test]
fn resets_are_counted_and_forgotten() {
    let site = start();
    let attacks = [
        request("/dice"),
        "".into(),
        "GET /d".into(),
        request("/hang"),
    ];
    for number in 0..20_000 {
        let bytes = &attacks[number % 4];
        let mut client = connect(&site);
        let _ = client.write_all(bytes.as_bytes());
        reset(&client);
        drop(client);
        // In between there is a good one. So the queue of the system, which may have room for
        // 128 only, is never full, either.
        if number % 100 == 0 {
            answers_others(&site);
        }
    }
    wait_until(&site, "the end of them all", |seen| {
        seen.connections == 20_200 && in_flight(seen) == 0
    });
    let seen = site.observations();
    let asked = |path: &str| {
        seen.requests
            .iter()
            .filter(|seen| &*seen.path == path)
            .count()
    };
    // A reset may overtake a request, but none is seen that was not made.
    assert!(asked("/dice") <= 5200 && asked("/hang") <= 5000);
    assert!(seen.requests.len() == asked("/dice") + asked("/hang"));
    // The head of the last one may have been read only after all the others had ended.
    wait_until(&site, "an end for every request", |seen| {
        let mut requests = seen.requests.iter();
        requests.all(|request| request.end >= Some(request.start))
    });
}

#[test]
fn pipelined_requests_are_counted_one_by_one() {
    let site = start();
    let mut client = connect(&site);
    let mut writer = client.try_clone().unwrap();
    let all = request("/dice").repeat(5000) + &request("/hang");
    std::thread::spawn(move || writer.write_all(all.as_bytes()).unwrap());
    for _ in 0..5000 {
        // Pages come one behind the other, so read exactly one.
        read_one_of_many(&mut client);
    }
    wait_until(&site, "the last request", |seen| {
        seen.requests.len() == 5001
    });
    let seen = site.observations();
    assert_eq!((seen.connections, seen.most_in_flight), (1, 1));
    assert_eq!(in_flight(&seen), 1);
    drop(client);
    answers_others(&site);
}

fn read_one_of_many(client: &mut TcpStream) {
    let mut end = [0; 4];
    while &end != b"-->\n" {
        end.rotate_left(1);
        client.read_exact(&mut end[3..]).unwrap();
    }
}

#[test]
fn whoever_reads_no_answers_holds_up_nobody() {
    let site = start();
    let clients: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut client = send(&site, &request("/huge"));
            client.set_nonblocking(true).unwrap();
            let error = loop {
                if let Err(error) = client.write(request("/jython").as_bytes()) {
                    break error;
                }
            };
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            client
        })
        .collect();
    answers_others(&site);
    drop(clients);
    wait_until(&site, "the end of them all", |seen| in_flight(seen) == 0);
}

/// A site with few files to open, in a process of its own; as a test it does nothing.
#[test]
#[cfg(unix)]
fn site_with_few_files() {
    if std::env::var_os(FEW_FILES).is_none() {
        return;
    }
    let files = 40;
    rlimit::setrlimit(rlimit::Resource::NOFILE, files, files).unwrap();
    let site = start();
    // The line that the tests print has no end yet.
    println!("\n{}", site.url(""));
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

#[cfg(unix)]
const FEW_FILES: &str = "SITE_WITH_FEW_FILES";

#[test]
#[cfg(unix)]
fn want_of_files_locks_nobody_out() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "site_with_few_files", "--nocapture"])
        .env(FEW_FILES, "yes")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines
        .find_map(|line| line.unwrap().strip_prefix("http://").map(str::to_owned))
        .expect("the site tells its address");
    let idle: Vec<TcpStream> = (0..100)
        .map(|_| TcpStream::connect(&address).unwrap())
        .collect();
    for _ in 0..3 {
        let mut client = TcpStream::connect(&address).unwrap();
        client.write_all(request("/dice").as_bytes()).unwrap();
        read_page(&mut client);
    }
    drop(idle);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

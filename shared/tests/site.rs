//! The practice site keeps its promises, whatever a client does.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use shared::site::PracticeSite;

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
    format!("GET {path} HTTP/1.1\r\nhost: practice\r\nconnection: close\r\n\r\n")
}

/// The head and the body of what the site answers until it closes the connection.
fn answer(site: &PracticeSite, path: &str) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    send(site, &request(path)).read_to_end(&mut bytes).unwrap();
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return (String::from_utf8(bytes).unwrap(), Vec::new());
    };
    let body = bytes.split_off(end + 4);
    (String::from_utf8(bytes).unwrap(), body)
}

/// Waits for something that must happen, however slow the machine.
fn wait_until(what: &str, happened: impl Fn() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{what} did not happen"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn pages_have_the_sizes_of_the_tutorial() {
    let site = start();
    for (path, bytes) in [("/jython", 10_966), ("/dice", 276)] {
        let (head, body) = answer(&site, path);
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains("content-type: text/html"), "{head}");
        assert_eq!(body.len(), bytes, "{path}");
        assert!(body.starts_with(b"<!doctype html>"));
    }
}

#[test]
fn a_status_is_answered_from_200_to_599() {
    let site = start();
    for code in 200..600 {
        let (head, _) = answer(&site, &format!("/status/{code}"));
        assert!(
            head.starts_with(&format!("HTTP/1.1 {code} ")),
            "{code}: {head}"
        );
    }
    for code in ["199", "600", "99999", "-1", "", "two"] {
        let (head, _) = answer(&site, &format!("/status/{code}"));
        assert!(head.starts_with("HTTP/1.1 404 "), "{code}: {head}");
    }
}

#[test]
fn a_wrong_path_is_told_the_right_ones() {
    let (head, body) = answer(&start(), "/");
    assert!(head.starts_with("HTTP/1.1 404 "), "{head}");
    let line = String::from_utf8(body).unwrap();
    for path in [
        "/jython",
        "/dice",
        "/status/CODE",
        "/flaky/N",
        "/truncated",
        "/reset",
        "/hang",
        "/huge",
    ] {
        assert!(line.contains(path), "{line}");
    }
}

/// Every answer comes over a connection of its own.
#[test]
fn a_flaky_page_fails_so_often_for_each_address() {
    let site = start();
    for address in ["/flaky/2", "/flaky/2?a", "/flaky/2?b"] {
        for _ in 0..2 {
            let (head, _) = answer(&site, address);
            assert!(head.starts_with("HTTP/1.1 503 "), "{address}: {head}");
            assert!(head.contains("retry-after: 1\r\n"), "{address}: {head}");
        }
        for _ in 0..2 {
            let (head, body) = answer(&site, address);
            assert!(head.starts_with("HTTP/1.1 200 "), "{address}: {head}");
            assert!(!head.contains("retry-after"), "{address}: {head}");
            assert_eq!(body, answer(&site, "/dice").1);
        }
    }
    let requests = &site.observations().requests;
    let flaky = requests
        .iter()
        .filter(|request| request.path.contains("flaky"));
    assert_eq!(flaky.filter(|request| request.good).count(), 6);
    assert!(answer(&site, "/flaky/0").0.starts_with("HTTP/1.1 200 "));
    for path in ["/flaky/", "/flaky/+1", "/flaky/two", "/flaky/99999999999"] {
        let (head, _) = answer(&site, path);
        assert!(head.starts_with("HTTP/1.1 404 "), "{path}: {head}");
    }
}

#[test]
fn half_a_page_and_no_answer_at_all() {
    let site = start();
    let (head, body) = answer(&site, "/truncated");
    assert!(head.contains("content-length: 10966\r\n"), "{head}");
    assert_eq!(body.len(), 10_966 / 2);
    assert_eq!(answer(&site, "/reset"), (String::new(), Vec::new()));
    assert!(
        site.observations()
            .requests
            .iter()
            .all(|request| !request.good)
    );
}

#[test]
fn a_huge_body_goes_on_and_on() {
    let site = start();
    let mut bytes = vec![0; 20 * 1024 * 1024];
    send(&site, &request("/huge"))
        .read_exact(&mut bytes)
        .unwrap();
    wait_until("the end of the request", || {
        site.observations().requests[0].end.is_some()
    });
}

#[test]
fn a_client_that_leaves_is_in_flight_no_more() {
    let site = start();
    let client = send(&site, &request("/hang"));
    wait_until("the request", || site.observations().requests.len() == 1);
    assert_eq!(site.observations().requests[0].end, None);
    drop(client);
    wait_until("the end of the request", || {
        site.observations().requests[0].end.is_some()
    });
}

#[test]
fn it_tells_who_left_before_the_answer() {
    let site = start();
    for path in [
        "/dice",
        "/status/204",
        "/status/404",
        "/truncated",
        "/reset",
    ] {
        answer(&site, path);
    }
    let seen = site.observations();
    assert!(
        seen.requests.iter().all(|request| !request.left),
        "{seen:?}"
    );

    assert!(seen.to_string().ends_with("over 5 connections"), "{seen}");

    let slow = PracticeSite::start(Duration::from_secs(1000)).unwrap();
    for (site, path) in [(&site, "/hang"), (&site, "/huge"), (&slow, "/dice")] {
        let before = site.observations().requests.len();
        let client = send(site, &request(path));
        wait_until("the request", || {
            site.observations().requests.len() > before
        });
        assert!(!site.observations().requests[before].left);
        drop(client);
        wait_until("its end", || {
            site.observations().requests[before].end.is_some()
        });
        assert!(site.observations().requests[before].left, "{path}");
    }
    for (site, abandoned) in [
        (site, "; 2 requests were abandoned"),
        (slow, "; 1 request was abandoned"),
    ] {
        let seen = site.settled().to_string();
        assert!(seen.ends_with(abandoned), "{seen}");
    }
}

#[test]
fn it_notes_what_it_sees() {
    let site = start();
    let mut client = connect(&site);
    for _ in 0..3 {
        client
            .write_all(b"GET /dice HTTP/1.1\r\nhost: practice\r\n\r\n")
            .unwrap();
        let mut page = Vec::new();
        while !page.ends_with(b"-->\n") {
            let mut buffer = [0; 1024];
            let length = client.read(&mut buffer).unwrap();
            page.extend_from_slice(&buffer[..length]);
        }
    }
    answer(&site, "/jython");
    let seen = site.observations();
    assert_eq!((seen.most_in_flight, seen.connections), (1, 2));
    let requests: Vec<_> = seen
        .requests
        .iter()
        .map(|r| (&*r.path, r.connection, r.good))
        .collect();
    let dice = ("/dice", 0, true);
    assert_eq!(requests, [dice, dice, dice, ("/jython", 1, true)]);
    assert!(
        seen.requests
            .iter()
            .all(|request| request.end >= Some(request.start))
    );
    assert_eq!(
        seen.to_string(),
        "The site saw at most 1 request at once, over 2 connections"
    );
}

#[test]
fn it_notes_what_it_answers() {
    let site = start();
    let paths = [
        "/dice",
        "/status/204",
        "/status/503",
        "/truncated",
        "/reset",
        "/nowhere",
    ];
    let sizes = paths.map(|path| answer(&site, path).1.len());
    let requests = site.observations().requests;
    let noted: Vec<_> = requests
        .iter()
        .map(|request| (request.status, request.bytes.unwrap_or(0)))
        .collect();
    let statuses = [200, 204, 503, 200, 0, 404].map(|status| Some(status).filter(|_| status > 0));
    assert_eq!(noted, statuses.into_iter().zip(sizes).collect::<Vec<_>>());
    // It has a status before it has an end, and no size.
    let _client = send(&site, &request("/huge"));
    let seen = || site.observations().requests[paths.len()..].to_vec();
    wait_until("the answer", || {
        seen().iter().any(|request| request.status == Some(200))
    });
    assert_eq!(seen()[0].bytes, None);
}

#[test]
fn it_takes_the_latency_it_was_given() {
    let site = PracticeSite::start(Duration::from_millis(30)).unwrap();
    answer(&site, "/dice");
    assert!(site.observations().mean_latency() >= Duration::from_millis(30));
}

#[test]
fn a_gathering_site_answers_nobody_before_all_are_there() {
    let site = PracticeSite::start_gathering(Duration::ZERO, 3).unwrap();
    let clients = [
        send(&site, &request("/dice")),
        send(&site, &request("/dice")),
    ];
    wait_until("two requests", || site.observations().requests.len() == 2);
    assert!(
        site.observations()
            .requests
            .iter()
            .all(|request| request.end.is_none())
    );
    answer(&site, "/dice");
    for mut client in clients {
        client.read_to_end(&mut Vec::new()).unwrap();
    }
    assert_eq!(site.observations().most_in_flight, 3);
    answer(&site, "/dice");
}

#[test]
fn nonsense_harms_nobody() {
    let site = start();
    for nonsense in [
        "\r\n\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET\r\n\r\n",
        "GET /dice HTTP/9.9\r\n\r\n",
        "POST /dice HTTP/1.1\r\nhost: x\r\ncontent-length: 99999\r\n\r\nshort",
        "POST /dice HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        "HEAD /jython HTTP/1.1\r\nhost: x\r\n\r\n",
        "GET /dice HTTP/1.1\r\nhost: x\r\n\r\nGET /dice HTTP/1.1\r\nhost: x\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01",
    ] {
        let mut client = send(&site, nonsense);
        client.shutdown(Shutdown::Write).unwrap();
        // Closed in peace or with a reset: all that matters is that it is closed.
        let _ = client.read_to_end(&mut Vec::new());
    }
    let endless = format!("GET /dice HTTP/1.1\r\nx: {}", "x".repeat(2_000_000));
    let mut client = connect(&site);
    let _ = client.write_all(endless.as_bytes());
    let _ = client.read_to_end(&mut Vec::new());
    assert_eq!(answer(&site, "/dice").1.len(), 276);
}

#[test]
fn it_stops_when_dropped_whoever_is_waiting() {
    let site = start();
    let mut clients = Vec::new();
    for path in ["/hang", "/huge", "/dice"] {
        clients.push(send(
            &site,
            &format!("GET {path} HTTP/1.1\r\nhost: practice\r\n\r\n"),
        ));
    }
    clients.push(send(&site, "GET /di"));
    wait_until("three requests", || site.observations().requests.len() == 3);
    let address = clients[0].peer_addr().unwrap();
    drop(site);
    assert!(
        TcpStream::connect(address).is_err(),
        "nobody should be listening any more"
    );
    for mut client in clients {
        let _ = client.read_to_end(&mut Vec::new());
    }
}

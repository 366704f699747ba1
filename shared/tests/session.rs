//! Both kinds of session follow one policy, and give the same reasons.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use shared::site::PracticeSite;
use shared::{Result, blocking, nonblocking};

fn with_ureq(url: &str, timeout: Duration) -> Result<usize> {
    let session = blocking::new_session(timeout);
    Ok(blocking::read_page(session.get(url))?.len())
}

fn with_reqwest(url: &str, timeout: Duration) -> Result<usize> {
    runtime().block_on(async {
        let session = nonblocking::new_session(timeout);
        Ok(nonblocking::read_page(session.get(url)).await?.len())
    })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

#[track_caller]
fn both(url: &str, timeout: Duration, expected: std::result::Result<usize, &str>) {
    for (name, outcome) in [
        ("ureq", with_ureq(url, timeout)),
        ("reqwest", with_reqwest(url, timeout)),
    ] {
        let outcome = outcome.map_err(|reason| reason.to_string());
        assert_eq!(
            outcome,
            expected.map_err(str::to_owned),
            "{url} with {name}"
        );
    }
}

/// Long enough for whatever works, on any machine.
const PATIENT: Duration = Duration::from_secs(60);

const CLOSED: &str = "connection closed before the answer was complete";
const TIMED_OUT: &str = "no complete answer within the timeout";

/// The address of a server that gives everybody this answer, then closes the connection. An
/// answer that is followed by another request must say so, or that request may come too late.
fn server(answer: impl Into<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = answer.into().replace("ADDRESS", &address.to_string());
    thread::spawn(move || {
        for mut client in listener.incoming().map_while(std::result::Result::ok) {
            let mut request = [0; 4096];
            let _ = client.read(&mut request);
            let _ = client.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}/")
}

#[test]
fn a_page_is_a_good_status_and_the_whole_body() {
    let site = PracticeSite::start(Duration::ZERO).unwrap();
    both(&site.url("/jython"), PATIENT, Ok(10_966));
    both(&site.url("/dice"), PATIENT, Ok(276));
    both(&site.url("/status/204"), PATIENT, Ok(0));
    both(
        &site.url("/status/304"),
        PATIENT,
        Err("status 304 Not Modified"),
    );
    both(
        &site.url("/status/404"),
        PATIENT,
        Err("status 404 Not Found"),
    );
    both(
        &site.url("/status/503"),
        PATIENT,
        Err("status 503 Service Unavailable"),
    );
    both(&site.url("/status/599"), PATIENT, Err("status 599 unknown"));
    both(&site.url("/truncated"), PATIENT, Err(CLOSED));
    both(&site.url("/reset"), PATIENT, Err(CLOSED));
    both(&site.url("/huge"), PATIENT, Err("body larger than 10 MiB"));
}

#[test]
fn a_page_that_takes_too_long_is_given_up() {
    let site = PracticeSite::start(Duration::ZERO).unwrap();
    both(
        &site.url("/hang"),
        Duration::from_millis(100),
        Err(TIMED_OUT),
    );
}

#[test]
fn a_body_may_be_as_large_as_the_bound_and_no_larger() {
    let body = |bytes: usize| {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n{}",
            "x".repeat(bytes)
        )
    };
    both(
        &server(body(10 * 1024 * 1024)),
        PATIENT,
        Ok(10 * 1024 * 1024),
    );
    both(
        &server(body(10 * 1024 * 1024 + 1)),
        PATIENT,
        Err("body larger than 10 MiB"),
    );
}

#[test]
fn a_redirect_is_followed_but_not_for_ever() {
    let site = PracticeSite::start(Duration::ZERO).unwrap();
    let to = |url: &str| {
        format!(
            "HTTP/1.1 302 Found\r\nconnection: close\r\nlocation: {url}\r\ncontent-length: 0\r\n\r\n"
        )
    };
    both(&server(to(&site.url("/dice"))), PATIENT, Ok(276));
    both(
        &server(to("http://ADDRESS/again")),
        PATIENT,
        Err("too many redirects"),
    );
}

#[test]
fn all_hops_of_a_page_share_its_time() {
    let (url, _) = serve(|mut client| {
        let _ = read_request(&client);
        thread::sleep(Duration::from_millis(300));
        let head = "HTTP/1.1 302 Found\r\nconnection: close\r\ncontent-length: 0";
        let _ = write!(client, "{head}\r\nlocation: /\r\n\r\n");
    });
    // Ten hops take three seconds, and none of them too long by itself.
    both(&url, Duration::from_secs(1), Err(TIMED_OUT));
}

#[test]
fn half_an_answer_is_no_answer() {
    both(&server(""), PATIENT, Err(CLOSED));
    both(
        &server("HTTP/1.1 200 OK\r\ncontent-le"),
        PATIENT,
        Err(CLOSED),
    );
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    both(&server(format!("{chunked}5\r\nhel")), PATIENT, Err(CLOSED));
    both(
        &server(format!("{chunked}5\r\nhello\r\n0\r\n\r\n")),
        PATIENT,
        Ok(5),
    );
}

#[test]
fn an_answer_that_is_none_has_a_reason() {
    for answer in [
        "nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
    ] {
        let url = server(answer);
        for outcome in [with_ureq(&url, PATIENT), with_reqwest(&url, PATIENT)] {
            let reason = outcome.unwrap_err().to_string();
            assert!(!reason.is_empty() && !reason.contains('\n'), "{reason:?}");
        }
    }
}

#[test]
fn a_head_may_have_a_hundred_headers() {
    let answer = |headers: usize| {
        let headers: String = (0..headers).map(|n| format!("x-{n}: y\r\n")).collect();
        format!("HTTP/1.1 200 OK\r\n{headers}content-length: 2\r\nconnection: close\r\n\r\nhi")
    };
    both(&server(answer(98)), PATIENT, Ok(2));
    let too_many = Err("too many headers, or too long ones");
    both(&server(answer(99)), PATIENT, too_many);
}

#[test]
fn an_address_that_cannot_be_asked_for_says_why() {
    let none = "not a web address, like http://… or https://…";
    for url in [
        "",
        "dice",
        "/dice",
        "http://",
        "//127.0.0.1/",
        "http://a b/",
    ] {
        both(url, PATIENT, Err(none));
    }
    both(
        "ftp://127.0.0.1/",
        PATIENT,
        Err("ftp:// is neither http:// nor https://"),
    );
    both("http://127.0.0.1:99999/", PATIENT, Err(none));
    both("http://127.0.0.1:1/", PATIENT, Err("connection refused"));
}

/// The address of a server that treats every connection like this, and how many there were.
fn serve(treat: impl Fn(TcpStream) + Send + Sync + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let opened = Arc::clone(&connections);
    let treat = Arc::new(treat);
    thread::spawn(move || {
        for client in listener.incoming().map_while(std::result::Result::ok) {
            opened.fetch_add(1, Ordering::SeqCst);
            let treat = Arc::clone(&treat);
            thread::spawn(move || treat(client));
        }
    });
    (url, connections)
}

/// Reads a request of a few hundred bytes; `None` at the end of the connection.
fn read_request(mut client: &TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte).ok()?;
        request.push(byte[0]);
    }
    String::from_utf8(request).ok()
}

/// Closes a connection with a reset: what the client sent lies there unread.
fn reset(client: TcpStream) {
    let mut byte = [0];
    while client.peek(&mut byte).is_ok_and(|bytes| bytes == 0) {}
    drop(client);
}

const GOOD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

#[test]
fn a_body_without_a_length_ends_with_its_connection_and_not_with_a_reset() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n";
    let (whole, _) = serve(move |mut client| {
        read_request(&client);
        client.write_all(head).unwrap();
        client.write_all(&[b'x'; 1000]).unwrap();
    });
    both(&whole, PATIENT, Ok(1000));
    let (cut, _) = serve(move |mut client| {
        // One byte of the request stays unread, so that closing the connection resets it.
        let mut request = [0; 20];
        client.read_exact(&mut request).unwrap();
        client.write_all(head).unwrap();
        client.write_all(&[b'x'; 1000]).unwrap();
        // The body is to be read before the reset comes.
        thread::sleep(Duration::from_millis(100));
        reset(client);
    });
    both(&cut, PATIENT, Err(CLOSED));
}

/// What came of so many pages that one session fetched, one after another.
fn in_a_row(url: &str, pages: usize) -> [Vec<Result<usize>>; 2] {
    let session = blocking::new_session(PATIENT);
    let read = |_| Ok(blocking::read_page(session.get(url))?.len());
    let with_ureq = (0..pages).map(read).collect();
    let with_reqwest = runtime().block_on(async {
        let session = nonblocking::new_session(PATIENT);
        let mut outcomes = Vec::new();
        for _ in 0..pages {
            let page = nonblocking::read_page(session.get(url)).await;
            outcomes.push(page.map(|page| page.len()));
        }
        outcomes
    });
    [with_ureq, with_reqwest]
}

#[test]
fn no_page_is_lost_when_a_server_closes_idle_connections() {
    // Every connection serves one page, and is closed when the next one is asked for.
    let (url, connections) = serve(|mut client| {
        read_request(&client);
        client.write_all(GOOD).unwrap();
        read_request(&client);
    });
    for outcomes in in_a_row(&url, 20) {
        let failed: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
        assert!(failed.is_empty(), "{failed:?}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 2 * 20);
}

#[test]
fn no_page_is_lost_when_idle_connections_are_reset_either() {
    let (url, _) = serve(|mut client| {
        read_request(&client);
        client.write_all(GOOD).unwrap();
        reset(client);
    });
    for outcomes in in_a_row(&url, 20) {
        let failed: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
        assert!(failed.is_empty(), "{failed:?}");
    }
}

#[test]
fn a_page_that_fails_on_a_fresh_connection_is_asked_for_once() {
    let (url, connections) = serve(|client| drop(read_request(&client)));
    both(&url, PATIENT, Err(CLOSED));
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

#[test]
fn connections_are_used_again() {
    let (url, connections) = serve(|mut client| {
        while read_request(&client).is_some() {
            client.write_all(GOOD).unwrap();
        }
    });
    in_a_row(&url, 50);
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

#[test]
fn a_page_leaves_its_connection_to_the_next_one() {
    const TASKS: usize = 20;
    let site = PracticeSite::start_gathering(Duration::from_millis(5), TASKS).unwrap();
    runtime().block_on(async {
        let session = nonblocking::new_session(PATIENT);
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                let (session, url) = (session.clone(), site.url("/jython"));
                tokio::spawn(async move {
                    for _ in 0..20 {
                        nonblocking::read_page(session.get(&url)).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(site.observations().connections, TASKS);
}

#[test]
fn every_hop_of_a_redirect_obeys_the_rules() {
    let to = |location: &str| {
        let location = location.to_owned();
        serve(move |mut client| {
            read_request(&client);
            let head = "HTTP/1.1 302 Found\r\nconnection: close\r\ncontent-length: 0";
            let _ = write!(client, "{head}\r\nlocation: {location}\r\n\r\n");
        })
        .0
    };
    let nowhere = "redirected to what is no web address";
    both(&to("http://127.0.0.1:99999/"), PATIENT, Err(nowhere));
    both(&to("http://"), PATIENT, Err(nowhere));
    both(&to("\u{fc}"), PATIENT, Err("too many redirects"));
    both(
        &to("ftp://127.0.0.1/"),
        PATIENT,
        Err("redirected to an address that is refused: ftp:// is neither http:// nor https://"),
    );
    both(
        &to("http://127.0.0.1:1/"),
        PATIENT,
        Err("connection refused"),
    );
}

#[test]
fn headers_go_along_but_credentials_to_no_other_host() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let note = Arc::clone(&seen);
    let (other, _) = serve(move |mut client| {
        note.lock().unwrap().push(read_request(&client).unwrap());
        let _ = client
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi");
    });
    let elsewhere = other.clone();
    let note = Arc::clone(&seen);
    let (first, _) = serve(move |mut client| {
        let request = read_request(&client).unwrap();
        let location = match request.starts_with("GET /again") {
            true => elsewhere.clone(),
            false => "/again".into(),
        };
        note.lock().unwrap().push(request);
        let head = "HTTP/1.1 302 Found\r\nconnection: close\r\ncontent-length: 0";
        let _ = write!(client, "{head}\r\nlocation: {location}\r\n\r\n");
    });
    let url = first.replace("http://", "http://user:secret@");
    let session = blocking::new_session(PATIENT);
    let request = session.get(&url).header("cookie", "x").header("own", "y");
    assert_eq!(blocking::read_page(request).unwrap(), b"hi");
    runtime().block_on(async {
        let session = nonblocking::new_session(PATIENT);
        let request = session.get(&url).header("cookie", "x").header("own", "y");
        assert_eq!(nonblocking::read_page(request).await.unwrap(), b"hi");
    });
    let seen = seen.lock().unwrap();
    for (header, expected) in [
        ("\nauthorization: ", [true, true, false]),
        ("\ncookie: x", [true, true, false]),
        ("\nown: y", [true, true, true]),
    ] {
        let told = seen.iter().map(|it| it.to_lowercase().contains(header));
        let told: Vec<bool> = told.collect();
        assert_eq!(told, expected.repeat(2), "{header} {seen:#?}");
    }
}

#[test]
fn what_was_lost_is_asked_for_once_more_however_many_connections_are_idle() {
    let site = PracticeSite::start(Duration::from_millis(20)).unwrap();
    runtime().block_on(async {
        let session = nonblocking::new_session(PATIENT);
        let page = |_| tokio::spawn(nonblocking::read_page(session.get(site.url("/dice"))));
        let pages: Vec<_> = (0..5).map(page).collect();
        for page in pages {
            page.await.unwrap().unwrap();
        }
        let lost = nonblocking::read_page(session.get(site.url("/reset"))).await;
        assert!(lost.is_err());
    });
    let seen = site.observations();
    assert_eq!(seen.connections, 6, "five, and a fresh one");
    let asked = seen
        .requests
        .iter()
        .filter(|request| &*request.path == "/reset");
    assert_eq!(asked.count(), 2);
}

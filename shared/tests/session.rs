//! Both kinds of session follow one policy, and give the same reasons.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use shared::site::PracticeSite;
use shared::{Result, blocking, nonblocking};

fn with_ureq(url: &str, timeout: Duration) -> Result<usize> {
    let session = blocking::new_session(timeout);
    Ok(blocking::read_page(session.get(url))?.len())
}

fn with_reqwest(url: &str, timeout: Duration) -> Result<usize> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let session = nonblocking::new_session(timeout);
        Ok(nonblocking::read_page(session.get(url)).await?.len())
    })
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

//! Servers for what the practice site does not do: pages of many alphabets, one that trickles,
//! and a proxy.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::grader::Failure;
use crate::output::complain;

/// A server on a free port that gives each connection to a thread of its own. It lives as long
/// as the test.
pub(super) fn start(
    serve: impl Fn(TcpStream) + Clone + Send + 'static,
) -> Result<SocketAddr, Failure> {
    let failed = |error| Failure::new(format!("a server of the test does not start: {error}"));
    let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let accept = move || {
        for client in listener.incoming().map_while(Result::ok) {
            let serve = serve.clone();
            if let Err(error) = thread::Builder::new().spawn(move || serve(client)) {
                // The client sees the end of its connection, and nobody else would know why.
                complain(format_args!(
                    "Error: a client of the test got no thread: {error}"
                ));
            }
        }
    };
    thread::Builder::new().spawn(accept).map_err(failed)?;
    Ok(address)
}

/// Where the page is that is [served](serve).
pub(super) const PAGE: &str = "/Page?of=2&again=yes";

/// What a failure says of any other.
pub(super) const NOT_HERE: &str = "410";

fn page_or_not(head: &str, page: &[u8]) -> Vec<u8> {
    match head.starts_with(&format!("GET {PAGE} HTTP/1.1")) {
        true => page.to_vec(),
        false => format!("HTTP/1.1 {NOT_HERE} Gone\r\ncontent-length: 0\r\n\r\n").into(),
    }
}

/// Serves a page on two addresses: with its length in the head, and in pieces without it.
pub(super) fn serve(page: &[u8]) -> Result<[(&'static str, SocketAddr); 2], Failure> {
    let bytes = page.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n");
    let whole = [head.as_bytes(), page].concat();
    let head = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{bytes:x}\r\n");
    let pieces = [head.as_bytes(), page, b"\r\n0\r\n\r\n"].concat();
    Ok([
        (
            "sent with its length",
            start(move |client| answer(client, |head| page_or_not(head, &whole)))?,
        ),
        (
            "sent in pieces without a length",
            start(move |client| answer(client, |head| page_or_not(head, &pieces)))?,
        ),
    ])
}

/// Gives every request on a connection a page, tunnelled or not.
pub(super) fn stand_in_for_a_proxy(client: TcpStream) {
    answer(client, |head| match head.starts_with("CONNECT ") {
        true => "HTTP/1.1 200 OK\r\n\r\n".into(),
        false => "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi".into(),
    });
}

/// Answers with a page that comes a byte at a time, and never to its end.
pub(super) fn trickle(mut client: TcpStream) {
    let asked = client.read(&mut [0; 4096]);
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 10966\r\n\r\n";
    let mut sent = asked.and_then(|_| client.write_all(head));
    while sent.is_ok() {
        thread::sleep(PAUSE);
        sent = client.write_all(b".");
    }
}

/// How long after its start the end of an answer comes.
const PAUSE: Duration = Duration::from_millis(50);

/// Answers every request on a connection. An answer comes in two parts, as it may from any
/// server.
fn answer(mut client: TcpStream, answer: impl Fn(&str) -> Vec<u8>) {
    let Ok(reader) = client.try_clone() else {
        return;
    };
    let mut lines = BufReader::new(reader);
    let mut head = String::new();
    while lines.read_line(&mut head).is_ok_and(|bytes| bytes > 0) {
        if head.ends_with("\r\n\r\n") {
            let last = head.to_ascii_lowercase().contains("connection: close");
            let answer = answer(&head);
            let (start, end) = answer.split_at(answer.len() - answer.len() / 4);
            let sent = client.write_all(start).and_then(|()| {
                thread::sleep(PAUSE);
                client.write_all(end)
            });
            if sent.is_err() || last {
                break;
            }
            head.clear();
        }
    }
}

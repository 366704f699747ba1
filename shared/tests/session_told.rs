//! What a session says while a program runs, and what it makes of the environment: each test
//! runs itself again as a program of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{env, thread};

use shared::{Result, blocking, nonblocking};

const TIMEOUT: Duration = Duration::from_millis(300);

fn with_ureq(url: &str) -> Result<usize> {
    let session = blocking::new_session(TIMEOUT);
    Ok(blocking::read_page(session.get(url))?.len())
}

fn with_reqwest(url: &str) -> Result<usize> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let session = nonblocking::new_session(TIMEOUT);
        Ok(nonblocking::read_page(session.get(url)).await?.len())
    })
}

/// The program: it asks for the pages in `URLS`, then waits until it is allowed to end.
#[test]
fn program() {
    let Ok(urls) = env::var("URLS") else {
        return;
    };
    let fetch = match env::var("KIND").as_deref() {
        Ok("ureq") => with_ureq,
        _ => with_reqwest,
    };
    for url in urls.lines() {
        let _ = fetch(url);
    }
    let _ = std::io::stdin().read(&mut [0]);
}

fn start(kind: &str, urls: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "program", "--nocapture"])
        .env("URLS", urls)
        .env("KIND", kind)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command
}

/// What a program says of its failures to its end.
fn failures(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_failure_is_told_while_the_program_runs() {
    // It takes connections, and never answers: a firewall that swallows everything.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    for kind in ["ureq", "reqwest"] {
        let mut child = start(kind, &url).spawn().unwrap();
        let mut line = String::new();
        let stderr = child.stderr.take().unwrap();
        // A program that says nothing ends when nobody holds its standard input any more.
        let stdin = child.stdin.take();
        let (heard, wait) = mpsc::channel::<()>();
        let patience = thread::spawn(move || {
            let _ = wait.recv_timeout(Duration::from_secs(20));
            drop(stdin);
        });
        BufReader::new(stderr).read_line(&mut line).unwrap();
        assert!(child.try_wait().unwrap().is_none(), "{kind}: it has ended");
        let expected = format!("Failed {url}: no complete answer within the timeout\n");
        assert_eq!(line, expected, "{kind}");
        drop(heard);
        patience.join().unwrap();
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn what_is_no_proxy_is_said_without_its_password() {
    for proxy in [
        "http://user:secret@:0x/",
        "gopher://user:secret@127.0.0.1:9",
        "http://",
    ] {
        for kind in ["ureq", "reqwest"] {
            let said = failures(start(kind, "http://elsewhere.invalid/").env("HTTP_PROXY", proxy));
            let expected = "Failed http://elsewhere.invalid/: the environment variable HTTP_PROXY \
                            names no proxy, like http://HOST:PORT\n";
            assert_eq!(said, expected, "{kind} with {proxy}");
        }
    }
}

#[test]
fn this_machine_is_asked_without_a_proxy() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = proxy.local_addr().unwrap();
    thread::spawn(move || {
        // Closed unanswered, it would be named in the reason.
        for client in proxy.incoming() {
            drop(client);
        }
    });
    let urls = [
        "localhost",
        "localhost.",
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
    ]
    .map(|host| format!("http://{host}:1/"))
    .join("\n");
    for kind in ["ureq", "reqwest"] {
        let said = failures(start(kind, &urls).env("ALL_PROXY", format!("http://{address}")));
        assert!(!said.contains("proxy"), "{kind}: {said}");
        assert_eq!(said.lines().count(), 8, "{kind}: {said}");
    }
}

/// Reads the head of a request.
fn read_head(mut client: &TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && client.read_exact(&mut byte).is_ok() {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

#[test]
fn the_proxy_is_chosen_for_every_hop() {
    use std::io::Write;
    // A proxy whose page leads to this machine, where nobody may ask the proxy.
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = proxy.local_addr().unwrap();
    thread::spawn(move || {
        for mut client in proxy.incoming().map_while(std::result::Result::ok) {
            if read_head(&client).starts_with("CONNECT ") {
                let _ = client.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
                read_head(&client);
            }
            let _ = client.write_all(
                b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            );
        }
    });
    for kind in ["ureq", "reqwest"] {
        let url = "http://elsewhere.invalid/";
        let said = failures(start(kind, url).env("HTTP_PROXY", format!("http://{address}")));
        assert!(said.contains("connection refused"), "{kind}: {said}");
    }
}

#[test]
fn nothing_that_a_terminal_obeys_is_said() {
    for kind in ["ureq", "reqwest"] {
        let said = failures(&mut start(kind, "ftp://user:secret@127.0.0.1/"));
        assert!(said.starts_with("Failed ftp://"), "{kind}: {said}");
        assert!(!said.contains("secret"), "{kind}: {said}");
    }
}

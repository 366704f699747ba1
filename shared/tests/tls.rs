//! Both kinds of session check the certificate of a server, and the end of what it sends.
//!
//! The certificates come from authorities made for these tests. A session trusts what the system
//! trusts; only where an environment variable says what that is can a test decide it.
#![cfg(target_os = "linux")]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{env, fs, thread};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use shared::{Result, blocking, nonblocking};

const CLOSED: &str = "connection closed before the answer was complete";

/// A page whose end is told by its length, and one whose end is told by the end of the connection.
const WITH_LENGTH: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
const WITHOUT_LENGTH: &str = "HTTP/1.1 200 OK\r\n\r\nhello";

/// Whoever signs certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// Two of the same name could be taken for each other.
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// A server for this `host`, with a certificate of this authority's.
    fn server(&self, host: &str) -> Server {
        self.server_until(host, 2100)
    }

    fn server_until(&self, host: &str, year: i32) -> Server {
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Server {
            config: Arc::new(config),
            answer: WITH_LENGTH,
            says_goodbye: true,
        }
    }
}

/// A server that gives every client one answer.
#[derive(Clone)]
struct Server {
    config: Arc<ServerConfig>,
    answer: &'static str,
    /// Whether it sends a close_notify, the end of a TLS stream, before it closes the connection.
    says_goodbye: bool,
}

impl Server {
    /// Starts it; returns its port.
    fn start(self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for client in listener.incoming().map_while(io::Result::ok) {
                let server = self.clone();
                thread::spawn(move || server.answer(client));
            }
        });
        port
    }

    /// An error is a client that does not trust the server, and so goes away.
    fn answer(self, client: TcpStream) -> io::Result<()> {
        let connection = ServerConnection::new(self.config).unwrap();
        let mut stream = StreamOwned::new(connection, client);
        read_head(&mut stream)?;
        stream.write_all(self.answer.as_bytes())?;
        if self.says_goodbye {
            stream.conn.send_close_notify();
        }
        stream.flush()?;
        stream.sock.shutdown(Shutdown::Write)?;
        // To close a connection with something unread in it would be a reset.
        let _ = stream.sock.read_to_end(&mut Vec::new());
        Ok(())
    }
}

fn read_head(stream: &mut impl Read) -> io::Result<String> {
    let mut head = String::new();
    let mut lines = BufReader::new(stream);
    while !head.ends_with("\r\n\r\n") {
        if lines.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}

/// A proxy that tunnels to 127.0.0.1, whatever host it is asked for. Returns its port, and the
/// first lines of the requests that it gets.
fn proxy() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    thread::spawn({
        let asked = Arc::clone(&asked);
        move || {
            for client in listener.incoming().map_while(io::Result::ok) {
                let asked = Arc::clone(&asked);
                thread::spawn(move || tunnel(client, &asked));
            }
        }
    });
    (port, asked)
}

fn tunnel(mut client: TcpStream, asked: &Mutex<Vec<String>>) -> io::Result<()> {
    let head = read_head(&mut client)?;
    let line = head.lines().next().unwrap().to_owned();
    let port = line.rsplit([':', ' ']).nth(1).unwrap().parse().unwrap();
    asked.lock().unwrap().push(line);
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        to.shutdown(Shutdown::Write)
    });
    io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Write)
}

/// What each kind of session says of a page, on a system that trusts this authority.
#[track_caller]
fn both(
    trusted: &Authority,
    url: &str,
    environment: &[(&str, &str)],
    expected: std::result::Result<usize, &str>,
) {
    let name = format!("authority-{}.pem", url.replace(['/', ':'], "-"));
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, trusted.0.pem()).unwrap();
    // What the system trusts is read once in a process.
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "fetch", "--ignored", "--nocapture"])
        .env("TLS_TEST_URL", url)
        .env("SSL_CERT_FILE", &file)
        .env_remove("SSL_CERT_DIR")
        .envs(environment.iter().copied())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    for session in ["ureq", "reqwest"] {
        let said = stdout
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{session} said ")))
            .unwrap_or_else(|| panic!("{session} said nothing of {url}:\n{stdout}"));
        match expected {
            Ok(bytes) => assert_eq!(said, format!("{bytes} bytes"), "{session}, {url}"),
            Err(reason) => assert!(
                said.starts_with("failed: ") && said.contains(reason),
                "{session}, {url}: {said}, and no `{reason}`"
            ),
        }
    }
}

/// Not a test: what [`both`] has another process do.
#[test]
#[ignore = "the tests start it themselves"]
fn fetch() {
    let Ok(url) = env::var("TLS_TEST_URL") else {
        return;
    };
    let timeout = Duration::from_secs(60);
    let with_ureq = || -> Result<usize> {
        let session = blocking::new_session(timeout);
        Ok(blocking::read_page(session.get(&url))?.len())
    };
    let with_reqwest = async || -> Result<usize> {
        let session = nonblocking::new_session(timeout);
        Ok(nonblocking::read_page(session.get(&url)).await?.len())
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let outcomes = [
        ("ureq", with_ureq()),
        ("reqwest", runtime.block_on(with_reqwest())),
    ];
    for (session, outcome) in outcomes {
        match outcome {
            // The line that is under way says which test this is.
            Ok(bytes) => println!("\n{session} said {bytes} bytes"),
            Err(reason) => println!("\n{session} said failed: {reason}"),
        }
    }
}

fn url(port: u16) -> String {
    format!("https://127.0.0.1:{port}/")
}

#[test]
fn a_certificate_of_a_trusted_authority_is_good() {
    let authority = Authority::new("ours");
    let port = authority.server("127.0.0.1").start();
    both(&authority, &url(port), &[], Ok(5));
}

#[test]
fn an_unknown_authority_is_not_trusted() {
    let port = Authority::new("a stranger").server("127.0.0.1").start();
    both(
        &Authority::new("ours"),
        &url(port),
        &[],
        Err("certificate not trusted: "),
    );
}

#[test]
fn the_certificate_of_another_host_is_not_good() {
    let authority = Authority::new("ours");
    let port = authority.server("elsewhere.invalid").start();
    both(&authority, &url(port), &[], Err("certificate not "));
}

#[test]
fn an_expired_certificate_is_not_good() {
    let authority = Authority::new("ours");
    let port = authority.server_until("127.0.0.1", 2001).start();
    both(&authority, &url(port), &[], Err("certificate "));
}

#[test]
fn a_stream_that_is_cut_is_not_whole() {
    let authority = Authority::new("ours");
    for (answer, says_goodbye, expected) in [
        (WITHOUT_LENGTH, true, Ok(5)),
        (WITHOUT_LENGTH, false, Err(CLOSED)),
        (WITH_LENGTH, false, Ok(5)),
    ] {
        let server = Server {
            answer,
            says_goodbye,
            ..authority.server("127.0.0.1")
        };
        both(&authority, &url(server.start()), &[], expected);
    }
}

#[test]
fn a_certificate_is_checked_through_a_proxy() {
    let (authority, stranger) = (Authority::new("ours"), Authority::new("a stranger"));
    for (signed_by, host, expected) in [
        (&authority, "elsewhere.invalid", Ok(5)),
        (
            &stranger,
            "elsewhere.invalid",
            Err("certificate not trusted: "),
        ),
        (&authority, "other.invalid", Err("certificate not ")),
    ] {
        let server = signed_by.server(host).start();
        let (proxy, asked) = proxy();
        let proxy = format!("http://127.0.0.1:{proxy}");
        let url = format!("https://elsewhere.invalid:{server}/");
        let environment = [("HTTPS_PROXY", &*proxy), ("NO_PROXY", ""), ("no_proxy", "")];
        both(&authority, &url, &environment, expected);
        let connect = format!("CONNECT elsewhere.invalid:{server} HTTP/1.1");
        let asked = asked.lock().unwrap();
        // Once for each kind of session: what fails is not asked for again.
        assert_eq!(*asked, [connect.clone(), connect], "{expected:?}");
    }
}

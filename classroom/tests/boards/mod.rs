//! A board under way, and somebody who looks at it.

#![allow(dead_code, reason = "no test needs all of it")]

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longer than anything takes, on any machine.
pub const MINUTE: Duration = Duration::from_secs(60);

/// A board, which ends with this.
pub struct Board {
    pub process: Child,
    output: BufReader<ChildStdout>,
    /// What it said of itself until it had said all.
    pub introduction: String,
    /// `127.0.0.1:40123`
    pub address: String,
}

impl Board {
    /// Starts one on a free port, that takes no time over a page.
    pub fn start() -> Self {
        Self::start_with(&["--listen", "127.0.0.1:0", "--latency", "0"])
    }

    pub fn start_with(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_classroom"))
            .arg("board")
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = process.stdout.take().expect("it was asked for");
        let mut board = Self {
            process,
            output: BufReader::new(output),
            introduction: String::new(),
            address: String::new(),
        };
        let last = |line: &str| line.contains("python3 -c") || line.contains("recorded");
        loop {
            let line = board.line();
            assert!(!line.is_empty(), "it ended\n{}", board.introduction);
            board.introduction += &line;
            if last(&line) {
                break;
            }
        }
        let address = board.introduction.split("http://").nth(1);
        let address = address.and_then(|rest| rest.split('/').next());
        board.address = address.expect("it says where it is").to_owned();
        board
    }

    /// The next line that it prints.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it prints text");
        line
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("the board listens");
        stream.set_read_timeout(Some(MINUTE)).unwrap();
        stream
    }

    pub fn send(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        stream
    }

    /// The whole answer to a request over a connection of its own.
    pub fn ask(&self, request: &str) -> String {
        let request = format!("{request} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        self.raw(request.as_bytes())
    }

    pub fn raw(&self, request: &[u8]) -> String {
        let mut answer = Vec::new();
        // A connection that is reset has said what it had to say, too.
        let _ = self.send(request).read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path}"))
    }

    /// What the board says that it saw of a name.
    pub fn seen(&self, name: &str) -> Value {
        let answer = self.get(&format!("/{name}/seen"));
        let (_, body) = answer.split_once("\r\n\r\n").expect("it has a body");
        serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"))
    }

    /// Asks for a page and waits until the board has seen the request.
    pub fn hang(&self, name: &str, connections: usize) -> Vec<TcpStream> {
        let request = format!("GET /{name}/hang HTTP/1.1\r\nhost: x\r\n\r\n");
        let hanging = (0..connections).map(|_| self.send(request.as_bytes()));
        let hanging = hanging.collect();
        wait_until("the requests came", || {
            self.seen(name)["in_flight"] == connections
        });
        hanging
    }

    pub fn look(&self) -> Viewer {
        Viewer::new(self.send(b"GET /events HTTP/1.1\r\nhost: x\r\n\r\n"))
    }

    /// Ends it as Ctrl-C does.
    #[cfg(unix)]
    pub fn interrupt(&mut self) -> ExitStatus {
        use nix::sys::signal::{Signal, kill};
        let process = nix::unistd::Pid::from_raw(self.process.id() as i32);
        kill(process, Signal::SIGINT).expect("it runs");
        self.process.wait().expect("it ends")
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits for something that must happen, however slow the machine.
pub fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < MINUTE, "not yet: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Somebody who looks at the events, and puts together what they tell.
pub struct Viewer {
    lines: BufReader<TcpStream>,
    pub names: BTreeMap<u64, Name>,
    pub messages: usize,
    /// The last message, as it came.
    pub last: Value,
    /// All that was ever told.
    pub text: String,
}

#[derive(Default)]
pub struct Name {
    pub name: String,
    pub figures: Value,
    /// By the numbers of their requests: lane, start, end, outcome.
    pub bars: HashMap<u64, [u64; 4]>,
}

impl Name {
    pub fn bars_with(&self, outcome: u64) -> usize {
        self.bars.values().filter(|bar| bar[3] == outcome).count()
    }
}

pub const IN_FLIGHT: u64 = 0;
pub const GOOD: u64 = 1;
pub const FAILED: u64 = 2;
pub const LEFT: u64 = 3;

impl Viewer {
    fn new(stream: TcpStream) -> Self {
        Self {
            lines: BufReader::new(stream),
            names: BTreeMap::new(),
            messages: 0,
            last: Value::Null,
            text: String::new(),
        }
    }

    /// Takes the next message in; `false` when there are no more.
    pub fn next(&mut self) -> bool {
        loop {
            let mut line = String::new();
            match self.lines.read_line(&mut line) {
                Ok(0) => return false,
                read => read.expect("a message comes within a minute"),
            };
            self.text += &line;
            if let Some(message) = line.strip_prefix("data: ") {
                self.last = serde_json::from_str(message).expect("a message is JSON");
                break;
            }
        }
        self.messages += 1;
        if self.last["whole"] == true {
            self.names.clear();
        }
        for gone in self.last["gone"].as_array().expect("a list") {
            self.names.remove(&gone.as_u64().expect("a number"));
        }
        for shown in self.last["names"].as_array().expect("a list") {
            let id = shown["id"].as_u64().expect("a number");
            let name = self.names.entry(id).or_default();
            if name.figures["run"] != shown["run"] {
                name.bars.clear();
            }
            name.name = shown["name"].as_str().expect("a name").to_owned();
            name.figures = shown.clone();
            for bar in shown["bars"].as_array().expect("a list") {
                let bar: [u64; 5] = serde_json::from_value(bar.clone()).expect("five numbers");
                let [request, rest @ ..] = bar;
                name.bars.insert(request, rest);
            }
        }
        true
    }

    /// Looks on until something is to be seen of a name.
    pub fn until(&mut self, name: &str, seen: impl Fn(&Name) -> bool) -> &Name {
        while !self.name(name).is_some_and(&seen) {
            assert!(self.next(), "the events ended");
        }
        self.name(name).expect("it was seen")
    }

    pub fn name(&self, name: &str) -> Option<&Name> {
        self.names.values().find(|shown| shown.name == name)
    }
}

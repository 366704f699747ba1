//! Chromium, told what to do over its DevTools protocol.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

use super::boards::MINUTE;

/// A browser with one page open, which ends with this.
pub struct Browser {
    process: Child,
    page: WebSocket<TcpStream>,
    asked: u64,
    /// What the page complained about.
    pub complaints: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    /// `None` where there is no browser.
    pub fn open(url: &str) -> Option<Self> {
        let browser = ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find(|browser| {
                let mut version = Command::new(browser);
                version
                    .arg("--version")
                    .stdout(Stdio::null())
                    .stderr(Stdio::null());
                version.status().is_ok_and(|status| status.success())
            })?;
        let profile = tempfile::tempdir().expect("a folder can be made");
        let mut process = Command::new(browser)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .args([
                "--disable-sync",
                "--disable-quic",
                "--disable-dev-shm-usage",
            ])
            .args(["--window-size=1280,800", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the browser starts");
        let mut said = BufReader::new(process.stderr.take().expect("it was asked for"));
        let mut line = String::new();
        let address = loop {
            line.clear();
            let read = said.read_line(&mut line).expect("it says text");
            assert!(read > 0, "the browser ended");
            if let Some((_, address)) = line.split_once("listening on ws://") {
                break address.split('/').next().expect("an address").to_owned();
            }
        };
        std::thread::spawn(
            move || while said.read_line(&mut String::new()).is_ok_and(|n| n > 0) {},
        );
        let mut browser = Self {
            process,
            page: connect(&address),
            asked: 0,
            complaints: Vec::new(),
            _profile: profile,
        };
        for domain in ["Page", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        let size = json!({"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": false});
        browser.call("Emulation.setDeviceMetricsOverride", size);
        browser.go(url);
        Some(browser)
    }

    pub fn go(&mut self, url: &str) {
        self.call("Page.navigate", json!({"url": url}));
    }

    /// The value of an expression in the page.
    pub fn value(&mut self, expression: &str) -> Value {
        let arguments =
            json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut answer = self.call("Runtime.evaluate", arguments);
        assert!(
            answer["exceptionDetails"].is_null(),
            "{expression}: {answer}"
        );
        answer["result"]["value"].take()
    }

    /// A key pressed and let go.
    pub fn press(&mut self, key: &str, code: u32, text: &str) {
        let key = json!({"key": key, "code": key, "windowsVirtualKeyCode": code, "text": text});
        for kind in ["keyDown", "keyUp"] {
            let mut event = key.clone();
            event["type"] = kind.into();
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let ask = json!({"id": self.asked, "method": method, "params": params});
        self.page
            .send(Message::text(ask.to_string()))
            .expect("the browser listens");
        loop {
            let message = self.page.read().expect("the browser answers");
            let Message::Text(text) = message else {
                continue;
            };
            let mut answer: Value = serde_json::from_str(&text).expect("it is JSON");
            if answer["id"] == self.asked {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].take();
            }
            let error = answer["params"]["entry"]["level"] == "error";
            if error || answer["method"] == "Runtime.exceptionThrown" {
                self.complaints.push(answer);
            }
        }
    }
}

fn connect(address: &str) -> WebSocket<TcpStream> {
    use std::io::{Read, Write};
    let open = || {
        let stream = TcpStream::connect(address).expect("the browser listens");
        stream
            .set_read_timeout(Some(MINUTE))
            .expect("it can be limited");
        stream
    };
    let mut list = open();
    let request = format!("GET /json HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    list.write_all(request.as_bytes()).expect("it listens");
    let mut answer = String::new();
    // It may keep the connection open, so the end of the list is what ends it.
    let mut some = [0; 4096];
    while !answer.trim_end().ends_with(']') {
        let read = list.read(&mut some).expect("it answers");
        assert!(read > 0, "{answer}");
        answer += &String::from_utf8_lossy(&some[..read]);
    }
    let (_, pages) = answer.split_once("\r\n\r\n").expect("it has a body");
    let pages: Value = serde_json::from_str(pages).expect("it is JSON");
    let page = pages
        .as_array()
        .expect("a list")
        .iter()
        .find(|page| page["type"] == "page");
    let url = page.expect("one is open")["webSocketDebuggerUrl"]
        .as_str()
        .expect("an address");
    tungstenite::client(url, open())
        .expect("it takes a socket")
        .0
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Its children end with it. It may have ended itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

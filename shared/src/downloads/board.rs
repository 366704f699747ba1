//! A board: a practice site that many share, each under a name.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use url::Url;

use crate::output::counted;
use crate::site::summary;
use crate::{Error, Result, println};

/// How long a board may take to tell what it has seen.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a board tells has less than 300 bytes.
const LONGEST_ANSWER: usize = 10_000;

/// The pages that a board has under one name.
#[derive(Clone)]
pub(super) struct Board {
    /// Ends with the name.
    url: Url,
    /// What had been seen of the name before this program asked for anything.
    before: Seen,
}

/// What a board tells of a name: counted from the beginning of a run.
#[derive(Clone, Default)]
struct Seen {
    run: usize,
    requests: usize,
    in_flight: usize,
    most_in_flight: usize,
    connections: usize,
}

impl Board {
    /// Reads an address like `http://127.0.0.1:8000/ada`.
    ///
    /// # Errors
    /// It is none, or has no name in it.
    pub fn at(address: &str) -> std::result::Result<Self, String> {
        let expected = || "must be like http://127.0.0.1:8000/NAME".to_owned();
        let mut url = Url::parse(address).map_err(|_| expected())?;
        let path = url.path().trim_matches('/').to_owned();
        let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if url.scheme() != "http" || !plain || path.is_empty() || path.contains('/') {
            return Err(expected());
        }
        url.set_path(&path);
        Ok(Self {
            url,
            before: Seen::default(),
        })
    }

    /// Lets a run of this program begin, so that it is counted alone.
    ///
    /// # Errors
    /// There is no board, or it does not take the name.
    pub fn begin(mut self) -> Result<Self> {
        self.before = self.ask("POST")?;
        Ok(self)
    }

    /// The address of a page: `board.url("/dice")`.
    pub fn url(&self, page: &str) -> String {
        format!("{}{page}", self.url)
    }

    /// Says what the board saw of this program, which has asked for so many pages.
    ///
    /// # Errors
    /// The board does not tell any more.
    pub fn report(&self, pages: usize) -> Result<()> {
        let seen = self.ask("GET")?;
        // A run that began meanwhile began with nothing.
        let nothing = Seen::default();
        let before = match seen.run == self.before.run {
            true => &self.before,
            false => &nothing,
        };
        let requests = seen.requests.saturating_sub(before.requests);
        let connections = seen.connections.saturating_sub(before.connections);
        println!("{}", summary(seen.most_in_flight, connections));
        let came = format!(
            "{} came for {}",
            counted(requests, "request"),
            counted(pages, "page")
        );
        if self.before.in_flight > 0 {
            println!("Others used this name meanwhile: {came}");
        } else if requests > pages {
            println!("{came}: did this program ask more than once, or did others use this name?");
        } else if requests < pages {
            println!("{came}: did this program keep pages, or did the board forget requests?");
        }
        Ok(())
    }

    fn ask(&self, method: &str) -> Result<Seen> {
        let doing = format!("cannot ask {}/seen", self.url);
        let failed = |reason: &str| Error::new(reason).while_doing(&doing);
        let no_board = || failed("that is no board");
        let text = self
            .exchange(method, Instant::now() + PATIENCE)
            .map_err(|error| match error.kind() {
                // Which of them it is depends on the system.
                ErrorKind::WouldBlock | ErrorKind::TimedOut => failed("no answer came in time"),
                _ => Error::from(error).while_doing(&doing),
            })?;
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).unwrap_or_default();
        if status != "200" {
            // Whatever else refuses says so in HTML.
            let is_text = head.contains("\r\ncontent-type: text/plain");
            let reason = body.lines().last().filter(|_| is_text);
            return Err(reason.map_or_else(no_board, failed));
        }
        let number = |name: &str| {
            let (_, rest) = body.split_once(&format!("\"{name}\":"))?;
            let digits = rest.trim_start().split(|c: char| !c.is_ascii_digit());
            digits.into_iter().next()?.parse().ok()
        };
        let seen = || {
            Some(Seen {
                run: number("run")?,
                requests: number("requests")?,
                in_flight: number("in_flight")?,
                most_in_flight: number("most_in_flight")?,
                connections: number("connections")?,
            })
        };
        seen().ok_or_else(no_board)
    }

    /// Asks once, over a connection of its own, as plainly as HTTP allows.
    fn exchange(&self, method: &str, deadline: Instant) -> io::Result<String> {
        let time_left = || match deadline.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(io::Error::from(ErrorKind::TimedOut)),
            time => Ok(time),
        };
        let mut connected = Err(ErrorKind::NotFound.into());
        for address in self.url.socket_addrs(|| None)? {
            connected = TcpStream::connect_timeout(&address, time_left()?);
            if connected.is_ok() {
                break;
            }
        }
        let mut stream = connected?;
        stream.set_write_timeout(Some(time_left()?))?;
        let host = &self.url[url::Position::BeforeHost..url::Position::AfterPort];
        let path = self.url.path();
        let head = format!("{method} {path}/seen HTTP/1.0\r\nhost: {host}\r\n");
        stream.write_all(format!("{head}content-length: 0\r\n\r\n").as_bytes())?;
        let mut answer = Vec::new();
        let mut piece = [0; 1_024];
        while answer.len() < LONGEST_ANSWER {
            stream.set_read_timeout(Some(time_left()?))?;
            match stream.read(&mut piece)? {
                0 => break,
                bytes => answer.extend_from_slice(&piece[..bytes]),
            }
        }
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn the_address_of_a_board_has_a_name_in_it_and_nothing_more() {
        for address in [
            "http://127.0.0.1:8000/ada",
            "http://[::1]:8000/ada/",
            "http://room.example/ada",
        ] {
            let board = Board::at(address).unwrap();
            let page = format!("{}/dice", address.trim_end_matches('/'));
            assert_eq!(board.url("/dice"), page);
        }
        for address in [
            "ada",
            "127.0.0.1:8000/ada",
            "http://127.0.0.1:8000",
            "http://127.0.0.1:8000/",
            "http://127.0.0.1:8000/ada/dice",
            "http://127.0.0.1:8000/ada?x",
            "https://127.0.0.1:8000/ada",
            "http://ada@127.0.0.1:8000/ada",
        ] {
            assert!(Board::at(address).is_err(), "{address}");
        }
    }

    /// The address of a server that answers every request so.
    fn server(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for client in listener.incoming().map_while(io::Result::ok) {
                let mut request = String::new();
                BufReader::new(&client).read_line(&mut request).unwrap();
                let _ = (&client).write_all(answer.as_bytes());
            }
        });
        format!("http://{address}/ada")
    }

    const FIGURES: &str = "HTTP/1.0 200 OK\r\n\r\n{\"run\": 1, \"requests\": 0, \"in_flight\": 0, \
                           \"most_in_flight\": 0, \"connections\": 0}";

    #[test]
    fn who_is_no_board_is_told_in_a_line() {
        let no_board = "that is no board";
        for (answer, reason) in [
            ("", no_board),
            ("HTTP/1.0 200 OK\r\n\r\n", no_board),
            (&FIGURES[..FIGURES.len() / 2], no_board),
            ("HTTP/1.0 500 No\r\n\r\n", no_board),
            (
                "HTTP/1.0 501 No\r\ncontent-type: text/html\r\n\r\n<html>\n</html>\n",
                no_board,
            ),
            (
                "HTTP/1.0 403 No\r\ncontent-type: text/plain; charset=utf-8\r\n\r\nNot you.\n",
                "Not you.",
            ),
        ] {
            let url = server(answer);
            let error = Board::at(&url).unwrap().begin().err().expect("an error");
            assert_eq!(
                error.to_string(),
                format!("cannot ask {url}/seen: {reason}")
            );
        }
        assert!(Board::at(&server(FIGURES)).unwrap().begin().is_ok());
    }

    /// A byte now and then does not buy it more time.
    #[test]
    fn a_board_has_so_much_time_and_no_more() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/ada", listener.local_addr().unwrap());
        let board = Board::at(&url).unwrap();
        let asking = thread::spawn(move || {
            board.exchange("GET", Instant::now() + Duration::from_millis(200))
        });
        let (mut client, _) = listener.accept().unwrap();
        while !asking.is_finished() {
            let _ = client.write_all(b".");
            thread::sleep(Duration::from_millis(1));
        }
        let error = asking.join().unwrap().unwrap_err();
        let kinds = [ErrorKind::WouldBlock, ErrorKind::TimedOut];
        assert!(kinds.contains(&error.kind()), "{error}");
    }
}

//! What a request to the board gets: the page, its events, or a practice page under a name.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};

use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::http::uri::Authority;
use hyper::{Method, Request, Response, StatusCode};
use shared::site::{Answer, Client, Host, Page};

use super::names::{MAX_NAMES, RULE, Refusal};
use super::page;
use super::room::Room;
use super::viewers::Viewers;

/// The board as a host of practice pages.
pub struct Board {
    room: Arc<Room>,
    viewers: Arc<Viewers>,
    /// Where it is, and the page that tells it.
    place: OnceLock<(IpAddr, page::Page)>,
    /// What is shown happened another time, so nothing is added.
    replaying: bool,
}

impl Board {
    pub fn new(room: Arc<Room>, replaying: bool) -> Self {
        Self {
            room,
            viewers: Arc::default(),
            place: OnceLock::new(),
            replaying,
        }
    }

    /// Says where it is to be found, which is not known before it listens.
    pub fn is_at(&self, address: SocketAddr) {
        let page = page::Page::new(&address.to_string());
        self.place.get_or_init(|| (address.ip(), page));
    }

    pub fn viewers(&self) -> Arc<Viewers> {
        Arc::clone(&self.viewers)
    }

    /// Whether somebody sits at the machine that the board runs on.
    fn is_here(&self, client: Client) -> bool {
        let machine = client.machine.to_canonical();
        let is_own = |(address, _): &(IpAddr, page::Page)| *address == machine;
        machine.is_loopback() || self.place.get().is_some_and(is_own)
    }

    fn events(&self, client: Client) -> Response<Page> {
        let here = self.is_here(client);
        let Some(events) = self.viewers.welcome(&self.room, here) else {
            return text(
                StatusCode::SERVICE_UNAVAILABLE,
                "There are too many viewers already.\n",
            );
        };
        answer(StatusCode::OK, "text/event-stream", Page::stream(events))
    }

    /// Only somebody who sits at this machine may clear the board, and no page of anybody else's
    /// that is open there.
    fn clear(&self, request: &Request<Incoming>, client: Client) -> Response<Page> {
        if !self.is_here(client) || is_of_another_page(request) {
            return text(
                StatusCode::FORBIDDEN,
                "Only the machine that the board runs on can clear it.\n",
            );
        }
        self.room.clear();
        text(StatusCode::OK, "Cleared.\n")
    }

    /// What was seen of a name; after `POST`, of a run that begins with the next request.
    fn seen(&self, request: &Request<Incoming>, name: &str) -> Response<Page> {
        let begun = match *request.method() {
            Method::POST => self.room.begin_run(name),
            _ => Ok(()),
        };
        match begun.and_then(|()| self.room.figures(name)) {
            Ok(figures) => {
                let json = serde_json::json!({
                    "name": name,
                    "run": figures.run,
                    "requests": figures.requests,
                    "good": figures.good,
                    "in_flight": figures.in_flight,
                    "most_in_flight": figures.most_in_flight,
                    "connections": figures.connections,
                });
                let json = Page::whole(format!("{json}\n"));
                answer(StatusCode::OK, "application/json", json)
            }
            Err(refusal) => refuse(&refusal),
        }
    }
}

/// Whether a browser asks for a page that did not come from here, as far as it tells. A name proves
/// nothing: whoever owns one can let it lead here after their page has come from elsewhere.
fn is_of_another_page(request: &Request<Incoming>) -> bool {
    let head = |name| request.headers().get(name).map(HeaderValue::as_bytes);
    let Some(origin) = head(header::ORIGIN) else {
        return false;
    };
    let host = head(header::HOST).and_then(|host| Authority::try_from(host).ok());
    let from_here = host.is_some_and(|host| {
        let name = host.host().trim_matches(['[', ']']);
        let is_here = name == "localhost" || name.parse::<IpAddr>().is_ok();
        is_here && origin == format!("http://{host}").as_bytes()
    });
    !from_here
}

impl Host for Board {
    fn connected(&self) -> usize {
        self.room.connected()
    }

    fn receive<'a>(&self, request: &'a Request<Incoming>, client: Client) -> Answer<'a> {
        let path = request.uri().path();
        let post = request.method() == Method::POST;
        let own = match path {
            "/" => match self.place.get() {
                Some((_, page)) => page.answer(),
                None => text(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The board is about to open.\n",
                ),
            },
            "/events" => self.events(client),
            "/clear" if post => self.clear(request, client),
            _ => {
                let split = path.strip_prefix('/').and_then(|path| path.split_once('/'));
                match split.filter(|(_, rest)| !rest.is_empty()) {
                    None => text(StatusCode::NOT_FOUND, PATHS),
                    Some((name, "seen")) => self.seen(request, name),
                    Some(_) if self.replaying => text(
                        StatusCode::SERVICE_UNAVAILABLE,
                        "This board shows what was recorded, and has no practice pages meanwhile.\n",
                    ),
                    Some((name, _)) => match self.room.seat(name) {
                        Ok(seat) => {
                            return Answer::Practice {
                                path: &path[1 + name.len()..],
                                witness: Arc::new(seat),
                            };
                        }
                        Err(refusal) => refuse(&refusal),
                    },
                }
            }
        };
        Answer::Own(own)
    }
}

const PATHS: &str = "\
Not here. The board is at /, and a practice page is under a name of your choice:
/NAME/jython /NAME/dice /NAME/status/CODE /NAME/truncated /NAME/reset /NAME/hang /NAME/huge
/NAME/seen tells what was seen of that name.
";

fn refuse(refusal: &Refusal) -> Response<Page> {
    match refusal {
        Refusal::NoName => text(
            StatusCode::NOT_FOUND,
            format!("{PATHS}As to NAME: {RULE}.\n"),
        ),
        Refusal::NotOnTheList => text(
            StatusCode::FORBIDDEN,
            "This board takes only the names that it was given, and this is none of them.\n",
        ),
        Refusal::Full => text(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("All {MAX_NAMES} names are in use.\n"),
        ),
    }
}

fn text(status: StatusCode, text: impl Into<Bytes>) -> Response<Page> {
    answer(status, "text/plain; charset=utf-8", Page::whole(text))
}

fn answer(status: StatusCode, content_type: &'static str, page: Page) -> Response<Page> {
    let mut response = Response::new(page);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

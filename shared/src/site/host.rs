//! Who a request is for: so that many can share one site, each with a name, and be told apart.

use std::net::IpAddr;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Request, Response};

use super::pages::Page;

/// Decides what every request gets.
pub trait Host: Send + Sync + 'static {
    /// Gives a connection that was opened its number.
    fn connected(&self) -> usize;

    /// Decides what a request gets, at once: other clients wait meanwhile.
    fn receive<'a>(&self, request: &'a Request<Incoming>, client: Client) -> Answer<'a>;
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    /// The number that the host gave to the connection.
    pub connection: usize,
    /// The machine at the other end of it.
    pub machine: IpAddr,
}

/// What a request gets.
pub enum Answer<'a> {
    /// A practice page, good or bad: what the site has under this path.
    Practice {
        path: &'a str,
        witness: Arc<dyn Witness>,
    },
    /// Something of the host's own, which no witness is told of.
    Own(Response<Page>),
}

/// Who is told of the requests for practice pages.
pub trait Witness: Send + Sync {
    /// A request has come over this connection.
    fn came(&self, path: &str, connection: usize) -> Arrival;

    /// A request gets an answer, with a body of so many bytes, if there is an end to it.
    fn answers(&self, _request: usize, _status: u16, _bytes: Option<usize>) {}

    /// A request gets all that it is to get, and whether that is a page: a status from 200 to 299
    /// and the whole body.
    fn answered(&self, request: usize, good: bool);

    /// A request is in flight no more, and whether its client left before it was answered.
    fn ended(&self, request: usize, left: bool);
}

/// A request that has come.
pub struct Arrival {
    /// What the witness knows it by.
    pub request: usize,
    /// How many are in flight with it, itself included.
    pub at_once: usize,
}

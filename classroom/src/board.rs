//! The board: the practice site for a whole room, with a page that draws every request while it
//! is in flight.
//!
//! Its parts are the [`names`] that may be used; the [`room`], which knows who has asked for what;
//! the [`host`], which decides what a request gets; the [`viewers`], who are told of what changes,
//! twenty times a second; the [`page`] that they see; and the [`recording`] of an hour.

mod host;
mod names;
mod page;
mod recording;
mod room;
mod viewers;

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use shared::output::counted;
use shared::site::RunningSite;
use shared::{Error, Result, open_files, println};

use crate::interruption::{notice_interruptions, wait_for_interruption};
use host::Board;
use names::Names;
use recording::{Recorder, Replay};
use room::Room;
use viewers::Ticker;

/// What a board is asked to be.
pub struct Request {
    /// A free port near 8000 of 127.0.0.1, if nothing else is asked for.
    pub listen: Option<SocketAddr>,
    /// How long it takes over every practice page.
    pub latency: Duration,
    /// A file with a name in every line: only these may be used.
    pub names: Option<PathBuf>,
    /// Where to note what happens.
    pub record: Option<PathBuf>,
    /// What was noted: to be shown in place of what happens.
    pub replay: Option<PathBuf>,
}

/// Where it listens by default: on the first of these that is free.
const PORTS: std::ops::Range<u16> = 8000..8100;

/// As many connections as it keeps open at once: for 30 programs with a hundred each, and more.
const MAX_CONNECTIONS: usize = 4096;

/// Runs a board until Ctrl-C ends it.
///
/// # Errors
/// The address is taken, a file cannot be read or written, or the system refuses.
pub fn run(request: &Request) -> Result<ExitCode> {
    let names = match &request.names {
        Some(file) => Names::read(file)?,
        None => Names::All,
    };
    let replay = request.replay.as_deref().map(Replay::open).transpose()?;
    // What comes before may wait for a file, so there Ctrl-C ends it at once.
    notice_interruptions()?;
    let recorder = request
        .record
        .as_deref()
        .map(Recorder::create)
        .transpose()?;
    let room = Arc::new(Room::new(names, recorder.is_some()));
    let connections = open_files::most_connections(MAX_CONNECTIONS);
    let board = Arc::new(Board::new(Arc::clone(&room), replay.is_some()));
    let start = |address| {
        RunningSite::start(
            address,
            request.latency,
            connections,
            Arc::clone(&board) as _,
        )
    };
    let site = match request.listen {
        Some(address) => start(address).map_err(|error| (address, error)),
        None => start_near(start),
    };
    let site = site.map_err(|(address, error)| {
        Error::from(error).while_doing(&format!("cannot listen on {address}"))
    })?;
    let ticker = Ticker::start(Arc::clone(&room), board.viewers(), recorder)?;
    let replaying = replay.is_some();
    let replay = replay.map(|replay| replay.start(&room)).transpose()?;
    let address = site.address();
    let shown = SocketAddr::new(reachable(address.ip()), address.port());
    board.is_at(shown);
    introduce(address, shown, connections, replaying);
    wait_for_interruption();
    board.viewers().dismiss();
    drop(site);
    // The replay first, for it adds to what the ticker tells.
    let replayed = replay.is_none_or(|replay| replay.stop());
    let recorded = ticker.stop();
    Ok(ExitCode::from(u8::from(!(replayed && recorded))))
}

type Started = std::result::Result<RunningSite, (SocketAddr, io::Error)>;

fn start_near(start: impl Fn(SocketAddr) -> io::Result<RunningSite>) -> Started {
    let mut ports = PORTS;
    loop {
        let port = ports.next().unwrap_or(0);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        match start(address) {
            Err(error) if port != 0 && is_taken(&error) => {}
            started => return started.map_err(|error| (address, error)),
        }
    }
}

/// Windows does not let anybody have a port that it keeps for itself.
fn is_taken(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::AddrInUse | ErrorKind::PermissionDenied
    )
}

/// Says where the board is, and how to use it.
fn introduce(address: SocketAddr, shown: SocketAddr, connections: usize, replaying: bool) {
    println!("The board is at http://{shown}/ (Ctrl-C ends it)");
    if address.ip().is_loopback() {
        println!(
            "Only programs on this machine can reach it. --listen 0.0.0.0:{} would let in everybody \
             who\ncan reach this machine.",
            address.port()
        );
    } else {
        println!(
            "Everybody who can reach this machine can ask it for pages, under any name, and see the \
             board.\nNothing is encrypted, and nobody has to say who they are."
        );
    }
    if connections < MAX_CONNECTIONS {
        let connections = counted(connections, "connection");
        println!("The system allows it {connections} at once: more have to wait.");
    }
    if replaying {
        println!("It shows what was recorded, and has no practice pages meanwhile.");
        return;
    }
    println!(
        "
Programs ask it for pages under a name, here ada:
  cargo run -p threaded-downloader -- --site http://{shown}/ada
  curl http://{shown}/ada/jython
  python3 -c \"import requests; print(requests.get('http://{shown}/ada/dice').text)\""
    );
}

/// An address that others can type for this one.
fn reachable(listening: IpAddr) -> IpAddr {
    if !listening.is_unspecified() {
        return listening;
    }
    // To connect such a socket sends nothing; it only finds the way, from here to there.
    let (here, there): (IpAddr, IpAddr) = match listening {
        IpAddr::V4(any) => (any.into(), Ipv4Addr::new(192, 0, 2, 1).into()),
        IpAddr::V6(any) => (
            any.into(),
            Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
        ),
    };
    let own = UdpSocket::bind((here, 0)).and_then(|socket| {
        socket.connect((there, 9))?;
        socket.local_addr()
    });
    // A machine without a network has still itself.
    own.map_or_else(
        |_| match listening {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        },
        |own| own.ip(),
    )
}

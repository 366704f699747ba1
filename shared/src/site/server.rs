//! The server of the practice site: it takes connections and answers requests until it is
//! stopped.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::connections::{Connection, Connections, Limits, Phase, Place};
use super::flaky::Flaky;
use super::host::{Answer, Client, Host};
use super::log::InFlight;
use super::manner::Manner;
use super::pages::{self, Cut, Page};
use super::stream::Stream;

/// How long a stopping site lets answers that are under way finish.
const STOP_TIMEOUT: Duration = Duration::from_millis(250);

/// How long the site waits when the system lets it take no more connections.
const EXHAUSTED: Duration = Duration::from_millis(10);

/// A site that listens, and will answer when it [serves](Server::serve).
pub(super) struct Server {
    runtime: Runtime,
    listener: TcpListener,
}

impl Server {
    /// Opens everything that can fail, so that the starter hears of it.
    pub fn open(address: SocketAddr, limits: &Limits) -> io::Result<(Self, SocketAddr)> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let listen = async {
            let socket = match address {
                SocketAddr::V4(_) => TcpSocket::new_v4(),
                SocketAddr::V6(_) => TcpSocket::new_v6(),
            }?;
            // Elsewhere two programs could listen on one port, then.
            #[cfg(unix)]
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            // Everybody may come at the same moment; who finds no place in the queue has to wait
            // for a second and more before trying again.
            let queue = u32::try_from(limits.connections).unwrap_or(u32::MAX);
            socket.listen(queue)
        };
        let listener = runtime.block_on(listen)?;
        let address = listener.local_addr()?;
        Ok((Self { runtime, listener }, address))
    }

    /// Serves until `stopped`, then lets the answers under way finish for a moment.
    pub fn serve(
        self,
        manner: Manner,
        limits: Limits,
        host: Arc<dyn Host>,
        stopped: oneshot::Receiver<()>,
    ) {
        let graceful = Arc::new(GracefulShutdown::new());
        let reception = Reception {
            listener: self.listener,
            connections: Arc::new(Connections::new(limits)),
            manner: Arc::new(manner),
            flaky: Arc::default(),
            host,
            graceful: Arc::clone(&graceful),
        };
        self.runtime.block_on(async {
            let accepting = tokio::spawn(reception.accept());
            // The sender never sends: it is dropped together with the site.
            let _ = stopped.await;
            accepting.abort();
            let _ = accepting.await;
            if let Some(graceful) = Arc::into_inner(graceful) {
                // What has not finished by then is cut off with the runtime.
                let _ = timeout(STOP_TIMEOUT, graceful.shutdown()).await;
            }
        });
    }
}

/// What it takes to receive clients.
struct Reception {
    listener: TcpListener,
    connections: Arc<Connections>,
    manner: Arc<Manner>,
    flaky: Arc<Flaky>,
    host: Arc<dyn Host>,
    graceful: Arc<GracefulShutdown>,
}

impl Reception {
    async fn accept(self) -> Infallible {
        let connections = Arc::clone(&self.connections);
        tokio::spawn(async move { connections.look_after().await });
        loop {
            match self.listener.accept().await {
                Ok((stream, address)) => {
                    let number = self.host.connected();
                    let place = self.connections.open(number).await;
                    let client = Client {
                        connection: number,
                        machine: address.ip(),
                    };
                    self.receive(stream, client, place);
                }
                Err(error) if client_left(&error) => {}
                // Out of file descriptors, mostly: a client that has had its time gives one back.
                Err(_) => {
                    self.connections.cut_longest();
                    sleep(EXHAUSTED).await;
                }
            }
        }
    }

    fn receive(&self, stream: TcpStream, client: Client, place: Place) {
        let _ = stream.set_nodelay(true);
        let stream = Stream::new(stream);
        let visit = Arc::new(Visit {
            client,
            connection: Arc::clone(&place.connection),
            stream: stream.clone(),
            manner: Arc::clone(&self.manner),
            flaky: Arc::clone(&self.flaky),
            host: Arc::clone(&self.host),
        });
        let service = service_fn(move |request: Request<Incoming>| {
            let visit = Arc::clone(&visit);
            async move { visit.answer(&request).await }
        });
        let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        let serving = self.graceful.watch(serving);
        tokio::spawn(async move {
            // An error here is a client that left early, or one that the site itself cut off.
            let _ = first(serving, place.connection.cut.notified()).await;
        });
    }
}

/// Whether it was only this one client that came to nothing.
fn client_left(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    )
}

/// A client that has connected.
struct Visit {
    client: Client,
    connection: Arc<Connection>,
    stream: Stream,
    manner: Arc<Manner>,
    flaky: Arc<Flaky>,
    host: Arc<dyn Host>,
}

impl Visit {
    /// Answers one request; an error closes the connection at once.
    async fn answer(&self, request: &Request<Incoming>) -> Result<Response<Page>, Cut> {
        let (path, witness) = match self.host.receive(request, self.client) {
            Answer::Practice { path, witness } => (path, witness),
            Answer::Own(mut response) => {
                response.body_mut().sent_over(&self.connection);
                return Ok(response);
            }
        };
        let fails = self.flaky.fails(path, request.uri());
        let number = self.client.connection;
        let mut request = InFlight::begin(witness, path, number, &self.connection);
        let hangs = path == "/hang";
        if self.manner.waits() {
            self.connection.enter(Phase::Waiting);
            let waiting = self.manner.wait(&mut request, hangs);
            first(waiting, self.stream.gone()).await.ok_or(Cut)?;
        }
        if hangs {
            self.connection.enter(Phase::Hanging);
            self.stream.gone().await;
            return Err(Cut);
        }
        self.connection.enter(Phase::Taking);
        pages::answer(path, fails, request)
    }
}

/// Waits for whichever ends first, and gives what came of `wanted` if it was that.
async fn first<T>(wanted: impl Future<Output = T>, other: impl Future) -> Option<T> {
    let (mut wanted, mut other) = (pin!(wanted), pin!(other));
    poll_fn(|context| match wanted.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => other.as_mut().poll(context).map(|_| None),
    })
    .await
}

//! One listener and the clients that come through it.

use std::io;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::select;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::sleep;

use crate::limits::{ACCEPT_PAUSE, HEADER_BYTES_MAX, Limits};
use crate::peer::Peer;
use crate::routes;
use crate::server::Server;
use crate::work::Shared;
use crate::write_deadline::WriteDeadline;

/// What every request of one listener can see.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) kind: DoorKind,
    pub(crate) server: Arc<dyn Server>,
    pub(crate) host_names: Arc<[String]>,
    pub(crate) shared: Arc<Shared>,
    /// What goes on without end has to end with this.
    pub(crate) stopping: watch::Receiver<()>,
}

/// Where the clients of a door come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DoorKind {
    /// From anywhere, so nobody is trusted.
    Network,
    /// From this machine, past the mode of the socket's file, so they are its owner.
    Local,
}

impl Door {
    /// Serves clients until the stop.
    pub(crate) async fn serve<L: Listener>(
        self,
        listener: L,
        limits: Limits,
        mut stopping: watch::Receiver<()>,
    ) {
        let router = routes::router(self);
        let places = Arc::new(Semaphore::new(limits.connections_max.min(Semaphore::MAX_PERMITS)));
        loop {
            let (client, place) = select! {
                _ = stopping.changed() => return,
                client = next_client(&listener, &places) => client,
            };
            let serving = serve_client(client, router.clone(), limits, stopping.clone());
            tokio::spawn(async move {
                serving.await;
                drop(place);
            });
        }
    }
}

/// A source of clients.
pub(crate) trait Listener: Send + Sync + 'static {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    fn next(&self) -> impl Future<Output = io::Result<(Self::Stream, Peer)>> + Send;
}

impl Listener for TcpListener {
    type Stream = TcpStream;

    async fn next(&self) -> io::Result<(TcpStream, Peer)> {
        let (stream, _) = self.accept().await?;
        // Without it a short answer may wait for the acknowledgement of the one before. A client that is gone
        // already fails here, and reading will tell.
        let _ = stream.set_nodelay(true);
        Ok((stream, Peer::STRANGER))
    }
}

impl Listener for UnixListener {
    type Stream = UnixStream;

    async fn next(&self) -> io::Result<(UnixStream, Peer)> {
        let (stream, _) = self.accept().await?;
        let peer = Peer::of(&stream);
        Ok((stream, peer))
    }
}

/// Waits for a free place, and then for a client to take it.
async fn next_client<L: Listener>(
    listener: &L,
    places: &Arc<Semaphore>,
) -> ((L::Stream, Peer), OwnedSemaphorePermit) {
    let place = Arc::clone(places).acquire_owned().await.expect("nobody closes the semaphore");
    let mut failed = false;
    loop {
        match listener.next().await {
            Ok(client) => return (client, place),
            Err(error) => {
                if !failed {
                    tracing::warn!(%error, "could not accept an HTTP client, trying again");
                }
                failed = true;
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve_client(
    (stream, peer): (impl AsyncRead + AsyncWrite + Unpin + Send + 'static, Peer),
    router: Router,
    limits: Limits,
    mut stopping: watch::Receiver<()>,
) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(peer);
        router.call(request)
    });
    // Only hyper's own builder, given a timer, also closes a client that sends nothing at all.
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(WriteDeadline::new(stream, limits.write_stall)), service);
    let mut serving = pin!(serving);
    let ended = select! {
        ended = serving.as_mut() => ended,
        _ = stopping.changed() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection ended early");
    }
}

//! One listener and the clients that come through it.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::select;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::answered::Answered;
use crate::guard;
use crate::host::HostNames;
use crate::limits::{ACCEPT_PAUSE, HEADER_BYTES_MAX, Limits};
use crate::peer::Peer;
use crate::places::{Counts, Place, Places};
use crate::routes;
use crate::server::Server;
use crate::tls::Identity;
use crate::work::Shared;
use crate::write_deadline::WriteDeadline;

/// What the kernel keeps of an answer that a client in the network has not taken yet. By itself it grows to
/// megabytes for each client that stops reading. Twice this, as the kernel counts it, still carries 5 MB a second over
/// a path of 50 ms there and back.
const SEND_BUFFER_BYTES: usize = 256 * 1024;

/// What every request of one listener can see.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) kind: DoorKind,
    pub(crate) server: Arc<dyn Server>,
    pub(crate) host_names: HostNames,
    pub(crate) shared: Arc<Shared>,
    pub(crate) counts: Arc<Counts>,
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

/// How a door treats those who come.
#[derive(Clone)]
pub(crate) struct Manners {
    pub(crate) limits: Limits,
    pub(crate) places: Arc<Places>,
    /// Who we are to those who have to speak TLS; nothing, if they need not.
    pub(crate) tls: Option<Arc<Identity>>,
    pub(crate) behind_proxy: bool,
}

impl Door {
    /// Serves clients until the stop.
    pub(crate) async fn serve<L: Listener>(self, listener: L, manners: Manners) {
        let mut stopping = self.stopping.clone();
        let router = routes::router(self);
        loop {
            let (stream, peer, place) = select! {
                _ = stopping.changed() => return,
                client = next_client(&listener, &manners) => client,
            };
            let visit = Visit {
                peer,
                place: Arc::new(place),
                manners: manners.clone(),
                router: router.clone(),
                stopping: stopping.clone(),
            };
            tokio::spawn(visit.welcome(stream));
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
        let (stream, address) = self.accept().await?;
        // Without it a short answer may wait for the acknowledgement of the one before. A client that is gone
        // already fails here, and reading will tell.
        let _ = stream.set_nodelay(true);
        // Nor does it matter to whoever is gone.
        let _ = SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER_BYTES);
        Ok((stream, Peer::at(address.ip())))
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

/// Waits for a client, and then for a place for it.
async fn next_client<L: Listener>(listener: &L, manners: &Manners) -> (L::Stream, Peer, Place) {
    let mut failed = false;
    loop {
        match listener.next().await {
            Ok((stream, peer)) => {
                let sharing =
                    peer.address().filter(|address| !manners.behind_proxy && !address.is_loopback());
                match manners.places.take(sharing).await {
                    Ok(place) => return (stream, peer, place),
                    Err(full) => tracing::debug!(?peer, ?full, "an HTTP client was refused"),
                }
            }
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

/// A client from its arrival to its end.
struct Visit {
    peer: Peer,
    place: Arc<Place>,
    manners: Manners,
    router: Router,
    stopping: watch::Receiver<()>,
}

impl Visit {
    async fn welcome(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let place = Arc::clone(&self.place);
        select! {
            // Nobody is dismissed in the middle of an answer, and whoever is gets none any more.
            biased;
            () = place.dismissed() => {}
            () = self.go_on(stream) => {}
        }
    }

    async fn go_on(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        // The deadline sits at the socket, since TLS takes what is written long before the client does.
        let stream = {
            let counts = Arc::clone(self.place.counts());
            WriteDeadline::new(stream, self.manners.limits.write_stall, counts)
        };
        let Some(identity) = &self.manners.tls else { return self.converse(stream).await };
        let handshake = TlsAcceptor::from(identity.config()).accept(stream);
        let mut stopping = self.stopping.clone();
        let shaken = select! {
            shaken = timeout(self.manners.limits.handshake, handshake) => shaken,
            _ = stopping.changed() => return,
        };
        match shaken {
            Ok(Ok(stream)) => Visit { peer: self.peer.by_tls(), ..self }.converse(stream).await,
            failed => {
                Counts::add(&self.place.counts().refused_handshake);
                let cause = failed.ok().and_then(Result::err);
                tracing::debug!(?cause, "a TLS handshake failed, or took too long");
            }
        }
    }

    async fn converse(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Visit { peer, place, manners: Manners { limits, behind_proxy, .. }, router, mut stopping } = self;
        let router = TowerToHyperService::new(router);
        let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            let answering = place.answering();
            let peer = if behind_proxy { peer.behind_proxy(request.headers()) } else { peer };
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(Arc::clone(&place));
            let answer = router.call(request);
            async move {
                let mut answer = answer.await?;
                if peer.is_secure() {
                    guard::insist_on_tls(&mut answer);
                }
                Ok::<_, Infallible>(answer.map(|body| Answered::new(body, answering)))
            }
        });
        // Only hyper's own builder, given a timer, also closes a client that sends nothing at all.
        let serving = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_read)
            .max_buf_size(HEADER_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), service);
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
}

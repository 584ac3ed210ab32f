//! The running door: one thread with its own small runtime, for callers that have none.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};

use thiserror::Error;
use tokio::net::{TcpListener, UnixListener};
use tokio::runtime::{self, Runtime};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::accounts::{self, SetupToken};
use crate::bind::{HttpListener, LocalListener, SocketFile};
use crate::door::{Door, DoorKind, Manners};
use crate::host::HostNames;
use crate::limits::{DRAIN_LIMIT, LOCAL_CONNECTIONS_MAX, Limits, STOP_LIMIT};
use crate::places::Places;
use crate::plans;
use crate::routes;
use crate::server::Server;
use crate::tls::{self, Identity};
use crate::work::Shared;

/// Where to serve.
#[derive(Debug, Default)]
pub struct Listeners {
    /// TCP addresses.
    pub http: Vec<HttpListener>,
    /// The local socket.
    pub local: Option<LocalListener>,
}

/// How to serve.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Names by which clients may call this machine, beside its addresses and `localhost`. A request for any
    /// other name is refused, for it may come from a page that points its own name at us (DNS rebinding).
    ///
    /// The names in the certificate are ours, too.
    pub host_names: Vec<String>,
    /// The certificate by which clients from the network are served over TLS; without it they are served in the clear.
    /// Its files are looked at again and again, and a change is in force without a restart.
    pub tls: Option<Arc<Identity>>,
    /// Whether a proxy stands before the network's door, and only that reaches it: what it says of those for whom it
    /// asks (`X-Forwarded-For`, `X-Forwarded-Proto`) is believed then.
    pub behind_proxy: bool,
    /// What the first account can be made with; nothing, if there is one.
    pub setup: Option<Arc<SetupToken>>,
    /// Whether the building is made up: everybody is told.
    pub demo: bool,
    /// What the door bears.
    pub limits: Limits,
}

/// The HTTP door, open until it is stopped or dropped.
#[derive(Debug)]
pub struct Api {
    thread: Option<JoinHandle<()>>,
    stop: Arc<watch::Sender<()>>,
    ended: mpsc::Receiver<()>,
    /// Held for its end, which removes the file.
    _local_file: Option<SocketFile>,
}

impl Api {
    /// Serves on the listeners from a thread of its own.
    pub fn start(
        listeners: Listeners,
        settings: Settings,
        server: Arc<dyn Server>,
    ) -> Result<Api, StartError> {
        let runtime =
            runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::Runtime)?;
        let (stop, stopping) = watch::channel(());
        let stop = Arc::new(stop);
        let local_file = open_doors(&runtime, listeners, settings, server, &stopping)?;

        let (running, ended) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("poe-http".into())
            .spawn({
                let stop = Arc::clone(&stop);
                move || {
                    runtime.block_on(run(stopping, &stop));
                    // Whoever still waits for a disk is left behind: nobody is there for the answer.
                    runtime.shutdown_background();
                    drop::<mpsc::Sender<()>>(running);
                }
            })
            .map_err(StartError::Thread)?;
        Ok(Api { thread: Some(thread), stop, ended, _local_file: local_file })
    }

    /// Lets running answers finish, closes everything and removes the local socket, all within a second.
    /// Dropping does the same.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.stop.send_replace(());
        // The thread sends nothing; the end of its sender is the message.
        if self.ended.recv_timeout(STOP_LIMIT) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the HTTP thread did not stop in time and was left behind");
        } else if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the HTTP thread had panicked");
        }
    }
}

/// Why the door did not open.
#[derive(Debug, Error)]
pub enum StartError {
    /// The asynchronous runtime could not be made.
    #[error("could not make the runtime that serves HTTP")]
    Runtime(#[source] io::Error),
    /// A listener could not be watched.
    #[error("could not watch an HTTP listener")]
    Listener(#[source] io::Error),
    /// The thread could not be started.
    #[error("could not start the thread that serves HTTP")]
    Thread(#[source] io::Error),
}

fn open_doors(
    runtime: &Runtime,
    listeners: Listeners,
    settings: Settings,
    server: Arc<dyn Server>,
    stopping: &watch::Receiver<()>,
) -> Result<Option<SocketFile>, StartError> {
    let _inside = runtime.enter();
    let Settings { host_names, tls, behind_proxy, setup, demo, limits } = settings;
    let counts = Arc::default();
    let places = Places::of_network(limits.connections_max, limits.connections_per_address_max, &counts);
    let local_places = Places::of_local_socket(LOCAL_CONNECTIONS_MAX, &counts);
    if let Some(identity) = &tls {
        let keeping = tls::keep_current(Arc::clone(identity), limits.certificate_look, stopping.clone());
        runtime.spawn(keeping);
    }
    runtime.spawn(plans::look_after(Arc::clone(&server), stopping.clone()));
    routes::clear_imports(&*server);
    let door = Door {
        kind: DoorKind::Network,
        server,
        host_names: HostNames::new(host_names, tls.clone()),
        counts,
        shared: Shared::new(setup, demo),
        stopping: stopping.clone(),
    };
    runtime.spawn(accounts::keep(door.clone(), stopping.clone()));
    for http in listeners.http {
        let listener = TcpListener::from_std(http.listener).map_err(StartError::Listener)?;
        let (places, tls) = (Arc::clone(&places), tls.clone());
        runtime.spawn(door.clone().serve(listener, Manners { limits, places, tls, behind_proxy }));
    }
    let Some(local) = listeners.local else { return Ok(None) };
    let listener = UnixListener::from_std(local.listener).map_err(StartError::Listener)?;
    let door = Door { kind: DoorKind::Local, ..door };
    let manners = Manners { limits, places: local_places, tls: None, behind_proxy: false };
    runtime.spawn(door.serve(listener, manners));
    Ok(Some(local.file))
}

/// Drives the doors until the stop, then waits a little for whoever is still being answered.
async fn run(mut stopping: watch::Receiver<()>, stop: &watch::Sender<()>) {
    // An error would mean that nobody can ask us to stop any more, and `stop` itself could.
    let _ = stopping.changed().await;
    // Every door and connection holds a receiver until it is done.
    drop(stopping);
    if timeout(DRAIN_LIMIT, stop.closed()).await.is_err() {
        tracing::debug!(open = stop.receiver_count(), "cut off HTTP connections that were still open");
    }
}

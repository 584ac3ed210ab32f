//! Taking the addresses that we serve, before anything is served on them.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::{fs, os::fd::OwnedFd};

use nix::sys::stat::{Mode, fchmod};
use socket2::{Domain, SockAddr, Socket, Type};
use thiserror::Error;

/// Clients that may wait at the local socket; the same as std's for TCP.
const LOCAL_BACKLOG: i32 = 128;

/// Takes `addr` for HTTP. From then on clients queue, and [`Api::start`](crate::Api::start) serves them.
///
/// The address can be taken again right after a restart, but never shared with another process.
pub fn bind_http(addr: SocketAddr) -> Result<HttpListener, BindError> {
    let explain = |cause: io::Error| match cause.kind() {
        ErrorKind::AddrInUse => BindError::HttpTaken { addr },
        _ => BindError::Http { addr, cause },
    };
    // On Unix, std sets SO_REUSEADDR and nothing else.
    let listener = TcpListener::bind(addr).map_err(explain)?;
    listener.set_nonblocking(true).map_err(explain)?;
    let addr = listener.local_addr().map_err(explain)?;
    Ok(HttpListener { listener, addr })
}

/// Makes the local socket at `path`, for its owner alone (mode 0600).
///
/// A socket that a killed server left behind is replaced. One that is answered is left alone, and so is
/// everything that is no socket.
pub fn bind_local(path: impl Into<PathBuf>) -> Result<LocalListener, BindError> {
    let path = path.into();
    remove_stale(&path)?;
    match listen_local(&path) {
        Ok((listener, file)) => Ok(LocalListener { listener, file }),
        Err(cause) => Err(BindError::Local { path, cause }),
    }
}

/// A TCP address that is ours. Dropping it gives it back.
#[derive(Debug)]
pub struct HttpListener {
    pub(crate) listener: TcpListener,
    addr: SocketAddr,
}

impl HttpListener {
    /// The address as it became: port 0 has turned into a real one.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

/// The local socket. Dropping it removes its file.
#[derive(Debug)]
pub struct LocalListener {
    pub(crate) listener: UnixListener,
    pub(crate) file: SocketFile,
}

impl LocalListener {
    /// Where the socket is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.file.0
    }
}

/// The file of a local socket, which goes when this does.
#[derive(Debug)]
pub(crate) struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            tracing::warn!(%error, "could not remove the local socket {}", self.0.display());
        }
    }
}

/// Why an address could not be taken.
#[derive(Debug, Error)]
pub enum BindError {
    /// Another program listens there.
    #[error("port {} is taken (HTTP on {addr})", addr.port())]
    HttpTaken {
        /// The address that was asked for.
        addr: SocketAddr,
    },
    /// The system refused.
    #[error("could not listen for HTTP on {addr}")]
    Http {
        /// The address that was asked for.
        addr: SocketAddr,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A running server answers there.
    #[error("another server answers on {}", path.display())]
    LocalTaken {
        /// The path that was asked for.
        path: PathBuf,
    },
    /// There is a file in the way, and it is not ours to remove.
    #[error("{} is not a socket, so it was left alone", path.display())]
    LocalNotASocket {
        /// The path that was asked for.
        path: PathBuf,
    },
    /// The system refused.
    #[error("could not make the local socket {}", path.display())]
    Local {
        /// The path that was asked for.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

fn remove_stale(path: &Path) -> Result<(), BindError> {
    let failed = |cause| BindError::Local { path: path.into(), cause };
    match fs::symlink_metadata(path) {
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(failed(cause)),
        Ok(found) if !found.file_type().is_socket() => {
            return Err(BindError::LocalNotASocket { path: path.into() });
        }
        Ok(_) => {}
    }
    match knock(path) {
        Err(cause) if cause.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path).map_err(failed),
        // A full queue (WouldBlock) belongs to a server too, if a busy or a stopped one.
        Err(cause) if cause.kind() != ErrorKind::WouldBlock => Err(failed(cause)),
        _ => Err(BindError::LocalTaken { path: path.into() }),
    }
}

/// Connects without waiting, since a stopped server's full queue would keep us for ever.
fn knock(path: &Path) -> io::Result<()> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.connect(&SockAddr::unix(path)?)
}

fn listen_local(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    // On Linux the file that bind makes takes the socket's own mode, so that it is never open to others, not
    // even for a moment. The umask would do the same, but to the files of every other thread as well.
    fchmod(&socket, Mode::S_IRUSR | Mode::S_IWUSR)?;
    socket.bind(&SockAddr::unix(path)?)?;
    let file = SocketFile(path.into());
    socket.listen(LOCAL_BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok((UnixListener::from(OwnedFd::from(socket)), file))
}

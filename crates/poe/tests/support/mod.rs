//! The real program, started for one test: a data folder of its own, free ports, and an end that comes for sure.
//!
//! [`Server::start`] starts it as a person would. [`Setup`] can do the same with another folder, environment or
//! command before it, and once more in the same folder.

#![allow(dead_code, reason = "each test binary uses its part of this")]
#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

pub mod cable;
pub mod clock;
pub mod ground;
mod output;
mod server;
mod setup;
pub mod tamper;

pub use server::Server;
#[allow(unused_imports, reason = "each test binary uses its part of this")]
pub use setup::{Ended, Setup, poe};

use rusqlite::{Connection, OpenFlags};
use socket2::{Domain, SockRef, Socket, Type};
use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

/// The program under test.
pub const POE: &str = env!("CARGO_BIN_EXE_poe");

/// Longer than any healthy start, answer or stop takes, also on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The rows of the table: key to kind, value and time.
pub type Table = BTreeMap<String, (String, i64, f64)>;

/// The rows of a table of readings, as another program sees them.
#[track_caller]
pub fn table(file: &Path, name: &str) -> Table {
    let connection = open_read_only(file);
    let mut rows = connection.prepare(&format!("SELECT ip_id, sensor, value, time FROM {name}")).unwrap();
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?)));
    rows.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
}

/// A connection to an SQLite file that cannot change it.
#[track_caller]
pub fn open_read_only(file: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    connection
}

/// Connects as the node that has this address.
#[track_caller]
pub fn connect_from(source: impl Into<IpAddr>, to: SocketAddr) -> TcpStream {
    try_connect_from(source, to).unwrap()
}

/// Tries to connect as the node that has this address.
pub fn try_connect_from(source: impl Into<IpAddr>, to: SocketAddr) -> io::Result<TcpStream> {
    let source: IpAddr = source.into();
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None)?;
    socket.bind(&SocketAddr::new(source, 0).into())?;
    socket.connect_timeout(&to.into(), PATIENCE)?;
    let stream: TcpStream = socket.into();
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Closes a connection with a reset, as a node does that is switched off and on between two packets.
pub fn reset(stream: TcpStream) {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
}

/// Whether the test may go on as root. If not, it is told as skipped.
pub fn is_root(test: &str) -> bool {
    ground::has(test, "root", nix::unistd::Uid::effective().is_root())
}

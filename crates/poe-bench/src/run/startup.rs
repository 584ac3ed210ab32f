//! From the start of the process to the first reading in the table.

use super::lab::{Lab, Nodes, Pace};
use super::report::{Row, Target};
use super::server::table_in;
use crate::failure::{Doing, Failure};
use crate::load::Pattern;
use crate::probe::{self, PROBE_KEY, VALUE_SQL};
use crate::stats::median;
use poe_wire::SensorKind;
use rusqlite::Connection;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

const KNOCK_EVERY: Duration = Duration::from_micros(200);
const PATIENCE: Duration = Duration::from_secs(10);
/// A start is short, so that one round has a few of them.
pub const STARTS_PER_ROUND: u32 = 3;

/// 65,536 sensors: as many as 256 nodes can have.
const KNOWN: Nodes = Nodes {
    count: 256,
    sensors: 256,
    frames_each: 256,
    batch: 64,
    threads: 1,
    pace: Pace::FlatOut,
    pattern: Pattern::Normal,
};

pub fn on_an_empty_folder(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let mut starts_ms = Vec::new();
    for _ in 0..lab.rounds * STARTS_PER_ROUND {
        let folder = lab.folder()?;
        starts_ms.push(first_reading_ms(lab, &folder.path().join("data"), 1)?);
    }
    Ok(vec![row("start to first reading, empty folder", &starts_ms, Target::AtMost(20.0))])
}

pub fn with_known_sensors(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let folder = lab.folder()?;
    let data = folder.path().join("data");
    let server = lab.server(&data, KNOWN.count + 100)?;
    let load = lab.load(server.tcp, &KNOWN)?;
    let expected = load.expected()?;
    load.finish()?;
    server.await_table(&expected, PATIENCE)?;
    server.stop()?;

    let mut starts_ms = Vec::new();
    for start in 0..lab.rounds * STARTS_PER_ROUND {
        // A value of its own for each start tells its reading from the one before.
        starts_ms.push(first_reading_ms(lab, &data, start as u8 + 1)?);
    }
    Ok(vec![row("start to first reading, 65,536 known sensors", &starts_ms, Target::AtMost(80.0))])
}

fn row(bar: &'static str, starts_ms: &[f64], target: Target) -> Row {
    let middle = median(starts_ms);
    let slowest = starts_ms.iter().copied().fold(0.0, f64::max);
    let figure = format!("{middle:.1} ms (slowest of {} {slowest:.1})", starts_ms.len());
    Row::new(bar, figure, middle, target, " ms")
}

/// Starts the server on this folder and sends this value, which the table must not have yet, until it has.
pub fn first_reading_ms(lab: &Lab, data: &Path, value: u8) -> Result<f64, Failure> {
    let listen = free_port().doing(|| "find a free port".into())?;
    let started = Instant::now();
    let server = lab.spawn_server(data, listen)?;
    let mut node = knock(listen, started)?;
    node.write_all(&probe::frame(SensorKind::Smoke, value)).doing(|| "send the first reading".into())?;
    let db = table_in(data);
    let mut table = None;
    while !shows(&mut table, &db, value) {
        if started.elapsed() > PATIENCE {
            return Err(Failure::new(format!("the first reading has not shown within {PATIENCE:?}")));
        }
        thread::sleep(KNOCK_EVERY);
    }
    let took = started.elapsed();
    server.stop(PATIENCE)?;
    Ok(took.as_secs_f64() * 1e3)
}

fn free_port() -> std::io::Result<SocketAddrV4> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    Ok(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))
}

fn knock(listen: SocketAddrV4, started: Instant) -> Result<TcpStream, Failure> {
    loop {
        match TcpStream::connect(listen) {
            Ok(node) => return Ok(node),
            Err(cause) if started.elapsed() > PATIENCE => {
                return Err(cause).doing(|| format!("connect to the new server within {PATIENCE:?}"));
            }
            Err(_) => thread::sleep(KNOCK_EVERY),
        }
    }
}

/// Whether the row is there; the file or its table may still be missing.
fn shows(table: &mut Option<Connection>, db: &Path, value: u8) -> bool {
    if table.is_none() && db.exists() {
        *table = probe::open(db).ok();
    }
    let Some(table) = table else { return false };
    let ask = table.prepare_cached(VALUE_SQL);
    ask.and_then(|mut ask| ask.query_one([PROBE_KEY], |row| row.get(0))) == Ok(value)
}

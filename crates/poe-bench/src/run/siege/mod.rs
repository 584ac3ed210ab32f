//! Flames while attackers are at work at the HTTP port: how soon those know who followed before, and what it costs the server.

mod attackers;
mod dripping;
mod kept;
mod logins;
mod witness;

use super::client::Client;
use super::deadline::{Flames, Lit, Sightings, follow};
use super::lab::Lab;
use super::memory::Highest;
use super::report::{Row, Target};
use crate::failure::Failure;
use crate::stats::Spread;
use attackers::Attackers;
use logins::Answers;
use serde_json::{Value, json};
use std::thread;
use std::time::{Duration, Instant};
use witness::Witness;

/// Forty seconds of flames: longer than all logins take.
const FLAMES: usize = 200;
const GAP: Duration = Duration::from_millis(200);
/// Until every sensor has been heard and stored.
const SETTLING: Duration = Duration::from_secs(3);
/// Until all attackers are connected and every processor is busy with passwords.
const GATHERING: Duration = Duration::from_secs(3);
/// An alarm that has not come by now never will.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whose password is guessed.
const USER: &str = "anna";
const PASSWORD: &str = "seven brown herons";

pub fn measure(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let folder = lab.folder()?;
    let server = lab.server(&folder.path().join("data"), 1_000)?;
    let user = json!({ "name": USER, "password": PASSWORD, "role": "admin" });
    server.local.post("/api/v1/users", &user)?;
    let network = server.by_network("viewer")?;
    let flames = Flames::connect(server.tcp, FLAMES)?;
    thread::sleep(SETTLING);
    let (here, there) = (follow(&server.local)?, follow(&network)?);

    let before_mb = server.resident_bytes()? as f64 / 1e6;
    let highest = Highest::watch(&server);
    let attackers = Attackers::begin(server.http)?;
    let witness = Witness::of_readiness(&server.local);
    let disk = Witness::of_disk(folder.path())?;
    thread::sleep(GATHERING);
    let cpu_before_s = server.cpu_seconds()?;
    let lit = flames.light(GAP)?;
    let cores = (server.cpu_seconds()? - cpu_before_s) / (GAP * FLAMES as u32).as_secs_f64();
    let syncs = disk.end()?;
    here.await_count(lit.len(), PATIENCE);
    there.await_count(lit.len(), PATIENCE);
    let answers = attackers.end()?;
    let grown_mb = highest.megabytes()? - before_mb;
    eprintln!("  the server had {cores:.2} cores meanwhile; its own figures: {}", own(&server.local)?);
    let disk = Spread::of(&syncs);
    let disk = format!("; a bare fdatasync meanwhile: p99 {:.1} ms (p50 {:.1})", disk.p99, disk.p50);
    Ok(vec![
        alarms("flame to a client at the local socket, under siege", &lit, &here, Bound::P99, &disk),
        alarms("the slowest of these", &lit, &here, Bound::Worst, ""),
        alarms("flame to a client in the network, under siege", &lit, &there, Bound::P99, &disk),
        alarms("the slowest of these in the network", &lit, &there, Bound::Worst, ""),
        memory(before_mb, grown_mb),
        readiness(&witness.end()?),
        logins(&answers),
        right_password(&Client::Network { server: server.http, token: None })?,
    ])
}

/// What the server says of the alarms.
fn own(client: &Client) -> Result<Value, Failure> {
    Ok(client.get("/api/v1/latency")?["alarm"].take())
}

#[derive(Clone, Copy)]
enum Bound {
    P99,
    Worst,
}

fn alarms(bar: &'static str, lit: &[Lit], seen: &Sightings, bound: Bound, beside: &str) -> Row {
    let latencies: Vec<Duration> =
        lit.iter().filter_map(|lit| Some(seen.get(&lit.source)?.at - lit.at)).collect();
    if latencies.len() < lit.len() {
        return Row::failed(bar, &format!("{} of {} never came", lit.len() - latencies.len(), lit.len()));
    }
    let Spread { p50, p99, max, .. } = Spread::of(&latencies);
    match bound {
        Bound::P99 => {
            Row::new(bar, format!("p99 {p99:.1} ms (p50 {p50:.1}){beside}"), p99, Target::AtMost(50.0), " ms")
        }
        Bound::Worst => Row::new(bar, format!("{max:.1} ms"), max, Target::AtMost(1_000.0), " ms"),
    }
}

/// Of the bound, 128 MiB are for two passwords that are hashed at once.
fn memory(before_mb: f64, grown_mb: f64) -> Row {
    let figure = format!("{grown_mb:.1} MB more at the peak than the {before_mb:.1} MB before");
    Row::new("memory under siege", figure, grown_mb, Target::AtMost(150.0), " MB")
}

fn readiness(waits: &[Duration]) -> Row {
    let Spread { p50, p99, max, .. } = Spread::of(waits);
    let figure = format!("at most {max:.1} ms (p50 {p50:.1}, p99 {p99:.1}), {} times", waits.len());
    Row::new("`/readyz` at the local socket, under siege", figure, max, Target::AtMost(250.0), " ms")
}

fn logins(answers: &Answers) -> Row {
    let Answers { wrong, turned_away, cut, let_in } = answers;
    let figure = format!("{wrong} looked at, {turned_away} turned away, {cut} cut, {let_in} let in");
    Row::new("10,000 wrong passwords", figure, *let_in as f64, Target::AtMost(0.0), " let in")
}

/// Whoever guesses on the same machine keeps its owner waiting for 4 s at most.
fn right_password(client: &Client) -> Result<Row, Failure> {
    let began = Instant::now();
    let login = json!({ "name": USER, "password": PASSWORD });
    while let Err(failure) = client.post("/api/v1/login", &login) {
        if began.elapsed() > PATIENCE {
            return Err(failure);
        }
        thread::sleep(Duration::from_millis(250));
    }
    let took_s = began.elapsed().as_secs_f64();
    let bar = "the right password right after";
    Ok(Row::new(bar, format!("{took_s:.1} s until it is let in"), took_s, Target::AtMost(6.0), " s"))
}

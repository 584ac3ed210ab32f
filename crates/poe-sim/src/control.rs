//! What the caller holds while a fleet runs: a way to stop it and a view of how far it is.

use poe_wire::FRAME_BYTES;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Stops one run of a fleet and tells how it is doing, from any thread. Clones belong to the same run.
#[derive(Clone, Default, Debug)]
pub struct FleetControl(Arc<Shared>);

/// How far a run is or, once it has ended, what it did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Simulated nodes.
    pub clients: u64,
    /// Clients that have been connected at least once.
    pub reached: u64,
    /// Connections that are open; in a last report, that were open when the sending ended.
    pub connected: u64,
    /// Packets that were sent whole.
    pub packets: u64,
    /// Packets that were due while a client had no connection or lost it.
    pub packets_missed: u64,
    /// Frames that were sent.
    pub frames: u64,
    /// Attempts to connect that failed.
    pub connects_failed: u64,
    /// Connections that ended before the client was done with them.
    pub connections_lost: u64,
    /// From the start to now, or to the last frame; the closing of the connections is not in it.
    pub elapsed: Duration,
    /// What went wrong first, in a sentence.
    pub first_failure: Option<String>,
}

impl FleetControl {
    /// A control for a run that is about to start.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the run: every client finishes its packet, if that takes no longer than 2 s, and says goodbye. A run
    /// that has not started yet ends as soon as it does.
    pub fn stop(&self) {
        self.0.stop.send_replace(true);
    }

    /// How far the run is, at this moment.
    pub fn report(&self) -> Report {
        let run = &*self.0;
        let connects = run.connects.load(Relaxed);
        let connections_lost = run.connections_lost.load(Relaxed);
        let started = run.started.get().map_or(Duration::ZERO, Instant::elapsed);
        Report {
            clients: run.clients.load(Relaxed),
            reached: run.reached.load(Relaxed),
            connected: connects.saturating_sub(connections_lost),
            packets: run.packets.load(Relaxed),
            packets_missed: run.packets_missed.load(Relaxed),
            frames: run.frames.load(Relaxed),
            connects_failed: run.connects_failed.load(Relaxed),
            connections_lost,
            elapsed: run.sent_in.get().copied().unwrap_or(started),
            first_failure: run.first_failure.get().cloned(),
        }
    }

    /// The run's own side of the control.
    pub(crate) fn shared(&self) -> &Shared {
        &self.0
    }
}

impl Report {
    /// Bytes that were sent.
    pub fn bytes(&self) -> u64 {
        self.frames * FRAME_BYTES as u64
    }

    /// The mean rate since the start.
    pub fn frames_per_second(&self) -> f64 {
        self.frames as f64 / self.elapsed.as_secs_f64().max(0.001)
    }
}

/// One line: `3 clients, 15 packets, 315 frames in 4.0 s (79 frames/s)`, and after it what went wrong.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |count: u64, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        write!(f, "{}, ", counted(self.clients, "client"))?;
        write!(f, "{}, ", counted(self.packets, "packet"))?;
        write!(f, "{} in {:.1} s", counted(self.frames, "frame"), self.elapsed.as_secs_f64())?;
        write!(f, " ({:.0} frames/s)", self.frames_per_second())?;
        if let Some(first) = &self.first_failure {
            write!(f, "; {} of {} reached the server", self.reached, self.clients)?;
            write!(f, ", {}", counted(self.connects_failed, "failed connect"))?;
            write!(f, ", {}", counted(self.connections_lost, "lost connection"))?;
            write!(f, ", {}", counted(self.packets_missed, "missed packet"))?;
            write!(f, "; first failure: {first}")?;
        }
        Ok(())
    }
}

/// What the clients of a run count into, and what they heed.
#[derive(Default, Debug)]
pub(crate) struct Shared {
    stop: watch::Sender<bool>,
    started: OnceLock<Instant>,
    sent_in: OnceLock<Duration>,
    first_failure: OnceLock<String>,
    clients: AtomicU64,
    connects: AtomicU64,
    pub(crate) reached: AtomicU64,
    pub(crate) packets: AtomicU64,
    pub(crate) packets_missed: AtomicU64,
    pub(crate) frames: AtomicU64,
    connects_failed: AtomicU64,
    connections_lost: AtomicU64,
}

impl Shared {
    pub(crate) fn begin(&self, clients: u32) {
        self.clients.store(clients.into(), Relaxed);
        self.started.get_or_init(Instant::now);
    }

    pub(crate) fn end(&self) {
        self.sent_in.get_or_init(|| self.started.get().map_or(Duration::ZERO, Instant::elapsed));
    }

    pub(crate) fn connect_succeeded(&self, first_of_client: bool) {
        self.connects.fetch_add(1, Relaxed);
        self.reached.fetch_add(first_of_client.into(), Relaxed);
    }

    pub(crate) fn connect_failed(&self, why: impl FnOnce() -> String) {
        self.connects_failed.fetch_add(1, Relaxed);
        self.first_failure.get_or_init(why);
    }

    pub(crate) fn connection_lost(&self, why: impl FnOnce() -> String) {
        self.connections_lost.fetch_add(1, Relaxed);
        self.first_failure.get_or_init(why);
    }

    /// Ready once the caller has asked for the end.
    pub(crate) async fn stopped(&self) {
        let asked = self.stop.subscribe().wait_for(|stop| *stop).await.map(drop);
        asked.expect("the sender is a field of self");
    }

    /// Whether the caller asks for the end before `wait` is over.
    pub(crate) async fn stopped_within(&self, wait: Duration) -> bool {
        if wait.is_zero() {
            return *self.stop.borrow();
        }
        tokio::time::timeout(wait, self.stopped()).await.is_ok()
    }
}

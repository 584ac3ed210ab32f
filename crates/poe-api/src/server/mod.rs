//! What the door asks of the server behind it.

mod figures;
mod metrics;

pub use figures::{AlarmFigures, HistoryFigures, Latency, Run, SignalLatency, Spread, TargetStatus};
pub use metrics::{AlarmSeconds, CommitSeconds, Metrics, SECONDS_BOUNDS, Seconds};

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use poe_building::{Done, Entry, Model, NodeView, Order, OrderRefused, Quarantined, Time, Who};
use poe_history::History;
use poe_store::{Backup, BackupError, Board, JournalReader, Latest, OpenError};
use thiserror::Error;
use tokio::sync::broadcast;

/// The server, as the HTTP door sees it.
///
/// Unless it says otherwise, a method is called on the one thread that serves HTTP, so it must not wait: not for a disk,
/// nor for a lock that is held across one.
pub trait Server: Send + Sync + 'static {
    /// Since when the server runs, and where it listens to nodes.
    fn run(&self) -> Run;

    /// Whether the server does its work just now.
    fn readiness(&self) -> Readiness;

    /// Every count and measure, as of now.
    fn metrics(&self) -> Metrics;

    /// Whether more alarms come than a person can follow.
    fn flood(&self) -> bool;

    /// Alarms, suppressions, promises and the model, as they are shown.
    fn board(&self) -> Arc<Board>;

    /// The latest value of every sensor.
    fn latest(&self) -> Arc<Latest>;

    /// A reader of the journal, opened for each request. Called where one may wait.
    ///
    /// # Errors
    /// The file cannot be opened.
    fn journal(&self) -> Result<JournalReader, OpenError>;

    /// When an entry that was stored just now was: its stamp follows into the journal within a second or so.
    fn stored_at(&self, seq: u64) -> Option<Time>;

    /// Carries out an order, and waits until it is stored, or 250 ms. Called where one may wait.
    ///
    /// # Errors
    /// The building refuses it, or the server has stopped.
    fn order(&self, order: Order, who: Who) -> Result<Ordered, OrderFailed>;

    /// The history of readings, if one is kept.
    fn history(&self) -> Option<Arc<History>>;

    /// The folder where readings from elsewhere wait to be imported, whether it is there or not. Nobody else writes to it.
    fn imports_folder(&self) -> PathBuf;

    /// What happens from now on, in order, told once it is stored (or after 250 ms, with `committed: None`). Whoever
    /// falls behind misses the oldest and reads them in the journal.
    fn follow(&self) -> broadcast::Receiver<Arc<Occurrence>>;

    /// Every node. Called where one may wait.
    fn nodes(&self) -> Vec<NodeView>;

    /// Every node that is not let in, by address. Called where one may wait.
    fn quarantine(&self) -> Vec<Quarantined>;

    /// Closes the connections of a node, after what they have sent is read, and tells how many there were. Called where one
    /// may wait.
    fn disconnect(&self, node: IpAddr) -> u64;

    /// How each target of notifications stands.
    fn targets(&self) -> Vec<TargetStatus>;

    /// How long signals took from what caused them.
    fn latency(&self) -> Latency;

    /// The model that a building file describes. Called where one may wait.
    ///
    /// # Errors
    /// Everything that is wrong with the text, each with its line.
    fn read_building(&self, text: &str) -> Result<Model, Vec<String>>;

    /// The folder for the pictures of floor plans, whether it is there or not. Nobody else writes to it.
    fn plans_folder(&self) -> PathBuf;

    /// A model as a building file. Called where one may wait.
    fn write_building(&self, model: &Model) -> String;

    /// A consistent copy of everything, ready to be read by [`Backup::write`]; it holds all that was shown before the
    /// call. Called where one may wait: it takes as long as the disk needs for the copies. There is one at a time, and the
    /// next can be made once this one is dropped.
    ///
    /// # Errors
    /// Something could not be copied, or there is not enough room.
    fn backup(&self) -> Result<Backup, BackupError>;
}

/// Something that went into the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// What.
    pub entry: Entry,
    /// When it was durable; `None` when that takes longer than people should wait.
    pub committed: Option<Time>,
}

/// An order that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    /// What it has brought about.
    pub done: Done,
    /// Whether it is stored. If not, the disk is slow; the order holds all the same.
    pub stored: bool,
}

/// Why an order was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OrderFailed {
    /// The building refuses it.
    #[error("{0}")]
    Refused(OrderRefused),
    /// The server stops.
    #[error("the server stops")]
    Stopped,
}

/// Whether the server is ready, and if not, why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readiness {
    /// One line per reason against it. None means ready.
    pub reasons: Vec<String>,
}

impl Readiness {
    /// Whether nothing speaks against it.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.reasons.is_empty()
    }
}

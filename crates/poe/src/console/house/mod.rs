//! The building as the console speaks with it: the server of this process, or one that is reached over its API.

mod here;
mod remote;

pub(super) use here::Here;
pub(crate) use here::reachable;
pub(crate) use remote::Remote;

use super::{filter::Filter, plain::plain};
use poe::{
    Alarm, AlarmId, ConnectionView, EngineGone, Entry, NodeView, Occurrence, Order, OrderError, OrderRefused,
    Sensor, Suppression, Told,
};
use poe_building::{Directory, Quarantined};
use poe_store::EntryFilter;
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::{Arc, mpsc::RecvTimeoutError},
    time::Duration,
};

/// What a person can ask and order, wherever the server is.
///
/// Nothing waits longer than a client waits for its answer, and what was heard already waits for nobody.
pub(crate) trait House: Send + Sync {
    /// Whether the server is this process, and ends with it.
    fn is_here(&self) -> bool;

    /// What things are called, as far as is known.
    fn names(&self) -> Arc<Directory>;

    /// The alarms as they stand now, the most important first.
    fn alarms(&self) -> Heard<Vec<Alarm>>;

    /// The alarms as they were heard of last: nobody is asked.
    fn known_alarms(&self) -> Vec<Alarm>;

    /// One of them; the server is asked if nothing was heard of it.
    fn alarm(&self, id: AlarmId) -> Option<Alarm>;

    /// What is kept quiet.
    fn suppressions(&self) -> Heard<Vec<Suppression>>;

    /// Whether more alarms come than a person can follow, as was heard last.
    fn flood(&self) -> bool;

    /// The latest entries of the journal, the newest first.
    fn entries(&self, wanted: &EntryFilter, count: usize) -> Heard<Vec<Entry>>;

    /// The known nodes, by address.
    fn nodes(&self) -> Heard<Vec<NodeView>>;

    /// The nodes that are not let in, by address.
    fn quarantine(&self) -> Heard<Vec<Quarantined>>;

    /// Who is connected.
    fn connections(&self) -> Heard<Connections>;

    /// The wanted sensors with a value, by address and id.
    fn sensors(&self, wanted: &Filter) -> Heard<Vec<Sensor>>;

    /// Carries out an order of whoever sits here.
    ///
    /// # Errors
    /// It is refused, or nobody could be told.
    fn order(&self, order: Order) -> Result<Carried, NotDone>;

    /// What happens after the entry whose number is given with it.
    fn follow(&self) -> Heard<(u64, Ear<News>)>;

    /// Whether every entry is told, so that a number that is left out was missed.
    fn tells_all(&self) -> bool;

    /// What the journal does not keep: who comes and goes, what changes.
    fn watch(&self) -> Heard<Ear<Happening>>;

    /// Where nodes connect.
    fn node_door(&self) -> Heard<SocketAddr>;
}

/// What was heard, or why nothing was.
pub(crate) type Heard<T> = Result<T, Unheard>;

/// Listens for so long.
pub(crate) type Ear<T> = Box<dyn FnMut(Duration) -> Result<T, RecvTimeoutError> + Send>;

/// Why nothing can be told, in words for a person.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Unheard(String);

/// What reaches whoever follows.
pub(crate) enum News {
    /// Something has happened.
    Occurred(Arc<Occurrence>),
    /// Nothing is heard of the server any more, for this reason.
    Lost(String),
    /// It is heard again.
    Back {
        /// What it tells now comes after this entry.
        seq: u64,
        /// Why it does not tell what was missed, if it does not.
        anew: Option<&'static str>,
    },
}

/// Who is connected, as far as the server tells.
pub(crate) enum Connections {
    Each(Vec<ConnectionView>),
    /// Elsewhere they are only counted for each node.
    Counted(Vec<NodeView>),
}

/// Something that the journal does not keep.
pub(crate) enum Happening {
    Noticed(Told),
    /// The count of a node's connections is another, which is all that a server elsewhere tells of them.
    Connections {
        address: IpAddr,
        before: u32,
        now: u32,
    },
}

/// An order that was carried out.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Carried {
    /// The alarm that it was about, as it is now.
    pub(super) alarm: Option<Alarm>,
    pub(super) stored: bool,
}

/// Why an order was not carried out.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum NotDone {
    Refused(OrderRefused),
    /// In the words of a server elsewhere.
    RefusedThere(String),
    Unheard(Unheard),
}

impl Unheard {
    pub(super) fn new(why: &str) -> Self {
        Self(why.lines().map(plain).collect::<Vec<_>>().join("\n"))
    }
}

impl fmt::Display for Unheard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<EngineGone> for Unheard {
    fn from(gone: EngineGone) -> Self {
        Self(gone.to_string())
    }
}

impl From<OrderRefused> for NotDone {
    fn from(refused: OrderRefused) -> Self {
        Self::Refused(refused)
    }
}

impl From<OrderError> for NotDone {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Refused(refused) => Self::Refused(refused),
            OrderError::Stopped(gone) => Self::Unheard(gone.into()),
        }
    }
}

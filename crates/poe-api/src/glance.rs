//! What many ask for at the same time, looked at once for all of them.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use poe_building::{Alarm, NodeView, Quarantined};

use crate::roll::Roll;
use crate::server::Server;
use crate::views::{Qualities, SensorNames};

/// How old the state of the nodes may be for those who ask, as long as none is new and nobody has ordered anything. Nodes
/// become late within seconds; asking the engine for all of them costs it a millisecond.
const NODES_AGE_MAX: Duration = Duration::from_millis(100);
/// How long the engine is left alone between two such questions. Who was told of a lost node and looks it up waits for that
/// long, with all who come meanwhile: an older state would contradict what they were told, and in a flood every commit tells
/// of something.
const NODES_PAUSE: Duration = Duration::from_millis(10);

/// The last look at everything.
#[derive(Debug, Default)]
pub(crate) struct Glance {
    nodes: Mutex<Option<Nodes>>,
    quarantine: Mutex<Option<Waiting>>,
    alarms: Mutex<Option<(u64, Arc<Vec<Alarm>>)>>,
    qualities: Mutex<Option<Seen>>,
    roll: Mutex<Option<Rolled>>,
}

#[derive(Debug)]
struct Nodes {
    at: Instant,
    known: Known,
    by_number: Arc<Vec<NodeView>>,
    /// Made for the first who wants them so.
    by_address: Option<Arc<Vec<NodeView>>>,
}

/// What had been told when somebody looked.
#[derive(Debug, Clone, Copy)]
struct Known {
    nodes: usize,
    revision: u64,
}

impl Known {
    fn by(server: &dyn Server) -> Self {
        Self { nodes: server.latest().node_count(), revision: server.board().revision() }
    }

    /// Whether whoever knew this much knew all of that. Both only grow.
    fn covers(self, asked: Self) -> bool {
        self.nodes >= asked.nodes && self.revision >= asked.revision
    }
}

/// Who waits for approval, and what else was known then.
#[derive(Debug)]
struct Waiting {
    at: Instant,
    revision: u64,
    nodes: Arc<Vec<Quarantined>>,
}

/// Qualities, and what they were made from.
#[derive(Debug)]
struct Seen {
    nodes: Arc<Vec<NodeView>>,
    revision: u64,
    qualities: Arc<Qualities>,
}

/// A roll, and what it was made from.
#[derive(Debug)]
struct Rolled {
    names: Arc<SensorNames>,
    revision: u64,
    roll: Arc<Roll>,
}

impl Glance {
    /// Every node by its number, as it was a moment ago. Called where one may wait.
    pub(crate) fn nodes(&self, server: &dyn Server) -> Arc<Vec<NodeView>> {
        self.look(server, |nodes| Arc::clone(&nodes.by_number))
    }

    /// The same, by address.
    pub(crate) fn nodes_by_address(&self, server: &dyn Server) -> Arc<Vec<NodeView>> {
        self.look(server, |nodes| {
            let sorted = || {
                let mut sorted = Vec::clone(&nodes.by_number);
                sorted.sort_unstable_by_key(|node| node.address);
                Arc::new(sorted)
            };
            Arc::clone(nodes.by_address.get_or_insert_with(sorted))
        })
    }

    fn look<T>(&self, server: &dyn Server, take: impl FnOnce(&mut Nodes) -> T) -> T {
        let known = Known::by(server);
        // Held while the engine is asked: whoever comes meanwhile wants the same answer.
        let mut last = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *last {
            Some(nodes) if nodes.known.covers(known) && nodes.at.elapsed() < NODES_AGE_MAX => {
                return take(nodes);
            }
            Some(nodes) => thread::sleep(NODES_PAUSE.saturating_sub(nodes.at.elapsed())),
            None => {}
        }
        // Before they are looked at: what comes in between is looked for again.
        let known = Known::by(server);
        let mut nodes = server.nodes();
        nodes.sort_unstable_by_key(|node| node.node);
        take(last.insert(Nodes { at: Instant::now(), known, by_number: Arc::new(nodes), by_address: None }))
    }

    /// The nodes that wait for somebody to approve them, as they were a moment ago. Called where one may wait.
    pub(crate) fn quarantine(&self, server: &dyn Server) -> Arc<Vec<Quarantined>> {
        let mut last = self.quarantine.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever was told of one that has come wants to see it.
        let revision = server.board().revision();
        if let Some(waiting) = &*last
            && waiting.at.elapsed() < NODES_AGE_MAX
            && waiting.revision == revision
        {
            return Arc::clone(&waiting.nodes);
        }
        let nodes = Arc::new(server.quarantine());
        *last = Some(Waiting { at: Instant::now(), revision, nodes: Arc::clone(&nodes) });
        nodes
    }

    /// What was seen a moment ago may be different now. Called where one may wait.
    pub(crate) fn forget(&self) {
        *self.nodes.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.quarantine.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The alarms that are shown now, the most important first. Called where one may wait.
    pub(crate) fn alarms(&self, server: &dyn Server) -> Arc<Vec<Alarm>> {
        let board = server.board();
        let mut last = self.alarms.lock().unwrap_or_else(PoisonError::into_inner);
        // Before the alarms are read: what changes in between is looked at again.
        let revision = board.revision();
        if let Some((seen, alarms)) = &*last
            && *seen == revision
        {
            return Arc::clone(alarms);
        }
        let alarms = Arc::new(board.alarms());
        *last = Some((revision, Arc::clone(&alarms)));
        alarms
    }

    /// Every node, heard or not, by these names: of a moment ago, and by the alarms of now. Called where one may wait.
    pub(crate) fn roll(&self, server: &dyn Server, names: &Arc<SensorNames>) -> Arc<Roll> {
        let nodes = self.nodes(server);
        // Before the alarms are read: what changes in between is looked at again.
        let revision = server.board().revision();
        let mut last = self.roll.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(Rolled { names: known, revision: seen, roll })
                if Arc::ptr_eq(known, names)
                    && roll.is_of(&nodes)
                    && (*seen == revision || !roll.misses_any()) =>
            {
                Arc::clone(roll)
            }
            _ => {
                let roll = Arc::new(Roll::new(nodes, names, || self.alarms(server)));
                *last = Some(Rolled { names: Arc::clone(names), revision, roll: Arc::clone(&roll) });
                roll
            }
        }
    }

    /// How far values can be trusted: by the alarms of now, and the nodes of a moment ago. Called where one may wait.
    pub(crate) fn qualities(&self, server: &dyn Server) -> Arc<Qualities> {
        let nodes = self.nodes(server);
        let board = server.board();
        // Before the alarms are read: what changes in between is looked at again.
        let revision = board.revision();
        let mut last = self.qualities.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(seen) if seen.revision == revision && Arc::ptr_eq(&seen.nodes, &nodes) => {
                Arc::clone(&seen.qualities)
            }
            _ => {
                let qualities = Arc::new(Qualities::new(&*nodes, &self.alarms(server)));
                *last = Some(Seen { nodes, revision, qualities: Arc::clone(&qualities) });
                qualities
            }
        }
    }
}

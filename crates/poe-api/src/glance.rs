//! What many ask for at the same time, looked at once for all of them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use poe_building::NodeView;

use crate::server::Server;
use crate::views::Qualities;

/// How old the state of the nodes may be for those who ask. Nodes become late within seconds; asking the engine for all of
/// them costs it a millisecond.
const NODES_AGE_MAX: Duration = Duration::from_millis(100);

/// The last look at everything.
#[derive(Debug, Default)]
pub(crate) struct Glance {
    nodes: Mutex<Option<(Instant, Arc<Vec<NodeView>>)>>,
    qualities: Mutex<Option<Seen>>,
}

/// Qualities, and what they were made from.
#[derive(Debug)]
struct Seen {
    nodes: Arc<Vec<NodeView>>,
    revision: u64,
    qualities: Arc<Qualities>,
}

impl Glance {
    /// Every node by its number, as it was a moment ago. Called where one may wait.
    pub(crate) fn nodes(&self, server: &dyn Server) -> Arc<Vec<NodeView>> {
        // Held while the engine is asked: whoever comes meanwhile wants the same answer.
        let mut last = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, nodes)) = &*last
            && at.elapsed() < NODES_AGE_MAX
        {
            return Arc::clone(nodes);
        }
        let mut nodes = server.nodes();
        nodes.sort_unstable_by_key(|node| node.node);
        let nodes = Arc::new(nodes);
        *last = Some((Instant::now(), Arc::clone(&nodes)));
        nodes
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
                let qualities = Arc::new(Qualities::new(&*nodes, &board.alarms()));
                *last = Some(Seen { nodes, revision, qualities: Arc::clone(&qualities) });
                qualities
            }
        }
    }
}

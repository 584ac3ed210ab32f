//! The rounds: every group is looked at twice a second, and not all at the same moment.

use std::sync::Arc;
use std::time::Duration;

use tokio::select;
use tokio::time::{MissedTickBehavior, interval};

use crate::door::Door;
use crate::live::hub::Hub;

/// Between two looks at a group, and so between two updates of a sensor. A person could not follow more.
const ROUND: Duration = Duration::from_millis(500);
/// The groups of a round have so many turns.
pub(super) const TURNS: usize = 20;

/// Makes rounds while there is anybody who follows.
pub(super) async fn make(mut door: Door, hub: Arc<Hub>) {
    let mut tick = interval(ROUND / TURNS as u32);
    // Two looks are never nearer to each other than they should be.
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut turn = 0;
    loop {
        let (readings, nodes) = (hub.readings.due(turn), hub.nodes.due(turn));
        if readings.is_none() && nodes.is_none() {
            select! {
                _ = door.stopping.changed() => return,
                () = hub.has_groups.notified() => continue,
            }
        }
        turn = (turn + 1) % TURNS;
        let (readings, nodes) = (readings.unwrap_or_default(), nodes.unwrap_or_default());
        if !readings.is_empty() || !nodes.is_empty() {
            let looked = door.work(move |server, shared| {
                readings.iter().for_each(|group| group.look(server, shared));
                nodes.iter().for_each(|group| group.look(server, shared));
            });
            // What fails has been logged, and the next round is another try.
            let _ = looked.await;
        }
        select! {
            _ = door.stopping.changed() => return,
            _ = tick.tick() => {}
        }
    }
}

//! The play: everybody speaks when it is their turn, and what the story says happens when it says so.

use super::{
    Mistake, Scenario, Stage,
    actor::Actor,
    script::{Deed, Step},
};
use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

/// After the end, what was decided in its last moment is still made durable.
const CURTAIN: Duration = Duration::from_secs(1);

impl Scenario {
    /// Plays the story from its begin to its end. All that chance decides follows from the seed.
    ///
    /// # Errors
    /// What the stage cannot do, each with its line; then nothing has been played.
    pub fn play(&self, seed: u64, stage: &mut dyn Stage) -> Result<(), Vec<Mistake>> {
        let refused = |step: &Step| match &step.deed {
            Deed::Server(deed) => stage.refuses(deed).map(|why| Mistake::new(step.line, why)),
            Deed::Sensors(..) | Deed::Nodes(..) => None,
        };
        let mistakes: Vec<Mistake> = self.steps.iter().filter_map(refused).collect();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let mut actors: Vec<Actor<'_>> =
            self.nodes.iter().enumerate().map(|(place, spec)| Actor::new(place, spec, seed)).collect();
        let mut turns: BinaryHeap<Reverse<(Duration, usize)>> = actors
            .iter_mut()
            .enumerate()
            .map(|(place, actor)| Reverse((actor.next_burst(), place)))
            .collect();
        let mut steps = self.steps.iter().peekable();
        loop {
            let step_at = steps.peek().map_or(Duration::MAX, |step| step.at);
            let turn_at = turns.peek().map_or(Duration::MAX, |Reverse((at, _))| *at);
            let now = step_at.min(turn_at);
            if now > self.end {
                break;
            }
            stage.wait_until(now);
            // What happens to a sensor at its turn is in what it reads then.
            if step_at <= turn_at {
                if let Some(step) = steps.next() {
                    perform(step, &mut actors, stage);
                }
            } else if let Some(Reverse((_, place))) = turns.pop() {
                actors[place].burst(now, stage);
                turns.push(Reverse((actors[place].next_burst(), place)));
            }
        }
        stage.wait_until(self.end + CURTAIN);
        Ok(())
    }
}

fn perform(step: &Step, actors: &mut [Actor<'_>], stage: &mut dyn Stage) {
    match &step.deed {
        Deed::Sensors(sensors, deed) => {
            for (node, id) in sensors {
                actors[*node].change_sensor(*id, *deed, step.at, stage);
            }
        }
        Deed::Nodes(nodes, deed) => {
            for node in nodes {
                actors[*node].change_node(*deed, step.at, stage);
            }
        }
        Deed::Server(deed) => stage.perform(deed),
    }
}

//! A node of the story: the common node, its room, and when it speaks.

use super::{
    exposure::Exposure,
    script::{NodeDeed, NodeSpec, SensorDeed},
    stage::{Speaker, Stage},
};
use crate::{COMMON_NODE, CommonNode, seed::Random};
use poe_wire::{FRAME_BYTES, Message};
use std::time::Duration;

/// One node as it is played.
pub(super) struct Actor<'a> {
    speaker: Speaker,
    spec: &'a NodeSpec,
    node: CommonNode,
    room: [Exposure; COMMON_NODE.len()],
    random: Random,
    /// When its present burst would be due if it were never late.
    due: Duration,
    presence: Presence,
    /// It has started and announces its sensors first.
    announces: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Presence {
    There,
    Silent,
    /// Off until then, or for good.
    Off(Option<Duration>),
}

impl<'a> Actor<'a> {
    pub(super) fn new(place: usize, spec: &'a NodeSpec, seed: u64) -> Self {
        let mut random = Random::new(Random::new(seed).next() ^ Random::new(place as u64).next());
        let node = CommonNode::new(random.next());
        // Nodes are switched on whenever they are.
        let phase = random.within(0..=spec.every.as_millis().min(i32::MAX as u128) as i32);
        Self {
            speaker: Speaker { node: place, address: spec.address },
            spec,
            node,
            room: Default::default(),
            random,
            due: Duration::from_millis(u64::from(phase.unsigned_abs())),
            presence: Presence::There,
            announces: true,
        }
    }

    /// When it speaks next.
    pub(super) fn next_burst(&mut self) -> Duration {
        let jitter = self.spec.jitter.as_millis().min(i32::MAX as u128) as i32;
        self.due + Duration::from_millis(u64::from(self.random.within(0..=jitter).unsigned_abs()))
    }

    /// Reads every sensor and posts what they read, if it is there. Then it waits for its next turn.
    pub(super) fn burst(&mut self, now: Duration, stage: &mut dyn Stage) {
        self.due += self.spec.every;
        if let Presence::Off(Some(until)) = self.presence
            && until <= now
        {
            self.presence = Presence::There;
        }
        if self.presence != Presence::There {
            return;
        }
        let mut bytes = Vec::with_capacity(2 * COMMON_NODE.len() * FRAME_BYTES);
        let has = |id: usize| self.spec.kinds.contains(&COMMON_NODE[id]);
        if std::mem::take(&mut self.announces) {
            for (id, kind) in COMMON_NODE.into_iter().enumerate().filter(|(id, _)| has(*id)) {
                bytes.extend(frame(Message::Initialization { id: id as u8, kind, data: 0 }));
            }
        }
        let (room, random) = (&mut self.room, &mut self.random);
        let frames = self.node.frames_where(|id, value| room[usize::from(id)].value(value, now, random));
        for (_, frame) in frames.into_iter().enumerate().filter(|(id, _)| has(*id)) {
            bytes.extend(frame.0);
        }
        stage.send(self.speaker, &bytes);
    }

    pub(super) fn change_node(&mut self, deed: NodeDeed, now: Duration, stage: &mut dyn Stage) {
        match deed {
            NodeDeed::Silent => self.presence = Presence::Silent,
            NodeDeed::Back => {
                self.announces = matches!(self.presence, Presence::Off(_));
                self.presence = Presence::There;
            }
            NodeDeed::Unplugged => {
                self.presence = Presence::Off(None);
                stage.hang_up(self.speaker);
            }
            NodeDeed::Reboots { down } => {
                self.presence = Presence::Off(Some(now + down));
                self.announces = true;
                stage.hang_up(self.speaker);
            }
            NodeDeed::Reconnects => stage.hang_up(self.speaker),
        }
    }

    pub(super) fn change_sensor(&mut self, id: u8, deed: SensorDeed, now: Duration, stage: &mut dyn Stage) {
        match deed {
            SensorDeed::Posts { .. } if matches!(self.presence, Presence::Off(_)) => {}
            SensorDeed::Posts { value, times } => {
                let kind = COMMON_NODE[usize::from(id)];
                let posted = frame(Message::Post { id, kind, value });
                stage.send(self.speaker, &posted.repeat(times as usize));
            }
            SensorDeed::Fails(fault) => self.node.fail(id, fault),
            SensorDeed::Recovers => {
                self.node.mend(id);
                self.room[usize::from(id)].change(deed, now);
            }
            deed => self.room[usize::from(id)].change(deed, now),
        }
    }
}

fn frame(message: Message) -> [u8; FRAME_BYTES] {
    poe_wire::Frame::from(message).0
}

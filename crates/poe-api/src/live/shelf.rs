//! What there is to tell of many things that change, in blocks, so that nobody has to hold all of it for anybody: of each
//! block there is what has changed at the last look, and everything, for those who have missed a look.

use hyper::body::Bytes;

use crate::live::scene::Scene;

/// Things in a block. All of it is some 16 KiB, which is what hyper buffers for a client anyway.
const BLOCK: usize = 64;

/// What a client has been told of each block: up to which look.
#[derive(Debug, Default)]
pub(super) struct Known(Vec<u32>);

/// The blocks of a group of things.
pub(super) struct Shelf<S: Scene> {
    members: Vec<u32>,
    /// As they were at the last look. New members have no state yet.
    states: Vec<S::State>,
    blocks: Vec<Block>,
}

#[derive(Default)]
struct Block {
    /// The look at which something here was last seen to change,
    version: u32,
    /// and the one before that; 0 is no look.
    before: u32,
    /// What changed then.
    changes: Bytes,
    /// Everything, if somebody has wanted it since the last look.
    whole: Option<Bytes>,
}

impl<S: Scene> Default for Shelf<S> {
    fn default() -> Self {
        Shelf { members: Vec::new(), states: Vec::new(), blocks: Vec::new() }
    }
}

impl<S: Scene> Shelf<S> {
    /// The number after the last member's.
    pub(super) fn end(&self) -> u32 {
        self.members.last().map_or(0, |last| last + 1)
    }

    /// Adds members with higher numbers.
    pub(super) fn extend(&mut self, members: Vec<u32>) {
        self.members.extend(members);
    }

    /// How many blocks there are to look at.
    pub(super) fn block_count(&self) -> usize {
        self.members.len().div_ceil(BLOCK)
    }

    /// Looks at one block after the other.
    pub(super) fn look(&mut self, at: usize, scene: &S, look: u32) {
        let begin = at * BLOCK;
        let members = &self.members[begin..self.members.len().min(begin + BLOCK)];
        let mut changes = Vec::new();
        for (thing, at) in scene.things(members).iter().zip(begin..) {
            let state = scene.state(thing);
            match self.states.get_mut(at) {
                Some(known) if *known == state => continue,
                Some(known) => *known = state,
                None => self.states.push(state),
            }
            scene.write(thing, &mut changes);
        }
        if at == self.blocks.len() {
            self.blocks.push(Block::default());
        }
        let block = &mut self.blocks[at];
        block.whole = None;
        if !changes.is_empty() {
            *block = Block { version: look, before: block.version, changes: changes.into(), whole: None };
        }
    }

    /// The next that one does not know yet, from this block on, and the block after it.
    pub(super) fn next(&mut self, from: usize, known: &mut Known, scene: &S) -> Option<(Bytes, usize)> {
        known.0.resize(self.blocks.len(), 0);
        let is_news = |at: &usize| known.0[*at] != self.blocks[*at].version;
        let at = (from..self.blocks.len()).find(is_news)?;
        let block = &mut self.blocks[at];
        let told = std::mem::replace(&mut known.0[at], block.version);
        if told == block.before {
            return Some((block.changes.clone(), at + 1));
        }
        let whole = block.whole.get_or_insert_with(|| {
            let begin = at * BLOCK;
            // Members that have come since the last look are told with the next.
            let members = &self.members[begin..self.states.len().min(begin + BLOCK)];
            let mut whole = Vec::new();
            scene.things(members).iter().for_each(|thing| scene.write(thing, &mut whole));
            whole.into()
        });
        Some((whole.clone(), at + 1))
    }
}

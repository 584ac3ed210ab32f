//! What there is to tell of many things that change, in blocks, so that nobody has to hold all of it for anybody: of each
//! block there is what has changed at the last look, and everything, for those who have missed a look. Either is written
//! for the first who wants it, and is the same for all others.

use hyper::body::Bytes;

use crate::live::scene::Scene;

/// Things in a block, one for each bit of [`Block::changed`]. All of it is some 16 KiB, which is what hyper buffers for a
/// client anyway.
const BLOCK: usize = u64::BITS as usize;

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
    changed: u64,
    /// It is written when somebody wants it, and kept until the next look,
    changes: Option<Bytes>,
    /// and so is everything.
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

    /// Whether each of them has been looked at.
    pub(super) fn is_whole(&self) -> bool {
        self.states.len() == self.members.len()
    }

    /// Looks at one block after the other.
    pub(super) fn look(&mut self, at: usize, scene: &S, look: u32) {
        let begin = at * BLOCK;
        let members = &self.members[begin..self.members.len().min(begin + BLOCK)];
        let mut changed = 0;
        for (thing, bit) in scene.things(members).iter().zip(0..) {
            let state = scene.state(thing);
            match self.states.get_mut(begin + bit) {
                Some(known) if *known == state => continue,
                Some(known) => *known = state,
                None => self.states.push(state),
            }
            changed |= 1 << bit;
        }
        if at == self.blocks.len() {
            self.blocks.push(Block::default());
        }
        let block = &mut self.blocks[at];
        (block.changes, block.whole) = (None, None);
        if changed != 0 {
            (block.version, block.before, block.changed) = (look, block.version, changed);
        }
    }

    /// The next that one does not know yet, from this block on, and the block after it.
    pub(super) fn next(&mut self, from: usize, known: &mut Known, scene: &S) -> Option<(Bytes, usize)> {
        known.0.resize(self.blocks.len(), 0);
        let is_news = |at: &usize| known.0[*at] != self.blocks[*at].version;
        let at = (from..self.blocks.len()).find(is_news)?;
        let block = &mut self.blocks[at];
        let told = std::mem::replace(&mut known.0[at], block.version);
        let (wanted, written) = if told == block.before {
            (block.changed, &mut block.changes)
        } else {
            (u64::MAX, &mut block.whole)
        };
        let written = written.get_or_insert_with(|| {
            // Members that have come since the last look are told with the next.
            let members = self.states.len().min((at + 1) * BLOCK);
            let members = self.members[at * BLOCK..members].iter().zip(0..);
            let wanted: Vec<u32> =
                members.filter(|(_, bit)| wanted & (1 << bit) != 0).map(|(member, _)| *member).collect();
            let mut told = Vec::new();
            scene.things(&wanted).iter().for_each(|thing| scene.write(thing, &mut told));
            told.into()
        });
        Some((written.clone(), at + 1))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::server::Server;
    use crate::work::Shared;
    use poe_building::Text;
    use std::collections::BTreeMap;

    /// Numbers that change, told as `3=7;`.
    pub(in crate::live) struct Numbers(pub(in crate::live) Vec<u8>);

    impl Scene for Numbers {
        type Thing = (u32, u8);
        type State = u8;

        fn now(_: &dyn Server, _: &Shared) -> Self {
            unreachable!("the tests look by themselves")
        }

        fn members(&self, _: &dyn Server, _: &Shared, _: Option<&Text>, _: u32) -> Vec<u32> {
            unreachable!("the tests know the members")
        }

        fn things(&self, members: &[u32]) -> Vec<(u32, u8)> {
            members.iter().map(|at| (*at, self.0[*at as usize])).collect()
        }

        fn state(&self, (_, value): &(u32, u8)) -> u8 {
            *value
        }

        fn write(&self, (at, value): &(u32, u8), told: &mut Vec<u8>) {
            told.extend(format!("{at}={value};").bytes());
        }
    }

    /// A client that applies what it is told, and how much that was.
    #[derive(Default)]
    struct Client {
        known: Known,
        values: BTreeMap<u32, u8>,
        told: usize,
    }

    impl Client {
        /// Takes up to so many pieces.
        fn read(&mut self, shelf: &mut Shelf<Numbers>, scene: &Numbers, most: usize) {
            let mut from = 0;
            for _ in 0..most {
                let Some((told, next)) = shelf.next(from, &mut self.known, scene) else { return };
                from = next;
                for pair in str::from_utf8(&told).unwrap().split_terminator(';') {
                    let (at, value) = pair.split_once('=').unwrap();
                    self.values.insert(at.parse().unwrap(), value.parse().unwrap());
                    self.told += 1;
                }
            }
        }
    }

    fn look(shelf: &mut Shelf<Numbers>, scene: &Numbers, look: u32) {
        shelf.extend((shelf.end()..scene.0.len() as u32).collect());
        (0..shelf.block_count()).for_each(|at| shelf.look(at, scene, look));
    }

    #[test]
    fn whoever_keeps_up_is_told_what_has_changed_and_no_more() {
        let (mut shelf, mut scene, mut client) = (Shelf::default(), Numbers(vec![0; 200]), Client::default());
        look(&mut shelf, &scene, 1);
        client.read(&mut shelf, &scene, 9);
        assert_eq!(client.told, 200);
        for (at, number) in [(5, 2), (199, 3), (70, 4)] {
            scene.0[at] = 1;
            look(&mut shelf, &scene, number);
            client.read(&mut shelf, &scene, 9);
        }
        assert_eq!(client.told, 203);
        look(&mut shelf, &scene, 5);
        client.read(&mut shelf, &scene, 9);
        assert_eq!(client.told, 203, "nothing has changed");
    }

    #[test]
    fn whoever_has_missed_a_look_is_told_that_block_once() {
        let (mut shelf, mut scene, mut client) = (Shelf::default(), Numbers(vec![0; 200]), Client::default());
        look(&mut shelf, &scene, 1);
        client.read(&mut shelf, &scene, 9);
        for number in 2..9 {
            scene.0[5] = number as u8;
            look(&mut shelf, &scene, number);
        }
        client.read(&mut shelf, &scene, 9);
        assert_eq!((client.told, client.values[&5]), (200 + BLOCK, 8));
    }

    #[test]
    fn however_clients_read_they_end_with_how_things_stand() {
        let mut seed = 4_711_u32;
        let mut roll = move |below: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize % below
        };
        let (mut shelf, mut scene) = (Shelf::default(), Numbers(vec![0; 3]));
        let mut clients: Vec<Client> = (0..8).map(|_| Client::default()).collect();
        for number in 1..500 {
            if roll(4) == 0 {
                scene.0.extend(vec![0; roll(9)]);
            }
            for _ in 0..roll(30) {
                let at = roll(scene.0.len());
                scene.0[at] = roll(256) as u8;
            }
            look(&mut shelf, &scene, number);
            for client in &mut clients {
                client.read(&mut shelf, &scene, roll(4));
            }
        }
        let stands: BTreeMap<u32, u8> = (0..).zip(scene.0.iter().copied()).collect();
        assert!(stands.len() > 5 * BLOCK, "{}", stands.len());
        for client in &mut clients {
            client.read(&mut shelf, &scene, usize::MAX);
            assert_eq!(client.values, stands);
        }
    }
}

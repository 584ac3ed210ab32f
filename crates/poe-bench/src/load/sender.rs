//! The paces at which one thread lets its nodes send.

use super::node::Node;
use super::ring::{Dice, Ring};
use crate::failure::{Doing, Failure};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use std::ops::AddAssign;
use std::thread;
use std::time::{Duration, Instant};

/// A socket with room gets this many writes before the next one has its turn.
const WRITES_IN_A_ROW: usize = 8;
/// Between two looks at the clock when the rate is given.
const PACE_TICK: Duration = Duration::from_micros(200);
const EVENTS_AT_ONCE: usize = 1024;

/// What every node of a thread has to send, and until when.
pub struct Plan {
    pub pace: Pace,
    pub node_bytes: u64,
    pub round_bytes: u64,
    pub write_bytes: u64,
    pub ends: Instant,
}

/// How fast.
pub enum Pace {
    /// As fast as the server takes it.
    FlatOut,
    /// So many frames a second, all nodes of the thread together.
    Rate { frames_per_s: f64 },
    /// A round of all sensors at every beat, the nodes spread evenly over it.
    Beat { every: Duration },
    /// A cut of one to three bytes from each node in turn, then a gap.
    Pieces { gap: Duration },
}

/// What went out.
#[derive(Default)]
pub struct Sent {
    pub bytes: u64,
    pub lost_nodes: usize,
}

impl AddAssign for Sent {
    fn add_assign(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.lost_nodes += other.lost_nodes;
    }
}

/// Sends until every node is done or the plan's time is over.
pub fn send(nodes: &mut [Node], plan: &Plan, ring: &Ring) -> Result<Sent, Failure> {
    if !nodes.is_empty() {
        match plan.pace {
            Pace::FlatOut => flat_out(nodes, plan, ring)?,
            Pace::Rate { frames_per_s } => at_rate(nodes, plan, ring, frames_per_s),
            Pace::Beat { every } => on_the_beat(nodes, plan, ring, every),
            Pace::Pieces { gap } => in_pieces(nodes, plan, ring, gap),
        }
    }
    Ok(Sent {
        bytes: nodes.iter().map(|node| node.sent).sum(),
        lost_nodes: nodes.iter().filter(|node| node.is_lost).count(),
    })
}

impl Plan {
    fn is_done(&self, node: &Node) -> bool {
        node.is_lost || node.sent >= self.node_bytes
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.ends
    }

    /// To the end of the write that the node is in, which the kernel may have taken in part.
    fn next_write(&self, node: &Node) -> u64 {
        (self.write_bytes - node.sent % self.write_bytes).min(self.node_bytes - node.sent)
    }
}

fn flat_out(nodes: &mut [Node], plan: &Plan, ring: &Ring) -> Result<(), Failure> {
    let doing = || "wait for sockets with room".into();
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).doing(doing)?;
    for (index, node) in nodes.iter().enumerate() {
        epoll.add(&node.stream, EpollEvent::new(EpollFlags::EPOLLOUT, index as u64)).doing(doing)?;
    }
    let mut events = vec![EpollEvent::empty(); EVENTS_AT_ONCE];
    let mut busy = nodes.len();
    while busy > 0 && !plan.is_over() {
        // An interrupted wait is an empty one.
        let ready = epoll.wait(&mut events, 100_u8).unwrap_or(0);
        for event in &events[..ready] {
            let node = &mut nodes[event.data() as usize];
            push_in_a_row(node, plan, ring);
            if plan.is_done(node) {
                epoll.delete(&node.stream).doing(doing)?;
                busy -= 1;
            }
        }
    }
    Ok(())
}

fn push_in_a_row(node: &mut Node, plan: &Plan, ring: &Ring) {
    for _ in 0..WRITES_IN_A_ROW {
        let want = plan.next_write(node);
        let written = node.push(ring, want);
        if written < want || plan.is_done(node) {
            return;
        }
    }
}

fn at_rate(nodes: &mut [Node], plan: &Plan, ring: &Ring, frames_per_s: f64) {
    let start = Instant::now();
    let (mut sent_frames, mut turn) = (0.0, 0);
    while !plan.is_over() {
        let due_frames = start.elapsed().as_secs_f64() * frames_per_s;
        let mut tries = 0;
        while sent_frames < due_frames {
            tries += 1;
            // Twice around without room in any socket: the server is behind, and the clock is looked at.
            if tries > nodes.len() * 2 {
                break;
            }
            let index = turn % nodes.len();
            turn += 1;
            let node = &mut nodes[index];
            if !plan.is_done(node) {
                let want = plan.next_write(node);
                sent_frames += node.push(ring, want) as f64 / 4.0;
            }
        }
        if tries > nodes.len() && nodes.iter().all(|node| plan.is_done(node)) {
            return;
        }
        thread::sleep(PACE_TICK);
    }
}

fn on_the_beat(nodes: &mut [Node], plan: &Plan, ring: &Ring, every: Duration) {
    let start = Instant::now();
    for turn in 0.. {
        let due = start + every.mul_f64(turn as f64 / nodes.len() as f64);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if plan.is_over() || nodes.iter().all(|node| plan.is_done(node)) {
            return;
        }
        let index = turn % nodes.len();
        let node = &mut nodes[index];
        let round_end = node.sent / plan.round_bytes * plan.round_bytes + plan.round_bytes;
        while !plan.is_done(node) && node.sent < round_end {
            let want = plan.next_write(node).min(round_end - node.sent);
            if node.push(ring, want) < want {
                break;
            }
        }
    }
}

fn in_pieces(nodes: &mut [Node], plan: &Plan, ring: &Ring, gap: Duration) {
    let mut dice = Dice(42);
    while !plan.is_over() && !nodes.iter().all(|node| plan.is_done(node)) {
        for node in nodes.iter_mut() {
            if !plan.is_done(node) {
                let cut = 1 + dice.roll() % 3;
                node.push(ring, cut.min(4 - node.sent % 4).min(plan.node_bytes - node.sent));
            }
        }
        thread::sleep(gap);
    }
}

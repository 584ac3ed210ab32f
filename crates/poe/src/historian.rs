//! The recorder's way to the history: a batch of readings is durable there before its latest values are shown.

use crate::{recorder::chain, stats::Stats};
use poe_building::{Changes, Gap, Known, Time};
use poe_history::{Keeper, Log};
use std::{
    collections::VecDeque,
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tracing::{error, info};

/// Readings that wait since the log does not take them: as many as a building lets wait for a disk that stands still.
/// Latest values and alarms go on meanwhile. Beyond it the oldest are left out, which is journalled and a trouble.
const BEHIND_BYTES_MAX: usize = 64 << 20;

/// The thread that seals, compacts and removes.
#[derive(Debug)]
pub(crate) struct KeeperThread {
    thread: JoinHandle<()>,
    stopping: Arc<AtomicBool>,
}

impl KeeperThread {
    pub(crate) fn start(keeper: Keeper) -> io::Result<Self> {
        let stopping = Arc::<AtomicBool>::default();
        let told = Arc::clone(&stopping);
        let thread = thread::Builder::new().name("keeper".into()).spawn(move || keeper.run(&told))?;
        Ok(Self { thread, stopping })
    }

    /// Has it leave what is under way, which the next start does anew.
    pub(crate) fn give_up(&self) {
        self.stopping.store(true, Relaxed);
        self.thread.thread().unpark();
    }

    /// Waits for its end. One whose disk does not answer is left behind: nothing of its work is lost by that.
    pub(crate) fn join_until(self, deadline: Instant) {
        while !self.thread.is_finished() {
            if Instant::now() > deadline {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
        if self.thread.join().is_err() {
            error!("the keeper of the history has panicked");
        }
    }
}

/// Keeps batches in the log, in order.
#[derive(Debug)]
pub(crate) struct Historian {
    log: Log,
    /// The address of each node, by its number.
    addresses: Vec<IpAddr>,
    /// Batches that the log did not take, oldest first.
    behind: VecDeque<Arc<Changes>>,
    behind_bytes: usize,
    stats: Arc<Stats>,
}

impl Historian {
    pub(crate) fn new(log: Log, known: &Known, stats: Arc<Stats>) -> Self {
        let addresses = known.nodes.iter().map(|node| node.address).collect();
        Self { log, addresses, behind: VecDeque::new(), behind_bytes: 0, stats }
    }

    /// Adds a batch to the log. One that it does not take waits, and is tried again with the next.
    pub(crate) fn keep(&mut self, changes: &Arc<Changes>) {
        self.addresses.extend(changes.readings.new_nodes());
        if !changes.readings.is_empty() {
            self.behind_bytes += changes.readings.bytes();
            self.behind.push_back(Arc::clone(changes));
        }
        self.catch_up();
        while self.behind_bytes > BEHIND_BYTES_MAX {
            self.leave_out_oldest();
        }
    }

    /// Tries to add everything that waits. Returns whether nothing does any more.
    pub(crate) fn catch_up(&mut self) -> bool {
        while let Some(oldest) = self.behind.front() {
            let addresses = &self.addresses;
            let appended = match self.log.append(&oldest.readings, |node| addresses[node.index()]) {
                Ok(appended) => appended,
                Err(error) => {
                    let why = chain(&error);
                    let told = self.stats.recorder().history.failing.replace(why.clone()).is_some();
                    if !told {
                        error!(
                            "readings cannot be kept in the history: {why}; they wait in memory and the server tries on"
                        );
                    }
                    return false;
                }
            };
            self.behind_bytes -= oldest.readings.bytes();
            self.behind.pop_front();
            let history = &mut self.stats.recorder().history;
            history.readings += appended.readings;
            history.bytes += appended.bytes;
            if self.behind.is_empty() && history.failing.take().is_some() {
                info!("readings are kept in the history again");
            }
        }
        true
    }

    fn leave_out_oldest(&mut self) {
        let Some(oldest) = self.behind.pop_front() else { return };
        self.behind_bytes -= oldest.readings.bytes();
        let times = || oldest.readings.bursts().map(|(burst, _)| burst.time);
        let gap = Gap {
            from: times().min().unwrap_or(Time(0)),
            to: times().max().unwrap_or(Time(0)),
            readings: oldest.readings.len() as u64,
        };
        let history = &mut self.stats.recorder().history;
        history.left_out += gap.readings;
        history.gap = Some(history.gap.map_or(gap, |before| before.and(gap)));
    }
}

//! The recorder's way to the history: a batch of readings is durable there before its latest values are shown.

use crate::{recorder::chain, stats::Stats};
use poe_building::{Gap, Known, Readings, Time};
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

/// How long a batch may be kept waiting by those before it, which the log takes again: alarms are behind it.
const CATCH_UP_MAX: Duration = Duration::from_millis(20);

/// Readings that wait are added together up to so many bytes: some 5 ms of a disk.
const JOINED_BYTES_MAX: usize = 1 << 20;

/// After a failure the log is left alone for a while: each try makes a new file.
const REST: Duration = Duration::from_millis(250);

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
    /// Readings that the log did not take, oldest first.
    behind: VecDeque<Readings>,
    behind_bytes: usize,
    /// Until then the log is not tried again.
    rests_until: Option<Instant>,
    stats: Arc<Stats>,
}

impl Historian {
    pub(crate) fn new(log: Log, known: &Known, stats: Arc<Stats>) -> Self {
        let addresses = known.nodes.iter().map(|node| node.address).collect();
        Self { log, addresses, behind: VecDeque::new(), behind_bytes: 0, rests_until: None, stats }
    }

    /// Adds readings to the log. What it does not take waits, and is tried again with the next.
    pub(crate) fn keep(&mut self, readings: &Readings) {
        self.addresses.extend(readings.new_nodes());
        if self.catch_up(CATCH_UP_MAX) && (readings.is_empty() || self.append(readings)) {
            return;
        }
        if !readings.is_empty() {
            self.wait(readings);
        }
        while self.behind_bytes > BEHIND_BYTES_MAX {
            self.leave_out_oldest();
        }
    }

    /// Adds what waits, for so long at most. Returns whether nothing does any more.
    pub(crate) fn catch_up(&mut self, within: Duration) -> bool {
        let until = Instant::now() + within;
        while let Some(oldest) = self.behind.pop_front() {
            if Instant::now() >= until || !self.append(&oldest) {
                self.behind.push_front(oldest);
                return false;
            }
            self.behind_bytes -= oldest.bytes();
            if self.behind.is_empty() {
                info!("readings are kept in the history again");
            }
        }
        true
    }

    /// Whether the log has taken these.
    fn append(&mut self, readings: &Readings) -> bool {
        if self.rests_until.is_some_and(|until| Instant::now() < until) {
            return false;
        }
        let Self { log, addresses, .. } = self;
        match log.append(readings, |node| addresses[node.index()]) {
            Ok(appended) => {
                self.rests_until = None;
                let history = &mut self.stats.recorder().history;
                history.readings += appended.readings;
                history.bytes += appended.bytes;
                history.failing = None;
                true
            }
            Err(error) => {
                self.rests_until = Some(Instant::now() + REST);
                let why = chain(&error);
                if self.stats.recorder().history.failing.replace(why.clone()).is_none() {
                    error!(
                        "readings cannot be kept in the history: {why}; they wait in memory and the server tries on"
                    );
                }
                false
            }
        }
    }

    /// Readings join those that wait. Small ones become one: each batch in the log costs a sync.
    fn wait(&mut self, readings: &Readings) {
        self.behind_bytes += readings.bytes();
        match self.behind.back_mut() {
            Some(last) if last.bytes() < JOINED_BYTES_MAX => last.add(readings),
            _ => {
                let mut own = Readings::default();
                own.add(readings);
                self.behind.push_back(own);
            }
        }
    }

    /// Gives up what waits. Returns what is missing by then, of which nobody has been told.
    pub(crate) fn leave_out_the_rest(&mut self) -> Option<Gap> {
        while !self.behind.is_empty() {
            self.leave_out_oldest();
        }
        self.stats.recorder().history.gap.take()
    }

    fn leave_out_oldest(&mut self) {
        let Some(oldest) = self.behind.pop_front() else { return };
        self.behind_bytes -= oldest.bytes();
        let times = || oldest.bursts().map(|(burst, _)| burst.time);
        let gap = Gap {
            from: times().min().unwrap_or(Time(0)),
            to: times().max().unwrap_or(Time(0)),
            readings: oldest.len() as u64,
        };
        let history = &mut self.stats.recorder().history;
        history.left_out += gap.readings;
        history.gap = Some(history.gap.map_or(gap, |before| before.and(gap)));
    }
}

//! The engine: one thread between the sockets and what they mean.
//!
//! It owns the [`Building`]. Bytes go from the socket into the building in one step, without a queue, so that nothing
//! stands between a flame and its alarm; what has to be remembered goes on to the recorder, one batch at a time.
//! While a batch is being written, newer values wait in the building, each sensor's latest only.

mod accept;
mod handover;
mod request;
mod self_check;
mod tell;
mod watch;

pub(crate) use accept::Listening;
pub(crate) use handover::CommitPace;
pub use request::{ConnectionView, EngineGone};
pub(crate) use request::{Inbox, Request, Requests};
pub use watch::{Notice, Told};

use crate::{
    announce::Announcer,
    clock::Clock,
    net::{
        connections::Connections,
        doors::{Doors, Refusal},
        poll::{Poller, Ready},
    },
    recorder::Recorder,
    stats::{EngineStats, Stats},
};
use handover::Handover;
use poe_building::{Building, Event, Input};
use self_check::SelfCheck;
use std::{
    io::{self, ErrorKind, Read},
    sync::{Arc, mpsc::Receiver},
    time::{Duration, Instant},
};
use tell::Tell;
use watch::Watch;

/// Bytes taken from one connection before the others have their turn: 16,384 frames, some 200 us of work. The longest
/// datagram that there is fits too, so that none is cut.
const READ_BYTES: usize = 64 << 10;
/// A round that takes longer than this makes every connection's turn shorter, down to this many bytes: readings that each
/// cross a threshold cost thirty times as much as those that do not, and nobody's alarm is to wait for them.
const ROUND_MAX: Duration = Duration::from_millis(50);
const READ_BYTES_MIN: usize = 2 << 10;
/// Datagrams taken from one socket before the others have their turn.
const DATAGRAMS_PER_TURN: usize = 64;
/// With so many connections ready at once the engine is busy,
const BUSY_CONNECTIONS: usize = 16;
/// and lets this much time pass between two rounds: each read then finds more bytes, and one costs much more than
/// the frames that it brings. With fewer, nobody waits.
const BUSY_ROUND: Duration = Duration::from_millis(1);
/// The longest wait for a socket, so that the watchdog sees that the engine is alive.
const IDLE_ROUND: Duration = Duration::from_secs(1);
/// Between two rounds the engine sleeps as long as it wanted, or it was stopped.
const ASLEEP_MIN: Duration = Duration::from_secs(2);
/// With so many bytes of readings waiting, three quarters of what may wait, nodes are held back,
const HOLD_BACK_BYTES: usize = 48 << 20;
/// but only while the recorder takes less than this for a batch: an alarm may be among what is held back.
const HOLD_BACK_MAX: Duration = Duration::from_secs(1);
/// How long the engine rests then before it looks again.
const HOLD_BACK_ROUND: Duration = Duration::from_millis(1);
/// At a stop, what the nodes have already sent is still read, until nothing has come for this long,
const QUIET: Duration = Duration::from_millis(30);
/// but not for longer than this.
const DRAIN_MAX: Duration = Duration::from_secs(1);

/// Everything between the sockets and the recorder.
pub(crate) struct Engine {
    building: Building,
    clock: Clock,
    poller: Poller,
    doors: Doors,
    listening: Listening,
    connections: Connections,
    handover: Handover,
    inbox: Inbox,
    announcer: Arc<Announcer>,
    self_check: SelfCheck,
    watch: Watch,
    tell: Tell,
    stats: Arc<Stats>,
    own: EngineStats,
    buffer: Box<[u8]>,
    /// How much of the buffer a connection may fill in its turn.
    turn_bytes: usize,
    events: Vec<Event>,
    /// What the keeper of the history tells; nothing comes where none is kept.
    history: Receiver<poe_history::Notice>,
    stopping: bool,
}

impl Engine {
    #[expect(clippy::too_many_arguments, reason = "it is wired together in one place")]
    pub(crate) fn new(
        building: Building,
        clock: Clock,
        poller: Poller,
        doors: Doors,
        listening: Listening,
        recorder: Recorder,
        pace: CommitPace,
        inbox: Inbox,
        announcer: Arc<Announcer>,
        stats: Arc<Stats>,
        history: Receiver<poe_history::Notice>,
    ) -> Self {
        let mut engine = Self {
            building,
            clock,
            poller,
            doors,
            listening,
            connections: Connections::default(),
            handover: Handover::new(recorder, Arc::clone(&announcer), pace),
            inbox,
            announcer,
            self_check: SelfCheck::new(),
            watch: Watch::default(),
            tell: Tell::default(),
            stats,
            own: EngineStats::default(),
            buffer: vec![0; READ_BYTES].into_boxed_slice(),
            turn_bytes: READ_BYTES,
            events: Vec::new(),
            history,
            stopping: false,
        };
        // Whoever asks before the first round is told what a restart has brought back.
        engine.publish(Instant::now());
        engine
    }

    /// Works until it is asked to stop; then reads what has already arrived, has it written down and returns.
    ///
    /// # Errors
    /// The system can no longer tell which sockets are ready.
    pub(crate) fn run(mut self) -> io::Result<()> {
        for (number, listener) in self.listening.tcp.iter().enumerate() {
            self.poller.watch(listener, Ready::Listener(number))?;
        }
        for (number, socket) in self.listening.udp.iter().enumerate() {
            self.poller.watch(socket, Ready::Datagrams(number))?;
        }
        let mut ready = Vec::new();
        let mut awake = Instant::now();
        while !self.stopping {
            let wait = self.longest_wait();
            self.poller.wait(wait, &mut ready)?;
            let begun = Instant::now();
            if begun - awake > wait + ASLEEP_MIN {
                // The process was stopped: what the nodes sent meanwhile is still to be read.
                self.building.handle(Input::Listening, self.clock.now(), &mut self.events);
            }
            awake = begun;
            // What was due before these bytes came is not to be judged by them.
            self.building.wake(self.clock.now());
            self.read_ready(&ready);
            self.look_at_itself(begun);
            self.building.stamp_decided(self.clock.now().time);
            self.listen_again_after_pause()?;
            if self.handover.hand_over(&mut self.building, begun) {
                self.watch.handed_over();
            }
            self.watch.settle(self.handover.is_idle() && !self.building.has_urgent_changes());
            self.publish(begun);
            self.share_time(begun.elapsed());
            if ready.len() >= BUSY_CONNECTIONS {
                std::thread::sleep(BUSY_ROUND.saturating_sub(begun.elapsed()));
            }
        }
        self.drain()
    }

    /// Makes turns shorter while rounds take too long, and longer again when they do not.
    fn share_time(&mut self, round: Duration) {
        if round > ROUND_MAX {
            self.turn_bytes = (self.turn_bytes / 2).max(READ_BYTES_MIN);
        } else if round < ROUND_MAX / 4 {
            self.turn_bytes = (self.turn_bytes * 2).min(READ_BYTES);
        }
    }

    /// Whether so many readings wait for the disk that nodes have to wait, too, so that none is lost: as long as commits
    /// advance. When none does, reading goes on for the alarms' sake, and readings are thinned instead.
    fn holds_back(&self) -> bool {
        let stalled = |since: Instant| since.elapsed() > HOLD_BACK_MAX;
        self.building.reading_bytes_waiting() > HOLD_BACK_BYTES
            && self.handover.in_hand_since().is_some_and(|since| !stalled(since))
    }

    fn longest_wait(&self) -> Duration {
        let now = Instant::now();
        let commit = self.handover.next_due(&self.building);
        let wake = self.building.next_wake().map(|ticks| self.clock.instant(ticks));
        let due = [commit, self.listening.paused_until, self.watch.next_due(), wake];
        let due = due.into_iter().chain([Some(self.self_check.due)]).flatten().min();
        due.map_or(IDLE_ROUND, |due| due.saturating_duration_since(now).min(IDLE_ROUND))
    }

    /// Reads once from a connection. Returns whether it may have more to read.
    fn read(&mut self, key: usize) -> bool {
        // It may have been closed earlier in this round.
        let Some(connection) = self.connections.get_mut(key) else { return false };
        match connection.stream.read(&mut self.buffer[..self.turn_bytes]) {
            Ok(0) => self.close(key),
            Ok(count) => {
                let now = self.clock.now();
                connection.last_heard = Some(now.time);
                connection.quiet_since = Instant::now();
                let session = &mut connection.session;
                let bytes = &self.buffer[..count];
                self.building.handle(Input::Stream { session, bytes }, now, &mut self.events);
                if self.tell_events() {
                    self.close(key);
                }
                return count == self.turn_bytes;
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => self.close(key),
        }
        false
    }

    /// Reads datagrams from a socket.
    fn receive(&mut self, number: usize) {
        for _ in 0..DATAGRAMS_PER_TURN {
            match self.listening.udp[number].recv_from(&mut self.buffer) {
                Ok((count, peer)) => {
                    let from = crate::net::listen::peer_address(peer);
                    if !self.doors.admits(from) {
                        self.refuse(from, Refusal::Network);
                        continue;
                    }
                    let now = self.clock.now();
                    let bytes = &self.buffer[..count];
                    self.building.handle(Input::Datagram { from, bytes }, now, &mut self.events);
                    self.tell_events();
                }
                // What the system reports here concerns an earlier datagram; there is nobody to answer.
                Err(_) => return,
            }
        }
    }

    fn close(&mut self, key: usize) {
        if let Some(connection) = self.connections.remove(key) {
            let session = &connection.session;
            let now = self.clock.now();
            self.building.handle(Input::Closed { session }, now, &mut self.events);
            for event in self.events.drain(..) {
                self.tell.event(&mut self.watch, &self.building, &event);
            }
            let (address, port) = (session.address(), connection.port);
            self.tell.disconnected(&mut self.watch, address, port, session.frames());
        }
    }

    /// Tells the events to the log and to those who watch. Returns whether their connection is to be closed.
    fn tell_events(&mut self) -> bool {
        let mut close = false;
        for event in self.events.drain(..) {
            close |= matches!(event, Event::OutOfStep { .. });
            self.tell.event(&mut self.watch, &self.building, &event);
        }
        close
    }

    fn publish(&mut self, begun: Instant) {
        let own = &mut self.own;
        own.counters = *self.building.counters();
        own.connections = self.connections.len();
        own.nodes = self.building.node_count();
        own.sensors = self.building.sensor_count();
        own.rows_waiting = self.building.rows_waiting();
        own.reading_bytes_waiting = self.building.reading_bytes_waiting();
        own.commit_interval = self.handover.interval();
        own.rounds += 1;
        own.busy += begun.elapsed();
        self.stats.publish_engine(own);
    }

    /// At the end it counts what the table does not have yet.
    fn publish_the_last(&mut self, begun: Instant) {
        self.own.rows_unstored = self.handover.rows_unstored(&self.building);
        self.publish(begun);
    }

    /// The end: nobody new gets in, everyone is read to the end of what has arrived, and all of it is written down.
    fn drain(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + DRAIN_MAX;
        // Who has connected before the stop may have sent, too, although nobody has greeted it yet.
        for number in 0..self.listening.tcp.len() {
            while self.accept(number) && Instant::now() < deadline {}
        }
        self.listening.refuse_new();
        let mut ready = Vec::new();
        let mut quiet_since = Instant::now();
        while quiet_since.elapsed() < QUIET && Instant::now() < deadline {
            self.poller.wait(QUIET, &mut ready)?;
            if self.read_ready(&ready) {
                quiet_since = Instant::now();
            }
            self.handover.hand_over(&mut self.building, Instant::now());
        }
        for key in self.connections.keys() {
            self.close(key);
        }
        self.building.end(self.clock.now());
        self.publish_the_last(Instant::now());
        self.handover.finish(&mut self.building, &self.inbox);
        self.publish_the_last(Instant::now());
        Ok(())
    }

    /// Does what the sockets ask for. Returns whether any bytes may have come.
    fn read_ready(&mut self, ready: &[Ready]) -> bool {
        let mut bytes = false;
        let holds_back = self.holds_back();
        if holds_back {
            std::thread::sleep(HOLD_BACK_ROUND);
        }
        for ready in ready {
            match *ready {
                Ready::Connection(_) | Ready::Datagrams(_) if holds_back => continue,
                Ready::Woken => self.answer_requests(),
                Ready::Listener(number) => _ = self.accept(number),
                Ready::Datagrams(number) => self.receive(number),
                Ready::Connection(key) => _ = self.read(key),
            }
            bytes |= matches!(ready, Ready::Datagrams(_) | Ready::Connection(_));
        }
        bytes
    }
}

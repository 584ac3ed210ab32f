//! Figures about alarms, those who are told of them, and how fast that goes.

use std::net::SocketAddr;
use std::time::Duration;

use poe_building::{Alarm, Class, State, Text, Time};

/// This run of the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// When it began.
    pub started: Time,
    /// Where nodes connect over TCP, with the ports that have become of those that were to be free ones.
    pub listen: Vec<SocketAddr>,
    /// Where they send datagrams.
    pub udp: Vec<SocketAddr>,
}

/// How many alarms are shown. Classes are in the order of [`Class::ALL`], states in that of [`State::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AlarmFigures {
    /// By class and state.
    pub by_state: [[u64; State::ALL.len()]; Class::ALL.len()],
    /// Those of them that are kept quiet, by class.
    pub quiet: [u64; Class::ALL.len()],
}

impl AlarmFigures {
    /// Counts those that are shown.
    pub fn of<'a>(alarms: impl IntoIterator<Item = &'a Alarm>) -> Self {
        let mut figures = Self::default();
        for alarm in alarms.into_iter().filter(|alarm| alarm.is_shown()) {
            figures.by_state[alarm.class as usize][alarm.state as usize] += 1;
            figures.quiet[alarm.class as usize] += u64::from(alarm.quiet.is_some());
        }
        figures
    }

    /// All of a class.
    #[must_use]
    pub fn shown(&self, class: Class) -> u64 {
        self.by_state[class as usize].iter().sum()
    }

    /// Those of a class whose condition is true.
    #[must_use]
    pub fn active(&self, class: Class) -> u64 {
        self.in_states(class, State::is_active)
    }

    /// Those of a class that nobody has acknowledged.
    #[must_use]
    pub fn unacknowledged(&self, class: Class) -> u64 {
        self.in_states(class, State::is_unacknowledged)
    }

    fn in_states(&self, class: Class, wanted: impl Fn(State) -> bool) -> u64 {
        let of_class = State::ALL.into_iter().zip(self.by_state[class as usize]);
        of_class.filter(|(state, _)| wanted(*state)).map(|(_, count)| count).sum()
    }
}

/// How the history fares. The counts of readings that were added or left out are those of this run.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct HistoryFigures {
    /// What is stored, and what waits to be put in order.
    pub stored: poe_history::Figures,
    /// Readings that were added.
    pub readings: u64,
    /// Bytes of the log that they took there.
    pub log_bytes: u64,
    /// Readings that were left out, since the disk stood still for too long.
    pub left_out: u64,
    /// Whether the log takes none just now.
    pub failing: bool,
    /// Bytes of readings that wait in memory.
    pub bytes_in_memory: u64,
}

/// How a target of notifications stands. The counts are those of this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetStatus {
    /// Its name.
    pub name: Text,
    /// Notifications that it has still to get.
    pub waiting: u64,
    /// The age of the oldest of these.
    pub oldest: Option<Duration>,
    /// Notifications that it has confirmed.
    pub sent: u64,
    /// Tries that failed.
    pub failed: u64,
    /// Notifications that were given up.
    pub dead: u64,
    /// Why and when a try failed last, also after it has got better.
    pub last_error: Option<(Text, Time)>,
    /// When it last said yes.
    pub last_success: Option<Time>,
    /// Tries that have failed since it last said yes; 0: it is well.
    pub failing: u32,
}

/// How long signals took, by what was signalled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Latency {
    /// Of class `alarm`.
    pub alarms: SignalLatency,
    /// Of class `trouble`.
    pub troubles: SignalLatency,
}

/// How long signals of one class took from what caused them, beside what they may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignalLatency {
    /// Until the building had decided.
    pub received_to_decided: Spread,
    /// Until the entry was durable.
    pub received_to_committed: Spread,
    /// Until somebody was told.
    pub received_to_notified: Spread,
    /// What the trade allows.
    pub limit_of_trade: Duration,
    /// What we allow ourselves.
    pub limit_of_ours: Duration,
}

impl SignalLatency {
    /// Alarms, none yet: 10 s by NFPA 72 and UL 864.
    pub const ALARMS: Self = Self::within(Duration::from_secs(10));
    /// Troubles, none yet: 200 s by UL 864.
    pub const TROUBLES: Self = Self::within(Duration::from_secs(200));

    const fn within(limit_of_trade: Duration) -> Self {
        Self {
            received_to_decided: Spread::NONE,
            received_to_committed: Spread::NONE,
            received_to_notified: Spread::NONE,
            limit_of_trade,
            limit_of_ours: Duration::from_secs(1),
        }
    }
}

impl Default for Latency {
    fn default() -> Self {
        Self { alarms: SignalLatency::ALARMS, troubles: SignalLatency::TROUBLES }
    }
}

/// How long something took, over all times that it happened.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spread {
    /// How often.
    pub count: u64,
    /// Half took no longer than this, in milliseconds,
    pub p50_ms: f64,
    /// nine in ten no longer than this,
    pub p90_ms: f64,
    /// 99 in a hundred no longer than this,
    pub p99_ms: f64,
    /// and none longer than this.
    pub worst_ms: f64,
}

impl Spread {
    const NONE: Self = Self { count: 0, p50_ms: 0.0, p90_ms: 0.0, p99_ms: 0.0, worst_ms: 0.0 };
}

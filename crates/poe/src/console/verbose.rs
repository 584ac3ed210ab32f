//! `v`: what happens, while it happens.

use super::{Printer, spawn, table::counted, when::When};
use poe::{Notice, Sys, Told};
use std::{
    mem,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

/// Lines in a [`TURN`]. Nobody reads faster, and the prompt stays usable in a flood.
const LINES_MAX: u32 = 50;
const TURN: Duration = Duration::from_secs(1);

/// Whether the console tells what happens.
#[derive(Default)]
pub(super) struct Verbose(Option<Arc<AtomicBool>>);

impl Verbose {
    pub(super) fn switch(&mut self, wanted: Option<bool>, sys: &Sys, printer: &Printer) -> String {
        let on = self.0.is_some();
        let wanted = wanted.unwrap_or(!on);
        if wanted == on {
            return format!("verbose is {} already", if on { "on" } else { "off" });
        }
        if let Some(watching) = self.0.take() {
            watching.store(false, Relaxed);
            return "verbose is off".to_owned();
        }
        let watching = Arc::new(AtomicBool::new(true));
        let begin = || -> Result<(), Box<dyn std::error::Error>> {
            let notices = sys.watch()?;
            let (watching, printer) = (Arc::clone(&watching), printer.clone());
            Ok(spawn("verbose", move || tell(&notices, &watching, &printer))?)
        };
        if let Err(cause) = begin() {
            return format!("verbose cannot be switched on: {cause}");
        }
        self.0 = Some(watching);
        format!("verbose is on, times in {}; `v` switches it off", When::now().zone())
    }
}

impl Drop for Verbose {
    fn drop(&mut self) {
        if let Some(watching) = &self.0 {
            watching.store(false, Relaxed);
        }
    }
}

fn tell(notices: &Receiver<Told>, watching: &AtomicBool, printer: &Printer) {
    let mut pace = Pace::new(Instant::now());
    loop {
        let notice = match notices.recv_timeout(pace.rest(Instant::now())) {
            Ok(notice) => Some(notice),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let more = pace.turn(Instant::now());
        if !watching.load(Relaxed) {
            return;
        }
        if let Some(more) = more {
            printer.say(&format!("… {more} more"));
        }
        if let Some(Told { notice, stored }) = notice
            && pace.admits()
        {
            let when = When::now();
            let unstored = if stored { "" } else { " (not stored yet)" };
            printer.say(&format!("{} {}{unstored}", when.clock(when.moment()), sentence(&notice)));
        }
    }
}

/// Counts the lines of a [`TURN`].
struct Pace {
    since: Instant,
    shown: u32,
    hidden: u64,
}

impl Pace {
    fn new(now: Instant) -> Self {
        Self { since: now, shown: 0, hidden: 0 }
    }

    /// How long until the next turn.
    fn rest(&self, now: Instant) -> Duration {
        TURN.saturating_sub(now - self.since)
    }

    /// Begins a new turn if it is time, and tells how many lines the last one has hidden.
    fn turn(&mut self, now: Instant) -> Option<u64> {
        if now - self.since < TURN {
            return None;
        }
        (self.since, self.shown) = (now, 0);
        Some(mem::take(&mut self.hidden)).filter(|hidden| *hidden > 0)
    }

    /// Whether one more line can be shown.
    fn admits(&mut self) -> bool {
        let admitted = self.shown < LINES_MAX;
        if admitted {
            self.shown += 1;
        } else {
            self.hidden += 1;
        }
        admitted
    }
}

fn sentence(notice: &Notice) -> String {
    match *notice {
        Notice::Connected { address, port } => format!("{} has connected", SocketAddr::new(address, port)),
        Notice::Disconnected { address, port, frames } => {
            let frames = counted(frames as usize, "frame");
            format!("{} has disconnected after {frames}", SocketAddr::new(address, port))
        }
        Notice::NodeAdded { address } => format!("{address} is a new node"),
        Notice::SensorAdded { address, id, kind } => format!("{address}_{id} is a new sensor: {kind}"),
        Notice::KindChanged { address, id, from, to } => {
            format!("{address}_{id} was {from} and now posts {to}")
        }
        Notice::StatusChanged { address, id, from: Some(from), to, value } => {
            format!("{address}_{id} is {to} with {value}, was {from}")
        }
        Notice::StatusChanged { address, id, from: None, to, value } => {
            format!("{address}_{id} is {to} with {value}, its first value")
        }
        Notice::FrameInvalid { address, frame } => match frame.message() {
            Err(invalid) => format!("{address} sent {frame:?}, which means nothing: {invalid}"),
            Ok(_) => format!("{address} sent {frame:?}, which means nothing"),
        },
        Notice::SensorRefused { address, id } => {
            format!("{address}_{id} was refused: the building is full (setting `max_sensors`)")
        }
        Notice::OutOfStep { address } => format!("{address} is out of step and was disconnected"),
        ref other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poe::{SensorKind, Status};
    use poe_wire::Frame;

    #[test]
    fn a_flood_of_notices_is_counted_instead_of_shown() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let shown = (0..1_284).filter(|_| pace.admits()).count();
        assert_eq!(shown, 50);
        assert_eq!(pace.turn(start + TURN / 2), None);
        assert_eq!(pace.rest(start + TURN / 4), TURN / 4 * 3);
        assert_eq!(pace.turn(start + TURN), Some(1_234));
        assert!(pace.admits());
        assert_eq!(pace.turn(start + 2 * TURN), None);
    }

    #[test]
    fn each_notice_is_a_sentence() {
        let address = "10.89.21.188".parse().unwrap();
        let (from, to) = (SensorKind::Fire, SensorKind::Smoke);
        let sentences = [
            Notice::Connected { address, port: 40_312 },
            Notice::Disconnected { address: "fe80::1".parse().unwrap(), port: 40_312, frames: 21 },
            Notice::NodeAdded { address },
            Notice::SensorAdded { address, id: 7, kind: SensorKind::Fire },
            Notice::KindChanged { address, id: 7, from, to },
            Notice::StatusChanged { address, id: 7, from: None, to: Status::Normal, value: 1 },
            Notice::StatusChanged {
                address,
                id: 7,
                from: Some(Status::Normal),
                to: Status::Critical,
                value: 0,
            },
            Notice::FrameInvalid { address, frame: Frame([9, 7, 0, 0]) },
            Notice::SensorRefused { address, id: 7 },
            Notice::OutOfStep { address },
        ]
        .map(|notice| sentence(&notice));
        expect_test::expect![[r#"
            10.89.21.188:40312 has connected
            [fe80::1]:40312 has disconnected after 21 frames
            10.89.21.188 is a new node
            10.89.21.188_7 is a new sensor: FIRE
            10.89.21.188_7 was FIRE and now posts SMOKE
            10.89.21.188_7 is normal with 1, its first value
            10.89.21.188_7 is critical with 0, was normal
            10.89.21.188 sent 09 07 00 00, which means nothing: unknown operation 9
            10.89.21.188_7 was refused: the building is full (setting `max_sensors`)
            10.89.21.188 is out of step and was disconnected"#]]
        .assert_eq(&sentences.join("\n"));
    }
}

//! `v`: what happens, while it happens.

use super::{
    Printer,
    command::{Command, Entry, Mistake},
    herald::Mood,
    house::{Ear, Happening, Heard, House, Unheard},
    pace::Pace,
    spawn,
    table::counted,
    when::When,
};
use poe::{Notice, Told};
use std::{
    net::SocketAddr,
    str::SplitWhitespace,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::RecvTimeoutError,
    },
    time::Instant,
};

/// Lines in a second. Nobody reads faster, and the prompt stays usable in a flood.
pub(super) const LINES_MAX: u32 = 50;

/// Whether the console tells what happens.
pub(super) struct Verbose {
    watching: Option<Arc<AtomicBool>>,
    mood: Arc<Mood>,
}

pub(super) fn read(entry: &Entry, mut words: SplitWhitespace<'_>) -> Result<Command, Mistake> {
    match (words.next(), words.next()) {
        (None, _) => Ok(Command::Verbose(None)),
        (Some("on"), None) => Ok(Command::Verbose(Some(true))),
        (Some("off"), None) => Ok(Command::Verbose(Some(false))),
        (Some(word), _) => Err(entry.odd(word)),
    }
}

impl Verbose {
    /// Off at first. The mood lets the herald of alarms know, who tells of the journal.
    pub(super) fn new(mood: Arc<Mood>) -> Self {
        Self { watching: None, mood }
    }

    pub(super) fn switch(&mut self, wanted: Option<bool>, house: &dyn House, printer: &Printer) -> String {
        let on = self.watching.is_some();
        let wanted = wanted.unwrap_or(!on);
        if wanted == on {
            return format!("verbose is {} already", if on { "on" } else { "off" });
        }
        if let Some(watching) = self.watching.take() {
            watching.store(false, Relaxed);
            self.mood.verbose.store(false, Relaxed);
            return "verbose is off".to_owned();
        }
        let watching = Arc::new(AtomicBool::new(true));
        let begin = || -> Heard<()> {
            let ear = house.watch()?;
            let (watching, printer) = (Arc::clone(&watching), printer.clone());
            spawn("verbose", move || tell(ear, &watching, &printer))
                .map_err(|cause| Unheard::new(&cause.to_string()))
        };
        if let Err(cause) = begin() {
            return format!("verbose cannot be switched on: {cause}");
        }
        self.watching = Some(watching);
        self.mood.verbose.store(true, Relaxed);
        format!("verbose is on, times in {}; `v` switches it off", When::now().zone())
    }
}

impl Drop for Verbose {
    fn drop(&mut self) {
        if let Some(watching) = &self.watching {
            watching.store(false, Relaxed);
        }
    }
}

fn tell(mut ear: Ear<Happening>, watching: &AtomicBool, printer: &Printer) {
    let mut pace = Pace::new(LINES_MAX, Instant::now());
    loop {
        let happening = match ear(pace.rest(Instant::now())) {
            Ok(happening) => Some(happening),
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
        if let Some(happening) = happening
            && pace.admits()
        {
            let when = When::now();
            printer.say(&format!("{} {}", when.clock(when.moment()), told(&happening)));
        }
    }
}

fn told(happening: &Happening) -> String {
    match happening {
        Happening::Noticed(Told { notice, stored: true }) => sentence(notice),
        Happening::Noticed(Told { notice, stored: false }) => {
            format!("{} (not stored yet)", sentence(notice))
        }
        Happening::Connections { address, before, now } => {
            format!("{address} has {}, had {before}", counted(*now as usize, "connection"))
        }
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

//! Whoever sits at the console hears of every alarm at once, whatever they are typing.
//!
//! A thread follows the journal and says each new alarm above the prompt, with a sound. It waits for nobody but the
//! journal: the printer takes a line and never keeps it, and only the bell, in this thread, writes to the terminal.

use super::{
    Printer,
    bell::Bell,
    event,
    house::{Ear, House, News},
    names::{called, value},
    pace::{Pace, TURN},
    plain::plain,
    spawn, verbose,
    when::When,
};
use poe::{Alarm, Class, Entry, EntryKind, Occurrence};
use poe_building::Directory;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::RecvTimeoutError,
    },
    time::Instant,
};

/// Alarms in a second that have a line of their own. Whoever reads ten lines a second needs the list.
const ALARM_LINES_MAX: u32 = 10;
/// The same for supervisory and trouble signals, so that they take nothing away from the alarms.
const SIGNAL_LINES_MAX: u32 = 5;

/// What the herald and the desk know of each other.
#[derive(Default)]
pub(super) struct Mood {
    /// Whether the person wants to see everything.
    pub(super) verbose: AtomicBool,
}

struct Herald {
    printer: Printer,
    house: Arc<dyn House>,
    mood: Arc<Mood>,
    bell: Bell,
    alarms: Pace,
    signals: Pace,
    others: Pace,
    /// The last entry that was heard of.
    seq: u64,
}

/// Tells what stands already, and from then on what comes, until the console ends.
pub(super) fn start(house: &Arc<dyn House>, printer: Printer) -> io::Result<Arc<Mood>> {
    let mood = Arc::new(Mood::default());
    let (seq, ear) = house.follow().map_err(|unheard| io::Error::other(unheard.to_string()))?;
    let now = Instant::now();
    let herald = Herald {
        printer,
        house: Arc::clone(house),
        seq,
        mood: Arc::clone(&mood),
        bell: Bell::new(),
        alarms: Pace::new(ALARM_LINES_MAX, now),
        signals: Pace::new(SIGNAL_LINES_MAX, now),
        others: Pace::new(verbose::LINES_MAX, now),
    };
    spawn("herald", move || herald.run(ear))?;
    Ok(mood)
}

impl Herald {
    fn run(mut self, mut ear: Ear<News>) {
        self.say_what_stands();
        loop {
            let now = Instant::now();
            self.turn(now);
            let house = &self.house;
            self.bell.ring(now, || house.known_alarms().iter().any(keeps_sounding));
            let rest = self.alarms.rest(now).min(self.bell.rest(now)).min(TURN);
            let heard = ear(rest);
            if self.printer.has_closed() {
                return;
            }
            match heard {
                Ok(News::Occurred(occurrence)) => self.hear(&occurrence),
                Ok(News::Lost(why)) => self.lose(&why),
                Ok(News::Back { seq, anew }) => self.go_on(seq, anew),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn say_what_stands(&mut self) {
        for alarm in self.house.known_alarms().iter().filter(|alarm| alarm.is_loud()) {
            self.say_alarm(alarm, "", "");
        }
    }

    /// Whoever watches alarms must know that none would be told.
    fn lose(&mut self, why: &str) {
        let now = When::now();
        self.printer.say_first(&format!(
            "!! NO CONNECTION {}: no alarm is told until the server is back, which is tried again and again: {}",
            now.clock(now.moment()),
            plain(why)
        ));
        self.bell.want();
    }

    fn go_on(&mut self, seq: u64, anew: Option<&'static str>) {
        self.seq = seq;
        let now = When::now();
        let follows =
            anew.map_or("what was missed follows".to_owned(), |why| format!("{why}; what stands follows"));
        self.printer.say_first(&format!("connected again {}: {follows}", now.clock(now.moment())));
        if anew.is_some() {
            self.say_what_stands();
        }
    }

    fn hear(&mut self, Occurrence { entry, committed }: &Occurrence) {
        let missed = entry.seq.saturating_sub(self.seq + 1);
        if entry.seq <= self.seq {
            return;
        }
        self.seq = entry.seq;
        if missed > 0 && self.house.tells_all() {
            self.printer
                .say_first(&format!("… {missed} events came too fast to be told: `a` lists the alarms"));
            self.bell.want();
        }
        let unstored = if committed.is_some() { "" } else { " (not stored yet)" };
        if entry.kind == EntryKind::FloodBegan {
            self.printer.say_first(&format!("!! FLOOD {}: `a` lists the alarms", plain(&entry.text)));
        }
        if let Some(alarm) = asks_for_attention(entry, &*self.house) {
            let why = if entry.text == alarm.message { "" } else { &*entry.text };
            self.say_alarm(&alarm, why, unstored);
        } else if self.mood.verbose.load(Relaxed) && self.others.admits() {
            let line = event::line(entry, &self.house.names(), &When::now());
            self.printer.say(&format!("{line}{unstored}"));
        }
    }

    fn say_alarm(&mut self, alarm: &Alarm, why: &str, unstored: &str) {
        self.bell.want();
        let pace = if alarm.class == Class::Alarm { &mut self.alarms } else { &mut self.signals };
        if pace.admits() {
            let line = line(alarm, why, &self.house.names(), &When::now());
            self.printer.say_first(&format!("{line}{unstored}"));
        }
    }

    /// Says what the last second has hidden.
    fn turn(&mut self, now: Instant) {
        if let Some(more) = self.alarms.turn(now) {
            self.printer.say_first(&format!("!! … {more} more alarms: `a` lists them"));
        }
        if let Some(more) = self.signals.turn(now) {
            self.printer
                .say_first(&format!("! … {more} more supervisory and trouble signals: `a` lists them"));
        }
        if let Some(more) = self.others.turn(now) {
            self.printer.say(&format!("… {more} more events: `e` lists them"));
        }
    }
}

/// The alarm, if this entry says that people must look at it.
fn asks_for_attention(entry: &Entry, house: &dyn House) -> Option<Alarm> {
    let asks = matches!(
        entry.kind,
        EntryKind::AlarmRaised
            | EntryKind::AlarmAskedAgain
            | EntryKind::AlarmEscalated
            | EntryKind::AlarmUnquieted
    );
    if !asks || !entry.state.is_some_and(poe::State::is_unacknowledged) {
        return None;
    }
    // What is kept quiet is raised all the same, and told to those who watch.
    house.alarm(entry.alarm?).filter(|alarm| alarm.quiet.is_none())
}

/// Whether it is heard until somebody does something about it.
fn keeps_sounding(alarm: &Alarm) -> bool {
    alarm.class == Class::Alarm && alarm.is_loud() && alarm.audible
}

/// `!! ALARM 12 14:03:07 Kitchen (10.89.21.188_7) in kitchen: flame, value 0, first-out`.
fn line(alarm: &Alarm, why: &str, names: &Directory, when: &When) -> String {
    let mark = match alarm.class {
        Class::Alarm => "!! ALARM",
        Class::Supervisory => "! supervisory",
        Class::Trouble => "! trouble",
    };
    let mut parts = vec![plain(&alarm.message)];
    parts.extend(alarm.value.map(|_| format!("value {}", value(alarm, names))));
    parts.extend(alarm.first_out.then(|| "first-out".to_owned()));
    parts.extend((!why.is_empty()).then(|| plain(why)));
    let raised = when.clock(alarm.raised.unwrap_or(alarm.since));
    format!("{mark} {} {raised} {}: {}", alarm.id, called(names, &alarm.source), parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::sample;
    use poe::{Quiet, Source, State};

    #[test]
    fn an_alarm_is_a_line_that_nobody_overlooks() {
        let (names, when) = (sample::names(), When::spring());
        let stove = Source::Sensor("10.89.21.188_9".parse().unwrap());
        let heat = Alarm {
            class: Class::Supervisory,
            source: stove,
            rule: "temperature-warning".into(),
            message: "heat\u{1b}[2J".into(),
            value: Some(112),
            ..sample::flame(13, &when)
        };
        let silent = Alarm {
            class: Class::Trouble,
            source: Source::Node("10.89.21.189".parse().unwrap()),
            message: "node is silent".into(),
            value: None,
            ..sample::flame(14, &when)
        };
        let lines = [
            line(&Alarm { first_out: true, ..sample::flame(12, &when) }, "", &names, &when),
            line(&sample::flame(12, &when), "not acknowledged: level 2 is told", &names, &when),
            line(&heat, "", &names, &when),
            line(&silent, "no longer shelved", &names, &when),
        ];
        expect_test::expect![[r#"
            !! ALARM 12 14:00:07 Kitchen (10.89.21.188_7) in kitchen: flame, value 0, first-out
            !! ALARM 12 14:00:07 Kitchen (10.89.21.188_7) in kitchen: flame, value 0, not acknowledged: level 2 is told
            ! supervisory 13 14:00:07 The�[2Jstove (10.89.21.188_9) in kitchen: heat�[2J, value 112 degF
            ! trouble 14 14:00:07 10.89.21.189: node is silent, no longer shelved"#]].assert_eq(&lines.join("\n"));
    }

    #[test]
    fn what_was_seen_silenced_or_shelved_sounds_no_more() {
        let when = When::spring();
        let flame = sample::flame(1, &when);
        assert!(keeps_sounding(&flame));
        assert!(!keeps_sounding(&Alarm { audible: false, ..flame.clone() }));
        assert!(!keeps_sounding(&Alarm { state: State::Acknowledged, ..flame.clone() }));
        assert!(!keeps_sounding(&Alarm { quiet: Some(Quiet::Shelved), ..flame.clone() }));
        assert!(!keeps_sounding(&Alarm { class: Class::Trouble, ..flame }));
    }
}

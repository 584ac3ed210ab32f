//! What happens at a server elsewhere, as it happens; and the way back when the server has gone.

use super::{known::Known, not_understood, read};
use crate::{
    commands::ask,
    console::{
        house::{Ear, Heard, News, Unheard},
        spawn,
    },
};
use poe::{EntryKind, Occurrence};
use poe_api::client::{Client, ClientError, Event, Events};
use std::{
    collections::VecDeque,
    mem,
    sync::{
        Arc,
        mpsc::{self, SyncSender},
    },
    thread,
    time::Duration,
};

/// News that wait for the one who tells them. Beyond, the server waits, and what it cannot keep is in the journal.
const NEWS_MAX: usize = 4_096;
/// Entries that wait for the alarms that they are about. Beyond, the oldest are left to the journal.
const HELD_MAX: usize = 4_096;
/// After a server has gone, it is tried again so soon,
const AGAIN_FIRST: Duration = Duration::from_millis(250);
/// and later no more often than this: whoever watches alarms does not wait longer, and a hundred consoles do not storm a
/// server that starts.
const AGAIN_LAST: Duration = Duration::from_secs(10);

/// A connection over which a server tells what happens.
pub(super) struct Feed {
    events: Events,
    /// The last entry that is known.
    seen: u64,
}

impl Feed {
    /// Asks for what happens, and hears how everything stands.
    pub(super) fn open(client: &Client, known: &Known) -> Result<Self, ClientError> {
        let mut events = client.follow(None)?;
        let first = events.next().unwrap_or_else(|| Err(ClientError::Broken("it has ended".to_owned())))?;
        let seen = known
            .take_snapshot(&first.data)
            .ok_or_else(|| ClientError::Broken(not_understood().to_string()))?;
        Ok(Self { events, seen })
    }

    /// Listens in a thread of its own, and goes on for as long as somebody wants to hear.
    pub(super) fn start(self, client: Client, known: Arc<Known>) -> Heard<(u64, Ear<News>)> {
        let (to, news) = mpsc::sync_channel(NEWS_MAX);
        let seen = self.seen;
        let mut listener = Listener {
            client,
            known,
            to,
            seen,
            held: VecDeque::new(),
            catches_up: false,
            is_too_much: false,
        };
        let listen = move || drop(listener.listen(self.events));
        spawn("feed", listen).map_err(|cause| Unheard::new(&cause.to_string()))?;
        Ok((seen, Box::new(move |within| news.recv_timeout(within))))
    }
}

struct Listener {
    client: Client,
    known: Arc<Known>,
    to: SyncSender<News>,
    /// The last entry that was told.
    seen: u64,
    /// What was told, and not yet the alarms that it is about.
    held: VecDeque<Occurrence>,
    /// Whether what was missed is being told: how the alarms stand comes at its end.
    catches_up: bool,
    /// Whether that was more than could be held.
    is_too_much: bool,
}

/// Nobody listens any more.
struct Unwanted;

impl Listener {
    fn listen(&mut self, mut events: Events) -> Result<(), Unwanted> {
        loop {
            let why = self.hear_all(events)?;
            self.held.clear();
            events = self.come_back(why)?;
        }
    }

    /// Hands on what is told, until nothing is any more, for the reason that is returned.
    fn hear_all(&mut self, events: Events) -> Result<String, Unwanted> {
        for event in events {
            match event {
                Ok(event) => self.hear(&event)?,
                Err(ClientError::Broken(_)) => return Ok("it has broken off".to_owned()),
                Err(error) => return Ok(ask::failed(error).to_string()),
            }
        }
        Ok("it has ended".to_owned())
    }

    fn hear(&mut self, event: &Event) -> Result<(), Unwanted> {
        match event.kind.as_str() {
            "event" => {
                // A newer server may have words that we do not know. Its number is missing then, which is told.
                let Some(occurrence) = read::occurrence(&event.data) else { return Ok(()) };
                if !self.catches_up {
                    self.hand_on()?;
                }
                if self.held.len() == HELD_MAX {
                    self.held.pop_front();
                    self.is_too_much = true;
                }
                // The alarm that it is about comes right behind it.
                let waits = occurrence.entry.alarm.is_some() && !occurrence.entry.kind.is_of_notification();
                self.held.push_back(occurrence);
                if waits || self.catches_up { Ok(()) } else { self.hand_on() }
            }
            "alarm" => {
                if self.known.take_alarm(&event.data).is_none() {
                    self.lose(&not_understood().to_string())?;
                }
                if self.catches_up { Ok(()) } else { self.hand_on() }
            }
            "snapshot" => {
                match self.known.take_snapshot(&event.data) {
                    Some(last_seq) if self.catches_up => self.is_back(last_seq)?,
                    Some(_) => {}
                    None => self.lose(&not_understood().to_string())?,
                }
                self.hand_on()
            }
            _ if self.catches_up => Ok(()),
            _ => self.hand_on(),
        }
    }

    /// All that was missed is there. Entries that were told before they were stored may be others now, so that it goes on
    /// from the last one that was stored.
    fn is_back(&mut self, last_seq: u64) -> Result<(), Unwanted> {
        self.catches_up = false;
        self.known.set_lost(None);
        self.known.was_renamed();
        let is_too_much = mem::take(&mut self.is_too_much);
        let anew = if last_seq < self.seen {
            Some("the server's journal is an older one, as after a restore")
        } else {
            is_too_much.then_some("more was missed than can be told")
        };
        if anew.is_some() {
            self.held.clear();
            self.seen = last_seq;
        }
        self.tell(News::Back { seq: self.seen, anew })
    }

    fn hand_on(&mut self) -> Result<(), Unwanted> {
        while let Some(occurrence) = self.held.pop_front() {
            let entry = &occurrence.entry;
            match entry.kind {
                EntryKind::FloodBegan => self.known.set_flood(true),
                EntryKind::FloodEnded => self.known.set_flood(false),
                EntryKind::ModelChanged | EntryKind::RuleChanged | EntryKind::NodeMoved => {
                    self.known.was_renamed();
                }
                _ => {}
            }
            if occurrence.committed.is_some() {
                self.seen = self.seen.max(entry.seq);
            }
            self.tell(News::Occurred(Arc::new(occurrence)))?;
        }
        Ok(())
    }

    /// Tries until the server is there again.
    fn come_back(&mut self, mut why: String) -> Result<Events, Unwanted> {
        let mut pause = AGAIN_FIRST;
        self.lose(&why)?;
        loop {
            thread::sleep(pause);
            pause = (pause * 2).min(AGAIN_LAST);
            match self.client.follow(Some(self.seen)) {
                Ok(events) => {
                    self.catches_up = true;
                    return Ok(events);
                }
                Err(error) => {
                    // Who is there and refuses is another trouble than who has gone, and needs a person.
                    let needs_a_person =
                        matches!(error, ClientError::Refused { .. } | ClientError::Untrusted { .. });
                    let now = ask::failed(error).to_string();
                    if needs_a_person && now != why {
                        self.lose(&now)?;
                    }
                    self.known.set_lost(Some(now.clone()));
                    why = now;
                }
            }
        }
    }

    fn lose(&mut self, why: &str) -> Result<(), Unwanted> {
        self.known.set_lost(Some(why.to_owned()));
        self.tell(News::Lost(why.to_owned()))
    }

    fn tell(&self, news: News) -> Result<(), Unwanted> {
        self.to.send(news).map_err(|_| Unwanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::sync::mpsc::Receiver;

    fn listener(seen: u64, catches_up: bool) -> (Listener, Receiver<News>) {
        let (to, news) = mpsc::sync_channel(2 * HELD_MAX);
        let (client, known) = (Client::local("/nowhere/poe.sock"), Arc::default());
        let held = VecDeque::new();
        (Listener { client, known, to, seen, held, catches_up, is_too_much: false }, news)
    }

    fn hears(listener: &mut Listener, kind: &str, data: Value) {
        assert!(listener.hear(&Event { id: None, kind: kind.to_owned(), data }).is_ok());
    }

    fn entry(seq: u64, alarm: Option<u64>) -> Value {
        let time = "2026-03-29T14:03:07.000Z";
        json!({ "seq": seq, "kind": "alarm.raised", "alarm": alarm, "received": time, "decided": time,
                "committed": time, "text": "" })
    }

    fn flame(id: u64) -> Value {
        let time = "2026-03-29T14:03:07.000Z";
        json!({ "id": id, "class": "alarm", "priority": 1, "source": "10.0.0.7_8", "source_kind": "sensor",
                "rule": "fire", "state": "unacknowledged", "since": time, "raised_at": time, "value": 0,
                "message": "flame", "audible": true, "first_out": true, "escalations": 0 })
    }

    fn snapshot(last_seq: u64) -> Value {
        json!({ "alarms": [flame(1)], "flood": false, "last_seq": last_seq })
    }

    /// What was told, in short.
    fn told(news: &Receiver<News>) -> Vec<String> {
        let short = |news| match news {
            News::Occurred(occurrence) => occurrence.entry.seq.to_string(),
            News::Lost(_) => "lost".to_owned(),
            News::Back { seq, anew } => {
                format!("back after {seq}{}", if anew.is_some() { ", anew" } else { "" })
            }
        };
        news.try_iter().map(short).collect()
    }

    #[test]
    fn an_entry_is_told_once_its_alarm_is_known() {
        let (mut listener, news) = listener(0, false);
        hears(&mut listener, "event", entry(1, Some(7)));
        assert_eq!(told(&news), [""; 0]);
        hears(&mut listener, "alarm", flame(7));
        assert_eq!(told(&news), ["1"]);
        assert!(listener.known.alarm(poe::AlarmId(7)).is_some());
        hears(&mut listener, "event", entry(2, None));
        hears(&mut listener, "event", entry(3, Some(9)));
        hears(&mut listener, "heartbeat", json!({}));
        assert_eq!((told(&news), listener.seen), (vec!["2".to_owned(), "3".to_owned()], 3));
    }

    #[test]
    fn what_was_missed_is_told_once_it_is_known_how_the_alarms_stand() {
        let (mut listener, news) = listener(4, true);
        hears(&mut listener, "event", entry(5, Some(1)));
        hears(&mut listener, "event", entry(6, None));
        assert_eq!(told(&news), [""; 0]);
        hears(&mut listener, "snapshot", snapshot(6));
        assert_eq!(told(&news), ["back after 4", "5", "6"]);
        assert_eq!((listener.known.lost(), listener.known.alarms().len()), (None, 1));
    }

    #[test]
    fn where_what_was_missed_is_not_to_be_had_it_begins_anew() {
        let (mut restored, news) = listener(40, true);
        hears(&mut restored, "snapshot", snapshot(6));
        assert_eq!((told(&news), restored.seen), (vec!["back after 6, anew".to_owned()], 6));

        let (mut flooded, news) = listener(0, true);
        let last = HELD_MAX as u64 + 1;
        (1..=last).for_each(|seq| hears(&mut flooded, "event", entry(seq, None)));
        hears(&mut flooded, "snapshot", snapshot(last));
        assert_eq!(told(&news), [format!("back after {last}, anew")]);
    }

    #[test]
    fn what_cannot_be_understood_is_no_silence() {
        let (mut listener, news) = listener(0, false);
        hears(&mut listener, "alarm", json!({ "id": 7 }));
        assert_eq!(told(&news), ["lost"]);
        assert!(listener.known.lost().is_some_and(|why| why.contains("another version")));
    }
}

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
        let seen = known.take_snapshot(&first.data).ok_or_else(|| not_json(&not_understood()))?;
        Ok(Self { events, seen })
    }

    /// Listens in a thread of its own, and goes on for as long as somebody wants to hear.
    pub(super) fn start(self, client: Client, known: Arc<Known>) -> Heard<(u64, Ear<News>)> {
        let (to, news) = mpsc::sync_channel(NEWS_MAX);
        let seen = self.seen;
        let mut listener = Listener { client, known, to, seen, held: VecDeque::new(), catches_up: false };
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
                let Some(occurrence) = read::occurrence(&event.data) else { return Ok(()) };
                if !self.catches_up {
                    self.hand_on()?;
                }
                if self.held.len() == HELD_MAX {
                    self.held.pop_front();
                }
                // The alarm that it is about comes right behind it.
                let waits = occurrence.entry.alarm.is_some() && !occurrence.entry.kind.is_of_notification();
                self.held.push_back(occurrence);
                if waits || self.catches_up { Ok(()) } else { self.hand_on() }
            }
            "alarm" => {
                match read::alarm(&event.data) {
                    Some(alarm) => self.known.take_alarm(alarm),
                    None => self.lose(&not_understood().to_string())?,
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

    /// All that was missed is told. A server that knows less than we do was restored from a backup: there it begins anew.
    fn is_back(&mut self, last_seq: u64) -> Result<(), Unwanted> {
        self.catches_up = false;
        self.known.set_lost(None);
        self.known.was_renamed();
        let anew = (last_seq < self.seen).then_some(last_seq);
        self.seen = anew.unwrap_or(self.seen);
        self.tell(News::Back(anew))
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

fn not_json(why: &Unheard) -> ClientError {
    ClientError::Broken(why.to_string())
}

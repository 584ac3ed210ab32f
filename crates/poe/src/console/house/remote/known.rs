//! What was heard of a server last, for those who cannot wait for an answer.

use super::read;
use poe::{Alarm, AlarmId, Source, State};
use poe_building::Text;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

/// Sources whose names are kept; beyond, all are forgotten and told anew.
const NAMED_MAX: usize = 10_000;

#[derive(Default)]
pub(super) struct Known {
    stand: Mutex<Stand>,
    /// Names, places or rules may be others than they were.
    renamed: AtomicBool,
    /// Alarms have told what more of their sources are called.
    more_named: AtomicBool,
}

#[derive(Default)]
struct Stand {
    alarms: BTreeMap<AlarmId, Alarm>,
    flood: bool,
    /// What sources of alarms are called, and where they are, as their alarms told.
    named: BTreeMap<Source, Named>,
    /// Why nothing is heard any more.
    lost: Option<String>,
}

/// A source's own name and its innermost place.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Named {
    pub(super) name: Option<Text>,
    pub(super) place: Option<Text>,
}

impl Known {
    /// The alarms, the most important first.
    pub(super) fn alarms(&self) -> Vec<Alarm> {
        let mut alarms: Vec<_> = self.stand().alarms.values().cloned().collect();
        alarms.sort_by_key(|alarm| (alarm.class, alarm.priority, alarm.raised, alarm.id));
        alarms
    }

    pub(super) fn alarm(&self, id: AlarmId) -> Option<Alarm> {
        self.stand().alarms.get(&id).cloned()
    }

    pub(super) fn flood(&self) -> bool {
        self.stand().flood
    }

    pub(super) fn set_flood(&self, flood: bool) {
        self.stand().flood = flood;
    }

    /// Everything as it stands, and the last entry that this holds.
    pub(super) fn take_snapshot(&self, snapshot: &Value) -> Option<u64> {
        let alarms = snapshot["alarms"].as_array()?;
        alarms.iter().map(read::alarm).collect::<Option<Vec<_>>>()?;
        self.stand().alarms.clear();
        alarms.iter().try_for_each(|alarm| self.take_alarm(alarm))?;
        let mut stand = self.stand();
        stand.flood = snapshot["flood"].as_bool()?;
        snapshot["last_seq"].as_u64()
    }

    /// An alarm is like this now.
    pub(super) fn take_alarm(&self, told: &Value) -> Option<()> {
        let alarm = read::alarm(told)?;
        let text = |field| read::text(told, field).map(Text::from);
        let named = Named { name: text("source_name"), place: text("place") };
        let mut stand = self.stand();
        if stand.named.get(&alarm.source) != Some(&named) {
            if stand.named.len() >= NAMED_MAX {
                stand.named.clear();
            }
            stand.named.insert(alarm.source.clone(), named);
            self.more_named.store(true, Relaxed);
        }
        if alarm.state == State::Normal {
            stand.alarms.remove(&alarm.id);
        } else {
            stand.alarms.insert(alarm.id, alarm);
        }
        Some(())
    }

    /// What sources of alarms are called, if that is more than when this was asked last.
    pub(super) fn take_more_named(&self) -> Option<BTreeMap<Source, Named>> {
        self.more_named.swap(false, Relaxed).then(|| self.stand().named.clone())
    }

    /// What was told of names is to be told once more.
    pub(super) fn has_more_named(&self) {
        self.more_named.store(true, Relaxed);
    }

    /// Why the server is not there, if it is not.
    pub(super) fn lost(&self) -> Option<String> {
        self.stand().lost.clone()
    }

    pub(super) fn set_lost(&self, why: Option<String>) {
        self.stand().lost = why;
    }

    /// Something is called otherwise now.
    pub(super) fn was_renamed(&self) {
        self.renamed.store(true, Relaxed);
    }

    /// Whether something is, since this was asked last.
    pub(super) fn take_renamed(&self) -> bool {
        self.renamed.swap(false, Relaxed)
    }

    fn stand(&self) -> MutexGuard<'_, Stand> {
        self.stand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poe::Class;
    use serde_json::json;

    #[test]
    fn what_has_returned_to_normal_stands_no_more_and_the_worst_comes_first() {
        let known = Known::default();
        let flame = |id: u64, class: Class, state: State| {
            let time = "2026-03-29T14:03:07.000Z";
            json!({ "id": id, "class": class.name(), "priority": 1, "source": "10.0.0.7_8", "source_kind": "sensor",
                    "source_name": "stove", "place": "kitchen", "rule": "fire", "state": state.name(), "since": time,
                    "raised_at": time, "value": 0, "message": "flame", "audible": true, "first_out": true,
                    "escalations": 0 })
        };
        let told = [
            flame(1, Class::Trouble, State::Unacknowledged),
            flame(2, Class::Alarm, State::Unacknowledged),
            flame(3, Class::Alarm, State::Unacknowledged),
            flame(2, Class::Alarm, State::Normal),
        ];
        assert!(told.iter().all(|alarm| known.take_alarm(alarm).is_some()));
        assert!(known.take_alarm(&json!({})).is_none());
        let ids: Vec<_> = known.alarms().iter().map(|alarm| alarm.id.0).collect();
        assert_eq!(ids, [3, 1]);
        let named = known.take_more_named().unwrap();
        let stove = Named { name: Some("stove".into()), place: Some("kitchen".into()) };
        assert_eq!(named.values().collect::<Vec<_>>(), [&stove]);
        assert!(known.take_more_named().is_none(), "nothing more");
        assert_eq!(known.take_snapshot(&json!({ "alarms": [], "flood": true, "last_seq": 7 })), Some(7));
        assert!(known.alarms().is_empty() && known.flood());
    }
}

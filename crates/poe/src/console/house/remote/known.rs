//! What was heard of a server last, for those who cannot wait for an answer.

use super::read;
use poe::{Alarm, AlarmId, State};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

#[derive(Default)]
pub(super) struct Known {
    stand: Mutex<Stand>,
    /// Names, places or rules may be others than they were.
    renamed: AtomicBool,
}

#[derive(Default)]
struct Stand {
    alarms: BTreeMap<AlarmId, Alarm>,
    flood: bool,
    /// Why nothing is heard any more.
    lost: Option<String>,
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
        let alarms = snapshot["alarms"].as_array()?.iter().map(read::alarm).collect::<Option<Vec<_>>>()?;
        let mut stand = self.stand();
        stand.alarms = alarms.into_iter().map(|alarm| (alarm.id, alarm)).collect();
        stand.flood = snapshot["flood"].as_bool()?;
        snapshot["last_seq"].as_u64()
    }

    /// An alarm is like this now.
    pub(super) fn take_alarm(&self, alarm: Alarm) {
        let mut stand = self.stand();
        if alarm.state == State::Normal {
            stand.alarms.remove(&alarm.id);
        } else {
            stand.alarms.insert(alarm.id, alarm);
        }
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
    use crate::console::{sample, when::When};
    use poe::Class;
    use serde_json::json;

    #[test]
    fn what_has_returned_to_normal_stands_no_more_and_the_worst_comes_first() {
        let (known, when) = (Known::default(), When::spring());
        known.take_alarm(Alarm { class: Class::Trouble, ..sample::flame(1, &when) });
        known.take_alarm(sample::flame(2, &when));
        known.take_alarm(sample::flame(3, &when));
        known.take_alarm(Alarm { state: State::Normal, ..sample::flame(2, &when) });
        let ids: Vec<_> = known.alarms().iter().map(|alarm| alarm.id.0).collect();
        assert_eq!(ids, [3, 1]);
        assert_eq!(known.take_snapshot(&json!({ "alarms": [], "flood": true, "last_seq": 7 })), Some(7));
        assert!(known.alarms().is_empty() && known.flood());
    }
}

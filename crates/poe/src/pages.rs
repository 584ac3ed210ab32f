//! What a notification says: a promise, with what is known of its alarm just then.

use poe_building::{Alarm, AlarmId, Directory, Promise, Reason, Source, State, Time};
use poe_notify::{PAGE_ALARMS_MAX, Page, PageAlarm};
use poe_store::Board;
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

/// The pages of these promises, in their order.
pub(crate) fn pages(promises: &[Promise], board: &Board, names: &Directory, unsaved: bool) -> Vec<Page> {
    let mut lists = Lists { board, names, standing: None, single: HashMap::new() };
    let page = |promise: &Promise| {
        let List { alarms, in_all } = lists.of(promise);
        Page { promise: promise.clone(), unsaved, alarms, alarms_in_all: in_all }
    };
    promises.iter().map(page).collect()
}

/// What pages tell of: each list is made once, however many targets it is for.
struct Lists<'a> {
    board: &'a Board,
    names: &'a Directory,
    /// All that is active, for restart notices.
    standing: Option<List>,
    single: HashMap<AlarmId, List>,
}

#[derive(Clone, Default)]
struct List {
    alarms: Arc<[PageAlarm]>,
    in_all: usize,
}

impl Lists<'_> {
    fn of(&mut self, promise: &Promise) -> List {
        let (board, names) = (self.board, self.names);
        match (promise.reason, promise.alarm) {
            (Reason::Restarted, _) => {
                self.standing.get_or_insert_with(|| List::of(&board.alarms(), names)).clone()
            }
            (_, Some(id)) => match self.single.entry(id) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(place) => match board.alarm(id) {
                    Some(alarm) => place.insert(List::of(&[alarm], names)).clone(),
                    // Each promise remembers in its own words.
                    None => ended(promise, id, names),
                },
            },
            (_, None) => List::default(),
        }
    }
}

impl List {
    fn of(alarms: &[Alarm], names: &Directory) -> Self {
        let told = alarms.iter().take(PAGE_ALARMS_MAX).map(|alarm| page_alarm(alarm, names)).collect();
        Self { alarms: told, in_all: alarms.len() }
    }
}

fn page_alarm(alarm: &Alarm, names: &Directory) -> PageAlarm {
    let unit =
        names.kind_of_rule(&alarm.rule).map(poe_wire::SensorKind::unit).filter(|unit| !unit.is_empty());
    PageAlarm {
        id: alarm.id,
        class: alarm.class,
        priority: alarm.priority,
        source: alarm.source.to_string().into(),
        source_name: names.name(&alarm.source),
        place: names.place(&alarm.source),
        rule: Arc::clone(&alarm.rule),
        state: alarm.state,
        value: alarm.value,
        unit: unit.map(Into::into),
        message: Arc::clone(&alarm.message),
        raised: alarm.raised.unwrap_or(alarm.since),
        acknowledged_by: alarm.acknowledged.as_ref().map(|(who, _)| Arc::clone(&who.name)),
    }
}

/// What is left of an alarm that has ended and that the board has forgotten, as of before a restart: its promise, whose
/// key is "source/rule/stamp/reason" and whose summary says what it was.
fn ended(promise: &Promise, id: AlarmId, names: &Directory) -> List {
    let mut from_behind = promise.key.rsplitn(3, '/').skip(1);
    let stamp = from_behind.next().and_then(|stamp| stamp.parse().ok()).map(Time);
    let about = from_behind.next().unwrap_or_default();
    let (source, rule) = about.split_once('/').unwrap_or((about, ""));
    let known = ["sensor", "node"].iter().find_map(|kind| Source::from_kind_and_name(kind, source).ok());
    let known = known.as_ref();
    let alarm = PageAlarm {
        id,
        class: promise.class,
        priority: promise.priority,
        source: source.into(),
        source_name: known.and_then(|source| names.name(source)),
        place: known.and_then(|source| names.place(source)),
        rule: rule.into(),
        state: State::Normal,
        value: None,
        unit: None,
        message: Arc::clone(&promise.summary),
        raised: stamp.unwrap_or(promise.promised),
        acknowledged_by: None,
    };
    List { alarms: Arc::new([alarm]), in_all: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poe_building::{Changes, Class, Model, PromiseId};

    fn alarm(id: u64, state: State) -> Alarm {
        Alarm {
            id: AlarmId(id),
            source: Source::Sensor("10.0.0.7_8".parse().unwrap()),
            rule: "smoke".into(),
            class: Class::Alarm,
            priority: 1,
            state,
            since: Time(7_000_000),
            raised: Some(Time(6_000_000)),
            holds: true,
            audible: true,
            value: Some(210),
            message: "dense smoke".into(),
            acknowledged: None,
            quiet: None,
            delay: None,
            ask_again: None,
            escalate: None,
            escalations: 0,
            first_out: false,
            stamp: Time(5_000_000),
        }
    }

    fn board(alarms: impl IntoIterator<Item = Alarm>) -> Board {
        let board = Board::default();
        board.show(&Changes { alarms: alarms.into_iter().map(Arc::new).collect(), ..Changes::default() });
        board
    }

    fn promise(id: u64, reason: Reason, alarm: Option<u64>) -> Promise {
        Promise {
            id: PromiseId(id),
            target: format!("target {id}").into(),
            seq: 1,
            alarm: alarm.map(AlarmId),
            class: Class::Alarm,
            priority: 1,
            reason,
            key: "10.0.0.7_8/smoke/5000000/raised".into(),
            summary: "alarm: kitchen dense smoke".into(),
            promised: Time(9_000_000),
            expires: Time(99_000_000),
        }
    }

    fn names() -> Directory {
        Directory::new(Arc::new(Model::default()))
    }

    #[test]
    fn the_list_of_a_restart_is_made_once_for_all_targets() {
        let board = board((1..=20_000).map(|id| alarm(id, State::Unacknowledged)));
        let promises: Vec<_> = (1..=20).map(|id| promise(id, Reason::Restarted, None)).collect();
        let pages = pages(&promises, &board, &names(), false);
        assert_eq!((pages[0].alarms.len(), pages[0].alarms_in_all), (PAGE_ALARMS_MAX, 20_000));
        assert_eq!(pages.len(), 20);
        assert!(pages.iter().all(|page| Arc::ptr_eq(&page.alarms, &pages[0].alarms)));
    }

    #[test]
    fn an_alarm_that_has_ended_is_told_of_all_the_same() {
        let board = board([alarm(1, State::Normal)]);
        let promises = [1, 2].map(|about| promise(about, Reason::Raised, Some(about)));
        let pages = pages(&promises, &board, &names(), false);
        let told = |page: &Page| {
            let alarm = &page.alarms[0];
            (alarm.id.0, alarm.source.to_string(), alarm.rule.to_string(), alarm.message.to_string())
        };
        assert_eq!(told(&pages[0]), (1, "10.0.0.7_8".into(), "smoke".into(), "dense smoke".into()));
        let forgotten = (2, "10.0.0.7_8".into(), "smoke".into(), "alarm: kitchen dense smoke".into());
        assert_eq!(told(&pages[1]), forgotten);
        assert_eq!((pages[1].alarms[0].state, pages[1].alarms[0].raised), (State::Normal, Time(5_000_000)));
        assert!(pages.iter().all(|page| page.alarms_in_all == 1));
    }

    #[test]
    fn a_rule_may_have_strokes_in_its_name() {
        let key = "system/notify.a/b/5000000/raised".into();
        let gone = Promise { key, ..promise(1, Reason::Raised, Some(1)) };
        let pages = pages(&[gone], &board([]), &names(), false);
        assert_eq!((&*pages[0].alarms[0].source, &*pages[0].alarms[0].rule), ("system", "notify.a/b"));
    }
}

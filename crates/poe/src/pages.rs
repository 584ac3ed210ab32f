//! What a notification says: a promise, with what is known of its alarm just then.

use poe_building::{Alarm, Directory, Promise, Reason};
use poe_notify::{Page, PageAlarm};
use poe_store::Board;
use std::sync::Arc;

/// The pages of these promises, in their order.
pub(crate) fn pages(promises: &[Promise], board: &Board, names: &Directory, unsaved: bool) -> Vec<Page> {
    promises.iter().map(|promise| page(promise, board, names, unsaved)).collect()
}

fn page(promise: &Promise, board: &Board, names: &Directory, unsaved: bool) -> Page {
    let alarms = match (promise.reason, promise.alarm) {
        (Reason::Restarted, _) => board.alarms(),
        (_, Some(id)) => board.alarm(id).into_iter().collect(),
        (_, None) => Vec::new(),
    };
    let alarms = alarms.iter().map(|alarm| page_alarm(alarm, names)).collect();
    Page { promise: promise.clone(), unsaved, alarms }
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

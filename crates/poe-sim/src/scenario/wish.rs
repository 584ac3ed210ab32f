//! What people order in a story, as the orders of a building.

use super::{Aim, Wish};
use poe_building::{Alarm, AlarmId, Building, Order, Quiet, SuppressionId};

/// The order that somebody means, with numbers for names. What is not there has a number that nothing has.
pub(super) fn order(building: &Building, wish: &Wish) -> Order {
    let alarm = |aim: &Aim| {
        let meant = |alarm: &&Alarm| alarm.rule == aim.rule && alarm.source == aim.source;
        building.alarms().find(meant).map_or(AlarmId(0), |alarm| alarm.id)
    };
    match wish {
        Wish::Acknowledge(aim) => Order::Acknowledge(alarm(aim)),
        Wish::Silence(aim) => Order::Silence(alarm(aim)),
        Wish::Reset(aim) => Order::Reset(alarm(aim)),
        Wish::Shelve { aim, span, reason } => {
            Order::Shelve { alarm: alarm(aim), span: *span, reason: reason.clone() }
        }
        Wish::Unshelve(aim) => Order::Unshelve(alarm(aim)),
        Wish::TakeOutOfService { source, span, reason } => {
            Order::TakeOutOfService { source: source.clone(), span: *span, reason: reason.clone() }
        }
        Wish::ReturnToService { source } => {
            let mut all = building.suppressions();
            let of_source = all.find(|known| known.kind == Quiet::OutOfService && known.source == *source);
            Order::EndSuppression(of_source.map_or(SuppressionId(0), |known| known.id))
        }
        Wish::Raise { kind, place } => {
            Order::RaiseEmergency { kind: *kind, place: place.clone(), note: "".into() }
        }
        Wish::Move { old, new } => Order::MoveNode { old: *old, new: *new },
        Wish::Retire(address) => Order::RetireNode(*address),
        Wish::Approve(address) => Order::ApproveNode(*address),
        Wish::Dismiss(address) => Order::DismissNode(*address),
        Wish::Test(target) => Order::TestTarget(target.clone()),
    }
}

//! What things are called on the screen.

use super::plain::plain;
use poe::{Alarm, Source, State};
use poe_building::Directory;

/// What people call a source, with what it stands for and where it is.
pub(super) fn called(names: &Directory, source: &Source) -> String {
    plain(&names.called(source))
}

/// `12 (flame, Over the stove (10.89.21.188_9) in canteen)`, after the word for its class.
pub(super) fn about(alarm: &Alarm, names: &Directory) -> String {
    format!("{} {} ({}, {})", alarm.class, alarm.id, plain(&alarm.message), called(names, &alarm.source))
}

/// The value that raised an alarm, with its unit; empty if it comes from no sensor.
pub(super) fn value(alarm: &Alarm, names: &Directory) -> String {
    let unit = names.kind_of_rule(&alarm.rule).map_or("", |kind| kind.unit());
    alarm.value.map(|value| format!("{value} {unit}").trim_end().to_owned()).unwrap_or_default()
}

/// A state with a mark that needs no colour: ! the condition is true, - it is gone, # it is gone and the alarm is held;
/// twice while nobody has acknowledged it.
pub(super) fn state(state: State) -> String {
    let mark = match state {
        State::Normal => "  ",
        State::Unacknowledged => "!!",
        State::Acknowledged => "! ",
        State::ReturnedUnacknowledged => "--",
        State::LatchedUnacknowledged => "##",
        State::LatchedAcknowledged => "# ",
    };
    format!("{mark} {}", state.name().replace('_', " "))
}

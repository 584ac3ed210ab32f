//! What all orders have in common: the alarms that they are about, and the answer that a person gets.

use super::{
    command::{Entry, Mistake},
    house::{Carried, House, NotDone},
    names::about,
    plain::{plain, printable},
};
use poe::{Alarm, AlarmId, EngineGone, Order, OrderRefused};
use poe_building::Directory;
use std::{num::NonZero, str::SplitWhitespace, thread};

/// Orders given at once when there are many: each waits until it is stored, and one write to the disk stores them all.
const AT_ONCE: usize = 16;

/// An order and what has become of it.
pub(super) type Outcome = (AlarmId, Result<Carried, NotDone>);

/// `12 13`: each number once, at least one.
pub(super) fn read_ids(entry: &Entry, words: SplitWhitespace<'_>) -> Result<Vec<AlarmId>, Mistake> {
    let mut ids = Vec::new();
    for word in words {
        let id = read_id(entry, word)?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if ids.is_empty() { Err(entry.missing("the number of an alarm")) } else { Ok(ids) }
}

/// `12`, or `#12` as the journal has it.
pub(super) fn read_id(entry: &Entry, word: &str) -> Result<AlarmId, Mistake> {
    let number = word.strip_prefix('#').unwrap_or(word).parse::<NonZero<u64>>();
    number.map(|number| AlarmId(number.get())).map_err(|_| {
        let (word, usage) = (printable(word), entry.usage());
        Mistake::new(format!("`{word}` is no alarm's number; `a` shows them. Try `{usage}`"))
    })
}

/// Gives the same order for each alarm.
pub(super) fn give_each(
    house: &dyn House,
    ids: &[AlarmId],
    order: impl Fn(AlarmId) -> Order + Sync,
) -> Vec<Outcome> {
    let give = |id: &AlarmId| (*id, house.order(order(*id)));
    if ids.len() == 1 {
        return ids.iter().map(give).collect();
    }
    let share = ids.len().div_ceil(AT_ONCE).max(1);
    thread::scope(|scope| {
        let shares: Vec<_> = ids
            .chunks(share)
            .map(|ids| (ids, scope.spawn(move || ids.iter().map(give).collect::<Vec<_>>())))
            .collect();
        let gather = |(ids, share): (&[AlarmId], thread::ScopedJoinHandle<'_, Vec<Outcome>>)| {
            // A thread that has panicked has said so; for its alarms the list of alarms tells what holds.
            share.join().unwrap_or_else(|_| {
                ids.iter().map(|id| (*id, Err(NotDone::Unheard(EngineGone.into())))).collect()
            })
        };
        shares.into_iter().flat_map(gather).collect()
    })
}

/// A line for each alarm: what holds now, or why not.
pub(super) fn answer(
    outcomes: &[Outcome],
    verb: &str,
    names: &Directory,
    done: impl Fn(&Alarm) -> String,
) -> String {
    let line = |(id, outcome): &Outcome| match outcome {
        Ok(carried) => {
            let what = carried.alarm.as_ref().map_or_else(
                || format!("alarm {id}: done"),
                |alarm| format!("{}: {}", about(alarm, names), done(alarm)),
            );
            format!("{what}{}", unstored(carried))
        }
        Err(error) => refused(&format!("{verb} {id}"), error),
    };
    outcomes.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Why an order was not carried out.
pub(super) fn refused(order: &str, error: &NotDone) -> String {
    match error {
        NotDone::Refused(why @ OrderRefused::NoSuchAlarm(_)) => {
            format!("refused: {order}: {why}; `a` shows the alarms")
        }
        NotDone::Refused(why) => format!("refused: {order}: {}", plain(&why.to_string())),
        NotDone::RefusedThere(why) => format!("refused: {order}: {}", plain(why)),
        NotDone::Unheard(why) => format!("not done: {order}: {why}"),
    }
}

/// What to add while an order is not on the disk.
pub(super) fn unstored(carried: &Carried) -> &'static str {
    if carried.stored { "" } else { " (not stored yet: the disk is slow; the order holds all the same)" }
}

#[cfg(test)]
mod tests {
    use crate::console::command::tests::check;
    use expect_test::expect;

    #[test]
    fn orders_as_they_are_typed() {
        check(
            "ack 12
             acknowledge 12 13 #12
             ack all
             ack
             ack 0
             ack twelve
             ack all 12
             silence 7
             silence
             reset 7 x\u{1b}[2J
             shelve 12 60 the oven is being cleaned
             shelve 12 60
             shelve 12
             shelve 12 soon it rings
             shelve 12 0 it rings
             unshelve 12",
            &expect![[r#"
                ack 12 => Acknowledge(These([AlarmId(12)]))
                acknowledge 12 13 #12 => Acknowledge(These([AlarmId(12), AlarmId(13)]))
                ack all => Acknowledge(All)
                ack => the number of an alarm is missing after `ack`; try `ack 12`
                ack 0 => `0` is no alarm's number; `a` shows them. Try `ack ID...|all`
                ack twelve => `twelve` is no alarm's number; `a` shows them. Try `ack ID...|all`
                ack all 12 => `12` is not understood after `ack`; try `ack ID...|all`
                silence 7 => Silence([AlarmId(7)])
                silence => the number of an alarm is missing after `silence`; try `silence 12`
                reset 7 x[2J => `x\u{1b}[2J` is no alarm's number; `a` shows them. Try `reset ID...`
                shelve 12 60 the oven is being cleaned => Shelve { alarm: AlarmId(12), minutes: 60, reason: "the oven is being cleaned" }
                shelve 12 60 => the reason is missing after `shelve`; try `shelve 12 60 the oven is being cleaned`
                shelve 12 => the number of minutes is missing after `shelve`; try `shelve 12 60 the oven is being cleaned`
                shelve 12 soon it rings => `soon`: minutes are a whole number from 1; try `shelve ID MINUTES REASON...`
                shelve 12 0 it rings => `0`: minutes are a whole number from 1; try `shelve ID MINUTES REASON...`
                unshelve 12 => Unshelve([AlarmId(12)])
            "#]],
        );
    }

    #[test]
    fn emergencies_as_they_are_typed() {
        check(
            "emergency fire kitchen the pan burns
             emergency Active-Shooter site
             emergency
             emergency fier kitchen
             emergency water kitchen
             emergency fire",
            &expect![[r#"
                emergency fire kitchen the pan burns => Emergency { kind: Fire, place: "kitchen", note: "the pan burns" }
                emergency Active-Shooter site => Emergency { kind: ActiveShooter, place: "site", note: "" }
                emergency => the kind is missing after `emergency`; try `emergency fire kitchen the pan burns`
                emergency fier kitchen => `fier` is none of fire, extreme_weather, active_shooter, public_safety; did you mean `fire`?
                emergency water kitchen => `water` is none of fire, extreme_weather, active_shooter, public_safety
                emergency fire => the place is missing after `emergency`; try `emergency fire kitchen the pan burns`
            "#]],
        );
    }
}

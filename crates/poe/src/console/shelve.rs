//! `shelve` and `unshelve`: an alarm is kept quiet for a while, and speaks again.

use super::{
    acknowledge::what_holds,
    command::{Command, Entry, Mistake},
    house::{Carried, House, NotDone},
    names::about,
    orders::{self, Outcome},
    plain::{plain, printable},
    when::When,
};
use poe::{AlarmId, Order};
use poe_building::Directory;
use std::{str::SplitWhitespace, time::Duration};

pub(super) fn read(entry: &Entry, mut words: SplitWhitespace<'_>) -> Result<Command, Mistake> {
    let alarm = words.next().ok_or_else(|| entry.missing("the number of an alarm"))?;
    let alarm = orders::read_id(entry, alarm)?;
    let minutes = words.next().ok_or_else(|| entry.missing("the number of minutes"))?;
    let minutes = minutes.parse().ok().filter(|minutes| *minutes > 0).ok_or_else(|| {
        let (word, usage) = (printable(minutes), entry.usage());
        Mistake::new(format!("`{word}`: minutes are a whole number from 1; try `{usage}`"))
    })?;
    let reason = words.collect::<Vec<_>>().join(" ");
    if reason.is_empty() {
        return Err(entry.missing("the reason"));
    }
    Ok(Command::Shelve { alarm, minutes, reason })
}

pub(super) fn order(
    house: &dyn House,
    (alarm, minutes, reason): (AlarmId, u32, &str),
    names: &Directory,
    when: &When,
) -> String {
    let span = Duration::from_secs(60 * u64::from(minutes));
    let outcome = house.order(Order::Shelve { alarm, span, reason: reason.into() });
    answer(alarm, &outcome, (span, reason), names, when)
}

pub(super) fn unshelve(house: &dyn House, ids: &[AlarmId], names: &Directory) -> String {
    answer_unshelved(&orders::give_each(house, ids, Order::Unshelve), names)
}

fn answer(
    id: AlarmId,
    outcome: &Result<Carried, NotDone>,
    (span, reason): (Duration, &str),
    names: &Directory,
    when: &When,
) -> String {
    match outcome {
        Ok(carried) => {
            let alarm = carried.alarm.as_ref();
            let what = alarm.map_or_else(|| format!("alarm {id}"), |alarm| about(alarm, names));
            let until = when.clock(when.moment().after(span));
            let (reason, unstored) = (plain(reason), orders::unstored(carried));
            format!("{what}: shelved until {until}: {reason}; `unshelve {id}` ends it earlier{unstored}")
        }
        Err(error) => orders::refused(&format!("shelve {id}"), error),
    }
}

fn answer_unshelved(outcomes: &[Outcome], names: &Directory) -> String {
    orders::answer(outcomes, "unshelve", names, |alarm| format!("no longer shelved; {}", what_holds(alarm)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::sample::{self, carried};
    use poe::OrderRefused;

    #[test]
    fn a_shelving_has_an_end_and_a_reason() {
        let (names, when) = (sample::names(), When::spring());
        let hour = (Duration::from_secs(3_600), "cleaning");
        let flame = carried(sample::flame(12, &when));
        let longest = Duration::from_secs(8 * 3_600);
        let unknown = OrderRefused::Unknown { what: "shelving of alarm", name: "12".into() };
        let lines = [
            answer(AlarmId(12), &Ok(flame.clone()), hour, &names, &when),
            answer(AlarmId(12), &Err(OrderRefused::TooLong { longest }.into()), hour, &names, &when),
            answer_unshelved(&[(AlarmId(12), Ok(flame))], &names),
            answer_unshelved(&[(AlarmId(12), Err(unknown.into()))], &names),
        ];
        expect_test::expect![[r#"
            alarm 12 (flame, Kitchen (10.89.21.188_7) in kitchen): shelved until 15:03:07: cleaning; `unshelve 12` ends it earlier
            refused: shelve 12: give it an end between now and 480 minutes from now
            alarm 12 (flame, Kitchen (10.89.21.188_7) in kitchen): no longer shelved; its condition is true and nobody has acknowledged it: `ack 12`
            refused: unshelve 12: there is no shelving of alarm "12""#]].assert_eq(&lines.join("\n"));
    }
}

//! `ack`: somebody has seen an alarm.

use super::{
    command::{Command, Entry, Mistake},
    house::{Heard, House},
    orders::{self, Outcome},
    plain::plain,
    table::counted,
    when::When,
};
use poe::{Alarm, AlarmId, Order, State};
use poe_building::Directory;
use std::str::SplitWhitespace;

/// Beyond so many alarms each has no line of its own in the answer.
const LINES_MAX: usize = 20;

/// Which alarms have been seen.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Marked {
    These(Vec<AlarmId>),
    /// Whatever asks for it now.
    All,
}

pub(super) fn read(entry: &Entry, mut words: SplitWhitespace<'_>) -> Result<Command, Mistake> {
    let mut ahead = words.clone();
    if ahead.next().is_some_and(|word| word.eq_ignore_ascii_case("all")) {
        words.next();
        return entry.alone(words, Command::Acknowledge(Marked::All));
    }
    orders::read_ids(entry, words).map(|ids| Command::Acknowledge(Marked::These(ids)))
}

pub(super) fn order(house: &dyn House, marked: &Marked, names: &Directory, when: &When) -> Heard<String> {
    let before = house.alarms()?;
    let (ids, quiet) = match marked {
        Marked::These(ids) => (ids.clone(), 0),
        Marked::All => asking(&before),
    };
    let outcomes = orders::give_each(house, &ids, Order::Acknowledge);
    Ok(match marked {
        Marked::These(_) => answer(&outcomes, &before, names, when),
        Marked::All => answer_all(&outcomes, quiet, &before, names, when),
    })
}

/// The alarms that ask to be acknowledged, and how many would if they were not kept quiet.
fn asking(alarms: &[Alarm]) -> (Vec<AlarmId>, usize) {
    let unacknowledged = alarms.iter().filter(|alarm| alarm.state.is_unacknowledged());
    let (loud, quiet): (Vec<_>, Vec<_>) = unacknowledged.partition(|alarm| alarm.is_loud());
    (loud.iter().map(|alarm| alarm.id).collect(), quiet.len())
}

fn answer(outcomes: &[Outcome], before: &[Alarm], names: &Directory, when: &When) -> String {
    orders::answer(outcomes, "ack", names, |alarm| {
        let earlier = before.iter().find(|known| known.id == alarm.id);
        let earlier = earlier.filter(|known| !known.state.is_unacknowledged());
        let earlier = earlier.and_then(|known| known.acknowledged.as_ref());
        let seen = match earlier {
            Some((who, time)) => {
                format!("was acknowledged already, by {} at {}", plain(&who.name), when.clock(*time))
            }
            None => "acknowledged".to_owned(),
        };
        format!("{seen}; {}", what_holds(alarm))
    })
}

fn answer_all(
    outcomes: &[Outcome],
    quiet: usize,
    before: &[Alarm],
    names: &Directory,
    when: &When,
) -> String {
    let mut lines = Vec::new();
    if outcomes.is_empty() {
        lines.push("nothing asks to be acknowledged".to_owned());
    } else if outcomes.len() <= LINES_MAX {
        lines.push(answer(outcomes, before, names, when));
    } else {
        let (done, refused): (Vec<_>, Vec<_>) = outcomes.iter().partition(|(_, outcome)| outcome.is_ok());
        let unstored = done.iter().filter(|(_, outcome)| outcome.as_ref().is_ok_and(|it| !it.stored)).count();
        lines.push(format!("{} acknowledged; `a` shows what stands", counted(done.len(), "signal")));
        if unstored > 0 {
            lines.push(format!(
                "{unstored} of them are not stored yet: the disk is slow; they hold all the same"
            ));
        }
        if !refused.is_empty() {
            lines.push(format!("{} had ended meanwhile", refused.len()));
        }
    }
    if quiet > 0 {
        lines.push(format!("{quiet} more are kept quiet and left as they are; `ack ID` acknowledges each"));
    }
    lines.join("\n")
}

/// How it goes on with an alarm.
pub(super) fn what_holds(alarm: &Alarm) -> String {
    let id = alarm.id;
    match alarm.state {
        State::Normal => "it has returned to normal".to_owned(),
        State::Unacknowledged => format!("its condition is true and nobody has acknowledged it: `ack {id}`"),
        State::Acknowledged => "its condition is still true".to_owned(),
        State::ReturnedUnacknowledged => {
            format!("its condition is gone and nobody has acknowledged it: `ack {id}`")
        }
        State::LatchedUnacknowledged => {
            format!("its condition is gone, it is held and nobody has acknowledged it: `ack {id}`")
        }
        State::LatchedAcknowledged => format!("its condition is gone; `reset {id}` releases it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{
        house::NotDone,
        sample::{self, carried},
    };
    use expect_test::expect;
    use poe::{OrderRefused, Quiet, Who};

    #[test]
    fn the_answer_says_what_holds_now() {
        let (names, when) = (sample::names(), When::spring());
        let bob = Who::new("bob\u{1b}[2J", "console");
        let seen = Alarm {
            state: State::Acknowledged,
            acknowledged: Some((bob, when.seconds_before(60))),
            ..sample::flame(13, &when)
        };
        let before = [sample::flame(12, &when), seen.clone()];
        let mut slow = carried(Alarm { id: AlarmId(14), ..seen.clone() });
        slow.stored = false;
        let outcomes = [
            (AlarmId(12), Ok(carried(Alarm { state: State::Acknowledged, ..sample::flame(12, &when) }))),
            (AlarmId(13), Ok(carried(seen))),
            (AlarmId(14), Ok(slow)),
            (AlarmId(15), Ok(carried(Alarm { state: State::Normal, ..sample::flame(15, &when) }))),
            (AlarmId(16), Err(OrderRefused::NoSuchAlarm(AlarmId(16)).into())),
            (AlarmId(17), Err(NotDone::Unheard(poe::EngineGone.into()))),
        ];
        expect![[r#"
            alarm 12 (flame, Kitchen (10.89.21.188_7) in kitchen): acknowledged; its condition is still true
            alarm 13 (flame, Kitchen (10.89.21.188_7) in kitchen): was acknowledged already, by bob�[2J at 14:02:07; its condition is still true
            alarm 14 (flame, Kitchen (10.89.21.188_7) in kitchen): acknowledged; its condition is still true (not stored yet: the disk is slow; the order holds all the same)
            alarm 15 (flame, Kitchen (10.89.21.188_7) in kitchen): acknowledged; it has returned to normal
            refused: ack 16: there is no alarm 16, or it has returned to normal; `a` shows the alarms
            not done: ack 17: the server has stopped"#]].assert_eq(&answer(&outcomes, &before, &names, &when));
    }

    #[test]
    fn all_is_what_asks_for_it_and_a_flood_has_a_short_answer() {
        let (names, when) = (sample::names(), When::spring());
        let shelved = Alarm { quiet: Some(Quiet::Shelved), ..sample::flame(2, &when) };
        let seen = Alarm { state: State::Acknowledged, ..sample::flame(3, &when) };
        let alarms = [sample::flame(1, &when), shelved, seen];
        assert_eq!(asking(&alarms), (vec![AlarmId(1)], 1));
        assert_eq!(answer_all(&[], 0, &[], &names, &when), "nothing asks to be acknowledged");

        let outcome = |id| {
            let seen = Alarm { state: State::Acknowledged, ..sample::flame(id, &when) };
            (AlarmId(id), Ok(carried(seen)))
        };
        let outcomes: Vec<_> = (1..=500).map(outcome).collect();
        expect![[r#"
            500 signals acknowledged; `a` shows what stands
            3 more are kept quiet and left as they are; `ack ID` acknowledges each"#]]
        .assert_eq(&answer_all(&outcomes, 3, &[], &names, &when));
    }
}

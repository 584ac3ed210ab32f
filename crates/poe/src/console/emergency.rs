//! `emergency`: somebody raises an alarm by hand.

use super::{
    command::{Command, Entry, Mistake},
    house::{Carried, House, NotDone},
    names::about,
    orders,
    plain::{plain, printable},
};
use poe::{Emergency, Order, OrderRefused};
use poe_building::{Directory, Model, nearest};
use std::str::SplitWhitespace;

/// Places named in an answer. `z` shows all.
const NAMED_MAX: usize = 30;

pub(super) fn read(entry: &Entry, mut words: SplitWhitespace<'_>) -> Result<Command, Mistake> {
    let kinds = || Emergency::ALL.map(Emergency::name).join(", ");
    let word = words.next().ok_or_else(|| entry.missing("the kind"))?;
    let kind = word.to_ascii_lowercase().parse().map_err(|_| {
        let meant = nearest(&word.to_ascii_lowercase(), Emergency::ALL.iter().map(|kind| kind.name()));
        let meant = meant.map(|kind| format!("; did you mean `{kind}`?")).unwrap_or_default();
        Mistake::new(format!("`{}` is none of {}{meant}", printable(word), kinds()))
    })?;
    let place = words.next().ok_or_else(|| entry.missing("the place"))?.to_owned();
    let note = words.collect::<Vec<_>>().join(" ");
    Ok(Command::Emergency { kind, place, note })
}

pub(super) fn order(
    house: &dyn House,
    (kind, place, note): (Emergency, &str, &str),
    names: &Directory,
) -> String {
    let order = Order::RaiseEmergency { kind, place: place.into(), note: note.into() };
    answer((kind, place), &house.order(order), names)
}

fn answer((kind, place): (Emergency, &str), outcome: &Result<Carried, NotDone>, names: &Directory) -> String {
    match outcome {
        Ok(carried) => {
            let what = carried.alarm.as_ref().map_or_else(
                || "the emergency is raised".to_owned(),
                |alarm| {
                    let id = alarm.id;
                    format!("raised: {}; `ack {id}` and `reset {id}` end it", about(alarm, names))
                },
            );
            format!("{what}{}", orders::unstored(carried))
        }
        Err(NotDone::Refused(OrderRefused::Unknown { .. })) => unknown(place, names.model()),
        Err(error) => orders::refused(&format!("emergency {kind_name}", kind_name = kind.name()), error),
    }
}

/// A wrong place must not cost time: the answer names the right ones.
fn unknown(place: &str, model: &Model) -> String {
    let known = || model.places.iter().map(|place| &*place.name).chain([&*model.site]);
    let meant = nearest(place, known()).map(|name| format!("; did you mean `{}`?", plain(name)));
    let listed: Vec<_> = known().take(NAMED_MAX).map(plain).collect();
    let more = if known().count() > NAMED_MAX { "; `z` shows all" } else { "" };
    format!(
        "refused: there is no place `{}`{}\nplaces: {}{more}",
        printable(place),
        meant.unwrap_or_default(),
        listed.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{
        sample::{self, carried},
        when::When,
    };
    use poe::{Alarm, Source};

    #[test]
    fn a_wrong_place_is_answered_with_the_right_ones() {
        let names = sample::names();
        let message = "fire reported by hand, raised by alice: the pan burns".into();
        let source = Source::Place("canteen".into());
        let alarm = Alarm { source, message, value: None, ..sample::flame(12, &When::spring()) };
        let unknown = |name: &str| {
            let what = "zone or other place";
            answer(
                (Emergency::Fire, name),
                &Err(OrderRefused::Unknown { what, name: name.into() }.into()),
                &names,
            )
        };
        let lines = [
            answer((Emergency::Fire, "canteen"), &Ok(carried(alarm)), &names),
            unknown("cantene"),
            unknown("x\u{1b}[2J"),
            answer((Emergency::Fire, "canteen"), &Err(OrderRefused::UnfitText.into()), &names),
        ];
        expect_test::expect![[r#"
            raised: alarm 12 (fire reported by hand, raised by alice: the pan burns, canteen); `ack 12` and `reset 12` end it
            refused: there is no place `cantene`; did you mean `canteen`?
            places: canteen, kitchen, site
            refused: there is no place `x\u{1b}[2J`
            places: canteen, kitchen, site
            refused: emergency fire: a text has at most 500 characters and no control characters"#]].assert_eq(&lines.join("\n"));
    }
}

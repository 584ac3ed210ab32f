//! `z`: places, and the worst that stands in each.

use super::{
    names::state,
    plain::plain,
    table::{Column, footer, table},
    when::When,
};
use poe::{Alarm, Source};
use poe_building::{Directory, Model, Place};
use std::{cmp::Reverse, collections::HashMap};

pub(super) fn answer(alarms: &[Alarm], names: &Directory, when: &When) -> String {
    let model = names.model();
    let standing = by_place(alarms, names);
    let columns = [
        Column::Text("place"),
        Column::Text("kind"),
        Column::Text("title"),
        Column::Text("worst"),
        Column::Text("state"),
        Column::Number("signals"),
        Column::Text("since"),
    ];
    let row = |name: &str, depth: usize, kind: &str, title: Option<&str>| {
        let here = standing.get(name).map_or(&[][..], Vec::as_slice);
        let worst = worst(here);
        [
            format!("{}{}", "  ".repeat(depth), plain(name)),
            kind.to_owned(),
            title.map(plain).unwrap_or_default(),
            worst.map_or("-".to_owned(), |alarm| alarm.class.to_string()),
            worst.map_or("   normal".to_owned(), |alarm| state(alarm.state)),
            here.len().to_string(),
            worst.map_or("-".to_owned(), |alarm| when.clock(alarm.raised.unwrap_or(alarm.since))),
        ]
    };
    let site = row(&model.site, 0, "site", None);
    let places = in_order(model);
    let rows = places
        .iter()
        .map(|(place, depth)| row(&place.name, depth + 1, place.kind.name(), place.title.as_deref()));
    let rows = table(&columns, [site].into_iter().chain(rows));
    let footer = footer(places.len() + 1, "place", "`a PLACE` shows what stands in one");
    format!("{rows}\n{footer}, times in {}", when.zone())
}

/// What stands in each place or in anything that is in it.
fn by_place<'a>(alarms: &'a [Alarm], names: &Directory) -> HashMap<poe_building::Text, Vec<&'a Alarm>> {
    let mut standing: HashMap<_, Vec<&Alarm>> = HashMap::new();
    for alarm in alarms {
        for at in names.path(&alarm.source) {
            if let Source::Place(name) = at {
                standing.entry(name).or_default().push(alarm);
            }
        }
    }
    standing
}

/// What needs somebody before all else; what is kept quiet comes last.
fn worst<'a>(alarms: &[&'a Alarm]) -> Option<&'a Alarm> {
    let weight = |alarm: &&Alarm| {
        let Alarm { class, state, priority, quiet, .. } = alarm;
        (
            quiet.is_some(),
            *class,
            !state.is_unacknowledged(),
            !state.is_active(),
            *priority,
            Reverse(alarm.raised),
        )
    };
    alarms.iter().copied().min_by_key(weight)
}

/// Each place under the one that it is in, and how deep that is.
fn in_order(model: &Model) -> Vec<(&Place, usize)> {
    let mut children: HashMap<Option<&str>, Vec<&Place>> = HashMap::new();
    for place in model.places.iter().rev() {
        // On the site itself is where a place is that is in no other.
        let within = place.within.as_deref().filter(|name| *name != &*model.site);
        children.entry(within).or_default().push(place);
    }
    let mut waiting: Vec<_> =
        children.remove(&None).unwrap_or_default().into_iter().map(|place| (place, 0)).collect();
    let mut places = Vec::new();
    while let Some((place, depth)) = waiting.pop() {
        places.push((place, depth));
        // Taken out, so that a circle, which the model's check refuses, would end.
        let inner = children.remove(&Some(&*place.name)).unwrap_or_default();
        waiting.extend(inner.into_iter().map(|place| (place, depth + 1)));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::sample;
    use poe::{Class, Quiet, State};

    #[test]
    fn a_place_shows_the_worst_that_is_in_it() {
        let (names, when) = (sample::names(), When::spring());
        let by_hand = Source::Place("canteen".into());
        let alarms = [
            Alarm { quiet: Some(Quiet::Shelved), ..sample::flame(1, &when) },
            Alarm { class: Class::Trouble, state: State::Acknowledged, ..sample::flame(2, &when) },
            Alarm { state: State::LatchedAcknowledged, source: by_hand, ..sample::flame(3, &when) },
            Alarm { class: Class::Trouble, source: Source::System, ..sample::flame(4, &when) },
        ];
        expect_test::expect![[r#"
            place        kind  title  worst    state                    signals  since
            site         site         alarm    #  latched acknowledged        3  14:00:07
              canteen    zone         alarm    #  latched acknowledged        3  14:00:07
                kitchen  room         trouble  !  acknowledged                2  14:00:07
            3 places, times in UTC"#]]
        .assert_eq(&answer(&alarms, &names, &when));
        expect_test::expect![[r#"
            place        kind  title  worst  state      signals  since
            site         site         -         normal        0  -
              canteen    zone         -         normal        0  -
                kitchen  room         -         normal        0  -
            3 places, times in UTC"#]]
        .assert_eq(&answer(&[], &names, &when));
    }
}

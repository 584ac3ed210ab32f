use std::sync::Arc;

use poe_building::{Model, Place, PlaceKind, Source};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::subsequence;

use super::*;
use crate::selection::unknown_place;
use crate::views::SensorNames;

/// Places by their names, each within another or right on the site, which is the campus.
fn campus(places: &[(&str, Option<&str>)]) -> Arc<Directory> {
    let place = |(name, within): &(&str, Option<&str>)| Place {
        name: Text::from(*name),
        kind: PlaceKind::Zone,
        within: within.map(Text::from),
        title: None,
    };
    let places = places.iter().map(place).collect();
    Arc::new(Directory::new(Arc::new(Model { site: "campus".into(), places, ..Model::default() })))
}

fn two_houses() -> Arc<Directory> {
    let barn = [("barn", None), ("stable", Some("barn"))];
    campus(&[&[("house", None), ("kitchen", Some("house")), ("cellar", Some("house"))][..], &barn].concat())
}

fn reach(buildings: &[&str]) -> Reach {
    Reach::of(buildings.iter().map(|name| Text::from(*name)).collect())
}

fn interest(text: &str, directory: &Directory, reach: &Reach) -> Result<Interest, Problem> {
    let mut params = Params::of(&format!("/api/v1/live?{text}").parse().unwrap()).unwrap();
    let interest = Interest::read(&mut params, directory, reach)?;
    params.end().map(|()| interest)
}

/// What somebody is told of these, in words.
fn told(text: &str, buildings: &[&str], sources: &[Source]) -> Vec<String> {
    let names = SensorNames::new(two_houses());
    let interest = interest(text, names.directory(), &reach(buildings)).unwrap();
    let kinds = |source: &Source| {
        let places = names.places(source);
        let wanted = Kind::ALL.into_iter().filter(|kind| interest.wants(*kind, &places));
        wanted.map(Kind::name).collect::<Vec<_>>().join(" ")
    };
    sources.iter().map(kinds).collect()
}

const ALL: &str = "alarm event reading node";

/// The kitchen, the cellar beside it, the stable, and the server itself.
fn sources() -> [Source; 4] {
    let [kitchen, cellar, stable] = ["kitchen", "cellar", "stable"].map(|name| Source::Place(name.into()));
    [kitchen, cellar, stable, Source::System]
}

#[test]
fn kinds_and_zones_decide_together() {
    let told = |text| told(text, &[], &sources());
    assert_eq!(told(""), [ALL; 4]);
    assert_eq!(told("zone=campus"), [ALL; 4], "everything is on the site");
    assert_eq!(told("zone=kitchen,campus"), [ALL; 4]);
    assert_eq!(told("kind=alarm,%20event"), ["alarm event"; 4]);
    assert_eq!(told("zone=house"), [ALL, ALL, "", ""]);
    assert_eq!(told("zone=kitchen"), [ALL, "", "", ""]);
    assert_eq!(told("zone=stable,%20kitchen,stable"), [ALL, "", ALL, ""]);
    assert_eq!(told("zone=house,kitchen"), [ALL, ALL, "", ""]);
    let screen = told("kind=alarm,event,reading&zone=kitchen,stable&everywhere=alarm,event");
    assert_eq!(screen, ["alarm event reading", "alarm event", "alarm event reading", "alarm event"]);
    assert_eq!(told("kind=reading&everywhere=alarm"), ["reading"; 4], "what is not told is told nowhere");
}

#[test]
fn whoever_sees_some_buildings_follows_all_of_them_and_nothing_else() {
    let house = |text| told(text, &["house"], &sources());
    assert_eq!(house(""), [ALL, ALL, "", ""]);
    assert_eq!(house("zone=campus"), [ALL, ALL, "", ""], "the site is as much of it as they see");
    assert_eq!(house("zone=campus&everywhere=alarm"), [ALL, ALL, "", ""]);
    assert_eq!(house("zone=kitchen"), [ALL, "", "", ""]);
    assert_eq!(house("zone=kitchen&everywhere=alarm"), [ALL, "alarm", "", ""]);
    let both = |text| told(text, &["barn", "house"], &sources());
    assert_eq!(both(""), [ALL, ALL, ALL, ""]);
    assert_eq!(both("zone=stable,kitchen&everywhere=node"), [ALL, "node", ALL, ""]);
    // Of a building that is gone there is nothing to tell, which is not everything.
    assert_eq!(told("", &["mill", "barn"], &sources()), ["", "", ALL, ""]);
    assert_eq!(told("everywhere=alarm", &["mill"], &sources()), [""; 4]);
}

#[test]
fn a_place_out_of_sight_is_as_unknown_as_none_whatever_stands_beside_it() {
    let refused = |zones: &str| {
        [format!("zone={zones}"), format!("zone={zones}&kind=x&everywhere=x&other=x")]
            .map(|text| interest(&text, &two_houses(), &reach(&["house", "mill"])).unwrap_err())
    };
    for zones in ["stable", "attic", "mill", "kitchen,stable", "attic,kitchen", "campus,barn", "kitchen,"] {
        assert_eq!(refused(zones), [unknown_place(), unknown_place()], "{zones}");
    }
}

#[test]
fn an_unknown_word_is_refused_by_its_field() {
    let field = |text: &str| interest(text, &two_houses(), &reach(&[])).unwrap_err().field.unwrap();
    assert_eq!(field("kind=alarms"), "kind");
    assert_eq!(field("kind=alarm,,event"), "kind");
    assert_eq!(field("zone=attic"), "zone");
    assert_eq!(field("zone=kitchen,,cellar"), "zone");
    assert_eq!(field("zone=kitchen&zone=cellar"), "zone");
    assert_eq!(field("everywhere=all"), "everywhere");
    assert_eq!(field("zones=house"), "zones");
}

#[test]
fn places_to_follow_have_a_bound() {
    let refused = |count| {
        let zones = vec!["kitchen"; count].join(",");
        interest(&format!("zone={zones}"), &two_houses(), &reach(&[])).err().map(|problem| problem.detail)
    };
    assert_eq!(refused(32), None);
    assert_eq!(refused(33).unwrap(), "Name 32 places at most.");
}

const NAMES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];

/// Any of the names, each within one that comes before it; the site is within nothing.
fn forest() -> impl Strategy<Value = Vec<(&'static str, Option<&'static str>)>> {
    let within = |at: usize| option::of(0..at.max(1)).prop_map(move |within| within.filter(|in_| *in_ < at));
    (0..NAMES.len()).map(within).collect::<Vec<_>>().prop_map(|within| {
        within.into_iter().zip(NAMES).map(|(within, name)| (name, within.map(|at| NAMES[at]))).collect()
    })
}

proptest! {
    #[test]
    fn what_is_told_is_what_a_look_at_the_plan_would_say(
        forest in forest(),
        known in subsequence(NAMES.to_vec(), 0..=NAMES.len()),
        buildings in subsequence(NAMES.to_vec(), 0..4),
        zones in vec(prop_oneof![8 => proptest::sample::select(&NAMES[..]), 1 => Just("campus")], 0..4),
        everywhere in subsequence(Kind::ALL.map(Kind::name).to_vec(), 0..3),
    ) {
        // Some of the buildings of the account are gone, with all that was in them.
        let stands = |name: &str| known.contains(&name);
        let outwards = |name: &'static str| {
            let within = |name: &&str| forest.iter().find(|(known, _)| known == name).and_then(|(_, within)| *within);
            std::iter::successors(Some(name), move |name| within(name)).collect::<Vec<_>>()
        };
        let standing: Vec<&str> =
            NAMES.into_iter().filter(|name| outwards(name).iter().all(|name| stands(name))).collect();
        let places: Vec<_> = forest.iter().copied().filter(|(name, _)| standing.contains(name)).collect();
        let names = SensorNames::new(campus(&places));
        let sees = |name: &'static str| {
            buildings.is_empty() || outwards(name).iter().any(|at| buildings.contains(at))
        };

        let text = format!("zone={}&everywhere={}", zones.join(","), everywhere.join(","));
        let interest = interest(&text, names.directory(), &reach(&buildings));
        let is_fine = |zone: &&'static str| *zone == "campus" || standing.contains(zone) && sees(zone);
        if !zones.iter().all(is_fine) {
            prop_assert_eq!(interest.unwrap_err(), unknown_place());
            return Ok(());
        }
        let interest = interest.unwrap();
        let is_named = |name: &'static str| {
            zones.is_empty() || zones.contains(&"campus") || outwards(name).iter().any(|at| zones.contains(at))
        };
        for kind in Kind::ALL {
            let is_wide = everywhere.contains(&kind.name());
            for place in &standing {
                let told = interest.wants(kind, &names.places(&Source::Place(Text::from(*place))));
                prop_assert_eq!(told, sees(place) && (is_wide || is_named(place)), "{} in {}", kind.name(), place);
                // What changes is told by place, and nothing twice.
                let path = names.places(&Source::Place(Text::from(*place)));
                let is_one = |zone: &&Option<Text>| {
                    zone.as_ref().is_none_or(|zone| path.contains(zone) && interest.scope(kind).wants(zone, &names))
                };
                let times = interest.scope(kind).zones().iter().filter(is_one).count();
                prop_assert_eq!(times, usize::from(told), "{} in {}", kind.name(), place);
            }
            let of_the_server = buildings.is_empty() && (is_wide || zones.is_empty() || zones.contains(&"campus"));
            prop_assert_eq!(interest.wants(kind, &names.places(&Source::System)), of_the_server);
        }
    }
}

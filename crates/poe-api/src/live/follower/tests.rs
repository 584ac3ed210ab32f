use std::ops::Range;
use std::time::Duration;

use poe_building::{Directory, Model, Place, PlaceKind, Reach, Text};
use tokio::time::timeout;

use super::*;
use crate::live::shelf::tests::Numbers;
use crate::views::SensorNames;

/// A kitchen that is within this, and a barn beside that.
fn kitchen_within(house: &str) -> Arc<SensorNames> {
    let place = |name: &str, within: Option<&str>| Place {
        name: name.into(),
        kind: PlaceKind::Zone,
        within: within.map(Into::into),
        title: None,
    };
    let places = vec![place("house", None), place("barn", None), place("kitchen", Some(house))];
    let model = Model { site: "campus".into(), places, ..Model::default() };
    Arc::new(SensorNames::new(Arc::new(Directory::new(Arc::new(model)))))
}

/// What a group knows of two hundred numbers, of which nobody has looked at one.
fn describe(group: &Group<Numbers>, names: &Arc<SensorNames>, edition: u32) {
    let mut seen = group.lock();
    (seen.names, seen.edition, seen.shelf) = (Some(Arc::clone(names)), edition, Default::default());
    seen.shelf.extend((0..200).collect());
    seen.scene = Some(Arc::new(Numbers(vec![0; 200])));
}

fn group(zone: Option<&str>) -> Arc<Group<Numbers>> {
    let group = Group::new(zone.map(Into::into), 0);
    describe(&group, &kitchen_within("house"), 1);
    Arc::new(group)
}

/// Looks at some of the blocks.
fn look(group: &Group<Numbers>, blocks: Range<usize>, numbers: &[u8; 200], look: u32) {
    blocks.for_each(|at| group.lock().shelf.look(at, &Numbers(numbers.to_vec()), look));
}

/// Looks at all of them, and says so.
fn look_at_all(group: &Group<Numbers>, numbers: &[u8; 200], number: u32) {
    look(group, 0..4, numbers, number);
    group.looks.send_replace(number);
}

fn scope(buildings: &[&str], zones: &[&str]) -> Scope {
    let names = |names: &[&str]| names.iter().map(|name| Text::from(*name)).collect::<Vec<_>>();
    let all = Scope::all(&Reach::of(names(buildings)));
    if zones.is_empty() { all } else { all.within(names(zones)) }
}

fn follower(scope: Scope, groups: &[&Arc<Group<Numbers>>]) -> Follower<Numbers> {
    Follower::new(scope, groups.iter().copied().map(Arc::clone).collect()).unwrap()
}

/// How many blocks are told now, and whether that is all then.
fn told(follower: &mut Follower<Numbers>) -> (usize, bool) {
    (std::iter::from_fn(|| follower.next()).count(), follower.has_told_all())
}

fn hears_of_a_look(follower: &mut Follower<Numbers>) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { timeout(Duration::from_millis(50), follower.wait()).await.is_ok() })
}

#[test]
fn all_has_been_told_when_all_has_been_looked_at_and_not_before() {
    let group = group(None);
    let mut follower = follower(scope(&[], &[]), &[&group]);
    look(&group, 0..1, &[0; 200], 1);
    assert_eq!(told(&mut follower), (1, false));
    look(&group, 1..4, &[0; 200], 1);
    group.looks.send_replace(1);
    assert!(hears_of_a_look(&mut follower), "it waits for the end of that look, and for no other");
    assert!(!follower.has_told_all());
    assert_eq!(told(&mut follower), (3, true));
}

#[test]
fn whoever_begins_anew_is_told_what_they_have_not_heard_and_then_that_it_is_all() {
    let group = group(None);
    look_at_all(&group, &[0; 200], 1);
    let mut follower = follower(scope(&[], &[]), &[&group]);
    assert_eq!(told(&mut follower), (4, true));
    let mut warmer = [0; 200];
    warmer[70] = 1;
    look_at_all(&group, &warmer, 2);
    follower.begin_anew();
    assert!(!follower.has_told_all());
    assert_eq!(told(&mut follower), (1, true));
    assert!(!hears_of_a_look(&mut follower), "the look is known");
    follower.begin_anew();
    assert_eq!(told(&mut follower), (0, true), "nothing has changed");
}

#[test]
fn of_two_places_each_is_told_unless_one_is_in_the_other() {
    let [barn, house, kitchen] = ["barn", "house", "kitchen"].map(|zone| group(Some(zone)));
    let mut apart = follower(scope(&[], &["barn", "kitchen"]), &[&barn, &kitchen]);
    look_at_all(&barn, &[0; 200], 1);
    assert_eq!(told(&mut apart), (4, false), "nobody has looked at the kitchen");
    for group in [&house, &kitchen] {
        look_at_all(group, &[0; 200], 1);
    }
    assert!(hears_of_a_look(&mut apart));
    assert_eq!(told(&mut apart), (4, true));

    let mut nested = follower(scope(&[], &["house", "kitchen"]), &[&house, &kitchen]);
    assert_eq!(told(&mut nested), (4, true));
    // Then the kitchen is in the barn.
    for group in [&house, &kitchen] {
        describe(group, &kitchen_within("barn"), 2);
        look_at_all(group, &[0; 200], 2);
    }
    nested.begin_anew();
    assert_eq!(told(&mut nested), (8, true));
}

#[test]
fn a_place_that_was_moved_out_of_sight_is_told_no_more() {
    let kitchen = group(Some("kitchen"));
    look_at_all(&kitchen, &[0; 200], 1);
    let mut house = follower(scope(&["house"], &["kitchen"]), &[&kitchen]);
    assert!(house.next().is_some());
    describe(&kitchen, &kitchen_within("barn"), 2);
    look_at_all(&kitchen, &[1; 200], 2);
    assert_eq!(told(&mut house), (0, true), "not even what was being told");
    let mut both = follower(scope(&["barn", "house"], &["kitchen"]), &[&kitchen]);
    assert_eq!(told(&mut both), (4, true));
}

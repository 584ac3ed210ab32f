//! What the journal tells of a plan: what was added, what is different, what was removed.

use super::{Outline, Placement, Plan, PlanImage, Point};
use crate::{Source, Text};
use std::collections::{BTreeMap, HashMap};

/// The most zones of a plan that the journal tells one by one, and the most nodes and sensors. There can be thousands, of
/// which nobody reads a word.
const TOLD_MAX: usize = 20;
/// The most corners of an outline that the journal tells one by one: a room has four to eight of them.
const CORNERS_TOLD_MAX: usize = 8;

impl Plan {
    /// What is different in `new`, in one line for the journal.
    pub(crate) fn told(&self, new: &Self) -> String {
        let mut told = Vec::new();
        let mut field = |name: &str, old: String, new: String| {
            if old != new {
                told.push(format!("{name} {old} -> {new}"));
            }
        };
        field("title", quoted(self.title.as_ref()), quoted(new.title.as_ref()));
        field("place", quoted(self.place.as_ref()), quoted(new.place.as_ref()));
        field("image", picture(self.image.as_ref()), picture(new.image.as_ref()));
        told.extend(self.told_of_marks(new));
        if told.is_empty() {
            let is_the_same = self.zones == new.zones && self.placements == new.placements;
            return if is_the_same { "as before" } else { "drawn in another order" }.to_owned();
        }
        told.join(", ")
    }

    /// What there is from now on.
    pub(crate) fn told_as_added(&self) -> String {
        let marks = self.without_marks().told_of_marks(self);
        line(format!("plan {} added: {}", self.name, self.summary()), &marks)
    }

    /// What there was.
    pub(crate) fn told_as_removed(&self) -> String {
        let marks = self.told_of_marks(&self.without_marks());
        line(format!("plan {} removed: {} -> none", self.name, self.summary()), &marks)
    }

    fn without_marks(&self) -> Self {
        Self { zones: Vec::new(), placements: Vec::new(), ..self.clone() }
    }

    fn summary(&self) -> String {
        format!(
            "title {}, place {}, image {}, {} zones, {} placements",
            quoted(self.title.as_ref()),
            quoted(self.place.as_ref()),
            picture(self.image.as_ref()),
            self.zones.len(),
            self.placements.len()
        )
    }

    /// Where zones, nodes and sensors were and are now.
    fn told_of_marks(&self, new: &Self) -> Vec<String> {
        let mut told = told_of_zones(&by_place(&self.zones), &by_place(&new.zones));
        let (old, now) = (by_source(&self.placements), by_source(&new.placements));
        let moved = self.placements.iter().filter(|it| now.get(&it.source) != old.get(&it.source));
        let placed = new.placements.iter().filter(|it| !old.contains_key(&it.source));
        let of_placement = |Placement { source, .. }: &Placement| {
            let at = |point: Option<&Point>| point.map_or_else(|| "nowhere".to_owned(), |at| shown(*at));
            match (old.get(source), now.get(source)) {
                (None, now) => format!("{source} nowhere -> at {}", at(now)),
                (old, now) => format!("{source} at {} -> {}", at(old), at(now)),
            }
        };
        told.extend(bounded(moved.chain(placed), of_placement));
        told
    }
}

/// The corners of each outline of a place: it can have several, which are told together.
type Outlines<'a> = BTreeMap<&'a Text, Vec<&'a [Point]>>;

fn told_of_zones(old: &Outlines<'_>, now: &Outlines<'_>) -> Vec<String> {
    let different = old.keys().filter(|place| now.get(*place) != old.get(*place));
    let added = now.keys().filter(|place| !old.contains_key(*place));
    bounded(different.chain(added), |place| match (old.get(place), now.get(place)) {
        (Some(old), Some(now)) => format!("zone {place} redrawn: {} -> {}", drawn(old), drawn(now)),
        (old, now) => {
            let at = |outlines: Option<&Vec<&[Point]>>| {
                outlines.map_or_else(|| "nowhere".to_owned(), |outlines| drawn(outlines))
            };
            format!("zone {place} {} -> {}", at(old), at(now))
        }
    })
}

/// The first of them in words, and how many more there are.
fn bounded<T>(mut all: impl Iterator<Item = T>, told: impl Fn(T) -> String) -> Vec<String> {
    let mut first: Vec<_> = all.by_ref().take(TOLD_MAX).map(told).collect();
    let more = all.count();
    if more > 0 {
        first.push(format!("and {more} more"));
    }
    first
}

fn by_place(zones: &[Outline]) -> Outlines<'_> {
    let mut found = Outlines::new();
    for zone in zones {
        found.entry(&zone.place).or_default().push(&zone.corners);
    }
    found
}

fn by_source(placements: &[Placement]) -> HashMap<&Source, Point> {
    placements.iter().map(|placement| (&placement.source, placement.at)).collect()
}

fn line(head: String, marks: &[String]) -> String {
    if marks.is_empty() { head } else { format!("{head}; {}", marks.join(", ")) }
}

fn quoted(text: Option<&Text>) -> String {
    text.map_or_else(|| "none".to_owned(), |text| format!("{text:?}"))
}

fn picture(image: Option<&PlanImage>) -> String {
    image.map_or_else(|| "none".to_owned(), |image| format!("{} {:?}", image.format, image.hash))
}

/// The first corners of all outlines of a place.
fn drawn(outlines: &[&[Point]]) -> String {
    let corners = outlines.concat();
    let first: Vec<_> = corners.iter().take(CORNERS_TOLD_MAX).map(|at| shown(*at)).collect();
    let mut told = format!("[{}", first.join("; "));
    if let Some(more) = corners.len().checked_sub(CORNERS_TOLD_MAX).filter(|more| *more > 0) {
        told += &format!("; and {more} more corners");
    }
    told + "]"
}

fn shown(at: Point) -> String {
    format!("{:.1} % {:.1} %", f64::from(at.x) / 1e4, f64::from(at.y) / 1e4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::Ipv4Addr;

    fn zone(place: &str, corners: &[(u32, u32)]) -> Outline {
        let corners = corners.iter().map(|(x, y)| Point { x: x * 10_000, y: y * 10_000 }).collect();
        Outline { place: place.into(), corners }
    }

    fn plan(placements: impl IntoIterator<Item = (u32, u32)>) -> Plan {
        let placement = |(node, x)| Placement {
            source: Source::Node(Ipv4Addr::from(0x0a00_0000 + node).into()),
            at: Point { x, y: 0 },
        };
        Plan {
            name: "ground".into(),
            title: None,
            place: None,
            image: None,
            zones: Vec::new(),
            placements: placements.into_iter().map(placement).collect(),
            version: 1,
        }
    }

    #[test]
    fn what_has_moved_is_told_in_its_order() {
        let told = plan([(3, 0), (1, 0), (2, 0)]).told(&plan([(4, 500_000), (2, 10_000), (3, 0)]));
        assert_eq!(
            told,
            "10.0.0.1 at 0.0 % 0.0 % -> nowhere, 10.0.0.2 at 0.0 % 0.0 % -> 1.0 % 0.0 %, \
             10.0.0.4 nowhere -> at 50.0 % 0.0 %"
        );
    }

    #[test]
    fn a_full_plan_that_becomes_another_is_told_in_short() {
        let (old, new) =
            (plan((0..10_000).map(|node| (node, 0))), plan((5_000..15_000).map(|node| (node, 1))));
        let told = old.told(&new);
        assert!(told.ends_with(", and 14980 more"), "{told}");
    }

    #[test]
    fn each_zone_that_was_redrawn_assigned_or_taken_away_is_told_by_name() {
        let square = [(0, 0), (10, 0), (10, 10)];
        let with = |zones: Vec<Outline>| Plan { zones, ..plan([]) };
        let old = with(vec![zone("hall", &square), zone("attic", &square), zone("lab", &square)]);
        let new = with(vec![
            zone("lab", &square),
            zone("hall", &[(0, 0), (20, 0), (10, 10)]),
            zone("loft", &square),
        ]);
        assert_eq!(
            old.told(&new),
            "zone attic [0.0 % 0.0 %; 10.0 % 0.0 %; 10.0 % 10.0 %] -> nowhere, \
             zone hall redrawn: [0.0 % 0.0 %; 10.0 % 0.0 %; 10.0 % 10.0 %] -> [0.0 % 0.0 %; 20.0 % 0.0 %; 10.0 % 10.0 %], \
             zone loft nowhere -> [0.0 % 0.0 %; 10.0 % 0.0 %; 10.0 % 10.0 %]"
        );
    }

    #[test]
    fn many_zones_with_many_corners_are_told_in_short() {
        let corners: Vec<_> = (0..100).map(|x| (x, 0)).collect();
        let zones = (0..1_000).map(|number| zone(&format!("room-{number:03}"), &corners)).collect();
        let told = plan([]).told(&Plan { zones, ..plan([]) });
        assert!(told.contains("zone room-000 nowhere -> [0.0 % 0.0 %; 1.0 % 0.0 %;"), "{told}");
        assert!(told.ends_with("; and 92 more corners], and 980 more"), "{told}");
        assert!(told.len() < 5_000, "{}", told.len());
    }

    #[test]
    fn what_was_added_or_removed_is_told_with_its_title_its_place_and_its_marks() {
        let (title, place) = (Some("Ground floor".into()), Some("house".into()));
        let zones = vec![zone("hall", &[(0, 0), (10, 0), (10, 10)])];
        let plan = Plan { title, place, zones, ..plan([(1, 0)]) };
        let is = "title \"Ground floor\", place \"house\", image none, 1 zones, 1 placements";
        let hall = "[0.0 % 0.0 %; 10.0 % 0.0 %; 10.0 % 10.0 %]";
        assert_eq!(
            plan.told_as_added(),
            format!(
                "plan ground added: {is}; zone hall nowhere -> {hall}, 10.0.0.1 nowhere -> at 0.0 % 0.0 %"
            )
        );
        assert_eq!(
            plan.told_as_removed(),
            format!(
                "plan ground removed: {is} -> none; zone hall {hall} -> nowhere, 10.0.0.1 at 0.0 % 0.0 % -> nowhere"
            )
        );
    }

    #[test]
    fn what_changes_nothing_says_so() {
        assert_eq!(plan([(1, 0), (2, 0)]).told(&plan([(1, 0), (2, 0)])), "as before");
        assert_eq!(plan([(1, 0), (2, 0)]).told(&plan([(2, 0), (1, 0)])), "drawn in another order");
    }
}

//! Floor plans: a picture of a part of the site, and where on it zones and nodes are.

use crate::{OrderRefused, SecretHash, Source, Text, words::words};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The most plans: a campus of a thousand floors.
pub const PLANS_MAX: usize = 1_000;
/// The most outlines and marks on one plan: more would hide each other.
pub const MARKS_MAX: usize = 10_000;
/// The most corners of an outline.
pub const CORNERS_MAX: usize = 1_000;
/// The most changes of a plan that the journal tells one by one.
const TOLD_MAX: usize = 20;

/// A floor plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Its name, by which paths refer to it.
    pub name: Text,
    /// What people call it, if that is more than its name.
    pub title: Option<Text>,
    /// The place that it shows; `None`: the site.
    pub place: Option<Text>,
    /// The picture, once there is one.
    pub image: Option<PlanImage>,
    /// Where zones are.
    pub zones: Vec<Outline>,
    /// Where nodes and sensors are.
    pub placements: Vec<Placement>,
    /// Counts the changes, from 1.
    pub version: u64,
}

/// The picture of a plan. Its bytes are kept in a file of their own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanImage {
    /// Of its bytes: by it the file is found.
    pub hash: SecretHash,
    /// How it is written.
    pub format: ImageFormat,
    /// Its width and its height: pixels, or the units of an SVG.
    pub width: u32,
    /// See `width`.
    pub height: u32,
    /// Its size.
    pub bytes: u64,
}

/// How a picture is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ImageFormat {
    /// Vectors, made harmless.
    Svg,
    /// Pixels.
    Png,
    /// Pixels.
    Jpeg,
    /// Pixels.
    Webp,
}

impl ImageFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Svg, Self::Png, Self::Jpeg, Self::Webp];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Webp => "webp",
        }
    }
}

words!(ImageFormat);

/// A point of a plan, in millionths of its width and of its height, from the upper left corner.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Point {
    /// To the right.
    pub x: u32,
    /// Down.
    pub y: u32,
}

impl Point {
    /// The other end of the picture.
    pub const MAX: u32 = 1_000_000;
}

/// Where a zone is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outline {
    /// The place.
    pub place: Text,
    /// Its corners, at least three.
    pub corners: Vec<Point>,
}

/// Where a node or a sensor is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placement {
    /// Which.
    pub source: Source,
    /// Where.
    pub at: Point,
}

/// All plans, by name.
pub(crate) type Plans = BTreeMap<Text, Arc<Plan>>;

impl Plan {
    /// Refuses what nobody could draw. `knows` tells whether there is a place of this name.
    pub(crate) fn check(&self, knows: impl Fn(&str) -> bool) -> Result<(), OrderRefused> {
        let unfit = |field, why: String| Err(OrderRefused::Unfit { field, why: why.into() });
        let simple = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if self.name.is_empty() || self.name.len() > 64 || !self.name.chars().all(simple) {
            return unfit("name", "a plan's name has 1 to 64 letters, digits and . _ -".to_owned());
        }
        if self
            .title
            .as_ref()
            .is_some_and(|title| title.chars().count() > 200 || title.chars().any(char::is_control))
        {
            return unfit("title", "a title has at most 200 characters and no control characters".to_owned());
        }
        if let Some(place) = self.place.as_ref().filter(|place| !knows(place)) {
            return unfit("place", format!("there is no place {place:?}"));
        }
        if self.zones.len() > MARKS_MAX || self.placements.len() > MARKS_MAX {
            return unfit("placements", format!("a plan has at most {MARKS_MAX} zones and placements"));
        }
        let is_on = |at: &Point| at.x <= Point::MAX && at.y <= Point::MAX;
        for zone in &self.zones {
            if !knows(&zone.place) {
                return unfit("zones", format!("there is no place {:?}", zone.place));
            }
            if !(3..=CORNERS_MAX).contains(&zone.corners.len()) || !zone.corners.iter().all(is_on) {
                let why =
                    format!("{:?} needs 3 to {CORNERS_MAX} corners, all of them on the plan", zone.place);
                return unfit("zones", why);
            }
        }
        for placement in &self.placements {
            if !matches!(placement.source, Source::Node(_) | Source::Sensor(_)) || !is_on(&placement.at) {
                return unfit("placements", format!("{} cannot be placed there", placement.source));
            }
        }
        Ok(())
    }

    /// What is different in `new`, in one line for the journal.
    pub(crate) fn told(&self, new: &Plan) -> String {
        let mut told = Vec::new();
        let mut field = |name: &str, old: String, new: String| {
            if old != new {
                told.push(format!("{name} {old} -> {new}"));
            }
        };
        let text =
            |text: &Option<Text>| text.as_ref().map_or_else(|| "none".to_owned(), |text| format!("{text:?}"));
        let image = |image: &Option<PlanImage>| match image {
            Some(image) => format!("{} {:?}", image.format, image.hash),
            None => "none".to_owned(),
        };
        field("title", text(&self.title), text(&new.title));
        field("place", text(&self.place), text(&new.place));
        field("image", image(&self.image), image(&new.image));
        if self.zones != new.zones {
            told.push(format!("zones {} -> {}", self.zones.len(), new.zones.len()));
        }
        let (old, now) = (by_source(&self.placements), by_source(&new.placements));
        let moved = self.placements.iter().filter(|it| now.get(&it.source) != old.get(&it.source));
        let placed = new.placements.iter().filter(|it| !old.contains_key(&it.source));
        let mut more = 0;
        for Placement { source, .. } in moved.chain(placed) {
            // There can be thousands, of which nobody reads a word.
            if told.len() == TOLD_MAX {
                more += 1;
                continue;
            }
            told.push(match (old.get(source), now.get(source)) {
                (Some(old), Some(now)) => format!("{source} at {} -> {}", shown(*old), shown(*now)),
                (Some(old), None) => format!("{source} at {} -> nowhere", shown(*old)),
                (None, Some(now)) => format!("{source} nowhere -> at {}", shown(*now)),
                (None, None) => continue,
            });
        }
        if more > 0 {
            told.push(format!("and {more} more"));
        }
        told.join(", ")
    }
}

fn by_source(placements: &[Placement]) -> HashMap<&Source, Point> {
    placements.iter().map(|placement| (&placement.source, placement.at)).collect()
}

fn shown(at: Point) -> String {
    format!("{:.1} % {:.1} %", f64::from(at.x) / 1e4, f64::from(at.y) / 1e4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::Ipv4Addr;

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
}

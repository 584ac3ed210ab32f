//! Floor plans: a picture of a part of the site, and where on it zones and nodes are.

use crate::{OrderRefused, SecretHash, Source, Text, words::words};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most plans: a campus of a thousand floors.
pub const PLANS_MAX: usize = 1_000;
/// The most outlines and marks on one plan: more would hide each other.
pub const MARKS_MAX: usize = 10_000;
/// The most corners of an outline.
pub const CORNERS_MAX: usize = 1_000;

mod told;

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
}

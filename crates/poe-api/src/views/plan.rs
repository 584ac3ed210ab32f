//! A floor plan.

use poe_building::{Directory, Outline, Placement, Plan, PlanImage, Point, Source, Text};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::auth::{Known, hex};
use crate::views::Shown;
use crate::words::{ImageFormatWord, SourceKindWord, Word};

/// A floor plan, without what is on it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanItem)]
pub(crate) struct PlanItem {
    #[schema(value_type = String)]
    name: Text,
    /// What people call it.
    #[schema(value_type = Option<String>)]
    title: Option<Text>,
    /// The place that it shows; null: the site.
    #[schema(value_type = Option<String>)]
    place: Option<Text>,
    image: Option<ImageView>,
    /// How many zones are outlined, and how many nodes and sensors are placed.
    zone_count: u64,
    placement_count: u64,
    version: u64,
}

/// A floor plan and what is on it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
pub(crate) struct PlanView {
    #[schema(value_type = String)]
    name: Text,
    /// What people call it.
    #[schema(value_type = Option<String>)]
    title: Option<Text>,
    /// The place that it shows; null: the site.
    #[schema(value_type = Option<String>)]
    place: Option<Text>,
    image: Option<ImageView>,
    zones: Vec<OutlineView>,
    placements: Vec<PlacementView>,
    version: u64,
}

/// The picture of a plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanImage)]
struct ImageView {
    format: ImageFormatWord,
    /// In pixels, or in units of the drawing.
    width: u32,
    height: u32,
    bytes: u64,
    /// The SHA-256 of its bytes. Asked for with `?hash=`, it can be kept for ever.
    hash: String,
}

/// Where a zone is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanZone)]
pub(crate) struct OutlineView {
    #[schema(value_type = String)]
    place: Text,
    #[schema(min_items = 3, max_items = 1000)]
    corners: Vec<PointView>,
}

/// A point of the picture, from its upper left corner.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanPoint)]
pub(crate) struct PointView {
    /// To the right.
    x: Fraction,
    /// Down.
    y: Fraction,
}

/// Where a node or a sensor is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanPlacement)]
struct PlacementView {
    #[schema(value_type = String)]
    source: Shown<Source>,
    #[schema(value_type = SourceKindWord)]
    source_kind: &'static str,
    x: Fraction,
    y: Fraction,
}

/// A part of the whole: 0 to 1, to the millionth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fraction(u32);

impl PlanItem {
    pub(crate) fn new(plan: &Plan, caller: &Known, directory: &Directory) -> Self {
        let (zones, placements) = in_sight(plan, caller, directory);
        PlanItem {
            name: plan.name.clone(),
            title: plan.title.clone(),
            place: plan.place.clone(),
            image: plan.image.as_ref().map(ImageView::from),
            zone_count: zones.count() as u64,
            placement_count: placements.count() as u64,
            version: plan.version,
        }
    }
}

impl PlanView {
    pub(crate) fn new(plan: &Plan, caller: &Known, directory: &Directory) -> Self {
        let (zones, placements) = in_sight(plan, caller, directory);
        PlanView {
            name: plan.name.clone(),
            title: plan.title.clone(),
            place: plan.place.clone(),
            image: plan.image.as_ref().map(ImageView::from),
            zones: zones.map(OutlineView::from).collect(),
            placements: placements.map(PlacementView::from).collect(),
            version: plan.version,
        }
    }
}

/// What of a plan somebody may see.
fn in_sight<'a>(
    plan: &'a Plan,
    caller: &'a Known,
    directory: &'a Directory,
) -> (impl Iterator<Item = &'a Outline>, impl Iterator<Item = &'a Placement>) {
    let zones = plan.zones.iter().filter(|zone| caller.sees(&Source::Place(zone.place.clone()), directory));
    let placements = plan.placements.iter().filter(|placement| caller.sees(&placement.source, directory));
    (zones, placements)
}

impl From<&PlanImage> for ImageView {
    fn from(image: &PlanImage) -> Self {
        ImageView {
            format: Word(image.format),
            width: image.width,
            height: image.height,
            bytes: image.bytes,
            hash: hex(&image.hash.0),
        }
    }
}

impl From<&Outline> for OutlineView {
    fn from(outline: &Outline) -> Self {
        let corners = outline.corners.iter().map(|at| PointView { x: Fraction(at.x), y: Fraction(at.y) });
        OutlineView { place: outline.place.clone(), corners: corners.collect() }
    }
}

impl From<OutlineView> for Outline {
    fn from(OutlineView { place, corners }: OutlineView) -> Self {
        Outline { place, corners: corners.into_iter().map(|PointView { x, y }| point(x, y)).collect() }
    }
}

impl From<&Placement> for PlacementView {
    fn from(Placement { source, at }: &Placement) -> Self {
        PlacementView {
            source: Shown(source.clone()),
            source_kind: source.kind(),
            x: Fraction(at.x),
            y: Fraction(at.y),
        }
    }
}

/// The point there.
pub(crate) fn point(x: Fraction, y: Fraction) -> Point {
    Point { x: x.0, y: y.0 }
}

impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / f64::from(Point::MAX))
    }
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;

        impl Visitor<'_> for Reads {
            type Value = Fraction;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number between 0 and 1")
            }

            fn visit_f64<E: Error>(self, part: f64) -> Result<Fraction, E> {
                if (0.0..=1.0).contains(&part) {
                    Ok(Fraction((part * f64::from(Point::MAX)).round() as u32))
                } else {
                    Err(E::custom("Between 0 and 1."))
                }
            }

            fn visit_u64<E: Error>(self, part: u64) -> Result<Fraction, E> {
                self.visit_f64(part as f64)
            }

            fn visit_i64<E: Error>(self, part: i64) -> Result<Fraction, E> {
                self.visit_f64(part as f64)
            }
        }

        deserializer.deserialize_any(Reads)
    }
}

impl PartialSchema for Fraction {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Number).minimum(Some(0.0)).maximum(Some(1.0));
        let number = number.description(Some("A part of the whole, to the millionth."));
        RefOr::T(Schema::Object(number.build()))
    }
}

impl ToSchema for Fraction {
    fn name() -> std::borrow::Cow<'static, str> {
        "Fraction".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_exact_to_the_millionth() {
        for millionths in [0, 1, 2, 123_456, 333_333, 999_999, 1_000_000] {
            let text = serde_json::to_string(&Fraction(millionths)).unwrap();
            assert!(text.len() <= 8, "{text}");
            assert_eq!(serde_json::from_str::<Fraction>(&text).unwrap(), Fraction(millionths));
        }
        for wrong in ["-0.1", "1.0000001", "2", "-1", "\"0.5\"", "null", "1e999"] {
            assert!(serde_json::from_str::<Fraction>(wrong).is_err(), "{wrong}");
        }
    }
}

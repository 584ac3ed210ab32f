//! How large a drawing is.

use super::{Refused, SIDE_MAX};

/// Pixels in each unit (CSS Values 4).
const UNITS: [(&str, f64); 7] = [
    ("px", 1.0),
    ("pt", 96.0 / 72.0),
    ("pc", 16.0),
    ("mm", 96.0 / 25.4),
    ("cm", 96.0 / 2.54),
    ("in", 96.0),
    ("", 1.0),
];

/// The sides of the outermost element, from its width and height, or else its viewBox. A drawing without a viewBox gets one,
/// since without it, it could not be shown larger or smaller.
pub(super) fn settle(attributes: &mut Vec<(&'static str, String)>) -> Result<(u32, u32), Refused> {
    let said =
        |name: &str| attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    let sides = said("width").and_then(length).zip(said("height").and_then(length));
    let shown = said("viewBox").and_then(view_box);
    let (width, height) = sides.or(shown).ok_or(Refused::NoSize)?;
    if shown.is_none() {
        attributes.retain(|(name, _)| *name != "viewBox");
        attributes.push(("viewBox", format!("0 0 {width} {height}")));
    }
    let whole = |side: f64| side.round().max(1.0) as u32;
    Ok((whole(width), whole(height)))
}

fn length(text: &str) -> Option<f64> {
    let (unit, factor) = UNITS.into_iter().find(|(unit, _)| text.ends_with(unit))?;
    let number: f64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
    side(number * factor)
}

fn view_box(text: &str) -> Option<(f64, f64)> {
    let numbers = text.split([' ', ',']).filter(|part| !part.is_empty()).map(str::parse);
    let numbers: Vec<f64> = numbers.collect::<Result<_, _>>().ok()?;
    match numbers[..] {
        [x, y, width, height] if x.is_finite() && y.is_finite() => side(width).zip(side(height)),
        _ => None,
    }
}

fn side(side: f64) -> Option<f64> {
    (side > 0.0 && side <= SIDE_MAX).then_some(side)
}

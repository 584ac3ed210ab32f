//! The elements and attributes that are known to do no harm. What is not here is left out: scripts and whatever handles
//! events, documents within the drawing, animations, which can change what was harmless, and filters, which cost a viewer
//! more than they show.

/// An element that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: &'static str,
    /// Whether there may be text in it.
    pub(super) says: bool,
    /// Whether it can refer to another.
    pub(super) refers: bool,
}

const DRAWS: [&str; 17] = [
    "circle", "clipPath", "defs", "ellipse", "g", "image", "line", "marker", "mask", "path", "polygon",
    "polyline", "rect", "stop", "svg", "symbol", "use",
];
const REFERS: [&str; 3] = ["linearGradient", "pattern", "radialGradient"];
const SAYS: [&str; 5] = ["desc", "text", "textPath", "title", "tspan"];

/// The element that is written for this one, if one is. A link leads nowhere, and of alternatives all are shown.
pub(super) fn element(name: &str, within_text: bool) -> Option<Element> {
    let name = match name {
        "a" if within_text => "tspan",
        "a" | "switch" => "g",
        other => other,
    };
    let among = |list: &[&'static str]| list.iter().copied().find(|known| *known == name);
    if let Some(name) = among(&SAYS) {
        return Some(Element { name, says: true, refers: name == "textPath" });
    }
    if let Some(name) = among(&REFERS) {
        return Some(Element { name, says: false, refers: true });
    }
    among(&DRAWS).map(|name| Element { name, says: false, refers: name == "use" })
}

/// What an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers, lengths, colours, words, paths.
    Plain,
    /// A name.
    Name,
    /// Several names.
    Names,
    /// Declarations of CSS.
    Style,
    /// Another element, or a picture.
    Reference,
}

const ATTRIBUTES: [&str; 48] = [
    "clipPathUnits",
    "cx",
    "cy",
    "d",
    "dx",
    "dy",
    "fr",
    "fx",
    "fy",
    "gradientTransform",
    "gradientUnits",
    "height",
    "lengthAdjust",
    "markerHeight",
    "markerUnits",
    "markerWidth",
    "maskContentUnits",
    "maskUnits",
    "method",
    "offset",
    "orient",
    "pathLength",
    "patternContentUnits",
    "patternTransform",
    "patternUnits",
    "points",
    "preserveAspectRatio",
    "r",
    "refX",
    "refY",
    "rotate",
    "rx",
    "ry",
    "side",
    "spacing",
    "spreadMethod",
    "startOffset",
    "textLength",
    "transform",
    "version",
    "viewBox",
    "width",
    "x",
    "x1",
    "x2",
    "y",
    "y1",
    "y2",
];

/// Properties of CSS, which are attributes as well.
const PROPERTIES: [&str; 64] = [
    "alignment-baseline",
    "baseline-shift",
    "clip-path",
    "clip-rule",
    "color",
    "color-interpolation",
    "color-rendering",
    "direction",
    "display",
    "dominant-baseline",
    "enable-background",
    "fill",
    "fill-opacity",
    "fill-rule",
    "font",
    "font-family",
    "font-feature-settings",
    "font-size",
    "font-size-adjust",
    "font-stretch",
    "font-style",
    "font-variant",
    "font-weight",
    "image-rendering",
    "isolation",
    "letter-spacing",
    "line-height",
    "marker",
    "marker-end",
    "marker-mid",
    "marker-start",
    "mask",
    "mask-type",
    "mix-blend-mode",
    "opacity",
    "overflow",
    "paint-order",
    "pointer-events",
    "shape-rendering",
    "solid-color",
    "solid-opacity",
    "stop-color",
    "stop-opacity",
    "stroke",
    "stroke-dasharray",
    "stroke-dashoffset",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-opacity",
    "stroke-width",
    "text-align",
    "text-anchor",
    "text-decoration",
    "text-indent",
    "text-overflow",
    "text-rendering",
    "text-transform",
    "unicode-bidi",
    "vector-effect",
    "visibility",
    "white-space",
    "word-spacing",
    "writing-mode",
];

/// The attribute that is written for one without a prefix, if one is.
pub(super) fn attribute(name: &str) -> Option<(&'static str, Kind)> {
    match name {
        "id" => Some(("id", Kind::Name)),
        "class" => Some(("class", Kind::Names)),
        "style" => Some(("style", Kind::Style)),
        "href" => Some(("href", Kind::Reference)),
        _ => {
            let known = ATTRIBUTES.iter().chain(&PROPERTIES).copied().find(|known| *known == name)?;
            Some((known, Kind::Plain))
        }
    }
}

/// A property of CSS, whatever its case.
pub(super) fn property(name: &str) -> Option<&'static str> {
    PROPERTIES.into_iter().find(|known| known.eq_ignore_ascii_case(name))
}

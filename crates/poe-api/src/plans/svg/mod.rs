//! Drawings from outside, made harmless. A drawing is read, and written anew from what is known to do no harm: names come
//! from lists of ours, values are held against a grammar, texts are escaped. Nothing that somebody wrote gets through as it
//! is, so that what one reader sees as a text cannot be a tag to another.

mod names;
mod sheet;
mod size;
#[cfg(test)]
mod tests;
mod values;
mod weights;
mod writer;

use quick_xml::Reader;
use quick_xml::events::{BytesDecl, Event};
use thiserror::Error;
use writer::Writer;

/// Elements within each other. Layers of layers take a dozen.
const DEPTH_MAX: usize = 128;
/// Elements in all: a storey as a CAD program writes it has some ten thousand.
const ELEMENTS_MAX: usize = 250_000;
/// Attributes of one element. There are not as many that mean something.
const ATTRIBUTES_MAX: usize = 256;
/// Prefixes that are known at a place. Editors use a dozen.
const PREFIXES_MAX: usize = 64;
/// Elements that a viewer would have to draw, with every repetition of what is referred to.
const DRAWN_MAX: u64 = 1_000_000;
/// References to what refers to something itself.
const REFERENCES_DEEP_MAX: usize = 16;
/// The longest side, in units of the drawing.
const SIDE_MAX: f64 = 10_000_000.0;

/// A drawing that does no harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawing {
    /// All of it: well-formed XML in UTF-8.
    pub(crate) text: String,
    /// Its sides, in its own units, at least 1.
    pub(crate) width: u32,
    /// See `width`.
    pub(crate) height: u32,
}

/// Why something is no drawing that could be made harmless.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Refused {
    #[error("The drawing is not UTF-8: save it as UTF-8.")]
    NotUtf8,
    #[error("The drawing is not well-formed XML, from byte {at} on: {why}.")]
    Broken { at: u64, why: String },
    #[error("The drawing uses entities of its own: save it as plain SVG.")]
    Entities,
    #[error("The outermost element of a drawing must be svg.")]
    NotSvg,
    #[error("The drawing has neither a viewBox nor a width and a height: set one of these.")]
    NoSize,
    #[error("The drawing has more than {most} {what}: simplify it.")]
    TooMany { what: &'static str, most: u64 },
    #[error("Parts of the drawing refer to each other in a circle, or more than {REFERENCES_DEEP_MAX} deep.")]
    Circle,
}

/// The drawing without anything that could do harm. What has already been through here comes out as it is.
pub(crate) fn harmless(bytes: &[u8]) -> Result<Drawing, Refused> {
    const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let text = str::from_utf8(bytes).ok();
    // In UTF-16 every other byte of a tag is 0, and no text has one.
    let text = text.filter(|text| !text.contains('\0')).ok_or(Refused::NotUtf8)?;
    let mut reader = Reader::from_str(text);
    let mut writer = Writer::default();
    loop {
        let event = reader.read_event();
        let at = reader.buffer_position();
        let broken = |why: String| Refused::Broken { at, why };
        let taken = match event.map_err(|error| broken(error.to_string()))? {
            Event::Start(tag) => writer.open(&tag),
            Event::Empty(tag) => writer.open(&tag).map(|()| writer.close()),
            Event::End(_) => {
                writer.close();
                Ok(())
            }
            Event::Text(text) => writer.say(&text),
            Event::CData(text) => writer.say(&text),
            Event::GeneralRef(name) => writer.say_named(&name),
            Event::Decl(said) if !is_utf8(&said, text) => return Err(Refused::NotUtf8),
            Event::DocType(declared) if declared.contains('[') => return Err(Refused::Entities),
            Event::Decl(_) | Event::DocType(_) | Event::Comment(_) | Event::PI(_) => Ok(()),
            Event::Eof => return writer.finish().map_err(|flaw| flaw.at(at)),
        };
        taken.map_err(|flaw| flaw.at(at))?;
    }
}

/// Whether the text is in the encoding that it says.
fn is_utf8(said: &BytesDecl<'_>, text: &str) -> bool {
    match said.encoding() {
        None => true,
        Some(Ok(encoding)) => encoding.eq_ignore_ascii_case("utf-8") || text.is_ascii(),
        Some(Err(_)) => false,
    }
}

/// What is wrong at the place that is being read.
enum Flaw {
    Broken(&'static str),
    Refused(Refused),
}

impl Flaw {
    fn at(self, at: u64) -> Refused {
        match self {
            Flaw::Broken(why) => Refused::Broken { at, why: why.to_owned() },
            Flaw::Refused(refused) => refused,
        }
    }
}

impl From<Refused> for Flaw {
    fn from(refused: Refused) -> Self {
        Flaw::Refused(refused)
    }
}

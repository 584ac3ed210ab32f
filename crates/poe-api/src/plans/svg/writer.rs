//! The new drawing, as it is written while the old one is read.

use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart};

use super::names::{self, Element, Kind};
use super::weights::Weights;
use super::{
    ATTRIBUTES_MAX, DEPTH_MAX, Drawing, ELEMENTS_MAX, Flaw, PREFIXES_MAX, Refused, sheet, size, values,
};

const SVG: &str = "http://www.w3.org/2000/svg";
const XLINK: &str = "http://www.w3.org/1999/xlink";

/// What is written so far, and what is open.
#[derive(Default)]
pub(super) struct Writer {
    out: String,
    /// Whether the last tag still waits for its `>`.
    unclosed: bool,
    open: Vec<Open>,
    prefixes: Vec<Prefix>,
    elements: usize,
    weights: Weights,
    sheet: String,
    size: Option<(u32, u32)>,
}

/// An element that is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Kept(Element),
    /// A style sheet, which is judged when all of it is known.
    Sheet,
    /// Left out, with all that is in it.
    LeftOut,
}

/// What a prefix means, from an element of this depth on.
struct Prefix {
    depth: usize,
    /// Empty: names without one.
    prefix: String,
    space: Space,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Space {
    Svg,
    Xlink,
    Other,
}

/// An attribute as it was written: its prefix, its name, and what it says.
type Written<'a> = (Option<&'a str>, &'a str, String);

impl Writer {
    pub(super) fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), Flaw> {
        if self.open.len() >= DEPTH_MAX {
            return Err(
                Refused::TooMany { what: "elements within each other", most: DEPTH_MAX as u64 }.into()
            );
        }
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            return Err(Refused::TooMany { what: "elements", most: ELEMENTS_MAX as u64 }.into());
        }
        let around = self.open.last().copied();
        let opened = match around {
            None if self.size.is_some() => return Err(Flaw::Broken("there is something after the drawing")),
            Some(Open::LeftOut | Open::Sheet) => Open::LeftOut,
            _ => self.write(tag, around)?,
        };
        self.open.push(opened);
        Ok(())
    }

    pub(super) fn close(&mut self) {
        match self.open.pop() {
            Some(Open::Kept(element)) => {
                self.weights.close();
                if std::mem::take(&mut self.unclosed) {
                    self.out.push_str("/>");
                } else {
                    self.out.extend(["</", element.name, ">"]);
                }
            }
            Some(Open::Sheet) => {
                let harmless = sheet::harmless(&std::mem::take(&mut self.sheet));
                if !harmless.is_empty() {
                    self.end_tag();
                    self.out.push_str("<style>");
                    escape(&harmless, &mut self.out);
                    self.out.push_str("</style>");
                }
            }
            Some(Open::LeftOut) | None => {}
        }
        let depth = self.open.len();
        self.prefixes.retain(|prefix| prefix.depth < depth);
    }

    /// A text. Where none belongs it is left out.
    pub(super) fn say(&mut self, text: &str) -> Result<(), Flaw> {
        match self.open.last() {
            None if text.trim().is_empty() => {}
            None => return Err(Flaw::Broken("there is text outside of the drawing")),
            Some(Open::Sheet) => self.sheet.push_str(text),
            Some(Open::Kept(Element { says: true, .. })) if !text.is_empty() => {
                self.end_tag();
                escape(text, &mut self.out);
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// A character by its number, or one of the five that have a name.
    pub(super) fn say_named(&mut self, name: &BytesRef<'_>) -> Result<(), Flaw> {
        match name.resolve_char_ref() {
            Ok(Some(character)) => self.say(character.encode_utf8(&mut [0; 4])),
            Ok(None) => match resolve_xml_entity(name) {
                Some(text) => self.say(text),
                None => Err(Refused::Entities.into()),
            },
            Err(_) => Err(Flaw::Broken("there is no such character")),
        }
    }

    pub(super) fn finish(self) -> Result<Drawing, Flaw> {
        if !self.open.is_empty() {
            return Err(Flaw::Broken("it ends in the middle"));
        }
        let (width, height) = self.size.ok_or(Refused::NotSvg)?;
        self.weights.check()?;
        Ok(Drawing { text: self.out, width, height })
    }

    fn write(&mut self, tag: &BytesStart<'_>, around: Option<Open>) -> Result<Open, Flaw> {
        let attributes = read(tag)?;
        self.declare(&attributes)?;
        let (prefix, name) = split(tag.name().0);
        let is_ours = self.space(prefix.unwrap_or_default()) == Some(Space::Svg)
            || (prefix.is_none() && self.space("").is_none());
        let within_text = matches!(around, Some(Open::Kept(Element { says: true, .. })));
        let element = is_ours.then(|| names::element(name, within_text)).flatten();
        let is_root = around.is_none();
        let Some(element) = element.filter(|element| !is_root || element.name == "svg") else {
            if is_root {
                return Err(Refused::NotSvg.into());
            }
            let is_sheet = is_ours && name == "style";
            return Ok(if is_sheet { Open::Sheet } else { Open::LeftOut });
        };
        let mut kept = self.harmless(element, &attributes);
        if is_root {
            let (width, height) = size::settle(&mut kept)?;
            self.size = Some((width, height));
        }
        self.weights.open(&kept);
        self.end_tag();
        self.out.extend(["<", element.name]);
        if is_root {
            self.out.extend([" xmlns=\"", SVG, "\""]);
        }
        for (name, value) in &kept {
            self.out.extend([" ", *name, "=\""]);
            escape(value, &mut self.out);
            self.out.push('"');
        }
        self.unclosed = true;
        Ok(Open::Kept(element))
    }

    /// Those attributes that do no harm, each once.
    fn harmless(&self, element: Element, attributes: &[Written<'_>]) -> Vec<(&'static str, String)> {
        let mut kept: Vec<(&'static str, String)> = Vec::new();
        for (prefix, name, value) in attributes {
            let known = match prefix {
                None => names::attribute(name),
                Some("xml") if *name == "space" => Some(("xml:space", Kind::Plain)),
                Some(prefix) if self.space(prefix) == Some(Space::Xlink) && *name == "href" => {
                    Some(("href", Kind::Reference))
                }
                Some(_) => None,
            };
            let Some((name, kind)) = known.filter(|(name, _)| kept.iter().all(|(there, _)| there != name))
            else {
                continue;
            };
            let harmless = match kind {
                Kind::Plain => values::plain(value),
                Kind::Name => values::name(value),
                Kind::Names => values::names(value),
                Kind::Style => Some(sheet::declarations(value, true)).filter(|style| !style.is_empty()),
                Kind::Reference if element.name == "image" => values::picture(value),
                Kind::Reference if element.refers => values::fragment(value),
                Kind::Reference => None,
            };
            kept.extend(harmless.map(|value| (name, value)));
        }
        kept
    }

    /// Notes what prefixes mean from here on.
    fn declare(&mut self, attributes: &[Written<'_>]) -> Result<(), Refused> {
        for (prefix, name, space) in attributes {
            let prefix = match (prefix, *name) {
                (None, "xmlns") => "",
                (Some("xmlns"), prefix) => prefix,
                _ => continue,
            };
            if self.prefixes.len() >= PREFIXES_MAX {
                return Err(Refused::TooMany { what: "prefixes", most: PREFIXES_MAX as u64 });
            }
            let space = match space.as_str() {
                SVG => Space::Svg,
                XLINK => Space::Xlink,
                _ => Space::Other,
            };
            self.prefixes.push(Prefix { depth: self.open.len(), prefix: prefix.to_owned(), space });
        }
        Ok(())
    }

    fn space(&self, prefix: &str) -> Option<Space> {
        self.prefixes.iter().rev().find(|known| known.prefix == prefix).map(|known| known.space)
    }

    fn end_tag(&mut self) {
        if std::mem::take(&mut self.unclosed) {
            self.out.push('>');
        }
    }
}

fn read<'t>(tag: &'t BytesStart<'_>) -> Result<Vec<Written<'t>>, Flaw> {
    let mut attributes = Vec::new();
    // Twins are found among those few that are kept: the reader would compare each with each.
    for attribute in tag.attributes().with_checks(false) {
        let attribute =
            attribute.map_err(|_| Flaw::Broken("an attribute is not written as name=\"value\""))?;
        if attributes.len() >= ATTRIBUTES_MAX {
            return Err(
                Refused::TooMany { what: "attributes of one element", most: ATTRIBUTES_MAX as u64 }.into()
            );
        }
        let value = unescape(&attribute.value).map_err(|_| Refused::Entities)?;
        let (prefix, name) = split(attribute.key.0);
        attributes.push((prefix, name, value.into_owned()));
    }
    Ok(attributes)
}

fn split(name: &str) -> (Option<&str>, &str) {
    match name.split_once(':') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, name),
    }
}

/// Writes a text so that it is nothing but text, in a tag and between two. What XML does not know is left out, and so are
/// the returns that a reader would turn into something else.
fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' | '\n' | ' '..='\u{7e}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'.. => out.push(character),
            _ => {}
        }
    }
}

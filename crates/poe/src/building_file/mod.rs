//! The building as a file that people write: TOML, with everything that is wrong told at once, each with its line.
//!
//! [`parse`] reads it, [`write()`] writes it, and what was written is read as the same model. The format is shown by
//! `docs/building.toml`. A model's version is the server's count and stands in no file: it is 0 after reading.

mod error;
mod item;
mod place;
mod rule;
mod table;
mod target;
#[cfg(test)]
mod tests;
mod value;
mod write;

use poe_building::{Item, Model, Problem};
use toml::de::DeTable;

pub use error::FileError;
pub use write::write;

use error::{Found, Lines};
use item::Sections;
use table::Table;

/// A campus at every limit of a model fits twice. What is longer is some other file, perhaps one without end.
pub const FILE_BYTES_MAX: usize = 256 << 20;

/// Mistakes that are listed. Who has mended a thousand asks again.
const ERRORS_MAX: usize = 1_000;

/// What a file says.
#[derive(Debug)]
pub struct Read {
    /// The building.
    pub model: Model,
    /// What is odd, but may be meant.
    pub warnings: Vec<FileError>,
}

/// The model that the text describes. `name` is what the errors call the file.
///
/// # Errors
/// Everything that is wrong with it, in the order of its lines.
pub fn parse(text: &str, name: &str) -> Result<Model, Vec<FileError>> {
    read(text, name).map(|read| read.model)
}

/// As [`parse`], and what is odd about it.
///
/// # Errors
/// As [`parse`].
pub fn read(text: &str, name: &str) -> Result<Read, Vec<FileError>> {
    let lines = Lines::new(text);
    let told = |mut found: Vec<Found>| {
        found.sort_by_key(|found| found.at);
        found.truncate(ERRORS_MAX);
        found.into_iter().map(|found| lines.error(name, found)).collect::<Vec<_>>()
    };
    if text.len() > FILE_BYTES_MAX {
        let what = format!("is longer than {FILE_BYTES_MAX} bytes; is it the right file?");
        return Err(told(vec![Found { at: 0, key: String::new(), what }]));
    }
    let (root, broken) = DeTable::parse_recoverable(text);
    if !broken.is_empty() {
        let found = broken.iter().map(|error| Found {
            at: error.span().map_or(0, |span| span.start),
            key: String::new(),
            what: format!("this is not TOML: {}", error.message()),
        });
        return Err(told(found.collect()));
    }
    let (model, sections, mut found) = model(Table::new("", 0, root.get_ref()));
    // What could not be read is not what somebody meant, so that nothing more is said of it.
    let not_understood = sections.not_understood();
    let judged = |problems: Vec<Problem>| -> Vec<Found> {
        let problems = problems.into_iter().filter(|problem| !not_understood.contains(&problem.item));
        problems.map(|problem| sections.found(problem)).collect()
    };
    found.extend(judged(model.check()));
    if found.is_empty() {
        Ok(Read { warnings: told(judged(model.warnings())), model })
    } else {
        Err(told(found))
    }
}

fn model<'a, 'i>(mut root: Table<'a, 'i>) -> (Model, Sections<'a, 'i>, Vec<Found>) {
    let mut model = Model::default();
    let mut sections = Sections::default();
    if let Some(table) = root.table("site") {
        sections.one(Item::Site, table, |table| place::site(table, &mut model));
    }
    let supervision = model.supervision;
    model.places = sections.each(root.tables("place"), Item::Place, place::place);
    model.switches = sections.each(root.tables("switch"), Item::Switch, place::switch);
    model.nodes = sections.each(root.tables("node"), Item::Node, |table| place::node(table, supervision));
    model.sensors = sections.each(root.tables("sensor"), Item::Sensor, place::sensor);
    model.rules = sections.each(root.tables("rule"), Item::Rule, rule::setting);
    model.targets = sections.each(root.tables("target"), Item::Target, target::target);
    model.groups = sections.each(root.tables("group"), Item::Group, target::group);
    if let Some(table) = root.table("heartbeat") {
        model.heartbeat = Some(sections.one(Item::Heartbeat, table, target::heartbeat));
    }
    let found = root.finish().into_iter().chain(sections.take_found()).collect();
    (model, sections, found)
}

//! What a client wants to be told.

use poe_building::{Directory, Reach, Text};

use crate::live::scope::Scope;
use crate::problem::Problem;
use crate::request::{Params, one_of};
use crate::selection::seen_place;

/// Places that one who follows can name: more than fit on a screen, and so few that each thing that happens can be held
/// against those of all who follow. Whoever wants more follows everything.
const ZONES_MAX: usize = 32;

/// What is told, beside the snapshot and the sign of life, which everybody gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An alarm as it is now.
    Alarm,
    /// An entry of the journal.
    Event,
    /// A sensor's latest value.
    Reading,
    /// A node as it is now.
    Node,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Alarm, Self::Event, Self::Reading, Self::Node];

    /// The word for it on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Alarm => "alarm",
            Self::Event => "event",
            Self::Reading => "reading",
            Self::Node => "node",
        }
    }
}

/// Some of the kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Kinds([bool; Kind::ALL.len()]);

impl Kinds {
    const ALL: Self = Self([true; Kind::ALL.len()]);

    pub(crate) fn has(self, kind: Kind) -> bool {
        self.0[kind as usize]
    }

    /// `alarm,event`; nothing, if the parameter is not given.
    fn read(params: &mut Params, name: &'static str) -> Result<Option<Self>, Problem> {
        let Some(words) = params.text(name)? else { return Ok(None) };
        let mut kinds = Self::default();
        for word in words.split(',') {
            let kind = Kind::ALL.into_iter().find(|kind| kind.name() == word.trim());
            let unknown = || Problem::unfit(name, one_of(Kind::ALL.map(Kind::name)));
            kinds.0[kind.ok_or_else(unknown)? as usize] = true;
        }
        Ok(Some(kinds))
    }
}

/// Which kinds are told, and of where. Everything that is told goes past here, so that this is where one who may not see
/// everything is told less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interest {
    kinds: Kinds,
    /// What is in the places that were named,
    here: Scope,
    /// and of these kinds
    everywhere: Kinds,
    /// all that may be seen.
    all: Scope,
}

impl Interest {
    /// As the parameters `kind`, `zone` and `everywhere` say, for somebody who may see so much.
    pub(crate) fn read(params: &mut Params, directory: &Directory, reach: &Reach) -> Result<Self, Problem> {
        let all = Scope::all(reach);
        let zones =
            params.text("zone")?.map(|names| zones_of(&names, directory, reach)).transpose()?.flatten();
        Ok(Self {
            kinds: Kinds::read(params, "kind")?.unwrap_or(Kinds::ALL),
            here: zones.map_or_else(|| all.clone(), |zones| all.within(zones)),
            everywhere: Kinds::read(params, "everywhere")?.unwrap_or_default(),
            all,
        })
    }

    /// Whether this kind is told at all.
    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.kinds.has(kind)
    }

    /// Of where this kind is told, if it is.
    pub(super) fn scope(&self, kind: Kind) -> &Scope {
        if self.everywhere.has(kind) { &self.all } else { &self.here }
    }

    /// Whether something of this kind is told that is in these places.
    pub(crate) fn wants(&self, kind: Kind, places: &[Text]) -> bool {
        self.has(kind) && self.scope(kind).has(places)
    }
}

/// `kitchen,hall`: places in sight; nothing, if one of them is the site, in which everything is. A name holds no comma.
fn zones_of(names: &str, directory: &Directory, reach: &Reach) -> Result<Option<Vec<Text>>, Problem> {
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    if names.len() > ZONES_MAX {
        return Err(Problem::unfit("zone", format!("Name {ZONES_MAX} places at most.")));
    }
    let zones = names.into_iter().map(|name| seen_place(name, directory, reach));
    let zones: Vec<Option<Text>> = zones.collect::<Result<_, _>>()?;
    Ok(zones.into_iter().collect())
}

#[cfg(test)]
mod tests;

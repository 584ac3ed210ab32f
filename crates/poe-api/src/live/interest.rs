//! What a client wants to be told.

use poe_building::{Directory, Model, Reach, Source, Text};

use crate::problem::Problem;
use crate::request::{Params, one_of};
use crate::selection::{place_of, unknown_place};

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
    /// Only what is in this place; nothing: everything.
    zone: Option<Text>,
    /// Kinds that the zone does not narrow.
    everywhere: Kinds,
}

impl Interest {
    /// As the parameters `kind`, `zone` and `everywhere` say.
    pub(crate) fn read(params: &mut Params, model: &Model) -> Result<Self, Problem> {
        Ok(Self {
            kinds: Kinds::read(params, "kind")?.unwrap_or(Kinds::ALL),
            zone: params.text("zone")?.map(|name| place_of(&name, model)).transpose()?.flatten(),
            everywhere: Kinds::read(params, "everywhere")?.unwrap_or_default(),
        })
    }

    /// The same for somebody who may see so much. Whoever may look into several buildings names one of them, or a place in
    /// one: what is told of a place is told alike to all who follow it.
    pub(crate) fn within(mut self, reach: &Reach, directory: &Directory) -> Result<Self, Problem> {
        if reach.is_everywhere() {
            return Ok(self);
        }
        self.everywhere = Kinds::default();
        let is_seen = |zone: &Text| reach.covers(&directory.path(&Source::Place(zone.clone())));
        self.zone = match (self.zone.take(), reach.buildings()) {
            (Some(zone), _) if is_seen(&zone) => Some(zone),
            (Some(_), _) => return Err(unknown_place()),
            (None, [building]) => Some(building.clone()),
            (None, _) => {
                let detail = "You see several buildings: name one of them, or a place in one.";
                return Err(Problem::unfit("zone", detail));
            }
        };
        Ok(self)
    }

    /// Whether this kind is told at all.
    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.kinds.has(kind)
    }

    /// The place to which this kind is narrowed, if it is.
    pub(crate) fn zone(&self, kind: Kind) -> Option<&Text> {
        self.zone.as_ref().filter(|_| !self.everywhere.has(kind))
    }

    /// Whether something of this kind is told that is in these places.
    pub(crate) fn wants(&self, kind: Kind, places: &[Text]) -> bool {
        self.has(kind) && self.zone(kind).is_none_or(|zone| places.contains(zone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poe_building::{Place, PlaceKind};

    fn interest(text: &str) -> Result<Interest, Problem> {
        let place = |name: &str, kind| Place { name: name.into(), kind, within: None, title: None };
        let places = vec![place("house", PlaceKind::Building), place("kitchen", PlaceKind::Zone)];
        let model = Model { site: "campus".into(), places, ..Model::default() };
        let mut params = Params::of(&format!("/api/v1/live?{text}").parse().unwrap()).unwrap();
        let interest = Interest::read(&mut params, &model)?;
        params.end().map(|()| interest)
    }

    /// What is told of the house's kitchen, of the cellar beside it, and of the server itself.
    fn told(text: &str) -> [String; 3] {
        let interest = interest(text).unwrap();
        [&["kitchen", "house", "campus"][..], &["cellar", "house", "campus"], &[]].map(|places| {
            let places: Vec<Text> = places.iter().map(|place| Text::from(*place)).collect();
            let wanted = Kind::ALL.into_iter().filter(|kind| interest.wants(*kind, &places));
            wanted.map(Kind::name).collect::<Vec<_>>().join(" ")
        })
    }

    #[test]
    fn kinds_and_zone_decide_together() {
        let all = "alarm event reading node";
        assert_eq!(told(""), [all, all, all]);
        assert_eq!(told("zone=campus"), [all, all, all], "everything is on the site");
        assert_eq!(told("kind=alarm,%20event"), ["alarm event"; 3]);
        assert_eq!(told("zone=house"), [all, all, ""]);
        assert_eq!(told("zone=kitchen"), [all, "", ""]);
        let screen = told("kind=alarm,event,reading&zone=kitchen&everywhere=alarm,event");
        assert_eq!(screen, ["alarm event reading", "alarm event", "alarm event"]);
        assert_eq!(told("kind=reading&everywhere=alarm"), ["reading"; 3], "what is not told is told nowhere");
    }

    #[test]
    fn an_unknown_word_is_refused_by_its_field() {
        let field = |text| interest(text).unwrap_err().field.unwrap();
        assert_eq!(field("kind=alarms"), "kind");
        assert_eq!(field("kind=alarm,,event"), "kind");
        assert_eq!(field("zone=attic"), "zone");
        assert_eq!(field("everywhere=all"), "everywhere");
        assert_eq!(field("zones=house"), "zones");
    }
}

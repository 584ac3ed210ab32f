//! A place and how it stands: the worst of what is in it.

use std::collections::HashMap;
use std::net::IpAddr;

use poe_building::{Alarm, Class, Directory, Place, Source, State, Text};
use serde::Serialize;
use utoipa::ToSchema;

use crate::words::{ClassWord, StateWord};

/// What the site is, beside the kinds of places.
const SITE: &str = "site";

/// A place, and the worst of what is in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Place)]
pub(crate) struct PlaceView {
    #[schema(value_type = String)]
    name: Text,
    /// `site`, `building`, `floor`, `zone` or `room`.
    kind: &'static str,
    #[schema(value_type = Option<String>)]
    title: Option<Text>,
    /// The place that it is in; null: the site.
    #[schema(value_type = Option<String>)]
    within: Option<Text>,
    /// The worst state of what is in it and not quiet.
    #[schema(value_type = StateWord)]
    state: &'static str,
    /// The class of the alarm that has it.
    #[schema(value_type = Option<ClassWord>)]
    class: Option<&'static str>,
    active: u64,
    unacknowledged: u64,
    quiet: u64,
    nodes: u64,
}

/// How every place stands.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    directory: &'a Directory,
    tallies: HashMap<Text, Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    worst: Option<(State, Class)>,
    active: u64,
    unacknowledged: u64,
    quiet: u64,
    nodes: u64,
}

impl<'a> Places<'a> {
    /// Counts everything in every place that it is in.
    pub(crate) fn new(
        directory: &'a Directory,
        alarms: &[Alarm],
        nodes: impl IntoIterator<Item = IpAddr>,
    ) -> Self {
        let mut places = Places { directory, tallies: HashMap::new() };
        for alarm in alarms {
            places.each_around(&alarm.source, |tally| tally.alarm(alarm));
        }
        for node in nodes {
            places.each_around(&Source::Node(node), |tally| tally.nodes += 1);
        }
        places
    }

    fn each_around(&mut self, source: &Source, mut count: impl FnMut(&mut Tally)) {
        let site = &self.directory.model().site;
        let mut path = self.directory.path(source);
        // What nobody has placed, and the server itself, belongs to the site.
        if !path.iter().any(|at| matches!(at, Source::Place(name) if name == site)) {
            path.push(Source::Place(site.clone()));
        }
        for at in path {
            if let Source::Place(name) = at {
                count(self.tallies.entry(name).or_default());
            }
        }
    }

    /// The site as a whole.
    pub(crate) fn site(&self) -> PlaceView {
        self.view(self.directory.model().site.clone(), SITE, None, None)
    }

    /// The places that are wanted, in the order in which people describe them.
    pub(crate) fn which(&self, wanted: impl Fn(&Place) -> bool) -> impl Iterator<Item = PlaceView> {
        self.directory.model().places.iter().filter(move |place| wanted(place)).map(|place| {
            self.view(place.name.clone(), place.kind.name(), place.title.clone(), place.within.clone())
        })
    }

    fn view(&self, name: Text, kind: &'static str, title: Option<Text>, within: Option<Text>) -> PlaceView {
        let nothing = Tally::default();
        let tally = self.tallies.get(&name).unwrap_or(&nothing);
        PlaceView {
            kind,
            title,
            within,
            state: tally.worst.map_or(State::Normal, |(state, _)| state).name(),
            class: tally.worst.map(|(_, class)| class.name()),
            active: tally.active,
            unacknowledged: tally.unacknowledged,
            quiet: tally.quiet,
            nodes: tally.nodes,
            name,
        }
    }
}

impl Tally {
    fn alarm(&mut self, alarm: &Alarm) {
        if alarm.quiet.is_some() {
            self.quiet += 1;
            return;
        }
        self.active += u64::from(alarm.state.is_active());
        self.unacknowledged += u64::from(alarm.state.is_unacknowledged());
        let worse =
            |(state, class): (State, Class)| (alarm.class, calmness(alarm.state)) < (class, calmness(state));
        if self.worst.is_none_or(worse) {
            self.worst = Some((alarm.state, alarm.class));
        }
    }
}

/// The order in which states ask for a person.
fn calmness(state: State) -> u8 {
    match state {
        State::Unacknowledged => 0,
        State::LatchedUnacknowledged => 1,
        State::ReturnedUnacknowledged => 2,
        State::Acknowledged => 3,
        State::LatchedAcknowledged => 4,
        State::Normal => 5,
    }
}

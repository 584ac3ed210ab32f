//! The building as people describe it: places, what feeds what, names, rules, and who is told.

mod check;
mod diff;
mod hours;
mod nearest;

pub use check::{Item, Problem};
pub use diff::{Difference, Subject};
pub use nearest::nearest;

use crate::{
    Enrolment, Heartbeat, RuleScope, RuleSetting, SensorKey, Target, TargetGroup, Text, words::words,
};
use core::{net::IpAddr, time::Duration};

/// Everything that people have said about the building. A node that nobody described works all the same and is shown
/// under its address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Model {
    /// Counts the changes, from 0.
    pub version: u64,
    /// What the site is called.
    pub site: Text,
    /// The set of rules that settings refine.
    pub profile: ProfileName,
    /// Whether a node that was never seen before is let in.
    pub enrolment: Enrolment,
    /// How long a node may be silent, unless it says otherwise.
    pub supervision: Supervision,
    /// The longest that an alarm can be shelved.
    pub shelving_max: Duration,
    /// Buildings, floors, zones and rooms.
    pub places: Vec<Place>,
    /// What feeds nodes.
    pub switches: Vec<Switch>,
    /// Nodes that somebody described.
    pub nodes: Vec<NodeInfo>,
    /// Sensors that somebody described.
    pub sensors: Vec<SensorInfo>,
    /// Rules that differ from the profile's.
    pub rules: Vec<RuleSetting>,
    /// Who can be told.
    pub targets: Vec<Target>,
    /// Who is told together.
    pub groups: Vec<TargetGroup>,
    /// Where the server says that it lives.
    pub heartbeat: Option<Heartbeat>,
}

/// The longest that an alarm can be shelved unless the model says otherwise: a shift.
pub const SHELVING_MAX: Duration = Duration::from_secs(8 * 60 * 60);

impl Default for Model {
    fn default() -> Self {
        Self {
            version: 0,
            site: "site".into(),
            profile: ProfileName::Building,
            enrolment: Enrolment::default(),
            supervision: Supervision::default(),
            shelving_max: SHELVING_MAX,
            places: Vec::new(),
            switches: Vec::new(),
            nodes: Vec::new(),
            sensors: Vec::new(),
            rules: Vec::new(),
            targets: Vec::new(),
            groups: Vec::new(),
            heartbeat: None,
        }
    }
}

impl Model {
    /// Lets everything that is said of one address be said of another.
    pub(crate) fn readdress(&mut self, old: IpAddr, new: IpAddr) {
        for node in self.nodes.iter_mut().filter(|node| node.address == old) {
            node.address = new;
        }
        for sensor in self.sensors.iter_mut().filter(|sensor| sensor.key.address == old) {
            sensor.key.address = new;
        }
        for rule in &mut self.rules {
            match &mut rule.scope {
                RuleScope::Node(address) if *address == old => *address = new,
                RuleScope::Sensor(key) if key.address == old => key.address = new,
                _ => {}
            }
        }
    }
}

/// The sets of rules that come with the product.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ProfileName {
    /// For a building with people in it.
    Building,
    /// The thresholds that the table's `status` column follows.
    Iit2022,
}

impl ProfileName {
    /// Every profile.
    pub const ALL: [Self; 2] = [Self::Building, Self::Iit2022];

    /// Its name in files and on screens.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Iit2022 => "iit-2022",
        }
    }
}

/// How long a node may be silent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Supervision {
    /// After so long it is late, which is shown.
    pub late: Duration,
    /// After so long it is in trouble, which is signalled.
    pub trouble: Duration,
}

impl Supervision {
    /// No node may be silent for longer without a trouble (UL 864); a higher setting is refused.
    pub const MAX: Duration = Duration::from_secs(200);
}

impl Default for Supervision {
    fn default() -> Self {
        Self { late: Duration::from_secs(10), trouble: Duration::from_secs(30) }
    }
}

/// A building, a floor, a zone or a room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Its name, by which everything refers to it.
    pub name: Text,
    /// What it is.
    pub kind: PlaceKind,
    /// The place that it is in; `None`: the site.
    pub within: Option<Text>,
    /// What people call it, if that is more than its name.
    pub title: Option<Text>,
}

/// What a place is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PlaceKind {
    /// A building of the site.
    Building,
    /// A floor of a building.
    Floor,
    /// A part of a floor that belongs together.
    Zone,
    /// A room.
    Room,
}

impl PlaceKind {
    /// Every kind, the largest first. A place can only be in a larger one.
    pub const ALL: [Self; 4] = [Self::Building, Self::Floor, Self::Zone, Self::Room];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Floor => "floor",
            Self::Zone => "zone",
            Self::Room => "room",
        }
    }
}

/// Something that feeds nodes with power and network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Switch {
    /// Its name.
    pub name: Text,
    /// Where it stands.
    pub place: Option<Text>,
    /// The switch that feeds it.
    pub fed_by: Option<Text>,
    /// The port of that switch.
    pub port: Option<Text>,
}

/// A node that somebody described.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeInfo {
    /// Its address.
    pub address: IpAddr,
    /// What people call it.
    pub name: Option<Text>,
    /// Where it is.
    pub place: Option<Text>,
    /// The switch that feeds it.
    pub fed_by: Option<Text>,
    /// The port of that switch.
    pub port: Option<Text>,
    /// How long it may be silent, if that differs.
    pub supervision: Option<Supervision>,
}

impl NodeInfo {
    /// Nothing but that there is a node of this address.
    pub fn at(address: IpAddr) -> Self {
        Self { address, name: None, place: None, fed_by: None, port: None, supervision: None }
    }
}

/// A sensor that somebody described.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SensorInfo {
    /// Its key.
    pub key: SensorKey,
    /// What people call it.
    pub name: Option<Text>,
    /// Where it is, if not where its node is.
    pub place: Option<Text>,
}

words!(ProfileName, PlaceKind);

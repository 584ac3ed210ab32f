//! What is told of while it changes: sensors and nodes, as they are at one moment.

use std::net::IpAddr;
use std::sync::Arc;

use poe_building::{Silence, Source, Status, Text, Time};
use poe_store::{Latest, LatestSensor};
use poe_wire::SensorKind;

use crate::live::event;
use crate::live::interest::Kind;
use crate::roll::{Called, Roll};
use crate::server::Server;
use crate::views::{NodeItem, Qualities, Quality, ReadingView, SensorNames};
use crate::work::Shared;

/// Everything of one kind at one moment. Things are known by numbers that only grow.
pub(super) trait Scene: Sized + Send + Sync + 'static {
    /// One of them.
    type Thing;
    /// What has to change for it to be told again.
    type State: PartialEq + Send;

    /// Looks up. Called where one may wait.
    fn now(server: &dyn Server, shared: &Shared) -> Self;

    /// The things of a place, or all, from this number on. Called where one may wait.
    fn members(&self, server: &dyn Server, shared: &Shared, zone: Option<&Text>, from: u32) -> Vec<u32>;

    /// These things, in the same order.
    fn things(&self, members: &[u32]) -> Vec<Self::Thing>;

    fn state(&self, thing: &Self::Thing) -> Self::State;

    /// Adds the event that tells of it.
    fn write(&self, thing: &Self::Thing, told: &mut Vec<u8>);
}

/// All sensors.
pub(super) struct Readings {
    latest: Arc<Latest>,
    qualities: Arc<Qualities>,
}

impl Scene for Readings {
    type Thing = LatestSensor;
    type State = (Option<(u8, Time, Status)>, SensorKind, Quality);

    fn now(server: &dyn Server, shared: &Shared) -> Self {
        Readings { latest: server.latest(), qualities: shared.glance.qualities(server) }
    }

    fn members(&self, server: &dyn Server, shared: &Shared, zone: Option<&Text>, from: u32) -> Vec<u32> {
        let Some(zone) = zone else { return (from..self.latest.sensor_count() as u32).collect() };
        let places = shared.places(server);
        places.look(&self.latest);
        places.sensors(zone, from, usize::MAX)
    }

    fn things(&self, members: &[u32]) -> Vec<LatestSensor> {
        self.latest.at(members)
    }

    fn state(&self, sensor: &LatestSensor) -> Self::State {
        (sensor.reading, sensor.kind, self.qualities.of(sensor.key))
    }

    fn write(&self, sensor: &LatestSensor, told: &mut Vec<u8>) {
        let view = ReadingView::new(sensor, self.qualities.of(sensor.key));
        event::write(told, Kind::Reading.name(), None, &view);
    }
}

/// All nodes, heard or not.
pub(super) struct Nodes {
    /// Each is known by its line.
    roll: Arc<Roll>,
    names: Arc<SensorNames>,
}

impl Scene for Nodes {
    type Thing = Called;
    /// What it has sent changes all the time, and is told of by its sensors.
    type State = (Silence, Option<(u32, bool)>);

    fn now(server: &dyn Server, shared: &Shared) -> Self {
        let names = shared.names(server);
        Nodes { roll: shared.glance.roll(server, &names), names }
    }

    fn members(&self, _: &dyn Server, _: &Shared, zone: Option<&Text>, from: u32) -> Vec<u32> {
        let nodes = self.roll.addresses().zip(0..).skip(from as usize);
        let is_there =
            |node: IpAddr| zone.is_none_or(|zone| self.names.places(&Source::Node(node)).contains(zone));
        nodes.filter(|(node, _)| is_there(*node)).map(|(_, line)| line).collect()
    }

    fn things(&self, members: &[u32]) -> Vec<Called> {
        members.iter().filter_map(|line| self.roll.call(*line as usize)).collect()
    }

    fn state(&self, node: &Called) -> Self::State {
        match node {
            Called::Heard(node) => (node.supervision, Some((node.connections, node.approved))),
            Called::Expected(node) => (node.supervision, None),
        }
    }

    fn write(&self, node: &Called, told: &mut Vec<u8>) {
        event::write(told, Kind::Node.name(), None, &NodeItem::of(node, self.names.directory()));
    }
}

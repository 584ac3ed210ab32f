//! Which of the sensors somebody wants to see.

use std::net::IpAddr;

use poe_building::{Directory, Reach, Source, Status, Text};
use poe_store::LatestSensor;
use poe_wire::SensorKind;

use crate::problem::Problem;
use crate::request::{Params, one_of};
use crate::server::Server;
use crate::views::{Qualities, Quality, SensorNames};
use crate::work::Shared;

/// What must hold of a sensor; what is `None` does not matter.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    node: Option<IpAddr>,
    /// Never the site, in which everything is.
    place: Option<Text>,
    kind: Option<SensorKind>,
    status: Option<Status>,
    quality: Option<Quality>,
    /// What whoever asks may see.
    reach: Reach,
}

impl Selection {
    /// As the parameters `node`, `zone`, `kind`, `status` and `quality` say, for somebody who may see so much: what is out
    /// of their sight is as unknown as what is not there.
    pub(crate) fn read(params: &mut Params, directory: &Directory, reach: Reach) -> Result<Self, Problem> {
        let kinds = || one_of(SensorKind::ALL.map(SensorKind::name));
        let kind = |name: String| SensorKind::ALL.into_iter().find(|kind| kind.name() == name);
        let statuses = || one_of(Status::ALL.map(Status::name));
        let qualities = || one_of(Quality::ALL.map(Quality::name));
        let quality = |name: String| Quality::ALL.into_iter().find(|quality| quality.name() == name);
        Ok(Selection {
            node: params.text("node")?.map(|node| node_of(&node, directory, &reach)).transpose()?,
            place: params
                .text("zone")?
                .map(|name| seen_place(&name, directory, &reach))
                .transpose()?
                .flatten(),
            kind: params
                .text("kind")?
                .map(|name| kind(name).ok_or_else(|| Problem::unfit("kind", kinds())))
                .transpose()?,
            status: params.read("status", statuses)?,
            quality: params
                .text("quality")?
                .map(|name| quality(name).ok_or_else(|| Problem::unfit("quality", qualities())))
                .transpose()?,
            reach,
        })
    }

    /// Whether every sensor is wanted.
    pub(crate) fn is_all(&self) -> bool {
        let Selection { node, place, kind, status, quality, reach } = self;
        reach.is_everywhere()
            && node.is_none()
            && place.is_none()
            && kind.is_none()
            && status.is_none()
            && quality.is_none()
    }

    /// The positions of up to `count` sensors that may be wanted, from `from` on; fewer only at the end.
    pub(crate) fn positions(
        &self,
        server: &dyn Server,
        shared: &Shared,
        from: u32,
        count: usize,
    ) -> Vec<u32> {
        let latest = server.latest();
        if let Some(node) = self.node {
            let mut positions = latest.of_node(node);
            positions.retain(|position| *position >= from);
            positions.truncate(count);
            return positions;
        }
        if let Some(place) = &self.place {
            let places = shared.places(server);
            places.look(&latest);
            return places.sensors(place, from, count);
        }
        let end = (from as usize).saturating_add(count).min(latest.sensor_count()) as u32;
        (from..end).collect()
    }

    /// Whether one of these is wanted.
    pub(crate) fn wants(&self, sensor: &LatestSensor, names: &SensorNames, qualities: &Qualities) -> bool {
        let places = || names.places(&Source::Sensor(sensor.key));
        let is_there = |place| places().contains(place);
        let is_seen = || places().iter().any(|place| self.reach.buildings().contains(place));
        self.kind.is_none_or(|kind| sensor.kind == kind)
            && self.status.is_none_or(|status| sensor.status() == Some(status))
            && self.quality.is_none_or(|quality| qualities.of(sensor.key) == quality)
            // Of a place alone none but its own were asked for.
            && (self.reach.is_everywhere() || is_seen())
            && (self.node.is_none() || self.place.as_ref().is_none_or(is_there))
    }
}

/// A node by its address or its name. An address need not be that of a node, so that one out of sight is none either.
fn node_of(node: &str, directory: &Directory, reach: &Reach) -> Result<IpAddr, Problem> {
    if let Ok(address) = node.parse::<IpAddr>() {
        return Ok(address.to_canonical());
    }
    let named = directory.model().nodes.iter().find(|known| known.name.as_deref() == Some(node));
    let seen = named.filter(|node| reach.covers(&directory.path(&Source::Node(node.address))));
    let unknown = || Problem::unfit("node", "There is no node of this address or name.");
    seen.map(|node| node.address).ok_or_else(unknown)
}

/// A place of any kind by its name, if it is in sight; nothing, if it is the site.
pub(crate) fn seen_place(name: &str, directory: &Directory, reach: &Reach) -> Result<Option<Text>, Problem> {
    let place = place_of(name, directory.model())?;
    let is_seen = |name: &Text| reach.covers(&directory.path(&Source::Place(name.clone())));
    match &place {
        Some(name) if !is_seen(name) => Err(unknown_place()),
        _ => Ok(place),
    }
}

/// A place of any kind by its name; nothing, if it is the site.
pub(crate) fn place_of(name: &str, model: &poe_building::Model) -> Result<Option<Text>, Problem> {
    match model.places.iter().find(|place| *place.name == *name) {
        Some(place) => Ok(Some(Text::clone(&place.name))),
        None if *model.site == *name => Ok(None),
        None => Err(unknown_place()),
    }
}

/// Said as well of a place that is out of sight.
pub(crate) fn unknown_place() -> Problem {
    Problem::unfit("zone", "There is no place of this name.")
}

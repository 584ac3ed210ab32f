//! What a request says beside its path, read field by field, so that what is wrong with one can be told by its name.

mod body;
mod coding;
mod conditional;
mod params;
mod part;
mod path;
mod typed;
mod values;

pub(crate) use body::{Room, command_bytes, nothing, picture, pieces, text};
pub(crate) use coding::wanted;
pub(crate) use conditional::{etag, has_tag, if_match, if_match_either, is_known};
pub(crate) use params::{Params, one_of};
pub(crate) use part::PartOfList;
pub(crate) use path::Path;
pub(crate) use typed::{NoQuery, json, limit, query, short_json};
pub(crate) use values::{Seconds, SecondsOrNever, maybe};

use poe_building::{Model, SensorKey, Source};

use crate::problem::Problem;

/// The source of this name. Who asks for a name seldom says of what; a name of several things means the first of sensor,
/// node, `system`, place and switch.
pub(crate) fn source(name: &str, kind: Option<&str>, model: &Model) -> Result<Source, Problem> {
    if let Some(kind) = kind {
        let of_kind = Source::from_kind_and_name(kind, name);
        return of_kind.map_err(|_| {
            if ["sensor", "node"].contains(&kind) {
                Problem::unfit("source", format!("This is not the name of a {kind}."))
            } else {
                Problem::unfit("source_kind", "One of sensor, node, place, switch and system.")
            }
        });
    }
    if let Ok(key) = name.parse::<SensorKey>() {
        return Ok(Source::Sensor(key));
    }
    if let Ok(address) = name.parse::<std::net::IpAddr>() {
        return Ok(Source::Node(address.to_canonical()));
    }
    let is_place = || model.places.iter().any(|place| *place.name == *name) || *model.site == *name;
    let is_switch = || model.switches.iter().any(|switch| *switch.name == *name);
    let named = || model.nodes.iter().find(|node| node.name.as_deref() == Some(name));
    if name == "system" {
        Ok(Source::System)
    } else if !is_place() && is_switch() {
        Ok(Source::Switch(name.into()))
    } else if !is_place()
        && let Some(node) = named()
    {
        Ok(Source::Node(node.address))
    } else {
        Ok(Source::Place(name.into()))
    }
}

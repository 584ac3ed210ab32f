//! The site, its places, and what is in them.

use super::table::Table;
use poe_building::{
    Enrolment, Model, NodeInfo, Place, PlaceKind, ProfileName, SensorInfo, SensorKey, Supervision, Switch,
};
use std::net::{IpAddr, Ipv4Addr};

/// Stands for an address that could not be read.
const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

pub(super) fn site(table: &mut Table<'_, '_>, model: &mut Model) {
    if let Some(name) = table.text("name") {
        model.site = name;
    }
    if let Some(profile) = table.word("profile", &ProfileName::ALL) {
        model.profile = profile;
    }
    if let Some(enrolment) = table.word("enrolment", &Enrolment::ALL) {
        model.enrolment = enrolment;
    }
    if let Some(supervision) = supervision(table, model.supervision) {
        model.supervision = supervision;
    }
    if let Some(longest) = table.hours("shelving_max_h") {
        model.shelving_max = longest;
    }
}

pub(super) fn place(table: &mut Table<'_, '_>) -> Place {
    let name = table.needed_text("name", "floor-2");
    let kind = table.word("kind", &PlaceKind::ALL);
    Place {
        name,
        kind: table.needed("kind", kind, "\"floor\"", PlaceKind::Room),
        within: table.text("within"),
        title: table.text("title"),
    }
}

pub(super) fn switch(table: &mut Table<'_, '_>) -> Switch {
    Switch {
        name: table.needed_text("name", "sw-2a"),
        place: table.text("place"),
        fed_by: table.text("fed_by"),
        port: table.text("port"),
    }
}

/// A node that says only one of its two times has the other from the site.
pub(super) fn node(table: &mut Table<'_, '_>, site: Supervision) -> NodeInfo {
    NodeInfo {
        address: address(table, "address"),
        name: table.text("name"),
        place: table.text("place"),
        fed_by: table.text("switch"),
        port: table.text("port"),
        supervision: supervision(table, site),
    }
}

pub(super) fn sensor(table: &mut Table<'_, '_>) -> SensorInfo {
    SensorInfo { key: key(table, "sensor"), name: table.text("name"), place: table.text("place") }
}

pub(super) fn address(table: &mut Table<'_, '_>, key: &'static str) -> IpAddr {
    let address = table.parsed(key, "a node's address", "10.89.21.188");
    table.needed(key, address, "\"10.89.21.188\"", NOWHERE)
}

pub(super) fn key(table: &mut Table<'_, '_>, key: &'static str) -> SensorKey {
    let sensor = table.parsed(key, "a sensor's key", "10.89.21.188_9");
    table.needed(key, sensor, "\"10.89.21.188_9\"", SensorKey { address: NOWHERE, id: 0 })
}

fn supervision(table: &mut Table<'_, '_>, otherwise: Supervision) -> Option<Supervision> {
    let (late, trouble) = (table.secs("late_s"), table.secs("trouble_s"));
    (late.is_some() || trouble.is_some()).then(|| Supervision {
        late: late.unwrap_or(otherwise.late),
        trouble: trouble.unwrap_or(otherwise.trouble),
    })
}

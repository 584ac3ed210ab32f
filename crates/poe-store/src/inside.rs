//! What stands in a place, as a condition on the entries of the journal: it is for the database to look through millions.

use poe_building::{Directory, Source};
use serde_json::json;
use std::{collections::HashSet, net::IpAddr};

/// What stands in a place now, and in all places within it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inside(Extent);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Extent {
    /// The site, which has everything in it but the server itself: also what nobody has placed, or is not there any more.
    Site,
    /// Lists, written as JSON for the database.
    Part {
        /// By kind and name: the place, places, switches and nodes, and the sensors that stand here while their nodes do not.
        sources: String,
        /// The nodes whose sensors are meant, too,
        nodes: String,
        /// but for these, which stand elsewhere.
        elsewhere: String,
    },
}

impl Inside {
    /// What stands in this source; `None` if it is no place. In a place that nobody knows there is nothing but itself.
    pub fn of(source: &Source, directory: &Directory) -> Option<Self> {
        let Source::Place(name) = source else { return None };
        let model = directory.model();
        if *name == model.site {
            return Some(Self(Extent::Site));
        }
        let is_here = |at: &Source| directory.path(at).contains(source);
        let nodes: HashSet<IpAddr> = model
            .nodes
            .iter()
            .map(|node| node.address)
            .filter(|address| is_here(&Source::Node(*address)))
            .collect();
        let places = model.places.iter().map(|place| Source::Place(place.name.clone()));
        let switches = model.switches.iter().map(|switch| Source::Switch(switch.name.clone()));
        let mut sources: Vec<Source> =
            places.chain(switches).filter(|at| at != source && is_here(at)).collect();
        sources.push(source.clone());
        sources.extend(nodes.iter().map(|address| Source::Node(*address)));
        let mut elsewhere = Vec::new();
        for sensor in &model.sensors {
            let at = Source::Sensor(sensor.key);
            match (is_here(&at), nodes.contains(&sensor.key.address)) {
                (true, false) => sources.push(at),
                (false, true) => elsewhere.push(sensor.key.to_string()),
                (true, true) | (false, false) => {}
            }
        }
        let sources: Vec<_> = sources.iter().map(|at| format!("{} {at}", at.kind())).collect();
        let nodes: Vec<_> = nodes.iter().map(IpAddr::to_string).collect();
        let [sources, nodes, elsewhere] = [sources, nodes, elsewhere].map(|list| json!(list).to_string());
        Some(Self(Extent::Part { sources, nodes, elsewhere }))
    }

    /// The condition, and what stands for the question marks in it. Each list is read once for a query.
    pub(crate) fn condition(&self) -> (&'static str, Vec<String>) {
        match &self.0 {
            Extent::Site => ("source_kind <> 'system'", Vec::new()),
            Extent::Part { sources, nodes, elsewhere } => (
                // The underscore stands between a node's address and the sensor's number.
                "((source_kind || ' ' || source) IN (SELECT value FROM json_each(?))
                  OR source_kind = 'sensor'
                     AND substr(source, 1, instr(source, '_') - 1) IN (SELECT value FROM json_each(?))
                     AND source NOT IN (SELECT value FROM json_each(?)))",
                vec![sources.clone(), nodes.clone(), elsewhere.clone()],
            ),
        }
    }
}

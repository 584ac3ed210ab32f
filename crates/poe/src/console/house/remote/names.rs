//! What things are called in a building elsewhere.

use super::known::Known;
use crate::commands::{ask::items, pages::Pages};
use poe::building_file;
use poe_api::client::{Client, ClientError};
use poe_building::{Directory, Model, NodeInfo, Place, SensorInfo, Source, Text};
use serde_json::Value;
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

/// Sensors whose own names are asked for, one by one: as many as a list shows.
const NAMED_MAX: usize = 200;

/// The building's names, asked for anew when they may have changed.
pub(super) struct Names {
    client: Client,
    known: Arc<Known>,
    kept: Mutex<Option<Arc<Directory>>>,
}

impl Names {
    pub(super) fn new(client: Client, known: Arc<Known>) -> Self {
        Self { client, known, kept: Mutex::new(None) }
    }

    /// The names that hold now, or those that held when somebody last told.
    pub(super) fn now(&self) -> Arc<Directory> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = self.known.take_renamed();
        if let Some(names) = kept.as_ref().filter(|_| !is_old || self.known.lost().is_some()) {
            if is_old {
                self.known.was_renamed();
            }
            return Arc::clone(names);
        }
        match self.ask() {
            Ok(model) => Arc::clone(kept.insert(Arc::new(Directory::new(Arc::new(model))))),
            Err(_) => {
                self.known.was_renamed();
                Arc::clone(kept.get_or_insert_with(|| Arc::new(Directory::new(Arc::default()))))
            }
        }
    }

    /// Who may change the building is told all of it; others learn from the lists what they may see.
    fn ask(&self) -> Result<Model, ClientError> {
        match self.client.get_text("/api/v1/building") {
            Ok(file) => {
                let unread = |_| ClientError::Broken("its building file cannot be read here".to_owned());
                building_file::parse(&file.text, "building").map_err(unread)
            }
            Err(ClientError::Refused { .. }) => self.gather(),
            Err(error) => Err(error),
        }
    }

    fn gather(&self) -> Result<Model, ClientError> {
        let mut model = Model::default();
        for path in ["/api/v1/buildings", "/api/v1/zones"] {
            for it in items(&self.client.get(path)?) {
                if it["kind"] == "site" {
                    model.site = text(it, "name").unwrap_or_default();
                } else {
                    model.places.extend(place(it));
                }
            }
        }
        // What is around the places that somebody may see is none of theirs.
        let seen: HashSet<Text> = model.places.iter().map(|place| place.name.clone()).collect();
        for place in &mut model.places {
            place.within = place.within.take().filter(|within| seen.contains(within));
        }
        let rules = self.client.get("/api/v1/rules")?;
        model.profile = super::read::word(&rules, "profile").unwrap_or(model.profile);
        for page in Pages::of(&self.client, "/api/v1/nodes") {
            model.nodes.extend(items(&page?).iter().filter_map(node));
        }
        // Of a campus's sensors those are asked for that something is told of.
        for alarm in self.known.alarms().into_iter().take(NAMED_MAX) {
            if let Source::Sensor(key) = alarm.source {
                let it = self.client.get(&format!("/api/v1/sensors/{key}"));
                let it = it.unwrap_or_default();
                model.sensors.push(SensorInfo { key, name: text(&it, "name"), place: text(&it, "place") });
            }
        }
        model.sensors.sort_by_key(|sensor| sensor.key);
        model.sensors.dedup_by_key(|sensor| sensor.key);
        Ok(model)
    }
}

fn place(it: &Value) -> Option<Place> {
    Some(Place {
        name: text(it, "name")?,
        kind: super::read::word(it, "kind")?,
        within: text(it, "within"),
        title: text(it, "title"),
    })
}

/// A node of which there is something to say.
fn node(it: &Value) -> Option<NodeInfo> {
    let (name, place) = (text(it, "name"), text(it, "place"));
    if name.is_none() && place.is_none() {
        return None;
    }
    let address = super::read::text(it, "address")?.parse().ok()?;
    Some(NodeInfo { address, name, place, fed_by: None, port: None, supervision: None })
}

fn text(it: &Value, field: &str) -> Option<Text> {
    super::read::text(it, field).map(Into::into)
}

//! What things are called in a building elsewhere.

use super::known::{Known, Named};
use crate::commands::{ask::items, pages::Pages};
use poe::building_file;
use poe_api::client::{Client, ClientError};
use poe_building::{Directory, Model, NodeInfo, Place, SensorInfo, Source, Text};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

/// The building's names, asked for anew when they may have changed.
pub(super) struct Names {
    client: Client,
    known: Arc<Known>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    model: Option<Told>,
    directory: Option<Arc<Directory>>,
}

/// What a server told of its building.
enum Told {
    /// All of it, to who may change it.
    Whole(Model),
    /// What could be gathered from lists; the alarms tell more.
    Gathered(Model),
}

impl Names {
    pub(super) fn new(client: Client, known: Arc<Known>) -> Self {
        Self { client, known, kept: Mutex::default() }
    }

    /// The names that hold now, or those that held when somebody last told.
    pub(super) fn now(&self) -> Arc<Directory> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if self.known.take_renamed() || kept.model.is_none() {
            let told = if self.known.lost().is_none() { self.ask().ok() } else { None };
            match told {
                Some(told) => *kept = Kept { model: Some(told), directory: None },
                // Next time, perhaps.
                None => self.known.was_renamed(),
            }
        }
        if let Some(Told::Gathered(model)) = &mut kept.model
            && let Some(named) = self.known.take_more_named()
        {
            add(model, named);
            kept.directory = None;
        }
        let Kept { model, directory } = &mut *kept;
        let names = directory.get_or_insert_with(|| {
            let model = match model {
                Some(Told::Whole(model) | Told::Gathered(model)) => model.clone(),
                None => Model::default(),
            };
            Arc::new(Directory::new(Arc::new(model)))
        });
        Arc::clone(names)
    }

    /// Who may change the building is told all of it; others learn from the lists what they may see.
    fn ask(&self) -> Result<Told, ClientError> {
        match self.client.get_text("/api/v1/building") {
            Ok(file) => {
                let unread = |_| ClientError::Broken("its building file cannot be read here".to_owned());
                building_file::parse(&file.text, "building").map(Told::Whole).map_err(unread)
            }
            Err(ClientError::Refused { .. }) => {
                // All that alarms have told is told to the new model.
                self.known.has_more_named();
                self.gather().map(Told::Gathered)
            }
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
        Ok(model)
    }
}

/// Adds what alarms told of their sources.
fn add(model: &mut Model, named: BTreeMap<Source, Named>) {
    // In the order of their keys, as they come.
    model.sensors.clear();
    for (source, Named { name, place }) in named {
        match source {
            Source::Sensor(key) => model.sensors.push(SensorInfo { key, name, place }),
            Source::Node(address) if model.nodes.iter().all(|node| node.address != address) => {
                model.nodes.push(NodeInfo { name, place, ..NodeInfo::at(address) });
            }
            _ => {}
        }
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
    Some(NodeInfo { name, place, ..NodeInfo::at(address) })
}

fn text(it: &Value, field: &str) -> Option<Text> {
    super::read::text(it, field).map(Into::into)
}

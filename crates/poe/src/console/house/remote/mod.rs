//! A server that is reached over its API: what it says is read into the same words that the server itself uses.

mod feed;
mod known;
mod names;
mod orders;
mod read;
mod watch;

use super::{Carried, Connections, Ear, Happening, Heard, House, News, NotDone, Unheard};
use crate::{
    commands::{ask, pages::Pages},
    console::filter::Filter,
};
use feed::Feed;
use known::Known;
use names::Names;
use poe::{Alarm, AlarmId, NodeView, Order, Sensor, Suppression, Time};
use poe_api::client::{Client, ClientError};
use poe_building::{Directory, Entry, Quarantined};
use poe_store::EntryFilter;
use serde_json::Value;
use std::{
    error::Error,
    net::{SocketAddr, ToSocketAddrs},
    sync::{Arc, Mutex, PoisonError},
};

/// A server elsewhere.
pub(crate) struct Remote {
    client: Client,
    known: Arc<Known>,
    names: Names,
    /// What happens there, until somebody listens.
    feed: Mutex<Option<Feed>>,
    /// Where its nodes connect, as `HOST:PORT`.
    node_door: String,
    sees_all: bool,
}

impl Remote {
    /// Connects, and hears how everything stands.
    ///
    /// # Errors
    /// Nobody answers there, or not us.
    pub(crate) fn connect(client: Client, node_door: String) -> Result<Self, Box<dyn Error>> {
        let known = Arc::new(Known::default());
        let feed = Feed::open(&client, &known).map_err(ask::failed)?;
        // Those who may look into some buildings only are not shown the site.
        let buildings = client.get("/api/v1/buildings").map_err(ask::failed)?;
        let sees_all = ask::items(&buildings).iter().any(|place| place["kind"] == "site");
        let names = Names::new(client.clone(), Arc::clone(&known));
        Ok(Self { client, known, names, feed: Mutex::new(Some(feed)), node_door, sees_all })
    }

    fn get(&self, path: &str) -> Heard<Value> {
        self.reach()?;
        self.client.get(path).map_err(unheard)
    }

    /// The items of a list that comes in pages, those that are wanted.
    fn long_list<T>(
        &self,
        path: &str,
        wanted: fn(&&Value) -> bool,
        read: fn(&Value) -> Option<T>,
    ) -> Heard<Vec<T>> {
        self.reach()?;
        let mut all = Vec::new();
        for page in Pages::of(&self.client, path) {
            all.extend(read_all(ask::items(&page.map_err(unheard)?).iter().filter(wanted), read)?);
        }
        Ok(all)
    }

    /// While the server is known to be away, nobody is kept waiting for it.
    fn reach(&self) -> Heard<()> {
        match self.known.lost() {
            Some(why) => Err(Unheard::new(&format!("the server is not there, and is tried again: {why}"))),
            None => Ok(()),
        }
    }
}

impl House for Remote {
    fn is_here(&self) -> bool {
        false
    }

    fn names(&self) -> Arc<Directory> {
        self.names.now()
    }

    fn alarms(&self) -> Heard<Vec<Alarm>> {
        self.long_list("/api/v1/alarms", |_| true, read::alarm)
    }

    fn known_alarms(&self) -> Vec<Alarm> {
        self.known.alarms()
    }

    fn alarm(&self, id: AlarmId) -> Option<Alarm> {
        let ask = || read::alarm(&self.get(&format!("/api/v1/alarms/{id}")).ok()?);
        self.known.alarm(id).or_else(ask)
    }

    fn suppressions(&self) -> Heard<Vec<Suppression>> {
        self.long_list("/api/v1/suppressions", |_| true, read::suppression)
    }

    fn flood(&self) -> bool {
        self.known.flood()
    }

    fn entries(&self, wanted: &EntryFilter, count: usize) -> Heard<Vec<Entry>> {
        let alarm = wanted.alarm.map(|alarm| alarm.to_string());
        let source = wanted.source.as_ref().map(ToString::to_string);
        let [from, to] = [wanted.from, wanted.to].map(|time| time.map(rfc_3339));
        let (mut entries, mut before) = (Vec::new(), None);
        // The server looks only so far into a long journal for one answer.
        loop {
            let left = (count - entries.len()).to_string();
            let path = ask::path(
                "/api/v1/events",
                &[
                    ("last", Some(&*left)),
                    ("before", before.as_deref()),
                    ("kind", wanted.kind.as_deref()),
                    ("class", wanted.class.map(poe::Class::name)),
                    ("alarm", alarm.as_deref()),
                    ("source", source.as_deref()),
                    ("source_kind", wanted.source.as_ref().map(poe::Source::kind)),
                    ("from", from.as_deref()),
                    ("to", to.as_deref()),
                ],
            );
            let page = self.get(&path)?;
            entries.extend(read_all(ask::items(&page).iter().rev(), read::entry)?);
            before = page["next"].as_u64().map(|next| next.to_string());
            if before.is_none() || entries.len() >= count {
                return Ok(entries);
            }
        }
    }

    fn nodes(&self) -> Heard<Vec<NodeView>> {
        // Those that were never heard have sent nothing that could be shown.
        self.long_list("/api/v1/nodes", |node| !node["first_seen"].is_null(), read::node)
    }

    fn quarantine(&self) -> Heard<Vec<Quarantined>> {
        let enrolment = self.get("/api/v1/enrolment")?;
        read_all(enrolment["waiting"].as_array().into_iter().flatten(), read::held)
    }

    fn connections(&self) -> Heard<Connections> {
        let mut nodes = self.nodes()?;
        nodes.retain(|node| node.connections > 0);
        Ok(Connections::Counted(nodes))
    }

    fn sensors(&self, wanted: &Filter) -> Heard<Vec<Sensor>> {
        let node = match wanted {
            Filter::Node(node) => Some(node.to_string()),
            Filter::Word(word) => word.rsplit_once('_').map(|(node, _)| node.to_owned()),
            Filter::All => None,
        };
        // What cannot be a node's address is the beginning of none.
        let node = node.filter(|node| node.parse::<std::net::IpAddr>().is_ok());
        let path = ask::path("/api/v1/sensors", &[("node", node.as_deref())]);
        // Nothing is told of one that has sent no value yet.
        let mut sensors = self.long_list(&path, |sensor| !sensor["value"].is_null(), read::sensor)?;
        sensors.retain(|sensor| wanted.has_sensor(sensor.address, &sensor.ip_id));
        sensors.sort_unstable_by_key(|sensor| (sensor.address, sensor.id));
        Ok(sensors)
    }

    fn order(&self, order: Order) -> Result<Carried, NotDone> {
        self.reach().map_err(NotDone::Unheard)?;
        orders::give(&self.client, order)
    }

    fn follow(&self) -> Heard<(u64, Ear<News>)> {
        let feed = self.feed.lock().unwrap_or_else(PoisonError::into_inner).take();
        let feed = feed.ok_or_else(|| Unheard::new("somebody follows already"))?;
        feed.start(self.client.clone(), Arc::clone(&self.known))
    }

    fn tells_all(&self) -> bool {
        self.sees_all
    }

    fn watch(&self) -> Heard<Ear<Happening>> {
        self.reach()?;
        watch::start(&self.client, &self.nodes()?)
    }

    fn node_door(&self) -> Heard<SocketAddr> {
        let door = &self.node_door;
        let addresses = door.to_socket_addrs();
        addresses.ok().and_then(|mut addresses| addresses.next()).ok_or_else(|| {
            Unheard::new(&format!(
                "'{door}' is nowhere to connect to; start with `poe console --nodes HOST:PORT`, where nodes connect"
            ))
        })
    }
}

fn read_all<'a, T>(items: impl Iterator<Item = &'a Value>, read: fn(&Value) -> Option<T>) -> Heard<Vec<T>> {
    items.map(read).collect::<Option<_>>().ok_or_else(not_understood)
}

fn rfc_3339(time: Time) -> String {
    jiff::Timestamp::from_microsecond(time.0).unwrap_or_default().to_string()
}

fn unheard(error: ClientError) -> Unheard {
    Unheard::new(&ask::failed(error).to_string())
}

fn not_understood() -> Unheard {
    Unheard::new("the server says what this program does not understand; is it of another version?")
}

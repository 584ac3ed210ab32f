//! The server of this process.

use super::{Carried, Connections, Ear, Happening, Heard, House, News, NotDone, Unheard};
use crate::console::{filter::Filter, who};
use poe::{Alarm, AlarmId, Entry, NodeView, Order, Sensor, Suppression, Sys, Who};
use poe_api::Server as _;
use poe_building::{Directory, Quarantined};
use poe_store::EntryFilter;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

pub(in crate::console) struct Here {
    sys: Arc<Sys>,
    who: Who,
    /// The building's names, indexed once for as long as the model holds.
    names: Mutex<Arc<Directory>>,
}

impl Here {
    pub(in crate::console) fn new(sys: Arc<Sys>) -> Self {
        let names = Directory::new(sys.facts().board().model());
        Self { sys, who: who::operator("console"), names: Mutex::new(Arc::new(names)) }
    }
}

impl House for Here {
    fn is_here(&self) -> bool {
        true
    }

    fn names(&self) -> Arc<Directory> {
        let model = self.sys.facts().board().model();
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(names.model(), &model) {
            *names = Arc::new(Directory::new(model));
        }
        Arc::clone(&names)
    }

    fn alarms(&self) -> Heard<Vec<Alarm>> {
        Ok(self.sys.alarms())
    }

    fn known_alarms(&self) -> Vec<Alarm> {
        self.sys.alarms()
    }

    fn alarm(&self, id: AlarmId) -> Option<Alarm> {
        self.sys.facts().board().alarm(id)
    }

    fn suppressions(&self) -> Heard<Vec<Suppression>> {
        Ok(self.sys.suppressions())
    }

    fn flood(&self) -> bool {
        self.sys.facts().flood()
    }

    fn entries(&self, wanted: &EntryFilter, count: usize) -> Heard<Vec<Entry>> {
        let stored = self.sys.facts().journal().and_then(|journal| journal.last(None, wanted, count));
        match stored {
            Ok(stored) => Ok(stored.into_iter().map(|stored| stored.entry).collect()),
            Err(cause) => Err(Unheard::new(&format!("the journal cannot be read: {cause}"))),
        }
    }

    fn nodes(&self) -> Heard<Vec<NodeView>> {
        Ok(self.sys.nodes()?)
    }

    fn quarantine(&self) -> Heard<Vec<Quarantined>> {
        Ok(self.sys.quarantine()?)
    }

    fn connections(&self) -> Heard<Connections> {
        Ok(Connections::Each(self.sys.connections()?))
    }

    fn sensors(&self, wanted: &Filter) -> Heard<Vec<Sensor>> {
        let mut sensors = self.sys.sensors();
        sensors.retain(|sensor| wanted.has_sensor(sensor.address, &sensor.ip_id));
        Ok(sensors)
    }

    fn order(&self, order: Order) -> Result<Carried, NotDone> {
        let ordered = self.sys.order(order, self.who.clone())?;
        Ok(Carried { alarm: ordered.done.alarm, stored: ordered.stored })
    }

    fn follow(&self) -> Heard<(u64, Ear<News>)> {
        // Followed first and looked at then, so that nothing falls in between.
        let occurrences = self.sys.events().map_err(|cause| Unheard::new(&cause.to_string()))?;
        let seq = self.sys.facts().board().last_seq();
        Ok((seq, Box::new(move |within| occurrences.recv_timeout(within).map(News::Occurred))))
    }

    fn tells_all(&self) -> bool {
        true
    }

    fn watch(&self) -> Heard<Ear<Happening>> {
        let notices = self.sys.watch()?;
        Ok(Box::new(move |within| notices.recv_timeout(within).map(Happening::Noticed)))
    }

    fn node_door(&self) -> Heard<SocketAddr> {
        let address = self.sys.tcp_addresses().first().map(|address| reachable(*address));
        address.ok_or_else(|| {
            Unheard::new("the server listens on no TCP address that simulated clients could connect to")
        })
    }
}

/// A listener on every address is reached by that of this machine.
pub(crate) fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_on_every_address_is_on_this_machine() {
        for (listens, reached) in [
            ("0.0.0.0:1234", "127.0.0.1:1234"),
            ("[::]:1234", "[::1]:1234"),
            ("10.1.2.3:1234", "10.1.2.3:1234"),
        ] {
            assert_eq!(reachable(listens.parse().unwrap()), reached.parse().unwrap());
        }
    }
}

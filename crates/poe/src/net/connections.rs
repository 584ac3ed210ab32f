//! The open connections.

use poe_building::{Session, Time};
use slab::Slab;
use std::{
    collections::HashMap,
    net::{IpAddr, TcpStream},
    time::Instant,
};

/// One open connection. It owns almost nothing: the bytes read go into the engine's buffer.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    pub(crate) port: u16,
    pub(crate) session: Session,
    pub(crate) since: Time,
    /// When the latest bytes came; `None` if none have.
    pub(crate) last_heard: Option<Time>,
    /// The same, or the beginning, on a clock that nobody sets.
    pub(crate) quiet_since: Instant,
}

/// All of them, also by address.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    all: Slab<Connection>,
    by_address: HashMap<IpAddr, Vec<u32>>,
}

impl Connections {
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn get_mut(&mut self, key: usize) -> Option<&mut Connection> {
        self.all.get_mut(key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Connection> {
        self.all.iter().map(|(_, connection)| connection)
    }

    pub(crate) fn keys(&self) -> Vec<usize> {
        self.all.iter().map(|(key, _)| key).collect()
    }

    /// The key that the next connection will have.
    pub(crate) fn next_key(&self) -> usize {
        self.all.vacant_key()
    }

    pub(crate) fn insert(&mut self, connection: Connection) -> usize {
        let address = connection.session.address();
        let key = self.all.insert(connection);
        // Most addresses have one connection: no room for more is kept.
        self.by_address.entry(address).or_insert_with(|| Vec::with_capacity(1)).push(key as u32);
        key
    }

    pub(crate) fn remove(&mut self, key: usize) -> Option<Connection> {
        let connection = self.all.try_remove(key)?;
        let address = connection.session.address();
        if let Some(keys) = self.by_address.get_mut(&address) {
            keys.retain(|other| *other as usize != key);
            if keys.is_empty() {
                self.by_address.remove(&address);
            }
        }
        Some(connection)
    }

    /// The connections of an address.
    pub(crate) fn keys_of(&self, address: IpAddr) -> Vec<usize> {
        self.by_address.get(&address).into_iter().flatten().map(|key| *key as usize).collect()
    }

    /// How many connections an address has.
    pub(crate) fn count(&self, address: IpAddr) -> usize {
        self.by_address.get(&address).map_or(0, Vec::len)
    }

    /// The connection of an address that has been silent longest, and since when.
    pub(crate) fn most_silent(&self, address: IpAddr) -> Option<(usize, Instant)> {
        let keys = self.by_address.get(&address)?.iter();
        keys.map(|key| (*key as usize, self.all[*key as usize].quiet_since)).min_by_key(|(_, since)| *since)
    }
}

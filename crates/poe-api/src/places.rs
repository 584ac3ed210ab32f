//! The places of a door: who gets one, and who has to give it up when they run out.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::select;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use crate::limits::{ACCEPT_PAUSE, IDLE_LEAST};

/// What the doors count, for the page of metrics. Counts only grow while the process lives.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Clients at the network's door now.
    pub(crate) network: AtomicU64,
    /// Clients at the local socket now.
    pub(crate) local: AtomicU64,
    /// Clients refused because their address had its share already.
    pub(crate) refused_address_cap: AtomicU64,
    /// Clients whose TLS handshake failed, or took too long.
    pub(crate) refused_handshake: AtomicU64,
    /// Clients who would follow, and for whom there was no seat.
    pub(crate) refused_followers: AtomicU64,
    /// Idle clients that were closed to make room for another.
    pub(crate) displaced: AtomicU64,
    /// Clients that were cut because they had stopped reading.
    pub(crate) stalled: AtomicU64,
}

impl Counts {
    /// One more.
    pub(crate) fn add(count: &AtomicU64) {
        count.fetch_add(1, Relaxed);
    }
}

/// The places of one door.
#[derive(Debug)]
pub(crate) struct Places {
    most: usize,
    most_of_address: usize,
    idle_least: Duration,
    inside: Mutex<Inside>,
    /// Told when somebody has left.
    left: Notify,
    counts: Arc<Counts>,
    open: fn(&Counts) -> &AtomicU64,
}

#[derive(Debug, Default)]
struct Inside {
    guests: HashMap<u64, Guest>,
    of_address: HashMap<IpAddr, usize>,
    next: u64,
}

#[derive(Debug)]
struct Guest {
    address: Option<IpAddr>,
    /// Since when it has asked nothing; nothing, while it is being answered.
    idle_since: Option<Instant>,
    /// Told when it has to go.
    leave: Arc<Notify>,
    is_leaving: bool,
}

/// The address has its share of places already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AddressFull;

impl Places {
    /// Places at the network's door. Each address gets so many of them, as far as it is told.
    pub(crate) fn of_network(most: usize, most_of_address: usize, counts: &Arc<Counts>) -> Arc<Self> {
        Self::new(most, most_of_address, counts, |counts| &counts.network)
    }

    /// Places at the local socket.
    pub(crate) fn of_local_socket(most: usize, counts: &Arc<Counts>) -> Arc<Self> {
        Self::new(most, most, counts, |counts| &counts.local)
    }

    fn new(
        most: usize,
        most_of_address: usize,
        counts: &Arc<Counts>,
        open: fn(&Counts) -> &AtomicU64,
    ) -> Arc<Self> {
        let (inside, left, counts) = (Mutex::default(), Notify::new(), Arc::clone(counts));
        let (most, idle_least) = (most.max(1), IDLE_LEAST);
        Arc::new(Places { most, most_of_address, idle_least, inside, left, counts, open })
    }

    /// A place for a client, as soon as there is one: when none is free, the client that has been idle longest is
    /// closed. An `address` is given if it has to be content with its share.
    pub(crate) async fn take(self: &Arc<Self>, address: Option<IpAddr>) -> Result<Place, AddressFull> {
        let address = address.map(household);
        loop {
            if let Some(place) = self.try_take(address)? {
                return Ok(place);
            }
            self.lock().dismiss_idlest(self.idle_least, &self.counts);
            // Whoever is idle too short a time now may be long enough soon.
            select! {
                () = self.left.notified() => {}
                () = sleep(ACCEPT_PAUSE) => {}
            }
        }
    }

    fn try_take(self: &Arc<Self>, address: Option<IpAddr>) -> Result<Option<Place>, AddressFull> {
        let mut inside = self.lock();
        let share = address.and_then(|address| inside.of_address.get(&address)).copied().unwrap_or(0);
        if share >= self.most_of_address {
            Counts::add(&self.counts.refused_address_cap);
            return Err(AddressFull);
        }
        if inside.guests.len() >= self.most {
            return Ok(None);
        }
        let (number, leave) = (inside.next, Arc::new(Notify::new()));
        inside.next += 1;
        let idle_since = Some(Instant::now());
        inside
            .guests
            .insert(number, Guest { address, idle_since, leave: Arc::clone(&leave), is_leaving: false });
        if let Some(address) = address {
            *inside.of_address.entry(address).or_default() += 1;
        }
        Counts::add((self.open)(&self.counts));
        Ok(Some(Place { number, places: Arc::clone(self), leave }))
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn dismiss_idlest(&mut self, idle_least: Duration, counts: &Counts) {
        let idle = self.guests.values_mut().filter(|guest| !guest.is_leaving);
        let idlest =
            idle.filter_map(|guest| Some((guest.idle_since?, guest))).min_by_key(|(since, _)| *since);
        if let Some((since, guest)) = idlest
            && since.elapsed() >= idle_least
        {
            guest.is_leaving = true;
            guest.leave.notify_one();
            Counts::add(&counts.displaced);
        }
    }
}

/// A client's place, which is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    number: u64,
    places: Arc<Places>,
    leave: Arc<Notify>,
}

impl Place {
    /// Waits until another needs the place. Never while an answer is under way.
    pub(crate) async fn dismissed(&self) {
        self.leave.notified().await;
    }

    /// The client has asked something, and is not idle until this is dropped.
    pub(crate) fn answering(self: &Arc<Self>) -> Answering {
        self.set_idle_since(None);
        Answering(Arc::clone(self))
    }

    fn set_idle_since(&self, since: Option<Instant>) {
        if let Some(guest) = self.places.lock().guests.get_mut(&self.number) {
            guest.idle_since = since;
        }
    }

    /// What the doors count.
    pub(crate) fn counts(&self) -> &Arc<Counts> {
        &self.places.counts
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.places.lock();
        let guest = inside.guests.remove(&self.number).expect("nobody else gives up this place");
        if let Some(address) = guest.address
            && let Some(share) = inside.of_address.get_mut(&address)
        {
            *share -= 1;
            if *share == 0 {
                inside.of_address.remove(&address);
            }
        }
        drop(inside);
        (self.places.open)(&self.places.counts).fetch_sub(1, Relaxed);
        self.places.left.notify_one();
    }
}

/// An answer that is under way.
#[derive(Debug)]
pub(crate) struct Answering(Arc<Place>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.set_idle_since(Some(Instant::now()));
    }
}

/// Whoever has an address of IPv6 has a whole network of them, by which the lot is told from others.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;

    /// Instead of seconds.
    const MOMENT: Duration = Duration::from_millis(100);

    fn places(most: usize, most_of_address: usize) -> Arc<Places> {
        let places = Places::of_network(most, most_of_address, &Arc::default());
        let mut places = Arc::into_inner(places).expect("it was made just now");
        places.idle_least = MOMENT;
        Arc::new(places)
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    fn night(story: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.unwrap().block_on(story);
    }

    #[test]
    fn an_address_gets_its_share_and_no_more() {
        night(async {
            let places = places(10, 2);
            let first = places.take(address("10.0.0.7")).await.unwrap();
            let _second = places.take(address("::ffff:10.0.0.7")).await.unwrap();
            assert_eq!(places.take(address("10.0.0.7")).await.unwrap_err(), AddressFull);
            let _other = places.take(address("10.0.0.8")).await.unwrap();
            let _exempt = [places.take(None).await.unwrap(), places.take(None).await.unwrap()];
            assert_eq!(places.counts.refused_address_cap.load(Relaxed), 1);
            drop(first);
            assert!(places.take(address("10.0.0.7")).await.is_ok());
        });
    }

    #[test]
    fn the_addresses_of_one_network_of_ipv6_share() {
        night(async {
            let places = places(10, 1);
            let _first = places.take(address("2001:db8::1")).await.unwrap();
            assert_eq!(places.take(address("2001:db8::ffff:1")).await.unwrap_err(), AddressFull);
            assert!(places.take(address("2001:db8:0:1::1")).await.is_ok());
        });
    }

    #[test]
    fn the_one_idle_longest_makes_room_and_nobody_who_is_being_answered() {
        night(async {
            let places = places(3, 3);
            let busy = Arc::new(places.take(None).await.unwrap());
            let answering = busy.answering();
            sleep(MOMENT * 2).await;
            let idlest = places.take(None).await.unwrap();
            sleep(MOMENT / 2).await;
            let idle = places.take(None).await.unwrap();

            let leaves = async {
                let begun = Instant::now();
                idlest.dismissed().await;
                drop(idlest);
                begun.elapsed()
            };
            let (place, waited) = tokio::join!(places.take(None), leaves);
            assert!(waited >= MOMENT / 3, "it had been idle for half a moment only: {waited:?}");
            assert!(timeout(Duration::ZERO, idle.dismissed()).await.is_err());
            assert_eq!(places.counts.displaced.load(Relaxed), 1);

            assert_eq!(places.counts.network.load(Relaxed), 3);
            drop((place, idle, answering, busy));
            assert_eq!(places.counts.network.load(Relaxed), 0);
        });
    }

    #[test]
    fn without_anybody_idle_a_client_waits_until_one_leaves() {
        night(async {
            let places = places(1, 1);
            let only = Arc::new(places.take(None).await.unwrap());
            let answering = only.answering();
            assert!(timeout(MOMENT * 4, places.take(None)).await.is_err());
            drop((only, answering));
            assert!(timeout(MOMENT, places.take(None)).await.is_ok());
        });
    }
}

//! What the door bears, and why.

use std::time::Duration;

/// The limits that a caller may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many clients from the network are served at a time; 1,536 by default. That is 1,280 that follow (a thousand
    /// that read, two hundred that have stopped, some that come back), and 256 that ask something: every screen of a
    /// building several times over. One that is idle costs 18 KiB, and 25 KiB with TLS.
    ///
    /// At the limit the client that has been idle longest is closed, and counted. If none is, the new one waits in the
    /// system's queue: it costs us no descriptor there, and closing it would only make it come again.
    pub connections_max: usize,
    /// How many of these places one address gets (of IPv6: one network of 64 bits); 128 by default, a twelfth of them
    /// and more than the browsers of any machine use. One more is closed at once, and counted.
    ///
    /// Loopback and what comes through a proxy have no such limit: many people come from there by one address.
    pub connections_per_address_max: usize,
    /// The time from connecting to the end of the TLS handshake; 10 s by default. Whoever takes longer is closed, and
    /// counted.
    pub handshake: Duration,
    /// The time from connecting, or from the last answer, to the end of the next request's headers; 10 s by
    /// default. Whoever sends slowly, or nothing at all, is closed then.
    pub header_read: Duration,
    /// How long a client may take nothing of an answer; 10 s by default. Then it is cut off, or else a handful
    /// of stopped browsers could hold every place.
    pub write_stall: Duration,
    /// How often the files of the certificate are looked at; every 10 s by default. A change is in force then.
    pub certificate_look: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections_max: 1_536,
            connections_per_address_max: 128,
            handshake: Duration::from_secs(10),
            header_read: Duration::from_secs(10),
            write_stall: Duration::from_secs(10),
            certificate_look: Duration::from_secs(10),
        }
    }
}

/// Places at the local socket. They are its own, so that a crowd at the network's door does not lock out the
/// person who sits at the machine.
pub(crate) const LOCAL_CONNECTIONS_MAX: usize = 32;

/// A client is idle, and may be closed to make room, when it has asked nothing for this long. A new client needs some
/// time to ask, and one that was just answered often has another question.
pub(crate) const IDLE_LEAST: Duration = Duration::from_secs(2);

/// The most a connection buffers, and so the longest headers: twice hyper's minimum, room for any cookie.
/// Longer headers are answered with 431.
pub(crate) const HEADER_BYTES_MAX: usize = 16 * 1024;

/// The pause after a failed accept, and between two looks for a place. When descriptors run out the waiting client stays in the queue, and
/// without a pause the loop would spin on it.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What running answers get to finish at a stop.
pub(crate) const DRAIN_LIMIT: Duration = Duration::from_millis(500);

/// What a stop takes at most: the drain, and as much again for a busy machine.
pub(crate) const STOP_LIMIT: Duration = Duration::from_secs(1);

//! What the door bears, and why.

use std::time::Duration;

/// The limits that a caller may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many clients each TCP listener serves at a time; 256 by default. That is every screen of a building
    /// several times over, for at most 4 MiB of buffers.
    ///
    /// At the limit a new client waits in the system's queue. It costs us no descriptor there, and since idle
    /// clients are closed after `header_read`, its turn comes; closing it would only make it come again.
    pub connections_max: usize,
    /// The time from connecting, or from the last answer, to the end of the next request's headers; 10 s by
    /// default. Whoever sends slowly, or nothing at all, is closed then.
    pub header_read: Duration,
    /// How long a client may take nothing of an answer; 10 s by default. Then it is cut off, or else a handful
    /// of stopped browsers could hold every place.
    pub write_stall: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections_max: 256,
            header_read: Duration::from_secs(10),
            write_stall: Duration::from_secs(10),
        }
    }
}

/// Places at the local socket. They are its own, so that a crowd at the network's door does not lock out the
/// person who sits at the machine.
pub(crate) const LOCAL_CONNECTIONS_MAX: usize = 32;

/// The most a connection buffers, and so the longest headers: twice hyper's minimum, room for any cookie.
/// Longer headers are answered with 431.
pub(crate) const HEADER_BYTES_MAX: usize = 16 * 1024;

/// The pause after a failed accept. When descriptors run out the waiting client stays in the queue, and
/// without a pause the loop would spin on it.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What running answers get to finish at a stop.
pub(crate) const DRAIN_LIMIT: Duration = Duration::from_millis(500);

/// What a stop takes at most: the drain, and as much again for a busy machine.
pub(crate) const STOP_LIMIT: Duration = Duration::from_secs(1);

//! Where a story is played, and who tells what came of it: the borders to a building and to a server.

use super::{Clock, ServerDeed};
use poe_building::Entry;
use std::{fmt, net::IpAddr, time::Duration};

/// A connection of the story's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Speaker {
    /// The node's place in the story. Two nodes may have one address.
    pub node: usize,
    /// Its address.
    pub address: IpAddr,
}

/// A building that a story can be played in: simulated, or a server that runs.
pub trait Stage {
    /// Why this cannot be done here; `None`, if it can.
    fn refuses(&self, deed: &ServerDeed) -> Option<&'static str>;

    /// Lets time pass until so long after the story's begin.
    fn wait_until(&mut self, at: Duration);

    /// A node sends bytes, over the connection that it has or over a new one. Bytes that nobody takes are lost.
    fn send(&mut self, speaker: Speaker, bytes: &[u8]);

    /// A node's connection ends, if it has one.
    fn hang_up(&mut self, speaker: Speaker);

    /// Something happens to the server, or is ordered there.
    fn perform(&mut self, deed: &ServerDeed);
}

/// Who has read the journal.
pub trait Witness {
    /// All entries since the story's begin, in their order.
    ///
    /// # Errors
    /// The journal cannot be read, in words for people.
    fn seen(&mut self) -> Result<Vec<Seen>, String>;
}

/// An entry of the journal, and when in the story it was decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// Since the story's begin.
    pub at: Duration,
    /// The entry.
    pub entry: Entry,
}

/// One line, in the words of the scenarios: `01:02.110 alarm.raised fire on 10.0.0.7_3, unacknowledged, value 0 (flame)`.
impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = &self.entry;
        write!(f, "{} {}", Clock(self.at), entry.kind)?;
        if let Some(rule) = &entry.rule {
            write!(f, " {rule}")?;
        }
        if let Some(source) = &entry.source {
            write!(f, " on {source}")?;
        }
        if let Some(state) = entry.state {
            write!(f, ", {state}")?;
        }
        if let Some(value) = entry.value {
            write!(f, ", value {value}")?;
        }
        if let Some(who) = &entry.who {
            write!(f, ", by {}", who.name)?;
        }
        if !entry.text.is_empty() {
            write!(f, " ({})", entry.text)?;
        }
        Ok(())
    }
}

//! What readings mean: the second step of a reading's way, between a node's bytes and the disk.
//!
//! A [`Building`] knows its nodes and their sensors. [`Input`] and the time go in, [`Event`]s come out, and
//! [`Building::take_changes`] tells what has to be written down. There is no clock, no disk, no network and no
//! task in this crate: the same input gives the same events, so that a night can be replayed in a millisecond.
//!
//! ```
//! use poe_building::{Building, Event, Input, Limits, Time};
//!
//! let mut building = Building::new(Limits::default());
//! let mut events = Vec::new();
//! let mut session = building.open("10.89.21.188".parse().unwrap());
//! let flame = [1, 7, 0, 0]; // POST, sensor 7, FIRE, 0: a flame is seen
//! building.handle(Input::Stream { session: &mut session, bytes: &flame }, Time::from_secs(1), &mut events);
//! assert!(matches!(events[..], [.., Event::StatusChanged { value: 0, .. }]));
//! ```

mod alignment;
mod building;
mod changes;
mod event;
mod node;
mod registry;
mod session;
mod status;
mod time;

pub use building::{Building, Counters, Input, Limits};
pub use changes::{Changes, Row, Scope};
pub use event::Event;
pub use node::NodeView;
pub use registry::{Known, KnownNode, KnownSensor, NewNode, NewSensor, NodeNo, Reading, SensorKey, SensorNo};
pub use session::Session;
pub use status::{Profile, Status};
pub use time::Time;

//! Nodes without hardware, where a reading's way begins when no building is at hand.
//!
//! [`CommonNode`] is the node of the field as a pure model: a seed goes in, bursts of 21 frames come out, and
//! the same seed gives the same bytes for ever. [`misbehave`] spoils such bytes the ways that networks and
//! firmware do, and a [`SensorFault`] what its sensors report. [`Fleet`] lets thousands of these nodes speak to a server
//! over real sockets. An [`office`] is a building
//! that goes on by itself. A [`scenario`] is a story with nodes, people and faults in it, and with what must come of them.
//!
//! ```
//! use poe_sim::{COMMON_NODE, CommonNode};
//! use poe_wire::{Message, SensorKind};
//!
//! let mut node = CommonNode::new(4711);
//! let frames = node.frames();
//! assert_eq!(frames.len(), COMMON_NODE.len());
//! assert_eq!(frames[7].message(), Ok(Message::Post { id: 7, kind: SensorKind::Fire, value: 1 }));
//! ```

mod control;
mod fault;
mod fleet;
pub mod misbehave;
mod node;
pub mod office;
pub mod scenario;
mod seed;

pub use control::{FleetControl, Report};
pub use fault::SensorFault;
pub use fleet::{Fleet, raise_descriptor_limit};
pub use node::{BURST_BYTES, COMMON_NODE, CommonNode};

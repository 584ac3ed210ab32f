//! The server that a building's sensor nodes deserve, as a library.
//!
//! Nodes connect by TCP and send frames of four bytes; the server keeps the latest value of every sensor in an
//! SQLite table that other programs read. It needs no async runtime: start it from any program.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # std::env::set_current_dir(&folder)?;
//! let db = poe::Db::open("database.db")?;                   // made if it does not exist
//! let sys = poe::Sys::start("127.0.0.1:0", 1024, db)?;      // address and port, most connections, database
//! for sensor in sys.sensors() {
//!     println!("{} {}", sensor.ip_id, sensor.value);
//! }
//! sys.stop()?;                                              // drains and flushes
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The way of a reading through this crate: [`net`](self) sockets, the engine that owns the building, the recorder
//! that writes to the disk. `Sys` wires them together.

pub mod building_file;
pub mod config;

mod announce;
mod clock;
mod db;
mod engine;
mod facts;
mod historian;
mod latency;
mod net;
mod orders;
mod pages;
mod recorder;
mod stats;
mod sys;

pub use db::{Db, DbOptions, SetBuildingError};
pub use engine::{ConnectionView, EngineGone, Notice, Told};
pub use facts::Facts;
pub use net::listen::ListenError;
pub use orders::OrderError;
pub use poe_api::{Occurrence, Ordered};
pub use poe_building::{
    Alarm, AlarmId, Class, Emergency, Entry, EntryKind, Model, NodeView, Order, OrderRefused, Quiet, Source,
    State, Status, Suppression, Time, Who,
};
pub use poe_store::OpenError;
pub use poe_wire::SensorKind;
pub use recorder::Unsaved;
pub use sys::{Sensor, StartError, StopError, Sys, SysBuilder};

//! The memory: the third step of a reading's way, where it survives the power.
//!
//! Two SQLite files. `state.db` is ours alone: which nodes and sensors are known. The other holds the table of
//! latest values that other programs read, and may belong to one of them. [`Store::commit`] writes a batch of
//! changes to both, state first, and returns once they survive a power cut; only then does [`Latest`] show them.

mod checkpoint;
mod columns;
mod error;
mod folder;
mod index;
mod latest;
mod refusals;
mod sqlite;
mod state;
mod store;
mod table;

pub use error::{Cause, CommitError, OpenError};
pub use folder::DataFolder;
pub use latest::{Latest, LatestSensor};
pub use sqlite::check_integrity;
pub use store::{Committed, Store, StoreOptions};

//! The memory: the third step of a reading's way, where it survives the power.
//!
//! Two SQLite files. `state.db` is ours alone: who is known, the journal, alarms and what belongs to them, and the model of
//! the building. The other holds the table of latest values that other programs read, and may belong to one of them.
//! [`Store::commit`] writes a batch of changes to both, state first, each so that it survives a power cut. As soon as the
//! first is written, [`Board`] shows what it holds; [`Latest`] shows the values once the table has them too.

mod backup;
mod board;
mod chain;
mod chains;
mod checkpoint;
mod columns;
mod error;
mod fields;
mod folder;
mod high_water;
mod index;
mod inside;
mod inspect;
mod latest;
mod leftovers;
mod mark;
mod migrations;
mod origin;
mod owner;
mod reader;
mod refusals;
mod restore;
mod room;
mod snapshot;
mod sqlite;
mod state;
mod store;
mod table;
mod upgrade;
mod verify;

pub use backup::{
    Backup, BackupError, BackupSource, Manifest, Member, ReadError, backup_file_name, check_archive,
};
pub use board::{Board, DeadLetter};
pub use error::{Cause, CommitError, OpenError};
pub use folder::DataFolder;
pub use inside::Inside;
pub use inspect::{Inspected, inspect};
pub use latest::{Latest, LatestSensor};
pub use leftovers::{Leftover, leftovers};
pub use origin::Origin;
pub use reader::{EntryFilter, Found, JournalReader, Search, StoredEntry, read_model, schema_is_current};
pub use restore::{RestoreError, Restored, restore};
pub use room::{KEPT as ROOM_KEPT, NoRoom, free_room};
pub use sqlite::check_integrity;
pub use store::{Committed, Store, StoreOptions};
pub use verify::{Finding, Verified, VerifyError, verify};

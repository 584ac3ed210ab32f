//! The history: every reading that was ever accepted, for years, in files that any tool reads.
//!
//! A reading takes this way. The recorder appends each batch to the [`Log`], where it is durable at once. The [`Keeper`], a
//! thread that lets everything else go first, seals what is old enough into Parquet files sorted by sensor and time, writes
//! roll-ups beside them, checks all of it by reading it back, and only then removes it from the log. Small files become daily
//! ones, and what is too old goes. Whoever asks ([`History::readings`], [`History::buckets`], [`History::export`]) is answered
//! from files and log alike, each reading once.

mod copy;
mod error;
mod files;
mod history;
mod import;
mod keeper;
mod log;
mod query;
mod reading;
mod verify;

pub use copy::copy_stopped;
pub use error::HistoryError;
pub use history::{Figures, History, Options, Range, Room};
pub use import::{ImportOptions, Imported, Source, are_records, import, room_for_import, take_in_log};
pub use keeper::{Keeper, Notice, Retention, kept_free};
pub use log::{Appended, Log};
pub use query::{Bucket, Buckets, Export, ExportFormat, Readings, Wanted};
pub use reading::Reading;
pub use verify::{LevelReport, Report, verify};

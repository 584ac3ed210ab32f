//! The log: where a batch of readings is durable first.
//!
//! [`Log::append`] turns a batch into one record (`encode`, `record`), writes and syncs it, and adds it to the list of its
//! segment (`list`, `body`), where all who ask see it at once (`segment`). What of it stays in memory is bounded (`memory`).
//! After a start, what is in the files is read by whoever asks first (`waiting`, `recover`).

mod append;
mod body;
mod check;
mod encode;
mod list;
mod memory;
mod record;
mod recover;
mod segment;
mod waiting;

pub use append::{Appended, Log};
pub(crate) use check::check;
pub(crate) use segment::{Segment, Taker, Wish};
pub(crate) use waiting::Waiting;

#[cfg(test)]
mod speed;
#[cfg(test)]
mod tests;

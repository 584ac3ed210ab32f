//! Answers: readings, buckets, exports.

mod buckets;
mod export;
mod readings;

pub use buckets::{Bucket, Buckets};
pub use export::{Export, ExportFormat};
pub use readings::Readings;

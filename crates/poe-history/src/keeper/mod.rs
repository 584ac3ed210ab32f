//! The keeper: seals, compacts and removes, on a thread that lets everything else go first.

mod catalogue;
mod retention;

pub(crate) use catalogue::{Catalogue, CatalogueFile, Entry, Level};
pub use retention::Retention;

/// What the keeper has done or found that people should know of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// A file was damaged and is set aside; the rest is served. A trouble.
    Damaged {
        /// What to tell.
        text: String,
    },
    /// Readings were removed, as retention says or since the disk is nearly full. Journalled.
    Removed {
        /// What to tell.
        text: String,
    },
    /// Whether sealing fails just now, and why. A trouble as long as it does.
    Failing {
        /// Nothing, if it goes on again.
        text: Option<String>,
    },
}

/// Seals, compacts and removes.
#[derive(Debug)]
pub struct Keeper {}

impl Keeper {
    /// Works until `stopping` says so. A step under way is left, and a start goes on from what was there before.
    pub fn run(self, stopping: &std::sync::atomic::AtomicBool) {
        let _ = stopping;
        todo!()
    }
}

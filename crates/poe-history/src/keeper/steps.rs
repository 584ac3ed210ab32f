//! Where a test can end the world: after each step that changes the disk.

/// A change of the disk that has just been made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum DiskStep {
    /// A new file is written and synced, under a name that nobody reads.
    Written,
    /// All new files are read back and found to be right.
    Checked,
    /// A new file has its name.
    Named,
    /// The next catalogue is written beside the one in force.
    CatalogueWritten,
    /// The next catalogue is in force.
    CatalogueReplaced,
    /// What is sealed has left the log.
    LogRemoved,
    /// A file that nobody needs is gone.
    Deleted,
    /// A damaged file is in the folder for such.
    SetAside,
    /// Something of the earlier layout is in its place.
    Moved,
}

/// Told of every step. It does nothing but in tests, where it may unwind.
#[derive(Default)]
pub(crate) struct Steps {
    #[cfg(test)]
    pub(crate) hook: std::sync::Mutex<Option<Hook>>,
}

#[cfg(test)]
pub(crate) type Hook = std::sync::Arc<dyn Fn(DiskStep) + Send + Sync>;

impl Steps {
    #[cfg_attr(not(test), expect(clippy::unused_self, reason = "the hook is there in tests only"))]
    pub(crate) fn reached(&self, step: DiskStep) {
        #[cfg(test)]
        {
            let hook = self.hook.lock().unwrap().clone();
            if let Some(hook) = hook {
                hook(step);
            }
        }
        #[cfg(not(test))]
        let _ = step;
    }
}

impl std::fmt::Debug for Steps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Steps")
    }
}

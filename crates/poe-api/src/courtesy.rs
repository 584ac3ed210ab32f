//! Threads that let readings and alarms go first.

use rustix::process::nice;

/// The share of a busy core of a thread that gives way is a tenth of that of the engine; of an idle one it has all.
const NICENESS: i32 = 10;

/// Lets the thread that calls this give way to all others from now on.
pub(crate) fn give_way() {
    // On Linux this is about the thread that asks.
    if let Err(error) = nice(NICENESS) {
        tracing::warn!(%error, "a thread that should give way works at the priority of everything else");
    }
}

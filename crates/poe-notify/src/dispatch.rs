//! The loop of the thread: what the queues say is to be sent is sent, and what became of it is told.

use crate::{
    delivery::{Doors, heartbeat},
    failure::Failure,
    notifier::Shared,
    page::Report,
};
use poe_building::{Moment, Text};
use std::{collections::HashMap, io, sync::Arc, time::Duration};
use tokio::{
    runtime::{Builder, Runtime},
    task::{Id, JoinSet},
    time::{Instant, sleep_until},
};
use tracing::{debug, error};

/// Names that are looked up at once, which the system does in threads of ours. Each target looks up one at a time.
const LOOKUPS_MAX: usize = 64;

/// Nothing is waited for longer; the loop looks again, which costs nothing.
const LOOK_AGAIN: Duration = Duration::from_secs(60 * 60);

/// Whose try a task is.
enum Try {
    Flight { target: Text, number: u64 },
    Beat,
}

/// One library for cryptography serves the whole program; whoever comes first names it.
pub(crate) fn install_cryptography() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

pub(crate) fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().max_blocking_threads(LOOKUPS_MAX).build()
}

/// Runs until the handle is dropped. What is under way then is cut off.
pub(crate) async fn run(shared: &Arc<Shared>, report: &(dyn Fn(Report) + Send)) {
    let mut doors = Doors::default();
    let mut tasks: JoinSet<(Result<(), Failure>, Moment)> = JoinSet::new();
    let mut tries: HashMap<Id, Try> = HashMap::new();
    while !shared.is_stopping() {
        let turn = shared.state().turn(shared.now());
        turn.reports.into_iter().for_each(report);
        for job in turn.jobs {
            let whose = Try::Flight { target: job.target.name.clone(), number: job.flight };
            let door = doors.of(&job.target, &job.settings);
            let clock = Arc::clone(shared);
            let task = tasks.spawn(async move {
                let result = door.deliver(&job).await;
                if let Err(failure) = &result {
                    debug!(target.name = %job.target.name, %failure, "a try failed");
                }
                (result, clock.now())
            });
            tries.insert(task.id(), whose);
        }
        if let Some((beat, settings)) = turn.beat {
            let clock = Arc::clone(shared);
            let task = tasks.spawn(async move { (heartbeat(&beat, &settings).await, clock.now()) });
            tries.insert(task.id(), Try::Beat);
        }
        let longest = Instant::now() + LOOK_AGAIN;
        let due = turn.due.and_then(|ticks| shared.instant(ticks)).map_or(longest, Instant::from_std);
        tokio::select! {
            () = shared.wake.notified() => {}
            Some(landed) = tasks.join_next_with_id() => {
                let (id, result, at) = match landed {
                    Ok((id, (result, at))) => (id, result, at),
                    Err(broken) => {
                        error!(%broken, "a delivery broke down, which is a fault of ours");
                        let failure = Failure::Troubled("the delivery broke down".into());
                        (broken.id(), Err(failure), shared.now())
                    }
                };
                match tries.remove(&id) {
                    Some(Try::Flight { target, number }) => shared.state().landed(&target, number, result, at),
                    Some(Try::Beat) => shared.state().beaten(result, at),
                    None => {}
                }
            }
            () = sleep_until(due.min(longest)) => {}
        }
    }
}

//! Passwords are hashed on threads beside the one that serves everybody, a few at a time.

use std::sync::Arc;

use axum::http::StatusCode;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::accounts::Network;
use crate::problem::Problem;

/// Each takes 64 MiB and a processor for a tenth of a second.
const AT_ONCE_MAX: usize = 2;
/// As many may be hashed or wait for it: the last of them waits for a second or so. One more is sent away.
const IN_LINE_MAX: usize = 20;
/// The same for those on this machine, so that no crowd in the network stands before them.
const IN_LINE_HERE_MAX: usize = 4;
/// When one that was sent away is to come again.
const COME_AGAIN_S: u64 = 2;

/// Where passwords are hashed.
#[derive(Debug)]
pub(crate) struct Hashing {
    running: Arc<Semaphore>,
    line: Arc<Semaphore>,
    line_here: Arc<Semaphore>,
}

impl Default for Hashing {
    fn default() -> Self {
        Hashing {
            running: Arc::new(Semaphore::new(AT_ONCE_MAX)),
            line: Arc::new(Semaphore::new(IN_LINE_MAX)),
            line_here: Arc::new(Semaphore::new(IN_LINE_HERE_MAX)),
        }
    }
}

impl Hashing {
    /// Hashes for somebody in this network, once it is their turn. What has begun goes on, also if they leave.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        network: Network,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let line = if network.is_here() { &self.line_here } else { &self.line };
        let place = Arc::clone(line).try_acquire_owned().map_err(|_| {
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "Too many log in at this moment.")
                .after_s(COME_AGAIN_S)
        })?;
        let turn = Arc::clone(&self.running).acquire_owned().await.expect("nobody closes the semaphore");
        let done = spawn_blocking(move || {
            let _held = (place, turn);
            job()
        });
        done.await.map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            Problem::FAILED
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_waits_in_a_line_that_has_an_end() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let hashing = Arc::new(Hashing::default());
            let (open, gate) = std::sync::mpsc::channel::<()>();
            let gate = Arc::new(std::sync::Mutex::new(gate));
            let crowd: Vec<_> = (0..IN_LINE_MAX + 5)
                .map(|_| {
                    let (hashing, gate) = (Arc::clone(&hashing), Arc::clone(&gate));
                    let job = move || gate.lock().unwrap().recv().is_ok();
                    tokio::spawn(async move { hashing.run(Network::V4([10, 0, 0]), job).await })
                })
                .collect();
            tokio::task::yield_now().await;
            // Whoever sits at the machine has a place of their own, though not the next turn.
            let here = {
                let hashing = Arc::clone(&hashing);
                tokio::spawn(async move { hashing.run(Network::Loopback, || ()).await })
            };
            tokio::task::yield_now().await;
            (0..IN_LINE_MAX).for_each(|_| open.send(()).unwrap());
            let mut answers = Vec::new();
            for one in crowd {
                answers.push(one.await.unwrap());
            }
            assert_eq!(answers.iter().filter(|answer| **answer == Ok(true)).count(), IN_LINE_MAX);
            let refused = answers.iter().filter_map(|answer| answer.as_ref().err());
            assert!(
                refused.map(|problem| problem.status).all(|status| status == StatusCode::TOO_MANY_REQUESTS)
            );
            assert_eq!(here.await.unwrap(), Ok(()));
        });
    }
}

//! Passwords are hashed on threads of their own, a few at a time, which give way to all others.

use std::sync::Arc;
use std::thread;

use axum::http::StatusCode;
use tokio::sync::{Semaphore, oneshot};

use crate::accounts::Network;
use crate::accounts::line::{Length, Lines};
use crate::courtesy::give_way;
use crate::problem::Problem;

/// Each takes 64 MiB and a processor for a tenth of a second.
const AT_ONCE_MAX: usize = 2;
/// The same for the local socket, so that whoever sits at the machine waits for nobody in the network.
const AT_ONCE_BY_SOCKET_MAX: usize = 1;
/// As many in the network may be hashed or wait for it: the last of them waits for three seconds or so, and for three more
/// behind those on this machine. One more is sent away.
const IN_LINE_MAX: usize = 64;
/// The same on this machine, so that no crowd in the network takes all places.
const IN_LINE_HERE_MAX: usize = 64;
/// The same by the local socket.
const IN_LINE_BY_SOCKET_MAX: usize = 8;
/// As many of the places in line are for one network.
const OF_A_NETWORK: Length = Length { most: 8, most_of_address: 8 };
/// When one that was sent away is to come again.
const COME_AGAIN_S: u64 = 2;

/// Where passwords are hashed.
#[derive(Debug)]
pub(crate) struct Hashing {
    network: Line,
    here: Line,
    socket: Line,
    of_networks: Lines<Network>,
}

#[derive(Debug)]
struct Line {
    places: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Line {
    fn new(places: usize, running: &Arc<Semaphore>) -> Line {
        Line { places: Arc::new(Semaphore::new(places)), running: Arc::clone(running) }
    }
}

impl Default for Hashing {
    fn default() -> Self {
        let running = Arc::new(Semaphore::new(AT_ONCE_MAX));
        let by_socket = Arc::new(Semaphore::new(AT_ONCE_BY_SOCKET_MAX));
        Hashing {
            network: Line::new(IN_LINE_MAX, &running),
            here: Line::new(IN_LINE_HERE_MAX, &running),
            socket: Line::new(IN_LINE_BY_SOCKET_MAX, &by_socket),
            of_networks: Lines::default(),
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
        let full = || {
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "Too many log in at this moment.")
                .after_s(COME_AGAIN_S)
        };
        let line = match network {
            Network::Socket => &self.socket,
            Network::Loopback => &self.here,
            Network::V4(_) | Network::V6(_) => &self.network,
        };
        let place = Arc::clone(&line.places).try_acquire_owned().map_err(|_| full())?;
        let of_network = if network.is_here() {
            None
        } else {
            Some(self.of_networks.stand(network, None, OF_A_NETWORK).ok_or_else(full)?)
        };
        let turn = Arc::clone(&line.running).acquire_owned().await.expect("nobody closes the semaphore");
        let (tell, told) = oneshot::channel();
        let hashing = move || {
            let _held = (place, of_network, turn);
            give_way();
            // Whoever has stopped waiting needs no answer.
            drop(tell.send(job()));
        };
        let failed = |error: &dyn std::error::Error| {
            tracing::error!(%error, "a password could not be hashed");
            Problem::FAILED
        };
        thread::Builder::new().name("poe-password".into()).spawn(hashing).map_err(|error| failed(&error))?;
        told.await.map_err(|error| failed(&error))
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
            let crowd = |networks: u8, of_each: usize| -> Vec<_> {
                let networks = (0..networks).flat_map(|no| vec![Network::V4([10, 0, no]); of_each]);
                networks
                    .map(|network| {
                        let (hashing, gate) = (Arc::clone(&hashing), Arc::clone(&gate));
                        let job = move || gate.lock().unwrap().recv().is_ok();
                        tokio::spawn(async move { hashing.run(network, job).await })
                    })
                    .collect()
            };
            let refused = async |crowd: Vec<tokio::task::JoinHandle<Result<bool, Problem>>>| {
                let mut refused = 0;
                for one in crowd {
                    match one.await.unwrap() {
                        Ok(opened) => assert!(opened),
                        Err(problem) => {
                            assert_eq!(problem.status, StatusCode::TOO_MANY_REQUESTS);
                            refused += 1;
                        }
                    }
                }
                refused
            };
            let first = crowd(1, OF_A_NETWORK.most + 3);
            tokio::task::yield_now().await;
            let rest = crowd(9, OF_A_NETWORK.most);
            tokio::task::yield_now().await;
            // Whoever sits at the machine has a place of their own; by the socket the turn as well.
            assert_eq!(hashing.run(Network::Socket, || ()).await, Ok(()));
            let here = {
                let hashing = Arc::clone(&hashing);
                tokio::spawn(async move { hashing.run(Network::Loopback, || ()).await })
            };
            tokio::task::yield_now().await;
            (0..IN_LINE_MAX).for_each(|_| open.send(()).unwrap());
            assert_eq!(refused(first).await, 3, "one network has its share");
            assert_eq!(refused(rest).await, 9 * OF_A_NETWORK.most + OF_A_NETWORK.most - IN_LINE_MAX);
            assert_eq!(here.await.unwrap(), Ok(()));
        });
    }
}

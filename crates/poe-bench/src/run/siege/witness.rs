//! Somebody at the machine who asks again and again whether the server is ready.

use crate::failure::Failure;
use crate::run::client::Client;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_millis(100);

/// Asks until it is ended.
pub struct Witness {
    asking: JoinHandle<Result<Vec<Duration>, Failure>>,
    ended: Arc<AtomicBool>,
}

impl Witness {
    pub fn of(client: &Client) -> Self {
        let (client, ended) = (client.clone(), Arc::<AtomicBool>::default());
        let asking = thread::spawn({
            let ended = Arc::clone(&ended);
            move || {
                let mut waits = Vec::new();
                while !ended.load(Relaxed) {
                    let asked = Instant::now();
                    client.fetch("/readyz")?;
                    waits.push(asked.elapsed());
                    thread::sleep(EVERY);
                }
                Ok(waits)
            }
        });
        Self { asking, ended }
    }

    /// How long each answer took; an error, if one was no yes.
    pub fn end(self) -> Result<Vec<Duration>, Failure> {
        self.ended.store(true, Relaxed);
        self.asking.join().map_err(|_| Failure::new("the thread that asks has failed"))?
    }
}

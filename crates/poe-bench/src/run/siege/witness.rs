//! Who looks on: somebody at the machine who asks again and again whether the server is ready, and how fast the disk is.

use crate::failure::{Doing, Failure};
use crate::run::client::Client;
use crate::run::latency::Disk;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_millis(100);

/// Looks until it is ended.
pub struct Witness {
    looking: JoinHandle<Result<Vec<Duration>, Failure>>,
    ended: Arc<AtomicBool>,
}

impl Witness {
    /// How long the server takes to say that it is ready; an error, if it does not.
    pub fn of_readiness(client: &Client) -> Self {
        let client = client.clone();
        Self::of(move || {
            let asked = Instant::now();
            client.fetch("/readyz")?;
            Ok(asked.elapsed())
        })
    }

    /// How long a bare sync takes.
    pub fn of_disk(folder: &Path) -> Result<Self, Failure> {
        let doing = || "measure the disk".into();
        let mut disk = Disk::of(folder).doing(doing)?;
        Ok(Self::of(move || disk.sync().doing(doing)))
    }

    fn of(mut look: impl FnMut() -> Result<Duration, Failure> + Send + 'static) -> Self {
        let ended = Arc::<AtomicBool>::default();
        let looking = thread::spawn({
            let ended = Arc::clone(&ended);
            move || {
                let mut took = Vec::new();
                while !ended.load(Relaxed) {
                    took.push(look()?);
                    thread::sleep(EVERY);
                }
                Ok(took)
            }
        });
        Self { looking, ended }
    }

    /// How long each took.
    pub fn end(self) -> Result<Vec<Duration>, Failure> {
        self.ended.store(true, Relaxed);
        self.looking.join().map_err(|_| Failure::new("the thread that looks on has failed"))?
    }
}

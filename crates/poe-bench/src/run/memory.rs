//! The most memory that a server has had meanwhile.

use super::server::{self, Server};
use crate::failure::Failure;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Looks at it until it is asked.
pub struct Highest {
    watch: JoinHandle<Result<u64, Failure>>,
    ended: Arc<AtomicBool>,
}

impl Highest {
    pub fn watch(server: &Server) -> Self {
        let (pid, ended) = (server.pid(), Arc::<AtomicBool>::default());
        let watch = thread::spawn({
            let ended = Arc::clone(&ended);
            move || {
                let mut highest = 0;
                while !ended.load(Relaxed) {
                    highest = highest.max(server::resident_bytes_of(pid)?);
                    thread::sleep(Duration::from_millis(20));
                }
                Ok(highest)
            }
        });
        Self { watch, ended }
    }

    pub fn megabytes(self) -> Result<f64, Failure> {
        self.ended.store(true, Relaxed);
        let highest = self.watch.join().map_err(|_| Failure::new("the thread that watches has failed"))??;
        Ok(highest as f64 / 1e6)
    }
}

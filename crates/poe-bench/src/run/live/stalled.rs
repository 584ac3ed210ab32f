//! Clients that follow everything and read nothing of it, and the memory that the server has meanwhile.

use crate::failure::Failure;
use crate::run::local::Local;
use crate::run::server::{self, Server};
use std::io::{BufReader, Read};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Clients that read nothing.
pub struct Deaf(Vec<BufReader<UnixStream>>);

impl Deaf {
    pub fn follow(local: &Local, count: u32) -> Result<Self, Failure> {
        (0..count).map(|_| local.follow_some("")).collect::<Result<_, _>>().map(Self)
    }

    /// How many the server still holds after a while. What was on its way to those that it has cut can still be read.
    pub fn await_cut(self, within: Duration) -> u32 {
        let until = Instant::now() + within;
        thread::sleep(within.min(Duration::from_secs(15)));
        let mut left = 0;
        for mut stream in self.0 {
            let patience = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(50));
            let mut ends = || {
                stream.get_ref().set_read_timeout(Some(patience))?;
                // Whoever is cut gets the socket's buffer and then the end.
                stream.get_mut().take(4 << 20).read_to_end(&mut Vec::new())
            };
            left += u32::from(!ends().is_ok_and(|count| count < 4 << 20));
        }
        left
    }
}

/// The most memory that a server has had.
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

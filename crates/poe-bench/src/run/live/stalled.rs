//! Clients that follow everything and read nothing of it.

use crate::failure::Failure;
use crate::run::client::{Client, Stream};
use std::io::{BufReader, Read};
use std::thread;
use std::time::{Duration, Instant};

/// Clients that read nothing.
pub struct Deaf(Vec<BufReader<Stream>>);

impl Deaf {
    pub fn follow(client: &Client, count: u32) -> Result<Self, Failure> {
        (0..count).map(|_| client.follow_some("")).collect::<Result<_, _>>().map(Self)
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

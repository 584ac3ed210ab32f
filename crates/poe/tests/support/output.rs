//! What a process says.

use super::LOOK_EVERY;
use std::{
    io::{BufRead, BufReader, Read},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
};

/// What a process writes, read as it comes so that it never waits for us.
#[derive(Debug)]
pub(super) struct Output {
    text: Arc<Mutex<String>>,
    unread: Arc<AtomicBool>,
    reader: Option<thread::JoinHandle<()>>,
}

impl Output {
    pub(super) fn collect(from: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let into = Arc::clone(&text);
        let unread = Arc::new(AtomicBool::new(false));
        let is_unread = Arc::clone(&unread);
        let read = move || {
            let mut from = BufReader::new(from);
            let mut line = Vec::new();
            while from.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
                let mut text = into.lock().unwrap_or_else(PoisonError::into_inner);
                text.push_str(&String::from_utf8_lossy(&line));
                drop(text);
                line.clear();
                while is_unread.load(Relaxed) {
                    thread::sleep(LOOK_EVERY);
                }
            }
        };
        Self { text, unread, reader: Some(thread::spawn(read)) }
    }

    pub(super) fn text(&self) -> MutexGuard<'_, String> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn lines(&self, beginning: &str) -> Vec<String> {
        self.text().lines().filter_map(|line| line.strip_prefix(beginning)).map(str::to_owned).collect()
    }

    /// Stops reading, as a terminal does whose screen is held.
    pub(super) fn stop_reading(&self) {
        self.unread.store(true, Relaxed);
    }

    /// Once the process has ended, waits for its last words.
    pub(super) fn finish(&mut self) {
        self.unread.store(false, Relaxed);
        if let Some(reader) = self.reader.take() {
            reader.join().ok();
        }
    }
}

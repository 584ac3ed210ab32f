//! The one-time token by which the first administrator proves to be at the machine.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use aws_lc_rs::constant_time::verify_slices_are_equal;

use crate::auth::{hex, random};

/// Time to read the terminal, go to a browser and think of a password.
const VALID_FOR: Duration = Duration::from_secs(30 * 60);
/// 128 bits.
const BYTES: usize = 16;
const FILE: &str = "setup-token";

/// The one-time token of a server without any account. Its file goes with it.
pub struct SetupToken {
    text: String,
    made: Instant,
    file: PathBuf,
    retired: AtomicBool,
}

impl fmt::Debug for SetupToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetupToken").field("file", &self.file).finish_non_exhaustive()
    }
}

/// What a token is that somebody shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Right,
    Wrong,
    /// Whichever it is, none is good any more.
    Late,
}

impl SetupToken {
    /// Makes a token and keeps it in a file of the data folder that only its owner reads.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn make(data_dir: &Path) -> io::Result<Arc<SetupToken>> {
        Self::remove_left_over(data_dir)?;
        let file = data_dir.join(FILE);
        let token = SetupToken {
            text: hex(&random::<BYTES>()),
            made: Instant::now(),
            file,
            retired: AtomicBool::default(),
        };
        let mut open: File = File::options().write(true).create_new(true).mode(0o600).open(&token.file)?;
        writeln!(open, "{}", token.text)?;
        Ok(Arc::new(token))
    }

    /// Removes the file that a server has left behind which was killed.
    ///
    /// # Errors
    /// There is one, and it cannot be removed.
    pub fn remove_left_over(data_dir: &Path) -> io::Result<()> {
        match fs::remove_file(data_dir.join(FILE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The token, for whoever sits at the terminal.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file that holds it.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Whether it is good for nothing any more.
    pub(crate) fn has_expired(&self) -> bool {
        self.made.elapsed() >= VALID_FOR
    }

    /// Removes its file; whoever shows it is still told that it has expired. True for the first who does.
    pub(crate) fn retire(&self) -> bool {
        let is_first = !self.retired.swap(true, Relaxed);
        if is_first {
            // Gone already is as well; and a file that stays holds a token that is good for nothing.
            fs::remove_file(&self.file).ok();
        }
        is_first
    }

    pub(crate) fn judge(&self, shown: &str) -> Shown {
        if self.has_expired() {
            Shown::Late
        } else if verify_slices_are_equal(shown.as_bytes(), self.text.as_bytes()).is_ok() {
            Shown::Right
        } else {
            Shown::Wrong
        }
    }
}

impl Drop for SetupToken {
    fn drop(&mut self) {
        self.retire();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_setup_token_is_its_owners_for_half_an_hour() {
        let folder = tempfile::tempdir().unwrap();
        let token = SetupToken::make(folder.path()).unwrap();
        let mode = fs::metadata(token.file()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_to_string(token.file()).unwrap(), format!("{}\n", token.text()));
        assert_eq!((token.text().len(), token.judge(token.text())), (32, Shown::Right));
        for wrong in ["", &token.text()[1..], &token.text().to_uppercase(), &hex(&random::<BYTES>())] {
            let expected = if *wrong == *token.text() { Shown::Right } else { Shown::Wrong };
            assert_eq!(token.judge(wrong), expected);
        }
        assert!(!format!("{token:?}").contains(token.text()));
        let file = token.file().to_owned();
        drop(token);
        assert!(!file.exists());
        // A machine that was started less than half an hour ago cannot tell of earlier times.
        if let Some(made) = Instant::now().checked_sub(VALID_FOR) {
            let late = SetupToken { text: "x".to_owned(), made, file, retired: AtomicBool::default() };
            assert_eq!(late.judge("x"), Shown::Late);
        }
    }
}

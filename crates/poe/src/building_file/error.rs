//! What is wrong with a building file, and in which line.

use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// The file, as the caller called it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The path of the key, such as `place.within`; empty, if it is not about a key.
    pub key: String,
    /// What is wrong, and what to try.
    pub what: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, key, what } = self;
        match key.is_empty() {
            true => write!(f, "{file}:{line}: {what}"),
            false => write!(f, "{file}:{line}: {key}: {what}"),
        }
    }
}

impl std::error::Error for FileError {}

/// Something that is wrong at a byte of the text.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) at: usize,
    pub(super) key: String,
    pub(super) what: String,
}

/// Where the lines of a text begin.
pub(super) struct Lines {
    ends: Vec<usize>,
}

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        Self { ends: text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect() }
    }

    pub(super) fn error(&self, file: &str, Found { at, key, what }: Found) -> FileError {
        // A line's end belongs to the line.
        let line = self.ends.partition_point(|&end| end < at) + 1;
        FileError { file: file.to_owned(), line, key, what }
    }
}

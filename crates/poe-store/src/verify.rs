//! The walk along the journal's whole chain: was anything changed, taken out or put in?

use crate::{
    OpenError,
    chain::{Hash, Link, NOTHING},
    error::in_one_line,
    mark::{self, Found},
    migrations::WITH_JOURNAL,
    reader,
    state::{COLUMN_COUNT, COLUMNS},
};
use rusqlite::{Connection, ErrorCode, Row, types::ValueRef};
use std::{fmt, path::Path};

/// What a walk along the chain has found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// How many entries are as they were written. All of them, if nothing was found.
    pub entries: u64,
    /// The last of these.
    pub last: u64,
    /// The first thing that is wrong. What comes after it cannot be told from it.
    pub finding: Option<Finding>,
}

/// What is wrong with a journal, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Finding {
    /// The entry is not as it was written.
    Changed {
        /// The entry.
        seq: u64,
    },
    /// The entry was written and is not there.
    Missing {
        /// The entry.
        seq: u64,
    },
    /// The entry was not written by the server.
    Added {
        /// Its number, which may be one that no entry has.
        seq: i64,
    },
    /// The entries fit each other, and not the mark: somebody has written them anew.
    Rewritten {
        /// The entry that the mark tells of.
        seq: u64,
    },
    /// The entries fit each other, but without a mark nobody can tell whether the latest are there.
    NoMark {
        /// Why there is none.
        why: String,
    },
    /// The file is damaged.
    Unreadable {
        /// The last entry that could be read.
        after: u64,
        /// What SQLite found.
        detail: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { seq } => write!(f, "entry {seq} was changed"),
            Self::Missing { seq } => write!(f, "entry {seq} is missing"),
            Self::Added { seq } => write!(f, "entry {seq} was added"),
            Self::Rewritten { seq } => {
                write!(f, "the entries up to {seq} were written anew: they do not fit the mark")
            }
            Self::NoMark { why } => {
                write!(f, "the mark {why}, so that nobody can tell whether the latest entries are missing")
            }
            Self::Unreadable { after, detail } => write!(f, "damaged after entry {after}: {detail}"),
        }
    }
}

/// Why a journal could not be looked through.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// `state.db` cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// `state.db` is from before there was a journal.
    #[error("there is no journal yet: the server that wrote this folder kept none")]
    NoJournal,
    /// Anything else that SQLite said.
    #[error("cannot read the journal: {0}")]
    Sqlite(rusqlite::Error),
}

/// Walks along the whole chain of the journal in this data folder. A server may be at work on it: then what was committed
/// when the walk began is looked at.
///
/// # Errors
/// The journal cannot be looked through at all. What is wrong with it is no error but what was asked for.
pub fn verify(folder: &Path) -> Result<Verified, VerifyError> {
    // Before the entries: a mark that is read later might tell of entries that are committed meanwhile.
    let mark = mark::read(folder);
    let unreadable = |detail| {
        let finding = Some(Finding::Unreadable { after: 0, detail });
        Ok(Verified { entries: 0, last: 0, finding })
    };
    let connection = match reader::open(folder) {
        Ok((_, _, version)) if version < WITH_JOURNAL => return Err(VerifyError::NoJournal),
        Ok((_, connection, _)) => connection,
        Err(OpenError::Damaged { detail, .. }) => return unreadable(detail),
        Err(OpenError::NotADatabase { .. }) => return unreadable("it is not an SQLite database".to_owned()),
        Err(error) => return Err(error.into()),
    };
    let mut walk = Walk::new(mark);
    let finding = match walk.along(&connection).map_err(in_one_line) {
        Ok(finding) => finding.or_else(|| walk.end()),
        Err(error) if is_damage(&error) => {
            Some(Finding::Unreadable { after: walk.last, detail: error.to_string() })
        }
        Err(error) => return Err(VerifyError::Sqlite(error)),
    };
    Ok(Verified { entries: walk.entries, last: walk.last, finding })
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::SystemIoFailure)
    )
}

struct Walk {
    mark: Found,
    link: Link,
    entries: u64,
    /// The last entry that was as it should be, and its hash.
    last: u64,
    hash: Hash,
}

impl Walk {
    fn new(mark: Found) -> Self {
        Self { mark, link: Link::default(), entries: 0, last: 0, hash: NOTHING }
    }

    /// Goes on until something is wrong.
    fn along(&mut self, connection: &Connection) -> rusqlite::Result<Option<Finding>> {
        connection.pragma_update(None, "cell_size_check", true)?;
        // The whole table in its own order: an index could be damaged and leave something out.
        let sql = format!("SELECT {COLUMNS}, hash FROM journal NOT INDEXED ORDER BY seq");
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let finding = self.step(row)?;
            if finding.is_some() {
                return Ok(finding);
            }
        }
        Ok(None)
    }

    fn step(&mut self, row: &Row<'_>) -> rusqlite::Result<Option<Finding>> {
        let number: i64 = row.get(0)?;
        let Some(seq) = u64::try_from(number).ok().filter(|seq| *seq > self.last) else {
            return Ok(Some(Finding::Added { seq: number }));
        };
        let next = self.last + 1;
        let marked = match &self.mark {
            Found::Mark(mark) => Some(mark.end),
            _ => None,
        };
        if seq > next && marked.is_some_and(|mark| next <= mark.seq) {
            return Ok(Some(Finding::Missing { seq: next }));
        }
        self.link.after(&self.hash);
        for column in 0..COLUMN_COUNT {
            self.link.column(row.get_ref(column)?);
        }
        let hash = self.link.hash();
        let fits = matches!(row.get_ref(COLUMN_COUNT)?, ValueRef::Blob(stored) if stored == hash);
        Ok(match (fits, seq > next) {
            (true, true) => Some(Finding::Missing { seq: next }),
            // Beyond the mark there may be entries of a server that was killed before it could move the mark, and
            // these come one after the other.
            (false, true) => Some(Finding::Added { seq: number }),
            (false, false) if marked.is_some_and(|mark| seq > mark.seq) => {
                Some(Finding::Added { seq: number })
            }
            (false, false) => Some(Finding::Changed { seq }),
            (true, false) if marked.is_some_and(|mark| mark.seq == seq && mark.hash != hash) => {
                Some(Finding::Rewritten { seq })
            }
            (true, false) => {
                (self.entries, self.last, self.hash) = (self.entries + 1, seq, hash);
                None
            }
        })
    }

    /// What the end of the journal tells.
    fn end(&self) -> Option<Finding> {
        let why = match &self.mark {
            Found::Mark(mark) => {
                return (self.last < mark.end.seq).then_some(Finding::Missing { seq: self.last + 1 });
            }
            Found::Nothing if self.last == 0 => return None,
            Found::Nothing => "is missing".to_owned(),
            Found::Damaged => "is damaged".to_owned(),
            Found::Unreadable(cause) => format!("cannot be read ({cause})"),
        };
        Some(Finding::NoMark { why })
    }
}

//! The journal and the model for those who read: beside a server that runs, or in the folder of one that was stopped.

use crate::{
    OpenError,
    fields::{Fields, read_all, signed},
    inside::Inside,
    migrations::{WITH_JOURNAL, latest, version},
    state,
};
use poe_building::{AlarmId, Class, Entry, Model, Source, Time};
use rusqlite::{Connection, OpenFlags, ToSql, config::DbConfig};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// A writer holds a lock only while it commits, or moves its log.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// Entries that a search looks through at a time: some 10 ms. Whoever moves the log waits for no more than that.
const AT_ONCE: u64 = 20_000;

/// An entry as it is in the journal, with the stamps that were found out later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredEntry {
    /// The entry.
    pub entry: Entry,
    /// When it was durable. Only known of signals, and a second later than the entry.
    pub committed: Option<Time>,
    /// When somebody was told of it.
    pub notified: Option<Time>,
    /// What chains it to the entry before; `None` if somebody took it away.
    pub hash: Option<[u8; 32]>,
}

/// Which entries are wanted. What is `None` does not matter.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct EntryFilter {
    /// This kind, or all kinds of this subject: `alarm` is all of `alarm.*`.
    pub kind: Option<String>,
    /// About a signal of this class.
    pub class: Option<Class>,
    /// About this; for a node also about its sensors.
    pub source: Option<Source>,
    /// About what stands in a place, or about the place itself. The `source` does not matter then.
    pub inside: Option<Inside>,
    /// About this alarm.
    pub alarm: Option<AlarmId>,
    /// Brought about by whoever has this name.
    pub who: Option<String>,
    /// Decided at this time or later.
    pub from: Option<Time>,
    /// Decided before this time.
    pub to: Option<Time>,
}

/// Where a search begins, and which way it goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Search {
    /// After this entry, on to the newest.
    After(u64),
    /// Before this entry, back to the oldest.
    Before(u64),
}

/// What a search has found.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Found {
    /// In the order in which they were looked at.
    pub entries: Vec<StoredEntry>,
    /// The entry that was looked at last, from where the search can go on; `None` if there is nothing more.
    pub next: Option<u64>,
}

/// Reads the journal of a data folder. It belongs to one thread; it keeps nobody from writing.
#[derive(Debug)]
pub struct JournalReader {
    path: PathBuf,
    /// `None` if the file is from before there was a journal.
    connection: Option<Connection>,
}

impl JournalReader {
    /// Opens `state.db` in this folder, only to be read.
    ///
    /// # Errors
    /// There is none, or it is none of ours.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let (path, connection, version) = open(folder)?;
        Ok(Self { path, connection: (version >= WITH_JOURNAL).then_some(connection) })
    }

    /// Up to `limit` entries after this number, the oldest first.
    ///
    /// # Errors
    /// The file cannot be read, or an entry is not one that could have been written.
    pub fn entries(
        &self,
        after: u64,
        filter: &EntryFilter,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, OpenError> {
        self.read(&[("seq > ?", after)], filter, "ORDER BY seq", limit)
    }

    /// The last `limit` entries, the newest first; those before this number, if one is given.
    ///
    /// # Errors
    /// As of [`JournalReader::entries`].
    pub fn last(
        &self,
        before: Option<u64>,
        filter: &EntryFilter,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, OpenError> {
        self.read(&[("seq < ?", before.unwrap_or(u64::MAX))], filter, "ORDER BY seq DESC", limit)
    }

    /// Up to `limit` entries that `is_meant` takes, or as many as are found until the time is over: most filters have no
    /// index, and a journal can be so long that nobody waits for the end of it.
    ///
    /// # Errors
    /// As of [`JournalReader::entries`].
    pub fn search(
        &self,
        search: Search,
        filter: &EntryFilter,
        limit: usize,
        within: Duration,
        is_meant: impl Fn(&Entry) -> bool,
    ) -> Result<Found, OpenError> {
        let Some((first, last)) = self.ends()? else { return Ok(Found::default()) };
        let begun = Instant::now();
        let mut entries = Vec::new();
        let mut at = match search {
            Search::After(seq) => seq.max(first.saturating_sub(1)),
            Search::Before(seq) => seq.min(last.saturating_add(1)),
        };
        let is_end = |at: u64| match search {
            Search::After(_) => at >= last,
            Search::Before(_) => at <= first,
        };
        while !is_end(at) && entries.len() < limit {
            let (end, part) = match search {
                Search::After(_) => {
                    let end = at.saturating_add(AT_ONCE);
                    (end, self.read(&[("seq > ?", at), ("seq <= ?", end)], filter, "ORDER BY seq", limit)?)
                }
                Search::Before(_) => {
                    let end = at.saturating_sub(AT_ONCE);
                    (
                        end,
                        self.read(&[("seq < ?", at), ("seq >= ?", end)], filter, "ORDER BY seq DESC", limit)?,
                    )
                }
            };
            at = part.last().filter(|_| part.len() == limit).map_or(end, |last| last.entry.seq);
            for stored in part {
                if is_meant(&stored.entry) {
                    let seq = stored.entry.seq;
                    entries.push(stored);
                    if entries.len() == limit {
                        at = seq;
                        break;
                    }
                }
            }
            if begun.elapsed() >= within {
                break;
            }
        }
        Ok(Found { entries, next: (!is_end(at)).then_some(at) })
    }

    /// The numbers of the first entry and of the last.
    fn ends(&self) -> Result<Option<(u64, u64)>, OpenError> {
        let Some(connection) = &self.connection else { return Ok(None) };
        let ends = connection.query_row(
            "SELECT (SELECT min(seq) FROM journal), (SELECT max(seq) FROM journal)",
            [],
            |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)),
        );
        match ends.map_err(|cause| OpenError::sqlite(&self.path, "read", cause))? {
            (Some(first), Some(last)) => Ok(Some((first.max(0) as u64, last.max(0) as u64))),
            _ => Ok(None),
        }
    }

    fn read(
        &self,
        places: &[(&str, u64)],
        filter: &EntryFilter,
        order: &str,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, OpenError> {
        let Some(connection) = &self.connection else { return Ok(Vec::new()) };
        let mut wanted = Wanted::default();
        for (place, seq) in places {
            wanted.add(place, [signed(*seq)]);
        }
        wanted.filter(filter);
        wanted.parameters.push(Box::new(i64::try_from(limit).unwrap_or(i64::MAX)));
        let sql = format!(
            "SELECT {}, committed_us, notified_us, hash FROM journal LEFT JOIN stamps USING (seq)
             WHERE {} {order} LIMIT ?",
            state::COLUMNS,
            wanted.conditions.join(" AND ")
        );
        let parameters: Vec<&dyn ToSql> = wanted.parameters.iter().map(AsRef::as_ref).collect();
        read_all(connection, "journal", &sql, &parameters, |fields| {
            Ok(StoredEntry {
                entry: state::read_entry(fields)?,
                committed: fields.maybe(1, Fields::time)?,
                notified: fields.maybe(1, Fields::time)?,
                hash: fields.hash()?,
            })
        })
        .map_err(|flaw| flaw.of(&self.path))
    }
}

/// Conditions, and what stands for the question marks in them.
#[derive(Default)]
struct Wanted {
    conditions: Vec<String>,
    parameters: Vec<Box<dyn ToSql>>,
}

impl Wanted {
    fn add<T: ToSql + 'static>(&mut self, condition: &str, parameters: impl IntoIterator<Item = T>) {
        self.conditions.push(condition.to_owned());
        self.parameters.extend(parameters.into_iter().map(|parameter| Box::new(parameter) as Box<dyn ToSql>));
    }

    fn filter(&mut self, filter: &EntryFilter) {
        let EntryFilter { kind, class, source, inside, alarm, who, from, to } = filter;
        if let Some(kind) = kind {
            // The character after the dot is the slash.
            self.add(
                "(kind = ? OR kind > ? AND kind < ?)",
                [kind.clone(), format!("{kind}."), format!("{kind}/")],
            );
        }
        if let Some(class) = class {
            self.add("class = ?", [class.name()]);
        }
        match source.as_ref().filter(|_| inside.is_none()) {
            // The character after the underscore, which stands between a node's address and the sensor's number.
            Some(Source::Node(address)) => self.add(
                "(source_kind = 'node' AND source = ? OR source_kind = 'sensor' AND source > ? AND source < ?)",
                [address.to_string(), format!("{address}_"), format!("{address}`")],
            ),
            Some(source) => {
                self.add("source_kind = ? AND source = ?", [source.kind().to_owned(), source.to_string()]);
            }
            None => {}
        }
        if let Some(inside) = inside {
            let (condition, parameters) = inside.condition();
            self.add(condition, parameters);
        }
        if let Some(alarm) = alarm {
            self.add("alarm = ?", [signed(alarm.0)]);
        }
        if let Some(who) = who {
            self.add("who = ?", [who.clone()]);
        }
        if let Some(from) = from {
            self.add("decided_us >= ?", [from.0]);
        }
        if let Some(to) = to {
            self.add("decided_us < ?", [to.0]);
        }
    }
}

/// Reads the model of the building in a data folder; the one that a new server begins with, if there is none.
///
/// # Errors
/// There is no `state.db`, or what is in it could not have been written.
pub fn read_model(folder: &Path) -> Result<Model, OpenError> {
    let (path, connection, version) = open(folder)?;
    if version < WITH_JOURNAL {
        return Ok(Model::default());
    }
    // The tables of a model belong together, so they are read as they were at one moment.
    let transaction =
        connection.unchecked_transaction().map_err(|cause| OpenError::sqlite(&path, "read", cause))?;
    state::read_model(&transaction).map_err(|flaw| flaw.of(&path))
}

/// Whether `state.db` in this folder was written by this version of the program, or by one with the same schema.
///
/// # Errors
/// There is none, or it is none of ours.
pub fn schema_is_current(folder: &Path) -> Result<bool, OpenError> {
    Ok(open(folder)?.2 == latest())
}

/// Opens `state.db` in this folder, only to be read, and tells its version.
pub(crate) fn open(folder: &Path) -> Result<(PathBuf, Connection, i64), OpenError> {
    let path = folder.join("state.db");
    // SQLite has no words for a file that is not there.
    fs::metadata(&path).map_err(|cause| OpenError::File { path: path.clone(), cause })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let prepared = Connection::open_with_flags(&path, flags).and_then(|connection| {
        connection.busy_timeout(BUSY_WAIT)?;
        // Whoever only reads leaves file and log as they are, also when nobody else has them open.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        Ok(connection)
    });
    let connection = prepared.map_err(|cause| OpenError::sqlite(&path, "open", cause))?;
    let version = version(&path, &connection)?;
    Ok((path, connection, version))
}

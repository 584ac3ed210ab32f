//! The journal's rows: appended and chained, and read for where they end.

use crate::{
    chain::{Hash, Link, NOTHING},
    fields::{Fields, Flaw, signed},
};
use poe_building::{AlarmId, Class, Entry, LastRun, Source, State, Time};
use rusqlite::{
    Connection, OptionalExtension, Transaction,
    types::{ToSqlOutput, ValueRef},
};
use std::fmt::Write;

/// The columns that are hashed, in the order in which they are, `seq` first.
pub(crate) const COLUMNS: &str = "seq, received_us, decided_us, kind, class, source_kind, source, rule, alarm, state, \
                                  value, who, origin, text";
/// How many there are.
pub(crate) const COLUMN_COUNT: usize = 14;

/// Where the journal ends: its last entry's number and hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct End {
    pub(crate) seq: u64,
    pub(crate) hash: Hash,
}

impl End {
    /// Of a journal that holds nothing.
    pub(crate) const NONE: Self = Self { seq: 0, hash: NOTHING };
}

/// Appends the entries after this end, and tells the new one. An entry that is there already is left out: after a failure
/// of the other file the same batch comes once more.
pub(crate) fn append(transaction: &Transaction<'_>, entries: &[Entry], end: End) -> rusqlite::Result<End> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO journal (seq, received_us, decided_us, kind, class, source_kind, source, rule, alarm, state, value,
         who, origin, text, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?;
    let (last, mut end) = (end.seq, end);
    let mut link = Link::default();
    let mut source = String::new();
    for entry in entries.iter().skip_while(|entry| entry.seq <= last) {
        link.after(&end.hash);
        for (at, column) in (1..).zip(columns(entry, &mut source)) {
            link.column(column);
            insert.raw_bind_parameter(at, ToSqlOutput::Borrowed(column))?;
        }
        let hash = link.hash();
        insert.raw_bind_parameter(COLUMN_COUNT + 1, hash.as_slice())?;
        insert.raw_execute()?;
        end = End { seq: entry.seq, hash };
    }
    Ok(end)
}

fn columns<'a>(entry: &'a Entry, source: &'a mut String) -> [ValueRef<'a>; COLUMN_COUNT] {
    let word = |word: Option<&'a str>| word.map_or(ValueRef::Null, ValueRef::from);
    source.clear();
    if let Some(named) = &entry.source {
        write!(source, "{named}").expect("a string takes any text");
    }
    [
        ValueRef::Integer(signed(entry.seq)),
        ValueRef::Integer(entry.received.0),
        ValueRef::Integer(entry.decided.0),
        entry.kind.name().into(),
        word(entry.class.map(Class::name)),
        word(entry.source.as_ref().map(Source::kind)),
        word(entry.source.is_some().then_some(source)),
        word(entry.rule.as_deref()),
        entry.alarm.map_or(ValueRef::Null, |alarm| ValueRef::Integer(signed(alarm.0))),
        word(entry.state.map(State::name)),
        entry.value.map_or(ValueRef::Null, |value| ValueRef::Integer(value.into())),
        word(entry.who.as_ref().map(|who| &*who.name)),
        word(entry.who.as_ref().map(|who| &*who.origin)),
        (&*entry.text).into(),
    ]
}

/// Reads the [`COLUMNS`] of an entry.
pub(crate) fn read(fields: &mut Fields<'_>) -> Result<Entry, Flaw> {
    Ok(Entry {
        seq: fields.number()?,
        received: fields.time()?,
        decided: fields.time()?,
        kind: fields.word()?,
        class: fields.maybe(1, Fields::word)?,
        source: fields.maybe(2, Fields::source)?,
        rule: fields.maybe(1, Fields::text)?,
        alarm: fields.maybe(1, |fields| fields.number().map(AlarmId))?,
        state: fields.maybe(1, Fields::word)?,
        value: fields.maybe(1, Fields::number)?,
        who: fields.maybe(2, Fields::who)?,
        text: fields.text()?,
    })
}

/// Where the journal ends. What is wrong with its last entry is for the mark and for a walk along the chain to tell, and no
/// reason not to go on.
pub(crate) fn end(connection: &Connection) -> rusqlite::Result<End> {
    let last = connection
        .query_row("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1", [], |row| {
            let hash = row.get_ref(1)?.as_blob().ok().and_then(|hash| hash.try_into().ok());
            Ok((row.get::<_, i64>(0)?, hash.unwrap_or(NOTHING)))
        })
        .optional()?;
    Ok(match last {
        // Numbers begin with 1: what is before was put there by somebody else.
        Some((seq @ 1.., hash)) => End { seq: seq as u64, hash },
        _ => End::NONE,
    })
}

/// The hash of an entry; `None` if it is not there or has none.
pub(crate) fn hash(connection: &Connection, seq: u64) -> rusqlite::Result<Option<Hash>> {
    let found = connection
        .query_row("SELECT hash FROM journal WHERE seq = ?1", [signed(seq)], |row| {
            Ok(row.get_ref(0)?.as_blob().ok().and_then(|hash| hash.try_into().ok()))
        })
        .optional()?;
    Ok(found.flatten())
}

/// How the run before this one ended.
pub(crate) fn last_run(connection: &Connection) -> rusqlite::Result<LastRun> {
    let latest: Option<String> = connection
        .query_row(
            "SELECT kind FROM journal WHERE kind IN ('server.started', 'server.stopped')
             ORDER BY seq DESC LIMIT 1",
            [],
            |row| row.get(0),
        )
        .optional()?;
    match latest.as_deref() {
        None => Ok(LastRun::None),
        Some("server.stopped") => Ok(LastRun::Stopped),
        Some(_) => connection
            .query_row("SELECT decided_us FROM journal ORDER BY seq DESC LIMIT 1", [], |row| row.get(0))
            .map(|decided| LastRun::Broken(Time(decided))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poe_building::EntryKind;

    #[test]
    fn a_start_finds_the_latest_run_without_reading_the_whole_journal() {
        let connection = Connection::open_in_memory().unwrap();
        crate::migrations::migrate(":memory:".as_ref(), &connection).unwrap();
        let plan: String = connection
            .query_row(
                "EXPLAIN QUERY PLAN SELECT kind FROM journal WHERE kind IN ('server.started', 'server.stopped')
                 ORDER BY seq DESC LIMIT 1",
                [],
                |row| row.get(3),
            )
            .unwrap();
        assert!(plan.contains("journal_runs"), "{plan}");
        for kind in [EntryKind::ServerStarted, EntryKind::ServerStopped] {
            assert!(include_str!("../migrations/2.sql").contains(&format!("'{}'", kind.name())));
        }
    }
}

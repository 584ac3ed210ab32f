//! What the copies tell: whether they are sound, and what the manifest says of them.

use super::{
    BackupError, BackupSource, Member,
    archive::hexadecimal,
    parts::{STATE, TABLE},
    spool::Spool,
};
use crate::{
    fields::Flaw,
    mark::{Found, Mark},
    migrations::{WITH_ENROLMENT, WITH_JOURNAL},
    snapshot::{count, find_faults, open_still},
    sqlite::find_damage,
    state,
};
use rusqlite::Connection;
use std::{collections::BTreeSet, path::Path};

/// What a copy of `state.db` tells.
#[derive(Default)]
pub(super) struct StateFacts {
    pub(super) nodes: u64,
    pub(super) sensors: u64,
    pub(super) last_seq: u64,
    pub(super) journal_fault: Option<String>,
    /// A mark for the copied journal; `None`: the one that was found is kept, since it tells of a fault.
    pub(super) mark: Option<Mark>,
    /// The hashes of the pictures that floor plans have.
    pictures: BTreeSet<String>,
}

impl StateFacts {
    /// What it knows of and is not among these.
    pub(super) fn warnings(&self, members: &[Member]) -> Vec<String> {
        let is_there = |name: &str| members.iter().any(|member| member.name == name);
        let missing = self.pictures.iter().filter(|picture| !is_there(&format!("plans/{picture}")));
        missing
            .map(|picture| format!("the picture {picture} of a floor plan is missing in the data folder"))
            .collect()
    }
}

/// How many rows the table has.
pub(super) fn look_at_table(spool: &Spool, source: &BackupSource) -> Result<u64, BackupError> {
    let BackupSource { table_file: path, table, .. } = source;
    let look = || -> rusqlite::Result<Result<u64, String>> {
        let connection = open_still(&spool.join(TABLE))?;
        match find_damage(&connection, Some(table))? {
            Some(detail) => Ok(Err(detail)),
            None => Ok(Ok(count(&connection, table)?)),
        }
    };
    let looked =
        look().map_err(|cause| BackupError::Copy { path: path.clone(), cause: cause.to_string() })?;
    looked.map_err(|detail| BackupError::Damaged { path: path.clone(), detail })
}

/// What the copy of `state.db` tells, which has this schema and beside which this mark was found.
pub(super) fn look_at_state(
    spool: &Spool,
    source: &BackupSource,
    schema: i64,
    found: &Found,
) -> Result<StateFacts, BackupError> {
    let path = source.state_file();
    let read = |copy: &Path| -> Result<Result<StateFacts, String>, Flaw> {
        let connection = open_still(copy)?;
        match find_faults(&connection)? {
            Some(detail) => Ok(Err(detail)),
            None => Ok(Ok(facts(&connection, schema, found)?)),
        }
    };
    let looked = read(&spool.join(STATE)).map_err(|flaw| flaw.of(&path))?;
    looked.map_err(|detail| BackupError::Damaged { path, detail })
}

fn facts(connection: &Connection, schema: i64, found: &Found) -> Result<StateFacts, Flaw> {
    let mut facts = StateFacts::default();
    if schema > 0 {
        (facts.nodes, facts.sensors) = (count(connection, "nodes")?, count(connection, "sensors")?);
    }
    if schema >= WITH_ENROLMENT {
        facts.pictures = pictures(connection)?;
    }
    if schema >= WITH_JOURNAL {
        let end = state::journal_end(connection)?;
        facts.last_seq = end.seq;
        facts.journal_fault = state::find_fault(connection, end, found)?;
        if facts.journal_fault.is_none() {
            let next = state::read_counters(connection)?;
            let next = match found {
                Found::Mark(mark) => state::later(next, mark.next),
                _ => next,
            };
            facts.mark = Some(Mark { end, next });
        }
    }
    Ok(facts)
}

fn pictures(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let mut select = connection.prepare("SELECT DISTINCT hash FROM plans WHERE hash IS NOT NULL")?;
    let hashes = select.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    hashes.map(|hash| Ok(hexadecimal(&hash?))).collect()
}

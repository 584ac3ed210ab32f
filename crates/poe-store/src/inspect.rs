//! What a look at a data folder tells, without a server and beside one.

use crate::{
    OpenError,
    migrations::{WITH_ENROLMENT, WITH_JOURNAL, latest},
    reader,
};
use poe_building::{AlarmId, State, Text, Time};
use rusqlite::Connection;
use std::{fs, path::Path};

/// What is in a data folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inspected {
    /// The schema of `state.db`,
    pub schema: i64,
    /// and the one that this program writes.
    pub schema_latest: i64,
    /// How many people have an account.
    pub users: u64,
    /// The floor plans whose picture's file is missing or has another size than it had.
    pub plans_without_picture: Vec<Text>,
    /// The alarm that nobody has acknowledged for the longest time.
    pub unacknowledged: Option<(AlarmId, Time)>,
}

/// Looks into `state.db` of this folder, only to read.
///
/// # Errors
/// There is none, it is none of ours, or a later program wrote it.
pub fn inspect(folder: &Path) -> Result<Inspected, OpenError> {
    let (path, connection, schema) = reader::open(folder)?;
    read(folder, &connection, schema).map_err(|cause| OpenError::sqlite(&path, "read", cause))
}

fn read(folder: &Path, connection: &Connection, schema: i64) -> rusqlite::Result<Inspected> {
    let users = if schema >= WITH_ENROLMENT { crate::snapshot::count(connection, "users")? } else { 0 };
    let has_plans = schema >= WITH_ENROLMENT;
    let plans_without_picture = if has_plans { without_picture(folder, connection)? } else { Vec::new() };
    let mut unacknowledged = None;
    if schema >= WITH_JOURNAL {
        let mut select = connection.prepare("SELECT id, since_us, state FROM alarms ORDER BY since_us")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let state: String = row.get(2)?;
            if state.parse::<State>().is_ok_and(State::is_unacknowledged) {
                unacknowledged = Some((AlarmId(row.get::<_, i64>(0)?.unsigned_abs()), Time(row.get(1)?)));
                break;
            }
        }
    }
    Ok(Inspected { schema, schema_latest: latest(), users, plans_without_picture, unacknowledged })
}

fn without_picture(folder: &Path, connection: &Connection) -> rusqlite::Result<Vec<Text>> {
    let sql = "SELECT name, lower(hex(hash)), bytes FROM plans WHERE hash IS NOT NULL ORDER BY name";
    let mut select = connection.prepare(sql)?;
    let mut rows = select.query([])?;
    let mut missing = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, hash, bytes): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let file = fs::metadata(folder.join("plans").join(hash));
        if !file.is_ok_and(|file| file.len() == bytes.unsigned_abs()) {
            missing.push(name.into());
        }
    }
    Ok(missing)
}

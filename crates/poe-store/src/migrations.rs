//! The steps from an empty `state.db` to today's schema.

use crate::OpenError;
use rusqlite::Connection;
use std::path::Path;

/// A step that has been released is never changed: files out there have gone through it.
const MIGRATIONS: [&str; 3] =
    [include_str!("migrations/1.sql"), include_str!("migrations/2.sql"), include_str!("migrations/3.sql")];

/// Tables of which a step, by the version that it leads to, takes or makes rows. All others keep every row.
const CHANGED: [(i64, &str); 0] = [];

/// The schema version since which there is a journal, with alarms and a model beside it.
pub(crate) const WITH_JOURNAL: i64 = 2;
/// The schema version since which nodes that are new can be kept out.
pub(crate) const WITH_ENROLMENT: i64 = 3;

/// The schema version of this program.
pub(crate) fn latest() -> i64 {
    MIGRATIONS.len() as i64
}

/// Whether the steps from this version on may take rows of this table, or make some.
pub(crate) fn may_change(found: i64, table: &str) -> bool {
    CHANGED.iter().any(|(step, changed)| *step > found && *changed == table)
}

/// Whether an earlier program wrote the file. One with nothing in it was written by none.
pub(crate) fn is_older(path: &Path, connection: &Connection) -> Result<bool, OpenError> {
    Ok((1..latest()).contains(&version(path, connection)?))
}

/// The version of the file's schema. Refuses one of a later program.
pub(crate) fn version(path: &Path, connection: &Connection) -> Result<i64, OpenError> {
    let known = latest();
    let found: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|cause| OpenError::sqlite(path, "read", cause))?;
    if found > known {
        return Err(OpenError::NewerSchema { path: path.to_owned(), found, known });
    }
    if found < 0 {
        return Err(OpenError::Damaged { path: path.to_owned(), detail: format!("schema version {found}") });
    }
    Ok(found)
}

/// Takes the missing steps, each in a transaction of its own, so that a crash leaves the file before or after one.
pub(crate) fn migrate(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    let found = version(path, connection)?;
    for (step, sql) in (1..).zip(MIGRATIONS).skip(found as usize) {
        let step: i64 = step;
        connection
            .execute_batch(&format!("BEGIN IMMEDIATE; {sql}; PRAGMA user_version = {step}; COMMIT"))
            .inspect_err(|_| _ = connection.execute_batch("ROLLBACK"))
            .map_err(|cause| OpenError::sqlite(path, "bring up to date", cause))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A released migration never changes, not even in a comment: a changed one would leave two kinds of files
    /// with one version. Add a new one instead, and its line here.
    #[test]
    fn migrations_are_frozen() {
        let hashes = MIGRATIONS.map(|sql| {
            // FNV-1a, since the standard library's hash may change with its version.
            let hash = sql.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
            format!("{hash:016x}")
        });
        expect_test::expect![[r#"
            [
                "383b3f4627053858",
                "506fe084d1beef71",
                "f4b2fba9e77a636b",
            ]
        "#]]
        .assert_debug_eq(&hashes);
    }
}

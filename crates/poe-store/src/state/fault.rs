//! What a start finds wrong with the journal: it is compared with its mark, which takes no time. Only a walk along the whole
//! chain finds what was changed in between.

use super::journal::{self, End};
use crate::mark::{self, Found};
use rusqlite::Connection;

/// What is wrong, in words for people. It is no reason not to start: the alarms must ring.
pub(crate) fn find(connection: &Connection, end: End, mark: &Found) -> rusqlite::Result<Option<String>> {
    let fault = match mark {
        Found::Mark(mark) => return behind(connection, end, mark.end),
        _ if end == End::NONE && matches!(mark, Found::Nothing) => return Ok(None),
        Found::Nothing => format!("its mark, {}, is missing", mark::FILE),
        Found::Damaged => format!("its mark, {}, is damaged", mark::FILE),
        Found::Unreadable(cause) => format!("its mark, {}, cannot be read: {cause}", mark::FILE),
    };
    Ok(Some(format!("{fault}; whether the journal has lost its latest entries cannot be told")))
}

fn behind(connection: &Connection, end: End, mark: End) -> rusqlite::Result<Option<String>> {
    if mark.seq == 0 {
        return Ok(None);
    }
    Ok(if end.seq < mark.seq {
        Some(lost(end.seq, mark.seq))
    } else if journal::hash(connection, mark.seq)? != Some(mark.hash) {
        Some(format!("entry {} of the journal is missing, or not the one that was written", mark.seq))
    } else {
        None
    })
}

/// The journal ends with `last` and was once written up to `written`.
pub(crate) fn lost(last: u64, written: u64) -> String {
    let first = last + 1;
    if first == written {
        format!("entry {written} of the journal was written and is missing")
    } else {
        format!("entries {first} to {written} of the journal were written and are missing")
    }
}

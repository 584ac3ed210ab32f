//! The recorder's end: the last readings are kept, or the journal tells that they are missing.

use super::{RETRY_FIRST, RETRY_MAX, Work, chain};
use poe_building::{Changes, Entry, EntryKind, Gap, Source, Time};
use std::{
    sync::PoisonError,
    thread,
    time::{Duration, Instant},
};
use tracing::error;

/// How long readings are still tried after the deadline: who waits for the end waits a second longer, and the journal may
/// need some of it.
const LAST_TRY: Duration = Duration::from_millis(200);

impl Work {
    /// At the end, readings that the log has not taken yet are tried until the deadline. Those that it never takes are a gap,
    /// which the journal tells of.
    pub(super) fn keep_the_last_readings(&mut self) {
        let deadline = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = || deadline.is_none_or(|deadline| deadline <= Instant::now());
        let Some(historian) = &mut self.historian else { return };
        while !historian.catch_up(if is_over() { LAST_TRY } else { RETRY_MAX }) && !is_over() {
            thread::sleep(RETRY_FIRST);
        }
        if let Some(gap) = historian.leave_out_the_rest() {
            self.journal_gap(gap);
        }
    }

    /// Nobody else adds to the journal any more: the engine has handed over its last batch, or is told that all is given up.
    fn journal_gap(&mut self, gap: Gap) {
        let Gap { from, to, readings } = gap;
        let text = format!(
            "{readings} readings between {from} and {to} are missing in the history: its log had not taken them when the \
             server stopped"
        );
        error!("{text}");
        // Without a start in the journal there is no state.db that takes anything.
        let Some((mut next, last)) = self.end else { return };
        let time = Time(jiff::Timestamp::now().as_microsecond()).max(last);
        let entry = Entry {
            seq: next.seq,
            received: time,
            decided: time,
            kind: EntryKind::HistoryGap,
            class: None,
            source: Some(Source::System),
            rule: None,
            alarm: None,
            state: None,
            value: None,
            who: None,
            text: text.into(),
        };
        next.seq += 1;
        let changes = Changes { entries: vec![entry], next: Some(next), ..Changes::default() };
        match self.store.commit_news(&changes, &mut || ()) {
            Ok(()) => self.keep_mark(),
            Err(error) => error!("the journal does not tell of these readings: {}", chain(&error)),
        }
    }
}

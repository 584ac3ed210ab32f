//! Questions to the journal, as a path asks them: of a running server, or of the folder of one that was stopped.

use poe_building::{AlarmId, Class, EntryKind, Model, Time};
use poe_store::{EntryFilter, JournalReader, OpenError, StoredEntry};

use crate::answer::Page;
use crate::problem::Problem;
use crate::request::{self, Params, one_of};
use crate::views::EntryView;

const LIMIT: usize = 100;
/// A page of this size is read in a few milliseconds.
const LIMIT_MAX: usize = 1_000;

/// What somebody wants to know.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    filter: EntryFilter,
    part: Part,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    /// So many entries after this one.
    After(u64, usize),
    /// The last so many, or those before an entry.
    Last(usize, Option<u64>),
}

impl Question {
    /// Reads `?after=&kind=&class=&source=&alarm=&limit=`, or `?last=&before=`.
    pub(crate) fn of(mut params: Params, model: &Model) -> Result<Self, Problem> {
        let filter = filter(&mut params, model)?;
        let (after, before) = (params.number("after")?, params.number("before")?);
        let (limit, last) = (params.limit("limit", LIMIT_MAX)?, params.limit("last", LIMIT_MAX)?);
        params.end()?;
        let part = match last {
            Some(_) if after.is_some() || limit.is_some() => {
                return Err(Problem::unfit("last", "This goes neither with after nor with limit."));
            }
            Some(last) => Part::Last(last, before),
            None if before.is_some() => {
                return Err(Problem::unfit("before", "This goes with last alone."));
            }
            None => Part::After(after.unwrap_or(0), limit.unwrap_or(LIMIT)),
        };
        Ok(Question { filter, part })
    }

    /// The answer; the oldest comes first, whichever part is asked for. `stored_at` knows what was stored just now.
    pub(crate) fn ask(
        &self,
        journal: &JournalReader,
        stored_at: impl Fn(u64) -> Option<Time>,
    ) -> Result<Page<EntryView>, OpenError> {
        let (entries, next) = match self.part {
            Part::After(after, limit) => {
                let entries = journal.entries(after, &self.filter, limit)?;
                let next = entries.last().filter(|_| entries.len() == limit).map(|last| last.entry.seq);
                (entries, next)
            }
            Part::Last(last, before) => {
                let mut entries = journal.last(before, &self.filter, last)?;
                entries.reverse();
                (entries, None)
            }
        };
        let view = |mut stored: StoredEntry| {
            stored.committed = stored.committed.or_else(|| stored_at(stored.entry.seq));
            EntryView::from(stored)
        };
        Ok(Page { items: entries.into_iter().map(view).collect(), next })
    }
}

fn filter(params: &mut Params, model: &Model) -> Result<EntryFilter, Problem> {
    let kind = params.text("kind")?;
    if let Some(kind) = &kind
        && !EntryKind::ALL.iter().any(|known| known.name() == kind || subject(*known) == kind)
    {
        return Err(Problem::unfit("kind", kinds()));
    }
    let class = params.read("class", || one_of(Class::ALL.map(Class::name)))?;
    let (source_kind, source) = (params.text("source_kind")?, params.text("source")?);
    let source = source.map(|name| request::source(&name, source_kind.as_deref(), model)).transpose()?;
    let alarm = params.number("alarm")?.map(AlarmId);
    Ok(EntryFilter { kind, class, source, alarm, ..EntryFilter::default() })
}

/// `alarm` of `alarm.raised`.
fn subject(kind: EntryKind) -> &'static str {
    kind.name().split('.').next().unwrap_or_default()
}

/// All subjects, each once, with words for how to say more.
fn kinds() -> String {
    let mut subjects: Vec<_> = EntryKind::ALL.iter().copied().map(subject).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let all = one_of(subjects);
    format!("{all} Or one kind of entry alone, such as {}.", EntryKind::AlarmRaised.name())
}

//! Questions to the journal, as a path asks them: of a running server, or of the folder of one that was stopped.

use std::time::Duration;

use jiff::Timestamp;
use poe_building::{AlarmId, Class, Directory, Entry, EntryKind, Model, Source, Time};
use poe_store::{EntryFilter, Inside, JournalReader, OpenError, Search, StoredEntry};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer::Page;
use crate::problem::Problem;
use crate::request::{self, one_of};
use crate::views::EntryView;
use crate::words::{ClassWord, SourceKindWord, Word};

const LIMIT: usize = 100;
/// A page of this size is read in a few milliseconds.
const LIMIT_MAX: usize = 1_000;
/// How long a question is looked into, which is some three million entries. Whoever wants to know what comes then asks
/// again, and others have their turn in between.
const SEARCHED_MAX: Duration = Duration::from_secs(1);

/// What is asked, as it is written.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Only what comes after this entry: the `next` of the page before. A page can have fewer entries than are wanted, or
    /// none, and a `next` all the same: so far the journal was looked through in the time that a question has.
    after: Option<u64>,
    /// How many at most; 100 unless it is given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The last so many, in place of `after` and `limit`; what `next` says is then for `before`.
    #[param(minimum = 1, maximum = 1000)]
    last: Option<u64>,
    /// Only those before this entry, where the last are wanted.
    before: Option<u64>,
    /// Only this kind, or all kinds of a subject: `alarm` is all of `alarm.*`.
    kind: Option<String>,
    /// Only about signals of this class.
    #[param(value_type = Option<ClassWord>)]
    class: Option<Word<Class>>,
    /// Only about this; for a node also about its sensors, for a place also about everything that stands in it now, or in a
    /// place within it.
    source: Option<String>,
    /// What the source is, where its name could mean several things.
    #[param(value_type = Option<SourceKindWord>)]
    source_kind: Option<SourceKindWord>,
    /// Only about this alarm.
    alarm: Option<u64>,
    /// Only what was brought about by whoever the journal calls so.
    who: Option<String>,
    /// Only what was decided at this time or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Only what was decided before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

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
    pub(crate) fn of(wanted: Wanted, model: &Model) -> Result<Self, Problem> {
        let Wanted { after, before, limit, last, .. } = wanted;
        let filter = filter(wanted, model)?;
        let part = match last {
            Some(_) if after.is_some() || limit.is_some() => {
                return Err(Problem::unfit("last", "This goes neither with after nor with limit."));
            }
            Some(last) if !(1..=LIMIT_MAX as u64).contains(&last) => {
                return Err(Problem::unfit("last", format!("Between 1 and {LIMIT_MAX}.")));
            }
            Some(last) => Part::Last(last as usize, before),
            None if before.is_some() => {
                return Err(Problem::unfit("before", "This goes with last alone."));
            }
            None => Part::After(after.unwrap_or(0), request::limit(limit, LIMIT, LIMIT_MAX)?),
        };
        Ok(Question { filter, part })
    }

    /// The answer; the oldest comes first, whichever part is asked for. The `directory` knows what stands in a place. What is
    /// not for the one who asks is passed over. `stored_at` knows what was stored just now.
    pub(crate) fn ask(
        &self,
        journal: &JournalReader,
        directory: &Directory,
        sees: impl Fn(Option<&Source>) -> bool,
        stored_at: impl Fn(u64) -> Option<Time>,
    ) -> Result<Page<EntryView>, OpenError> {
        let (search, limit) = match self.part {
            Part::After(after, limit) => (Search::After(after), limit),
            Part::Last(last, before) => (Search::Before(before.unwrap_or(u64::MAX)), last),
        };
        let inside = self.filter.source.as_ref().and_then(|source| Inside::of(source, directory));
        let filter = EntryFilter { inside, ..self.filter.clone() };
        let is_meant = |entry: &Entry| sees(entry.source.as_ref());
        let mut found = journal.search(search, &filter, limit, SEARCHED_MAX, is_meant)?;
        if matches!(self.part, Part::Last(..)) {
            found.entries.reverse();
        }
        let view = |mut stored: StoredEntry| {
            stored.committed = stored.committed.or_else(|| stored_at(stored.entry.seq));
            EntryView::from(stored)
        };
        Ok(Page { items: found.entries.into_iter().map(view).collect(), next: found.next })
    }
}

fn filter(wanted: Wanted, model: &Model) -> Result<EntryFilter, Problem> {
    let Wanted { kind, class, source, source_kind, alarm, who, from, to, .. } = wanted;
    if let Some(kind) = &kind
        && !EntryKind::ALL.iter().any(|known| known.name() == kind || subject(*known) == kind)
    {
        return Err(Problem::unfit("kind", kinds()));
    }
    let source_kind = source_kind.map(SourceKindWord::name);
    let source = source.map(|name| request::source(&name, source_kind, model)).transpose()?;
    let time = |time: Timestamp| Time(time.as_microsecond());
    Ok(EntryFilter {
        kind,
        class: class.map(|Word(class)| class),
        source,
        inside: None,
        alarm: alarm.map(AlarmId),
        who,
        from: from.map(time),
        to: to.map(time),
    })
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

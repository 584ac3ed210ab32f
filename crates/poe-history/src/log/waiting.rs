//! What waits in the log to be sealed. The recorder adds to it without ever waiting for those who look.

use super::{
    body::{Body, Damage},
    list::Batch,
    recover::{self, Found},
    segment::Segment,
};
use crate::error::{HistoryError, Result};
use std::{
    collections::VecDeque,
    fs::File,
    io,
    mem::{size_of, take},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc::Receiver},
    time::{Duration, Instant},
};

/// Lists of segments that an earlier run has left. The newest are kept in memory, the others are read when they are asked for.
const RECOVERED_BYTES_MAX: usize = 8 << 20;

/// A segment of an earlier run is not taken for older than this, whatever the clock says: it is long due to be sealed then.
const AGE_MAX: Duration = Duration::from_hours(24);

/// What waits in the log to be sealed. Shared by the recorder, the keeper and all who ask.
#[derive(Debug)]
pub(crate) struct Waiting {
    damage: Arc<Damage>,
    /// The recorder never takes this lock.
    segments: Mutex<Segments>,
}

#[derive(Debug)]
struct Segments {
    /// Files of an earlier run that nobody has looked at yet, oldest first.
    unread: Vec<(u64, PathBuf)>,
    /// By number.
    bodies: VecDeque<Arc<Body>>,
    /// Those that the recorder has begun since.
    begun: Receiver<Arc<Body>>,
}

impl Waiting {
    pub(super) fn new(unread: Vec<(u64, PathBuf)>, begun: Receiver<Arc<Body>>, damage: Arc<Damage>) -> Self {
        let segments = Segments { unread, bodies: VecDeque::new(), begun };
        Self { damage, segments: Mutex::new(segments) }
    }

    /// Everything, oldest first. The last one may be growing: the value shows it as it is now. Whoever is the first to ask after
    /// a start reads what an earlier run has left, and others who ask wait meanwhile; the recorder does not.
    pub(crate) fn segments(&self) -> Vec<Arc<Segment>> {
        self.lock().bodies.iter().cloned().map(|body| Arc::new(Segment::now(body))).collect()
    }

    /// Has the recorder go on in a new segment with its next batch, so that what there is can be sealed.
    pub(crate) fn cut(&self) {
        if let Some(body) = self.lock().bodies.back()
            && body.known().1.batches > 0
        {
            body.cut();
        }
    }

    /// Forgets segments up to this number, and deletes their files; those who read them just now still can. One that may grow
    /// stays.
    pub(crate) fn remove(&self, through: u64) -> Result<()> {
        let mut segments = self.lock();
        let mut removed = Vec::new();
        while let Some(body) = segments.bodies.pop_front_if(|body| body.number <= through && body.is_closed())
        {
            removed.push(body);
        }
        drop(segments);
        let mut result = Ok(());
        for body in removed {
            body.remove();
            match std::fs::remove_file(&body.path) {
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                    result = Err(HistoryError::disk("delete the segment", &body.path, cause));
                }
                _ => {}
            }
        }
        result
    }

    /// What was found damaged since this was last asked, in words for people.
    pub(crate) fn damage(&self) -> Vec<String> {
        self.damage.take()
    }

    fn lock(&self) -> MutexGuard<'_, Segments> {
        let mut segments = self.segments.lock().unwrap_or_else(PoisonError::into_inner);
        let unread = take(&mut segments.unread);
        if !unread.is_empty() {
            segments.bodies.extend(read(&unread, &self.damage));
        }
        while let Ok(body) = segments.begun.try_recv() {
            segments.bodies.push_back(body);
        }
        segments
    }
}

/// Reads segments of an earlier run.
fn read(unread: &[(u64, PathBuf)], damage: &Arc<Damage>) -> Vec<Arc<Body>> {
    let mut files: Vec<(u64, &Path, File, Found)> = Vec::new();
    for (number, path) in unread {
        let mut found = Found::default();
        let file = match File::open(path) {
            Ok(file) => file,
            Err(cause) => {
                damage.tell(format!("{} cannot be read: {cause}", path.display()));
                continue;
            }
        };
        if let Err(cause) = recover::scan(&file, u64::MAX, &mut found) {
            damage.tell(format!("{} can be read only in part: {cause}", path.display()));
        }
        tell(path, &found, damage);
        // A batch that was given again after a failure counts where it came last.
        if let Some((_, first)) = found.records.first() {
            for (_, _, _, earlier) in files.iter_mut().rev() {
                recover::drop_from(&mut earlier.records, first.sequence);
                if !earlier.records.is_empty() {
                    break;
                }
            }
        }
        files.push((*number, path, file, found));
    }
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let mut bytes = 0;
    let mut bodies: Vec<_> = files
        .into_iter()
        .rev()
        .map(|(number, path, file, found)| {
            let list = Arc::new(recover::list(&found.records));
            let totals = list.totals(list.len());
            let mut body = Body::new(number, path.to_owned(), file, damage.clone(), list);
            body.begun = begun(totals.times_ms, now_ms);
            let body = Arc::new(body);
            body.cut();
            bytes += found.records.len() * size_of::<Batch>();
            if bytes > RECOVERED_BYTES_MAX {
                body.give_up_list();
            }
            body
        })
        .collect();
    bodies.reverse();
    bodies
}

/// When a segment of an earlier run was begun: when its first reading came. So a server that starts every few minutes seals, too.
fn begun(times_ms: Option<(i64, i64)>, now_ms: i64) -> Instant {
    let now = Instant::now();
    let age_ms = times_ms.map_or(0, |(from_ms, _)| now_ms.saturating_sub(from_ms));
    let age = Duration::from_millis(age_ms.try_into().unwrap_or(0)).min(AGE_MAX);
    now.checked_sub(age).unwrap_or(now)
}

fn tell(path: &Path, found: &Found, damage: &Damage) {
    let path = path.display();
    for range in &found.damaged {
        let (from, to) = (range.start, range.end);
        damage.tell(format!("{path} is damaged: what stood from byte {from} to {to} is lost"));
    }
    if let Some(torn) = &found.torn {
        let (from, to) = (torn.start, torn.end);
        tracing::info!("{path} ends in a batch that was never whole: bytes {from} to {to} are left out");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_run_has_left_is_as_old_as_its_first_reading() {
        let age = |times_ms, now_ms| begun(times_ms, now_ms).elapsed().as_secs();
        assert_eq!(age(Some((1_000, 3_000)), 61_000), 60);
        assert_eq!(age(Some((70_000, 80_000)), 61_000), 0, "the clock was set back");
        assert_eq!(age(None, 61_000), 0);
        assert_eq!(age(Some((0, 0)), i64::MAX), AGE_MAX.as_secs());
    }
}

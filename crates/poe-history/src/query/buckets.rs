//! Readings of one sensor, summed up in steps.

use super::{
    MOMENTS,
    choice::{self, Chosen, Part},
    is_over,
    sources::{self, AT_ONCE},
    sums::{Rollups, Sum, Sums},
};
use crate::{
    History, Range,
    error::Result,
    files::Step,
    history::Moment,
    keeper::{Entry, Level},
    log::{Taker, Wish},
    reading::Reading,
};
use poe_building::SensorKey;
use std::time::Instant;

/// Steps that are summed up at once: eleven days in minutes, in about 1 MB.
const STEPS_AT_ONCE: i64 = 16_384;

/// How much time is read at once where steps are longer, so that a deadline loses little: a month.
const SPAN_AT_ONCE_MS: i64 = 31 * 86_400_000;

/// What a sensor said in one step. One in which it said nothing is left out, so that a gap is a gap.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bucket {
    /// When it begins: a whole number of steps after the range does.
    pub time_ms: i64,
    /// How many readings.
    pub count: u64,
    /// The lowest value.
    pub min: u8,
    /// The highest.
    pub max: u8,
    /// All values together; the mean is this by the count.
    pub sum: u64,
    /// The latest.
    pub last: u8,
}

/// An answer in buckets.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Buckets {
    /// In order.
    pub buckets: Vec<Bucket>,
    /// Where to go on, if time ran out: the beginning of the first step that is not told. It is the range's own beginning,
    /// if not even one step was done.
    pub next_ms: Option<i64>,
}

impl History {
    /// What a sensor said, in steps from the range's beginning on, as far as it is found by the deadline. The answer is the
    /// same whether it comes from roll-ups or from the readings themselves. It is quick where range and step begin with
    /// whole minutes, and quickest with whole hours.
    ///
    /// # Errors
    /// As [`History::readings`].
    pub fn buckets(
        &self,
        sensor: SensorKey,
        range: Range,
        step_ms: i64,
        deadline: Option<Instant>,
    ) -> Result<Buckets> {
        let question = Question { sensor, range: range.within(MOMENTS), step_ms: step_ms.max(1), deadline };
        self.ask(|moment| self.buckets_of(moment, &question))
    }

    fn buckets_of(&self, moment: &Moment, question: &Question) -> Result<Buckets> {
        let mut told = Vec::new();
        if question.range.is_empty() {
            return Ok(Buckets::default());
        }
        for part in choice::parts(question.range, question.step_ms) {
            let mut from_ms = part.range.from_ms;
            while let Some(range) = next_range(moment, part, from_ms) {
                let Some(sums) = self.sums(moment, question, Part { range, ..part })? else {
                    return Ok(question.as_far_as(told, range.from_ms));
                };
                for (time_ms, sum) in sums.iter() {
                    question.tell(&mut told, time_ms, sum);
                }
                from_ms = range.to_ms;
            }
        }
        Ok(question.as_far_as(told, question.range.to_ms))
    }

    /// Sums up one part. Nothing: time ran out.
    fn sums(&self, moment: &Moment, question: &Question, part: Part) -> Result<Option<Sums>> {
        let mut sums = Sums::new(part.range, part.unit_ms);
        for Chosen { entry, range } in choice::files(moment, part.range, part.level) {
            if is_over(question.deadline) {
                return Ok(None);
            }
            match entry.level {
                Level::Raw => {
                    if !self.add_raw(&mut sums, entry, range, question)? {
                        return Ok(None);
                    }
                }
                Level::Rollup(step) => self.add_rollups(&mut sums, entry, range, step, question.sensor)?,
            }
        }
        if !add_log(&mut sums, moment, question, part.range)? {
            return Ok(None);
        }
        sums.doubt_last_only(|time_ms| question.bucket(time_ms));
        if sums.in_doubt(part.range.from_ms, part.range.to_ms).is_some()
            && !self.settle(&mut sums, moment, question)?
        {
            return Ok(None);
        }
        Ok(Some(sums))
    }

    /// Looks for the latest reading among the readings themselves, where roll-ups leave a doubt. Returns whether there was
    /// time for it.
    fn settle(&self, sums: &mut Sums, moment: &Moment, question: &Question) -> Result<bool> {
        let range = sums.range();
        let mut by_readings = sums.emptied();
        for entry in sources::files(moment, Level::Raw, range) {
            if is_over(question.deadline) {
                return Ok(false);
            }
            if let Some(range) = sums.in_doubt(entry.from_ms, entry.to_ms)
                && !self.add_raw(&mut by_readings, entry, range, question)?
            {
                return Ok(false);
            }
        }
        if !add_log(&mut by_readings, moment, question, range)? {
            return Ok(false);
        }
        sums.settle(&by_readings);
        Ok(true)
    }

    /// Adds the readings of a file. Returns whether there was time for it.
    fn add_raw(&self, sums: &mut Sums, entry: &Entry, range: Range, question: &Question) -> Result<bool> {
        let file = self.footers.raw(&self.folders.path(&entry.path), entry.footer_crc)?;
        let mut rows = file.directory().rows_of(question.sensor);
        if rows.is_empty() {
            return Ok(true);
        }
        let mut reader = file.values()?;
        let (mut times, mut values) = (Vec::new(), Vec::new());
        let mut may_follow = true;
        while may_follow && !rows.is_empty() {
            if is_over(question.deadline) {
                return Ok(false);
            }
            let now = rows.start..rows.end.min(rows.start + AT_ONCE);
            rows.start = now.end;
            times.clear();
            values.clear();
            reader.read(now, &mut times, &mut values)?;
            may_follow = sums.add_readings(&times, &values, range, entry.set);
        }
        Ok(true)
    }

    fn add_rollups(
        &self,
        sums: &mut Sums,
        entry: &Entry,
        range: Range,
        step: Step,
        sensor: SensorKey,
    ) -> Result<()> {
        let file = self.footers.rollup(&self.folders.path(&entry.path), entry.footer_crc)?;
        let rows = file.directory().rows_of(sensor);
        if rows.is_empty() {
            return Ok(());
        }
        let mut rollups = Vec::with_capacity((rows.end - rows.start) as usize);
        file.reader()?.read(rows, &mut rollups)?;
        let source = Rollups {
            by: step,
            from_ms: entry.from_ms,
            to_ms: entry.to_ms,
            ranks: (entry.first_set, entry.set),
        };
        sums.add_rollups(&rollups, range, source);
        Ok(())
    }
}

/// Adds what is not sealed yet. Returns whether there was time for it.
fn add_log(sums: &mut Sums, moment: &Moment, question: &Question, range: Range) -> Result<bool> {
    for segment in sources::segments(moment, range) {
        let Some((from_ms, to_ms)) = segment.times_ms() else { continue };
        let mut adding = Adding {
            // A segment is of minutes, and the steps may be those of a year.
            sums: sums.emptied_around(from_ms, to_ms),
            rank: sources::rank_of(segment),
            deadline: question.deadline,
            is_over: false,
        };
        segment.each_of_sensor(question.sensor, range, &mut adding)?;
        if adding.is_over {
            return Ok(false);
        }
        sums.add_sums(&adding.sums);
    }
    Ok(true)
}

/// What is in one segment, summed up while it is read.
struct Adding {
    sums: Sums,
    rank: u64,
    deadline: Option<Instant>,
    is_over: bool,
}

impl Taker for Adding {
    fn wants(&mut self, _from_ms: i64) -> Wish {
        self.is_over = is_over(self.deadline);
        if self.is_over { Wish::Stop } else { Wish::Take }
    }

    fn take(&mut self, Reading { time_ms, value, .. }: Reading) {
        self.sums.add_reading(time_ms, value, self.rank);
    }
}

/// What to sum up next of a part, beginning where there is something; nothing, if there is no more.
fn next_range(moment: &Moment, part: Part, from_ms: i64) -> Option<Range> {
    let rest = Range { from_ms, ..part.range };
    if rest.is_empty() {
        return None;
    }
    let files = moment.catalogue.entries.iter().map(|entry| (entry.from_ms, entry.to_ms));
    let log = moment.segments.iter().filter_map(|segment| segment.times_ms());
    let of_rest = files.chain(log).filter(|&(from_ms, to_ms)| rest.meets(from_ms, to_ms));
    let begins_ms = of_rest.map(|(from_ms, _)| from_ms.max(rest.from_ms)).min()?;
    let begins_ms = begins_ms - (begins_ms - part.range.from_ms) % part.unit_ms;
    let ends_ms = match part.level {
        Level::Rollup(Step::Hour) => end_of_files(moment, begins_ms),
        _ => {
            let steps = (SPAN_AT_ONCE_MS / part.unit_ms).clamp(1, STEPS_AT_ONCE);
            begins_ms.saturating_add(steps.saturating_mul(part.unit_ms))
        }
    };
    Some(Range { from_ms: begins_ms, to_ms: ends_ms.min(part.range.to_ms) })
}

/// When the files of hours end that begin within a month: each is of a month at most, so that these are some 1,500 hours, and
/// none is read twice.
fn end_of_files(moment: &Moment, begins_ms: i64) -> i64 {
    let hour_ms = Step::Hour.millis();
    let month = Range { from_ms: begins_ms, to_ms: begins_ms.saturating_add(SPAN_AT_ONCE_MS) };
    let files = sources::files(moment, Level::Rollup(Step::Hour), month);
    let ends_ms = files.map(|entry| entry.to_ms).max().unwrap_or(0).max(month.to_ms - 1);
    // An entry of two months would be a stranger's: even then no more is summed up at once than of minutes.
    ends_ms
        .saturating_add(hour_ms - ends_ms.rem_euclid(hour_ms))
        .min(begins_ms.saturating_add(STEPS_AT_ONCE * hour_ms))
}

/// What is asked.
#[derive(Debug)]
struct Question {
    sensor: SensorKey,
    range: Range,
    step_ms: i64,
    deadline: Option<Instant>,
}

impl Question {
    /// When the bucket begins in which a moment lies.
    fn bucket(&self, time_ms: i64) -> i64 {
        time_ms - (time_ms - self.range.from_ms) % self.step_ms
    }

    /// Adds what a step comes to, to its bucket. Steps come in order.
    fn tell(&self, told: &mut Vec<(i64, Sum)>, time_ms: i64, sum: Sum) {
        let time_ms = self.bucket(time_ms);
        match told.last_mut() {
            Some((of, before)) if *of == time_ms => *before = before.then(sum),
            _ => told.push((time_ms, sum)),
        }
    }

    /// The answer up to a moment; of the bucket in which that lies, nothing.
    fn as_far_as(&self, mut told: Vec<(i64, Sum)>, ends_ms: i64) -> Buckets {
        let next_ms = (ends_ms < self.range.to_ms).then(|| self.bucket(ends_ms));
        told.truncate(told.partition_point(|(time_ms, _)| next_ms.is_none_or(|next_ms| *time_ms < next_ms)));
        let bucket = |(time_ms, sum): (i64, Sum)| {
            let Sum { count, min, max, sum, last } = sum;
            Bucket { time_ms, count, min, max, sum, last: last.value }
        };
        Buckets { buckets: told.into_iter().map(bucket).collect(), next_ms }
    }
}

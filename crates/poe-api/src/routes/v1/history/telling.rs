//! Answers from the history, written a part at a time: however long one is, a part of it is in memory.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use poe_building::SensorKey;
use poe_history::{History, HistoryError, Range};
use serde::Serialize;

use crate::views::{BucketView, Key, PastReadingView, stamp};

/// How long the history is read for one answer. Whoever wants the rest asks again, and others have their turn in between.
const READ_MAX: Duration = Duration::from_secs(10);
/// The first turn that an answer has. One who gets nowhere in a turn has twice as long the next time: others wait less, the more
/// a question takes.
const TURN: Duration = Duration::from_millis(50);
/// When so much is written a turn ends, too.
const PART_BYTES: usize = 256 << 10;
/// Readings that are written at a time, some 300 KiB;
const READINGS_AT_ONCE: usize = 4_096;
/// and steps, some 400 KiB.
const STEPS_AT_ONCE: i64 = 4_096;

/// What is still to be told.
#[derive(Debug)]
pub(super) struct Telling {
    range: Range,
    what: What,
    /// The time that reading has taken so far.
    spent: Duration,
    /// How long the next turn may take.
    turn: Duration,
    /// Whether there is more than the head.
    has_told: bool,
    /// What stands before the next item: nothing, or a comma.
    comma: &'static str,
}

#[derive(Debug)]
enum What {
    /// The readings of a sensor from a moment on, of which so many are told, and how many more are wanted.
    Readings { sensor: SensorKey, from_ms: i64, skip: u32, left: usize },
    /// Steps of sensors.
    Steps(Steps),
}

#[derive(Debug)]
struct Steps {
    sensors: Vec<SensorKey>,
    step_ms: i64,
    /// The sensor whose turn it is, and where its next step begins.
    at: usize,
    from_ms: i64,
    /// How many are looked for at once.
    at_once: i64,
    /// Whether each sensor has a list of its own.
    apart: bool,
    /// Whether the list of the sensor whose turn it is has begun.
    begun: bool,
}

/// Where an answer goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cursor(i64, i64);

impl Cursor {
    pub(super) fn read(text: &str) -> Option<Self> {
        let (first, second) = text.split_once('.')?;
        Some(Self(first.parse().ok()?, second.parse().ok()?))
    }

    fn written(self) -> String {
        format!("{}.{}", self.0, self.1)
    }
}

impl Telling {
    /// The readings of a sensor, so many at most.
    pub(super) fn readings(
        sensor: SensorKey,
        range: Range,
        limit: usize,
        after: Option<Cursor>,
    ) -> Option<Self> {
        let Cursor(from_ms, skip) = after.unwrap_or(Cursor(range.from_ms, 0));
        let skip = u32::try_from(skip).ok().filter(|_| range.holds(from_ms))?;
        Some(Self::new(range, What::Readings { sensor, from_ms, skip, left: limit }))
    }

    /// The steps of a sensor.
    pub(super) fn steps(
        sensor: SensorKey,
        range: Range,
        step_ms: i64,
        after: Option<Cursor>,
    ) -> Option<Self> {
        Self::in_steps(vec![sensor], range, step_ms, after, false)
    }

    /// The steps of several, each in a list of its own.
    pub(super) fn several(
        sensors: Vec<SensorKey>,
        range: Range,
        step_ms: i64,
        after: Option<Cursor>,
    ) -> Option<Self> {
        Self::in_steps(sensors, range, step_ms, after, true)
    }

    fn in_steps(
        sensors: Vec<SensorKey>,
        range: Range,
        step_ms: i64,
        after: Option<Cursor>,
        apart: bool,
    ) -> Option<Self> {
        let Cursor(at, from_ms) = after.unwrap_or(Cursor(0, range.from_ms));
        let at = usize::try_from(at).ok().filter(|at| *at < sensors.len())?;
        let begins_a_step = range.holds(from_ms) && (from_ms - range.from_ms) % step_ms == 0;
        let steps = Steps { sensors, step_ms, at, from_ms, at_once: STEPS_AT_ONCE, apart, begun: false };
        begins_a_step.then(|| Self::new(range, What::Steps(steps)))
    }

    fn new(range: Range, what: What) -> Self {
        Self { range, what, spent: Duration::ZERO, turn: TURN, has_told: false, comma: "" }
    }

    /// Whether something is told. Before that, whoever asks can still be refused.
    pub(super) fn has_told(&self) -> bool {
        self.has_told
    }

    /// As much of it as JSON as one turn has time for, and the rest, unless this was the end.
    pub(super) fn write(mut self, history: &Arc<History>) -> Result<(Bytes, Option<Self>), HistoryError> {
        let mut json = Vec::new();
        if self.spent.is_zero() {
            self.write_head(&mut json);
        }
        let begun = Instant::now();
        let deadline = begun + self.turn.min(READ_MAX.saturating_sub(self.spent));
        let before = self.cursor();
        let next = loop {
            let next = self.write_some(history, deadline, &mut json)?;
            if !matches!(next, Next::More(_)) || json.len() >= PART_BYTES || Instant::now() >= deadline {
                break next;
            }
        };
        if self.cursor() == before {
            self.turn = self.turn.saturating_mul(2);
            if let What::Steps(steps) = &mut self.what {
                steps.at_once = (steps.at_once / 4).max(1);
            }
        } else {
            self.turn = TURN.max(self.turn / 2);
            self.has_told = true;
        }
        self.spent += begun.elapsed().max(Duration::from_nanos(1));
        let stops = match next {
            // More than were wanted.
            Next::Enough(_) | Next::End => true,
            Next::More(_) => self.spent >= READ_MAX,
        };
        if !stops {
            return Ok((json.into(), Some(self)));
        }
        if let What::Steps(Steps { begun: true, .. }) = self.what {
            json.extend_from_slice(b"]}");
        }
        match next {
            Next::Enough(cursor) | Next::More(cursor) => write!(json, r#"],"next":"{}"}}"#, cursor.written()),
            Next::End => write!(json, r#"],"next":null}}"#),
        }
        .expect("a Vec takes any text");
        Ok((json.into(), None))
    }

    /// Where it goes on.
    fn cursor(&self) -> Cursor {
        match &self.what {
            What::Readings { from_ms, skip, .. } => Cursor(*from_ms, (*skip).into()),
            What::Steps(steps) => Cursor(steps.at as i64, steps.from_ms),
        }
    }

    /// All that stands before the items.
    fn write_head(&self, json: &mut Vec<u8>) {
        let (ip_id, step_ms) = match &self.what {
            What::Readings { sensor, .. } => (Some(*sensor), None),
            What::Steps(Steps { sensors, step_ms, apart, .. }) => {
                (sensors.first().copied().filter(|_| !apart), Some(*step_ms))
            }
        };
        json.push(b'{');
        if let Some(sensor) = ip_id {
            put(json, r#""ip_id":"#, &Key(sensor));
            json.push(b',');
        }
        put(json, r#""from":"#, &stamp(self.range.from_ms));
        put(json, r#","to":"#, &stamp(self.range.to_ms));
        put(json, r#","step_s":"#, &step_ms.map(|step_ms| step_ms as f64 / 1e3));
        json.extend_from_slice(br#","items":["#);
    }

    /// A part of the items.
    fn write_some(
        &mut self,
        history: &Arc<History>,
        deadline: Instant,
        json: &mut Vec<u8>,
    ) -> Result<Next, HistoryError> {
        match &mut self.what {
            What::Readings { sensor, from_ms, skip, left } => {
                let rest = Range { from_ms: *from_ms, ..self.range };
                let found =
                    history.readings(*sensor, rest, *skip, READINGS_AT_ONCE.min(*left), Some(deadline))?;
                for reading in &found.readings {
                    put(json, std::mem::replace(&mut self.comma, ","), &PastReadingView::from(reading));
                }
                *left -= found.readings.len().min(*left);
                let Some((time_ms, told)) = found.next else { return Ok(Next::End) };
                (*from_ms, *skip) = (time_ms, told);
                let cursor = Cursor(time_ms, told.into());
                Ok(if *left == 0 { Next::Enough(cursor) } else { Next::More(cursor) })
            }
            What::Steps(steps) => steps.write_some(self.range, &mut self.comma, history, deadline, json),
        }
    }
}

/// How it goes on after a part.
enum Next {
    /// From here.
    More(Cursor),
    /// From here, when somebody asks for it.
    Enough(Cursor),
    End,
}

impl Steps {
    fn write_some(
        &mut self,
        whole: Range,
        comma: &mut &'static str,
        history: &Arc<History>,
        deadline: Instant,
        json: &mut Vec<u8>,
    ) -> Result<Next, HistoryError> {
        let sensor = self.sensors[self.at];
        let end_ms = self.from_ms.saturating_add(self.step_ms.saturating_mul(self.at_once)).min(whole.to_ms);
        let range = Range { from_ms: self.from_ms, to_ms: end_ms };
        let found = history.buckets(sensor, range, self.step_ms, Some(deadline))?;
        if self.apart && !self.begun {
            put(json, std::mem::replace(comma, ","), &IpId { ip_id: Key(sensor) });
            // The object goes on.
            json.pop();
            json.extend_from_slice(br#","items":["#);
            *comma = "";
            self.begun = true;
        }
        for bucket in &found.buckets {
            put(json, std::mem::replace(comma, ","), &BucketView::from(bucket));
        }
        self.from_ms = found.next_ms.unwrap_or(end_ms);
        if self.from_ms >= whole.to_ms {
            (self.at, self.from_ms) = (self.at + 1, whole.from_ms);
            if self.begun {
                json.extend_from_slice(b"]}");
                (self.begun, *comma) = (false, ",");
            }
        }
        let is_end = self.at == self.sensors.len();
        Ok(if is_end { Next::End } else { Next::More(Cursor(self.at as i64, self.from_ms)) })
    }
}

#[derive(Serialize)]
struct IpId {
    ip_id: Key,
}

/// Adds a view, with what stands before it.
fn put(json: &mut Vec<u8>, before: &str, view: &impl Serialize) {
    json.extend_from_slice(before.as_bytes());
    serde_json::to_writer(json, view).expect("a Vec takes any view");
}

#[cfg(test)]
mod tests {
    use super::*;
    use poe_building::Profile;
    use poe_history::{ImportOptions, Options, Retention, Source};

    /// 2026-03-29T00:00:00Z.
    const DAY_MS: i64 = 1_774_742_400_000;

    /// Everything that it tells, and in how many turns.
    fn told(telling: Telling, turn: Duration, history: &Arc<History>) -> (String, usize) {
        let (mut told, mut turns, mut rest) = (Vec::new(), 0, Some(Telling { turn, ..telling }));
        while let Some(telling) = rest {
            let (piece, more) = telling.write(history).unwrap();
            told.extend_from_slice(&piece);
            (turns, rest) = (turns + 1, more);
        }
        (String::from_utf8(told).unwrap(), turns)
    }

    #[test]
    fn an_answer_is_the_same_in_one_turn_and_in_many() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { data_dir: folder.path().to_owned(), retention: Retention::default() };
        let (history, ..) = History::open(&options).unwrap();
        let mut lines = "time,node,sensor,kind,value\n".to_owned();
        for second in 0..6_000_i64 {
            let time = jiff::Timestamp::from_millisecond(DAY_MS + second * 1_000).unwrap();
            lines.push_str(&format!("{time},10.0.0.7,{},SMOKE,{}\n", second % 2, second % 100));
        }
        let options = ImportOptions {
            profile: Profile::IIT_2022,
            lenient: false,
            again: false,
            now_ms: DAY_MS + 6_000_000,
        };
        poe_history::import(&history, Source::Csv(&mut lines.as_bytes()), &options).unwrap();
        let range = Range { from_ms: DAY_MS, to_ms: DAY_MS + 7_200_000 };
        let sensors: Vec<SensorKey> =
            ["10.0.0.7_0", "10.0.0.7_9", "10.0.0.7_1"].map(|key| key.parse().unwrap()).into();
        let all = || {
            [
                Telling::readings(sensors[0], range, 9_999, None).unwrap(),
                Telling::readings(sensors[0], range, 1_234, None).unwrap(),
                Telling::steps(sensors[2], range, 1_000, None).unwrap(),
                Telling::several(sensors.clone(), range, 60_000, None).unwrap(),
            ]
        };
        for (at_once, in_turns) in all().into_iter().zip(all()) {
            let (whole, turns) = told(at_once, Duration::from_secs(9), &history);
            assert_eq!(turns, 1);
            serde_json::from_str::<serde_json::Value>(&whole).unwrap();
            let (same, turns) = told(in_turns, Duration::from_nanos(1), &history);
            assert_eq!(same, whole);
            assert!(turns > 2, "{turns}");
        }
    }
}

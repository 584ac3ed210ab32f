//! How soon the history answers while readings come in: a day, a year by roll-ups, a year reading by reading.

use super::answers::{self, Span};
use super::generator::{BURSTS_A_DAY, DAY_BEGINS_MS, DAY_MS, Reference, SENSORS};
use super::stored::{Stored, key};
use super::{YEAR_DAYS, beside, in_brief};
use crate::failure::Failure;
use crate::load::Total;
use crate::run::client::Client;
use crate::run::lab::Lab;
use crate::run::report::{Row, Target};
use crate::stats::Spread;
use std::thread;
use std::time::{Duration, Instant};

const ASKED: u32 = 300;
const ASKED_RAW: u32 = 20;
/// The node that has been heard for long.
const LONG: u32 = 10;
const SETTLING: Duration = Duration::from_secs(5);
/// Longer than all questions take.
const LOAD_SECONDS: u32 = 300;

const FIVE_MINUTES_MS: i64 = 300_000;
const HOUR_MS: i64 = 3_600_000;
/// A year has a thousand of them, more or less; the second is not in whole minutes, so that only readings answer it.
const NINE_HOURS_S: i64 = 9 * 3_600;
const ODD_S: i64 = 31_537;

pub fn measure(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let days = i64::from(in_brief(lab, YEAR_DAYS as u32));
    let reference = Reference::one_for_long(days);
    let stored = Stored::of(lab, &reference)?;
    let folder = lab.folder()?;
    let server = lab.server(&stored.copy(folder.path())?, 1_500)?;
    let load = lab.load(server.tcp, &beside(LOAD_SECONDS))?;
    thread::sleep(SETTLING);
    let (frames, began) = (server.frames()?, Instant::now());
    let client = server.by_network("viewer")?;

    let day = ask(&client, ASKED, |at| {
        // A day of one of eleven nodes.
        let from_ms = DAY_BEGINS_MS.div_euclid(FIVE_MINUTES_MS) * FIVE_MINUTES_MS;
        (key(at % (LONG + 1), at / 7 % SENSORS), (from_ms, from_ms + DAY_MS), FIVE_MINUTES_MS / 1_000)
    })?;
    // From whole hour to whole hour, with all that the node has said.
    let span: Span = (
        reference.begins_ms().div_euclid(HOUR_MS) * HOUR_MS,
        (DAY_BEGINS_MS + DAY_MS).div_euclid(HOUR_MS) * HOUR_MS + HOUR_MS,
    );
    let of_the_long = |at: u32, step_s| (key(LONG, at * 8 % SENSORS), span, step_s);
    let rolled_up = ask(&client, ASKED, |at| of_the_long(at, NINE_HOURS_S))?;
    let raw = ask(&client, in_brief(lab, ASKED_RAW).max(3), |at| of_the_long(at, ODD_S))?;
    let rate = (server.frames()? - frames) as f64 / began.elapsed().as_secs_f64() / 1e6;
    drop(load);

    check_day(&day)?;
    check_long(&rolled_up, &raw, reference.readings_of(LONG))?;
    let row = |bar, asked: &Asked, limit_ms| {
        let Spread { p50, p99, max, .. } = Spread::of(&asked.latencies);
        let (steps, count) = (asked.told[0].0, asked.latencies.len());
        let figure = format!(
            "p99 {p99:.2} ms (p50 {p50:.2}, max {max:.2}) of {count}, {steps} steps, at {rate:.2} M readings/s"
        );
        Row::new(bar, figure, p99, Target::AtMost(limit_ms), " ms")
    };
    Ok(vec![
        row("24 h of a sensor in 288 steps", &day, 3.0),
        row("a year of a sensor by roll-ups", &rolled_up, 5.0),
        row("a year of a sensor by its readings", &raw, 2_000.0),
    ])
}

/// Questions of one kind.
struct Asked {
    latencies: Vec<Duration>,
    /// Of each, how many steps it has and what they tell together.
    told: Vec<(usize, Total)>,
}

/// Asks so often for steps of a sensor, each time on a connection of its own.
fn ask(client: &Client, count: u32, question: impl Fn(u32) -> (String, Span, i64)) -> Result<Asked, Failure> {
    let mut asked = Asked { latencies: Vec::new(), told: Vec::new() };
    for at in 0..count {
        let (key, span, step_s) = question(at);
        let path = answers::path(&key, span, step_s);
        let began = Instant::now();
        let answer = client.text(&path)?;
        asked.latencies.push(began.elapsed());
        asked.told.push(answers::total(&answer)?);
    }
    Ok(asked)
}

/// A day has 288 steps, and of its readings all but those of a few minutes at its end.
fn check_day(asked: &Asked) -> Result<(), Failure> {
    let fits = |count| (BURSTS_A_DAY as u64 * 99 / 100..=BURSTS_A_DAY as u64).contains(&count);
    // The node that was heard before the day began has all of it.
    match asked.told.iter().find(|(steps, total)| *steps != 288 || !fits(total.count)) {
        Some((steps, total)) => {
            Err(Failure::new(format!("a day has {steps} steps and {} readings", total.count)))
        }
        None => Ok(()),
    }
}

/// All readings are there, and roll-ups tell what readings tell.
fn check_long(rolled_up: &Asked, raw: &Asked, readings: u64) -> Result<(), Failure> {
    for (number, (_, total)) in rolled_up.told.iter().enumerate() {
        if total.count != readings {
            return Err(Failure::new(format!(
                "question {number} finds {} of {readings} readings",
                total.count
            )));
        }
    }
    for (number, (by_rollups, by_readings)) in rolled_up.told.iter().zip(&raw.told).enumerate() {
        if by_rollups.1 != by_readings.1 {
            return Err(Failure::new(format!(
                "question {number}: {by_rollups:?} by roll-ups, {by_readings:?} by readings"
            )));
        }
    }
    Ok(())
}

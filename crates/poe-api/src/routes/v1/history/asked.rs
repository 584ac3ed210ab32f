//! Which part of the history is asked for.

use jiff::Timestamp;
use poe_building::{SensorKey, Source};
use poe_history::Range;

use crate::auth::Known;
use crate::door::Door;
use crate::problem::Problem;
use crate::request::Params;
use crate::views::now;

/// How far back an answer goes where nothing is said.
const USUAL_MS: i64 = 24 * 60 * 60 * 1_000;
/// The most buckets of a sensor: a line of a pixel for each would be wider than any screen. It is 2 MB of JSON.
const STEPS_MAX: i64 = 20_000;
/// And of several sensors together: 9 MB.
const STEPS_OF_ALL_MAX: i64 = 100_000;
/// A century. No roll-up is about more.
const STEP_MS_MAX: i64 = 36_525 * 24 * 60 * 60 * 1_000;

/// Every time that can be written.
fn always() -> Range {
    Range { from_ms: Timestamp::MIN.as_millisecond(), to_ms: Timestamp::MAX.as_millisecond() }
}

/// From `from` to `to`, in steps as long as `step`, if the answer is to have any; `sensors` are to be told in them. Where
/// nothing is said, to this moment, and from a day before that; steps are then whole ones of a clock in UTC, for which roll-ups
/// can answer.
pub(super) fn range_in_steps(params: &mut Params, sensors: usize) -> Result<(Range, Option<i64>), Problem> {
    let (from_ms, to_ms) = (moment(params, "from")?, moment(params, "to")?);
    let step_ms = step(params)?;
    // What was read in this millisecond is asked for, too.
    let to_ms = to_ms.unwrap_or_else(|| now().0.div_euclid(1_000) + 1);
    let usual_ms = to_ms.saturating_sub(USUAL_MS);
    let usual_ms = usual_ms - step_ms.map_or(0, |step_ms| usual_ms.rem_euclid(step_ms));
    let range = in_order(Range { from_ms: from_ms.unwrap_or(usual_ms), to_ms })?;
    if let Some(step_ms) = step_ms {
        check_step(step_ms, range, sensors)?;
    }
    Ok((range, step_ms))
}

/// From `from` to `to`; where nothing is said, everything.
pub(in crate::routes::v1) fn range_of_all(params: &mut Params) -> Result<Range, Problem> {
    let Range { from_ms, to_ms } = always();
    let (from, to) = (moment(params, "from")?, moment(params, "to")?);
    in_order(Range { from_ms: from.unwrap_or(from_ms), to_ms: to.unwrap_or(to_ms) })
}

fn in_order(range: Range) -> Result<Range, Problem> {
    if range.from_ms < range.to_ms {
        return Ok(range);
    }
    Err(Problem::unfit("from", "This must be before to."))
}

/// A time, in milliseconds since 1970.
fn moment(params: &mut Params, name: &'static str) -> Result<Option<i64>, Problem> {
    let unfit = || {
        Problem::unfit(name, "This must be a time as in 2026-03-29T14:03:07Z, or milliseconds since 1970.")
    };
    let Some(text) = params.text(name)? else { return Ok(None) };
    let number = text.parse().ok().filter(|millis| Timestamp::from_millisecond(*millis).is_ok());
    let time = || Some(text.parse::<Timestamp>().ok()?.as_microsecond().div_euclid(1_000));
    number.or_else(time).map(Some).ok_or_else(unfit)
}

fn step(params: &mut Params) -> Result<Option<i64>, Problem> {
    let unfit = || Problem::unfit("step", "This must be a length of time such as 500ms, 30s, 5m, 1h or 1d.");
    params.text("step")?.map(|text| millis(&text).ok_or_else(unfit)).transpose()
}

/// Refuses steps of which there would be too many.
fn check_step(step_ms: i64, range: Range, sensors: usize) -> Result<(), Problem> {
    let most = STEPS_MAX.min(STEPS_OF_ALL_MAX / sensors.max(1) as i64);
    let span = range.to_ms.saturating_sub(range.from_ms);
    if span <= step_ms.saturating_mul(most) {
        return Ok(());
    }
    // Rounded up, for it is positive.
    let fits = told((span + most - 1) / most);
    let detail =
        format!("At most {most} steps are told at once. For this range each must have at least {fits}.");
    Err(Problem::unfit("step", detail))
}

/// `5m` is 300,000.
fn millis(text: &str) -> Option<i64> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit);
    let unit_ms = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(unit_ms).filter(|millis| (1..=STEP_MS_MAX).contains(millis))
}

/// A length of time that is no shorter, in a unit in which it is short to say.
fn told(least_ms: i64) -> String {
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
    let unit = units.into_iter().find(|(_, unit_ms)| least_ms >= 2 * unit_ms);
    let (unit, unit_ms) = unit.unwrap_or(("ms", 1));
    format!("{}{unit}", (least_ms + unit_ms - 1) / unit_ms)
}

/// The sensor of this key. One that is out of sight is as unknown as one that nobody has ever heard of; to those who see
/// everything, such a one has said nothing.
pub(super) fn sensor(key: &str, door: &Door, caller: &Known) -> Option<SensorKey> {
    let key = key.parse().ok()?;
    caller.sees(&Source::Sensor(key), &door.directory()).then_some(key)
}

/// The sensors that are named, each once.
pub(in crate::routes::v1) fn sensors(
    params: &mut Params,
    door: &Door,
    caller: &Known,
) -> Result<Vec<SensorKey>, Problem> {
    let mut named = Vec::new();
    for key in params.all("sensor") {
        let unknown = || Problem::unfit("sensor", "There is no sensor of one of these keys.");
        let key = sensor(&key, door, caller).ok_or_else(unknown)?;
        if !named.contains(&key) {
            named.push(key);
        }
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(text: &str) -> Params {
        Params::of(&format!("/api/v1/history?{text}").parse().unwrap()).unwrap()
    }

    #[test]
    fn times_are_stamps_or_milliseconds() {
        let read =
            |text: &str| range_in_steps(&mut params(text), 1).map(|(range, _)| (range.from_ms, range.to_ms));
        assert_eq!(read("from=1970-01-01T00:00:01Z&to=2500"), Ok((1_000, 2_500)));
        assert_eq!(read("from=1970-01-01T01:00:00.0019%2B01:00&to=5"), Ok((1, 5)));
        assert_eq!(read("from=-5&to=1969-12-31T23:59:59.9989Z"), Ok((-5, -2)));
        assert_eq!(read("to=86400000"), Ok((0, 86_400_000)));
        let (from, to) = read("").unwrap();
        assert_eq!(to - from, USUAL_MS);
        assert_eq!(
            read("to=90000001&step=1h"),
            Ok((3_600_000, 90_000_001)),
            "whole steps, where nothing is said"
        );
        for text in
            ["from=today", "to=2026-03-29", "from=9999999999999999", "from=1e3", "from=2&to=2", "from=3&to=2"]
        {
            assert!(read(text).is_err(), "{text}");
        }
        assert_eq!(range_of_all(&mut params("")), Ok(always()));
    }

    #[test]
    fn steps_have_units_and_there_are_never_too_many() {
        let of = |text: &str, sensors| {
            let day = &mut params(&format!("from=0&to=86400000&step={text}"));
            range_in_steps(day, sensors).map(|(_, step_ms)| step_ms)
        };
        for (text, expected) in
            [("5m", 300_000), ("300s", 300_000), ("1h", 3_600_000), ("1d", 86_400_000), ("5000ms", 5_000)]
        {
            assert_eq!(of(text, 1), Ok(Some(expected)), "{text}");
        }
        assert_eq!(of("", 1), Ok(None));
        for text in ["5", "m", "0s", "-5m", "1.5h", "5M", "1w", "PT5M", "99999999999d", "5%20m"] {
            let problem = of(text, 1).unwrap_err();
            assert!(problem.detail.contains("such as 500ms"), "{text}: {problem:?}");
        }
        let told = |text, sensors| of(text, sensors).unwrap_err().detail.into_owned();
        assert!(told("1s", 1).ends_with("at least 5s."), "{}", told("1s", 1));
        assert_eq!(of("5s", 1), Ok(Some(5_000)));
        assert!(told("5s", 50).ends_with("at least 44s."), "{}", told("5s", 50));
        assert_eq!(of("44s", 50), Ok(Some(44_000)));
    }

    #[test]
    fn the_step_that_is_told_fits() {
        for span in [20_000_i64, 20_001, 39_999, 86_400_000, 31_536_000_000, 3_153_600_000_000] {
            let ask =
                |step: &str| range_in_steps(&mut params(&format!("from=-7&to={}&step={step}", span - 7)), 1);
            let Err(problem) = ask("1ms") else { continue };
            let fits = problem.detail.split(' ').next_back().unwrap().trim_end_matches('.').to_owned();
            let step = ask(&fits);
            assert!(step.is_ok(), "{span} {fits} {step:?}");
        }
    }
}

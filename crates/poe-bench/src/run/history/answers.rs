//! What the history answers, and whether that is right.

use crate::failure::{Doing, Failure};
use crate::load::Total;
use crate::run::client::Client;
use serde_json::Value;
use std::collections::HashMap;
use std::thread;

/// Who asks at the same time when every sensor is asked for.
const ASKING: usize = 2;

/// A range of time, in milliseconds since 1970: from the first up to, but not including, the second.
pub type Span = (i64, i64);

/// The way to the buckets of a sensor.
pub fn path(key: &str, (from_ms, to_ms): Span, step_s: i64) -> String {
    format!("/api/v1/history/{key}?from={from_ms}&to={to_ms}&step={step_s}s")
}

/// How many buckets an answer has, and what they tell together.
pub fn total(answer: &str) -> Result<(usize, Total), Failure> {
    let unfit =
        |what: &str| Failure::new(format!("{what}: {}", answer.chars().take(300).collect::<String>()));
    let answer: Value =
        serde_json::from_str(answer).doing(|| "understand an answer of the history".into())?;
    let items = answer["items"].as_array().ok_or_else(|| unfit("an answer without items"))?;
    if !answer["next"].is_null() {
        return Err(unfit("an answer that is not complete"));
    }
    let mut total = Total::default();
    for item in items {
        let (count, mean) = (item["count"].as_u64(), item["mean"].as_f64());
        let (count, mean) = count.zip(mean).ok_or_else(|| unfit("a bucket without count or mean"))?;
        total.count += count;
        // The sum is a whole number far below 2^53, of which the mean is told to the last digit.
        total.sum += (mean * count as f64).round() as u64;
    }
    Ok((items.len(), total))
}

/// How many of these sensors have another history than they should, each asked for in one bucket. The first is told of.
pub fn wrong(client: &Client, wanted: &HashMap<String, Total>, span: Span) -> Result<usize, Failure> {
    let step_s = (span.1 - span.0).div_euclid(1_000);
    let keys: Vec<_> = wanted.iter().collect();
    let part = keys.len().div_ceil(ASKING).max(1);
    let ask = |keys: &[(&String, &Total)]| -> Result<usize, Failure> {
        let mut wrong = 0;
        for (key, wanted) in keys {
            let (_, told) = total(&client.text(&path(key, span, step_s))?)?;
            if told != **wanted {
                if wrong == 0 {
                    eprintln!("  {key}: {told:?} instead of {wanted:?}");
                }
                wrong += 1;
            }
        }
        Ok(wrong)
    };
    thread::scope(|scope| {
        let asking: Vec<_> = keys.chunks(part).map(|keys| scope.spawn(|| ask(keys))).collect();
        let failed = |_| Failure::new("a thread that asks has failed");
        asking.into_iter().map(|asked| asked.join().map_err(failed)?).sum()
    })
}

#[cfg(test)]
mod tests {
    use super::total;
    use crate::load::Total;

    #[test]
    fn buckets_are_added_up() {
        let answer =
            r#"{"items":[{"count":3,"mean":0.3333333333333333},{"count":2,"mean":7.5}],"next":null}"#;
        assert_eq!(total(answer).unwrap(), (2, Total { count: 5, sum: 16 }));
        assert!(total(r#"{"items":[],"next":"x"}"#).is_err());
        assert!(total(r#"{"items":[{"time":1,"value":2}],"next":null}"#).is_err());
    }
}

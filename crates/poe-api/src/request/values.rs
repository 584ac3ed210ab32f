//! Values that several bodies have.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Some thirty years: what a length of time is for decides how long is too long.
const SECONDS_MAX: f64 = 1e9;

/// Seconds with a fraction, down to the millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seconds(pub(crate) Duration);

/// Seconds, or `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SecondsOrNever(pub(crate) Option<Duration>);

/// For fields that can be left out, which leaves them as they are, and be null, which clears them.
pub(crate) fn maybe<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

struct Reads {
    or_never: bool,
}

impl Visitor<'_> for Reads {
    type Value = Option<Duration>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.or_never { "a number of seconds, or \"never\"" } else { "a number of seconds" })
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Option<Duration>, E> {
        if !(0.0..=SECONDS_MAX).contains(&number) {
            return Err(E::custom("This must be a number of seconds, 0 or more."));
        }
        let millis = (number * 1e3).round();
        // What is left of three digits after rounding is the noise of binary fractions.
        if (number * 1e3 - millis).abs() > 1e-3 {
            return Err(E::custom("This must be whole milliseconds, such as 0.25."));
        }
        Ok(Some(Duration::from_millis(millis as u64)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Option<Duration>, E> {
        self.visit_f64(number as f64)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Option<Duration>, E> {
        self.visit_f64(number as f64)
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Option<Duration>, E> {
        if self.or_never && word == "never" {
            return Ok(None);
        }
        Err(E::invalid_type(serde::de::Unexpected::Str(word), &self))
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = deserializer.deserialize_any(Reads { or_never: false })?;
        Ok(Seconds(read.unwrap_or_default()))
    }
}

impl<'de> Deserialize<'de> for SecondsOrNever {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reads { or_never: true }).map(SecondsOrNever)
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0.as_secs_f64())
    }
}

fn seconds() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Number).minimum(Some(0.0)).multiple_of(Some(0.001))
}

impl PartialSchema for Seconds {
    fn schema() -> RefOr<Schema> {
        RefOr::T(Schema::Object(seconds().build()))
    }
}

impl ToSchema for Seconds {
    fn name() -> std::borrow::Cow<'static, str> {
        "Seconds".into()
    }
}

impl PartialSchema for SecondsOrNever {
    fn schema() -> RefOr<Schema> {
        let never = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["never"]));
        RefOr::T(Schema::OneOf(OneOfBuilder::new().item(seconds()).item(never).build()))
    }
}

impl ToSchema for SecondsOrNever {
    fn name() -> std::borrow::Cow<'static, str> {
        "SecondsOrNever".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Body {
        #[serde(default, deserialize_with = "maybe")]
        name: Option<Option<String>>,
        late_s: Option<Seconds>,
        re_alarm_s: Option<SecondsOrNever>,
    }

    fn read(body: &str) -> Result<Body, serde_json::Error> {
        serde_json::from_str(body)
    }

    #[test]
    fn left_out_is_something_else_than_null() {
        assert_eq!(read("{}").unwrap().name, None);
        assert_eq!(read(r#"{"name": null}"#).unwrap().name, Some(None));
        assert_eq!(read(r#"{"name": "x"}"#).unwrap().name, Some(Some("x".to_owned())));
    }

    #[test]
    fn seconds_have_milliseconds_and_no_more() {
        let seconds = |text: &str| read(&format!("{{\"late_s\": {text}}}")).map(|body| body.late_s);
        assert_eq!(seconds("0.25").unwrap(), Some(Seconds(Duration::from_millis(250))));
        assert_eq!(seconds("200").unwrap(), Some(Seconds(Duration::from_secs(200))));
        assert_eq!(seconds("null").unwrap(), None);
        for wrong in ["-1", "0.0001", "1e10", "\"5\"", "\"never\"", "true"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
        let never = |text: &str| read(&format!("{{\"re_alarm_s\": {text}}}")).map(|body| body.re_alarm_s);
        assert_eq!(never("\"never\"").unwrap(), Some(SecondsOrNever(None)));
        assert_eq!(never("1.5").unwrap(), Some(SecondsOrNever(Some(Duration::from_millis(1_500)))));
        assert!(never("\"ever\"").is_err());
    }
}

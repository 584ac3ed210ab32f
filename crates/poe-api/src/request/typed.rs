//! Bodies and parameters as typed values, with the name of what is wrong in them.

use axum::extract::Request;
use axum::http::{StatusCode, Uri};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::problem::Problem;
use crate::request::body;

/// A JSON body. What it does not know it refuses, if its type does (`deny_unknown_fields`).
pub(crate) async fn json<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
    read(&body::json_bytes(request).await?)
}

/// The same, where a few hundred bytes say it all and strangers may ask.
pub(crate) async fn short_json<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
    read(&body::short_json_bytes(request).await?)
}

/// A body with no field at all.
pub(super) fn nothing(bytes: &[u8]) -> Result<(), Problem> {
    read(bytes).map(|Nothing {}| ())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_syntax() || inner.is_eof() {
            return not_json(&inner);
        }
        let message = inner.to_string();
        let place = format!(" at line {} column {}", inner.line(), inner.column());
        explain(&path, message.strip_suffix(&place).unwrap_or(&message))
    })?;
    reader.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

/// The parameters after the question mark. One that is empty is as one that is not there: forms send it so.
pub(crate) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let unreadable = |_| Problem::new(StatusCode::BAD_REQUEST, "The parameters cannot be read.");
    let given: Vec<(String, String)> =
        serde_urlencoded::from_str(uri.query().unwrap_or_default()).map_err(unreadable)?;
    let given: Vec<_> = given.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let given = serde_urlencoded::to_string(given).map_err(|_| unreadable_again())?;
    let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(given.as_bytes()));
    serde_path_to_error::deserialize(reader)
        .map_err(|error| explain(&error.path().to_string(), &error.inner().to_string()))
}

/// For routes that take no parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoQuery {}

/// How many are wanted: `most` at most, `usual` where nothing is said.
pub(crate) fn limit(given: Option<u64>, usual: usize, most: usize) -> Result<usize, Problem> {
    match given {
        None => Ok(usual),
        Some(given) if (1..=most as u64).contains(&given) => Ok(given as usize),
        Some(_) => Err(Problem::unfit("limit", format!("Between 1 and {most}."))),
    }
}

fn unreadable_again() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "The parameters cannot be read.")
}

fn not_json(error: &serde_json::Error) -> Problem {
    let place = format!("line {}, column {}", error.line(), error.column());
    Problem::because(StatusCode::BAD_REQUEST, format!("The body is not JSON ({place})."))
}

/// Puts the words of the reader into ours. Nothing of what was sent is repeated but names of fields.
fn explain(path: &str, message: &str) -> Problem {
    let named = |what: &str| Some(message.strip_prefix(what)?.split('`').nth(1)?.to_owned());
    let at = |name: String| match path.rsplit('.').next() {
        _ if path == "." => name,
        Some(last) if last == name => path.to_owned(),
        _ => format!("{path}.{name}"),
    };
    if let Some(name) = named("missing field") {
        return Problem::unfit(at(name), "This field is needed.");
    }
    if let Some(name) = named("unknown field") {
        return Problem::unfit(at(name), "There is no such field here.");
    }
    if let Some(name) = named("duplicate field") {
        return Problem::unfit(at(name), "This can be given once.");
    }
    let field = if path == "." { "body" } else { path }.to_owned();
    if let Some((_, expected)) = message.split_once(", expected ") {
        return Problem::unfit(field, format!("This must be {}.", in_words(expected)));
    }
    let of_a_number = ["invalid digit found", "number too large", "cannot parse integer", "invalid float"];
    if of_a_number.iter().any(|known| message.contains(known)) {
        return Problem::unfit(field, "This must be a whole number, not below 0.");
    }
    if ["timestamp", "year", "datetime", "offset"].iter().any(|known| message.contains(known)) {
        return Problem::unfit(field, "This must be a time as in 2026-03-29T14:03:07Z.");
    }
    Problem::unfit(field, message)
}

/// What the reader calls its types.
fn in_words(expected: &str) -> String {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, not below 0".to_owned(),
        "a string" | "a borrowed string" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "f64" | "f32" => "a number".to_owned(),
        "a sequence" => "a list".to_owned(),
        _ if expected.starts_with("struct ") || expected.starts_with("a map") => "an object".to_owned(),
        _ => expected.trim_end_matches('.').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Word;
    use axum::body::Body;
    use poe_building::Class;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Shelf {
        minutes: u64,
        reason: String,
        class: Option<Word<Class>>,
        marks: Option<Vec<Mark>>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Mark {
        x: f64,
    }

    fn read(body: &str) -> Result<Shelf, Problem> {
        let request = axum::http::Request::builder().header("content-type", "application/json");
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(json(request))
    }

    #[test]
    fn a_problem_with_a_body_names_its_field() {
        for (body, field, detail) in [
            (r#"{"reason": "x"}"#, "minutes", "This field is needed."),
            (r#"{"minutes": "5", "reason": "x"}"#, "minutes", "This must be a whole number, not below 0."),
            (r#"{"minutes": -5, "reason": "x"}"#, "minutes", "This must be a whole number, not below 0."),
            (r#"{"minutes": 5, "reason": 7}"#, "reason", "This must be a text."),
            (r#"{"minutes": 5, "reason": "x", "raeson": 1}"#, "raeson", "There is no such field here."),
            (r#"{"minutes": 5, "minutes": 6, "reason": "x"}"#, "minutes", "This can be given once."),
            (
                r#"{"minutes": 5, "reason": "x", "class": "fire"}"#,
                "class",
                "One of alarm, supervisory and trouble.",
            ),
            (
                r#"{"minutes": 5, "reason": "x", "marks": [{"x": 1}, {}]}"#,
                "marks[1].x",
                "This field is needed.",
            ),
            (
                r#"{"minutes": 5, "reason": "x", "marks": [{"x": "1"}]}"#,
                "marks[0].x",
                "This must be a number.",
            ),
            ("[]", "body", "This must be an object."),
        ] {
            assert_eq!(read(body), Err(Problem::unfit(field.to_owned(), detail)), "{body}");
        }
        for body in ["", "{", r#"{"minutes": 5, "reason": "x"} {}"#, "{\"minutes\": 5,}", "\u{0}"] {
            assert_eq!(
                read(body).map_err(|problem| problem.status),
                Err(StatusCode::BAD_REQUEST),
                "{body:?}"
            );
        }
        let right = read(r#"{"minutes": 5, "reason": "x", "class": "alarm"}"#).unwrap();
        assert_eq!(right.class, Some(Word(Class::Alarm)));
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        class: Option<Word<Class>>,
        after: Option<u64>,
        source: Option<String>,
        from: Option<jiff::Timestamp>,
    }

    fn ask(text: &str) -> Result<Wanted, Problem> {
        query(&format!("/api/v1/events?{text}").parse().unwrap())
    }

    #[test]
    fn a_problem_with_a_parameter_names_it() {
        for (text, field, detail) in [
            ("class=fire", "class", "One of alarm, supervisory and trouble."),
            ("after=-1", "after", "This must be a whole number, not below 0."),
            ("after=1&after=2", "after", "This can be given once."),
            ("afer=2", "afer", "There is no such field here."),
            ("from=2026-11-23", "from", "This must be a time as in 2026-03-29T14:03:07Z."),
            ("from=bad", "from", "This must be a time as in 2026-03-29T14:03:07Z."),
        ] {
            assert_eq!(ask(text), Err(Problem::unfit(field.to_owned(), detail)), "{text}");
        }
        let right = ask("source=room%20A%2B1&class=&after=7").unwrap();
        assert_eq!(
            right,
            Wanted { after: Some(7), source: Some("room A+1".to_owned()), class: None, from: None }
        );
    }
}

//! Commands that are sent twice are carried out once (`Idempotency-Key`).
//!
//! Only what was carried out is kept. A refusal has changed nothing, so that the same command may be tried again. Routes whose
//! requests or answers hold secrets keep nothing: their names are unique, so that a second time is refused anyway.

mod answers;

pub(crate) use answers::Answers;

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::Body as _;

use crate::auth::{Caller, Known, Proof, hash_of};
use crate::problem::Problem;
use crate::request;
use crate::work::Shared;
use answers::{ANSWER_BYTES_MAX, Answer, Before, Command};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const KEY_BYTES_MAX: usize = 64;

const UNFIT: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "An Idempotency-Key has 1 to 64 letters, digits and . _ ~ -, and there is one at most.",
);
const OTHER_COMMAND: Problem = Problem::new(
    StatusCode::UNPROCESSABLE_ENTITY,
    "This Idempotency-Key was used for another command here. Take a new one.",
);
const UNDER_WAY: Problem = Problem::new(
    StatusCode::CONFLICT,
    "The command with this Idempotency-Key is being carried out. Ask again in a moment.",
);
const BUSY: Problem = Problem::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "Too many commands are being carried out. Try again in a moment.",
);
const TOO_LARGE_TO_KEEP: Problem = Problem::new(
    StatusCode::CONFLICT,
    "The command with this Idempotency-Key was carried out; its answer was too large to be kept.",
);

/// Carries out a POST that has a key once. It comes after the policy, so that nobody is told what they may not ask.
pub(crate) async fn once(request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    match carry_out_once(request, next).await {
        Ok(answer) => answer,
        Err(problem) => problem.into_response(),
    }
}

async fn carry_out_once(request: Request, next: Next) -> Result<Response, Problem> {
    let key = key(request.headers())?;
    let extensions = request.extensions();
    // Of strangers nothing is kept: nobody could tell one from the other.
    let (Some(Caller::Known(caller)), Some(shared)) = (extensions.get(), extensions.get::<Arc<Shared>>())
    else {
        return Ok(next.run(request).await);
    };
    let scope = format!("{}\n{}\n{key}", scope_of(caller), request.uri());
    let shared = Arc::clone(shared);

    let (parts, body) = request.into_parts();
    let mut incoming = Request::new(body);
    incoming.extensions_mut().insert(Arc::clone(&shared));
    let bytes = request::command_bytes(incoming).await?;
    let command = Command { scope: hash_of(scope.as_bytes()), body: hash_of(&bytes) };
    match shared.answers.begin(&command, Instant::now()) {
        Before::Never => {}
        Before::Answered(answer) => return Ok(restore(answer)),
        Before::TooLarge => return Err(TOO_LARGE_TO_KEEP),
        Before::UnderWay => return Err(UNDER_WAY),
        Before::Other => return Err(OTHER_COMMAND),
        Before::Busy => return Err(BUSY.after_s(1)),
    }
    let begun = Begun { shared, command, is_settled: false };
    let request = Request::from_parts(parts, Body::from(bytes));
    // A task of its own goes on when the client leaves: it will ask again, and is to be told what came of it.
    let answering = tokio::spawn(async move { begun.keep(next.run(request).await).await });
    answering.await.map_err(|error| {
        tracing::error!(%error, "a command failed");
        Problem::FAILED
    })
}

fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut keys = headers.get_all(KEY).iter();
    let (Some(key), None) = (keys.next().and_then(|key| key.to_str().ok()), keys.next()) else {
        return Err(UNFIT);
    };
    // Some write it as a string with quotes, as structured headers do: it is the same key.
    let quoted = key.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let key = quoted.unwrap_or(key);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
    let is_fit = (1..=KEY_BYTES_MAX).contains(&key.len()) && key.bytes().all(fits);
    if is_fit { Ok(key.to_owned()) } else { Err(UNFIT) }
}

/// The same for everything that one person or one program sends, whichever session it comes by. Whoever may do or see
/// something else since, or has only the name of another who had it before, is not told what was answered then.
fn scope_of(Known { name, role, reach, proof, .. }: &Known) -> String {
    let whose = match proof {
        Proof::Socket(peer) => format!("socket {peer:?}"),
        Proof::Session(_) => format!("user {name}"),
        Proof::Token(id) => format!("token {id}"),
    };
    format!("{whose}\n{role}\n{:?}", reach.buildings())
}

/// A command that is being carried out.
struct Begun {
    shared: Arc<Shared>,
    command: Command,
    is_settled: bool,
}

impl Begun {
    /// Keeps the answer, if the command was carried out.
    async fn keep(mut self, answer: Response) -> Response {
        if !answer.status().is_success() {
            return answer;
        }
        self.is_settled = true;
        let (answers, now) = (&self.shared.answers, Instant::now());
        let is_small = answer.body().size_hint().exact().is_some_and(|size| size <= ANSWER_BYTES_MAX as u64);
        if !is_small {
            answers.too_large(&self.command, now);
            return answer;
        }
        let (parts, body) = answer.into_parts();
        let Ok(bytes) = to_bytes(body, ANSWER_BYTES_MAX).await else {
            answers.too_large(&self.command, now);
            return Problem::FAILED.into_response();
        };
        let header = |name| parts.headers.get(name).cloned();
        answers.keep(
            &self.command,
            Answer {
                status: parts.status,
                content_type: header(header::CONTENT_TYPE),
                location: header(header::LOCATION),
                body: bytes.clone(),
            },
            now,
        );
        Response::from_parts(parts, Body::from(bytes))
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if !self.is_settled {
            self.shared.answers.forget(&self.command);
        }
    }
}

fn restore(Answer { status, content_type, location, body }: Answer) -> Response {
    let mut answer = (status, Body::from(body)).into_response();
    let headers = [(header::CONTENT_TYPE, content_type), (header::LOCATION, location)];
    answer.headers_mut().extend(headers.into_iter().filter_map(|(name, value)| Some((name, value?))));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use poe_building::{Reach, Role, SecretHash};

    #[test]
    fn a_key_belongs_to_who_sends_it_as_long_as_they_see_the_same() {
        let known = |name: &str, role, buildings: &[&str], session| Known {
            name: name.into(),
            role,
            reach: Reach::of(buildings.iter().copied().map(Into::into).collect()),
            origin: "::1".into(),
            proof: Proof::Session(SecretHash([session; 32])),
        };
        let anna = scope_of(&known("anna", Role::Operator, &[], 1));
        assert_eq!(anna, scope_of(&known("anna", Role::Operator, &[], 2)), "in another session");
        for other in [
            known("bert", Role::Operator, &[], 1),
            known("anna", Role::Engineer, &[], 1),
            known("anna", Role::Operator, &["house"], 1),
        ] {
            assert_ne!(anna, scope_of(&other), "{other:?}");
        }
    }

    #[test]
    fn a_key_is_a_short_plain_word() {
        let read = |keys: &[&str]| {
            let mut headers = HeaderMap::new();
            for key in keys {
                headers.append(KEY, HeaderValue::from_str(key).unwrap());
            }
            key(&headers)
        };
        assert_eq!(read(&["7e57-A.b_c~"]).as_deref(), Ok("7e57-A.b_c~"));
        assert_eq!(read(&[&"k".repeat(64)]), Ok("k".repeat(64)));
        assert_eq!(read(&["\"7e57-A\""]).as_deref(), Ok("7e57-A"), "in quotes or without");
        assert_eq!(read(&[&format!("\"{}\"", "k".repeat(64))]), Ok("k".repeat(64)));
        for unfit in [&["\""][..], &["\"\""], &["\"a"], &["a\""], &["\"\"a\"\""]] {
            assert_eq!(read(unfit), Err(UNFIT), "{unfit:?}");
        }
        for unfit in [&[][..], &[""], &["a b"], &["a", "a"], &[&"k".repeat(65)], &["a/b"], &["\u{e9}"]] {
            assert_eq!(read(unfit), Err(UNFIT), "{unfit:?}");
        }
    }
}

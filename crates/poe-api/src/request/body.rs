//! Bodies: bounded in size and in time, and of the type that they say.

use std::error::Error;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use tokio::time::timeout;

use crate::problem::Problem;

/// An order is a few hundred bytes; what is beyond this is none.
const JSON_BYTES_MAX: usize = 1024 * 1024;
/// A campus of a thousand buildings as a building file.
const TEXT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// On one machine the largest body takes a moment. Longer, and somebody holds a place for nothing.
const COMES_WITHIN: Duration = Duration::from_secs(10);
/// The largest picture over a line of 1.2 Mbit/s. Few can send one at a time.
const PICTURE_COMES_WITHIN: Duration = Duration::from_secs(120);

/// The bytes of a body that says that it is JSON.
pub(super) async fn json_bytes(request: Request) -> Result<Vec<u8>, Problem> {
    let typed = is_of_type(&request, &["application/json"]);
    let bytes = read(request.into_body(), JSON_BYTES_MAX).await?;
    if typed {
        Ok(bytes)
    } else {
        Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send application/json."))
    }
}

/// The bytes of any command.
pub(crate) async fn command_bytes(body: Body) -> Result<Vec<u8>, Problem> {
    read(body, JSON_BYTES_MAX).await
}

/// For what needs no fields: no body, or an object without any.
pub(crate) async fn nothing(request: Request) -> Result<(), Problem> {
    let typed = is_of_type(&request, &["application/json"]);
    let bytes = read(request.into_body(), JSON_BYTES_MAX).await?;
    match (bytes.is_empty(), typed) {
        (true, _) => Ok(()),
        (false, true) => super::typed::nothing(&bytes),
        (false, false) => Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send application/json.")),
    }
}

/// A building file.
pub(crate) async fn text(request: Request) -> Result<String, Problem> {
    let typed = is_of_type(&request, &["application/toml", "text/plain"]);
    let bytes = read(request.into_body(), TEXT_BYTES_MAX).await?;
    if !typed {
        let detail = "Send application/toml or text/plain.";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let not_text = |_| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "The body is not UTF-8.");
    String::from_utf8(bytes).map_err(not_text)
}

/// A picture that is said to be of one of these types.
pub(crate) async fn picture(request: Request, types: &[&str], limit: usize) -> Result<Vec<u8>, Problem> {
    let typed = is_of_type(&request, types);
    let bytes = read_within(PICTURE_COMES_WITHIN, request.into_body(), limit).await?;
    if typed {
        Ok(bytes)
    } else {
        let detail = format!("Send {}.", types.join(", "));
        Err(Problem::because(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
    }
}

/// Whether the body is said to be one of these types, whatever its parameters.
fn is_of_type(request: &Request, types: &[&str]) -> bool {
    let said = request.headers().get(header::CONTENT_TYPE).and_then(|said| said.to_str().ok());
    let essence = said.and_then(|said| said.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| types.iter().any(|known| essence.eq_ignore_ascii_case(known)))
}

async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Problem> {
    read_within(COMES_WITHIN, body, limit).await
}

async fn read_within(time: Duration, body: Body, limit: usize) -> Result<Vec<u8>, Problem> {
    let read = timeout(time, to_bytes(body, limit)).await.map_err(|_| Problem::BODY_LATE)?;
    match read {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) if is_too_long(&error) => Err(Problem::BODY_TOO_LARGE),
        Err(_) => Err(Problem::BODY_CUT),
    }
}

/// Whether it is the limit that ended the body; everything else that can is the connection's, and hyper tells of that.
fn is_too_long(error: &axum::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<hyper::Error>() {
            return false;
        }
        cause = error.source();
    }
    true
}

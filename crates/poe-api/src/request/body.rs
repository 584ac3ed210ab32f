//! Bodies: bounded in size and in time, and of the type that they say.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use hyper::body::{Body as _, Bytes, Frame};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::problem::Problem;
use crate::work::Shared;

/// A name with a password, or nothing at all. Strangers send no more.
const SHORT_BYTES_MAX: usize = 4 * 1024;

/// An order is a few hundred bytes; what is beyond this is none.
const JSON_BYTES_MAX: usize = 1024 * 1024;
/// A campus of a thousand buildings as a building file.
const TEXT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// All bodies that come in at a time, but for the first 4 KiB of each, so that orders always come in: four of the largest.
const COMING_BYTES_MAX: usize = 64 * 1024 * 1024;
/// When one that found no room is to come again.
const COME_AGAIN_S: u64 = 2;
/// On one machine the largest body takes a moment. Longer, and somebody holds a place for nothing.
const COMES_WITHIN: Duration = Duration::from_secs(10);
/// The largest picture over a line of 1.2 Mbit/s. Few can send one at a time.
const PICTURE_COMES_WITHIN: Duration = Duration::from_secs(120);

/// The bytes of a body that says that it is JSON.
pub(super) async fn json_bytes(request: Request) -> Result<Vec<u8>, Problem> {
    json_bytes_up_to(request, JSON_BYTES_MAX).await
}

/// The same of a short one.
pub(super) async fn short_json_bytes(request: Request) -> Result<Vec<u8>, Problem> {
    json_bytes_up_to(request, SHORT_BYTES_MAX).await
}

async fn json_bytes_up_to(request: Request, limit: usize) -> Result<Vec<u8>, Problem> {
    let typed = is_of_type(&request, &["application/json"]);
    let bytes = read(request, COMES_WITHIN, limit).await?;
    if typed {
        Ok(bytes)
    } else {
        Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send application/json."))
    }
}

/// The bytes of any command.
pub(crate) async fn command_bytes(request: Request) -> Result<Vec<u8>, Problem> {
    read(request, COMES_WITHIN, JSON_BYTES_MAX).await
}

/// For what needs no fields: no body, or an object without any. Whoever names a type has to name the right one, even for nothing.
pub(crate) async fn nothing(request: Request) -> Result<(), Problem> {
    let typed = is_of_type(&request, &["application/json"]);
    let untyped = !request.headers().contains_key(header::CONTENT_TYPE);
    let bytes = read(request, COMES_WITHIN, SHORT_BYTES_MAX).await?;
    match (bytes.is_empty(), typed) {
        (true, _) if typed || untyped => Ok(()),
        (false, true) => super::typed::nothing(&bytes),
        _ => Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send application/json.")),
    }
}

/// A building file.
pub(crate) async fn text(request: Request) -> Result<String, Problem> {
    let typed = is_of_type(&request, &["application/toml", "text/plain"]);
    let bytes = read(request, COMES_WITHIN, TEXT_BYTES_MAX).await?;
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
    let bytes = read(request, PICTURE_COMES_WITHIN, limit).await?;
    if typed {
        Ok(bytes)
    } else {
        let detail = format!("Send {}.", types.join(", "));
        Err(Problem::because(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
    }
}

/// A file of any size that is said to be of one of these types, as it comes.
pub(crate) fn pieces(request: Request, types: &[&str]) -> Result<Pieces, Problem> {
    if is_of_type(&request, types) {
        return Ok(Pieces(request.into_body()));
    }
    let detail = format!("Send {}.", types.join(" or "));
    Err(Problem::because(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
}

/// A body that is never in memory as a whole.
#[derive(Debug)]
pub(crate) struct Pieces(Body);

impl Pieces {
    /// What comes next; nothing at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let next = async {
            loop {
                let frame = poll_fn(|context| Pin::new(&mut self.0).poll_frame(context)).await;
                match frame.transpose().map_err(|_| Problem::BODY_CUT)?.map(Frame::into_data) {
                    None => return Ok(None),
                    Some(Ok(piece)) => return Ok(Some(piece)),
                    // Trailers say nothing to us.
                    Some(Err(_)) => {}
                }
            }
        };
        timeout(COMES_WITHIN, next).await.map_err(|_| Problem::BODY_LATE)?
    }
}

/// Whether the body is said to be one of these types, whatever its parameters.
fn is_of_type(request: &Request, types: &[&str]) -> bool {
    let said = request.headers().get(header::CONTENT_TYPE).and_then(|said| said.to_str().ok());
    let essence = said.and_then(|said| said.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| types.iter().any(|known| essence.eq_ignore_ascii_case(known)))
}

async fn read(request: Request, time: Duration, limit: usize) -> Result<Vec<u8>, Problem> {
    let shared = request.extensions().get::<Arc<Shared>>().map(Arc::clone);
    let room = shared.as_ref().map(|shared| &shared.bodies);
    timeout(time, gather(request.into_body(), limit, room)).await.map_err(|_| Problem::BODY_LATE)?
}

async fn gather(mut body: Body, limit: usize, room: Option<&Room>) -> Result<Vec<u8>, Problem> {
    let (mut bytes, mut held) = (Vec::new(), Vec::new());
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| Problem::BODY_CUT)?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > limit {
            return Err(Problem::BODY_TOO_LARGE);
        }
        let beyond = (bytes.len() + data.len()).saturating_sub(SHORT_BYTES_MAX.max(bytes.len()));
        if let Some(room) = room
            && beyond > 0
        {
            held.push(room.take(beyond)?);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

/// The room for bodies that come in.
#[derive(Debug)]
pub(crate) struct Room {
    free: Semaphore,
    refused: AtomicU64,
}

impl Default for Room {
    fn default() -> Self {
        Room { free: Semaphore::new(COMING_BYTES_MAX), refused: AtomicU64::new(0) }
    }
}

impl Room {
    /// As many bytes of it, if they are free.
    fn take(&self, bytes: usize) -> Result<SemaphorePermit<'_>, Problem> {
        let bytes = u32::try_from(bytes).ok().and_then(|bytes| self.free.try_acquire_many(bytes).ok());
        bytes.ok_or_else(|| {
            self.refused.fetch_add(1, Relaxed);
            let detail = "Too many large bodies come at this moment. Try again in a moment.";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).after_s(COME_AGAIN_S)
        })
    }

    /// How many bodies found no room.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream;

    /// Reads a body that comes in these pieces.
    fn read(pieces: &[usize], limit: usize, room: &Room) -> Result<usize, StatusCode> {
        let pieces = pieces.to_vec();
        let body = stream::body(|outlet| async move {
            for size in pieces {
                outlet.say(Bytes::from(vec![b'x'; size])).await;
            }
            Ok(())
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let read = runtime.block_on(gather(body, limit, Some(room)));
        read.map(|bytes| bytes.len()).map_err(|problem| problem.status)
    }

    #[test]
    fn bodies_share_a_room_and_short_ones_always_come_in() {
        const MIB: usize = 1024 * 1024;
        let room = Room::default();
        assert_eq!(read(&[100, 200], 300, &room), Ok(300));
        assert_eq!(read(&[100, 201], 300, &room), Err(StatusCode::PAYLOAD_TOO_LARGE));
        assert_eq!(read(&[MIB; 16], 16 * MIB, &room), Ok(16 * MIB));
        assert_eq!(room.free.available_permits(), COMING_BYTES_MAX, "it is free again");
        let held = room.take(COMING_BYTES_MAX - 100).unwrap();
        assert_eq!(read(&[1, SHORT_BYTES_MAX - 1], MIB, &room), Ok(SHORT_BYTES_MAX));
        assert_eq!(read(&[SHORT_BYTES_MAX, 100], MIB, &room), Ok(SHORT_BYTES_MAX + 100));
        assert_eq!(read(&[1, SHORT_BYTES_MAX + 100], MIB, &room), Err(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(room.refused(), 1);
        drop(held);
        assert_eq!(read(&[MIB], MIB, &room), Ok(MIB));
    }
}

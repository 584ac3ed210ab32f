//! `/api/v1/backup`: a copy of everything.

use std::io::{self, Write};
use std::mem::take;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::IntoResponse;
use hyper::body::Bytes;
use poe_building::{EntryKind, Order};
use poe_store::{Backup, BackupError};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use utoipa_axum::routes;

use crate::answer::Answer;
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::Problem;
use crate::request::{self, NoQuery};
use crate::routes::table::Routes;
use crate::stream;

/// What is read of the copies at a time,
const PIECE_BYTES: usize = 256 * 1024;
/// and how many pieces wait for a client that is slower than the disk.
const PIECES_WAITING_MAX: usize = 4;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::ADMIN, routes!(make))
}

/// A consistent copy of everything, as a tar: what was shown before the request is in it. It holds all secrets.
#[utoipa::path(get, path = "/api/v1/backup", tag = "backup", operation_id = "make_backup",
    responses(
        (status = 200, description = "The copy; `manifest.json` is its first member.",
            content_type = "application/x-tar", body = Vec<u8>),
        (status = 409, description = "Another one is being made.",
            content_type = "application/problem+json", body = crate::problem::ProblemView),
        (status = 507, description = "There is no room for the copy.",
            content_type = "application/problem+json", body = crate::problem::ProblemView),
    ))]
async fn make(State(door): State<Door>, caller: Known, uri: Uri) -> Answer {
    let NoQuery {} = request::query(&uri)?;
    let backup = door.work(|server, _| server.backup()).await?.map_err(|error| {
        let status = match error {
            BackupError::Busy => StatusCode::CONFLICT,
            BackupError::NoRoom(_) => StatusCode::INSUFFICIENT_STORAGE,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        Problem::because(status, format!("No backup was made: {error}"))
    })?;
    let note = Order::Note { kind: EntryKind::BackupMade, source: None, text: backup.summary().into() };
    // All secrets are in it, so that nobody gets a copy of which the journal does not tell.
    if let Err(refused) = door.order(&caller, note).await? {
        tracing::warn!(%refused, "the journal does not tell of a backup, which was thrown away");
        let detail = format!("No backup was made: the journal could not tell of it: {refused}");
        return Err(Problem::because(StatusCode::SERVICE_UNAVAILABLE, detail));
    }
    let name = format!("attachment; filename=\"{}\"", backup.file_name());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/x-tar")),
        (header::CONTENT_LENGTH, HeaderValue::from(backup.bytes())),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(name).expect("our file names are plain")),
    ];
    Ok((headers, tell(backup)).into_response())
}

/// The copy as it is read. The thread that reads ends with the client.
fn tell(backup: Backup) -> axum::body::Body {
    let (sender, mut pieces) = mpsc::channel::<Bytes>(PIECES_WAITING_MAX);
    let reading = spawn_blocking(move || {
        let mut writer = Pieces { sender, gathered: Vec::with_capacity(PIECE_BYTES) };
        backup.write(&mut writer)?;
        writer.flush()
    });
    stream::body(|outlet| async move {
        while let Some(piece) = pieces.recv().await {
            outlet.say(piece).await;
        }
        // Without its end nobody takes it for a backup.
        reading.await.map_err(|_| "the copy could not be read")?.map_err(Into::into)
    })
}

/// Hands on what is written, a piece at a time.
struct Pieces {
    sender: mpsc::Sender<Bytes>,
    gathered: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = Bytes::from(take(&mut self.gathered));
        self.sender.blocking_send(piece).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

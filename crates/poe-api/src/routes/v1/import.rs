//! `/api/v1/import`: readings from elsewhere, with their times.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use poe_building::{EntryKind, Order, Profile};
use poe_history::{History, HistoryError, ImportOptions, Imported, Source};
use poe_wire::SensorKind;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::answer::{Answer, ok};
use crate::auth::{Known, Policy};
use crate::courtesy::give_way;
use crate::door::Door;
use crate::problem::{Problem, ProblemView};
use crate::request::{self, one_of};
use crate::routes::table::Routes;
use crate::scribe::NO_HISTORY;
use crate::server::Server;
use crate::views::{Stamp, now, stamp};

/// The name of the file while it comes in.
const INCOMING: &str = "incoming";
/// What is written aside at a time.
const WRITTEN_BYTES: usize = 1 << 20;
/// What may be sent. What is in it, `format` says.
const MEDIA_TYPES: [&str; 2] = ["application/octet-stream", "text/csv"];

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add_large(Policy::ADMIN, routes!(import))
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ImportFormat {
    /// A file of SQLite with a table as the server keeps it for others.
    Table,
    /// Lines with commas, of which the first names the columns.
    Csv,
    /// Packed readings of 13 bytes.
    Readings,
}

/// How it is read.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// `table`: a file of SQLite with a table of latest values. `csv`: the first line names the columns: `time`, `node`, `sensor`,
    /// `kind`, `value` and perhaps `status`, as an export has them; or `ip_id`, `sensor`, `value`, `time`, as the table has them. `readings`: 13 bytes each,
    /// little-endian: u32 sensor, i64 milliseconds since 1970, u8 value.
    #[param(value_type = String)]
    format: ImportFormat,
    /// With `table`: its name. Without it, `sensors`, or the only one that fits.
    table: Option<String>,
    /// With `readings`: the address of the node that has the first sensors; those of the others follow it.
    first_node: Option<String>,
    /// With `readings`: what the sensors of each node measure, by their numbers, with commas: `TEMPERATURE,HUMIDITY`.
    kinds: Option<String>,
    /// Leave out what is wrong, instead of importing nothing.
    #[serde(default)]
    lenient: bool,
    /// Import once more what was imported before.
    #[serde(default)]
    again: bool,
}

/// What was imported.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Imported)]
struct ImportedView {
    /// How many readings,
    readings: u64,
    /// of how many sensors.
    sensors: usize,
    /// The time of the earliest of them, and
    from: Option<Stamp>,
    /// that of the latest.
    to: Option<Stamp>,
    /// What was wrong, and left out.
    left_out: u64,
    /// Why, of the first few of them.
    errors: Vec<String>,
}

/// Readings from elsewhere become part of the history, with their times. Everything or nothing is imported, unless the request is
/// lenient, and the same file once, unless it says again.
#[utoipa::path(post, path = "/api/v1/import", tag = "history", operation_id = "import_history", params(Wanted),
    request_body(description = "The file, as large as the disk has room for.",
        content((Vec<u8> = "application/octet-stream"), (String = "text/csv"))),
    responses(
        (status = 200, description = "They are in the history.", body = ImportedView),
        (status = 507, description = "There is no room for the file.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn import(State(door): State<Door>, caller: Known, request: Request) -> Answer {
    let Wanted { format, table, first_node, kinds, lenient, again } = request::query(request.uri())?;
    let layout = Layout::read(format, table, first_node.as_deref(), kinds.as_deref())?;
    let now_ms = now().0.div_euclid(1_000);
    let options = ImportOptions { profile: Profile::IIT_2022, lenient, again, now_ms };
    let history = door.server.history().ok_or(NO_HISTORY)?;
    let busy = |_| Problem::new(StatusCode::CONFLICT, "Another import is under way; wait until it is done.");
    let _place = door.shared.imports.try_acquire().map_err(busy)?;
    let aside = receive(&door, request).await?;
    let imported = read(history, aside, layout, options).await?.map_err(|error| refused(&error))?;
    let note =
        Order::Note { kind: EntryKind::HistoryImported, source: None, text: told(&imported, format).into() };
    if let Err(refused) = door.order(&caller, note).await? {
        tracing::warn!(%refused, "the journal does not tell of an import");
        let detail = format!("The readings are imported; the journal could not tell of it: {refused}");
        return Err(Problem::because(StatusCode::SERVICE_UNAVAILABLE, detail));
    }
    let Imported { readings, times_ms, sensors, left_out, told } = imported;
    let (from, to) = times_ms.map(|(from, to)| (stamp(from), stamp(to))).unzip();
    ok(&ImportedView { readings, sensors, from, to, left_out, errors: told })
}

/// For the journal.
fn told(imported: &Imported, format: ImportFormat) -> String {
    let Imported { readings, times_ms, sensors, left_out, .. } = imported;
    let times = times_ms.map(|(from, to)| format!(", {} to {}", stamp(from), stamp(to))).unwrap_or_default();
    let left_out =
        if *left_out > 0 { format!("; {left_out} were wrong and left out") } else { String::new() };
    let from = match format {
        ImportFormat::Table => "a table",
        ImportFormat::Csv => "CSV",
        ImportFormat::Readings => "packed readings",
    };
    format!("{readings} readings of {sensors} sensors were imported from {from}{times}{left_out}")
}

/// How the file is to be read.
#[derive(Debug)]
enum Layout {
    Table { table: Option<String> },
    Csv,
    Records { first_node: IpAddr, kinds: Vec<SensorKind> },
}

impl Layout {
    fn read(
        format: ImportFormat,
        table: Option<String>,
        first_node: Option<&str>,
        kinds: Option<&str>,
    ) -> Result<Self, Problem> {
        let only = |field: &'static str, given: bool, format: &str| match given {
            true => Err(Problem::unfit(field, format!("This goes with format={format} alone."))),
            false => Ok(()),
        };
        if format != ImportFormat::Table {
            only("table", table.is_some(), "table")?;
        }
        if format != ImportFormat::Readings {
            only("first_node", first_node.is_some(), "readings")?;
            only("kinds", kinds.is_some(), "readings")?;
        }
        match format {
            ImportFormat::Table => Ok(Self::Table { table }),
            ImportFormat::Csv => Ok(Self::Csv),
            ImportFormat::Readings => {
                let address = first_node.and_then(|address| address.parse::<IpAddr>().ok());
                let unfit = || Problem::unfit("first_node", "Readings need the address of the first node.");
                let first_node = address.ok_or_else(unfit)?.to_canonical();
                let kind = |name: &str| SensorKind::ALL.into_iter().find(|kind| kind.name() == name.trim());
                let kinds: Option<Vec<_>> = kinds.unwrap_or_default().split(',').map(kind).collect();
                let unfit = || {
                    let one_of = one_of(SensorKind::ALL.map(SensorKind::name));
                    Problem::unfit(
                        "kinds",
                        format!("Readings need the kind of each sensor of a node, with commas. {one_of}"),
                    )
                };
                Ok(Self::Records { first_node, kinds: kinds.ok_or_else(unfit)? })
            }
        }
    }
}

/// A file that has come in. It goes when nobody needs it any more.
#[derive(Debug)]
struct Aside {
    path: PathBuf,
    file: File,
}

impl Aside {
    /// There is one at a time.
    fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join(INCOMING);
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        Ok(Self { path, file })
    }

    /// Adds something, if there is room for it.
    fn write(mut self, bytes: &[u8], room: Room) -> io::Result<Self> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        if room(folder)? < bytes.len() as u64 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.file.write_all(bytes)?;
        Ok(self)
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, "could not remove {}", self.path.display());
        }
    }
}

/// Tells how many bytes may be put into a folder.
type Room = fn(&Path) -> io::Result<u64>;

fn room(folder: &Path) -> io::Result<u64> {
    poe_history::room_for_import(folder).map_err(io::Error::other)
}

/// Removes what a crash has left of a file that came in. Called where one may wait, before anybody is served.
pub(crate) fn clear(server: &dyn Server) {
    let path = server.imports_folder().join(INCOMING);
    match fs::remove_file(&path) {
        Ok(()) => {
            tracing::info!("removed {}, which was to be imported when the server ended", path.display());
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(%error, "could not remove {}", path.display()),
    }
}

/// Puts the body aside.
async fn receive(door: &Door, request: Request) -> Result<Aside, Problem> {
    let mut pieces = request::pieces(request, &MEDIA_TYPES)?;
    let mut aside = door
        .work(|server, _| Aside::create(&server.imports_folder()))
        .await?
        .map_err(|error| lost(&error))?;
    let mut gathered = Vec::with_capacity(WRITTEN_BYTES);
    loop {
        let piece = pieces.next().await?;
        gathered.extend_from_slice(piece.as_deref().unwrap_or_default());
        let is_end = piece.is_none();
        if is_end || gathered.len() >= WRITTEN_BYTES {
            let bytes = std::mem::replace(&mut gathered, Vec::with_capacity(WRITTEN_BYTES));
            aside = door.work(move |_, _| aside.write(&bytes, room)).await?.map_err(|error| lost(&error))?;
        }
        if is_end {
            return Ok(aside);
        }
    }
}

fn lost(error: &io::Error) -> Problem {
    if error.kind() == io::ErrorKind::StorageFull {
        return NO_ROOM;
    }
    tracing::error!(%error, "a file to be imported could not be put aside");
    Problem::because(StatusCode::SERVICE_UNAVAILABLE, format!("The file could not be put aside: {error}"))
}

const NO_ROOM: Problem = Problem::new(
    StatusCode::INSUFFICIENT_STORAGE,
    "There is no room for the file: it takes twice its size beside what the disk keeps free for readings to come. Delete something, or import it in parts.",
);

/// Imports the file on a thread of its own that gives way to all others.
async fn read(
    history: Arc<History>,
    aside: Aside,
    layout: Layout,
    options: ImportOptions,
) -> Result<Result<Imported, HistoryError>, Problem> {
    let (told, imported) = oneshot::channel();
    let work = move || {
        give_way();
        let imported = import_file(&history, &aside.path, &layout, options);
        // Before anybody is told: the file of the next one has the same name.
        drop(aside);
        // Nobody waits any more only when the server ends.
        told.send(imported).ok();
    };
    thread::Builder::new().name("poe-import".into()).spawn(work).map_err(|error| {
        tracing::error!(%error, "could not start a thread for an import");
        Problem::FAILED
    })?;
    imported.await.map_err(|_| Problem::FAILED)
}

fn import_file(
    history: &History,
    path: &Path,
    layout: &Layout,
    options: ImportOptions,
) -> Result<Imported, HistoryError> {
    let open = || {
        let file = File::open(path);
        let file =
            file.map_err(|cause| HistoryError::Disk { doing: "open", path: path.to_owned(), cause })?;
        Ok(io::BufReader::with_capacity(WRITTEN_BYTES, file))
    };
    match layout {
        Layout::Table { table } => {
            poe_history::import(history, Source::Table { file: path, table: table.as_deref() }, &options)
        }
        Layout::Csv => poe_history::import(history, Source::Csv(&mut open()?), &options),
        Layout::Records { first_node, kinds } => {
            let source = Source::Records { from: &mut open()?, first_node: *first_node, kinds };
            poe_history::import(history, source, &options)
        }
    }
}

fn refused(error: &HistoryError) -> Problem {
    match error {
        HistoryError::Import { .. } => Problem::unfit("body", format!("Nothing was imported: {error}")),
        error => {
            tracing::error!(error = error as &dyn std::error::Error, "an import failed");
            let status = match error {
                HistoryError::Disk { cause, .. } if cause.kind() == io::ErrorKind::StorageFull => {
                    StatusCode::INSUFFICIENT_STORAGE
                }
                _ => StatusCode::SERVICE_UNAVAILABLE,
            };
            Problem::because(status, format!("Nothing was imported: {error}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_comes_in_leaves_room_and_goes_when_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let aside = Aside::create(folder.path()).unwrap().write(b"1234", |_| Ok(4)).unwrap();
        assert_eq!(fs::read(folder.path().join(INCOMING)).unwrap(), b"1234");
        let refused = aside.write(b"5", |_| Ok(0)).unwrap_err();
        assert_eq!(lost(&refused).status, StatusCode::INSUFFICIENT_STORAGE);
        assert!(!folder.path().join(INCOMING).exists());
    }
}

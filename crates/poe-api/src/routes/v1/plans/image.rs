//! `/api/v1/plans/{name}/image`: the picture of a floor plan.

use std::fs::File;
use std::io::{self, Read};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::IntoResponse;
use hyper::body::Bytes;
use poe_building::{ImageFormat, Plan, PlanImage};
use serde::Deserialize;
use tokio::task::spawn_blocking;
use utoipa::IntoParams;
use utoipa_axum::routes;

use super::{change, find, spare, tidy, unknown};
use crate::answer::Answer;
use crate::auth::{Known, Policy, hex};
use crate::door::Door;
use crate::plans::{PICTURE_BYTES_MAX, Picture, Shelf, used};
use crate::problem::{Problem, ProblemView};
use crate::request::{self, Path, if_match_either};
use crate::routes::table::Routes;
use crate::routes::v1::versions::Changed;
use crate::stream;

/// What is read of a picture at a time, and waits for who has asked for it.
const PIECE_BYTES: usize = 64 * 1024;

const MEDIA_TYPES: [&str; 4] = ["image/svg+xml", "image/png", "image/jpeg", "image/webp"];

/// The drawing has been made harmless; if something was overlooked, it still may not run, fetch or open anything.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'",
);

/// A browser keeps it, and asks whether it still may before it shows it, so that nobody sees a plan after they have logged out.
const CACHING: HeaderValue = HeaderValue::from_static("private, no-cache");

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(Policy::VIEWER, routes!(show))
        .add(Policy::ENGINEER, routes!(replace))
        .add(Policy::ENGINEER, routes!(remove))
}

/// Which picture is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The hash of the picture that you expect: no other is answered.
    hash: Option<String>,
}

/// The picture.
#[utoipa::path(get, path = "/api/v1/plans/{name}/image", tag = "plans", operation_id = "show_plan_image",
    params(("name" = String, Path, description = "The plan's name."), Wanted,
        ("If-None-Match" = Option<String>, Header, description = "The ETag that you have.")),
    responses(
        (status = 200, description = "It, in its format.",
            content((Vec<u8> = "image/svg+xml"), (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/webp")),
            headers(("ETag" = String, description = "Its hash, in quotes."))),
        (status = 304, description = "You have it."),
    ))]
async fn show(
    State(door): State<Door>,
    caller: Known,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let Wanted { hash: wanted } = request::query(&uri)?;
    let none = || Problem::new(StatusCode::NOT_FOUND, "The plan has no picture, or not this one.");
    let image = find(&door, &caller, &name)?.image.clone().ok_or_else(none)?;
    let hash = hex(&image.hash.0);
    if wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&hash)) {
        return Err(none());
    }
    let tag = format!("\"{hash}\"");
    let known = [
        (header::ETAG, HeaderValue::try_from(&tag).expect("hexadecimal digits in quotes need no escaping")),
        (header::CACHE_CONTROL, CACHING),
        // Said with a 304 as well, for a browser puts what that says in place of what it has kept.
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    if request::has_tag(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, known).into_response());
    }
    let length = image.bytes;
    let described: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type(image.format))),
        (header::CONTENT_LENGTH, length.into()),
    ];
    let file = door.work(move |server, _| Shelf::of(server).open(&image)).await?.map_err(|error| {
        tracing::error!(%error, "the picture {hash} of the plan {name} cannot be read");
        lost(&error)
    })?;
    Ok((known, described, body(file, length)).into_response())
}

/// This becomes the picture. A drawing is made harmless; whatever somebody says of a picture, it is what its bytes are. With
/// `If-Match`, only if nobody has changed the plan or its picture meanwhile.
#[utoipa::path(put, path = "/api/v1/plans/{name}/image", tag = "plans", operation_id = "replace_plan_image",
    params(("name" = String, Path, description = "The plan's name."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the plan, or of its picture, that your change was made from.")),
    request_body(description = "16 MiB at most, and within 120 s.",
        content((Vec<u8> = "image/svg+xml"), (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/webp"))),
    responses(
        (status = 200, description = "It is the picture.", body = Changed, headers(("ETag" = String, description = "The plan's version, in quotes."))),
        (status = 412, description = "Somebody has changed it meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
        (status = 507, description = "The pictures of all plans would take too much room.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn replace(
    State(door): State<Door>,
    caller: Known,
    Path(name): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let plan = find(&door, &caller, &name)?;
    let wanted = expected(&headers, &plan)?;
    let crowd =
        |_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "Others send pictures. Try again in a moment.");
    let _place = door.shared.uploads.try_acquire().map_err(crowd)?;
    let bytes = request::picture(request, &MEDIA_TYPES, PICTURE_BYTES_MAX).await?;
    let image = door.work(move |server, _| keep(server, &plan, bytes)).await??;
    let (version, ordered) =
        change(&door, &caller, &name, wanted, |plan| Plan { image: Some(image.clone()), ..plan.clone() })
            .await?;
    if ordered.stored {
        door.work(move |server, _| Shelf::of(server).settle(&image)).await?;
    }
    tidy(&door).await?;
    Ok(Changed::answer(version, ordered))
}

/// The plan has no picture any more. With `If-Match`, only if nobody has changed the plan or its picture meanwhile.
#[utoipa::path(delete, path = "/api/v1/plans/{name}/image", tag = "plans", operation_id = "remove_plan_image",
    params(("name" = String, Path, description = "The plan's name."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the plan, or of its picture.")),
    responses(
        (status = 200, description = "It has none.", body = Changed, headers(("ETag" = String, description = "The plan's version, in quotes."))),
        (status = 412, description = "Somebody has changed it meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn remove(
    State(door): State<Door>,
    caller: Known,
    Path(name): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let plan = find(&door, &caller, &name)?;
    let wanted = expected(&headers, &plan)?;
    request::nothing(request).await?;
    if plan.image.is_none() {
        return Err(unknown());
    }
    spare(&door, &plan).await?;
    let (version, ordered) =
        change(&door, &caller, &name, wanted, |plan| Plan { image: None, ..plan.clone() }).await?;
    tidy(&door).await?;
    Ok(Changed::answer(version, ordered))
}

/// The version of the plan that a change is made from, whether it is named by that or by the hash of its picture.
fn expected(headers: &HeaderMap, plan: &Plan) -> Result<Option<u64>, Problem> {
    let picture = plan.image.as_ref().map(|image| hex(&image.hash.0));
    if_match_either(headers, plan.version, picture.as_deref())
}

fn keep(server: &dyn crate::server::Server, plan: &Plan, bytes: Vec<u8>) -> Result<PlanImage, Problem> {
    let picture = Picture::new(bytes)?;
    let shelf = Shelf::of(server);
    plan.image.iter().for_each(|image| shelf.spare(image));
    shelf.keep(&picture, || used(server)).map_err(|error| {
        if error.is_lack_of_room() {
            return Problem::because(StatusCode::INSUFFICIENT_STORAGE, error.to_string());
        }
        tracing::error!(error = &error as &dyn std::error::Error, "a picture was not kept");
        Problem::FAILED
    })?;
    Ok(picture.image)
}

/// What is said of a picture that the plan has and the data folder has not, or not as it was.
fn lost(error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::InvalidData => Problem::new(
            StatusCode::NOT_FOUND,
            "The picture's file is missing or damaged at the server. Send it again, or restore a backup.",
        ),
        _ => Problem::FAILED,
    }
}

fn media_type(format: ImageFormat) -> &'static str {
    let [svg, png, jpeg, webp] = MEDIA_TYPES;
    match format {
        ImageFormat::Svg => svg,
        ImageFormat::Png => png,
        ImageFormat::Jpeg => jpeg,
        ImageFormat::Webp => webp,
    }
}

/// The file, piece by piece: a picture is large, and a campus of screens asks for it at once.
fn body(file: File, length: u64) -> axum::body::Body {
    stream::body(move |outlet| async move {
        let (mut file, mut left) = (file.take(length), length);
        while left > 0 {
            let read = spawn_blocking(move || {
                let mut piece = Vec::with_capacity(PIECE_BYTES);
                file.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece).map(|_| (file, piece))
            });
            let (rest, piece) = read.await??;
            if piece.is_empty() {
                return Err("the picture is shorter than it was".into());
            }
            (file, left) = (rest, left - piece.len() as u64);
            outlet.say(Bytes::from(piece)).await;
        }
        Ok(())
    })
}

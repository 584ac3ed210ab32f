//! Pictures of floor plans: looked at when they come, made harmless, and kept in files of their own. Neither the engine nor
//! the recorder ever sees one; they know its hash.

mod raster;
mod shelf;
mod svg;

pub(crate) use shelf::Shelf;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use poe_building::{ImageFormat, PlanImage, SecretHash};
use tokio::select;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::auth::hash_of;
use crate::problem::Problem;
use crate::server::Server;

/// The largest picture. A storey as a CAD program writes it has a few megabytes.
pub(crate) const PICTURE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Pictures that come in at a time, each with up to 16 MiB in memory. Plans are drawn by one or two people.
pub(crate) const UPLOADS_MAX: usize = 4;
/// How often pictures are looked for that no plan has.
const TIDY_EVERY: Duration = Duration::from_secs(60);
/// The longest side of a picture of pixels. Browsers hold four bytes of each pixel, and draw none that is larger.
const PIXELS_MAX: u32 = 16_384;

/// A picture that does no harm.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) image: PlanImage,
    bytes: Vec<u8>,
}

impl Picture {
    /// What the bytes are, whatever somebody says of them.
    pub(crate) fn new(bytes: Vec<u8>) -> Result<Picture, Problem> {
        let unfit = |why: String| Problem::unfit("image", why);
        let (format, width, height, bytes) = match raster::look_at(&bytes) {
            Some((format, width, height)) => (format, width, height, bytes),
            None if is_markup(&bytes) => {
                let drawing = svg::harmless(&bytes).map_err(|refused| unfit(refused.to_string()))?;
                (ImageFormat::Svg, drawing.width, drawing.height, drawing.text.into_bytes())
            }
            None => {
                return Err(unfit(
                    "A picture must be an SVG, a PNG, a JPEG or a WebP, and whole.".to_owned(),
                ));
            }
        };
        let is_too_large = |side: u32| !(1..=PIXELS_MAX).contains(&side);
        if format != ImageFormat::Svg && (is_too_large(width) || is_too_large(height)) {
            return Err(unfit(format!(
                "A picture has 1 to {PIXELS_MAX} pixels a side, not {width} by {height}."
            )));
        }
        // What had to be escaped may have made it longer.
        if bytes.len() > PICTURE_BYTES_MAX {
            return Err(Problem::BODY_TOO_LARGE.of("image"));
        }
        let image = PlanImage { hash: hash_of(&bytes), format, width, height, bytes: bytes.len() as u64 };
        Ok(Picture { image, bytes })
    }
}

/// Keeps a picture in the folder of pictures of a server that does not run, made harmless as one that somebody sends, and
/// tells how a plan refers to it.
///
/// # Errors
/// It is no picture, or there is no room for it, in words for people.
pub fn keep_picture(folder: &Path, bytes: Vec<u8>) -> Result<PlanImage, String> {
    let picture = Picture::new(bytes).map_err(|problem| problem.detail.into_owned())?;
    Shelf::at(folder).keep(&picture, HashSet::new).map_err(|error| error.to_string())?;
    Ok(picture.image)
}

/// Says which pictures are missing, and removes again and again what no plan has, until the server stops.
pub(crate) async fn look_after(server: Arc<dyn Server>, mut stopping: watch::Receiver<()>) {
    let owner = Arc::clone(&server);
    let mut looked = spawn_blocking(move || tell_missing(&*owner)).await;
    while looked.is_ok() {
        let owner = Arc::clone(&server);
        looked = spawn_blocking(move || tidy_now(&*owner)).await;
        select! {
            _ = stopping.changed() => return,
            () = sleep(TIDY_EVERY) => {}
        }
    }
}

/// Removes pictures that no plan has. Called where one may wait.
pub(crate) fn tidy_now(server: &dyn Server) {
    // Asked first: what is stored by now is what the plans have in a moment.
    let is_storing = server.readiness().is_ready();
    Shelf::of(server).tidy(|| used(server), is_storing);
}

/// The pictures of the plans as they are stored.
pub(crate) fn used(server: &dyn Server) -> HashSet<SecretHash> {
    server.board().plans().iter().filter_map(|plan| Some(plan.image.as_ref()?.hash)).collect()
}

fn tell_missing(server: &dyn Server) {
    let shelf = Shelf::of(server);
    for plan in server.board().plans() {
        if let Some(error) = plan.image.as_ref().and_then(|image| shelf.open(image).err()) {
            tracing::error!(%error, "the picture of the plan {} cannot be read; send it again, or restore a backup", plan.name);
        }
    }
}

/// Whether it begins as XML does, in any encoding: what is wrong with it is then told by who reads drawings.
fn is_markup(bytes: &[u8]) -> bool {
    let begins = bytes
        .iter()
        .copied()
        .find(|byte| !byte.is_ascii_whitespace() && ![0xEF, 0xBB, 0xBF, 0xFE, 0xFF, 0].contains(byte));
    begins == Some(b'<')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_what_its_bytes_are() {
        let drawing = Picture::new(b"\n<svg viewBox='0 0 30 20' onload='x'/>".to_vec()).unwrap();
        assert_eq!(drawing.bytes, b"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 30 20\"/>");
        let PlanImage { hash, format, width, height, bytes } = drawing.image;
        assert_eq!((format, width, height, bytes), (ImageFormat::Svg, 30, 20, drawing.bytes.len() as u64));
        assert_eq!(hash, hash_of(&drawing.bytes), "of what is kept, not of what came");
    }

    #[test]
    fn what_nobody_could_show_is_refused() {
        let png = |width: u32, height: u32| {
            let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
            let rest = b"\x08\x06\0\0\0\0\0\0\0\0\0\0\0IEND\xAE\x42\x60\x82".as_slice();
            [b"\x89PNG\r\n\x1a\n\0\0\0\x0DIHDR".as_slice(), &sides, rest].concat()
        };
        assert_eq!(Picture::new(png(16_384, 1)).unwrap().image.width, 16_384);
        for (bytes, expected) in [
            (png(16_385, 1), "not 16385 by 1"),
            (png(0, 1), "not 0 by 1"),
            (b"GIF89a".to_vec(), "must be an SVG"),
            (b"%PDF-1.7".to_vec(), "must be an SVG"),
            (Vec::new(), "must be an SVG"),
            (b"<html/>".to_vec(), "must be svg"),
            (b"\xFE\xFF\0<\0s".to_vec(), "UTF-8"),
        ] {
            let problem = Picture::new(bytes).unwrap_err();
            assert!(problem.detail.contains(expected), "{problem:?}");
            assert_eq!(problem.field.as_deref(), Some("image"));
        }
    }
}

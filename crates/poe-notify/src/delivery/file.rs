//! Files that the settings name: secrets, passwords, certificates. They are read at each use, so that a new one counts.

use crate::failure::Failure;
use std::{fs::File, io::Read, path::Path};
use tokio::task::spawn_blocking;

/// A bundle of all the world's certificates has a quarter of that. Whatever is larger is not what was meant.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The secret in a file, without the white space around it.
pub(crate) async fn secret(path: &str) -> Result<Vec<u8>, Failure> {
    let bytes = read(path, "the secret").await?;
    let secret = bytes.trim_ascii().to_owned();
    if secret.is_empty() {
        return Err(Failure::Unreachable(format!("the secret in {path} is empty")));
    }
    Ok(secret)
}

/// The certificates in a file.
pub(crate) async fn certificates(path: &str) -> Result<Vec<u8>, Failure> {
    read(path, "the certificates").await
}

/// Reads beside the loop, for a file may lie on a disk that stands still. A pipe or a device is refused: it could last
/// for ever.
async fn read(path: &str, what: &'static str) -> Result<Vec<u8>, Failure> {
    let path = path.to_owned();
    let read = spawn_blocking(move || {
        let unreadable = |error: &dyn std::fmt::Display| {
            Failure::Unreachable(format!("{what} in {path} cannot be read: {error}"))
        };
        let metadata = Path::new(&path).metadata().map_err(|error| unreadable(&error))?;
        if !metadata.is_file() || metadata.len() > FILE_BYTES_MAX {
            return Err(unreadable(&"it is no file of a sensible size"));
        }
        let file = File::open(&path).map_err(|error| unreadable(&error))?;
        let mut bytes = Vec::new();
        file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
        Ok(bytes)
    });
    read.await.map_err(|error| Failure::Unreachable(format!("{what} cannot be read: {error}")))?
}

//! Files that the settings name: secrets, passwords, certificates. They are read at each use, so that a new one counts.
//!
//! Why a file is of no use goes to the server's log alone. A failure is shown to everybody, and whoever may name a file
//! would learn from it which files there are, and what is in them.

use crate::failure::Failure;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use std::{fmt::Display, fs::File, io::Read, path::Path};
use tokio::task::spawn_blocking;
use tracing::warn;

/// A bundle of all the world's certificates has a quarter of that. Whatever is larger is not what was meant.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The secret in the file that `setting` names, without the white space around it.
pub(crate) async fn secret(setting: &str, path: &str) -> Result<Vec<u8>, Failure> {
    let read = read(path, |bytes| match bytes.trim_ascii() {
        [] => Err("it is empty".to_owned()),
        secret => Ok(secret.to_owned()),
    });
    read.await.map_err(|why| unusable(setting, path, &why))
}

/// The certificates in the file that `setting` names. There is at least one, and each can be trusted.
pub(crate) async fn certificates(setting: &str, path: &str) -> Result<Vec<u8>, Failure> {
    let read = read(path, |bytes| {
        let mut trusted = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&bytes) {
            let certificate = certificate.map_err(|error| error.to_string())?;
            trusted.add(certificate).map_err(|error| error.to_string())?;
        }
        if trusted.is_empty() { Err("it holds no certificates".to_owned()) } else { Ok(bytes) }
    });
    read.await.map_err(|why| unusable(setting, path, &why))
}

/// The same for whatever is wrong.
pub(crate) fn unusable(setting: &str, path: &str, why: &dyn Display) -> Failure {
    warn!(setting, path, %why, "a file that the settings name cannot be used");
    Failure::Unreachable(format!("the {setting} cannot be used; the server's log says why"))
}

/// Reads beside the loop, for a file may lie on a disk that stands still. A pipe or a device is refused: it could last
/// for ever.
async fn read(
    path: &str,
    understood: impl FnOnce(Vec<u8>) -> Result<Vec<u8>, String> + Send + 'static,
) -> Result<Vec<u8>, String> {
    let path = path.to_owned();
    let read = spawn_blocking(move || {
        let metadata = Path::new(&path).metadata().map_err(|error| error.to_string())?;
        if !metadata.is_file() || metadata.len() > FILE_BYTES_MAX {
            return Err("it is no file of a sensible size".to_owned());
        }
        let file = File::open(&path).map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        understood(bytes)
    });
    read.await.map_err(|error| error.to_string())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tokio::runtime::Builder;

    #[test]
    fn a_failure_does_not_tell_which_files_there_are_and_what_is_in_them() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let bad = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let broken = b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
        let wrong = [
            folder.path().join("missing"),
            folder.path().to_owned(),
            file("shadow", b"root:*:19000:0:99999:7:::\n"),
            file("empty", b" \n"),
            file("bad", bad),
            file("broken", broken),
            file("large", &vec![b'a'; FILE_BYTES_MAX as usize + 1]),
        ];
        let runtime = Builder::new_current_thread().build().unwrap();
        for path in &wrong {
            let failure = runtime.block_on(certificates("ca_file", path.to_str().unwrap())).unwrap_err();
            assert_eq!(
                failure.to_string(),
                "the ca_file cannot be used; the server's log says why",
                "{path:?}"
            );
        }
        for path in [&wrong[0], &wrong[1], &wrong[3], &wrong[6]] {
            let failure = runtime.block_on(secret("secret_file", path.to_str().unwrap())).unwrap_err();
            assert_eq!(
                failure.to_string(),
                "the secret_file cannot be used; the server's log says why",
                "{path:?}"
            );
        }
        let good = file("good", b" Jefe\n");
        assert_eq!(runtime.block_on(secret("secret_file", good.to_str().unwrap())).unwrap(), b"Jefe");
    }
}

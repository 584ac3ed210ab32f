//! The certificate in force, and how it is followed when its files change.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use thiserror::Error;
use tokio::select;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::tls::certificate;

/// Time enough to order another certificate and to bring it to the machine.
const WARN_BEFORE_END: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Often enough to be noticed, and seldom enough to be read.
const WARN_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// A certificate and its key, as PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and after it those between it and its authority, if there are any.
    pub cert: PathBuf,
    /// The key of the certificate, not locked by a password.
    pub key: PathBuf,
}

impl TlsFiles {
    /// Those that [`Wanted::make`](crate::tls::Wanted::make) leaves in a data folder.
    #[must_use]
    pub fn in_data_dir(data_dir: &Path) -> Self {
        let folder = data_dir.join("tls");
        TlsFiles { cert: folder.join("server.pem"), key: folder.join("server.key") }
    }
}

/// Who we are to those who connect by TLS.
#[derive(Debug)]
pub struct Identity {
    files: TlsFiles,
    now: Mutex<Now>,
}

#[derive(Debug)]
struct Now {
    config: Arc<ServerConfig>,
    /// The names of hosts in the certificate.
    names: Vec<String>,
    valid_until: Option<Timestamp>,
    /// The files as they were when they were read last, also if they were of no use.
    stamps: [Stamp; 2],
    warned: Option<Timestamp>,
}

/// Enough to tell that a file is another: when it was written, its length and its number.
type Stamp = Option<(i64, i64, u64, u64)>;

/// Why a certificate cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file is not there, or not for us.
    #[error("cannot read {}: {cause}; name a PEM file that the server's user may read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The file of the certificate has none.
    #[error("{} holds no certificate; it must have a part that begins with BEGIN CERTIFICATE", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// The file of the key has none that we can read.
    #[error(
        "{} holds no key that is not locked by a password; it must have a part that begins with BEGIN PRIVATE KEY",
        path.display()
    )]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// Both can be read, and cannot be used.
    #[error("certificate {} and key {} do not go together: {cause}", files.cert.display(), files.key.display())]
    Unfit {
        /// The files.
        files: TlsFiles,
        /// What the library of TLS said.
        #[source]
        cause: rustls::Error,
    },
}

impl Identity {
    /// Reads the certificate and its key. What is odd but no obstacle is told in the log.
    ///
    /// # Errors
    /// They cannot be read, or not be used.
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let stamps = files.stamps();
        let (config, names, valid_until) = read(&files)?;
        let now = Now { config, names, valid_until, stamps, warned: None };
        let identity = Identity { files, now: Mutex::new(now) };
        identity.warn_of_end(Timestamp::now());
        Ok(identity)
    }

    /// When the certificate ends to be valid; `None`, if it does not say so.
    pub fn valid_until(&self) -> Option<Timestamp> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).valid_until
    }

    /// What a handshake needs.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.now.lock().unwrap_or_else(PoisonError::into_inner).config)
    }

    /// Whether the certificate is for the host of this name.
    pub(crate) fn has_name(&self, host: &str) -> bool {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.names.iter().any(|name| host.eq_ignore_ascii_case(name))
    }

    /// Takes over what has changed; what is broken is told, and the old certificate stays. It may wait for a disk.
    fn look_again(&self, today: Timestamp) {
        let stamps = self.files.stamps();
        let known = self.now.lock().unwrap_or_else(PoisonError::into_inner).stamps;
        if stamps != known {
            let read = read(&self.files);
            let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
            match read {
                Ok((config, names, valid_until)) => {
                    *now = Now { config, names, valid_until, stamps, warned: None };
                    tracing::info!(
                        "the certificate {} has changed and is in force",
                        self.files.cert.display()
                    );
                }
                Err(error) => {
                    now.stamps = stamps;
                    tracing::warn!(
                        "the certificate has changed and cannot be used; the old one stays: {error}"
                    );
                }
            }
        }
        self.warn_of_end(today);
    }

    fn warn_of_end(&self, today: Timestamp) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(end) = now.valid_until.filter(|end| end.duration_since(today) < WARN_BEFORE_END) else {
            return;
        };
        if now.warned.is_some_and(|warned| today.duration_since(warned) < WARN_AGAIN_AFTER) {
            return;
        }
        now.warned = Some(today);
        let (path, verb) = (self.files.cert.display(), if end < today { "was" } else { "is" });
        tracing::warn!(
            "the certificate {path} {verb} valid until {end}; renew it, for example by `poe tls init`"
        );
    }
}

impl TlsFiles {
    fn stamps(&self) -> [Stamp; 2] {
        [&self.cert, &self.key].map(|path| {
            let found = fs::metadata(path).ok()?;
            Some((found.mtime(), found.mtime_nsec(), found.len(), found.ino()))
        })
    }
}

/// Looks at the files as often as this, until the stop.
pub(crate) async fn keep_current(
    identity: Arc<Identity>,
    every: Duration,
    mut stopping: watch::Receiver<()>,
) {
    loop {
        select! {
            _ = stopping.changed() => return,
            () = sleep(every) => {}
        }
        let looking = Arc::clone(&identity);
        // A look that fails has left the old certificate in force, and the next one comes.
        let _ = spawn_blocking(move || looking.look_again(Timestamp::now())).await;
    }
}

type Read = (Arc<ServerConfig>, Vec<String>, Option<Timestamp>);

fn read(files: &TlsFiles) -> Result<Read, TlsError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |cause| TlsError::Unreadable { path, cause }
    };
    let chain = certificate::read_all(&files.cert).map_err(unreadable(&files.cert))?;
    let own = chain.first().ok_or_else(|| TlsError::NoCertificate { path: files.cert.clone() })?;
    let (names, valid_until) = (certificate::names(own), certificate::valid_until(own));
    let key = certificate::read_bounded(&files.key).map_err(unreadable(&files.key))?;
    let key = PrivateKeyDer::from_pem_slice(&key).map_err(|_| TlsError::NoKey { path: files.key.clone() })?;
    warn_if_open(&files.key);
    let unfit = |cause| TlsError::Unfit { files: files.clone(), cause };
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unfit)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((Arc::new(config), names, valid_until))
}

/// A group may share a key, as Debian's `ssl-cert` does; all the world may not.
fn warn_if_open(key: &Path) {
    if fs::metadata(key).is_ok_and(|found| found.permissions().mode() & 0o007 != 0) {
        tracing::warn!("the key {0} can be read by every user; `chmod o= {0}`", key.display());
    }
}

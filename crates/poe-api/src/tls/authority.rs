//! An authority of one's own, for networks that no public one knows, and the server's certificate by it.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData, date_time_ymd,
};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, UnixTime};
use thiserror::Error;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::host::is_host_name;
use crate::tls::TlsFiles;
use crate::tls::certificate;
use crate::tls::files::{Owner, make_folder, replace};

/// Long enough that nobody has to bring a new one to every browser in the years that a building's machine lives.
const CA_YEARS: i32 = 10;
/// The longest that browsers accept.
const SERVER_DAYS: i32 = 397;
/// Clocks of clients may be behind, and those in other parts of the world have another date.
const DAYS_BEFORE: i32 = 1;
/// More than any machine has, and little enough for every client.
const NAMES_MAX: usize = 100;

/// Before the certificate, its file says in a line of its own for whom it was made.
const NAMES: &str = "names: ";

/// What is to be made.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// The data folder. The files go into `tls` within it, and belong to whoever has the folder.
    pub data_dir: &'a Path,
    /// Names and addresses by which clients call the server, beside those of this machine. None: as last time.
    pub names: &'a [String],
    /// A new authority, even if there is one: everybody has to get its certificate then.
    pub new_ca: bool,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The authority's certificate, for browsers and clients.
    pub ca: PathBuf,
    /// Whether it is a new one.
    pub ca_is_new: bool,
    /// SHA-256 over the authority's certificate, as browsers show it.
    pub fingerprint: String,
    /// The server's certificate and key.
    pub files: TlsFiles,
    /// What the server may be called.
    pub names: Vec<String>,
    /// The last day of the server's certificate.
    pub valid_until: Date,
}

/// Why nothing was made.
#[derive(Debug, Error)]
pub enum MakeError {
    /// Not a name or an address.
    #[error("{:?} is neither a host name nor an address; write it like poe.example or 10.0.0.7", .0)]
    Name(String),
    /// Too many of them.
    #[error("more than {NAMES_MAX} names are too many for one certificate")]
    Names,
    /// A file cannot be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// Half of the authority is missing.
    #[error(
        "{} is there and {} is not; put it back, or make a new authority with --new-ca",
        there.display(), missing.display()
    )]
    Half {
        /// The half that is there.
        there: PathBuf,
        /// The half that is not.
        missing: PathBuf,
    },
    /// The authority cannot sign.
    #[error(
        "{} and its key cannot sign a certificate that clients accept: {cause}; make a new authority with --new-ca",
        ca.display()
    )]
    Authority {
        /// The certificate of the authority.
        ca: PathBuf,
        /// What was wrong.
        cause: String,
    },
    /// The library of cryptography failed.
    #[error("a certificate could not be made: {0}")]
    Failed(#[from] rcgen::Error),
}

impl Wanted<'_> {
    /// Makes a certificate for the server, and the authority before it if there is none. A running server takes it by
    /// itself.
    ///
    /// # Errors
    /// A name is none, a file cannot be read or written, or the authority that is there is of no use.
    pub fn make(&self) -> Result<Made, MakeError> {
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        let files = TlsFiles::in_data_dir(self.data_dir);
        let names = self.all_names(&files)?;
        let folder = self.data_dir.join("tls");
        let owner = make_folders(self.data_dir, &folder).map_err(at(&folder))?;

        let paths = AuthorityPaths { cert: folder.join("ca.pem"), key: folder.join("ca.key") };
        let (authority, ca_is_new) = match self.new_ca || paths.are_missing()? {
            true => (Authority::make(&paths, today, owner)?, true),
            false => (Authority::read(&paths)?, false),
        };
        let key = KeyPair::generate()?;
        let valid_until = today + SERVER_DAYS.days() - DAYS_BEFORE.days();
        let certificate = server(&names, today, valid_until)?.signed_by(&key, &authority.issuer)?;
        authority
            .check(certificate.der())
            .map_err(|cause| MakeError::Authority { ca: paths.cert.clone(), cause })?;

        replace(&files.key, &key.serialize_pem(), 0o600, owner).map_err(at(&files.key))?;
        let text = format!("{NAMES}{}\n{}", names.join(", "), certificate.pem());
        replace(&files.cert, &text, 0o644, owner).map_err(at(&files.cert))?;
        let fingerprint = certificate::fingerprint(&authority.certificate);
        Ok(Made { ca: paths.cert, ca_is_new, fingerprint, files, names, valid_until })
    }

    /// This machine's names and those that were asked for, now or last time, each once.
    fn all_names(&self, files: &TlsFiles) -> Result<Vec<String>, MakeError> {
        let mut names = own_names();
        let known = if self.names.is_empty() { names_of_last_time(&files.cert) } else { Vec::new() };
        for name in self.names.iter().chain(&known) {
            if !is_host_name(name) && name.parse::<IpAddr>().is_err() {
                return Err(MakeError::Name(name.clone()));
            }
            let name = name.to_ascii_lowercase();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.len() > NAMES_MAX { Err(MakeError::Names) } else { Ok(names) }
    }
}

fn own_names() -> Vec<String> {
    let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    let host =
        host.map(|name| name.to_ascii_lowercase()).filter(|name| is_host_name(name) && name != "localhost");
    let here = ["localhost".to_owned(), Ipv4Addr::LOCALHOST.to_string(), Ipv6Addr::LOCALHOST.to_string()];
    host.into_iter().chain(here).collect()
}

fn names_of_last_time(cert: &Path) -> Vec<String> {
    let text = fs::read_to_string(cert).unwrap_or_default();
    let names = text.lines().next().and_then(|line| line.strip_prefix(NAMES)).unwrap_or_default();
    names.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn make_folders(data_dir: &Path, folder: &Path) -> io::Result<Owner> {
    fs::create_dir_all(data_dir)?;
    let owner = Owner::of(data_dir)?;
    make_folder(folder, owner)?;
    Ok(owner)
}

struct AuthorityPaths {
    cert: PathBuf,
    key: PathBuf,
}

impl AuthorityPaths {
    fn are_missing(&self) -> Result<bool, MakeError> {
        let there = |path: &Path| path.try_exists().map_err(at(path));
        let half = |there: &PathBuf, missing: &PathBuf| {
            Err(MakeError::Half { there: there.clone(), missing: missing.clone() })
        };
        match (there(&self.cert)?, there(&self.key)?) {
            (true, true) => Ok(false),
            (false, false) => Ok(true),
            (true, false) => half(&self.cert, &self.key),
            (false, true) => half(&self.key, &self.cert),
        }
    }
}

struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn make(paths: &AuthorityPaths, today: Date, owner: Owner) -> Result<Self, MakeError> {
        let key = KeyPair::generate()?;
        let mut params = authority(&key);
        set_validity(&mut params, today, today + CA_YEARS.years());
        let certificate = params.self_signed(&key)?;
        replace(&paths.key, &key.serialize_pem(), 0o600, owner).map_err(at(&paths.key))?;
        replace(&paths.cert, &certificate.pem(), 0o644, owner).map_err(at(&paths.cert))?;
        Ok(Authority { certificate: certificate.der().clone(), issuer: Issuer::new(params, key) })
    }

    fn read(paths: &AuthorityPaths) -> Result<Self, MakeError> {
        let unfit = |cause: &str| MakeError::Authority { ca: paths.cert.clone(), cause: cause.to_owned() };
        let certificates = certificate::read_all(&paths.cert).map_err(at(&paths.cert))?;
        let certificate = certificates.into_iter().next().ok_or_else(|| unfit("it holds no certificate"))?;
        let key = fs::read_to_string(&paths.key).map_err(at(&paths.key))?;
        let key = KeyPair::from_pem(&key).map_err(|_| unfit("its key cannot be read"))?;
        Ok(Authority { certificate, issuer: Issuer::new(authority(&key), key) })
    }

    /// Whether a client that has the authority's certificate accepts this one, today.
    fn check(&self, certificate: &CertificateDer<'_>) -> Result<(), String> {
        let told = |error: webpki::Error| format!("{error:?}");
        let anchor = anchor_from_trusted_cert(&self.certificate).map_err(told)?;
        EndEntityCert::try_from(certificate)
            .and_then(|certificate| {
                let algorithms = default_provider().signature_verification_algorithms.all;
                let (now, usage) = (UnixTime::now(), KeyUsage::server_auth());
                certificate.verify_for_usage(algorithms, &[anchor], &[], now, usage, None, None).map(drop)
            })
            .map_err(told)
    }
}

/// An authority is called by its key, so that two of them are told apart, and the key alone is enough to go on.
fn authority(key: &KeyPair) -> CertificateParams {
    let print = digest(&SHA256, &key.subject_public_key_info());
    let print: String = print.as_ref()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, format!("poe authority {print}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn server(names: &[String], today: Date, until: Date) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, "poe");
    set_validity(&mut params, today, until);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn set_validity(params: &mut CertificateParams, today: Date, until: Date) {
    let [begin, end] = [today - DAYS_BEFORE.days(), until].map(|date| {
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    });
    (params.not_before, params.not_after) = (begin, end);
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> MakeError {
    let path = path.to_owned();
    move |cause| MakeError::File { path, cause }
}

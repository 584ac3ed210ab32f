//! The door by TLS.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use poe_api::Settings;
use poe_api::client::{Access, Client, ClientError};
use poe_api::tls::{Identity, Made, MakeError, TlsError, TlsFiles, Wanted};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion, version};
use tempfile::TempDir;

use crate::{Answer, HASTE, House, Said, converse, hasty};

/// A certificate for these names, beside those of this machine.
fn make(folder: &Path, names: &[&str]) -> Made {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    Wanted { data_dir: folder, names: &names, new_ca: false }.make().unwrap()
}

/// A house whose door speaks TLS.
struct Secured {
    folder: TempDir,
    made: Made,
    house: House,
}

impl Secured {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = make(folder.path(), &["poe.example"]);
        let tls = Some(Arc::new(Identity::load(made.files.clone()).unwrap()));
        let settings = Settings { tls, limits: hasty(), ..Settings::default() };
        Secured { folder, made, house: House::open(Said::default(), settings) }
    }

    /// A client that trusts our authority.
    fn client(&self, host: &str) -> Client {
        let access = Access { ca: Some(self.made.ca.clone()), ..Access::default() };
        Client::remote(&format!("https://{host}:{}", self.house.addr.port()), access).unwrap()
    }

    /// A connection by one version of TLS for one name.
    fn connect(
        &self,
        version: &'static SupportedProtocolVersion,
        name: &str,
    ) -> StreamOwned<ClientConnection, TcpStream> {
        let mut authorities = RootCertStore::empty();
        authorities.add(CertificateDer::from_pem_file(&self.made.ca).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config =
            ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
        let config = config.with_root_certificates(authorities).with_no_client_auth();
        let name = name.to_owned().try_into().unwrap();
        StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), self.house.tcp())
    }

    /// What somebody is answered who calls us by this name.
    fn ask(&self, version: &'static SupportedProtocolVersion, host: &str) -> Answer {
        let request = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        converse(self.connect(version, "localhost"), &request)
    }
}

#[test]
fn both_versions_of_tls_are_spoken_and_insisted_on() {
    let secured = Secured::new();
    for version in [&version::TLS12, &version::TLS13] {
        let answer = secured.ask(version, "localhost");
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
        assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
    }
    let plain = House::calm().ask("GET", "/healthz");
    assert_eq!(plain.header("strict-transport-security"), None);
}

#[test]
fn the_names_in_the_certificate_are_ours() {
    let secured = Secured::new();
    assert_eq!(secured.ask(&version::TLS13, "poe.example").status, 200);
    assert_eq!(secured.ask(&version::TLS13, "evil.example").status, 421);
}

#[test]
fn a_client_that_has_the_authority_is_answered_by_every_name() {
    let secured = Secured::new();
    for host in ["localhost", "127.0.0.1"] {
        assert_eq!(secured.client(host).get_text("/healthz").unwrap().text, "ok");
    }
}

#[test]
fn a_client_trusts_nobody_else() {
    let secured = Secured::new();
    let untrusted = |client: Client| match client.get_text("/healthz") {
        Err(ClientError::Untrusted { cause, .. }) => cause,
        other => panic!("{other:?}"),
    };
    // 127.0.0.2 leads to the same machine, and is not in the certificate.
    let elsewhere = House::at("127.0.0.2".parse().unwrap(), Said::default(), {
        let tls = Some(Arc::new(Identity::load(secured.made.files.clone()).unwrap()));
        Settings { tls, ..Settings::default() }
    });
    let access = || Access { ca: Some(secured.made.ca.clone()), ..Access::default() };
    let client = Client::remote(&format!("https://{}", elsewhere.addr), access()).unwrap();
    assert!(untrusted(client).contains("not valid for name"));

    let other = tempfile::tempdir().unwrap();
    let access = Access { ca: Some(make(other.path(), &[]).ca), ..Access::default() };
    let url = format!("https://localhost:{}", secured.house.addr.port());
    assert!(untrusted(Client::remote(&url, access).unwrap()).contains("UnknownIssuer"));
}

#[test]
fn a_client_is_told_when_only_one_of_both_speaks_tls() {
    let secured = Secured::new();
    let plain = House::calm();
    let access = Access { ca: Some(secured.made.ca.clone()), ..Access::default() };
    let client = Client::remote(&format!("https://{}", plain.addr), access).unwrap();
    let told = client.get_text("/healthz").unwrap_err().to_string();
    assert!(told.contains("it does not speak TLS there"), "{told}");

    let client = Client::remote(&format!("http://{}", secured.house.addr), Access::default()).unwrap();
    assert!(client.get_text("/healthz").is_err());
    assert_eq!(secured.house.figure("poe_http_refused_total{reason=\"handshake\"}"), 1);
}

#[test]
fn a_slow_handshake_ends_and_holds_nobody_up() {
    let secured = Secured::new();
    let begun = Instant::now();
    let silent: Vec<TcpStream> = (0..20).map(|_| secured.house.tcp()).collect();
    let mut halfway = secured.house.tcp();
    halfway.write_all(&[0x16, 3, 1, 2, 0, 1]).unwrap();
    assert_eq!(secured.client("localhost").get_text("/healthz").unwrap().text, "ok");
    assert!(begun.elapsed() < HASTE, "{:?}", begun.elapsed());
    for mut stream in silent.into_iter().chain([halfway]) {
        assert_eq!(stream.read(&mut [0; 16]).unwrap_or(0), 0);
    }
    assert!(begun.elapsed() < HASTE * 8, "{:?}", begun.elapsed());
    assert_eq!(secured.house.figure("poe_http_refused_total{reason=\"handshake\"}"), 21);
}

#[test]
fn slow_headers_by_tls_end_too() {
    let secured = Secured::new();
    let mut stream = secured.connect(&version::TLS13, "localhost");
    let begun = Instant::now();
    while stream.write_all(b"X").and_then(|()| stream.flush()).is_ok() {
        assert!(begun.elapsed() < HASTE * 8, "still borne");
        thread::sleep(HASTE / 10);
    }
}

#[test]
fn a_client_by_tls_that_stops_reading_is_cut_off() {
    let secured = Secured::new();
    let mut stream = secured.connect(&version::TLS13, "localhost");
    stream.sock.set_write_timeout(Some(HASTE * 10)).unwrap();
    let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
    let begun = Instant::now();
    while stream.write_all(&request).and_then(|()| stream.flush()).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(20), "still borne");
    }
    assert_eq!(secured.client("localhost").get_text("/healthz").unwrap().text, "ok");
}

/// The certificate by which the door is served now.
fn shown(secured: &Secured) -> Vec<u8> {
    let mut stream = secured.connect(&version::TLS13, "localhost");
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert!(stream.read(&mut [0; 16]).unwrap() > 0);
    stream.conn.peer_certificates().unwrap()[0].to_vec()
}

#[test]
fn a_renewed_certificate_is_in_force_without_a_restart_and_a_broken_one_is_not() {
    let secured = Secured::new();
    let first = shown(&secured);
    let renewed = make(secured.folder.path(), &[]);
    assert!(!renewed.ca_is_new);
    assert_eq!(renewed.names, secured.made.names, "the names of last time are kept");
    let begun = Instant::now();
    while shown(&secured) == first {
        assert!(begun.elapsed() < Duration::from_secs(5), "the old one is still in force");
        thread::sleep(HASTE / 10);
    }

    let second = shown(&secured);
    for broken in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        fs::write(&renewed.files.cert, broken).unwrap();
        thread::sleep(HASTE / 2);
        assert_eq!(shown(&secured), second, "{broken:?}");
    }
    make(secured.folder.path(), &["other.example"]);
    let begun = Instant::now();
    while shown(&secured) == second {
        assert!(begun.elapsed() < Duration::from_secs(5), "the broken one was never replaced");
        thread::sleep(HASTE / 10);
    }
    let ask = |host| secured.ask(&version::TLS13, host).status;
    assert_eq!((ask("other.example"), ask("poe.example")), (200, 421), "the names go with the certificate");
}

#[test]
fn files_that_cannot_be_used_are_told_with_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (make(folder.path(), &[]), make(&folder.path().join("other"), &[]));
    let load = |cert: &Path, key: &Path| {
        let told = Identity::load(TlsFiles { cert: cert.to_owned(), key: key.to_owned() }).unwrap_err();
        (told.to_string().replace(&format!("{}/", folder.path().display()), ""), told)
    };
    let (cert, key) = (&one.files.cert, &one.files.key);
    let missing = folder.path().join("missing.pem");
    let (told, _) = load(&missing, key);
    assert!(told.starts_with("cannot read missing.pem: No such file"), "{told}");
    assert!(matches!(load(key, key).1, TlsError::NoCertificate { .. }));
    assert!(matches!(load(cert, cert).1, TlsError::NoKey { .. }));
    let (told, kind) = load(cert, &other.files.key);
    assert!(matches!(kind, TlsError::Unfit { .. }));
    assert!(told.starts_with("certificate tls/server.pem and key other/tls/server.key do not go together"));
}

#[test]
fn half_an_authority_and_odd_names_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let want = |names: &[&str], new_ca| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Wanted { data_dir: folder.path(), names: &names, new_ca }.make()
    };
    assert!(matches!(want(&["https://poe"], false), Err(MakeError::Name(name)) if name == "https://poe"));
    assert!(!folder.path().join("tls").exists(), "nothing was made");
    let many: Vec<String> = (0..101).map(|number| format!("name-{number}")).collect();
    assert!(matches!(
        want(&many.iter().map(String::as_str).collect::<Vec<_>>(), false),
        Err(MakeError::Names)
    ));

    let made = want(&["Poe.Example", "10.0.0.7", "poe.example"], false).unwrap();
    assert!(made.ca_is_new);
    assert_eq!(
        made.names[made.names.len() - 2..],
        ["poe.example", "10.0.0.7"],
        "each once, in small letters"
    );
    fs::rename(folder.path().join("tls/ca.key"), folder.path().join("ca.key")).unwrap();
    assert!(matches!(want(&[], false), Err(MakeError::Half { .. })));
    // The key of another authority does not fit.
    let other = tempfile::tempdir().unwrap();
    make(other.path(), &[]);
    fs::copy(other.path().join("tls/ca.key"), folder.path().join("tls/ca.key")).unwrap();
    assert!(matches!(want(&[], false), Err(MakeError::Authority { .. })));
    let again = want(&[], true).unwrap();
    assert!(again.ca_is_new && again.fingerprint != made.fingerprint);
    assert_eq!(again.names, made.names);
}

#[test]
fn a_proxy_is_believed_only_where_there_is_one() {
    let ask = |behind_proxy| {
        let house = House::open(Said::default(), Settings { behind_proxy, ..Settings::default() });
        let head = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n";
        let answer = house.say(&format!("{head}X-Forwarded-For: 192.0.2.7\r\nConnection: close\r\n\r\n"));
        (answer.status, answer.header("strict-transport-security").is_some())
    };
    assert_eq!(ask(true), (200, true));
    assert_eq!(ask(false), (200, false));
}

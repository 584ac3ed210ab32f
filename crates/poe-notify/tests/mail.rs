//! Pages by e-mail to a real mail server, Debian's exim, with a mailbox of the test's own.
#![allow(clippy::unwrap_used, reason = "a test may end like this")]

mod support;

use poe_building::{Class, Delivery, Email, MailSecurity, Target};
use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
};
use support::{Desk, alarms, certificate, email, has, page, program, wait};
use tempfile::TempDir;

/// A mail server. It takes mail over TLS alone, for everybody but `nobody`; whoever logs in has to know the password.
struct Exim {
    folder: TempDir,
    port: u16,
    running: Option<Child>,
}

const SETTINGS: &str = r#"
keep_environment =
exim_user = Debian-exim
exim_group = Debian-exim
deliver_drop_privilege = true
primary_hostname = mail.example.org
spool_directory = FOLDER/spool
log_file_path = FOLDER/log/%s
pid_file_path = FOLDER/spool/pid
daemon_smtp_ports = PORT
tls_on_connect_ports = TLS_PORT
local_interfaces = 127.0.0.1 : 127.0.0.2
tls_certificate = FOLDER/cert.pem
tls_privatekey = FOLDER/key.pem
tls_advertise_hosts = *
rfc1413_query_timeout = 0s
acl_smtp_rcpt = recipient
acl_smtp_data = accept
begin acl
recipient:
  deny local_parts = nobody
       message = no such mailbox
  defer local_parts = later
        condition = ${if exists{FOLDER/busy}}
        message = come later
  accept encrypted = *
  deny message = TLS first
begin routers
all:
  driver = accept
  transport = mailbox
begin transports
mailbox:
  driver = appendfile
  directory = FOLDER/mail
  maildir_format
  user = Debian-exim
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_advertise_condition = ${if def:tls_in_cipher}
  server_condition = ${if and{{eq{$auth2}{poe}}{eq{$auth3}{s3cret}}}}
"#;

impl Exim {
    /// A server that is not running yet, or `None` and a word about what is missing.
    fn new(test: &str) -> Option<Self> {
        let there = program("exim4").is_some() && nix::unistd::Uid::effective().is_root();
        let folder = tempfile::tempdir().unwrap();
        if !has(test, "root, exim4 and openssl", there && certificate(folder.path())) {
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let exim = Self { folder, port, running: None };
        fs::set_permissions(exim.path(""), fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["spool", "log", "mail"] {
            fs::create_dir(exim.path(name)).unwrap();
        }
        exim.settings(false);
        for name in ["spool", "log", "mail", "key.pem"] {
            let owned = Command::new("chown").arg("Debian-exim:").arg(exim.path(name)).status();
            assert!(owned.unwrap().success());
        }
        Some(exim)
    }

    /// With TLS from the first byte, or by STARTTLS.
    fn settings(&self, tls_from_start: bool) {
        let tls_port = if tls_from_start { self.port } else { 1 };
        let settings = SETTINGS
            .replace("FOLDER", self.folder.path().to_str().unwrap())
            .replace("TLS_PORT", &tls_port.to_string())
            .replace("PORT", &self.port.to_string());
        fs::write(self.path("exim.conf"), settings).unwrap();
    }

    fn started(mut self) -> Self {
        self.start();
        self
    }

    fn start(&mut self) {
        let running = Command::new(program("exim4").unwrap())
            .arg("-C")
            .arg(self.path("exim.conf"))
            .args(["-bdf", "-q1h"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.running = Some(running.unwrap());
        wait("mail server", || TcpStream::connect(("127.0.0.1", self.port)).is_ok(), || self.log());
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn ca(&self) -> Option<poe_building::Text> {
        self.path("ca.pem").to_str().map(Into::into)
    }

    fn target(&self, name: &str, security: MailSecurity) -> Target {
        email(name, self.port, security, self.ca())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("log/main")).unwrap_or_default()
    }

    /// The mails in the box, with long header lines joined.
    fn mails(&self) -> Vec<String> {
        let read = |path: &Path| fs::read_to_string(path).unwrap().replace("\n ", " ").replace("\n\t", " ");
        let files = fs::read_dir(self.path("mail/new")).into_iter().flatten();
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        files.iter().map(|path| read(path)).collect()
    }

    fn wait_mails(&self, count: usize) -> Vec<String> {
        wait(&format!("{count} mails"), || self.mails().len() >= count, || self.log());
        self.mails()
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            let _ = running.kill();
            let _ = running.wait();
        }
    }
}

fn changed(mut target: Target, change: impl FnOnce(&mut Email)) -> Target {
    if let Delivery::Email(email) = &mut target.delivery {
        change(email);
    }
    target
}

#[test]
fn a_mail_arrives_over_starttls_and_a_repeat_is_recognisable() {
    let Some(exim) = Exim::new("a_mail_arrives_over_starttls_and_a_repeat_is_recognisable") else { return };
    let exim = exim.started();
    let send = || {
        let desk = Desk::new(vec![exim.target("duty", MailSecurity::StartTls)]);
        let mut page = page(5, "duty", Class::Alarm, "smoke in the Küche");
        page.unsaved = true;
        desk.notifier.send(vec![page]);
        desk.wait_confirmed(1);
    };
    send();
    // As after a restart that came before the confirmation was on the disk.
    send();
    let mails = exim.wait_mails(2);
    let header = |mail: &str, name: &str| {
        let head = mail.split("\n\n").next().unwrap();
        head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned))
    };
    assert_eq!(header(&mails[0], "X-Poe-Key").as_deref(), Some("10.89.21.188_5/smoke.critical/5"));
    assert_eq!(header(&mails[0], "X-Poe-Unsaved").as_deref(), Some("true"));
    assert_eq!(header(&mails[0], "Message-ID"), header(&mails[1], "Message-ID"));
    assert!(header(&mails[0], "Message-ID").unwrap().ends_with("@example.org>"));
    assert_eq!(header(&mails[0], "Subject").as_deref(), Some("ALARM: smoke in the =?utf-8?b?S8O8Y2hl?="));
    assert!(mails[0].contains("kitchen (10.89.21.188_17), first floor"), "{}", mails[0]);
    assert!(exim.log().contains("X=TLS1.3"), "{}", exim.log());
}

#[test]
fn tls_from_the_first_byte_and_a_login() {
    let Some(exim) = Exim::new("tls_from_the_first_byte_and_a_login") else { return };
    exim.settings(true);
    let exim = exim.started();
    let password = exim.path("password");
    fs::write(&password, "wrong\n").unwrap();
    let target = changed(exim.target("duty", MailSecurity::Tls), |email| {
        email.user = Some("poe".into());
        email.password_file = password.to_str().map(Into::into);
    });
    let desk = Desk::new(vec![target]);
    desk.notifier.send(alarms([1], "duty"));
    let failure = desk.wait_failure();
    assert!(failure.contains("the login") && failure.contains("535"), "{failure}");
    assert!(!failure.contains("wrong"), "{failure}");
    fs::write(&password, "s3cret\n").unwrap();
    desk.wait_confirmed(1);
    assert_eq!(exim.wait_mails(1).len(), 1);
    assert!(exim.log().contains("A=plain"), "{}", exim.log());
}

#[test]
fn a_certificate_of_nobody_is_refused() {
    let Some(exim) = Exim::new("a_certificate_of_nobody_is_refused") else { return };
    let exim = exim.started();
    let unknown = email("unknown", exim.port, MailSecurity::StartTls, None);
    let other =
        changed(exim.target("other", MailSecurity::StartTls), |email| email.host = "127.0.0.2".into());
    let desk = Desk::new(vec![unknown]);
    desk.notifier.send(alarms([1], "unknown"));
    let failure = desk.wait_failure();
    assert!(failure.contains("certificate"), "{failure}");
    let desk = Desk::new(vec![other]);
    desk.notifier.send(alarms([1], "other"));
    let failure = desk.wait_failure();
    assert!(failure.contains("not valid for name"), "{failure}");
    assert!(exim.mails().is_empty());
}

#[test]
fn a_server_without_starttls_gets_nothing_in_the_open() {
    let Some(exim) = Exim::new("a_server_without_starttls_gets_nothing_in_the_open") else { return };
    let settings = fs::read_to_string(exim.path("exim.conf")).unwrap();
    let settings = settings.replace("tls_advertise_hosts = *", "tls_advertise_hosts =");
    fs::write(exim.path("exim.conf"), settings.replace("accept encrypted = *", "accept")).unwrap();
    let exim = exim.started();
    let desk = Desk::new(vec![exim.target("duty", MailSecurity::StartTls)]);
    desk.notifier.send(alarms([1], "duty"));
    let failure = desk.wait_failure();
    assert!(failure.contains("STARTTLS is not supported"), "{failure}");
    let desk = Desk::new(vec![exim.target("open", MailSecurity::None)]);
    desk.notifier.send(alarms([2], "open"));
    desk.wait_confirmed(1);
    assert_eq!(exim.wait_mails(1).len(), 1);
}

#[test]
fn a_mail_server_that_is_down_gets_the_page_when_it_is_up() {
    let Some(mut exim) = Exim::new("a_mail_server_that_is_down_gets_the_page_when_it_is_up") else { return };
    let desk = Desk::new(vec![exim.target("duty", MailSecurity::StartTls)]);
    desk.notifier.send(alarms([1], "duty"));
    desk.wait_failure();
    exim.start();
    desk.wait_confirmed(1);
    assert_eq!(exim.wait_mails(1).len(), 1);
}

#[test]
fn one_wrong_recipient_costs_only_itself() {
    let Some(exim) = Exim::new("one_wrong_recipient_costs_only_itself") else { return };
    let exim = exim.started();
    let to = |name, to: &[&str]| {
        let to = to.iter().map(|to| (*to).into()).collect();
        changed(exim.target(name, MailSecurity::StartTls), |email| email.to = to)
    };
    let targets =
        vec![to("some", &["nobody@example.org", "a@example.org"]), to("none", &["nobody@example.org"])];
    let desk = Desk::new(targets);
    desk.notifier.send([alarms([1], "some"), alarms([2], "none")].concat());
    wait("failures", || desk.failures().len() >= 2, || desk.reports());
    let failures = desk.failures().join("\n");
    assert!(failures.contains("no recipient was taken: RCPT"), "{failures}");
    assert!(failures.contains("the others have it, but not nobody@example.org: RCPT"), "{failures}");
    assert!(failures.contains("no such mailbox"), "{failures}");
    wait("more tries", || desk.figures("some").failed >= 3, || desk.reports());
    assert_eq!((exim.wait_mails(1).len(), desk.confirmed()), (1, vec![]), "whoever has it gets it once");
    let figures = desk.figures("some");
    assert!(figures.last_success.is_some() && figures.failing == 0, "{figures:?}");
}

#[test]
fn a_busy_recipient_gets_the_page_later_and_nobody_twice() {
    let Some(exim) = Exim::new("a_busy_recipient_gets_the_page_later_and_nobody_twice") else { return };
    let exim = exim.started();
    fs::write(exim.path("busy"), "").unwrap();
    let target = changed(exim.target("duty", MailSecurity::StartTls), |email| {
        email.to = ["a@example.org", "later@example.org", "b@example.org"].map(Into::into).to_vec();
    });
    let desk = Desk::new(vec![target]);
    desk.notifier.send(alarms([1], "duty"));
    let failure = desk.wait_failure();
    assert!(failure.contains("not later@example.org") && failure.contains("come later"), "{failure}");
    assert_eq!((exim.wait_mails(2).len(), desk.confirmed()), (2, vec![]));
    fs::remove_file(exim.path("busy")).unwrap();
    desk.wait_confirmed(1);
    assert_eq!(exim.wait_mails(3).len(), 3);
}

#[test]
fn a_flood_is_one_mail_and_nothing_in_a_name_becomes_a_header() {
    let Some(exim) = Exim::new("a_flood_is_one_mail_and_nothing_in_a_name_becomes_a_header") else { return };
    let exim = exim.started();
    let desk = Desk::new(vec![exim.target("duty", MailSecurity::StartTls)]);
    let wild = "boiler\r\nBcc: everybody@example.org\r\n\r\n.\r\nQUIT\r\n";
    desk.notifier.send((1..=23).map(|id| page(id, "duty", Class::Alarm, wild)).collect());
    desk.wait_confirmed(23);
    let mails = exim.wait_mails(1);
    assert_eq!(mails.len(), 1);
    let (head, body) = mails[0].split_once("\n\n").unwrap();
    assert!(head.contains("Subject: 23 alarms: boiler Bcc: everybody@example.org . QUIT, ..."), "{head}");
    assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
    for id in 1..=23 {
        assert!(body.contains(&format!("10.89.21.188_{id}/smoke.critical/5")), "{body}");
    }
}

//! What the tests of the notifier share: pages, a notifier whose reports are kept, and who has what is needed.
#![allow(dead_code, reason = "each test uses a part of it")]

pub mod http;

use poe_building::{
    AlarmId, Class, Delivery, MailSecurity, Outcome, Promise, PromiseId, Reason, State, Target, Text, Time,
    Webhook, WebhookFormat,
};
use poe_notify::{Notifier, Page, PageAlarm, Reach, Report, TargetFigures};
use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Longer than anything takes that works.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A notifier, and what it has reported.
pub struct Desk {
    pub notifier: Notifier,
    reports: Arc<Mutex<Vec<Report>>>,
}

impl Desk {
    /// A notifier for targets on this machine.
    pub fn new(targets: Vec<Target>) -> Self {
        let reports = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&reports);
        let notifier = Notifier::start(Box::new(move |report| kept.lock().unwrap().push(report))).unwrap();
        let reach = Reach { allow: vec!["127.0.0.0/8".parse().unwrap()], ..Reach::default() };
        notifier.set_targets("Institute".into(), targets, None, reach);
        Self { notifier, reports }
    }

    pub fn reports(&self) -> Vec<Report> {
        self.reports.lock().unwrap().clone()
    }

    pub fn confirmed(&self) -> Vec<u64> {
        let confirmed = self.reports().into_iter().filter(|report| report.outcome == Outcome::Confirmed);
        confirmed.map(|report| report.promise.0).collect()
    }

    pub fn failures(&self) -> Vec<String> {
        let reports = self.reports().into_iter();
        reports
            .filter_map(|report| match report.outcome {
                Outcome::Failed(reason) => Some(reason.to_string()),
                _ => None,
            })
            .collect()
    }

    pub fn wait_confirmed(&self, count: usize) {
        wait(&format!("{count} confirmations"), || self.confirmed().len() >= count, || self.reports());
    }

    /// Why a try failed, once one has.
    pub fn wait_failure(&self) -> String {
        wait("a failure", || !self.failures().is_empty(), || self.reports());
        self.failures().remove(0)
    }

    pub fn figures(&self, target: &str) -> TargetFigures {
        self.notifier.figures().into_iter().find(|figures| &*figures.target == target).unwrap()
    }
}

#[track_caller]
pub fn wait<T: std::fmt::Debug>(what: &str, mut there: impl FnMut() -> bool, seen: impl Fn() -> T) {
    let began = Instant::now();
    while !there() {
        assert!(began.elapsed() < PATIENCE, "no {what}: {:?}", seen());
        thread::sleep(Duration::from_millis(5));
    }
}

pub fn now() -> Time {
    Time(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as i64)
}

pub fn page(id: u64, target: &str, class: Class, summary: &str) -> Page {
    let promised = now();
    let promise = Promise {
        id: PromiseId(id),
        target: target.into(),
        seq: id,
        alarm: Some(AlarmId(id)),
        class,
        priority: class.priority(),
        reason: Reason::Raised,
        key: format!("10.89.21.188_{id}/smoke.critical/5").into(),
        summary: summary.into(),
        promised,
        expires: promised.after(Duration::from_secs(3600)),
    };
    let alarm = PageAlarm {
        id: AlarmId(id),
        class,
        priority: class.priority(),
        source: "10.89.21.188_17".into(),
        source_name: Some("kitchen".into()),
        place: Some("first floor".into()),
        rule: "smoke.critical".into(),
        state: State::Unacknowledged,
        value: Some(210),
        unit: Some("ppm".into()),
        message: summary.into(),
        raised: promised,
        acknowledged_by: None,
    };
    Page { promise, unsaved: false, alarms: Arc::new([alarm]), alarms_in_all: 1 }
}

pub fn alarms(ids: impl IntoIterator<Item = u64>, target: &str) -> Vec<Page> {
    ids.into_iter().map(|id| page(id, target, Class::Alarm, "smoke in the kitchen")).collect()
}

pub fn webhook(name: &str, url: &str) -> Target {
    shaped(name, url, WebhookFormat::Json, None, None)
}

pub fn shaped(
    name: &str,
    url: &str,
    format: WebhookFormat,
    secret_file: Option<Text>,
    ca_file: Option<Text>,
) -> Target {
    let delivery = Delivery::Webhook(Webhook { url: url.into(), format, secret_file, ca_file });
    Target { name: name.into(), delivery, expires: None }
}

pub fn command(name: &str, script: &str, time_limit: Duration) -> Target {
    let arguments = ["sh", "-c", script].map(Text::from).to_vec();
    Target { name: name.into(), delivery: Delivery::Command { arguments, time_limit }, expires: None }
}

pub fn email(name: &str, port: u16, security: MailSecurity, ca_file: Option<Text>) -> Target {
    let delivery = Delivery::Email(poe_building::Email {
        host: "localhost".into(),
        port,
        security,
        ca_file,
        user: None,
        password_file: None,
        from: "Poe <poe@example.org>".into(),
        to: vec!["inbox@example.org".into()],
    });
    Target { name: name.into(), delivery, expires: None }
}

/// Whether the test may go on. If something is missing, the test is told as skipped, by its name, to whoever watches and
/// in a list beside the build, from which the end of the whole run tells it again.
pub fn has(test: &str, what: &str, there: bool) -> bool {
    if !there {
        let skipped = format!("{test} (needs {what})");
        eprintln!("skipped: {skipped}");
        let list = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("skipped-tests.txt");
        let mut list = fs::OpenOptions::new().create(true).append(true).open(list).unwrap();
        writeln!(list, "{skipped}").unwrap();
    }
    there
}

/// Debian keeps some programs where only root's `PATH` leads.
pub fn program(name: &str) -> Option<String> {
    let folders = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"];
    folders.iter().map(|folder| format!("{folder}/{name}")).find(|path| Path::new(path).exists())
}

/// Makes an authority, `ca.pem`, and its certificate for this machine, `cert.pem` and `key.pem`, in a folder.
pub fn certificate(folder: &Path) -> bool {
    let Some(openssl) = program("openssl") else { return false };
    let request = |arguments: &[&str]| {
        let mut made = Command::new(&openssl);
        made.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]).args(arguments);
        made.current_dir(folder).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    request(&["-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"])
        && request(&[
            "-subj",
            "/CN=localhost",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout",
            "key.pem",
            "-out",
            "cert.pem",
        ])
}

//! Files of the history that are not what was written: each is set aside with a trouble, and the rest is served as it was.

use crate::{
    counter::{Counter, frames, wait_until_seen},
    ledger::values,
    past::{BEGIN_MS, DATES, HOUR_MS, Past, Question, Sum},
    support::{PATIENCE, Server, Setup, poe},
};
use poe_api::client::Client;
use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

/// What can become of a file.
#[derive(Clone, Copy, Debug)]
enum Damage {
    /// A bit has flipped in the middle.
    Middle,
    /// A bit has flipped near the end, where Parquet says what is where.
    Footer,
    /// The second half is gone.
    Cut,
    /// It is gone.
    Deleted,
}

impl Damage {
    fn befall(self, file: &Path) {
        let mut bytes = fs::read(file).unwrap();
        let (length, middle) = (bytes.len(), bytes.len() / 2);
        match self {
            Self::Middle => bytes[middle] ^= 16,
            Self::Footer => bytes[length - 40] ^= 16,
            Self::Cut => bytes.truncate(middle),
            Self::Deleted => return fs::remove_file(file).unwrap(),
        }
        fs::write(file, bytes).unwrap();
    }
}

/// What befalls the files of the first four dates; nothing befalls the last.
const DAMAGES: [Damage; 4] = [Damage::Middle, Damage::Footer, Damage::Cut, Damage::Deleted];
/// A bit that has flipped, a footer that has, and a file that was cut can be looked at later.
const SET_ASIDE: usize = 3;

fn client(setup: &Setup) -> Client {
    Client::local(setup.data_path().join("poe.sock"))
}

/// Days of the past, in files.
fn open() -> (Server, Past) {
    let server = Setup::new().start();
    let past = Past::new(5);
    let file = server.setup().scratch().join("past.csv");
    past.write_csv(&file);
    let data = server.setup().data_path().to_str().unwrap();
    let done = poe(["import", file.to_str().unwrap(), "--data-dir", data]);
    assert!(done.status.success(), "{done:?}");
    (server, past)
}

/// The files with the readings of a date.
fn files_of(data: &Path, date: &str) -> Vec<PathBuf> {
    let folder = data.join(format!("history/date={date}"));
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "parquet")).collect()
}

fn damage_all(data: &Path) {
    for (date, damage) in DATES.into_iter().zip(DAMAGES) {
        let files = files_of(data, date);
        assert!(!files.is_empty(), "no file of {date}");
        files.iter().for_each(|file| damage.befall(file));
    }
}

/// Every sensor on every date.
fn questions(past: &Past) -> Vec<(usize, Question)> {
    let mut questions = Vec::new();
    for (day, _) in DATES.iter().enumerate() {
        let begin = BEGIN_MS - 22 * HOUR_MS + day as i64 * 24 * HOUR_MS;
        let of_sensor =
            |(node, sensor)| (day, Question { node, sensor, times_ms: begin..begin + 24 * HOUR_MS });
        questions.extend(past.sensors().into_iter().map(of_sensor));
    }
    questions
}

/// The dates whose readings are damaged have none, the others all; and sums are right where they can be told.
#[track_caller]
fn check_answers(client: &Client, past: &Past) {
    for (day, question) in questions(past) {
        let told = question.values(client);
        if day < DAMAGES.len() {
            assert!(told.is_empty(), "{} of {:?} are told from {}", told.len(), DAMAGES[day], DATES[day]);
        } else {
            assert_eq!(told, past.values(&question), "{question:?}");
        }
        let sum = question.ask(client);
        // Roll-ups may still know what a day was about.
        let may_be = [past.sum(&question), Sum::default()];
        assert!(sum == may_be[0] || day < DAMAGES.len() && sum == may_be[1], "{question:?}: {sum:?}");
    }
}

#[track_caller]
fn check_told(server: &Server, set_aside: usize) {
    let client = client(server.setup());
    let is_told = |server: &Server| {
        let client = self::client(server.setup());
        client.get("/api/v1/alarms").unwrap().to_string().contains("history.damage")
    };
    server.wait_for(is_told, PATIENCE);
    let events = client.get("/api/v1/events?kind=history.damaged").unwrap();
    assert!(!events["items"].as_array().unwrap().is_empty(), "{events}");
    let folder = server.setup().data_path().join("catalogue/damaged");
    let kept = fs::read_dir(&folder).map_or(0, Iterator::count);
    assert_eq!(kept, set_aside, "{}: {}", folder.display(), server.stderr());
    server.check_metric("poe_history_damaged_files", set_aside as f64);
}

#[test]
fn files_that_were_damaged_while_nobody_looked_are_set_aside_and_the_rest_is_served() {
    let (mut server, past) = open();
    assert!(server.stop().success());
    damage_all(server.setup().data_path());
    let server = server.setup().start();
    check_answers(&client(server.setup()), &past);
    check_told(&server, SET_ASIDE);
}

#[test]
fn an_export_that_is_the_first_to_meet_damage_has_all_the_rest() {
    let (mut server, past) = open();
    assert!(server.stop().success());
    damage_all(server.setup().data_path());
    let server = server.setup().start();
    let exported = poe(["export", "--data-dir", server.setup().data_path().to_str().unwrap()]);
    assert!(exported.status.success(), "{exported:?}");
    let last = questions(&past).into_iter().filter(|(day, _)| *day == DAMAGES.len());
    let expected: usize = last.map(|(_, question)| past.values(&question).len()).sum();
    let lines: Vec<&str> = exported.stdout.lines().skip(1).collect();
    assert!(lines.iter().all(|line| line.starts_with(DATES[DAMAGES.len()])), "{:?}", lines.first());
    assert_eq!(lines.len(), expected);
    check_told(&server, SET_ASIDE);
}

/// Of a day that comes after much that was told already.
#[test]
fn an_export_that_meets_damage_on_the_way_says_so_and_the_next_one_has_all_the_rest() {
    let (server, past) = open();
    let data = server.setup().data_path();
    files_of(data, DATES[1]).iter().for_each(|file| Damage::Middle.befall(file));
    let file = server.setup().scratch().join("all.csv");
    let export = || poe(["export", "-o", file.to_str().unwrap(), "--data-dir", data.to_str().unwrap()]);
    let cut = export();
    assert!(!cut.status.success() && cut.stdout.is_empty() && !cut.stderr.is_empty(), "{cut:?}");
    assert!(!file.exists() && !file.with_extension("csv.part").exists());
    let next = export();
    assert!(next.status.success(), "{next:?}");
    let rest = questions(&past).into_iter().filter(|(day, _)| *day != 1);
    let expected: usize = rest.map(|(_, question)| past.values(&question).len()).sum();
    assert_eq!(fs::read_to_string(&file).unwrap().lines().skip(1).count(), expected);
    check_told(&server, 1);
}

#[test]
fn files_that_are_damaged_while_the_server_runs_are_set_aside_and_the_rest_is_served() {
    let (mut server, past) = open();
    // It knows them all by now.
    questions(&past)
        .iter()
        .for_each(|(_, question)| assert_eq!(question.ask(&client(server.setup())), past.sum(question)));
    damage_all(server.setup().data_path());
    check_answers(&client(server.setup()), &past);
    check_told(&server, SET_ASIDE);
    // It stays so, and is not found anew.
    assert!(server.stop().success());
    let server = server.setup().start();
    check_answers(&client(server.setup()), &past);
    check_told(&server, SET_ASIDE);
}

/// What the log has of a node that counts is told up to the damaged batch, and from the next on.
#[test]
fn a_damaged_batch_in_the_log_is_told_and_all_others_are_served() {
    const COUNTED: u32 = 200;
    let node = Ipv4Addr::new(127, 0, 16, 1);
    let setup = Setup::new();
    let mut server = setup.start();
    let mut counter = Counter::connect(node, server.tcp());
    for number in 1..=COUNTED {
        // Each number is a batch of its own.
        counter.count(1);
        if number % 20 == 0 {
            wait_until_seen(&setup.db_path(), node, number);
        }
    }
    server.kill();
    let batches = fs::read_dir(setup.data_path().join("batches")).unwrap().map(|entry| entry.unwrap().path());
    let logs: Vec<PathBuf> = batches.filter(|path| path.extension().is_some_and(|it| it == "log")).collect();
    let [log] = &logs[..] else { panic!("{logs:?}") };
    Damage::Middle.befall(log);

    let server = setup.start();
    let client = client(&setup);
    let told = values(&client, node, 2);
    let counted: Vec<u8> = (1..=COUNTED).map(|number| frames(number)[11]).collect();
    let missing = counted.len() - told.len();
    assert!((1..=100).contains(&missing), "{missing} of {COUNTED} are missing");
    let before = told.iter().zip(&counted).take_while(|(told, counted)| told == counted).count();
    assert_eq!(told[before..], counted[before + missing..], "more than one batch is missing: {told:?}");
    server
        .wait_for(|_| client.get("/api/v1/alarms").unwrap().to_string().contains("history.damage"), PATIENCE);
    let events = client.get("/api/v1/events?kind=history.damaged").unwrap();
    assert!(events.to_string().contains("lost"), "{events}");
}

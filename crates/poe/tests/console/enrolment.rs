//! A node that nobody has let in, as somebody at the console meets it.

use crate::{
    people::{PATIENCE, Person},
    support,
};
use std::{
    fs,
    io::Write,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 21, 9);
/// Sensor 7 sees a flame, and sensor 8 reads some smoke.
const FLAME_AND_SMOKE: [u8; 8] = [1, 7, 0, 0, 1, 8, 1, 60];
const NO_FLAME: [u8; 4] = [1, 7, 0, 1];

fn import(folder: &Path, enrolment: &str) {
    let file = folder.join("building.toml");
    fs::write(&file, format!("[site]\nname = \"house\"\nenrolment = \"{enrolment}\"\n")).unwrap();
    let (done, told) = run(folder, &["building", "import", file.to_str().unwrap()]);
    assert!(done, "{told}");
}

/// A command from a shell, and what it says.
fn run(folder: &Path, words: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_poe"));
    let ended = command.args(words).arg("--data-dir").arg(folder).output().unwrap();
    let told = [ended.stdout, ended.stderr].concat();
    (ended.status.success(), String::from_utf8(told).unwrap())
}

fn rows(folder: &Path) -> Vec<String> {
    let mut keys: Vec<_> = support::table(&folder.join("poe.db"), "sensors").into_keys().collect();
    keys.sort_unstable();
    keys
}

fn until_there_are_rows(folder: &Path, wanted: &[&str]) {
    let deadline = Instant::now() + PATIENCE;
    while rows(folder) != wanted {
        assert!(Instant::now() < deadline, "{:?}", rows(folder));
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_flame_that_a_stranger_sees_is_told_and_becomes_an_alarm_when_somebody_approves() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    import(folder.path(), "approve");
    let mut stranger = support::connect_from(IpAddr::V4(STRANGER), person.server.address);
    stranger.write_all(&FLAME_AND_SMOKE).unwrap();
    person.sees("127.0.21.9: not approved, and its sensor 7 (FIRE) reads 0");
    person.types("a\r");
    person.sees("1 (1 supervisory) active");
    assert!(!person.rows().iter().any(|row| row.contains("!! ALARM")), "{:#?}", person.rows());
    person.types("n\r");
    person.sees("no node is known yet");
    person.sees("1 node not let in; `approve 127.0.21.9` lets one in");
    assert!(person.row("danger").starts_with("127.0.21.9 "));
    assert_eq!(rows(folder.path()), [""; 0], "nothing of it is in the table");

    person.types("appr\t127\t\r");
    person.sees("127.0.21.9 is approved, and one of the building's");
    person.sees(" 127.0.21.9_7: flame, value 0, first-out");
    until_there_are_rows(folder.path(), &["127.0.21.9_7", "127.0.21.9_8"]);
    person.types("e 20\r");
    person.sees("entries, times in ");
    let told = person.rows();
    let last = |words: &str| told.iter().rposition(|row| row.contains(words));
    let order =
        ["node.quarantined", "not approved, and", "node.approved", "node.admitted", "  flame"].map(last);
    assert!(order.iter().all(Option::is_some), "{order:?}: {told:#?}");
    assert!(order.is_sorted(), "{order:?}: {told:#?}");

    // It goes on as any node does.
    stranger.write_all(&NO_FLAME).unwrap();
    person.asks_until("a\r", "latched unacknowledged");
}

#[test]
fn who_is_dismissed_is_gone_until_it_sends_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    import(folder.path(), "closed");
    let mut stranger = support::connect_from(IpAddr::V4(STRANGER), person.server.address);
    stranger.write_all(&NO_FLAME).unwrap();
    person.asks_until("n\r", "1 node not let in");
    person.types("dismiss 127.0.21.9\r");
    person.sees("127.0.21.9 is dismissed; it comes again if it sends again");
    person.types("dismiss 127.0.21.9\r");
    person.sees("refused: dismiss 127.0.21.9: there is no node that waits for approval");
    stranger.write_all(&FLAME_AND_SMOKE).unwrap();
    person.sees("127.0.21.9: not approved, and its sensor 7 (FIRE) reads 0");
    assert_eq!(rows(folder.path()), [""; 0]);
    person.types("q\r");
    assert!(person.server.end().success());

    // The list is empty after a restart, and what was signalled stands.
    let mut person = Person::start(folder.path());
    person.types("n\r");
    person.sees_row("no node is known yet: none has sent a value");
    person.types("dismiss 127.0.21.9\r");
    person.sees("127.0.21.9 is dismissed");
}

#[test]
fn strangers_are_approved_and_dismissed_from_a_shell() {
    let folder = tempfile::tempdir().unwrap();
    let person = Person::start(folder.path());
    import(folder.path(), "approve");
    let connect = |node: Ipv4Addr| support::connect_from(IpAddr::V4(node), person.server.address);
    let other = Ipv4Addr::new(127, 0, 21, 10);
    let mut both = [connect(STRANGER), connect(other)];
    for stranger in &mut both {
        stranger.write_all(&FLAME_AND_SMOKE).unwrap();
    }
    person.sees("127.0.21.9: not approved");
    person.sees("127.0.21.10: not approved");
    let told = run(folder.path(), &["node", "approve", "127.0.21.9"]);
    assert_eq!(told, (true, "node 127.0.21.9 is approved\n".to_owned()));
    person.sees(" 127.0.21.9_7: flame, value 0, first-out");
    let told = run(folder.path(), &["node", "dismiss", "127.0.21.10"]);
    assert_eq!(told, (true, "node 127.0.21.10 is dismissed\n".to_owned()));
    let (done, told) = run(folder.path(), &["node", "dismiss", "127.0.21.10"]);
    assert!(!done && told.starts_with("error: "), "{told}");
    until_there_are_rows(folder.path(), &["127.0.21.9_7", "127.0.21.9_8"]);
}

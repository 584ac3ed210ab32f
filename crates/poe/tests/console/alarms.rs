//! What the console does when it matters.

use crate::people::{Person, Script};
use nix::unistd::{Uid, User, getuid};
use std::{fs, io::Write, net::TcpStream, path::Path};

/// Sensor 7 of a node sees a flame,
const FLAME: [u8; 4] = [1, 7, 0, 0];
/// and no flame any more.
const NO_FLAME: [u8; 4] = [1, 7, 0, 1];

#[test]
fn a_fire_is_seen_and_heard_while_somebody_types() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    person.types("sens");
    person.sees_line("POE-TERM: sens");
    assert_eq!(person.bells(), 0);
    let _node = burn(&person);
    person.sees(" 127.0.0.1_7: flame, value 0, first-out");
    person.hears(1);
    person.sees_line("POE-TERM: sens");
    person.types("ors 127.0.0.1_7\r");
    person.sees_row("POE-TERM: sensors 127.0.0.1_7");
    let alarm = person.row("!! ALARM 1 ");
    assert!(!alarm.contains("POE-TERM"), "{alarm}");
    // As long as nobody does anything about it, it rings again.
    person.hears(2);
}

#[test]
fn what_burns_is_acknowledged_and_can_only_be_reset_once_it_is_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    let mut node = burn(&person);
    person.sees("!! ALARM 1 ");
    person.types("a\r");
    person.sees("1 (1 alarm) active, 1 (1 alarm) unacknowledged, 0 suppressed");
    person.sees("!! unacknowledged");
    person.types("silence 1\r");
    person.sees("alarm 1 (flame, 127.0.0.1_7): silenced; ");
    person.types("ack 1\r");
    person.sees("alarm 1 (flame, 127.0.0.1_7): acknowledged; its condition is still true");
    person.types("ack 1\r");
    person.sees(&format!("was acknowledged already, by {} at ", user()));
    person.types("reset 1\r");
    person.sees("refused: reset 1: the condition is still true; reset it once the sensor is back to normal");
    node.write_all(&NO_FLAME).unwrap();
    person.asks_until("a\r", "#  latched acknowledged");
    person.types("reset 1\r");
    person.sees("alarm 1 (flame, 127.0.0.1_7): reset; it has returned to normal");
    person.types("reset 1\r");
    person.sees("refused: reset 1: there is no alarm 1, or it has returned to normal; `a` shows the alarms");

    person.types("e 2 alarm #1\r");
    person.sees("2 entries, times in ");
    let reset = person.row("alarm.reset");
    assert!(reset.contains(&format!("  {}, console  ", user())), "{reset}");
    person.types("e alarm.acknowledged\r");
    person.sees_times("alarm.acknowledged", 2 + 1);
}

#[test]
fn what_is_shelved_is_quiet_and_speaks_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    let _node = burn(&person);
    person.sees("!! ALARM 1 ");
    person.types("shelve 1 9999 the oven is being cleaned\r");
    person.sees("refused: shelve 1: give it an end between now and 480 minutes from now");
    person.types("shelve 1 30 the oven is being cleaned\r");
    person.sees("alarm 1 (flame, 127.0.0.1_7): shelved until ");
    person.types("a\r");
    person.sees("1 (1 alarm) suppressed");
    person.sees(&format!("shelved by {} until ", user()));
    person.types("ack all\r");
    person.sees("nothing asks to be acknowledged");
    let bells = person.bells();
    person.types("unshelve 1\r");
    person.sees("alarm 1 (flame, 127.0.0.1_7): no longer shelved; ");
    person.sees("flame, value 0, first-out, no longer shelved");
    person.hears(bells + 1);
}

#[test]
fn somebody_raises_an_emergency() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    person.types("emergency fire stie\r");
    person.sees("refused: there is no place `stie`; did you mean `site`?");
    person.sees("places: site");
    person.types("emer\tfi\tsi\t");
    person.sees_line("POE-TERM: emergency fire site");
    person.types(" the pan burns\r");
    let message = format!("fire reported by hand, raised by {}: the pan burns", user());
    person.sees(&format!("raised: alarm 1 ({message}, site); `ack 1` and `reset 1` end it"));
    person.sees(&format!("site: {message}, first-out"));
    person.hears(1);
    person.types("z\r");
    person.sees("!! unacknowledged");
    person.types("ack all\r");
    person.sees("acknowledged; its condition is still true");
    person.types("reset 1\r");
    person.sees("reset; it has returned to normal");
}

#[test]
fn what_still_burns_is_shown_and_sounded_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    let _node = burn(&person);
    person.sees("!! ALARM 1 ");
    person.types("silence 1\r");
    person.sees("silenced");
    person.types("q\r");
    assert!(person.server.end().success());
    drop(person);

    let person = Person::start(folder.path());
    person.sees("!! ALARM 1 ");
    person.hears(1);
    person.sees_line("POE-TERM:");
}

#[test]
fn an_alarm_is_told_while_a_list_of_words_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    person.types("s\t");
    person.sees("silence");
    let _node = burn(&person);
    person.sees("!! ALARM 1 ");
    person.sees_line("POE-TERM: s");
}

#[test]
fn a_flood_is_counted_and_acknowledged_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    let mut node = TcpStream::connect(person.server.address).unwrap();
    let fires: Vec<u8> = (1..=60).flat_map(|sensor| [1, sensor, 0, 0]).collect();
    node.write_all(&fires).unwrap();
    person.sees("!! … 50 more alarms: `a` lists them");
    person.sees("!! FLOOD more than 10 alarms in 10 minutes: `a` lists the alarms");
    person.types("a alarm\r");
    person.sees("; FLOOD: more alarms come than a person can follow");
    person.sees("60 signals, times in ");
    person.types("ack all\r");
    person.sees("60 signals acknowledged; `a` shows what stands");
}

#[test]
fn who_wants_to_see_everything_sees_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    person.types("v\r");
    person.sees("verbose is on");
    let mut node = burn(&person);
    person.sees("!! ALARM 1 ");
    person.types("ack 1\r");
    person.sees(&format!(
        " alarm.acknowledged #1 127.0.0.1_7: fire, value 0, unacknowledged -> acknowledged by {}, console",
        user()
    ));
    node.write_all(&NO_FLAME).unwrap();
    person.sees(" alarm.returned #1 127.0.0.1_7: ");
}

#[test]
fn an_order_that_the_disk_keeps_waiting_holds_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    let disk = rusqlite::Connection::open(folder.path().join("state.db")).unwrap();
    disk.execute_batch("BEGIN IMMEDIATE").unwrap();
    person.types("emergency public-safety site\r");
    person.sees("raised: alarm 1 (danger to the public");
    person.sees("(not stored yet: the disk is slow; the order holds all the same)");
    disk.execute_batch("ROLLBACK").unwrap();
    person.types("ack 1\r");
    person.sees("acknowledged; its condition is still true");
}

#[test]
fn a_script_sees_alarms_and_hears_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut script = Script::start(folder.path());
    let mut node = TcpStream::connect(script.server.address).unwrap();
    node.write_all(&FLAME).unwrap();
    script.sees("!! ALARM 1 ");
    script.types("ack 1\n");
    script.sees("acknowledged; its condition is still true");
    assert!(!script.text().contains('\u{7}'));
}

#[test]
fn each_command_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    person.types("h ack\r");
    person.sees("ack, acknowledge ID...|all");
    person.sees("POE-TERM: ack 12 ");
    person.types("h foo\r");
    person.sees("there is no command `foo`; `h` shows what there is");
}

fn burn(person: &Person) -> TcpStream {
    let mut node = TcpStream::connect(person.server.address).unwrap();
    node.write_all(&FLAME).unwrap();
    node
}

/// Who the journal says has typed: whoever logged in, if the system knows it, or the user of this process.
fn user() -> String {
    let login = fs::read_to_string(Path::new("/proc/self/loginuid")).ok();
    let login = login.and_then(|uid| uid.trim().parse().ok()).filter(|uid| *uid != u32::MAX);
    let known = |uid| User::from_uid(uid).unwrap().map(|user| user.name);
    let uid = getuid();
    login
        .and_then(|login| known(Uid::from_raw(login)))
        .or_else(|| known(uid))
        .unwrap_or_else(|| format!("uid {uid}"))
}

//! A disk that stands still or is full: the fire is told all the same, and so is the disk.

use crate::{
    desk::wait_until,
    house::{self, House},
    live::{Follower, Told},
    node::{Node, SMOKE, SMOKE_ID, WATER, post},
    receiver::{Manner, Page, Receiver},
    support::{
        PATIENCE,
        ground::{Disk, has, has_program},
        is_root,
        tamper::Tampering,
    },
};
use nix::{
    sys::{signal::Signal, stat::Mode},
    unistd::mkfifo,
};
use serde_json::Value;
use std::{
    fs,
    io::Write,
    thread,
    time::{Duration, Instant},
};

/// Received to told, under every overload.
const AT_WORST: Duration = Duration::from_secs(1);
/// Since when nothing could be stored, until it is a trouble; and how much later that may be seen.
const STALLED: Duration = Duration::from_secs(5);
/// Longer than any of these tests: whoever ends it lets the disk go on.
const STANDS_STILL: &str = "fsync,fdatasync:delay_enter=60000000";

/// The alarm is at the follower and at the target in time, marked as what is not stored.
#[track_caller]
fn check_unsaved(house: &House, follower: &Follower, rule: &str, since: Instant, within: Duration) -> Page {
    let told = follower.entry("alarm.raised", rule);
    assert!(told.at - since < within, "{rule} followed after {:?}", told.at - since);
    assert_eq!((&told.data["committed"], told.id), (&Value::Null, None), "{told:?}");
    let page = house.receiver.page(rule, "raised", PATIENCE);
    assert!(page.at - since < within, "{rule} told after {:?}", page.at - since);
    assert_eq!(page.page["unsaved"], true, "{page:?}");
    let alarm = house.desk.alarm(rule);
    assert_eq!((&alarm["committed"], &alarm["audible"]), (&false.into(), &true.into()), "{alarm}");
    eprintln!("{rule}: followed after {:?}, told after {:?}", told.at - since, page.at - since);
    page
}

/// The disk goes on: everything that was told is stored, nobody is told twice, and the trouble is over.
#[track_caller]
fn check_drained(house: &House, told: &[&str]) {
    house.desk.wait_for_state("storage", "returned_unacknowledged", PATIENCE);
    for rule in told {
        wait_until(rule, PATIENCE, || house.desk.alarm(rule)["committed"] == true);
        let raised = house.desk.entries_of("alarm.raised", rule);
        assert_eq!(raised.len(), 1, "{rule}: {raised:?}");
        assert!(raised[0]["committed"].is_string(), "{raised:?}");
        wait_until("the confirmation is stored", PATIENCE, || {
            house.desk.entries_of("notification.confirmed", rule).len() == 1
        });
        let pages = house.receiver.pages_of(rule, "raised");
        assert_eq!(pages.len(), 1, "{rule} was told twice: {pages:?}");
    }
    house.assert_whole();
}

#[test]
fn a_disk_that_stands_still_holds_up_no_fire_and_is_a_trouble_that_is_told() {
    let name = "a_disk_that_stands_still_holds_up_no_fire_and_is_a_trouble_that_is_told";
    if !has_program(name, "strace") {
        return;
    }
    let house = House::new();
    let mut node = house.calm_node();
    let follower = Follower::of(&house.desk);
    let standstill = Tampering::begin(&house.setup, house.server.pid(), STANDS_STILL);
    node.burn();
    let begun = Instant::now();
    check_unsaved(&house, &follower, "fire", begun, AT_WORST);
    check_unsaved(&house, &follower, "storage", begun, STALLED + Duration::from_secs(2));
    // An order is carried out, and its answer says what it is worth.
    let asked = Instant::now();
    let fire = house.desk.tell(&house.desk.alarm("fire"), "acknowledge");
    assert!(asked.elapsed() < AT_WORST, "{:?}", asked.elapsed());
    assert_eq!((&fire["state"], &fire["committed"]), (&"acknowledged".into(), &false.into()));
    drop(standstill);
    check_drained(&house, &["fire", "storage"]);
    assert_eq!(house.desk.alarm("fire")["state"], "acknowledged");
}

#[test]
fn what_people_do_while_the_disk_stands_still_is_shown_as_not_stored() {
    let name = "what_people_do_while_the_disk_stands_still_is_shown_as_not_stored";
    if !has_program(name, "strace") {
        return;
    }
    let mut house = House::new();
    let mut node = house.calm_node();
    node.burn();
    wait_until("the fire is stored", PATIENCE, || house.desk.alarm("fire")["committed"] == true);
    house.receiver.page("fire", "raised", PATIENCE);
    wait_until("and its confirmation", PATIENCE, || {
        !house.desk.entries_of("notification.confirmed", "fire").is_empty()
    });
    let standstill = Tampering::begin(&house.setup, house.server.pid(), STANDS_STILL);
    let seen = house.desk.tell(&house.desk.alarm("fire"), "acknowledge");
    assert_eq!((&seen["state"], &seen["committed"]), (&"acknowledged".into(), &false.into()), "{seen}");
    let shown = house.desk.alarm("fire");
    assert!(
        shown["state"] != "acknowledged" || shown["committed"] == false,
        "a kill can take it back: {shown}"
    );
    house.server.signal(Signal::SIGKILL);
    drop(standstill);
    house.server.wait();
    house.start_again();
    house.desk.alarm("fire");
    house.assert_whole();
}

#[test]
fn a_program_that_locks_the_state_holds_up_no_fire() {
    let house = House::new();
    let mut node = house.calm_node();
    let follower = Follower::of(&house.desk);
    let other = rusqlite::Connection::open(house.setup.data_path().join("state.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    node.burn();
    check_unsaved(&house, &follower, "fire", Instant::now(), AT_WORST);
    thread::sleep(Duration::from_millis(5_500));
    house.desk.alarm_within("storage", Duration::from_secs(2));
    other.execute_batch("COMMIT").unwrap();
    drop(other);
    check_drained(&house, &["fire", "storage"]);
}

#[test]
fn a_fire_that_was_told_and_not_stored_is_raised_anew_after_a_kill() {
    let name = "a_fire_that_was_told_and_not_stored_is_raised_anew_after_a_kill";
    if !has_program(name, "strace") {
        return;
    }
    let mut house = House::new();
    let mut node = house.calm_node();
    let follower = Follower::of(&house.desk);
    let standstill = Tampering::begin(&house.setup, house.server.pid(), STANDS_STILL);
    node.burn();
    check_unsaved(&house, &follower, "fire", Instant::now(), AT_WORST);
    house.server.signal(Signal::SIGKILL);
    // It ends once nothing holds its calls any more.
    drop(standstill);
    house.server.wait();
    house.start_again();
    let mut node = Node::connect(house::KITCHEN, house.server.tcp());
    node.burn();
    wait_until("the fire is stored", PATIENCE, || {
        house.desk.alarms_of("fire").iter().any(|alarm| alarm["committed"] == true)
    });
    house.desk.alarm("fire");
    assert_eq!(house.desk.entries_of("alarm.raised", "fire").len(), 1);
    house.assert_whole();
}

#[test]
fn a_full_disk_holds_up_no_fire_and_is_a_trouble_that_is_told() {
    let name = "a_full_disk_holds_up_no_fire_and_is_a_trouble_that_is_told";
    if !is_root(name) {
        return;
    }
    let disk = match Disk::in_a_file(24).or_else(|_| Disk::in_memory(8)) {
        Ok(disk) => disk,
        Err(why) => {
            has(name, &format!("a disk of its own: {}", why.trim()), false);
            return;
        }
    };
    let house = House::with(&house::setup().data_dir(disk.path().join("data")), "");
    let mut node = house.calm_node();
    let follower = Follower::of(&house.desk);
    let filler = disk.fill();
    // What is left of the log's last page is used up first.
    let stalls = Instant::now();
    let mut value = 0;
    while house.desk.ask("GET", "/readyz", &[], "").status == 200 {
        value = (value + 1) % 150;
        node.send(&[post(7, WATER, value)]);
        thread::sleep(Duration::from_millis(20));
        assert!(stalls.elapsed() < PATIENCE, "still ready");
    }
    check_unsaved(&house, &follower, "storage", Instant::now(), Duration::from_secs(2));
    node.burn();
    check_unsaved(&house, &follower, "fire", Instant::now(), AT_WORST);
    assert!(house.desk.alarm("storage")["message"].as_str().unwrap().contains("full"));
    drop(filler);
    check_drained(&house, &["fire", "storage"]);
}

#[test]
fn neither_the_disk_nor_a_webhook_nor_a_screen_holds_up_a_fire() {
    let name = "neither_the_disk_nor_a_webhook_nor_a_screen_holds_up_a_fire";
    if !has_program(name, "strace") {
        return;
    }
    let hanging = Receiver::start(Manner::Hang);
    let setup = house::setup();
    let typed = setup.scratch().join("typed");
    mkfifo(&typed, Mode::S_IRWXU).unwrap();
    let mut keyboard = fs::OpenOptions::new().read(true).write(true).open(&typed).unwrap();
    let shell = format!("exec \"$0\" \"$@\" < {}", typed.display());
    let setup = setup.args(["--console", "on"]).prefix(["sh", "-c", &shell]);
    let house = House::with(&setup, &hanging.target("hanging"));
    let mut node = house.calm_node();
    // Everything that happens is written on a screen that nobody reads, until no more goes into the pipe.
    keyboard.write_all(b"v\n").unwrap();
    house.server.wait_for(|server| server.stdout().contains("verbose"), PATIENCE);
    house.server.stop_reading();
    for round in 0..2_000 {
        node.send(&[post(SMOKE_ID, SMOKE, [80, 150][round % 2])]);
    }
    hanging_has_a_page(&house, &hanging, &mut node);
    let follower = Follower::of(&house.desk);
    let standstill =
        Tampering::begin(&house.setup, house.server.pid(), "fsync,fdatasync:delay_enter=5000000");
    for round in 1..=3 {
        // Each is another node, so that each is another fire.
        let mut node = Node::connect([127, 0, 24, round].into(), house.server.tcp());
        node.burn();
        let begun = Instant::now();
        let source = format!("127.0.24.{round}_0");
        let is_of = |of: &Value| *of == source.as_str();
        let raised = |told: &Told| told.data["kind"] == "alarm.raised" && is_of(&told.data["source"]);
        let told = follower.wait_for(PATIENCE, raised).unwrap();
        let pages = || house.receiver.pages_of("fire", "raised");
        let page = |page: &Page| is_of(&page.page["alarms"][0]["source"]);
        wait_until("it is told", PATIENCE, || pages().iter().any(page));
        let page = pages().into_iter().find(page).unwrap();
        let (followed, told_after) = (told.at - begun, page.at - begun);
        eprintln!("{source}: followed after {followed:?}, told after {told_after:?}");
        assert!(followed < AT_WORST && told_after < AT_WORST, "{source}: {followed:?}, {told_after:?}");
        assert_eq!(page.page["unsaved"], true, "{page:?}");
        thread::sleep(Duration::from_millis(700));
    }
    drop(standstill);
    hanging.behave(Manner::Accept);
    wait_until("all is stored", PATIENCE, || {
        house.desk.entries_of("alarm.raised", "fire").len() == 4
            && house.desk.alarms_of("fire").iter().all(|alarm| alarm["committed"] == true)
    });
    house.assert_whole();
}

/// The target that hangs has been sent something.
#[track_caller]
fn hanging_has_a_page(house: &House, hanging: &Receiver, node: &mut Node) {
    node.burn();
    house.receiver.page("fire", "raised", PATIENCE);
    wait_until("the other hangs", PATIENCE, || !hanging.requests().is_empty());
}

#[test]
fn a_locked_table_keeps_no_alarm_and_no_order_out_of_the_journal() {
    let mut house = House::new();
    let mut node = house.calm_node();
    let table = rusqlite::Connection::open(house.setup.db_path()).unwrap();
    table.execute_batch("BEGIN IMMEDIATE").unwrap();
    // This reading waits for the table; what follows does not wait behind it.
    node.smoke(61);
    thread::sleep(Duration::from_millis(100));
    node.burn();
    let fire = house.desk.alarm("fire");
    wait_until("the fire is stored", PATIENCE, || house.desk.alarm("fire")["committed"] == true);
    let acknowledged = house.desk.tell(&fire, "acknowledge");
    assert_eq!(acknowledged["state"], "acknowledged", "{acknowledged}");
    wait_until("so is the order", PATIENCE, || house.desk.alarm("fire")["committed"] == true);
    house.server.kill();
    drop(table);
    house.start_again();
    let again = house.desk.alarm("fire");
    assert_eq!((&again["id"], &again["state"]), (&fire["id"], &"acknowledged".into()), "{again}");
    house.assert_whole();
}

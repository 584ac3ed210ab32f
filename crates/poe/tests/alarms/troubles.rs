//! What the server cannot be trusted with is a trouble: shown, told, and over when it is.

use crate::{
    desk::wait_until,
    house::{self, House, KITCHEN},
    live::Follower,
    node::{FIRE, Node, WATER, post},
    receiver::{Manner, Receiver},
    support::{PATIENCE, Setup, clock::Clock, try_connect_from},
};
use serde_json::{Value, json};
use std::{
    net::Ipv4Addr,
    thread,
    time::{Duration, Instant},
};

/// The server looks at itself twice a second.
const NOTICED: Duration = Duration::from_secs(2);

/// Received to told, under every overload.
const AT_WORST: Duration = Duration::from_secs(1);

/// The trouble is shown, as the server's own, told to the target and written down.
#[track_caller]
fn check_trouble(house: &House, rule: &str, source: &str, within: Duration) -> Value {
    let trouble = house.desk.alarm_within(rule, within);
    assert_eq!((&trouble["class"], &trouble["source"]), (&"trouble".into(), &source.into()), "{trouble}");
    house.receiver.page(rule, "raised", PATIENCE);
    wait_until("it is written down", PATIENCE, || house.desk.entries_of("alarm.raised", rule).len() == 1);
    trouble
}

#[test]
fn a_server_without_descriptors_says_so_and_alarms_on() {
    let house = House::with(&house::setup().prefix(["prlimit", "--nofile=256:256"]), "");
    let mut node = house.calm_node();
    let follower = Follower::of(&house.desk);
    let crowd: Vec<_> =
        (1..=250).map(|last| try_connect_from(Ipv4Addr::new(127, 0, 22, last), house.server.tcp())).collect();
    house.server.check_told("no file descriptors left");
    // Some are kept for those who follow, and for the way out.
    node.burn();
    let begun = Instant::now();
    let told = follower.entry("alarm.raised", "fire");
    let page = house.receiver.page("fire", "raised", PATIENCE);
    let (followed, paged) = (told.at - begun, page.at - begun);
    eprintln!("without descriptors: followed after {followed:?}, told after {paged:?}");
    assert!(followed < AT_WORST && paged < AT_WORST, "{followed:?}, {paged:?}");
    drop(crowd);
    check_trouble(&house, "limit.descriptors", "system", PATIENCE);
    house.assert_whole();
}

#[test]
fn a_full_building_says_so_and_alarms_on() {
    let house = House::with(&house::setup().args(["--max-sensors", "3"]), "");
    let mut node = house.calm_node();
    node.send(&[post(77, WATER, 1)]);
    check_trouble(&house, "limit.sensors", "system", NOTICED);
    node.burn();
    house.receiver.page("fire", "raised", PATIENCE);
    house.assert_whole();
}

#[test]
fn too_many_connections_are_a_trouble() {
    let house = House::with(&house::setup().args(["--max-connections", "2"]), "");
    let node = house.calm_node();
    let visitors: Vec<_> =
        (1..=3).map(|last| try_connect_from(Ipv4Addr::new(127, 0, 23, last), house.server.tcp())).collect();
    check_trouble(&house, "limit.connections", "system", NOTICED);
    drop((node, visitors));
    house.assert_whole();
}

#[test]
fn two_nodes_at_one_address_are_a_conflict() {
    let house = House::new();
    let mut nodes = [house.calm_node(), Node::connect(KITCHEN, house.server.tcp())];
    for _ in 0..4 {
        for node in &mut nodes {
            node.send(&[post(0, FIRE, 1)]);
            thread::sleep(Duration::from_millis(50));
        }
    }
    check_trouble(&house, "node.conflict", "127.0.21.1", NOTICED);
    house.assert_whole();
}

#[test]
fn a_clock_that_was_set_is_a_trouble_and_no_duration_notices() {
    let Some((clock, setup)) = Clock::new("a_clock_that_was_set_is_a_trouble_and_no_duration_notices") else {
        return;
    };
    let setup = setup.args(["--http", "none", "--notify-allow", "127.0.0.0/8"]);
    let building = "[[rule]]\nrule = \"smoke-warning\"\non_delay_s = 3\n";
    for offset_s in [86_400, -3_600] {
        let house = House::with(&setup, building);
        let mut node = house.calm_node();
        node.smoke(170);
        let begun = Instant::now();
        thread::sleep(Duration::from_millis(500));
        clock.set(offset_s);
        check_trouble(&house, "clock", "system", NOTICED);
        let entries = house.desk.entries("clock.set");
        assert_eq!(entries.len(), 1, "{entries:?}");
        house.desk.alarm("smoke-warning");
        let passed = begun.elapsed().as_secs_f64();
        assert!((2.9..4.0).contains(&passed), "{offset_s}: the delay of 3 s took {passed:.2} s");
        house.assert_whole();
        drop(house);
        clock.set(0);
        std::fs::remove_dir_all(setup.data_path()).unwrap();
    }
}

pub fn a_target_that_takes_nothing_is_a_trouble_until_it_takes_something() {
    let deaf = Receiver::start(Manner::Refuse(503));
    let house = House::with(&house::setup(), &deaf.target("deaf"));
    let mut node = house.calm_node();
    let follower = Follower::of(&house.desk);
    node.burn();
    let begun = Instant::now();
    house.receiver.page("fire", "raised", PATIENCE);
    follower.entry("notification.failed", "fire");
    // The limit of the trade is 200 s.
    let raised = follower.wait_for(Duration::from_secs(120), |told| {
        told.data["kind"] == "alarm.raised" && told.data["rule"] == "notify.deaf"
    });
    let raised = raised.unwrap_or_else(|| panic!("no trouble: {:?}", follower.told()));
    let passed = raised.at - begun;
    eprintln!("the target is in trouble after {passed:?}");
    assert!(passed > Duration::from_secs(29), "one failure is no trouble yet: {passed:?}");
    assert!(passed < Duration::from_secs(35), "{passed:?}");
    house.receiver.page("notify.deaf", "raised", PATIENCE);
    deaf.behave(Manner::Accept);
    house.desk.wait_for_state("notify.deaf", "returned_unacknowledged", Duration::from_secs(61));
    wait_until("everything that waited has come", PATIENCE, || {
        deaf.pages_of("notify.deaf", "raised").len() == 1 && !deaf.pages_of("fire", "raised").is_empty()
    });
    let keys: Vec<String> =
        deaf.pages_of("fire", "raised").iter().map(|page| page.key().to_owned()).collect();
    assert!(keys.windows(2).all(|two| two[0] == two[1]), "{keys:?}");
    house.assert_whole();
}

#[test]
fn no_webhook_leads_to_where_the_server_itself_listens() {
    let everywhere = ["--http", "0.0.0.0:0", "--behind-proxy"];
    let setup = Setup::new().args(everywhere).args(["--notify-allow", "127.0.0.0/8"]);
    let house = House::with(&setup, "");
    let (http, node) = (house.server.http().port(), house.server.tcp().port());
    let webhook = |name: &str, place: &str| {
        let url = format!("http://{place}/api/v1/login");
        format!("[[target]]\nname = \"{name}\"\nwebhook = {{ url = \"{url}\", format = \"json\" }}\n")
    };
    let own = [
        ("page", format!("127.0.0.1:{http}")),
        ("alias", format!("127.0.0.9:{http}")),
        ("name", format!("localhost:{http}")),
        ("mapped", format!("[::ffff:127.0.0.1]:{http}")),
        ("node", format!("127.0.0.1:{node}")),
    ];
    let targets: String = own.iter().map(|(name, place)| webhook(name, place)).collect();
    house.desk.describe(&format!("[site]\nname = \"house\"\n{targets}{}", house.receiver.target("guard")));
    for (name, place) in &own {
        house.desk.order(&format!("/api/v1/targets/{name}/test"), &json!({}));
        wait_until(&format!("{place} is refused"), PATIENCE, || {
            let targets = house.desk.get("/api/v1/targets");
            let mut targets = targets["items"].as_array().unwrap().iter();
            let target = targets.find(|target| target["name"] == *name).unwrap();
            target["last_error"].as_str().is_some_and(|error| error.contains("this server itself listens"))
        });
    }
    house.desk.order("/api/v1/targets/guard/test", &json!({}));
    wait_until("another port is open", PATIENCE, || !house.receiver.pages().is_empty());
    house.assert_whole();
}

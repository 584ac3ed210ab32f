//! Nodes that fall silent, each in its way, in real time.

use crate::{
    desk::{Desk, wait, wait_until},
    house::{self, House},
    live::Follower,
    node::{Beating, FIRE, FIRE_ID, Node, post},
    receiver::Receiver,
    support::{PATIENCE, POE, Server, cable::Cable, is_root},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// When a node that says nothing is late, and when it is in trouble;
const LATE_S: f64 = 10.0;
const TROUBLE_S: f64 = 30.0;
/// and how much later that, and its return, may be seen.
const WITHIN_S: f64 = 1.0;
/// What passes between a frame and our look at the server.
const LOOK_S: f64 = 0.1;
const CADENCE: Duration = Duration::from_secs(2);

fn nothing_burns() -> [[u8; 4]; 1] {
    [post(FIRE_ID, FIRE, 1)]
}

/// It is as many seconds since then as it should be.
#[track_caller]
fn assert_since(what: &str, since: Instant, expected_s: f64) {
    let passed = since.elapsed().as_secs_f64();
    eprintln!("{what} after {passed:.2} s");
    assert!((expected_s - LOOK_S..=expected_s + WITHIN_S).contains(&passed), "{what} after {passed:.2} s");
}

/// The node that was last heard then is late in time, and in trouble in time: shown, and told to the target.
#[track_caller]
fn check_missed(desk: &Desk, receiver: &Receiver, node: &str, heard: Instant) {
    wait_until("it is late", PATIENCE, || desk.supervision(node) == "late");
    assert_since(&format!("{node} is late"), heard, LATE_S);
    let trouble = || desk.alarms_of("node.silent").into_iter().find(|alarm| alarm["source"] == node);
    assert!(trouble().is_none(), "late is no trouble yet");
    let shown = wait(PATIENCE * 2, trouble);
    assert_since(&format!("{node} is in trouble"), heard, TROUBLE_S);
    assert_eq!(shown.unwrap()["class"], "trouble");
    assert_eq!(desk.supervision(node), "lost");
    let told = |page: &crate::receiver::Page| page.page["alarms"][0]["source"] == node;
    wait_until("it is told", PATIENCE, || receiver.pages_of("node.silent", "raised").iter().any(told));
    assert_since(&format!("{node} is told of"), heard, TROUBLE_S);
}

/// The node that has spoken just now is no longer missed.
#[track_caller]
fn check_back(desk: &Desk, node: &str, spoke: Instant) {
    let state = || desk.alarms_of("node.silent").into_iter().find(|alarm| alarm["source"] == node);
    let returned = || state().is_none_or(|alarm| alarm["state"] == "returned_unacknowledged");
    wait_until("it is back", PATIENCE, || desk.supervision(node) == "good" && returned());
    assert_since(&format!("{node} is back"), spoke, 0.0);
}

/// How many frames a node has sent; when that grows, it has just been heard.
fn frames(desk: &Desk, node: &str) -> u64 {
    let answer = desk.ask("GET", &format!("/api/v1/nodes/{node}"), &[], "");
    if answer.status == 200 { answer.json()["frames"].as_u64().unwrap() } else { 0 }
}

/// Waits for the node's next burst.
#[track_caller]
fn next_burst(desk: &Desk, node: &str) -> Instant {
    let before = frames(desk, node);
    wait_until("a burst", PATIENCE, || frames(desk, node) > before);
    Instant::now()
}

/// A node that is a process of its own.
struct Process(Child);

impl Process {
    fn start(to: SocketAddr) -> Self {
        let mut command = Command::new(POE);
        command.args(["simulate", "-c", "1", "-p", "-1", "-t", "2", "--connect", &to.to_string()]);
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.0.id() as i32), signal).unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn check_stopped_process(desk: &Desk, receiver: &Receiver, server: &Server) {
    let process = Process::start(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), server.tcp().port()));
    let node = "127.0.0.1";
    next_burst(desk, node);
    let heard = next_burst(desk, node);
    process.signal(Signal::SIGSTOP);
    check_missed(desk, receiver, node, heard);
    process.signal(Signal::SIGCONT);
    let spoke = next_burst(desk, node);
    check_back(desk, node, spoke);
}

fn check_pulled_cable(desk: &Desk, receiver: &Receiver, server: &Server, number: u8, is_killed: bool) {
    let mut cable = Cable::lay(number);
    let node = cable.address();
    cable.switch_on(server, "2");
    next_burst(desk, &node);
    let heard = next_burst(desk, &node);
    cable.pull();
    // The node itself goes at once or later; the end of its connection gets lost with everything else.
    let left = (!is_killed).then_some(cable);
    check_missed(desk, receiver, &node, heard);
    drop(left);
    let mut cable = Cable::lay(number);
    cable.switch_on(server, "2");
    let spoke = next_burst(desk, &node);
    check_back(desk, &node, spoke);
}

pub fn a_node_that_falls_silent_is_late_after_10_s_and_in_trouble_after_30_s_whatever_befell_it() {
    let name = "a_node_that_falls_silent_is_late_after_10_s_and_in_trouble_after_30_s_whatever_befell_it";
    let cables = is_root(name);
    let House { desk, receiver, server, setup } =
        House::with(&house::setup().args(["--listen", "0.0.0.0:0"]), "");
    thread::scope(|scope| {
        scope.spawn(|| check_stopped_process(&desk, &receiver, &server));
        if cables {
            scope.spawn(|| check_pulled_cable(&desk, &receiver, &server, 2, false));
            scope.spawn(|| check_pulled_cable(&desk, &receiver, &server, 3, true));
        }
    });
    let pages = receiver.pages_of("node.silent", "raised");
    assert_eq!(pages.len(), if cables { 3 } else { 1 }, "{pages:?}");
    assert!(house::verdict(&setup).status.success());
}

pub fn a_switch_that_is_lost_is_one_trouble_and_leaves_nothing_of_its_nodes_behind() {
    let nodes: Vec<Ipv4Addr> = (1..=40).map(|last| Ipv4Addr::new(127, 0, 40, last)).collect();
    let described: String =
        nodes.iter().map(|node| format!("[[node]]\naddress = \"{node}\"\nswitch = \"sw-2a\"\n")).collect();
    let house = House::with(&house::setup(), &format!("[[switch]]\nname = \"sw-2a\"\n{described}"));
    let mut nodes: Vec<Node> =
        nodes.into_iter().map(|node| Node::connect(node, house.server.tcp())).collect();
    let follower = Follower::of(&house.desk);
    nodes.iter_mut().for_each(|node| node.send(&nothing_burns()));
    let heard = Instant::now();
    let lost =
        follower.wait_for(PATIENCE * 2, |told| told.event == "event" && told.data["rule"] == "parent.lost");
    assert_since("the switch is lost", heard, TROUBLE_S);
    assert_eq!(lost.unwrap().data["source"], "sw-2a");
    let page = house.receiver.page("parent.lost", "raised", PATIENCE);
    assert!(page.page["alarms"][0]["message"].as_str().unwrap().contains("and 32 more"), "{page:?}");
    wait_until("all children are journalled", PATIENCE, || {
        house.desk.entries_of("alarm.raised", "node.silent").len() == 40
    });
    let children = house.desk.alarms_of("node.silent");
    assert_eq!(children.len(), 40);
    assert!(children.iter().all(|child| child["suppressed"] == "suppressed_by_design"), "{children:?}");
    assert!(children.iter().all(|child| child["audible"] == false), "{children:?}");

    nodes.iter_mut().for_each(|node| node.send(&nothing_burns()));
    let spoke = Instant::now();
    house.desk.wait_for_state("parent.lost", "returned_unacknowledged", PATIENCE);
    wait_until("nothing is left of the children", PATIENCE, || {
        house.desk.alarms_of("node.silent").is_empty()
    });
    assert_since("all are back", spoke, 0.0);
    assert_eq!(house.desk.entries_of("alarm.returned", "node.silent").len(), 40, "restored one by one");
    let pages = house.receiver.pages();
    assert_eq!(pages.len(), 1, "one notification for all of it: {pages:?}");
    house.assert_whole();
}

pub fn a_server_that_was_stopped_for_40_s_accuses_none_of_its_nodes() {
    let house = House::new();
    let steady = Beating::start(Ipv4Addr::new(127, 0, 41, 1), house.server.tcp(), CADENCE, &nothing_burns());
    let pausing = Beating::start(Ipv4Addr::new(127, 0, 41, 2), house.server.tcp(), CADENCE, &nothing_burns());
    wait_until("both are known", PATIENCE, || {
        ["127.0.41.1", "127.0.41.2"].into_iter().all(|node| frames(&house.desk, node) > 1)
    });
    house.server.pause();
    pausing.hush();
    thread::sleep(Duration::from_secs(40));
    house.server.resume();
    thread::sleep(Duration::from_secs(5));
    pausing.speak();
    next_burst(&house.desk, "127.0.41.2");
    drop(steady);
    for kind in ["node.late", "node.back"] {
        assert_eq!(house.desk.entries(kind), Vec::<serde_json::Value>::new());
    }
    assert_eq!(house.desk.alarms_of("node.silent"), Vec::<serde_json::Value>::new());
    house.assert_whole();
}

pub fn a_restart_counts_silence_from_the_moment_of_listening() {
    let mut house = House::new();
    let node = house.calm_node();
    house.server.kill();
    drop(node);
    // Longer than a node may be silent.
    thread::sleep(Duration::from_secs(12));
    house.start_again();
    let listening = Instant::now();
    wait_until("it is late", PATIENCE, || house.desk.supervision("127.0.21.1") == "late");
    assert_since("it is late", listening, LATE_S);
    house.assert_whole();
}

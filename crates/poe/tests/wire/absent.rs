//! Nodes that vanish without a word: the cable is pulled, the power fails, the node comes back or does not.

use crate::support::{POE, Server, is_root};
use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The system asks a silent peer after 15 s and gives it up when nothing was answered for 30 s.
const REAPED_AFTER_MAX: Duration = Duration::from_secs(60);

/// A machine on a cable of its own: a network namespace and a pair of virtual interfaces. Both go with this value.
struct Cable {
    namespace: String,
    ours: String,
    theirs: String,
    network: String,
    program: Option<Child>,
}

impl Cable {
    /// `number` tells the cables of one test apart.
    fn lay(number: u8) -> Self {
        // Names of interfaces are short, and several runs may go on at once.
        let id = format!("{:x}{number}", std::process::id());
        let third = std::process::id() % 250 + 1;
        let cable = Self {
            namespace: format!("poe-{id}"),
            ours: format!("po{id}"),
            theirs: format!("pt{id}"),
            network: format!("10.{}.{third}", 213 + number),
            program: None,
        };
        let Self { namespace, ours, theirs, network, .. } = &cable;
        ip(&format!("netns add {namespace}"));
        ip(&format!("link add {ours} type veth peer name {theirs} netns {namespace}"));
        ip(&format!("addr add {network}.1/24 dev {ours}"));
        ip(&format!("link set {ours} up"));
        ip(&format!("-n {namespace} addr add {network}.2/24 dev {theirs}"));
        ip(&format!("-n {namespace} link set {theirs} up"));
        cable
    }

    /// Switches the node on: it sends a burst ten times a second.
    fn switch_on(&mut self, server: &Server) {
        let to = format!("{}.1:{}", self.network, server.tcp().port());
        let arguments =
            ["netns", "exec", &self.namespace, POE, "simulate", "-c", "1", "-p", "-1", "-t", "0.1"];
        let mut command = Command::new("ip");
        command.args(arguments).args(["--connect", &to]);
        self.program = Some(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap());
    }

    fn pull(&self) {
        ip(&format!("-n {} link set {} down", self.namespace, self.theirs));
    }

    fn key(&self) -> String {
        format!("{}.2_0", self.network)
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        // What it would say at its end must not reach anybody.
        Command::new("ip").args(["link", "del", &self.ours]).stderr(Stdio::null()).status().ok();
        if let Some(program) = &mut self.program {
            program.kill().ok();
            program.wait().ok();
        }
        Command::new("ip").args(["netns", "del", &self.namespace]).stderr(Stdio::null()).status().ok();
    }
}

#[track_caller]
fn ip(arguments: &str) {
    let output = Command::new("ip").args(arguments.split(' ')).output().unwrap();
    assert!(output.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

fn latest(server: &Server, key: &str) -> f64 {
    server.row(key).map_or(0.0, |row| row.2)
}

#[test]
fn a_node_that_reboots_is_served_at_once_and_its_old_connection_goes() {
    if !is_root("a_node_that_reboots_is_served_at_once_and_its_old_connection_goes") {
        return;
    }
    let server = Server::start(&["--listen", "0.0.0.0:0"]);
    let soon = Duration::from_secs(10);
    let mut cables = [Cable::lay(0), Cable::lay(1)];
    let keys = [cables[0].key(), cables[1].key()];
    for cable in &mut cables {
        cable.switch_on(&server);
    }
    server.wait_for(|server| keys.iter().all(|key| latest(server, key) > 0.0), soon);
    server.check_metric("poe_connections", 2.0);

    let [rebooting, gone] = cables;
    rebooting.pull();
    gone.pull();
    let pulled = Instant::now();
    // The whole machine goes, with all that its system knew of the connection.
    drop(rebooting);
    let before = latest(&server, &keys[0]);
    let mut rebooted = Cable::lay(0);
    rebooted.switch_on(&server);
    let begun = Instant::now();
    server.wait_for(|server| latest(server, &keys[0]) > before, soon);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    // Both old connections are still open: nobody has said that they are not.
    server.check_metric("poe_connections", 3.0);
    server.check_metric("poe_nodes", 2.0);

    server.wait_for(|server| server.metric("poe_connections") == 1.0, REAPED_AFTER_MAX);
    assert!(pulled.elapsed() > Duration::from_secs(10), "a silence of {:?} is no end yet", pulled.elapsed());
    let still = latest(&server, &keys[0]);
    server.wait_for(|server| latest(server, &keys[0]) > still, soon);
    drop(gone);
}

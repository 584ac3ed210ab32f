//! Nodes at the end of a cable that can be pulled.

use super::{POE, Server};
use std::process::{Child, Command, Stdio};

/// A machine on a cable of its own: a network namespace and a pair of virtual interfaces. Both go with this value.
pub struct Cable {
    namespace: String,
    ours: String,
    theirs: String,
    network: String,
    program: Option<Child>,
}

impl Cable {
    /// `number` tells the cables of one test apart.
    pub fn lay(number: u8) -> Self {
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

    /// Switches the node on: it sends a burst every so many seconds.
    pub fn switch_on(&mut self, server: &Server, seconds: &str) {
        let to = format!("{}.1:{}", self.network, server.tcp().port());
        let arguments =
            ["netns", "exec", &self.namespace, POE, "simulate", "-c", "1", "-p", "-1", "-t", seconds];
        let mut command = Command::new("ip");
        command.args(arguments).args(["--connect", &to]);
        self.program = Some(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap());
    }

    /// The link goes down, and nobody is told.
    pub fn pull(&self) {
        ip(&format!("-n {} link set {} down", self.namespace, self.theirs));
    }

    /// The node's address.
    pub fn address(&self) -> String {
        format!("{}.2", self.network)
    }

    /// The key of the node's first sensor.
    pub fn key(&self) -> String {
        format!("{}_0", self.address())
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

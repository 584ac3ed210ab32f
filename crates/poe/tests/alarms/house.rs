//! A house to begin with: a server in a folder of its own, one target, one node, and nothing wrong.

use crate::{
    desk::{Desk, wait_until},
    node::Node,
    receiver::{Manner, Receiver},
    support::{Ended, PATIENCE, Server, Setup, poe},
};
use std::net::Ipv4Addr;

/// The node of a house.
pub const KITCHEN: Ipv4Addr = Ipv4Addr::new(127, 0, 21, 1);

/// A setup that serves no HTTP over TCP and lets webhooks go to this machine.
pub fn setup() -> Setup {
    Setup::new().args(["--http", "none", "--notify-allow", "127.0.0.0/8"])
}

/// A server with its target and its desk.
pub struct House {
    pub desk: Desk,
    pub receiver: Receiver,
    pub server: Server,
    pub setup: Setup,
}

impl House {
    /// One target, and no other word about the building.
    #[track_caller]
    pub fn new() -> Self {
        Self::with(&setup(), "")
    }

    /// A building with these further words.
    #[track_caller]
    pub fn with(setup: &Setup, building: &str) -> Self {
        let server = setup.start();
        let desk = Desk::of(&server);
        let receiver = Receiver::start(Manner::Accept);
        desk.describe(&format!("[site]\nname = \"house\"\n{building}\n{}", receiver.target("guard")));
        Self { desk, receiver, server, setup: setup.clone() }
    }

    /// The node, connected, known, and with nothing to tell.
    #[track_caller]
    pub fn calm_node(&self) -> Node {
        let mut node = Node::connect(KITCHEN, self.server.tcp());
        node.calm();
        self.wait_until_known(&node);
        node
    }

    /// Waits until everything that the node is has been stored.
    #[track_caller]
    pub fn wait_until_known(&self, node: &Node) {
        let path = format!("/api/v1/nodes/{}", node.address);
        wait_until("the node is known", PATIENCE, || self.desk.ask("GET", &path, &[], "").status == 200);
    }

    /// The next server in the same folder.
    #[track_caller]
    pub fn start_again(&mut self) {
        self.server = self.setup.start();
    }

    /// What `poe verify` says of the journal.
    pub fn verdict(&self) -> Ended {
        verdict(&self.setup)
    }

    /// `poe verify` says that the journal is whole.
    #[track_caller]
    pub fn assert_whole(&self) {
        let verdict = self.verdict();
        assert!(verdict.status.success() && verdict.stdout.ends_with("entries, whole\n"), "{verdict:?}");
    }
}

/// What `poe verify` says of the journal in a folder.
pub fn verdict(setup: &Setup) -> Ended {
    poe([std::ffi::OsStr::new("verify"), std::ffi::OsStr::new("--data-dir"), setup.data_path().as_os_str()])
}

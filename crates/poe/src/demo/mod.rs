//! `poe serve --demo`: a building that is made up, with nodes that are simulated, in a folder of its own. It lives as a real
//! one does, over real sockets and files, and never touches what is real.

mod folder;
mod nodes;
mod past;
mod plans;
mod sample;
#[cfg(test)]
mod tests;

pub(crate) use folder::{claim, refuse_as_real};
pub(crate) use nodes::Nodes;

use poe_sim::{
    COMMON_NODE,
    office::{Office, OfficeSensor},
};
use poe_wire::SensorKind;
use std::net::{IpAddr, Ipv4Addr};

/// The office that everybody meets. The same seed gives the same one.
const SEED: u64 = 4711;

/// The first node; the others follow it. Far from those of `poe simulate`, so that both can be there.
const FIRST_NODE: Ipv4Addr = Ipv4Addr::new(127, 20, 0, 11);

/// The address of a node of the office.
fn address(node: usize) -> IpAddr {
    Ipv4Addr::from_bits(FIRST_NODE.to_bits() + node as u32).into()
}

fn kind((_, id): OfficeSensor) -> SensorKind {
    COMMON_NODE[usize::from(id)]
}

fn office() -> Office {
    Office::new(SEED)
}

/// A demonstration that is about to start: its folder is claimed.
#[derive(Debug)]
pub(crate) struct Demo(());

impl Demo {
    /// Fills the folder, unless it is filled already.
    pub(crate) fn fill(&self, config: &poe::config::Config) -> Result<(), Box<dyn std::error::Error>> {
        sample::fill(config)
    }
}

//! Nodes that vanish without a word: the cable is pulled, the power fails, the node comes back or does not.

use crate::support::{Server, cable::Cable, is_root};
use std::time::{Duration, Instant};

/// The system asks a silent peer after 15 s and gives it up when nothing was answered for 30 s.
const REAPED_AFTER_MAX: Duration = Duration::from_secs(60);

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
        cable.switch_on(&server, "0.1");
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
    rebooted.switch_on(&server, "0.1");
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

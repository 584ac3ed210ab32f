//! The wire protocol, sentence by sentence.

use crate::support::{PATIENCE, Server, connect_from};
use std::io::Write;

#[test]
fn the_golden_example_posts_one() {
    let mut server = Server::start(&[]);
    let mut node = connect_from([127, 0, 0, 2], server.tcp());
    node.write_all(&[0x01, 0xFF, 0x00, 0x01]).unwrap();
    server.wait_for(|server| server.table().contains_key("127.0.0.2_255"), PATIENCE);
    assert!(server.stop().success());
    let (kind, value, _) = server.table()["127.0.0.2_255"].clone();
    assert_eq!((kind.as_str(), value), ("FIRE", 1));
}

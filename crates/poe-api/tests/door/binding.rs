//! Taking an address, and giving it back.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;

use poe_api::{BindError, bind_http, bind_local};

use crate::House;

#[test]
fn a_taken_port_is_named() {
    let first = bind_http("127.0.0.1:0".parse().unwrap()).unwrap();
    let error = bind_http(first.addr()).unwrap_err();
    assert!(matches!(error, BindError::HttpTaken { addr } if addr == first.addr()));
    let port = first.addr().port();
    assert_eq!(error.to_string(), format!("port {port} is taken (HTTP on 127.0.0.1:{port})"));
}

#[test]
fn a_foreign_address_is_refused_with_the_cause() {
    let error = bind_http("192.0.2.1:0".parse().unwrap()).unwrap_err();
    assert!(matches!(error, BindError::Http { .. }));
    assert_eq!(error.to_string(), "could not listen for HTTP on 192.0.2.1:0");
}

#[test]
fn a_port_can_be_taken_again_at_once() {
    let house = House::calm();
    let _kept = house.tcp();
    assert_eq!(house.ask("GET", "/healthz").status, 200);
    house.api.stop();
    bind_http(house.addr).unwrap();
}

#[test]
fn the_local_socket_is_its_owners_alone() {
    let house = House::calm();
    let mode = fs::metadata(&house.local).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn the_local_socket_goes_with_its_listener() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("poe.sock");
    drop(bind_local(&path).unwrap());
    assert!(!path.exists());
}

#[test]
fn a_socket_left_behind_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("poe.sock");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    bind_local(&path).unwrap();
}

#[test]
fn a_socket_that_is_answered_is_left_alone() {
    let house = House::calm();
    let error = bind_local(&house.local).unwrap_err();
    assert!(matches!(error, BindError::LocalTaken { .. }));
    assert_eq!(house.ask_local("GET", "/healthz").status, 200);
}

#[test]
fn a_file_in_the_way_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("poe.sock");
    fs::write(&path, "precious").unwrap();
    assert!(matches!(bind_local(&path).unwrap_err(), BindError::LocalNotASocket { .. }));
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}

#[test]
fn a_path_too_long_for_a_socket_is_explained() {
    let error = bind_local("/tmp/".to_owned() + &"x".repeat(200)).unwrap_err();
    assert!(matches!(error, BindError::Local { .. }));
}

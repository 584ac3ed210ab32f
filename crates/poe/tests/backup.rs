//! Backups, restores and `poe doctor` by the real program: what is copied under load, what a kill leaves of it, and what is
//! put back.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod support;

use support::ground;

#[path = "backup/doctor.rs"]
mod doctor;
#[path = "backup/history.rs"]
mod history;
#[path = "backup/killed.rs"]
mod killed;
#[path = "backup/load.rs"]
mod load;
#[path = "backup/stopped.rs"]
mod stopped;
#[path = "backup/upgraded.rs"]
mod upgraded;

#[allow(dead_code, reason = "the tests of the storage use the rest")]
#[path = "storage/counter.rs"]
mod counter;
#[path = "storage/flood.rs"]
mod flood;

use std::{ffi::OsString, path::Path};
use support::{Ended, Setup, poe};

/// Runs a command on the folder of a setup.
fn on(setup: &Setup, command: &str, args: &[&Path]) -> Ended {
    let words = [OsString::from(command), "--data-dir".into(), setup.data_path().into()];
    poe(words.into_iter().chain(args.iter().map(|path| path.as_os_str().to_owned())))
}

/// The same, which has to be done.
#[track_caller]
fn done(setup: &Setup, command: &str, args: &[&Path]) -> String {
    let Ended { status, stdout, stderr } = on(setup, command, args);
    assert!(status.success(), "{command}: {stderr}");
    stdout
}

/// The same, which has to be refused in one line.
#[track_caller]
fn refused(setup: &Setup, command: &str, args: &[&Path]) -> String {
    let Ended { status, stderr, .. } = on(setup, command, args);
    assert!(!status.success(), "{command} was done");
    assert_eq!((stderr.lines().count(), stderr.starts_with("error: ")), (1, true), "{stderr}");
    stderr
}

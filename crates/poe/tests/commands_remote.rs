//! The commands of people and programs, each at every door of the real server: the local socket, HTTP and HTTPS with a
//! token, and the folder of a server that was stopped.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

#[path = "commands_remote/doors.rs"]
mod doors;
#[path = "commands_remote/lists.rs"]
mod lists;
#[path = "commands_remote/people.rs"]
mod people;
#[path = "commands_remote/refused.rs"]
mod refused;
mod support;

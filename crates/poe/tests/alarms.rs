//! Alarms from a node's write to whoever has to know, in the real program: what people are told, what is remembered, and
//! what any fault on the way leaves of it.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod support;

#[path = "alarms/desk.rs"]
mod desk;
#[path = "alarms/house.rs"]
mod house;
#[path = "alarms/journal.rs"]
mod journal;
#[path = "alarms/killed.rs"]
mod killed;
#[path = "alarms/live.rs"]
mod live;
#[path = "alarms/node.rs"]
mod node;
#[path = "alarms/once.rs"]
mod once;
#[path = "alarms/orders.rs"]
mod orders;
#[path = "alarms/receiver.rs"]
mod receiver;
#[path = "alarms/restart.rs"]
mod restart;
#[path = "alarms/rules.rs"]
mod rules;
#[path = "alarms/silence.rs"]
mod silence;
#[path = "alarms/storage.rs"]
mod storage;
#[path = "alarms/timers.rs"]
mod timers;
#[path = "alarms/troubles.rs"]
mod troubles;
#[path = "alarms/waiting.rs"]
mod waiting;

//! What nodes and strangers send, and what the real program makes of it.

mod support;

#[path = "wire/admission.rs"]
mod admission;
#[path = "wire/bytes.rs"]
mod bytes;
#[path = "wire/command_line.rs"]
mod command_line;
#[path = "wire/connections.rs"]
mod connections;
#[path = "wire/contract.rs"]
mod contract;
#[path = "wire/datagrams.rs"]
mod datagrams;
#[path = "wire/greetings.rs"]
mod greetings;
#[path = "wire/half_open.rs"]
mod half_open;
#[path = "wire/node.rs"]
mod node;

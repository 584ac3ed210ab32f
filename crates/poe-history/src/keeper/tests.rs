//! The keeper's promises, held against a list of everything that was ever appended.

mod crashes;
mod house;
mod room;
mod safety;
mod stories;

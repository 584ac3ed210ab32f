//! The keeper's promises, held against a list of everything that was ever appended.

mod clock;
mod crashes;
mod house;
mod layout;
mod room;
mod safety;
mod stories;

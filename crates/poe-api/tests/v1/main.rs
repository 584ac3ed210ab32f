//! `/api/v1` from outside, over a real socket, with a building behind it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic, its helpers too")]

mod alarms;
mod building;
mod changes;
mod events;
mod hall;
mod history;
mod lists;
mod live;
mod live_current;
mod live_places;
mod model;
mod nodes;
mod plans;
mod requests;

use hall::Hall;

/// A flame at the stove, and no flame.
const FLAME: [u8; 4] = [1, 7, 0, 0];
const NO_FLAME: [u8; 4] = [1, 7, 0, 1];

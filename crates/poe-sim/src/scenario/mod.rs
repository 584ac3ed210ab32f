//! Stories of whole buildings: what happens when, and what must come of it. `docs/scenarios.md` shows the language.
//!
//! [`Scenario::parse`] reads a story, [`Scenario::play`] plays it on a [`Stage`] from a seed, and [`Scenario::judge`] holds
//! what a [`Witness`] has seen against what was expected. [`PureBuilding`] is both: a building in simulated time, in
//! which a day is over in a moment. The same story and seed give the same events.
//!
//! ```
//! use poe_sim::scenario::{PureBuilding, Scenario, Witness};
//!
//! let text = "
//!     node 10.0.0.7 as kitchen every 2s
//!     00:10 kitchen_3 is 0
//!     00:10 expect within 3s alarm.raised fire on kitchen_3
//! ";
//! let scenario = Scenario::parse(text, &mut |_| Ok(Default::default())).unwrap();
//! let mut building = PureBuilding::new(scenario.model());
//! scenario.play(4711, &mut building).unwrap();
//! assert!(scenario.judge(&building.seen().unwrap()).is_empty());
//! ```

mod actor;
mod clock;
mod exposure;
mod judge;
mod mistake;
mod pager;
mod parse;
mod parse_deed;
mod parse_expect;
mod parse_names;
mod play;
mod pure;
mod script;
mod stage;
mod store;
mod wish;

pub use clock::Clock;
pub use judge::Failure;
pub use mistake::Mistake;
pub use parse::{BuildingText, Loader};
pub use pure::PureBuilding;
pub use script::{Aim, Scenario, ServerDeed, Wish};
pub use stage::{Seen, Speaker, Stage, Witness};

//! How things look in JSON. Fields are promises: they are added, and never renamed.

mod alarm;
mod done;
mod entry;
mod latency;
mod node;
mod place;
mod rule;
mod sensor;
mod short;
mod suppression;
mod target;
mod time;

pub(crate) use alarm::{AlarmCounts, AlarmView};
pub(crate) use done::Done;
pub(crate) use entry::EntryView;
pub(crate) use latency::LatencyView;
pub(crate) use node::NodeItem;
pub(crate) use place::{PlaceView, Places};
pub(crate) use rule::RulesView;
pub(crate) use sensor::{Qualities, Quality, ReadingView, SensorNames, SensorView, SensorViews};
pub(crate) use short::{Address, Key};
pub(crate) use suppression::SuppressionView;
pub(crate) use target::TargetView;
pub(crate) use time::{Stamp, now};

use serde::{Serialize, Serializer};
use std::fmt::Display;

/// Something that is written as its `Display` says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<T>(pub(crate) T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

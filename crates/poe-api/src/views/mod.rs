//! How things look in JSON. Fields are promises: they are added, and never renamed.

mod alarm;
mod done;
mod enrolment;
mod entry;
mod health;
mod history;
mod latency;
mod node;
mod place;
mod plan;
mod rule;
mod sensor;
mod session;
mod short;
mod suppression;
mod target;
mod time;
mod token;
mod user;

pub(crate) use alarm::{AlarmCounts, AlarmView};
pub(crate) use done::Done;
pub(crate) use enrolment::{EnrolmentView, WaitingView};
pub(crate) use entry::EntryView;
pub(crate) use health::HealthView;
pub(crate) use history::{
    BucketView, HistoryFiguresView, PastReadingView, SensorHistoriesView, SensorHistoryView, stamp,
};
pub(crate) use latency::LatencyView;
pub(crate) use node::NodeItem;
pub(crate) use place::{PlaceView, Places};
pub(crate) use plan::{Fraction, OutlineView, PlanItem, PlanView, point};
pub(crate) use rule::RulesView;
pub(crate) use sensor::{Qualities, Quality, ReadingView, SensorNames, SensorView, SensorViews};
pub(crate) use session::{SessionView, WhoAsksView, session_id};
pub(crate) use short::{Address, Key};
pub(crate) use suppression::SuppressionView;
pub(crate) use target::TargetView;
pub(crate) use time::{Stamp, now};
pub(crate) use token::TokenView;
pub(crate) use user::UserView;

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

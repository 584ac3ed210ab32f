//! The notifier: the last step of an alarm's way, from a promise on the disk to somebody who knows.
//!
//! A page is promised and written down before it gets here. A [`Notifier`] brings each at least once to its target, by
//! e-mail, webhook or command, tries again until the target has said yes or the page has expired, and reports what
//! became of it. Nobody ever waits for it: it has a thread of its own, and each of its queues has a bound.
//!
//! ```no_run
//! use poe_building::Target;
//! use poe_notify::{Notifier, Page, Reach};
//!
//! # fn wiring(targets: Vec<Target>, promised: Vec<Page>) -> std::io::Result<()> {
//! let notifier = Notifier::start(Box::new(|report| println!("{:?}: {:?}", report.promise, report.outcome)))?;
//! notifier.set_targets("Institute".into(), targets, None, Reach::default());
//! notifier.send(promised); // those of the last run first, for no restart takes a promise back
//! # Ok(())
//! # }
//! ```

mod backoff;
mod beat;
mod delivery;
mod dispatch;
mod failure;
mod figures;
mod format;
mod grouping;
mod line;
mod notifier;
mod page;
mod queue;
mod settled;
mod state;

pub use delivery::{Reach, SETTING_ALLOW};
pub use figures::{HeartbeatFigures, TargetFigures};
pub use format::SCHEMA_VERSION;
pub use notifier::Notifier;
pub use page::{PAGE_ALARMS_MAX, Page, PageAlarm, Report};
pub use queue::PAGES_WAITING_MAX;

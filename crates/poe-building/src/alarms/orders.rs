//! What people order: each order is journalled with who gave it, also one that is refused.

use super::Alarms;
use crate::{
    AccessOrder, Alarm, AlarmId, Emergency, EntryKind, Model, Moment, Move, Plan, Quiet, Refusal, Source,
    Step, SuppressionId, Text, Who,
};
use core::{fmt, net::IpAddr, time::Duration};
use std::sync::Arc;

/// The longest that a source can be out of service before somebody has to look again.
pub const OUT_OF_SERVICE_MAX: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The longest reason or note that is kept.
const TEXT_CHARS_MAX: usize = 500;

/// An order.
#[derive(Clone, PartialEq, Debug)]
pub enum Order {
    /// Somebody has seen this alarm.
    Acknowledge(AlarmId),
    /// Its sound ends.
    Silence(AlarmId),
    /// Its latch is released.
    Reset(AlarmId),
    /// It is kept quiet for a while.
    Shelve {
        /// Which.
        alarm: AlarmId,
        /// For how long.
        span: Duration,
        /// Why.
        reason: Text,
    },
    /// Its shelving ends.
    Unshelve(AlarmId),
    /// Everything of a source is kept quiet for maintenance.
    TakeOutOfService {
        /// A sensor, a node, a place or a switch.
        source: Source,
        /// Until it has to be looked at again.
        span: Duration,
        /// Why.
        reason: Text,
    },
    /// Whatever keeps something quiet ends.
    EndSuppression(SuppressionId),
    /// An emergency is raised by hand.
    RaiseEmergency {
        /// What it is.
        kind: Emergency,
        /// Where.
        place: Text,
        /// What else there is to say.
        note: Text,
    },
    /// The building model becomes this one.
    SetModel {
        /// All of it.
        model: Box<Model>,
        /// The version that it was made from, so that nobody overwrites what somebody else has just changed.
        from_version: Option<u64>,
    },
    /// A node was replaced: everything that is known of the old address holds for the new one.
    MoveNode {
        /// The address that is no longer used.
        old: IpAddr,
        /// The one that is.
        new: IpAddr,
    },
    /// A node is gone for good: it is no longer missed.
    RetireNode(IpAddr),
    /// A target is to get a notification that says nothing.
    TestTarget(Text),
    /// A node that is new is one of ours.
    ApproveNode(IpAddr),
    /// A node that waits for approval is none of ours: it leaves the list, until it sends again.
    DismissNode(IpAddr),
    /// A floor plan becomes this one.
    SetPlan {
        /// All of it.
        plan: Box<Plan>,
        /// The version that it was made from; 0: there was none.
        from_version: Option<u64>,
    },
    /// A floor plan goes.
    RemovePlan {
        /// Which.
        name: Text,
        /// The version that was meant.
        from_version: Option<u64>,
    },
    /// Something about who may come in.
    Access(AccessOrder),
    /// Somebody has done something that changes nothing here: it is only journalled.
    Note {
        /// What.
        kind: EntryKind,
        /// What it is about.
        source: Option<Source>,
        /// What people read.
        text: Text,
    },
}

/// What an order has brought about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
    /// The latest journal entry that it caused. Once that is stored, so is the order.
    pub seq: u64,
    /// The alarm that it was about, as it is now. One that has returned to normal by it is here for the last time.
    pub alarm: Option<Alarm>,
    /// The suppression that it began.
    pub suppression: Option<SuppressionId>,
}

/// Why an order is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OrderRefused {
    /// There is no such alarm, or it has ended.
    NoSuchAlarm(AlarmId),
    /// The alarm's state forbids it.
    Forbidden(Refusal),
    /// There is nothing of this name.
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// Its name.
        name: Text,
    },
    /// It needs a reason.
    NoReason,
    /// A text is too long, or holds what moves a cursor.
    UnfitText,
    /// Nothing can be quiet for so long.
    TooLong {
        /// The longest.
        longest: Duration,
    },
    /// Somebody has changed the model meanwhile.
    ModelChanged {
        /// Its version now.
        version: u64,
    },
    /// The model contradicts itself.
    UnfitModel(Vec<crate::Problem>),
    /// The node cannot be moved there.
    UnfitMove(Text),
    /// There is one of this name already.
    Taken {
        /// What it would have been.
        what: &'static str,
        /// The name.
        name: Text,
    },
    /// There are too many.
    Full {
        /// Of what.
        what: &'static str,
        /// How many there can be.
        most: usize,
    },
    /// A field of it makes no sense.
    Unfit {
        /// The field.
        field: &'static str,
        /// Why, with what would.
        why: Text,
    },
    /// The first account was made already.
    AlreadySetUp,
    /// Nobody could let anybody in any more.
    LastAdmin,
    /// Somebody has changed it meanwhile.
    Changed {
        /// Its version now; 0: it is gone.
        version: u64,
    },
}

impl fmt::Display for OrderRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchAlarm(id) => write!(f, "there is no alarm {id}, or it has returned to normal"),
            Self::Forbidden(refusal) => refusal.fmt(f),
            Self::Unknown { what, name } => write!(f, "there is no {what} {name:?}"),
            Self::NoReason => f.write_str("say why: a reason is needed"),
            Self::UnfitText => {
                write!(f, "a text has at most {TEXT_CHARS_MAX} characters and no control characters")
            }
            Self::TooLong { longest } => {
                let minutes = longest.as_secs() / 60;
                write!(f, "give it an end between now and {minutes} minutes from now")
            }
            Self::ModelChanged { version } => write!(
                f,
                "somebody has changed the building meanwhile (version {version} now); read it again and repeat your change"
            ),
            Self::UnfitModel(problems) => {
                f.write_str("the building model contradicts itself")?;
                problems.iter().try_for_each(|problem| write!(f, "; {}", problem.what))
            }
            Self::UnfitMove(why) | Self::Unfit { why, .. } => f.write_str(why),
            Self::Taken { what, name } => write!(f, "there is a {what} {name:?} already"),
            Self::Full { what, most } => {
                write!(f, "there can be {most} {what}, and there are; remove one first")
            }
            Self::AlreadySetUp => f.write_str("the first account was made already; log in"),
            Self::LastAdmin => {
                f.write_str("this is the last administrator who sees everything; make another one first")
            }
            Self::Changed { version: 0 } => f.write_str("somebody has removed it meanwhile"),
            Self::Changed { version } => write!(
                f,
                "somebody has changed it meanwhile (version {version} now); read it again and repeat your change"
            ),
        }
    }
}

impl core::error::Error for OrderRefused {}

impl Alarms {
    /// Carries out an order that is about alarms alone. The others are the building's.
    pub(crate) fn order(&mut self, order: Order, who: &Who, now: Moment) -> Result<Done, OrderRefused> {
        match order {
            Order::Acknowledge(id) => self.move_by_hand(id, Move::Acknowledge, who, now),
            Order::Silence(id) => self.move_by_hand(id, Move::Silence, who, now),
            Order::Reset(id) => self.reset(id, who, now),
            Order::Shelve { alarm, span, reason } => self.shelve(alarm, span, reason, who, now),
            Order::Unshelve(id) => self.unshelve(id, who, now),
            Order::TakeOutOfService { source, span, reason } => {
                self.take_out_of_service(source, span, reason, who, now)
            }
            Order::EndSuppression(id) => {
                if self.suppressions.get(id).is_none() {
                    let name = id.0.to_string().into();
                    return Err(OrderRefused::Unknown { what: "suppression", name });
                }
                self.unsuppress(id, Some(who), "ended by hand", now);
                Ok(self.done(None))
            }
            Order::RaiseEmergency { kind, place, note } => self.emergency(kind, place, &note, who, now),
            Order::TestTarget(target) => {
                if !self.has_target(&target) {
                    return Err(OrderRefused::Unknown { what: "target", name: target });
                }
                let seq = self.next.seq;
                self.tell_for_a_test(target, seq, now);
                // A promise is nobody's as a rule; this one is all that tells of the command.
                self.sign_one(seq, who);
                Ok(self.done(None))
            }
            Order::Note { kind, source, text } => {
                self.note(kind, now, text).source = source;
                Ok(self.done(None))
            }
            Order::SetModel { .. }
            | Order::MoveNode { .. }
            | Order::RetireNode(_)
            | Order::ApproveNode(_)
            | Order::DismissNode(_)
            | Order::SetPlan { .. }
            | Order::RemovePlan { .. }
            | Order::Access(_) => Ok(self.done(None)),
        }
    }

    /// What an order has done, once everything that it caused is noted.
    pub(crate) fn done(&self, alarm: Option<Alarm>) -> Done {
        Done { seq: self.next.seq - 1, alarm, suppression: None }
    }

    fn move_by_hand(
        &mut self,
        id: AlarmId,
        event: Move,
        who: &Who,
        now: Moment,
    ) -> Result<Done, OrderRefused> {
        let before = self.shown(id)?.clone();
        match self.advance(id, event, Some(who), now) {
            Step::To(state) => {
                let ended = Alarm { state, since: now.time, audible: false, ..before };
                let now = self.get(id).cloned().unwrap_or(ended);
                Ok(self.done(Some(now)))
            }
            Step::Refused(refusal) => Err(OrderRefused::Forbidden(refusal)),
        }
    }

    /// The condition of an emergency is the person who raised it: a reset ends both.
    fn reset(&mut self, id: AlarmId, who: &Who, now: Moment) -> Result<Done, OrderRefused> {
        let alarm = self.shown(id)?;
        if Emergency::ALL.iter().any(|kind| *kind.rule() == *alarm.rule) && alarm.state.is_active() {
            let (source, rule) = (alarm.source.clone(), Arc::clone(&alarm.rule));
            self.own_condition(&source, &rule, false, None, now);
        }
        self.move_by_hand(id, Move::Reset, who, now)
    }

    fn shelve(
        &mut self,
        id: AlarmId,
        span: Duration,
        reason: Text,
        who: &Who,
        now: Moment,
    ) -> Result<Done, OrderRefused> {
        let alarm = self.shown(id)?;
        let (source, rule) = (alarm.source.clone(), Arc::clone(&alarm.rule));
        fit_reason(&reason)?;
        fit_span(span, self.book.model.shelving_max)?;
        let older = self.shelf_of(&source, &rule);
        let owner = who.clone();
        let shelf = self.suppress(Quiet::Shelved, source, Some(rule), owner, reason, Some(span), now);
        if let Some(older) = older {
            // The new one is there already, so that nobody is called in between.
            self.unsuppress(older, Some(who), "shelved anew", now);
        }
        Ok(Done { suppression: Some(shelf), ..self.done(self.get(id).cloned()) })
    }

    fn unshelve(&mut self, id: AlarmId, who: &Who, now: Moment) -> Result<Done, OrderRefused> {
        let alarm = self.shown(id)?;
        let (source, rule) = (alarm.source.clone(), Arc::clone(&alarm.rule));
        let Some(shelf) = self.shelf_of(&source, &rule) else {
            let name = format!("{id}").into();
            return Err(OrderRefused::Unknown { what: "shelving of alarm", name });
        };
        self.unsuppress(shelf, Some(who), "unshelved", now);
        Ok(self.done(self.get(id).cloned()))
    }

    fn take_out_of_service(
        &mut self,
        source: Source,
        span: Duration,
        reason: Text,
        who: &Who,
        now: Moment,
    ) -> Result<Done, OrderRefused> {
        fit_reason(&reason)?;
        fit_span(span, OUT_OF_SERVICE_MAX)?;
        let owner = who.clone();
        let id = self.suppress(Quiet::OutOfService, source, None, owner, reason, Some(span), now);
        Ok(Done { suppression: Some(id), ..self.done(None) })
    }

    fn shown(&self, id: AlarmId) -> Result<&Alarm, OrderRefused> {
        self.get(id).filter(|alarm| alarm.is_shown()).ok_or(OrderRefused::NoSuchAlarm(id))
    }
}

fn fit_reason(reason: &str) -> Result<(), OrderRefused> {
    if reason.trim().is_empty() {
        return Err(OrderRefused::NoReason);
    }
    fit_text(reason)
}

pub(super) fn fit_text(text: &str) -> Result<(), OrderRefused> {
    let fits = text.chars().count() <= TEXT_CHARS_MAX && !text.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(OrderRefused::UnfitText) }
}

fn fit_span(span: Duration, longest: Duration) -> Result<(), OrderRefused> {
    if span.is_zero() || span > longest { Err(OrderRefused::TooLong { longest }) } else { Ok(()) }
}

//! What people change beside the building itself: floor plans, and who may come in.

use super::Building;
use crate::{Access, AccessOrder, Done, EntryKind, Moment, OrderRefused, PLANS_MAX, Plan, Text};
use std::sync::Arc;

impl Building {
    /// Who may come in.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The floor plans, by name.
    pub fn plans(&self) -> impl Iterator<Item = &Arc<Plan>> {
        self.plans.values()
    }

    pub(super) fn change_access(&mut self, order: AccessOrder, now: Moment) -> Result<Done, OrderRefused> {
        self.check_reach(&order)?;
        let decided = self.access.decide(order, now.time)?;
        for (kind, text) in decided.notes {
            self.alarms.note(kind, now, text);
        }
        for change in &decided.changes {
            self.access.apply(change);
        }
        self.alarms.access_changed(decided.changes);
        Ok(self.alarms.done(None))
    }

    /// A reach into a place that does not exist would be none, and nobody would know why.
    fn check_reach(&self, order: &AccessOrder) -> Result<(), OrderRefused> {
        let reach = match order {
            AccessOrder::SetUp(user) | AccessOrder::AddUser(user) => Some(&user.reach),
            AccessOrder::ChangeUser { reach, .. } => reach.as_ref(),
            AccessOrder::CreateToken(token) => Some(&token.reach),
            _ => None,
        };
        let places = reach.map(crate::Reach::buildings).unwrap_or_default();
        match places.iter().find(|place| !self.alarms.book.has_place(place)) {
            None => Ok(()),
            Some(place) => Err(OrderRefused::Unfit {
                field: "buildings",
                why: format!("there is no place {place:?}").into(),
            }),
        }
    }

    pub(super) fn set_plan(
        &mut self,
        mut plan: Plan,
        from_version: Option<u64>,
        now: Moment,
    ) -> Result<Done, OrderRefused> {
        let old = self.plans.get(&plan.name);
        let version = old.map_or(0, |old| old.version);
        if from_version.is_some_and(|from| from != version) {
            return Err(OrderRefused::Changed { version });
        }
        if old.is_none() && self.plans.len() >= PLANS_MAX {
            return Err(OrderRefused::Full { what: "plans", most: PLANS_MAX });
        }
        plan.check(|place| self.alarms.book.has_place(place))?;
        plan.version = version + 1;
        let told = match old {
            None => plan.told_as_added(),
            Some(old) => format!("plan {}: {}", plan.name, old.told(&plan)),
        };
        self.alarms.note(EntryKind::PlanChanged, now, told);
        let (name, plan) = (plan.name.clone(), Arc::new(plan));
        self.plans.insert(name.clone(), Arc::clone(&plan));
        self.alarms.plan_changed(name, Some(plan));
        Ok(self.alarms.done(None))
    }

    pub(super) fn remove_plan(
        &mut self,
        name: &Text,
        from_version: Option<u64>,
        now: Moment,
    ) -> Result<Done, OrderRefused> {
        let Some(old) = self.plans.get(name) else {
            return Err(OrderRefused::Unknown { what: "plan", name: name.clone() });
        };
        if from_version.is_some_and(|from| from != old.version) {
            return Err(OrderRefused::Changed { version: old.version });
        }
        let told = old.told_as_removed();
        self.alarms.note(EntryKind::PlanChanged, now, told);
        self.plans.remove(name);
        self.alarms.plan_changed(name.clone(), None);
        Ok(self.alarms.done(None))
    }
}

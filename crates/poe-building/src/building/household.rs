//! What people change about the building itself: its model, nodes that were replaced or are gone, the clock.

use super::Building;
use crate::{
    Alarm, Done, EntryKind, Model, Moment, NodeInfo, NodeNo, Order, OrderRefused, Silence, Source, Subject,
    Who, alarms::Before, builtin, table::Table,
};
use core::net::IpAddr;
use std::sync::Arc;

impl Building {
    /// Carries out an order. Whatever comes of it is journalled with who gave it.
    ///
    /// # Errors
    /// The order cannot be carried out, and nothing has changed.
    pub fn order(&mut self, order: Order, who: &Who, now: impl Into<Moment>) -> Result<Done, OrderRefused> {
        let now = now.into();
        let from = self.alarms.next_seq();
        let about = about(&order, self.alarms.iter());
        let result = match order {
            Order::SetModel { model, from_version } => self.set_model(*model, from_version, now),
            Order::MoveNode { old, new } => self.move_node(old, new, now),
            Order::RetireNode(address) => self.retire(address, now),
            Order::ApproveNode(address) => self.approve(address, now),
            Order::DismissNode(address) => self.dismiss(address, now),
            Order::SetPlan { plan, from_version } => self.set_plan(*plan, from_version, now),
            Order::RemovePlan { name, from_version } => self.remove_plan(&name, from_version, now),
            Order::Access(order) => self.change_access(order, now),
            Order::TakeOutOfService { ref source, .. } if !self.knows(source) => {
                Err(OrderRefused::Unknown { what: source.kind(), name: source.to_string().into() })
            }
            order => self.alarms.order(order, who, now),
        };
        if let Err(refused) = &result {
            let entry = self.alarms.note(EntryKind::CommandRefused, now, format!("{}: {refused}", about.0));
            entry.source = about.1;
        }
        self.alarms.sign(from, who);
        result
    }

    fn knows(&self, source: &Source) -> bool {
        match source {
            Source::Sensor(key) => {
                let node = self.by_address.get(&key.address).map(|no| &self.nodes[no.index()]);
                node.is_some_and(|node| node.place(key.id).is_some())
            }
            Source::Node(address) => {
                self.by_address.contains_key(address) || self.alarms.book.describes(*address)
            }
            Source::Place(name) => self.alarms.book.has_place(name),
            Source::Switch(name) => self.alarms.book.has_switch(name),
            Source::System => false,
        }
    }

    /// The model becomes this one: at once, for every sensor.
    fn set_model(
        &mut self,
        mut model: Model,
        from_version: Option<u64>,
        now: Moment,
    ) -> Result<Done, OrderRefused> {
        let old = Arc::clone(self.model());
        if from_version.is_some_and(|from| from != old.version) {
            return Err(OrderRefused::ModelChanged { version: old.version });
        }
        let problems = model.check();
        if !problems.is_empty() {
            return Err(OrderRefused::UnfitModel(problems));
        }
        model.version = old.version + 1;
        for difference in old.diff(&model) {
            let kind = match difference.subject {
                Subject::Model => EntryKind::ModelChanged,
                Subject::Rule => EntryKind::RuleChanged,
                Subject::Target => EntryKind::TargetChanged,
            };
            self.alarms.note(kind, now, difference.text).source = difference.source;
        }
        let old_tables = self.alarms.adopt(model, now);
        self.judge_all(&old_tables, now);
        if self.alarms.book.take_left_out() {
            self.alarms.settings_left_out(now);
        }
        for node in &old.nodes {
            if self.knows(&Source::Node(node.address)) {
                continue;
            }
            self.alarms.withdraw_all_of(node.address, "it is no longer described", now);
        }
        self.alarms.drop_orphans(now);
        self.reconsider_parents(now);
        for no in 0..self.nodes.len() as u32 {
            // Limits may be shorter now.
            self.look_at(NodeNo(no), now.ticks);
        }
        self.expect_described(now);
        self.reconsider_quarantine(now);
        Ok(self.alarms.done(None))
    }

    /// Every sensor's latest value is judged by the rules as they are now.
    fn judge_all(&mut self, old_tables: &[Table], now: Moment) {
        // A retired node's sensors are judged when it is heard again.
        for no in 0..self.nodes.len() {
            if self.nodes[no].retired {
                continue;
            }
            for place in 0..self.nodes[no].sensors.len() {
                let node = &mut self.nodes[no];
                let key = node.key(node.sensors[place].id);
                let sensor = &mut node.sensors[place];
                let kind = sensor.kind(old_tables);
                if sensor.table.is_unresolved() {
                    continue;
                }
                let had = sensor.band(old_tables).map(|band| band.status);
                sensor.table = self.alarms.book.table_of(key, kind);
                if sensor.band(&self.alarms.book.tables).map(|band| band.status) != had {
                    let nothing_urgent = node.urgent.is_empty();
                    let fresh = usize::from(!node.changed.contains(place as u8));
                    node.changed.insert(place as u8);
                    node.urgent.insert(place as u8);
                    self.waiting.note(NodeNo(no as u32), node, fresh, nothing_urgent);
                }
                super::health::judge(&mut self.alarms, &self.nodes[no], place as u8, Before::Nothing, now);
            }
        }
    }

    /// What was signalled of a node has been withdrawn; now it is heard again, with whatever it reads.
    pub(super) fn judge_again(&mut self, no: NodeNo, now: Moment) {
        let node = &self.nodes[no.index()];
        let read = node.sensors.iter().zip(0..).filter(|(sensor, _)| !sensor.table.is_unresolved());
        for (_, place) in read {
            super::health::judge(&mut self.alarms, node, place, Before::Nothing, now);
        }
    }

    /// A node was replaced: what was said of the old address holds for the new one.
    fn move_node(&mut self, old: IpAddr, new: IpAddr, now: Moment) -> Result<Done, OrderRefused> {
        let (old, new) = (old.to_canonical(), new.to_canonical());
        if !self.knows(&Source::Node(old)) {
            return Err(OrderRefused::Unknown { what: "node", name: old.to_string().into() });
        }
        if old == new {
            return Err(OrderRefused::UnfitMove("the two addresses are the same".into()));
        }
        if self.alarms.book.describes(new) {
            let why = format!("{new} is described as a node of its own; remove that first");
            return Err(OrderRefused::UnfitMove(why.into()));
        }
        if self.by_address.get(&old).is_some_and(|no| {
            self.nodes[no.index()].silence == Silence::Heard && self.nodes[no.index()].connections > 0
        }) {
            let why = format!("{old} is still heard; move it once the old node is unplugged");
            return Err(OrderRefused::UnfitMove(why.into()));
        }
        let mut model = Model::clone(self.model());
        model.readdress(old, new);
        if !self.is_known_or_held(new) && !self.alarms.book.describes(old) {
            // Should it never speak, it is missed for being described.
            model.nodes.push(NodeInfo::at(new));
        }
        let problems = model.check();
        if !problems.is_empty() {
            return Err(OrderRefused::UnfitModel(problems));
        }
        let vouched_for = self.is_ours(old) && self.is_known_or_held(new);
        if vouched_for && self.find(new).is_none() && !self.has_room() {
            return Err(OrderRefused::Full { what: "nodes", most: self.limits.nodes as usize });
        }
        self.alarms.note(EntryKind::NodeMoved, now, format!("{old} is {new} now")).source =
            Some(Source::Node(old));
        // What is said of the old address ends before its suppressions leave it: nobody is called for that.
        self.forget_address(old, &format!("the node is {new} now"), now);
        self.alarms.move_suppressions(old, new);
        self.set_model(model, None, now)?;
        self.expect_again(new, now);
        if vouched_for {
            self.approve(new, now)?;
        }
        Ok(self.alarms.done(None))
    }

    /// A node is gone for good.
    fn retire(&mut self, address: IpAddr, now: Moment) -> Result<Done, OrderRefused> {
        let address = address.to_canonical();
        let Some(no) = self.find(address) else { return self.cease_to_expect(address, now) };
        if self.nodes[no.index()].connections > 0 {
            let why = format!("{address} is connected; unplug it first");
            return Err(OrderRefused::UnfitMove(why.into()));
        }
        let before = if self.nodes[no.index()].retired { "yes" } else { "no" };
        let text = format!("retired {before} -> yes");
        self.alarms.note(EntryKind::NodeRetired, now, text).source = Some(Source::Node(address));
        self.forget_address(address, "the node is retired", now);
        Ok(self.alarms.done(None))
    }

    /// There is nothing of a node that was never heard but what people say of it.
    fn cease_to_expect(&mut self, address: IpAddr, now: Moment) -> Result<Done, OrderRefused> {
        if !self.alarms.book.describes(address) {
            return Err(OrderRefused::Unknown { what: "node", name: address.to_string().into() });
        }
        let mut model = Model::clone(self.model());
        model.nodes.retain(|node| node.address != address);
        model.sensors.retain(|sensor| sensor.key.address != address);
        self.set_model(model, None, now)?;
        self.alarms.note(EntryKind::NodeRetired, now, "never heard, and no longer described").source =
            Some(Source::Node(address));
        Ok(self.alarms.done(None))
    }

    /// Nothing of this address is missed or signalled any more, until it is heard again.
    fn forget_address(&mut self, address: IpAddr, why: &str, now: Moment) {
        if let Some(no) = self.find(address) {
            self.lost_nodes.remove(no);
            let node = &mut self.nodes[no.index()];
            node.retired = true;
            node.withdrawn = true;
            node.silence = Silence::Lost;
            self.waiting.retired.push((address, true));
        }
        self.alarms.withdraw_all_of(address, why, now);
        self.reconsider_parents(now);
    }

    /// The clock was set. What waits did not notice; people should.
    pub(super) fn clock_set(&mut self, by_us: i64, now: Moment) {
        let seconds = by_us as f64 / 1e6;
        let way = if by_us < 0 { "back" } else { "forward" };
        let text = format!("the clock was set {way} by {:.1} s", seconds.abs());
        self.alarms.note(EntryKind::ClockSet, now, text.as_str()).source = Some(Source::System);
        self.alarms.shift_dues(by_us);
        self.alarms.own_incident(&Source::System, builtin::CLOCK, text.into(), now);
    }
}

/// What an order is about, in words and as a source: for the journal, should it be refused.
fn about<'a>(order: &Order, mut alarms: impl Iterator<Item = &'a Alarm>) -> (String, Option<Source>) {
    let mut alarm = |verb: &str, id: crate::AlarmId| {
        let source = alarms.find(|alarm| alarm.id == id).map(|alarm| alarm.source.clone());
        (format!("{verb} alarm {id}"), source)
    };
    match order {
        Order::Acknowledge(id) => alarm("acknowledge", *id),
        Order::Silence(id) => alarm("silence", *id),
        Order::Reset(id) => alarm("reset", *id),
        Order::Shelve { alarm: id, .. } => alarm("shelve", *id),
        Order::Unshelve(id) => alarm("unshelve", *id),
        Order::TakeOutOfService { source, .. } => {
            (format!("take {source} out of service"), Some(source.clone()))
        }
        Order::EndSuppression(id) => (format!("end suppression {}", id.0), None),
        Order::RaiseEmergency { kind, place, .. } => {
            (format!("raise {} in {place}", kind.name()), Some(Source::Place(place.clone())))
        }
        Order::SetModel { .. } => ("change the building".to_owned(), None),
        Order::MoveNode { old, new } => (format!("move node {old} to {new}"), Some(Source::Node(*old))),
        Order::RetireNode(address) => (format!("retire node {address}"), Some(Source::Node(*address))),
        Order::TestTarget(target) => (format!("test target {target}"), None),
        Order::ApproveNode(address) => (format!("approve node {address}"), Some(Source::Node(*address))),
        Order::DismissNode(address) => (format!("dismiss node {address}"), Some(Source::Node(*address))),
        Order::SetPlan { plan, .. } => (format!("change plan {}", plan.name), None),
        Order::RemovePlan { name, .. } => (format!("remove plan {name}"), None),
        Order::Access(order) => (order.about(), None),
        Order::Note { kind, source, .. } => (kind.to_string(), source.clone()),
    }
}

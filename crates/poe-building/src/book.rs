//! The rule book: which rules hold for which sensor, and what lies in what.

#[cfg(test)]
mod tests;

use crate::{
    Model, Rule, RuleScope, RuleSetting, SensorKey, Source, Supervision, Switch, Text, builtin,
    profile::{self, ProfileRule, plain},
    table::{Table, TableNo},
};
use core::net::IpAddr;
use poe_wire::SensorKind;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The last number that a table can have: a sensor's state has two bytes for it. A model's check refuses what might need
/// more, with room for nodes that nobody has described. Beyond, the innermost settings are left out.
const TABLES_MAX: usize = if cfg!(test) { 1_000 } else { u16::MAX as usize };

/// The model, indexed: made anew whenever it changes.
#[derive(Debug)]
pub(crate) struct RuleBook {
    pub(crate) model: Arc<Model>,
    places: HashMap<Text, usize>,
    switches: HashMap<Text, usize>,
    nodes: HashMap<IpAddr, usize>,
    sensors: HashMap<SensorKey, usize>,
    settings: HashMap<RuleScope, Vec<usize>>,
    /// The nodes behind each switch and in each place.
    children: HashMap<Source, Vec<IpAddr>>,
    pub(crate) tables: Vec<Table>,
    /// The table for a kind and the settings that apply.
    known: HashMap<(SensorKind, Vec<usize>), TableNo>,
    /// Settings were left out, and nobody has been told yet;
    left_out: bool,
    /// somebody has.
    left_out_told: bool,
}

impl RuleBook {
    pub(crate) fn new(model: Arc<Model>) -> Self {
        fn index<T, K: Eq + core::hash::Hash>(items: &[T], key: impl Fn(&T) -> K) -> HashMap<K, usize> {
            items.iter().enumerate().map(|(at, item)| (key(item), at)).collect()
        }
        let mut settings: HashMap<RuleScope, Vec<usize>> = HashMap::new();
        for (at, setting) in model.rules.iter().enumerate() {
            settings.entry(setting.scope.clone()).or_default().push(at);
        }
        let mut book = Self {
            places: index(&model.places, |place| Arc::clone(&place.name)),
            switches: index(&model.switches, |switch| Arc::clone(&switch.name)),
            nodes: index(&model.nodes, |node| node.address),
            sensors: index(&model.sensors, |sensor| sensor.key),
            settings,
            children: HashMap::new(),
            tables: SensorKind::ALL.map(Table::unresolved).into(),
            known: HashMap::new(),
            left_out: false,
            left_out_told: false,
            model,
        };
        for kind in SensorKind::ALL {
            // So that there is always a table to fall back to.
            book.make_table(kind, Vec::new());
        }
        for node in &Arc::clone(&book.model).nodes {
            for parent in book.parents(node.address) {
                book.children.entry(parent).or_default().push(node.address);
            }
        }
        book
    }

    /// The table of a sensor, made if it is the first of its kind.
    pub(crate) fn table_of(&mut self, key: SensorKey, kind: SensorKind) -> TableNo {
        let mut wanted = (kind, self.settings_of(key, kind));
        if let Some(known) = self.known.get(&wanted) {
            return *known;
        }
        if self.tables.len() <= TABLES_MAX {
            return self.make_table(kind, wanted.1);
        }
        self.left_out = !self.left_out_told;
        // Its own settings go first, then its node's, and so on outwards.
        while wanted.1.pop().is_some() {
            if let Some(known) = self.known.get(&wanted) {
                return *known;
            }
        }
        TableNo::unresolved(kind)
    }

    fn make_table(&mut self, kind: SensorKind, applied: Vec<usize>) -> TableNo {
        let no = TableNo(self.tables.len() as u16);
        self.tables.push(Table::new(kind, self.resolve(kind, &applied)));
        self.known.insert((kind, applied), no);
        no
    }

    /// Whether settings have been left out, for the first who asks after it has come to that.
    pub(crate) fn take_left_out(&mut self) -> bool {
        self.left_out_told |= self.left_out;
        core::mem::take(&mut self.left_out)
    }

    /// The rule of this name as it holds for a source, where there is one.
    pub(crate) fn rule(&self, source: &Source, name: &str) -> Option<Arc<Rule>> {
        if let Some(rule) = builtin::rule(name) {
            return Some(rule);
        }
        let kind = self.kind_of_rule(name)?;
        let applied = match source {
            Source::Sensor(key) => self.settings_of(*key, kind),
            Source::Node(address) => self.settings_along(kind, &self.node_scopes(*address)),
            Source::Place(place) => self.settings_along(kind, &self.place_scopes(Some(place))),
            Source::Switch(_) | Source::System => Vec::new(),
        };
        self.resolve(kind, &applied).into_iter().find(|rule| &*rule.name == name)
    }

    /// Where a sensor is: its own place, or its node's.
    pub(crate) fn place_of(&self, key: SensorKey) -> Option<&Text> {
        let own = self.sensors.get(&key).and_then(|at| self.model.sensors[*at].place.as_ref());
        own.or_else(|| self.node_place(key.address))
    }

    /// The innermost zone of a sensor.
    pub(crate) fn zone_of(&self, key: SensorKey) -> Option<&Text> {
        self.chain(self.place_of(key)).into_iter().find(|place| {
            self.places.get(*place).is_some_and(|at| self.model.places[*at].kind == crate::PlaceKind::Zone)
        })
    }

    /// What a source is in, from itself outwards: its node, what feeds that, its places, the site.
    pub(crate) fn path(&self, source: &Source) -> Vec<Source> {
        let mut path = vec![source.clone()];
        let place = match source {
            Source::Sensor(key) => {
                path.push(Source::Node(key.address));
                self.push_switches(self.feeds(key.address), &mut path);
                self.place_of(*key)
            }
            Source::Node(address) => {
                self.push_switches(self.feeds(*address), &mut path);
                self.node_place(*address)
            }
            Source::Place(name) => self.within(name),
            Source::Switch(name) => {
                let switch = self.switch(name);
                self.push_switches(switch.and_then(|switch| switch.fed_by.as_ref()), &mut path);
                switch.and_then(|switch| switch.place.as_ref())
            }
            Source::System => None,
        };
        path.extend(self.chain(place).into_iter().map(|place| Source::Place(Arc::clone(place))));
        let site = Source::Place(Arc::clone(&self.model.site));
        if *source != Source::System && *source != site {
            path.push(site);
        }
        path
    }

    /// What a node is lost with: the switches that feed it, then the places that it is in, each from the inside out.
    pub(crate) fn parents(&self, node: IpAddr) -> Vec<Source> {
        let mut parents = Vec::new();
        self.push_switches(self.feeds(node), &mut parents);
        let places = self.chain(self.node_place(node));
        parents.extend(places.into_iter().map(|place| Source::Place(Arc::clone(place))));
        parents
    }

    /// The nodes that are lost with it.
    pub(crate) fn children(&self, parent: &Source) -> &[IpAddr] {
        self.children.get(parent).map_or(&[], Vec::as_slice)
    }

    /// What people call a source: its name with what it stands for, and where it is.
    pub(crate) fn called(&self, source: &Source) -> String {
        let named = |name: Option<&Text>, shown: String| match name {
            Some(name) => format!("{name} ({shown})"),
            None => shown,
        };
        let title = |place: &Text| {
            let known = self.places.get(place).and_then(|at| self.model.places[*at].title.as_ref());
            known.unwrap_or(place).to_string()
        };
        let (name, place) = match source {
            Source::Sensor(key) => {
                let own = self.sensors.get(key).and_then(|at| self.model.sensors[*at].name.as_ref());
                let name = own.or_else(|| self.node_name(key.address));
                (named(name, key.to_string()), self.place_of(*key))
            }
            Source::Node(address) => {
                (named(self.node_name(*address), address.to_string()), self.node_place(*address))
            }
            Source::Place(name) => return title(name),
            Source::Switch(name) => {
                (format!("switch {name}"), self.switch(name).and_then(|switch| switch.place.as_ref()))
            }
            Source::System => return "server".to_owned(),
        };
        place.map_or(name.clone(), |place| format!("{name} in {}", title(place)))
    }

    /// The name that somebody gave a source.
    pub(crate) fn name(&self, source: &Source) -> Option<&Text> {
        match source {
            Source::Sensor(key) => self.sensors.get(key).and_then(|at| self.model.sensors[*at].name.as_ref()),
            Source::Node(address) => self.node_name(*address),
            Source::Place(name) => self.places.get(name).and_then(|at| self.model.places[*at].title.as_ref()),
            Source::Switch(_) | Source::System => None,
        }
    }

    fn node_name(&self, node: IpAddr) -> Option<&Text> {
        self.nodes.get(&node).and_then(|at| self.model.nodes[*at].name.as_ref())
    }

    /// Whether there is such a place; the site is one.
    pub(crate) fn has_place(&self, name: &str) -> bool {
        *name == *self.model.site || self.places.contains_key(name)
    }

    /// Whether there is such a switch.
    pub(crate) fn has_switch(&self, name: &str) -> bool {
        self.switches.contains_key(name)
    }

    /// How long a node may be silent if it has been told, rather than learnt.
    pub(crate) fn supervision(&self, node: IpAddr) -> Option<Supervision> {
        self.nodes.get(&node).and_then(|at| self.model.nodes[*at].supervision)
    }

    /// Whether somebody described the node.
    pub(crate) fn describes(&self, node: IpAddr) -> bool {
        self.nodes.contains_key(&node)
    }

    fn feeds(&self, node: IpAddr) -> Option<&Text> {
        self.nodes.get(&node).and_then(|at| self.model.nodes[*at].fed_by.as_ref())
    }

    fn node_place(&self, node: IpAddr) -> Option<&Text> {
        self.nodes.get(&node).and_then(|at| self.model.nodes[*at].place.as_ref())
    }

    fn switch(&self, name: &str) -> Option<&Switch> {
        self.switches.get(name).map(|at| &self.model.switches[*at])
    }

    fn within(&self, place: &str) -> Option<&Text> {
        self.places.get(place).and_then(|at| self.model.places[*at].within.as_ref())
    }

    /// A place and those that it is in, from the inside out. A circle, which the model's check refuses, ends it.
    fn chain<'a>(&'a self, mut place: Option<&'a Text>) -> Vec<&'a Text> {
        let mut chain = Vec::new();
        while let Some(name) = place.filter(|name| !chain.contains(name)) {
            chain.push(name);
            place = self.within(name);
        }
        chain
    }

    fn push_switches<'a>(&'a self, mut switch: Option<&'a Text>, path: &mut Vec<Source>) {
        let mut seen = HashSet::new();
        while let Some(name) = switch.filter(|name| seen.insert(Arc::clone(name))) {
            path.push(Source::Switch(Arc::clone(name)));
            switch = self.switch(name).and_then(|switch| switch.fed_by.as_ref());
        }
    }

    /// The settings that apply to a sensor, from the outermost to its own.
    fn settings_of(&self, key: SensorKey, kind: SensorKind) -> Vec<usize> {
        if self.settings.is_empty() {
            return Vec::new();
        }
        let mut scopes = self.place_scopes(self.place_of(key));
        scopes.push(RuleScope::Node(key.address));
        scopes.push(RuleScope::Sensor(key));
        self.settings_along(kind, &scopes)
    }

    fn place_scopes(&self, place: Option<&Text>) -> Vec<RuleScope> {
        let chain = self.chain(place).into_iter().rev();
        let site = RuleScope::Place(Arc::clone(&self.model.site));
        let outer = [RuleScope::Everywhere, site].into_iter();
        outer.chain(chain.map(|place| RuleScope::Place(Arc::clone(place)))).collect()
    }

    fn node_scopes(&self, node: IpAddr) -> Vec<RuleScope> {
        let mut scopes = self.place_scopes(self.node_place(node));
        scopes.push(RuleScope::Node(node));
        scopes
    }

    fn settings_along(&self, kind: SensorKind, scopes: &[RuleScope]) -> Vec<usize> {
        let found = scopes.iter().filter_map(|scope| self.settings.get(scope)).flatten().copied();
        found.filter(|at| self.kind_of_rule(&self.model.rules[*at].rule) == Some(kind)).collect()
    }

    /// The kind that a rule is for: the profile says it, or the first setting that does.
    pub(crate) fn kind_of_rule(&self, name: &str) -> Option<SensorKind> {
        let profile = profile::rules(self.model.profile).iter().find(|rule| &*rule.rule.name == name);
        profile.map(|rule| rule.kind).or_else(|| {
            self.model.rules.iter().filter(|setting| &*setting.rule == name).find_map(|setting| setting.kind)
        })
    }

    /// The profile's rules for a kind, refined by these settings, the outermost first.
    fn resolve(&self, kind: SensorKind, settings: &[usize]) -> Vec<Arc<Rule>> {
        let profile = profile::rules(self.model.profile).iter().filter(|rule| rule.kind == kind);
        let mut rules: Vec<Arc<Rule>> = profile.map(|ProfileRule { rule, .. }| Arc::clone(rule)).collect();
        for setting in settings.iter().map(|at| &self.model.rules[*at]) {
            match rules.iter_mut().find(|rule| rule.name == setting.rule) {
                Some(rule) => refine(Arc::make_mut(rule), setting),
                None => {
                    let mut rule = plain(&setting.rule, Some(crate::Class::Supervisory), &setting.rule);
                    rule.level = crate::Status::Warning;
                    refine(&mut rule, setting);
                    rules.push(Arc::new(rule));
                }
            }
        }
        rules
    }
}

/// Lets a setting speak where it says something.
fn refine(rule: &mut Rule, setting: &RuleSetting) {
    fn set<T: Clone>(field: &mut T, value: &Option<T>) {
        if let Some(value) = value {
            field.clone_from(value);
        }
    }
    if let Some(class) = setting.class {
        rule.class = class;
        rule.priority = class.map_or(9, crate::Class::priority);
        rule.level = match class {
            Some(crate::Class::Alarm) => crate::Status::Critical,
            Some(_) => crate::Status::Warning,
            None => crate::Status::Normal,
        };
    }
    match (setting.at_least, setting.at_most) {
        (None, None) => {}
        (from, to) => (rule.range.from, rule.range.to) = (from.unwrap_or(0), to.unwrap_or(u8::MAX)),
    }
    set(&mut rule.range.deadband, &setting.deadband);
    set(&mut rule.priority, &setting.priority);
    set(&mut rule.on_delay, &setting.on_delay);
    set(&mut rule.off_delay, &setting.off_delay);
    set(&mut rule.latching, &setting.latching);
    set(&mut rule.re_alarm, &setting.re_alarm);
    set(&mut rule.escalation, &setting.escalation);
    set(&mut rule.message, &setting.message);
    set(&mut rule.voting, &setting.voting);
}

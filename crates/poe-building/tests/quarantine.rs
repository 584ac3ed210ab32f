//! Random visitors at the door, held against a model as plain as can be: nobody is shown before somebody lets them in,
//! nothing that they said last is lost, and what is dangerous is signalled for as long as it is.
#![allow(clippy::unwrap_used, reason = "a test may end like this")]

use poe_building::{
    Alarm, Building, Changes, Class, Enrolment, Input, Limits, Model, NodeInfo, Order, Scope, SensorKey,
    Session, Source, Time, Who, own,
};
use poe_wire::SensorKind;
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
    time::Duration,
};

/// What comes to pass, a second after what was before it.
#[derive(Clone, Debug)]
enum Step {
    /// A node announces a sensor, on its connection.
    Announces(u8, u8),
    /// A node reads a value, on its connection or in a datagram.
    Reads {
        node: u8,
        id: u8,
        value: u8,
        datagram: bool,
    },
    Approve(u8),
    Dismiss(u8),
    /// The model is another, with these nodes in it.
    Describe(Enrolment, BTreeSet<u8>),
}

fn step() -> impl Strategy<Value = Step> {
    let (node, id) = (0..5u8, 0..8u8);
    let value =
        prop_oneof![Just(0), Just(1), Just(100), Just(134), Just(135), Just(199), Just(200), any::<u8>()];
    let enrolment = prop::sample::select(&[Enrolment::Approve, Enrolment::Closed, Enrolment::Open][..]);
    prop_oneof![
        3 => (node.clone(), id.clone()).prop_map(|(node, id)| Step::Announces(node, id)),
        20 => (node.clone(), id, value, any::<bool>())
            .prop_map(|(node, id, value, datagram)| Step::Reads { node, id, value, datagram }),
        2 => node.clone().prop_map(Step::Approve),
        2 => node.clone().prop_map(Step::Dismiss),
        1 => (enrolment, prop::collection::btree_set(node, 0..2)).prop_map(|(how, who)| Step::Describe(how, who)),
    ]
}

fn address(node: u8) -> IpAddr {
    [10, 0, 0, node].into()
}

fn kind(id: u8) -> SensorKind {
    SensorKind::ALL[usize::from(id) % SensorKind::ALL.len()]
}

/// By docs/alarms.md.
fn is_dangerous(id: u8, value: u8) -> bool {
    match kind(id) {
        SensorKind::Fire => value == 0,
        SensorKind::Smoke => value >= 200,
        SensorKind::Temperature => value >= 135,
        _ => false,
    }
}

/// Sensors by id, each with its latest value and when that came.
type Sensors = BTreeMap<u8, Option<(u8, Time)>>;

/// Who is where, as plainly as can be.
#[derive(Default)]
struct Naive {
    enrolment: Enrolment,
    described: BTreeSet<u8>,
    known: BTreeMap<u8, Sensors>,
    held: BTreeMap<u8, Sensors>,
    /// What was announced on a connection before any POST.
    announced: BTreeMap<u8, BTreeSet<u8>>,
}

impl Naive {
    fn lets_in(&self, node: u8) -> bool {
        self.enrolment == Enrolment::Open || self.described.contains(&node)
    }

    fn let_in(&mut self, node: u8) {
        if let Some(sensors) = self.held.remove(&node) {
            self.known.insert(node, sensors);
        }
    }

    fn announces(&mut self, node: u8, id: u8) {
        self.speaks(node);
        let all = [&mut self.known, &mut self.held];
        match all.into_iter().find_map(|all| all.get_mut(&node)) {
            Some(sensors) => _ = sensors.entry(id).or_default(),
            None => _ = self.announced.entry(node).or_default().insert(id),
        }
        self.drop_what_is_refused();
    }

    fn reads(&mut self, node: u8, id: u8, value: u8, now: Time, datagram: bool) {
        let known = self.known.contains_key(&node) || self.lets_in(node);
        let all = if known { &mut self.known } else { &mut self.held };
        all.entry(node).or_default().insert(id, Some((value, now)));
        if !datagram {
            self.speaks(node);
        }
        self.drop_what_is_refused();
    }

    /// What was announced on the connection belongs to whoever speaks there.
    fn speaks(&mut self, node: u8) {
        let all = [&mut self.known, &mut self.held];
        if let Some(sensors) = all.into_iter().find_map(|all| all.get_mut(&node)) {
            for id in self.announced.remove(&node).unwrap_or_default() {
                sensors.entry(id).or_default();
            }
        }
    }

    fn drop_what_is_refused(&mut self) {
        if self.enrolment == Enrolment::Closed {
            for sensors in self.held.values_mut() {
                sensors.retain(|id, latest| latest.is_some_and(|(value, _)| is_dangerous(*id, value)));
            }
        }
    }

    fn is_alarming(&self, node: u8) -> bool {
        let sensors = self.held.get(&node).into_iter().flatten();
        sensors.into_iter().any(|(id, latest)| latest.is_some_and(|(value, _)| is_dangerous(*id, value)))
    }
}

struct Door {
    building: Building,
    sessions: HashMap<u8, Session>,
    naive: Naive,
    now: Time,
    /// What is shown: the latest row of each sensor.
    rows: BTreeMap<SensorKey, (u8, Time)>,
    /// The sensors by their numbers.
    sensors: Vec<SensorKey>,
    nodes: Vec<IpAddr>,
    approved: BTreeSet<IpAddr>,
}

impl Door {
    fn new() -> Self {
        let mut door = Self {
            building: Building::new(Limits::default()),
            sessions: HashMap::new(),
            naive: Naive::default(),
            now: Time::from_secs(1_000_000),
            rows: BTreeMap::new(),
            sensors: Vec::new(),
            nodes: Vec::new(),
            approved: BTreeSet::new(),
        };
        door.take(&Step::Describe(Enrolment::Approve, BTreeSet::new()));
        door
    }

    fn say(&mut self, node: u8, bytes: &[u8], datagram: bool) {
        let mut events = Vec::new();
        if datagram {
            self.building.handle(Input::Datagram { from: address(node), bytes }, self.now, &mut events);
        } else {
            let open = || self.building.open(address(node));
            let session = self.sessions.entry(node).or_insert_with(open);
            self.building.handle(Input::Stream { session, bytes }, self.now, &mut events);
        }
    }

    fn order(&mut self, order: Order) -> bool {
        self.building.order(order, &Who::new("ann", "test"), self.now).is_ok()
    }

    fn take(&mut self, step: &Step) {
        self.now.0 += 1_000_000;
        self.building.wake(self.now);
        match step {
            Step::Announces(node, id) => {
                self.say(*node, &[0, *id, kind(*id).byte(), 0], false);
                self.naive.announces(*node, *id);
            }
            Step::Reads { node, id, value, datagram } => {
                self.say(*node, &[1, *id, kind(*id).byte(), *value], *datagram);
                self.naive.reads(*node, *id, *value, self.now, *datagram);
            }
            Step::Approve(node) => {
                let there = self.naive.known.contains_key(node) || self.naive.held.contains_key(node);
                // Whoever describes a node has said that it is one of ours.
                let is_described = self.naive.described.contains(node);
                assert_eq!(self.order(Order::ApproveNode(address(*node))), there || is_described);
                self.naive.let_in(*node);
                assert_eq!(self.store().contains(&address(*node)), there);
            }
            Step::Dismiss(node) => {
                let source = Source::Node(address(*node));
                let signalled = self.alarm(&source, own::NODE_UNAPPROVED).is_some();
                let there = self.naive.held.remove(node).is_some() || signalled;
                assert_eq!(self.order(Order::DismissNode(address(*node))), there);
                assert!(self.alarm(&source, own::NODE_UNAPPROVED).is_none());
            }
            Step::Describe(enrolment, described) => {
                let node = |node: &u8| NodeInfo {
                    address: address(*node),
                    name: None,
                    place: None,
                    fed_by: None,
                    port: None,
                    supervision: None,
                };
                let nodes = described.iter().map(node).collect();
                let model = Box::new(Model { enrolment: *enrolment, nodes, ..Model::default() });
                assert!(self.order(Order::SetModel { model, from_version: None }));
                (self.naive.enrolment, self.naive.described) = (*enrolment, described.clone());
                for node in self.naive.held.keys().copied().collect::<Vec<_>>() {
                    if self.naive.lets_in(node) {
                        self.naive.let_in(node);
                    }
                }
                self.naive.drop_what_is_refused();
            }
        }
        self.store();
    }

    fn alarm(&self, source: &Source, rule: &str) -> Option<&Alarm> {
        self.building.alarms().find(|alarm| alarm.source == *source && *alarm.rule == *rule)
    }

    fn store(&mut self) -> &BTreeSet<IpAddr> {
        let mut changes = Changes::default();
        self.building.take_changes(Scope::All, &mut changes);
        self.nodes.extend(changes.nodes.iter().map(|node| node.address));
        for new in &changes.sensors {
            self.sensors.push(SensorKey { address: self.nodes[new.node.index()], id: new.id });
        }
        for row in changes.rows {
            self.rows.insert(self.sensors[row.sensor.index()], (row.value, row.time));
        }
        self.approved.extend(changes.approved);
        &self.approved
    }

    fn compare(&self) {
        let known: BTreeSet<IpAddr> = self.naive.known.keys().map(|node| address(*node)).collect();
        assert_eq!(self.nodes.iter().copied().collect::<BTreeSet<_>>(), known, "who is known");
        let shown = self.naive.known.iter().flat_map(|(node, sensors)| {
            let key = |id: &u8| SensorKey { address: address(*node), id: *id };
            sensors.iter().filter_map(move |(id, latest)| Some((key(id), (*latest)?)))
        });
        assert_eq!(self.rows, shown.collect(), "the rows");
        let held: BTreeMap<IpAddr, Sensors> = self
            .building
            .quarantine()
            .map(|node| {
                let sensors = node.sensors.iter();
                let said =
                    sensors.map(|said| (said.id, said.latest.map(|latest| (latest.value, latest.time))));
                (node.address, said.collect())
            })
            .collect();
        let waiting = self.naive.held.iter().map(|(node, sensors)| (address(*node), sensors.clone()));
        assert_eq!(held, waiting.collect(), "who waits, and with what");
        for node in 0..5 {
            let source = Source::Node(address(node));
            let holds = self.alarm(&source, own::NODE_UNAPPROVED).is_some_and(|alarm| alarm.holds);
            assert_eq!(holds, self.naive.is_alarming(node), "{source}");
        }
        for alarm in self.building.alarms().filter(|alarm| alarm.class == Class::Alarm) {
            let of = alarm.source.address().unwrap();
            assert!(known.contains(&of), "nobody who is not let in makes a full alarm");
        }
        for (key, (value, _)) in self.rows.iter().filter(|(key, _)| kind(key.id) == SensorKind::Fire) {
            let holds = self.alarm(&Source::Sensor(*key), "fire").is_some_and(|alarm| alarm.holds);
            assert_eq!(holds, *value == 0, "{key}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_time: 10_000, ..ProptestConfig::default() })]
    #[test]
    fn nobody_is_shown_before_they_are_let_in_and_nothing_is_lost(steps in prop::collection::vec(step(), 1..60)) {
        let mut door = Door::new();
        for step in &steps {
            door.take(step);
            door.compare();
        }
        // An hour later only what still stands is signalled.
        door.now = Time(door.now.0 + Duration::from_secs(3_600).as_micros() as i64);
        door.building.wake(door.now);
        door.store();
        door.compare();
    }
}

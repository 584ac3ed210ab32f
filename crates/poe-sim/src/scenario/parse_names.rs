//! Who and what the words of a story mean: nodes and their sensors, places, switches, rules.

use super::script::{Aim, NodeSpec};
use crate::COMMON_NODE;
use poe_building::{Emergency, Model, SensorKey, Source, nearest, own, profile_rules};
use poe_wire::SensorKind;
use std::{collections::BTreeMap, net::IpAddr};

/// The server's own rules.
const OWN_RULES: [&str; 28] = [
    own::CLOCK,
    own::CROSS_ZONE_SINGLE,
    own::HEALTH_BYTE_WRAP,
    own::HEALTH_CHATTER,
    own::HEALTH_FLAT,
    own::HEALTH_NAN_ZERO,
    own::HEALTH_OUTLIER,
    own::HEALTH_STUCK,
    own::HEARTBEAT,
    own::JOURNAL,
    own::LATENCY,
    own::LIMIT_CONNECTIONS,
    own::LIMIT_DESCRIPTORS,
    own::LIMIT_QUARANTINE,
    own::LIMIT_QUEUE,
    own::LIMIT_SENSORS,
    own::NODE_CONFLICT,
    own::NODE_KIND,
    own::NODE_SILENT,
    own::NODE_UNAPPROVED,
    own::PARENT_LOST,
    own::RESTART,
    own::STORAGE,
    own::STORAGE_DAMAGE,
    own::STORAGE_LOG,
    own::HISTORY,
    own::HISTORY_DAMAGE,
    own::HISTORY_GAP,
];

/// What a story's words can refer to.
#[derive(Default)]
pub(super) struct Names {
    pub(super) nodes: Vec<NodeSpec>,
    /// What the story calls its nodes; a name may be that of several.
    pub(super) called: BTreeMap<String, Vec<usize>>,
    /// The building, or the one that nobody has described.
    pub(super) model: Model,
}

impl Names {
    /// The nodes of this name or address.
    pub(super) fn nodes(&self, word: &str) -> Result<Vec<usize>, String> {
        if let Some(nodes) = self.called.get(word) {
            return Ok(nodes.clone());
        }
        if let Ok(address) = word.parse::<IpAddr>() {
            let of_address = self.nodes.iter().enumerate().filter(|(_, node)| node.address == address);
            let nodes: Vec<usize> = of_address.map(|(place, _)| place).collect();
            if !nodes.is_empty() {
                return Ok(nodes);
            }
        }
        Err(unknown("node", word, self.called.keys().map(String::as_str)))
    }

    /// The sensors that `NODE_8`, `NODE_8-11` or `NODE_smoke` names, as they are played.
    pub(super) fn sensors(&self, word: &str) -> Result<Vec<(usize, u8)>, String> {
        let (node, which) = word.rsplit_once('_').ok_or_else(|| {
            format!("`{word}` is no sensor; write its node and its number, like {word}_3 or {word}_smoke")
        })?;
        let nodes = self.nodes(node)?;
        let ids = ids(which).ok_or_else(|| {
            let last = COMMON_NODE.len() - 1;
            format!(
                "`{which}` is no sensor of a node; write 0 to {last}, a range like 8-11, or a kind like smoke"
            )
        })?;
        let has = |node: usize, id: u8| self.nodes[node].kinds.contains(&COMMON_NODE[usize::from(id)]);
        let sensors = nodes.iter().flat_map(|node| ids.iter().map(|id| (*node, *id)));
        let sensors: Vec<(usize, u8)> = sensors.filter(|(node, id)| has(*node, *id)).collect();
        if sensors.is_empty() { Err(format!("`{node}` has no such sensor: `{which}`")) } else { Ok(sensors) }
    }

    /// What `kitchen`, `kitchen_3`, `place canteen`, `switch sw-1` or `system` may be: any of several.
    pub(super) fn sources(&self, words: &[&str]) -> Result<Vec<Source>, String> {
        match words {
            ["system"] => Ok(vec![Source::System]),
            ["site"] => Ok(vec![Source::Place(self.model.site.clone())]),
            ["place", name] => {
                let known = self.model.places.iter().map(|place| &*place.name).chain([&*self.model.site]);
                must_be_known("place", name, known)?;
                Ok(vec![Source::Place((*name).into())])
            }
            ["switch", name] => {
                must_be_known("switch", name, self.model.switches.iter().map(|switch| &*switch.name))?;
                Ok(vec![Source::Switch((*name).into())])
            }
            [word] if word.contains('_') => match self.sensors(word) {
                Ok(sensors) => Ok(sensors
                    .into_iter()
                    .map(|(node, id)| Source::Sensor(SensorKey { address: self.nodes[node].address, id }))
                    .collect()),
                // A node that somebody described need not be there.
                Err(why) => word.parse().map(|key| vec![Source::Sensor(key)]).map_err(|_| why),
            },
            [word] => match self.nodes(word) {
                Ok(nodes) => {
                    Ok(nodes.into_iter().map(|node| Source::Node(self.nodes[node].address)).collect())
                }
                Err(why) => word.parse().map(|address| vec![Source::Node(address)]).map_err(|_| why),
            },
            _ => Err(format!(
                "`{}` is nothing that can be meant; write a node, a sensor, `place NAME`, `switch NAME`, `site` or `system`",
                words.join(" ")
            )),
        }
    }

    /// The same where only one can be meant.
    pub(super) fn source(&self, words: &[&str]) -> Result<Source, String> {
        match &self.sources(words)?[..] {
            [source] => Ok(source.clone()),
            several => Err(format!("`{}` means {} of them; name one", words.join(" "), several.len())),
        }
    }

    /// `RULE on SOURCE`.
    pub(super) fn aim(&self, words: &[&str]) -> Result<Aim, String> {
        match words {
            [rule, "on", source @ ..] => {
                self.rule(rule)?;
                Ok(Aim { rule: (*rule).into(), source: self.source(source)? })
            }
            _ => Err(format!(
                "`{}` is no alarm; write RULE on SOURCE, like fire on kitchen_3",
                words.join(" ")
            )),
        }
    }

    /// Also what the names of several rules begin with, such as `health`.
    pub(super) fn rules(&self, name: &str) -> Result<(), String> {
        if OWN_RULES.iter().any(|rule| begins_with(rule, name)) { Ok(()) } else { self.rule(name) }
    }

    /// A mistyped rule would make an expectation hold that nothing comes of it.
    fn rule(&self, name: &str) -> Result<(), String> {
        let profile = profile_rules(self.model.profile).iter().map(|known| &*known.rule.name);
        let told = self.model.targets.iter().map(|target| format!("{}{}", own::NOTIFY, target.name));
        let told: Vec<String> = told.collect();
        let emergencies = Emergency::ALL.iter().map(|kind| kind.rule());
        let set = self.model.rules.iter().map(|setting| &*setting.rule);
        let known = profile.chain(set).chain(OWN_RULES).chain(emergencies);
        must_be_known("rule", name, known.chain(told.iter().map(String::as_str)))
    }

    /// A target of the building.
    pub(super) fn target(&self, name: &str) -> Result<(), String> {
        must_be_known("target", name, self.model.targets.iter().map(|target| &*target.name))
    }

    /// The story's nodes behind a switch, and behind those that it feeds.
    pub(super) fn behind(&self, switch: &str) -> Result<Vec<usize>, String> {
        must_be_known("switch", switch, self.model.switches.iter().map(|switch| &*switch.name))?;
        let feeds = |name: &str| {
            let mut at = Some(name);
            // A chain of switches is no longer than there are switches.
            for _ in 0..=self.model.switches.len() {
                match at {
                    Some(name) if name == switch => return true,
                    Some(name) => {
                        let known = self.model.switches.iter().find(|known| &*known.name == name);
                        at = known.and_then(|known| known.fed_by.as_deref());
                    }
                    None => return false,
                }
            }
            false
        };
        let is_behind = |node: &NodeSpec| {
            let described = self.model.nodes.iter().find(|known| known.address == node.address);
            described.and_then(|known| known.fed_by.as_deref()).is_some_and(feeds)
        };
        let nodes = self.nodes.iter().enumerate().filter(|(_, node)| is_behind(node));
        let nodes: Vec<usize> = nodes.map(|(place, _)| place).collect();
        if nodes.is_empty() { Err(format!("no node of this story is behind `{switch}`")) } else { Ok(nodes) }
    }
}

/// Whether a name is this one, or this one with a dot and more.
pub(super) fn begins_with(name: &str, beginning: &str) -> bool {
    name.strip_prefix(beginning).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A kind of sensor, in small letters or in capitals.
pub(super) fn kind(word: &str) -> Option<SensorKind> {
    word.to_uppercase().parse().ok()
}

/// The numbers of the common node's sensors that are meant.
fn ids(which: &str) -> Option<Vec<u8>> {
    let id = |text: &str| text.parse::<u8>().ok().filter(|id| usize::from(*id) < COMMON_NODE.len());
    if let Some((first, last)) = which.split_once('-') {
        let (first, last) = (id(first)?, id(last)?);
        return (first <= last).then(|| (first..=last).collect());
    }
    if let Some(id) = id(which) {
        return Some(vec![id]);
    }
    let kind = kind(which)?;
    Some((0..).zip(COMMON_NODE).filter(|(_, known)| *known == kind).map(|(id, _)| id).collect())
}

fn must_be_known<'a>(
    what: &str,
    name: &str,
    mut known: impl Iterator<Item = &'a str> + Clone,
) -> Result<(), String> {
    if known.clone().any(|known| known == name) { Ok(()) } else { Err(unknown(what, name, known.by_ref())) }
}

/// There is nothing of this name, and what may be meant.
pub(super) fn unknown<'a>(what: &str, word: &str, known: impl Iterator<Item = &'a str>) -> String {
    match nearest(word, known) {
        Some(meant) => format!("there is no {what} `{word}`; did you mean `{meant}`?"),
        None => format!("there is no {what} `{word}`"),
    }
}

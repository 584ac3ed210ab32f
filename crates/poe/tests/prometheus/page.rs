//! A page of metrics in the text format, as far as the checks look at it.

use std::collections::{BTreeMap, BTreeSet};

/// The labels that metrics may have, and what bounds their values. A label without a bound would fill the memory of
/// whoever collects them.
const LABELS: [(&str, Bound); 11] = [
    ("result", Bound::Words(&["valid", "invalid", "init"])),
    ("reason", Bound::Words(&REASONS)),
    ("cause", Bound::Words(&["busy", "full", "io", "other"])),
    ("door", Bound::Words(&["network", "local"])),
    ("file", Bound::Words(&["state", "table"])),
    ("level", Bound::Words(&["readings", "rollups"])),
    ("class", Bound::Words(&["alarm", "supervisory", "trouble"])),
    ("state", Bound::Words(&STATES)),
    ("target", Bound::Count("the building's targets", 1)),
    ("version", Bound::Count("one program runs", 1)),
    ("le", Bound::Count("the buckets of a histogram", 15)),
];

const REASONS: [&str; 10] = [
    "opt",
    "type",
    "network",
    "address_cap",
    "connection_cap",
    "descriptors",
    "handshake",
    "followers",
    "password",
    "too_soon",
];

const STATES: [&str; 5] = [
    "unacknowledged",
    "acknowledged",
    "returned_unacknowledged",
    "latched_unacknowledged",
    "latched_acknowledged",
];

enum Bound {
    /// These and no others.
    Words(&'static [&'static str]),
    /// What it is that bounds them, and how many there are on this page.
    Count(&'static str, usize),
}

/// The families by name, and the values of every label.
pub struct Page<'a> {
    families: BTreeMap<&'a str, Family<'a>>,
    labels: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

#[derive(Default)]
struct Family<'a> {
    help: &'a str,
    kind: &'a str,
    samples: usize,
}

impl<'a> Page<'a> {
    pub fn read(text: &'a str) -> Self {
        let mut page = Self { families: BTreeMap::new(), labels: BTreeMap::new() };
        for line in text.lines() {
            if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) {
                page.families.entry(name).or_default().help = help;
            } else if let Some((name, kind)) =
                line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' '))
            {
                page.families.entry(name).or_default().kind = kind;
            } else {
                page.sample(line);
            }
        }
        page
    }

    fn sample(&mut self, line: &'a str) {
        let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("what is {line:?}?"));
        assert!(value.parse::<f64>().is_ok(), "{line}: not a number");
        let name = series.split('{').next().unwrap();
        let family = self.family(name).unwrap_or_else(|| panic!("{name} was not announced"));
        self.families.get_mut(family).unwrap().samples += 1;
        for (label, value) in selectors(series) {
            self.labels.entry(label).or_default().insert(value);
        }
    }

    /// The family that a sample belongs to: a histogram has three kinds of them.
    pub fn family(&self, sample: &str) -> Option<&'a str> {
        let name = |name: &str| self.families.get_key_value(name);
        if let Some((name, _)) = name(sample) {
            return Some(name);
        }
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| sample.strip_suffix(end))?;
        name(base).filter(|(_, family)| family.kind == "histogram").map(|(name, _)| *name)
    }

    pub fn families(&self) -> impl Iterator<Item = &'a str> {
        self.families.keys().copied()
    }

    pub fn has_label(&self, label: &str, value: &str) -> bool {
        self.labels.get(label).is_some_and(|values| values.contains(value))
    }

    /// Every family has a sentence, a type, and at least one sample.
    #[track_caller]
    pub fn check_explained(&self) {
        for (name, family) in &self.families {
            assert!(
                family.help.ends_with('.') && family.help.len() > 10,
                "{name} is not explained: {:?}",
                family.help
            );
            assert!(
                ["counter", "gauge", "histogram"].contains(&family.kind),
                "{name} is a {:?}",
                family.kind
            );
            assert!(family.samples > 0, "{name} has no samples: start the server so that it has");
            assert_eq!(name.ends_with("_total"), family.kind == "counter", "{name} is a {}", family.kind);
        }
    }

    /// Every label is bounded, by words or by something that is itself bounded.
    #[track_caller]
    pub fn check_labels(&self) {
        for (label, values) in &self.labels {
            let Some((_, bound)) = LABELS.iter().find(|(name, _)| name == label) else {
                panic!("a label {label} is new: say in LABELS what bounds its values");
            };
            match bound {
                Bound::Words(words) => {
                    let odd: Vec<_> = values.iter().filter(|value| !words.contains(value)).collect();
                    assert!(
                        odd.is_empty(),
                        "{label} has the new values {odd:?}: add them to LABELS if they are few"
                    );
                }
                Bound::Count(what, count) => assert_eq!(values.len(), *count, "{label} ({what}): {values:?}"),
            }
        }
    }
}

/// The pairs `label="value"` and `label=~"value|other"` of a query or a sample.
pub fn selectors(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("=\"")
        .zip(text.split("=\"").skip(1))
        .chain(text.split("=~\"").zip(text.split("=~\"").skip(1)))
        .filter_map(|(before, after)| {
            let label = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?;
            let value = after.split('"').next()?;
            (!label.is_empty()).then_some((label, value))
        })
}

#[test]
fn selectors_are_found_with_their_labels() {
    let found: Vec<_> = selectors(r#"a{b="c", d=~"e|f"} - g{le="1.0"}"#).collect();
    assert_eq!(found, [("b", "c"), ("le", "1.0"), ("d", "e|f")]);
}

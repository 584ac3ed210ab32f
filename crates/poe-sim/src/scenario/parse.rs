//! From the text of a story to the story, or to everything that is wrong with it.

use super::{
    Mistake, Scenario, clock, parse_deed, parse_expect,
    parse_names::{Names, kind},
    script::{Expectation, NodeSpec, Step},
};
use poe_building::Model;
use poe_wire::SensorKind;
use std::{net::IpAddr, time::Duration};

/// A node speaks so often unless the story says otherwise: as the firmware does.
const CADENCE: Duration = Duration::from_secs(2);
/// A node that spoke more often than this would be a load, and not a story.
const CADENCE_MIN: Duration = Duration::from_millis(10);
/// So many nodes in all.
const NODES_MAX: usize = 100_000;
/// Mistakes that are told. Who has mended a hundred asks again.
const MISTAKES_MAX: usize = 100;

/// Where a story has the description of its building.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BuildingText<'a> {
    /// In a file, named as the story does: beside the story.
    File {
        /// Its name.
        name: &'a str,
        /// The story's line.
        line: usize,
    },
    /// In the story. The text has empty lines before it, so that its lines have the numbers of the story's.
    Inline(&'a str),
}

/// Reads the description of a building. A story does not know the format.
pub type Loader<'a> = dyn FnMut(BuildingText<'_>) -> Result<Model, Vec<Mistake>> + 'a;

/// A line in words.
struct Line<'a> {
    number: usize,
    words: Vec<&'a str>,
}

impl Scenario {
    /// Reads a story. `load` reads the building, where the story has one.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of its lines.
    pub fn parse(text: &str, load: &mut Loader<'_>) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let (lines, inline) = lines(text, &mut mistakes);
        let mut names = Names::default();
        let mut model = None;
        let (timed, setup): (Vec<Line<'_>>, Vec<Line<'_>>) = lines
            .into_iter()
            .partition(|line| line.words[0].starts_with(|c: char| c == '+' || c.is_ascii_digit()));
        for line in setup {
            let result = match line.words[..] {
                ["building", ..] if model.is_some() => Err("a story has one building".to_owned()),
                ["building", ref rest @ ..] => {
                    let building = match (rest, &inline) {
                        ([name], _) => BuildingText::File { name, line: line.number },
                        (_, Some(inline)) => BuildingText::Inline(inline),
                        _ => BuildingText::Inline(""),
                    };
                    match load(building) {
                        Ok(read) => model = Some(read),
                        Err(wrong) => mistakes.extend(wrong),
                    }
                    model.get_or_insert_default();
                    Ok(())
                }
                ["node", ref rest @ ..] => one_node(rest, &mut names),
                ["nodes", ref rest @ ..] => many_nodes(rest, &mut names),
                [word, ..] => Err(format!(
                    "`{word}` is not understood; a line begins with building, node, nodes, or with a time like 04:30"
                )),
                [] => Ok(()),
            };
            mistakes.extend(result.err().map(|what| Mistake::new(line.number, what)));
        }
        names.model = model.clone().unwrap_or_default();
        let mut story = Story::default();
        for line in &timed {
            if let Err(what) = story.line(line, &names) {
                mistakes.push(Mistake::new(line.number, what));
            }
        }
        let mut scenario = story.told(&mut mistakes);
        if mistakes.is_empty() {
            (scenario.model, scenario.nodes) = (model, names.nodes);
            return Ok(scenario);
        }
        mistakes.sort_by_key(|mistake| mistake.line);
        mistakes.truncate(MISTAKES_MAX);
        Err(mistakes)
    }
}

/// The lines with their times.
#[derive(Default)]
struct Story {
    steps: Vec<Step>,
    expectations: Vec<Expectation>,
    /// The time of the line before.
    at: Duration,
    /// The line with the latest time of all, or whose expectation lasts longest.
    last: (usize, Duration),
    end: Option<(usize, Duration)>,
}

impl Story {
    fn line(&mut self, line: &Line<'_>, names: &Names) -> Result<(), String> {
        let (time, words) = line.words.split_first().ok_or("an empty line has no time")?;
        self.at = match time.strip_prefix('+') {
            Some(span) => self.at + clock::span(span)?,
            None => clock::time(time)?,
        };
        let mut lasts = self.at;
        match words {
            ["expect", rest @ ..] => {
                let expectation = parse_expect::expectation(rest, self.at, line.number, names)?;
                if expectation.to < Duration::MAX {
                    lasts = lasts.max(expectation.to);
                }
                self.expectations.push(expectation);
            }
            ["end"] if self.end.is_some() => return Err("a story ends once".to_owned()),
            ["end"] => self.end = Some((line.number, self.at)),
            words => {
                let deed = parse_deed::deed(words, names)?;
                self.steps.push(Step { line: line.number, at: self.at, deed });
            }
        }
        if lasts > self.last.1 {
            self.last = (line.number, lasts);
        }
        Ok(())
    }

    /// The story in the order of its times, with the end where it was said, or where nothing more is to come.
    fn told(mut self, mistakes: &mut Vec<Mistake>) -> Scenario {
        self.steps.sort_by_key(|step| step.at);
        let (last_line, last) = self.last;
        let end = self.end.map_or(last, |(_, end)| end);
        if last > end {
            let what = format!("this is after the end of the story, which is at {}", super::Clock(end));
            mistakes.push(Mistake::new(last_line, what));
        }
        for expectation in self.expectations.iter_mut().filter(|expected| expected.to == Duration::MAX) {
            expectation.to = end;
        }
        let Self { steps, expectations, .. } = self;
        Scenario { model: None, nodes: Vec::new(), steps, expectations, end }
    }
}

/// `ADDRESS [as NAME] ...`.
fn one_node(words: &[&str], names: &mut Names) -> Result<(), String> {
    let (address, options) = words.split_first().ok_or("write `node ADDRESS`")?;
    add_nodes(1, address, options, names)
}

/// `COUNT from ADDRESS [as NAME] ...`.
fn many_nodes(words: &[&str], names: &mut Names) -> Result<(), String> {
    let [count, "from", address, options @ ..] = words else {
        return Err("write `nodes COUNT from ADDRESS`, such as `nodes 40 from 10.0.0.1`".to_owned());
    };
    let left = NODES_MAX - names.nodes.len().min(NODES_MAX);
    let count = count.parse().ok().filter(|count| (1..=left).contains(count));
    add_nodes(count.ok_or_else(|| format!("a story has 1 to {NODES_MAX} nodes"))?, address, options, names)
}

fn add_nodes(count: usize, address: &str, options: &[&str], names: &mut Names) -> Result<(), String> {
    let first: IpAddr =
        address.parse().map_err(|_| format!("`{address}` is no address; write it like 10.0.0.7"))?;
    let (mut every, mut jitter, mut kinds, mut called) = (CADENCE, Duration::ZERO, Vec::new(), None);
    let mut left = options;
    while let [word, after @ ..] = left {
        let used = match (*word, after) {
            ("as", [name, ..]) => {
                called = Some(node_name(name)?);
                1
            }
            ("every", [span, ..]) => {
                every = clock::span(span)?;
                1
            }
            ("jitter", [span, ..]) => {
                jitter = clock::span(span)?;
                1
            }
            ("with", [_, ..]) => {
                kinds = after.iter().map_while(|word| kind(word)).collect();
                kinds.len()
            }
            _ => {
                return Err(format!(
                    "`{word}` is not understood; a node can have `as NAME`, `every 2s`, `jitter 200ms`, `with smoke fire`"
                ));
            }
        };
        left = &after[used..];
    }
    if every < CADENCE_MIN || jitter >= every {
        return Err("`every` is 10ms or more, and `jitter` is shorter than `every`".to_owned());
    }
    if kinds.is_empty() {
        kinds = SensorKind::ALL.to_vec();
    }
    let places = names.nodes.len()..names.nodes.len() + count;
    for offset in 0..count {
        let address = nth(first, offset).ok_or("the addresses end before the nodes do")?;
        names.nodes.push(NodeSpec { address, every, jitter, kinds: kinds.clone() });
    }
    if let Some(called) = called
        && names.called.insert(called.clone(), places.collect()).is_some()
    {
        return Err(format!("`{called}` is the name of other nodes already"));
    }
    Ok(())
}

fn nth(first: IpAddr, offset: usize) -> Option<IpAddr> {
    Some(match first {
        IpAddr::V4(first) => std::net::Ipv4Addr::from(u32::from(first).checked_add(offset as u32)?).into(),
        IpAddr::V6(first) => std::net::Ipv6Addr::from(u128::from(first).checked_add(offset as u128)?).into(),
    })
}

fn node_name(word: &str) -> Result<String, String> {
    let fits = word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let taken = ["server", "disk", "clock", "target", "switch", "place", "system", "site", "expect", "end"];
    if !fits || taken.contains(&word) {
        return Err(format!("`{word}` cannot be a node's name; use letters, digits and `-`"));
    }
    Ok(word.to_owned())
}

/// The lines that say something, without comments; and the building, if it is in the story: the indented lines below
/// `building`.
fn lines<'a>(text: &'a str, mistakes: &mut Vec<Mistake>) -> (Vec<Line<'a>>, Option<String>) {
    let mut lines = Vec::new();
    let mut inline: Option<String> = None;
    let mut in_building: Option<usize> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let indent = line.len() - line.trim_start().len();
        if let (Some(outer), Some(inline)) = (in_building, &mut inline)
            && (indent > outer || line.trim().is_empty())
        {
            inline.push_str(line);
            inline.push('\n');
            continue;
        }
        in_building = None;
        match words(line) {
            Ok(words) if words.is_empty() => {}
            Ok(words) => {
                if words == ["building"] && inline.is_none() {
                    in_building = Some(indent);
                    inline = Some("\n".repeat(number));
                }
                lines.push(Line { number, words });
            }
            Err(what) => mistakes.push(Mistake::new(number, what)),
        }
    }
    (lines, inline)
}

/// The words of a line. What is between two quotation marks is one.
fn words(line: &str) -> Result<Vec<&str>, String> {
    let mut words = Vec::new();
    let mut left = line.trim_start();
    while let Some(first) = left.chars().next() {
        if first == '#' {
            break;
        }
        let (word, rest) = match left.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or("a quotation mark is not closed")?,
            None => left.split_at(left.find(char::is_whitespace).unwrap_or(left.len())),
        };
        words.push(word);
        left = rest.trim_start();
    }
    Ok(words)
}

//! The page that the run ends in.

use std::fmt::{self, Write};

/// One figure beside its target.
pub struct Row {
    bar: &'static str,
    figure: String,
    target: String,
    verdict: Verdict,
}

enum Verdict {
    Met,
    Missed,
    Failed,
}

/// What a figure has to be.
#[derive(Clone, Copy)]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
}

impl Row {
    /// `value` is what the target speaks of, `figure` what a person reads.
    pub fn new(bar: &'static str, figure: String, value: f64, target: Target, unit: &str) -> Self {
        let (word, bound, is_met) = match target {
            Target::AtLeast(bound) => ("at least", bound, value >= bound),
            Target::AtMost(bound) => ("at most", bound, value <= bound),
        };
        let verdict = if is_met { Verdict::Met } else { Verdict::Missed };
        Self { bar, figure, target: format!("{word} {bound}{unit}"), verdict }
    }

    pub fn failed(bar: &'static str, why: &str) -> Self {
        Self { bar, figure: why.replace('|', "/"), target: String::new(), verdict: Verdict::Failed }
    }

    pub fn is_failed(&self) -> bool {
        matches!(self.verdict, Verdict::Failed)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bar, figure, target, verdict } = self;
        let verdict = match verdict {
            Verdict::Met => "met",
            Verdict::Missed => "**missed**",
            Verdict::Failed => "**not measured**",
        };
        write!(f, "| {bar} | {figure} | {target} | {verdict} |")
    }
}

/// All rows as a markdown page.
pub fn page(machine: &str, rows: &[Row]) -> String {
    let mut page = format!("{machine}\n\n| bar | measured | target | |\n| --- | --- | --- | --- |\n");
    for row in rows {
        writeln!(page, "{row}").expect("a string takes everything");
    }
    page
}

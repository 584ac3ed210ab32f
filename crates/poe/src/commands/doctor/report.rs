//! What was looked at, what was found, and what to do.

use crate::console::plain::plain;
use serde_json::{Value, json};

/// How it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// It works, and should not stay so.
    Warning,
    /// Something does not work, or will soon not.
    Problem,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Check {
    name: &'static str,
    state: State,
    found: String,
    cure: Option<String>,
}

impl Check {
    /// All is well.
    pub(super) fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, state: State::Ok, found: found.into(), cure: None }
    }

    /// It should not stay so, and this is what to do.
    pub(super) fn warning(name: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { name, state: State::Warning, found: found.into(), cure: Some(cure.into()) }
    }

    /// It cannot stay so, and this is what to do.
    pub(super) fn problem(name: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { name, state: State::Problem, found: found.into(), cure: Some(cure.into()) }
    }
}

/// Everything that was looked at.
#[derive(Debug, Default)]
pub(super) struct Report {
    checks: Vec<Check>,
}

impl Report {
    pub(super) fn add(&mut self, checks: impl IntoIterator<Item = Check>) {
        self.checks.extend(checks);
    }

    pub(super) fn count(&self, state: State) -> usize {
        self.checks.iter().filter(|check| check.state == state).count()
    }

    /// In one line.
    pub(super) fn summary(&self) -> String {
        let count = |state, one: &str, many: &str| match self.count(state) {
            1 => format!("1 {one}"),
            number => format!("{number} {many}"),
        };
        let problems = count(State::Problem, "problem", "problems");
        let warnings = count(State::Warning, "warning", "warnings");
        format!("{problems}, {warnings}, {} checks", self.checks.len())
    }

    /// For people: a line for each, and one below it that says what to do.
    pub(super) fn text(&self) -> String {
        let line = |check: &Check| {
            let Check { name, state, found, cure } = check;
            let cure =
                cure.as_ref().map(|cure| format!("{:24}do: {}\n", "", plain(cure))).unwrap_or_default();
            format!("{:8}{name:16}{}\n{cure}", state.name(), plain(found))
        };
        let lines: String = self.checks.iter().map(line).collect();
        format!("{lines}{}\n", self.summary())
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let view = |check: &Check| {
            let Check { name, state, found, cure } = check;
            json!({ "check": name, "state": state.name(), "found": found, "cure": cure })
        };
        let checks: Vec<Value> = self.checks.iter().map(view).collect();
        let (problems, warnings) = (self.count(State::Problem), self.count(State::Warning));
        json!({ "ok": problems == 0, "problems": problems, "warnings": warnings, "checks": checks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_line_for_each_with_what_to_do_below() {
        let mut report = Report::default();
        report.add([
            Check::ok("clock", "it is 2026"),
            Check::problem("certificate", "it ended \u{1b}[31myesterday", "order another"),
        ]);
        expect_test::expect![[r#"
            ok      clock           it is 2026
            problem certificate     it ended �[31myesterday
                                    do: order another
            1 problem, 0 warnings, 2 checks
        "#]]
        .assert_eq(&report.text());
        assert_eq!(report.json()["checks"][1]["cure"], "order another");
        assert_eq!(report.json()["ok"], false);
    }
}

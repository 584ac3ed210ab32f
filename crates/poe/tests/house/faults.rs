//! `docs/faults.md` names the tests of each promise. A name there that is no test would be a promise that nobody keeps.

use crate::source::{none, read, root, rust};
use std::collections::HashSet;

#[test]
fn every_test_that_the_faults_page_names_exists() {
    let page = read(&root().join("docs/faults.md"));
    let tests: HashSet<String> = rust("crates").iter().flat_map(|source| tests_in(&source.code)).collect();
    let named = tests_named(&page);
    assert!(!named.is_empty(), "docs/faults.md: no table has a column whose title tells of tests");
    let missing: Vec<String> = named
        .into_iter()
        .filter(|(_, name)| !tests.contains(name))
        .map(|(line, name)| format!("docs/faults.md:{line}: there is no test `{name}`"))
        .collect();
    none(&missing);
}

/// The names in backticks, each with its line, in every table's columns whose title tells of tests. A path such as
/// `alarms::smoke_rises` counts by its last part.
fn tests_named(page: &str) -> Vec<(usize, String)> {
    let mut named = Vec::new();
    let mut columns: Option<Vec<bool>> = None;
    for (number, line) in (1..).zip(page.lines()) {
        let Some(row) = line.trim().strip_prefix('|') else {
            columns = None;
            continue;
        };
        let cells = row.split('|');
        match &columns {
            None => columns = Some(cells.map(|title| title.to_lowercase().contains("test")).collect()),
            Some(columns) => {
                let of_tests = cells.zip(columns).filter(|(_, tells)| **tells).map(|(cell, _)| cell);
                // What a split leaves at odd places stood between backticks.
                let quoted = of_tests.flat_map(|cell| cell.split('`').skip(1).step_by(2));
                named
                    .extend(quoted.map(|path| (number, path.rsplit("::").next().unwrap_or(path).to_owned())));
            }
        }
    }
    named
}

/// The functions that stand below a `#[test]`, with other attributes between them or not.
fn tests_in(code: &str) -> Vec<String> {
    let mut tests = Vec::new();
    let mut marked = false;
    for line in code.lines().map(str::trim) {
        if line.starts_with("#[") {
            marked |= line.starts_with("#[test]") || line.contains("::test");
        } else if let Some(rest) = line.strip_prefix("fn ").or_else(|| line.strip_prefix("async fn ")) {
            if marked {
                tests.extend(rest.split(['(', '<']).next().map(str::to_owned));
            }
            marked = false;
        } else if !line.is_empty() {
            // An attribute may go on over several lines; anything else ends it.
            marked &= !line.ends_with(['{', '}', ';']);
        }
    }
    tests
}

#[test]
fn a_table_names_its_tests_in_one_column() {
    let page = "| fault `x` | tests |\n| --- | --- |\n| cut `at` | `wire::every_cut`, `half` |\n\n| a | b |\n|---|---|\n| `c` | `d` |";
    assert_eq!(tests_named(page), [(3, "every_cut".to_owned()), (3, "half".to_owned())]);
}

#[test]
fn a_test_is_known_by_its_mark() {
    let code =
        "#[test]\n#[ignore]\nfn one() {\n}\nfn helper() {\n}\n    #[test]\n\n    fn two(a in 0..9) {\n";
    assert_eq!(tests_in(code), ["one", "two"]);
}

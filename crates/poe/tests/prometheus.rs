//! What Prometheus gets and what it makes of it: the page of metrics, the rules of alerts and the dashboard.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

#[path = "prometheus/page.rs"]
mod page;
mod support;

use page::Page;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use support::{Server, ground::has_program, poe};
use tempfile::NamedTempFile;

/// Series that Prometheus makes itself.
const OF_PROMETHEUS: [&str; 2] = ["up", "ALERTS"];

/// A building with a target, for its metrics are there only then. Nobody is at that address.
const BUILDING: &str = r#"
    [[target]]
    name = "desk"
    webhook = { url = "http://127.0.0.1:1/", format = "json" }
"#;

fn deploy(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(file)
}

fn rules() -> String {
    fs::read_to_string(deploy("prometheus/poe-alerts.yml")).unwrap()
}

fn dashboard() -> Value {
    serde_json::from_str(&fs::read_to_string(deploy("grafana/poe.json")).unwrap()).unwrap()
}

/// A server that has every metric there is.
fn server() -> Server {
    let server = Server::start(&[]);
    let file = server.setup().scratch().join("building.toml");
    fs::write(&file, BUILDING).unwrap();
    let folder = server.setup().data_path();
    let imported = poe([
        "building".as_ref(),
        "import".as_ref(),
        file.as_os_str(),
        "--data-dir".as_ref(),
        folder.as_os_str(),
    ]);
    assert!(imported.status.success(), "{}", imported.stderr);
    server.wait_for(|server| server.http_get("/metrics").1.contains("target=\"desk\""), support::PATIENCE);
    server
}

#[track_caller]
fn promtool(arguments: &[&str], stdin: Option<&Path>, folder: &Path) {
    let stdin = stdin.map_or_else(Stdio::null, |path| File::open(path).unwrap().into());
    let output = Command::new("promtool").args(arguments).current_dir(folder).stdin(stdin).output().unwrap();
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
    assert!(output.status.success(), "promtool {arguments:?}\n{said}");
}

/// Every `"expr"` of the dashboard, wherever it stands.
fn expressions(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("expr").and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(fields.values().flat_map(expressions)).collect()
        }
        Value::Array(values) => values.iter().flat_map(expressions).collect(),
        _ => Vec::new(),
    }
}

/// The names of metrics that a text holds: ours, and those that every process has.
fn metrics_in(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '$');
    words.filter(|word| word.starts_with("poe_") || word.starts_with("process_")).collect()
}

/// The lines of the rules without what is said to people.
fn conditions(rules: &str) -> String {
    let said = ["# ", "summary:", "description:", "severity:"];
    rules
        .lines()
        .filter(|line| !said.iter().any(|word| line.trim_start().starts_with(word)))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_rules_tell_good_days_from_bad_ones() {
    if !has_program("the_rules_tell_good_days_from_bad_ones", "promtool") {
        return;
    }
    let folder = deploy("prometheus");
    promtool(&["check", "config", "prometheus.yml"], None, &folder);
    promtool(&["check", "rules", "poe-alerts.yml"], None, &folder);
    promtool(&["test", "rules", "poe-alerts.test.yml"], None, &folder);
}

#[test]
fn every_rule_says_how_grave_it_is_and_what_to_do_and_is_tried() {
    let (rules, tried) = (rules(), fs::read_to_string(deploy("prometheus/poe-alerts.test.yml")).unwrap());
    let alerts: Vec<&str> = rules.split("- alert: ").skip(1).collect();
    assert!(alerts.len() >= 30, "only {} rules", alerts.len());
    for alert in alerts {
        let name = alert.lines().next().unwrap();
        for part in ["expr:", "severity:", "summary:", "description:"] {
            assert_eq!(alert.matches(&format!(" {part} ")).count(), 1, "{name}: {part}");
        }
        let severity = alert.split("severity: ").nth(1).and_then(|rest| rest.lines().next());
        assert!(
            severity.is_some_and(|word| ["critical", "warning", "info"].contains(&word)),
            "{name}: {severity:?}"
        );
        assert!(
            alert.contains("$labels.instance") || alert.contains("absent("),
            "{name} does not say which server"
        );
        assert!(tried.contains(&format!("alertname=\"{name}\"")), "{name} is not in poe-alerts.test.yml");
    }
}

#[test]
fn every_metric_is_explained_and_has_few_labels() {
    let server = server();
    let text = server.http_get("/metrics").1;
    let page = Page::read(&text);
    page.check_explained();
    page.check_labels();
    if has_program("every_metric_is_explained_and_has_few_labels", "promtool") {
        let file = NamedTempFile::new().unwrap();
        fs::write(file.path(), &text).unwrap();
        promtool(&["check", "metrics"], Some(file.path()), &deploy("."));
    }
}

#[test]
fn rules_and_dashboard_know_the_metrics_that_there_are_and_no_others() {
    let server = server();
    let text = server.http_get("/metrics").1;
    let page = Page::read(&text);
    let (rules, dashboard) = (rules(), fs::read_to_string(deploy("grafana/poe.json")).unwrap());
    let mut used = BTreeSet::new();
    for (file, text) in [("poe-alerts.yml", &rules), ("poe.json", &dashboard)] {
        for name in metrics_in(text) {
            let family = page.family(name);
            used.insert(family.unwrap_or_else(|| panic!("{file}: no metric is called {name}")));
        }
    }
    for family in page.families() {
        assert!(
            used.contains(family),
            "{family} is neither watched by a rule nor on the dashboard: give it a panel in deploy/grafana/poe.json"
        );
    }
    // A label that is asked for and never there would be a rule that never fires.
    for (file, text) in
        [("poe-alerts.yml", conditions(&rules)), ("poe.json", expressions(&self::dashboard()).join("\n"))]
    {
        for (label, value) in page::selectors(&text) {
            let ours = !["job", "instance", "alertname", "alertstate", "severity"].contains(&label);
            let values = value.split('|').filter(|_| ours);
            for value in values {
                assert!(page.has_label(label, value), "{file}: no metric has {label}=\"{value}\"");
            }
        }
    }
}

#[test]
fn the_dashboard_asks_what_prometheus_understands() {
    let dashboard = dashboard();
    let asked = expressions(&dashboard);
    assert!(asked.len() >= 40, "only {} queries", asked.len());
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "two panels have one id");
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        let title = panel["title"].as_str().unwrap();
        assert!(
            panel["description"].as_str().is_some_and(|text| text.len() > 10),
            "{title} is not explained"
        );
        let sources = panel["targets"].as_array().unwrap().iter().map(|target| &target["datasource"]["uid"]);
        assert!(sources.chain([&panel["datasource"]["uid"]]).all(|uid| uid == "${datasource}"), "{title}");
    }
    for expression in &asked {
        let of_prometheus = OF_PROMETHEUS.iter().any(|series| expression.contains(series));
        assert!(of_prometheus || !metrics_in(expression).is_empty(), "{expression} asks for nothing");
    }
    if !has_program("the_dashboard_asks_what_prometheus_understands", "promtool") {
        return;
    }
    // Grafana fills in its variables; what comes then has to be a query.
    let rule = |(number, expression): (usize, &String)| {
        let filled = expression.replace("$__rate_interval", "1m").replace("$instance", ".*");
        format!("      - record: query:{number}\n        expr: {}\n", serde_json::to_string(&filled).unwrap())
    };
    let rules: String = asked.iter().enumerate().map(rule).collect();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("queries.yml"), format!("groups:\n  - name: queries\n    rules:\n{rules}"))
        .unwrap();
    promtool(&["check", "rules", "queries.yml"], None, folder.path());
}

//! The contract: what it promises is complete, and the copy in git is what the program serves.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic, its helpers too")]

use std::collections::BTreeSet;

use serde_json::{Map, Value};

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

fn document() -> Value {
    poe_api::document()
}

/// Every operation: its method and path, and what the contract says of it.
fn operations(document: &Value) -> Vec<(String, &Map<String, Value>)> {
    let paths = document["paths"].as_object().unwrap();
    let mut all = Vec::new();
    for (path, item) in paths {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                all.push((format!("{method} {path}"), operation.as_object().unwrap()));
            }
        }
    }
    assert!(all.len() > 30, "the contract has lost its operations: {}", all.len());
    all
}

/// Looks at every value in the document, with the way to it.
fn each(value: &Value, way: &str, look: &mut impl FnMut(&str, &Value)) {
    look(way, value);
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, inner)| each(inner, &format!("{way}/{name}"), look));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, inner)| each(inner, &format!("{way}/{at}"), look));
        }
        _ => {}
    }
}

#[test]
fn the_copy_in_git_is_what_the_program_serves() {
    let printed = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    // `UPDATE_EXPECT=1 cargo test -p poe-api --test contract` brings it up to date.
    expect_test::expect_file!["../../../docs/openapi.json"].assert_eq(&printed);
}

#[test]
fn every_operation_says_what_it_is() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        let id = operation.get("operationId").and_then(Value::as_str);
        let id = id.unwrap_or_else(|| panic!("{name} has no operationId"));
        assert!(ids.insert(id), "{name}: {id} is the id of another operation, too");
        let tags = operation.get("tags").and_then(Value::as_array);
        assert_eq!(tags.map(Vec::len), Some(1), "{name} has one tag");
        let summary = operation.get("summary").and_then(Value::as_str);
        assert!(summary.is_some_and(|summary| !summary.is_empty()), "{name} has no summary");
    }
}

#[test]
fn a_parameter_that_is_not_there_is_refused_as_the_contract_says() {
    let document = document();
    for (name, operation) in operations(&document).iter().filter(|(name, _)| name.contains(" /api/v1/")) {
        assert!(operation["responses"]["422"].is_object(), "{name} does not say what becomes of `?x=1`");
    }
}

#[test]
fn every_operation_says_how_it_answers() {
    let document = document();
    for (name, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap();
        assert!(!responses.contains_key("default"), "{name} answers with anything");
        let begins = |digit: char| responses.keys().any(|status| status.starts_with(digit));
        assert!(begins('2'), "{name} never succeeds");
        assert!(begins('4'), "{name} never refuses");
        for (status, response) in responses {
            let described = response["description"].as_str();
            assert!(described.is_some_and(|text| !text.is_empty()), "{name} {status} is not described");
            if status.starts_with('4') {
                let is_problem = response["content"]["application/problem+json"].is_object();
                assert!(is_problem, "{name} {status} is no problem");
            }
        }
        let is_open = operation
            .get("security")
            .and_then(Value::as_array)
            .is_some_and(|ways| ways.iter().any(|way| way.as_object().is_some_and(Map::is_empty)));
        let role = operation.get("x-role").and_then(Value::as_str);
        let roles = ["viewer", "operator", "engineer", "admin"];
        assert_eq!(is_open, role.is_none(), "{name} is open, or has a role");
        assert!(role.is_none_or(|role| roles.contains(&role)), "{name}: {role:?}");
        if role.is_some() {
            for status in ["401", "404"] {
                assert!(responses.contains_key(status), "{name} does not tell of {status}");
            }
        }
    }
}

#[test]
fn only_these_are_open_to_everybody() {
    let document = document();
    let open: Vec<_> = operations(&document)
        .into_iter()
        .filter(|(_, operation)| !operation.contains_key("x-role"))
        .map(|(name, _)| name)
        .collect();
    let expected = [
        "get /api/v1/login",
        "get /api/v1/setup",
        "get /healthz",
        "get /readyz",
        "post /api/v1/login",
        "post /api/v1/setup",
    ];
    assert_eq!(open.into_iter().collect::<BTreeSet<_>>(), expected.map(str::to_owned).into());
}

#[test]
fn a_command_may_be_sent_again_unless_it_holds_secrets_or_is_large() {
    let document = document();
    let keeps_nothing: BTreeSet<_> = operations(&document)
        .into_iter()
        .filter(|(name, operation)| {
            let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
            name.starts_with("post ") && !parameters.into_iter().any(|it| it["name"] == "Idempotency-Key")
        })
        .map(|(name, _)| name)
        .collect();
    // The body of an import is larger than what could be compared.
    let secret_or_large = ["import", "login", "logout", "password", "setup", "tokens", "users"];
    assert_eq!(keeps_nothing, secret_or_large.map(|path| format!("post /api/v1/{path}")).into());
}

#[test]
fn no_object_is_free_in_form() {
    let document = document();
    each(&document, "", &mut |way, value| {
        let Some(schema) = value.as_object() else { return };
        assert!(schema.get("additionalProperties") != Some(&Value::Bool(true)), "{way} takes anything");
        if schema.get("type").and_then(Value::as_str) == Some("object") {
            assert!(schema.contains_key("properties"), "{way} is an object of any form");
        }
    });
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    each(&document, "", &mut |way, value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let target = reference.strip_prefix('#').unwrap_or_else(|| panic!("{way}: {reference}"));
            assert!(document.pointer(target).is_some(), "{way} refers to {reference}, which is nowhere");
        }
    });
}

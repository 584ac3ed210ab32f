//! The contract is kept: a generator of requests that knows nothing but the contract finds no operation of the real server
//! that answers what it does not promise.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod support;

use serde_json::{Value, json};
use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Mutex,
};
use support::{Server, Setup, ground::skip};

/// Its version is fixed, so that a new one with new ideas is a change of its own.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";
const VALIDATOR: &str = "openapi-spec-validator==0.7.2";

/// What is promised. Which of the unfit requests are refused is for the tests of each operation.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";

const BUILDING: &str = r#"
site = { name = "campus" }
place = [
    { name = "house", kind = "building" },
    { name = "kitchen", kind = "zone", within = "house" },
]
node = [{ address = "127.0.0.1", name = "stove", place = "kitchen" }]
target = [{ name = "siren", command = { run = ["/bin/true"] } }]
"#;

/// A Python with what the tests of the contract need, or nothing: then the test is told as skipped, but where everything has to
/// be tried it fails.
fn python(test: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("contract-python");
    let (python, done) = (folder.join("bin/python"), folder.join(SCHEMATHESIS));
    // The tests run side by side, and none may use what another is just making.
    static MAKING: Mutex<()> = Mutex::new(());
    let making = MAKING.lock().unwrap();
    if !done.exists() {
        let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder).output().unwrap();
        let install = || {
            let mut pip = Command::new(&python);
            pip.args(["-m", "pip", "install", "--quiet", SCHEMATHESIS, VALIDATOR]).output().unwrap()
        };
        if !(made.status.success() && install().status.success()) {
            drop(making);
            assert!(env::var_os("CI").is_none(), "no Python with {SCHEMATHESIS} can be made");
            skip(test, "needs python3-venv and the Python package index");
            return None;
        }
        fs::write(done, "").unwrap();
    }
    Some(python)
}

/// A server with something in it, and a token of an administrator.
fn open() -> (Server, String) {
    let server = Setup::new().start();
    let file = server.setup().scratch().join("building.toml");
    fs::write(&file, BUILDING).unwrap();
    let data = server.setup().data_path().to_str().unwrap().to_owned();
    let imported = support::poe(["building", "import", file.to_str().unwrap(), "--data-dir", &data]);
    assert!(imported.status.success(), "{imported:?}");
    let mut node = std::net::TcpStream::connect(server.tcp()).unwrap();
    node.write_all(&[1, 7, 0, 0, 1, 3, 3, 40]).unwrap();
    server.wait_for(|server| server.table().len() == 2, support::PATIENCE);
    let client = poe_api::client::Client::local(server.setup().data_path().join("poe.sock"));
    let token = client.post("/api/v1/tokens", Some(&json!({"name": "contract", "role": "admin"}))).unwrap();
    (server, token["token"].as_str().unwrap().to_owned())
}

#[test]
fn the_contract_is_one() {
    let Some(python) = python("the_contract_is_one") else { return };
    let contract = tempfile::NamedTempFile::new().unwrap();
    serde_json::to_writer(&contract, &poe_api::document()).unwrap();
    let checked =
        Command::new(python).args(["-m", "openapi_spec_validator"]).arg(contract.path()).output().unwrap();
    assert!(checked.status.success(), "{}", said(&checked));
}

#[test]
fn no_operation_breaks_the_contract() {
    let Some(python) = python("no_operation_breaks_the_contract") else { return };
    let (server, token) = open();
    let id = token.split('_').nth(1).unwrap();
    let examples = env::var("POE_CONTRACT_EXAMPLES").unwrap_or_else(|_| "12".to_owned());
    let folder = server.setup().scratch();
    let contract = folder.join("openapi.json");
    fs::write(&contract, poe_api::document().to_string()).unwrap();
    let tested = Command::new(python.with_file_name("st"))
        .current_dir(folder)
        .env("SCHEMATHESIS_HOOKS", Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/hooks.py"))
        .env("POE_TOKEN_ID", id)
        .arg("run")
        .arg(&contract)
        .args(["--url", &format!("http://{}", server.http())])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--phases", "examples,coverage,fuzzing,stateful", "--max-examples", &examples])
        .args(["--checks", CHECKS])
        .args([
            "--workers",
            "2",
            "--seed",
            "7",
            "--continue-on-failure",
            "--request-timeout",
            "15",
            "--no-color",
        ])
        .output()
        .unwrap();
    assert!(tested.status.success(), "{}", said(&tested));
    let (status, health) = server.local_get("/readyz");
    assert_eq!(status, 200, "{health}");
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// No default response, no object of which anything could be, and what everyone needs to know of each operation.
#[test]
fn the_contract_leaves_nothing_open() {
    let contract = poe_api::document();
    let mut operations = 0;
    for (path, item) in contract["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            assert!(!responses.contains_key("default"), "{method} {path}");
            assert!(responses.keys().any(|status| status.starts_with('4')), "{method} {path}");
            operations += 1;
        }
    }
    assert!(operations > 30, "{operations}");
    check_objects("", &contract["components"]["schemas"]);
    check_objects("", &contract["paths"]);
}

fn check_objects(at: &str, part: &Value) {
    match part {
        Value::Object(fields) => {
            if fields.get("type").is_some_and(|kind| kind == "object" || kind == &json!(["object", "null"])) {
                let is_told =
                    ["properties", "allOf", "oneOf"].iter().any(|known| fields.contains_key(*known));
                let is_empty = fields.get("additionalProperties") == Some(&Value::Bool(false));
                assert!(is_told || is_empty, "{at} may hold anything");
                assert_ne!(fields.get("additionalProperties"), Some(&Value::Bool(true)), "{at}");
            }
            fields.iter().for_each(|(name, field)| check_objects(&format!("{at}/{name}"), field));
        }
        Value::Array(items) => items.iter().for_each(|item| check_objects(at, item)),
        _ => {}
    }
}

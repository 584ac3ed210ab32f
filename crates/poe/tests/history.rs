//! The history of a real server: what nodes send is told by the API, exported, imported, and read by commands.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod support;

use poe_api::client::{Access, Client, Token};
use serde_json::{Value, json};
use std::{fs, io::Write, net::TcpStream, path::Path, time::Duration};
use support::{PATIENCE, Server, Setup, connect_from, poe};

const BUILDING: &str = r#"
site = { name = "campus" }
place = [
    { name = "house", kind = "building" },
    { name = "kitchen", kind = "zone", within = "house" },
]
node = [{ address = "127.0.0.1", name = "stove", place = "kitchen" }]
"#;

/// 2025-03-01T12:00:00Z.
const MARCH_MS: u64 = 1_740_830_400_000;

fn client(server: &Server) -> Client {
    Client::local(server.setup().data_path().join("poe.sock"))
}

fn get(server: &Server, path: &str) -> Value {
    client(server).get(&format!("/api/v1/{path}")).unwrap()
}

/// Humidity at sensor 3: these values.
fn send(node: &mut TcpStream, values: impl IntoIterator<Item = u8>) {
    let frames: Vec<u8> = values.into_iter().flat_map(|value| [1, 3, 3, value]).collect();
    node.write_all(&frames).unwrap();
}

fn values(server: &Server, sensor: &str) -> Vec<u64> {
    let told = get(server, &format!("history/{sensor}?limit=100000"));
    told["items"].as_array().unwrap().iter().map(|item| item["value"].as_u64().unwrap()).collect()
}

/// What a command prints about this server.
#[track_caller]
fn told(server: &Server, arguments: &[&str]) -> String {
    let data = server.setup().data_path().to_str().unwrap();
    let output = poe(arguments.iter().chain(&["--data-dir", data]));
    assert!(output.status.success(), "{arguments:?} {output:?}");
    output.stdout
}

#[test]
fn every_reading_is_told_and_survives_a_kill() {
    let mut server = Setup::new().start();
    let mut node = TcpStream::connect(server.tcp()).unwrap();
    let sent: Vec<u8> = (0..5_000_u32).map(|at| (at % 75) as u8).collect();
    send(&mut node, sent.iter().copied());
    server.wait_for(|server| values(server, "127.0.0.1_3").len() == sent.len(), PATIENCE);
    let expected: Vec<u64> = sent.iter().map(|value| u64::from(*value)).collect();
    assert_eq!(values(&server, "127.0.0.1_3"), expected);
    let buckets = get(&server, "history/127.0.0.1_3?step=1h");
    let count: u64 =
        buckets["items"].as_array().unwrap().iter().map(|item| item["count"].as_u64().unwrap()).sum();
    assert_eq!(count, 5_000);
    server.kill();
    let server = server.setup().start();
    assert_eq!(values(&server, "127.0.0.1_3"), expected);
    let table = told(&server, &["history", "127.0.0.1_3"]);
    assert!(table.contains("with readings"), "{table}");
    let list = told(&server, &["history", "127.0.0.1_3", "--readings", "--json"]);
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!((list["items"].as_array().unwrap().len(), &list["next"]), (5_000, &Value::Null));
    assert!(list["items"].as_array().unwrap().iter().all(|item| item["kind"] == "HUMIDITY"));
    let none = told(&server, &["history", "127.0.0.1_4", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&none).unwrap(), json!({ "items": [], "next": null }));
    let whole = told(&server, &["history", "verify"]);
    assert!(whole.ends_with("history: whole\n"), "{whole}");
}

#[test]
fn what_is_exported_can_be_imported_elsewhere() {
    let server = Server::start(&[]);
    send(&mut TcpStream::connect(server.tcp()).unwrap(), 0..70);
    server.wait_for(|server| values(server, "127.0.0.1_3").len() == 70, PATIENCE);
    let scratch = server.setup().scratch();
    let file = scratch.join("all.csv");
    let said = told(&server, &["export", "-o", file.to_str().unwrap()]);
    assert!(said.contains("bytes"), "{said}");
    let csv = fs::read_to_string(&file).unwrap();
    assert_eq!(csv.lines().count(), 71, "{csv}");
    assert_eq!(told(&server, &["export"]), csv);
    let list: Value = serde_json::from_str(&told(&server, &["export", "--json"])).unwrap();
    assert_eq!((list["items"].as_array().unwrap().len(), &list["next"]), (70, &Value::Null));
    assert_eq!((&list["items"][7]["sensor"], &list["items"][7]["value"]), (&json!(3), &json!(7)));
    let again = told(&server, &["export", "--force", "--json", "-o", file.to_str().unwrap()]);
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(again, json!({ "file": file.to_str().unwrap(), "bytes": csv.len() }));
    let parquet = scratch.join("all.parquet");
    told(&server, &["export", "-o", parquet.to_str().unwrap()]);
    let bytes = fs::read(&parquet).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));

    let other = Server::start(&[]);
    let said = told(&other, &["import", file.to_str().unwrap()]);
    assert!(said.starts_with("70 readings of 1 sensors"), "{said}");
    assert_eq!(told(&other, &["export"]), csv);
    let text = &get(&other, "events?kind=history.imported")["items"][0]["text"];
    assert!(text.as_str().unwrap().contains("70 readings"), "{text}");
}

fn table(path: &Path) {
    let file = rusqlite::Connection::open(path).unwrap();
    file.execute_batch(
        "CREATE TABLE sensors (ip_id TEXT PRIMARY KEY NOT NULL, sensor TEXT NOT NULL, value INTEGER NOT NULL, time REAL NOT NULL);
         INSERT INTO sensors VALUES ('10.0.0.5_1', 'HUMIDITY', 41, 1740830400.25), ('10.0.0.5_2', 'SMOKE', 7, 1740830401.5)",
    )
    .unwrap();
}

#[test]
fn a_table_and_records_are_imported_while_it_runs_and_after_it_was_stopped() {
    let mut server = Server::start(&[]);
    let scratch = server.setup().scratch().to_owned();
    let (file, records) = (scratch.join("old.db"), scratch.join("readings.bin"));
    table(&file);
    let said = told(&server, &["import", file.to_str().unwrap()]);
    assert!(said.starts_with("2 readings of 2 sensors, 2025-03-01T12:00:00.250Z"), "{said}");
    let range = format!("from={MARCH_MS}&to={}", MARCH_MS + 60_000);
    let smoke =
        json!([{ "time": "2025-03-01T12:00:01.500Z", "value": 7, "kind": "SMOKE", "status": "normal" }]);
    assert_eq!(get(&server, &format!("history/10.0.0.5_2?{range}"))["items"], smoke);

    let record = |sensor: u32, time: u64, value: u8| {
        [&sensor.to_le_bytes()[..], &time.to_le_bytes()[..], &[value]].concat()
    };
    fs::write(&records, [record(0, MARCH_MS, 20), record(3, MARCH_MS + 380, 40)].concat()).unwrap();
    assert!(server.stop().success());
    let said = told(
        &server,
        &["import", records.to_str().unwrap(), "--first-node", "10.1.0.1", "--kinds", "TEMPERATURE,HUMIDITY"],
    );
    assert!(said.starts_with("2 readings of 2 sensors"), "{said}");
    let server = server.setup().start();
    let humidity =
        json!([{ "time": "2025-03-01T12:00:00.380Z", "value": 40, "kind": "HUMIDITY", "status": "normal" }]);
    assert_eq!(get(&server, &format!("history/10.1.0.2_1?{range}"))["items"], humidity);
    assert_eq!(get(&server, "events?kind=history.imported")["items"].as_array().unwrap().len(), 2);
}

/// A table whose last row is only in the log beside it, as a program leaves it that was killed.
#[test]
fn a_table_with_a_log_left_over_is_imported_whole_and_stays_as_it_is() {
    let mut server = Server::start(&[]);
    let scratch = server.setup().scratch().to_owned();
    let (live, left) = (scratch.join("live.db"), scratch.join("left.db"));
    table(&live);
    let program = rusqlite::Connection::open(&live).unwrap();
    program
        .execute_batch(
            "PRAGMA journal_mode = WAL; INSERT INTO sensors VALUES ('10.0.0.5_3', 'HUMIDITY', 42, 1740830402.0)",
        )
        .unwrap();
    fs::copy(&live, &left).unwrap();
    fs::copy(scratch.join("live.db-wal"), scratch.join("left.db-wal")).unwrap();
    let log = fs::read(scratch.join("left.db-wal")).unwrap();
    let said = told(&server, &["import", left.to_str().unwrap()]);
    assert!(said.starts_with("3 readings of 3 sensors"), "{said}");
    assert!(server.stop().success());
    let said = told(&server, &["import", "--again", left.to_str().unwrap()]);
    assert!(said.starts_with("3 readings of 3 sensors"), "{said}");
    assert_eq!(fs::read(scratch.join("left.db-wal")).unwrap(), log);
    assert!(!scratch.join("left.db-shm").exists());
}

/// The log's folder is lost before the first reading, and stays away.
#[test]
fn readings_that_could_not_be_kept_until_the_end_are_a_gap_in_the_journal() {
    let mut server = Setup::new().start();
    let batches = server.setup().data_path().join("batches");
    fs::remove_dir_all(&batches).unwrap();
    fs::write(&batches, "").unwrap();
    send(&mut TcpStream::connect(server.tcp()).unwrap(), 0..70);
    server.wait_for(|server| server.metric("poe_history_failing") == 1.0, PATIENCE);
    assert!(server.stop().success(), "{}", server.stderr());
    fs::remove_file(&batches).unwrap();
    let server = server.setup().start();
    let gaps = get(&server, "events?kind=history.gap");
    let gaps = gaps["items"].as_array().unwrap();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    let text = gaps[0]["text"].as_str().unwrap();
    assert!(text.starts_with("70 readings between ") && text.contains("when the server stopped"), "{text}");
    assert_eq!(values(&server, "127.0.0.1_3"), [0; 0]);
    let sound = told(&server, &["verify"]);
    assert!(sound.ends_with("entries, whole\n"), "{sound}");
}

#[test]
fn an_account_for_a_building_is_told_of_its_sensors_alone() {
    let server = Server::start(&[]);
    let file = server.setup().scratch().join("building.toml");
    fs::write(&file, BUILDING).unwrap();
    told(&server, &["building", "import", file.to_str().unwrap()]);
    let mut nodes = [connect_from([127, 0, 0, 1], server.tcp()), connect_from([127, 0, 0, 2], server.tcp())];
    nodes.iter_mut().for_each(|node| send(node, [40, 41]));
    let counts = |server: &Server| ["127.0.0.1_3", "127.0.0.2_3"].map(|sensor| values(server, sensor).len());
    server.wait_for(|server| counts(server) == [2, 2] && server.table().len() == 2, PATIENCE);
    let fields = json!({ "name": "guard", "role": "viewer", "buildings": ["house"] });
    let token = client(&server).post("/api/v1/tokens", Some(&fields)).unwrap();
    let access = Access { token: Token::new(token["token"].as_str().unwrap()), ..Access::default() };
    let guard = Client::remote(&format!("http://{}", server.http()), access).unwrap();
    assert_eq!(guard.get("/api/v1/history/127.0.0.1_3").unwrap()["items"].as_array().unwrap().len(), 2);
    let hidden = |sensor: &str| guard.get(&format!("/api/v1/history/{sensor}")).unwrap_err().to_string();
    assert_eq!(hidden("127.0.0.2_3"), hidden("127.0.0.77_3"));
    let export = guard.download("/api/v1/export", Duration::from_secs(10)).unwrap();
    let export: Vec<u8> = export.flat_map(|piece| piece.unwrap().to_vec()).collect();
    let export = String::from_utf8(export).unwrap();
    assert_eq!((export.lines().count(), export.contains("127.0.0.2")), (3, false), "{export}");
}

#[test]
fn a_server_that_keeps_none_says_so() {
    let server = Setup::new().arg("--history=false").start();
    send(&mut TcpStream::connect(server.tcp()).unwrap(), [40]);
    server.wait_for(|server| server.table().len() == 1, PATIENCE);
    let refused = client(&server).get("/api/v1/history/127.0.0.1_3").unwrap_err().to_string();
    assert!(refused.contains("keeps no history"), "{refused}");
}

#[test]
fn a_folder_with_nothing_in_it_is_not_called_whole() {
    let folder = tempfile::tempdir().unwrap();
    for data in [folder.path().to_owned(), folder.path().join("mistyped")] {
        let output = poe(["history", "verify", "--data-dir", data.to_str().unwrap()]);
        assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
        assert!(output.stderr.contains("neither a state.db nor a history"), "{output:?}");
    }
}

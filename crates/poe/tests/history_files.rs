//! Other programs read the files of the history: DuckDB, Polars and pandas find in them what the server tells, and the
//! examples of the pages do what they say.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod support;

#[path = "history/past.rs"]
#[allow(dead_code, reason = "shared with the tests of damage")]
mod past;
#[path = "history/python.rs"]
mod python;

use past::{BEGIN_MS, DATES, END_MS, HOUR_MS, Past, Question, Seeded, Sum};
use poe_api::client::Client;
use serde_json::{Value, json};
use std::{
    fs,
    io::Write,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use support::{PATIENCE, Server, Setup, connect_from, poe};

/// By which what was said is the same every time, and so are the questions about it.
const SEED: u64 = 20_250_226;
/// How many questions are asked.
const QUESTIONS: usize = 100;
/// What the nodes of today say, each sensor once in each round.
const ROUNDS: u8 = 20;

/// A server that was given five days of the past, and has heard of some nodes since.
struct Building {
    server: Server,
    client: Client,
    past: Past,
    python: PathBuf,
}

impl Building {
    fn open(test: &str) -> Option<Self> {
        let python = python::python(test)?;
        let server = Setup::new().start();
        let past = Past::new(SEED);
        let client = Client::local(server.setup().data_path().join("poe.sock"));
        import(&server, &past);
        let nodes: [Ipv4Addr; 3] = [1, 2, 3].map(|last| Ipv4Addr::new(127, 0, 14, last));
        for node in nodes {
            let mut stream = connect_from(node, server.tcp());
            for value in 0..ROUNDS {
                stream.write_all(&[1, 0, 5, value, 1, 1, 3, value]).unwrap();
            }
        }
        let readings = 3.0 * 2.0 * f64::from(ROUNDS);
        server.wait_for(|server| server.metric("poe_history_readings_total") >= readings, PATIENCE);
        Some(Self { server, client, past, python })
    }

    /// Asks the other programs; see `files.py`.
    #[track_caller]
    fn other_programs(&self, folder: &Path, what: &str, about: &Value) -> Value {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/history/files.py");
        let mut running = Command::new(&self.python)
            .arg(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let question = json!({"folder": folder, what: about});
        serde_json::to_writer(running.stdin.take().unwrap(), &question).unwrap();
        let output = running.wait_with_output().unwrap();
        assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
        let answer = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(answer.lines().last().unwrap()).unwrap()
    }

    fn data(&self) -> &Path {
        self.server.setup().data_path()
    }
}

/// Gives the server the past in two parts, which lie in the same days.
#[track_caller]
fn import(server: &Server, past: &Past) {
    let data = server.setup().data_path().to_str().unwrap();
    for (at, said) in past.halves().into_iter().enumerate() {
        let file = server.setup().scratch().join(format!("past-{at}.csv"));
        said.write_csv(&file);
        let done = poe(["import", file.to_str().unwrap(), "--data-dir", data]);
        assert!(done.status.success(), "{done:?}");
    }
}

#[test]
fn duckdb_polars_and_pandas_agree_with_the_server_on_a_hundred_random_ranges() {
    let test = "duckdb_polars_and_pandas_agree_with_the_server_on_a_hundred_random_ranges";
    let Some(building) = Building::open(test) else { return };
    let mut seeded = Seeded(SEED);
    let mut questions: Vec<Question> = (0..QUESTIONS).map(|_| building.past.question(&mut seeded)).collect();
    // And everything of one sensor, and a night in which it was unplugged.
    let (node, sensor) = (Ipv4Addr::new(10, 7, 0, 2), 4);
    questions.push(Question { node, sensor, times_ms: BEGIN_MS..END_MS });
    questions.push(Question { node, sensor, times_ms: BEGIN_MS + 21 * HOUR_MS..BEGIN_MS + 28 * HOUR_MS });

    let about = questions
        .iter()
        .map(|asked| json!([asked.node.to_string(), asked.sensor, asked.times_ms.start, asked.times_ms.end]));
    let answers = building.other_programs(building.data(), "sums", &about.collect());
    let mut answered = 0;
    for (question, others) in questions.iter().zip(answers.as_array().unwrap()) {
        let expected = building.past.sum(question);
        assert_eq!(question.ask(&building.client), expected, "the server: {question:?}");
        for (program, told) in ["DuckDB", "Polars", "pandas"].into_iter().zip(others.as_array().unwrap()) {
            assert_eq!(sum(told), expected, "{program}: {question:?}");
        }
        answered += u64::from(expected.count > 0);
    }
    assert!(answered > 80, "only {answered} of the questions have an answer");
    for question in &questions[..20] {
        let told = question.values(&building.client);
        assert_eq!(told, building.past.values(question), "{question:?}");
    }
}

fn sum(told: &Value) -> Sum {
    let part = |at: usize| told[at].as_u64().unwrap();
    Sum { count: part(0), min: part(1) as u8, max: part(2) as u8, sum: part(3) }
}

/// With a file that is being written and one that is damaged.
#[test]
fn other_programs_open_the_folders_as_they_are() {
    let Some(building) = Building::open("other_programs_open_the_folders_as_they_are") else { return };
    for file in
        ["parts/new-readings-20000-00000001.parquet.part", "damaged/2025-02-27-readings.parquet.damaged"]
    {
        let path = building.data().join("catalogue").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "no Parquet").unwrap();
    }
    let found = building.other_programs(building.data(), "folders", &Value::Null);
    for folder in ["history", "rollups/minute", "rollups/hour"] {
        let rows = found[folder].as_object().unwrap();
        assert_eq!(rows.len(), 5, "{found:#}");
        assert!(rows["files"].as_u64().unwrap() > 0, "{folder}: {found:#}");
        assert!(rows.values().all(|told| *told == rows["files"]), "{folder}: {found:#}");
    }
}

#[test]
fn roll_up_files_say_what_the_readings_say() {
    let Some(building) = Building::open("roll_up_files_say_what_the_readings_say") else { return };
    let found = building.other_programs(building.data(), "rollups", &Value::Null);
    for (step, least) in [("minute", 20_000), ("hour", 77)] {
        let (rows, wrong) = (found[step][0].as_u64().unwrap(), found[step][1].as_u64().unwrap());
        assert!(rows > least, "{step}: {found}");
        assert_eq!(wrong, 0, "{step}: {found}");
    }
}

#[test]
fn the_files_have_the_schema_that_is_written_down_and_are_in_order() {
    let test = "the_files_have_the_schema_that_is_written_down_and_are_in_order";
    let Some(building) = Building::open(test) else { return };
    let time = [
        "INT64",
        "Timestamp(isAdjustedToUTC=true, timeUnit=milliseconds, is_from_converted_type=false, force_set_converted_type=false)",
    ];
    let (text, byte) = (["BYTE_ARRAY", "String"], ["INT32", "Int(bitWidth=8, isSigned=false)"]);
    let count = ["INT32", "Int(bitWidth=32, isSigned=false)"];
    let columns = |columns: &[(&str, [&str; 2])]| -> Value {
        columns.iter().map(|(name, [physical, logical])| json!([name, physical, logical])).collect()
    };
    let readings = columns(&[
        ("time", time),
        ("node", text),
        ("sensor", byte),
        ("kind", text),
        ("value", byte),
        ("status", text),
    ]);
    let rollups = columns(&[
        ("time", time),
        ("node", text),
        ("sensor", byte),
        ("kind", text),
        ("count", count),
        ("min", byte),
        ("max", byte),
        ("sum", ["INT64", "None"]),
        ("last", byte),
    ]);
    let found = building.other_programs(building.data(), "schema", &Value::Null);
    let expected = json!({"readings": [readings], "minute": [rollups], "hour": [rollups]});
    assert_eq!(found, expected, "\n{found:#}\n{expected:#}");
    let page = page("docs/history-format.md");
    for table in expected.as_object().unwrap().values() {
        for column in table[0].as_array().unwrap() {
            let name = column[0].as_str().unwrap();
            assert!(page.contains(&format!("`{name}`")), "docs/history-format.md says nothing of {name}");
        }
    }
    assert_eq!(building.other_programs(building.data(), "order", &Value::Null), json!(0));
}

#[test]
fn the_examples_of_the_readme_do_what_they_say() {
    let Some(building) = Building::open("the_examples_of_the_readme_do_what_they_say") else { return };
    let page = page("README.md");
    let (_, section) = page.split_once("\n## Every reading, for years\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let [sql, python] = ["sql", "python"].map(|language| blocks(section, language));
    for (language, code) in [("sql", &sql[..]), ("python", &python[..])] {
        let [code] = code else { panic!("the README has one example in {language}") };
        let rows = building.other_programs(building.server.setup().scratch(), language, &json!(code));
        check_days(&building, &rows, code);
    }
}

/// A row for each date and sensor: `readings`, `lowest`, `mean`, `highest`.
#[track_caller]
fn check_days(building: &Building, rows: &Value, code: &str) {
    let rows = rows.as_array().unwrap();
    let dates = DATES.map(|date| rows.iter().filter(|row| date_of(row) == date).count());
    assert!(dates.iter().all(|rows| *rows >= 3), "{dates:?} rows of the dates from {code}");
    for row in rows {
        let day = DATES.iter().position(|date| *date == date_of(row)).unwrap_or_else(|| panic!("{row}"));
        let begin = BEGIN_MS - 22 * HOUR_MS + day as i64 * 24 * HOUR_MS;
        let question = Question {
            node: row["node"].as_str().unwrap().parse().unwrap(),
            sensor: row["sensor"].as_u64().unwrap() as u8,
            times_ms: begin..begin + 24 * HOUR_MS,
        };
        let Sum { count, min, max, sum } = building.past.sum(&question);
        let told = [&row["readings"], &row["lowest"], &row["highest"]].map(|told| told.as_u64().unwrap());
        assert_eq!(told, [count, min.into(), max.into()], "{row}: {code}");
        assert!((row["mean"].as_f64().unwrap() - sum as f64 / count as f64).abs() < 1e-9, "{row}: {code}");
    }
}

fn date_of(row: &Value) -> &str {
    &row["date"].as_str().unwrap()[..10]
}

#[test]
fn every_example_of_the_pages_about_the_history_finds_something() {
    let test = "every_example_of_the_pages_about_the_history_finds_something";
    let Some(building) = Building::open(test) else { return };
    for path in ["docs/history.md", "docs/history-format.md"] {
        // The page about the format is for any folder.
        let page = page(path).replace("DATA/", "data/");
        for language in ["sql", "python"] {
            let examples = blocks(&page, language);
            assert!(!examples.is_empty(), "{path} has no example in {language}");
            for code in examples {
                let rows = building.other_programs(building.server.setup().scratch(), language, &json!(code));
                assert!(!rows.as_array().unwrap().is_empty(), "nothing comes from {code}");
            }
        }
    }
}

fn page(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

/// The code blocks of a page in a language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let begin = format!("```{language}\n");
    page.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

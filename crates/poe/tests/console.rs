//! Somebody speaks with a running server, through a pipe and at a real terminal.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic, its helpers too")]

#[path = "console/alarms.rs"]
mod alarms;
#[path = "console/attached.rs"]
mod attached;
#[path = "console/enrolment.rs"]
mod enrolment;
#[path = "console/people.rs"]
mod people;
#[path = "console/screen.rs"]
mod screen;
mod support;

use nix::sys::signal::Signal;
use people::{Person, Script, Server};
use std::{
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    process::Stdio,
    thread,
    time::Duration,
};

const UP: &str = "\x1b[A";
const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";

#[test]
fn a_script_reads_its_answers_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut script = Script::start(folder.path());
    script.types("hello\n\nn\nl\n");
    script.sees("there is no command `hello`; `h` shows what there is");
    script.sees("no node is known yet");
    script.sees("no connection is open");
    script.types("t -c 2 -p 3 -t 0.01\n");
    script.sees("simulation 1: 2 clients, 3 packets each, 0.01 s apart");
    script.sees("simulation 1: 2 clients, 6 packets, 126 frames");
    script.asks_until("n\n", "2 nodes, times in ");
    script.asks_until("s 127.0.1.1_17\n", "HUMIDITY");
    let transcript = script.text();
    assert!(!transcript.contains('\x1b'), "{transcript:?}");
    script.types("q\n");
    assert!(script.server.end().success());
}

#[test]
fn simulated_clients_stop_when_they_are_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut script = Script::start(folder.path());
    script.types("t -p -1 -t 0.01\n");
    script.asks_until("l\n", "1 connection, times in ");
    script.types("t stop\n");
    script.sees("stopping 1 simulation");
    script.sees("simulation 1: 1 client, ");
    script.types("t stop\n");
    script.sees("no simulation is running");
}

#[test]
fn the_end_of_a_script_is_not_the_end_of_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut script = Script::start(folder.path());
    script.types("t -c 2 -p 2 -t 0.05");
    drop(script.input.take());
    // What the script has launched is still done.
    script.sees("simulation 1: 2 clients, 4 packets, 84 frames");
    script.server.still_serves();
    script.server.is_told(Signal::SIGTERM);
    assert!(script.server.end().success());
}

#[test]
fn commands_work_when_nobody_reads_the_answers() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), Stdio::piped(), Stdio::piped(), Stdio::null());
    let mut output = server.process.stdout.take().unwrap();
    let mut first = [0; 1];
    output.read_exact(&mut first).unwrap();
    drop(output);
    let mut input = server.process.stdin.take().unwrap();
    input.write_all(b"h\nl\nx\nq\n").unwrap();
    assert!(server.end().success());
}

#[test]
fn a_reader_who_has_fallen_asleep_does_not_keep_the_server_alive() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), Stdio::piped(), Stdio::piped(), Stdio::null());
    let mut input = server.process.stdin.take().unwrap();
    // The pipe takes 64 KiB, and the answers are twice as long. Nothing shows from outside that it is full.
    input.write_all("h\n".repeat(200).as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(200));
    server.is_told(Signal::SIGTERM);
    assert!(server.end().success());
}

#[test]
fn earlier_lines_come_back_and_words_are_completed() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    person.types("h\r");
    person.sees("store everything and stop the server");
    person.types("l\r");
    person.sees("no connection is open");
    person.types(UP);
    person.types(UP);
    person.sees_line("POE-TERM: h");
    person.types(CTRL_C);
    person.sees("`q` stops the server, Ctrl-D leaves the console");
    person.types("t -p 1\r");
    person.sees("simulation 1: 1 client, 1 packet, 21 frames");
    person.asks_until("s 127.0.0.1_20\r", "1 sensor, times in ");
    person.types("sen\t12\t");
    person.sees_line("POE-TERM: sensors 127.0.0.1");
    person.types("_17\r");
    person.sees("HUMIDITY");
    person.types("q\r");
    assert!(person.server.end().success());

    // The next day the same person comes back.
    let mut person = Person::start(folder.path());
    person.types(UP);
    person.sees_line("POE-TERM: q");
    person.types(UP);
    person.sees_line("POE-TERM: sensors 127.0.0.1_17");
    let history = folder.path().join("console_history").metadata().unwrap();
    assert_eq!(history.permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_happens_meanwhile_does_not_tear_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    person.types("v\r");
    person.sees("verbose is on");
    person.types("sens");
    person.sees_line("POE-TERM: sens");
    let mut node = TcpStream::connect(person.server.address).unwrap();
    person.sees(" has connected");
    node.write_all(&[1, 7, 0, 1]).unwrap();
    // The first is a line of the log, the second a notice.
    person.sees("INFO 127.0.0.1 is a new node");
    person.sees("127.0.0.1_7 is a new sensor: FIRE");
    person.sees_line("POE-TERM: sens");
    person.types("ors\r");
    person.sees_row("POE-TERM: sensors");
    drop(node);
    person.sees("has disconnected after 1 frame");
    let whole = |row: &String| row.starts_with("POE-TERM:") || !row.contains("POE-TERM");
    let rows = person.rows();
    assert!(rows.iter().all(whole), "{rows:#?}");
}

#[test]
fn lines_typed_ahead_are_all_answered() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    person.types("n\rl\rfoo\rbar\r");
    person.sees("no command `bar`");
    let answers: Vec<_> =
        person.rows().into_iter().filter(|row| row.starts_with("no ") || row.starts_with("there")).collect();
    expect_test::expect![[r#"
        no node is known yet: none has sent a value
        no connection is open
        there is no command `foo`; `h` shows what there is
        there is no command `bar`; `h` shows what there is"#]]
    .assert_eq(&answers.join("\n"));
}

#[test]
fn a_first_start_at_a_terminal_shows_the_way_to_the_first_account() {
    let folder = tempfile::tempdir().unwrap();
    let person = Person::start_with_http(folder.path());
    let dashboard = person.row("dashboard http://127.0.0.1:").replace("dashboard ", "");
    let token = std::fs::read_to_string(folder.path().join("setup-token")).unwrap();
    assert_eq!(person.row("setup token"), format!("setup token {}", token.trim()));
    assert_eq!(person.row("setup link"), format!("setup link {dashboard}#/setup?token={}", token.trim()));
}

#[test]
fn leaving_the_terminal_is_not_the_end_of_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    person.types(CTRL_D);
    person.sees("the console has ended and the server goes on");
    person.has_the_terminal_back();
    person.server.still_serves();
    person.server.is_told(Signal::SIGTERM);
    person.sees("INFO stopping");
    assert!(person.server.end().success());
}

#[test]
fn a_server_that_is_told_to_stop_gives_the_terminal_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::start(folder.path());
    person.types("half a li");
    person.sees_line("POE-TERM: half a li");
    person.server.is_told(Signal::SIGTERM);
    assert!(person.server.end().success());
    person.sees("INFO stopping");
    person.has_the_terminal_back();
    assert!(person.rows().contains(&"POE-TERM: half a li".to_owned()), "{:#?}", person.rows());
}

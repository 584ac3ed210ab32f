//! `poe console`: the prompt of a server that runs elsewhere.

use crate::{
    people::{Person, until},
    support::{POE, Server, Setup},
};
use nix::sys::signal::Signal;
use std::{fs, io::Write, net::TcpStream, os::unix::fs::PermissionsExt, process::Command};

const FLAME: [u8; 4] = [1, 7, 0, 0];
const NO_FLAME: [u8; 4] = [1, 7, 0, 1];
const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";

fn at_socket(server: &Server) -> Person {
    let data_dir = server.setup().data_path().to_str().unwrap();
    Person::attach(server.setup().scratch(), &["--data-dir", data_dir].map(str::to_owned), server.tcp())
}

/// At the door for the network, with a token of this role.
fn over_http(server: &Server, role: &str, more: &[&str]) -> Person {
    let folder = server.setup().scratch();
    let mut create = Command::new(POE);
    create.args(["token", "create", "--name", "desk", "--role", role, "--data-dir"]);
    let made = create.arg(server.setup().data_path()).args(more).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let token = folder.join("token");
    fs::write(&token, made.stdout).unwrap();
    let url = format!("http://localhost:{}", server.http().port());
    let args = ["--connect", &url, "--token-file", token.to_str().unwrap()].map(str::to_owned);
    Person::attach(folder, &args, server.tcp())
}

#[test]
fn a_fire_is_met_at_the_socket_as_at_the_server_itself() {
    let mut server = Server::start(&[]);
    let mut person = at_socket(&server);
    a_fire(&mut person);
    leaves(&mut person, "q\r");
    assert!(!server.has_ended(), "only the console has ended");
}

#[test]
fn a_fire_is_met_over_http_by_an_operator() {
    let mut server = Server::start(&[]);
    let mut person = over_http(&server, "operator", &[]);
    a_fire(&mut person);
    leaves(&mut person, CTRL_D);
    assert!(!server.has_ended(), "only the console has ended");
}

fn a_fire(person: &mut Person) {
    person.types("n\r");
    person.sees("no node is known yet: none has sent a value");
    person.types("l\r");
    person.sees("no connection is open");
    person.types("h\r");
    person.sees("`poe console` is left");
    person.types("sens");
    person.sees_line("POE-TERM: sens");
    let mut node = TcpStream::connect(person.server.address).unwrap();
    node.write_all(&FLAME).unwrap();
    // It is told and heard while somebody types.
    person.sees("!! ALARM 1 ");
    person.sees(" 127.0.0.1_7: flame, value 0, first-out");
    person.hears(1);
    person.sees_line("POE-TERM: sens");
    person.types("ors\r");
    person.sees_row("POE-TERM: sensors");
    person.asks_until("s 127.0.0.1_7\r", "1 sensor, times in ");
    person.types("sen\t127.0.0.1_\t\r");
    person.sees_row("POE-TERM: sensors 127.0.0.1_7");
    person.types("a\r");
    person.sees("1 (1 alarm) active, 1 (1 alarm) unacknowledged, 0 suppressed");
    person.types("n\r");
    person.sees("1 node, times in ");
    person.types("l\r");
    person.sees("1 connection of 1 node, frames since the server's start");
    person.types("z\r");
    person.sees("1 place, times in ");
    person.types("silence 1\r");
    person.sees("alarm 1 (flame, 127.0.0.1_7): silenced; ");
    person.types("shelve 1 9999 the oven is being cleaned\r");
    person.sees("refused: shelve 1: give it an end between now and 480 minutes from now");
    person.types("shelve 1 30 the oven is being cleaned\r");
    person.sees("alarm 1 (flame, 127.0.0.1_7): shelved until ");
    person.types("a\r");
    person.sees("1 (1 alarm) suppressed");
    person.types("unshelve 1\r");
    person.sees("alarm 1 (flame, 127.0.0.1_7): no longer shelved; ");
    person.sees("flame, value 0, first-out, no longer shelved");
    person.types("ack all\r");
    person.sees("alarm 1 (flame, 127.0.0.1_7): acknowledged; its condition is still true");
    person.types("ack 1\r");
    person.sees("was acknowledged already, by ");
    person.types("reset 1\r");
    person.sees("refused: reset 1: the condition is still true; reset it once the sensor is back to normal");
    person.types("v\r");
    person.sees("verbose is on");
    node.write_all(&NO_FLAME).unwrap();
    person.sees(" alarm.returned #1 127.0.0.1_7: ");
    person.sees("127.0.0.1_7 is normal with 1, was critical");
    person.types("v off\r");
    person.sees("verbose is off");
    person.types("reset 1\r");
    person.sees("alarm 1 (flame, 127.0.0.1_7): reset; it has returned to normal");
    person.types("reset 1\r");
    person.sees("refused: reset 1: there is no alarm 1, or it has returned to normal; `a` shows the alarms");
    person.types("e 2 alarm #1\r");
    person.sees("2 entries, times in ");
    let reset = person.row("alarm.reset");
    assert!(reset.contains("#1 127.0.0.1_7") && reset.contains(", "), "{reset}");
    person.types("emergency fire stie\r");
    person.sees("refused: there is no place `stie`; did you mean `site`?");
    person.types("emer\tfi\tsi\t the pan burns\r");
    person.sees("raised: alarm 2 (fire reported by hand");
    person.sees("!! ALARM 2 ");
    person.types("t -c 2 -p 3\r");
    person.sees("simulation 1: 2 clients, 6 packets, 126 frames");
    person.types(CTRL_C);
    person.sees("`q` or Ctrl-D leaves the console; the server goes on in any case");
}

/// The terminal is as it was before, and what was typed is kept for its owner alone.
fn leaves(person: &mut Person, keys: &str) {
    person.types(keys);
    assert!(person.server.end().success());
    person.has_the_terminal_back();
}

#[test]
fn lines_are_remembered_in_the_home_of_whoever_typed_them() {
    let server = Server::start(&[]);
    let mut person = at_socket(&server);
    person.types("z\r");
    person.sees("1 place, times in ");
    leaves(&mut person, "q\r");
    let history = server.setup().scratch().join(".local/state/poe/console_history");
    assert!(fs::read_to_string(&history).unwrap().contains("\nz\n"));
    assert_eq!(history.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let mut person = at_socket(&server);
    person.types("\x1b[A\x1b[A");
    person.sees_line("POE-TERM: z");
}

#[test]
fn a_server_that_goes_away_is_missed_and_found_again_and_nothing_is_left_out() {
    let mut server = Server::start(&[]);
    let setup = server.setup().clone();
    let mut person = at_socket(&server);
    server.kill();
    person.sees("!! NO CONNECTION ");
    person.hears(1);
    person.types("a\r");
    person.sees("the server is not there, and is tried again: ");
    person.types("ack 1\r");
    person.sees("the server is not there, and is tried again: ");

    let server = setup.start();
    let mut node = TcpStream::connect(server.tcp()).unwrap();
    node.write_all(&FLAME).unwrap();
    person.sees("connected again ");
    // Raised before or after the console was back, it is told once.
    // That it was not stopped in order is the first signal.
    person.sees("!! ALARM 2 ");
    person.hears(2);
    person.types("ack 2\r");
    person.sees("acknowledged; its condition is still true");
    person.types("e server.started\r");
    person.sees("2 entries, times in ");
    assert_eq!(person.rows().iter().filter(|row| row.starts_with("!! ALARM 2 ")).count(), 1);
}

#[test]
fn an_alarm_that_was_raised_while_nobody_could_be_told_is_told_then() {
    let server = Server::start(&[]);
    let mut person = over_http(&server, "viewer", &[]);
    // While the console stands still, the server cuts nobody: it is met again where it was.
    person.server.is_told(Signal::SIGSTOP);
    let _node = burn(&server);
    person.server.is_told(Signal::SIGCONT);
    person.sees("!! ALARM 1 ");
    person.types("ack 1\r");
    person.sees("refused: ack 1: the role that you have here may not do this; it takes operator or more");
    person.types("e 1\r");
    person.sees("1 entry, times in ");
}

#[test]
fn who_may_look_into_one_building_meets_that_alone() {
    let server = Server::start(&[]);
    let building = server.setup().scratch().join("building.toml");
    let place = |name: &str, node: &str| {
        format!(
            "[[place]]\nname = \"{name}\"\nkind = \"building\"\n[[node]]\naddress = \"{node}\"\nplace = \"{name}\"\n"
        )
    };
    fs::write(&building, format!("{}{}", place("north", "127.0.5.1"), place("south", "127.0.5.2"))).unwrap();
    let mut import = Command::new(POE);
    import.args(["building", "import"]).arg(&building).arg("--data-dir").arg(server.setup().data_path());
    assert!(import.output().unwrap().status.success());

    let mut person = over_http(&server, "viewer", &["--building", "north"]);
    let from = |last: u8| {
        let mut node = crate::support::connect_from([127, 0, 5, last], server.tcp());
        node.write_all(&FLAME).unwrap();
        node
    };
    let _south = from(2);
    let seen = || server.local_get("/api/v1/alarms").1.contains("127.0.5.2_7").then_some(());
    until("the alarm in the south", seen, String::new);
    let _north = from(1);
    person.sees(" 127.0.5.1_7 in north: flame, value 0");
    person.asks_until("n\r", "1 node, times in ");
    person.asks_until("s\r", "1 sensor, times in ");
    person.types("z\r");
    person.sees("  north  ");
    person.types("e alarm.raised\r");
    person.sees("1 entry, times in ");
    let rows = person.rows();
    let nothing_else =
        |row: &String| !row.contains("south") && !row.contains("127.0.5.2") && !row.contains("came too fast");
    assert!(rows.iter().all(nothing_else), "{rows:#?}");
}

#[test]
fn whose_token_is_revoked_is_told_so() {
    let server = Server::start(&[]);
    let mut person = over_http(&server, "viewer", &[]);
    let mut revoke = Command::new(POE);
    revoke.args(["token", "revoke", "desk", "--data-dir"]).arg(server.setup().data_path());
    assert!(revoke.output().unwrap().status.success());
    person.types("a\r");
    person.sees("revoked or expired");
}

#[test]
fn a_console_that_is_told_to_stop_gives_the_terminal_back() {
    let server = Server::start(&[]);
    let mut person = at_socket(&server);
    person.types("half a li");
    person.sees_line("POE-TERM: half a li");
    person.server.is_told(Signal::SIGTERM);
    assert!(person.server.end().success());
    person.has_the_terminal_back();
}

#[test]
fn a_script_speaks_through_a_pipe() {
    let server = Server::start(&[]);
    let _node = burn(&server);
    let mut console = Command::new(POE);
    console.args(["console", "--nodes", &server.tcp().to_string(), "--data-dir"]);
    let mut console = console
        .arg(server.setup().data_path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    console.stdin.take().unwrap().write_all(b"ack 1\nt -p 1\n").unwrap();
    let said = String::from_utf8(console.wait_with_output().unwrap().stdout).unwrap();
    assert!(said.contains("acknowledged; its condition is still true"), "{said}");
    assert!(said.contains("simulation 1: 1 client, 1 packet, 21 frames"), "{said}");
}

#[test]
fn where_nobody_answers_there_is_no_prompt() {
    let setup = Setup::new();
    let ended = crate::support::poe(["console", "--data-dir", setup.data_path().to_str().unwrap()]);
    assert!(ended.stderr.starts_with("error: no server answers at "), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

fn burn(server: &Server) -> TcpStream {
    let mut node = TcpStream::connect(server.tcp()).unwrap();
    node.write_all(&FLAME).unwrap();
    let raised = || server.local_get("/api/v1/alarms").1.contains("unacknowledged").then_some(());
    until("an alarm", raised, String::new);
    node
}

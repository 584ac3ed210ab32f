//! Users and tokens, at each door and in the folder of a server that was stopped.

use crate::{
    doors::{Door, by_token, create_token, local, run},
    support::{POE, Setup},
};
use serde_json::Value;
use std::{
    fs::{self, File},
    io::{Read, Write},
    process::{Command, Stdio},
};

const PASSWORD: &str = "seven grey herons\n";

/// A folder with a server in it that was stopped.
fn stopped() -> (Setup, Vec<String>) {
    let setup = Setup::new();
    assert!(setup.start().stop().success());
    let flags = local(&setup);
    (setup, flags)
}

#[test]
fn accounts_are_kept_at_the_socket() {
    let door = Door::socket();
    accounts(door.server.setup(), &door.flags, "socket");
}

#[test]
fn accounts_are_kept_over_http_with_a_token() {
    let door = Door::http("admin");
    accounts(door.server.setup(), &door.flags, "127.0.0.1");
}

#[test]
fn accounts_are_kept_over_https_under_an_own_authority() {
    let door = Door::https("admin");
    accounts(door.server.setup(), &door.flags, "127.0.0.1");
}

#[test]
fn accounts_are_kept_in_the_folder_of_a_stopped_server() {
    let (setup, flags) = stopped();
    accounts(&setup, &flags, "command");
}

/// The same story everywhere; `origin` is from where it came, as the journal has it.
fn accounts(setup: &Setup, flags: &[String], origin: &str) {
    let building = setup.scratch().join("building.toml");
    let places =
        ["north", "south"].map(|name| format!("[[place]]\nname = \"{name}\"\nkind = \"building\"\n"));
    fs::write(&building, places.concat()).unwrap();
    let imported = run(&["building", "import", building.to_str().unwrap()], &local(setup), "");
    assert!(imported.status.success(), "{}", imported.stderr);
    let says = |words: &[&str], input: &str| {
        let ended = run(words, flags, input);
        assert!(ended.status.success(), "{words:?}: {}", ended.stderr);
        ended.stdout
    };
    let refuses = |words: &[&str], input: &str| {
        let ended = run(words, flags, input);
        assert!(!ended.status.success(), "{words:?}: {}", ended.stdout);
        ended.stderr
    };
    assert!(says(&["users"], "").starts_with("nobody has an account yet"));
    assert!(
        refuses(&["user", "add", "anna", "--role", "admin"], "short\n").contains("at least 12 characters")
    );
    assert!(refuses(&["user", "add", "anna", "--role", "admin"], "").contains("no password"));
    assert!(refuses(&["user", "add", "anna", "--role", "king"], PASSWORD).contains("viewer"));
    assert_eq!(says(&["user", "add", "anna", "--role", "admin"], PASSWORD), "user anna has an account\n");
    assert!(refuses(&["user", "add", "Anna", "--role", "viewer"], PASSWORD).contains("Anna"));
    says(
        &["user", "add", "guard", "--role", "viewer", "--building", "north", "--building", "south"],
        PASSWORD,
    );
    let users = says(&["user", "list"], "");
    assert!(
        users.contains("anna") && users.contains("north, south") && users.ends_with("2 users\n"),
        "{users}"
    );
    says(&["user", "change", "guard", "--role", "operator", "--everywhere"], "");
    says(&["user", "change", "guard", "--password"], "eight white storks\n");
    let list: Value = serde_json::from_str(&says(&["users", "--json"], "")).unwrap();
    let names: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|user| user["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["anna", "guard"]);
    assert_eq!(
        (&list["items"][1]["role"], &list["items"][1]["buildings"]),
        (&"operator".into(), &Value::Array(vec![]))
    );
    assert!(refuses(&["user", "remove", "anna"], "").contains("admin"), "the last one who can let others in");
    assert_eq!(says(&["user", "remove", "guard"], ""), "user guard has no account any more\n");
    let told = refuses(&["user", "change", "guard", "--role", "viewer"], "");
    assert!(told.contains("no user"), "{told}");

    let token = says(&["token", "create", "--name", "report", "--role", "viewer", "--expires", "30d"], "");
    assert!(token.starts_with("poe_") && token.lines().count() == 1, "{token}");
    assert!(refuses(&["token", "create", "--name", "report", "--role", "viewer"], "").contains("report"));
    let told =
        refuses(&["token", "create", "--name", "old", "--role", "viewer", "--expires", "2020-01-01"], "");
    assert!(told.contains("expires"), "{told}");
    let told = refuses(&["token", "create", "--name", "odd", "--role", "viewer", "--expires", "soon"], "");
    assert!(told.contains("write it like 30d, 12h or 2027-01-01"), "{told}");
    let made: Value =
        serde_json::from_str(&says(&["token", "create", "--name", "more", "--role", "viewer", "--json"], ""))
            .unwrap();
    let fields: Vec<_> = made.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        ["token", "id", "name", "role", "buildings", "created", "created_by", "expires", "last_used"]
    );
    let tokens = says(&["tokens"], "");
    assert!(tokens.contains("report") && !tokens.contains(token.trim()), "{tokens}");
    assert!(says(&["token", "revoke", "report"], "").contains("is good for nothing any more"));
    assert!(says(&["token", "revoke", made["id"].as_str().unwrap()], "").starts_with("token more"));
    let told = refuses(&["token", "revoke", "report"], "");
    assert!(told.contains("there is no token 'report'; `poe token list` shows them"), "{told}");

    for kind in
        ["user.added", "user.changed", "user.removed", "token.created", "token.revoked", "command.refused"]
    {
        let events = run(&["events", "--kind", kind, "--json"], &local(setup), "");
        let events: Value = serde_json::from_str(&events.stdout).unwrap();
        // The first token may be that of the door itself.
        let entry = events["items"].as_array().and_then(|items| items.last()).unwrap();
        assert_eq!(entry["who"]["origin"], origin, "{kind}: {entry}");
        assert!(!entry.to_string().contains("heron"), "{entry}");
    }
}

#[test]
fn what_was_made_while_no_server_ran_holds_once_one_does() {
    let (setup, flags) = stopped();
    let token = create_token(&setup, &["--name", "dashboard", "--role", "viewer"]);
    assert!(run(&["user", "add", "anna", "--role", "admin"], &flags, PASSWORD).status.success());
    let server = setup.start();
    let url = format!("http://localhost:{}", server.http().port());
    let by_it = by_token(&setup, &url, "dashboard", &token);
    let zones = run(&["zones"], &by_it, "");
    assert!(zones.status.success(), "{}", zones.stderr);
    // While it runs, its folder is asked at the socket.
    let users = run(&["users"], &flags, "");
    assert!(users.stdout.contains("anna"), "{}{}", users.stdout, users.stderr);
}

#[test]
fn the_first_account_can_be_made_before_the_first_start() {
    let setup = Setup::new();
    let flags = local(&setup);
    let added = run(&["user", "add", "anna", "--role", "admin"], &flags, PASSWORD);
    assert!(added.status.success(), "{}", added.stderr);
    let token = create_token(&setup, &["--name", "dashboard", "--role", "viewer"]);
    let server = setup.start();
    assert!(!setup.data_path().join("setup-token").exists(), "somebody has an account");
    let url = format!("http://localhost:{}", server.http().port());
    let zones = run(&["zones"], &by_token(&setup, &url, "dashboard", &token), "");
    assert!(zones.status.success(), "{}", zones.stderr);
    assert!(run(&["users"], &flags, "").stdout.contains("anna"));

    // An empty folder is as good as none, and a token as good as a beginning.
    let setup = Setup::new();
    fs::create_dir(setup.data_path()).unwrap();
    create_token(&setup, &["--name", "dashboard", "--role", "viewer"]);
    assert!(setup.data_path().join("state.db").exists());
}

#[test]
fn a_building_can_be_put_in_force_before_the_first_start() {
    let setup = Setup::new();
    let building = setup.scratch().join("building.toml");
    fs::write(&building, "[site]\nname = \"harbour\"\n").unwrap();
    let file = building.to_str().unwrap();
    let imported = run(&["building", "import", file], &local(&setup), "");
    assert!(imported.stdout.contains("once a server starts"), "{}{}", imported.stdout, imported.stderr);
    let _server = setup.start();
    assert!(run(&["building", "export"], &local(&setup), "").stdout.contains("harbour"));
}

#[test]
fn where_there_is_neither_a_server_nor_a_folder_nothing_is_made_by_mistake() {
    let setup = Setup::new();
    let refused = |words: &[&str], flags: &[String]| {
        let ended = run(words, flags, PASSWORD);
        assert!(ended.stderr.contains("no server answers at"), "{words:?}: {}", ended.stderr);
        assert!(!setup.data_path().exists(), "{words:?}");
    };
    for words in [
        &["users"][..],
        &["user", "remove", "anna"],
        &["user", "change", "anna", "--role", "viewer"],
        &["tokens"],
        &["token", "revoke", "desk"],
        &["building", "export"],
    ] {
        refused(words, &local(&setup));
    }

    // Nobody has named the folder.
    let mut command = Command::new(POE);
    command.env_remove("POE_DATA_DIR").env_remove("POE_CONFIG").current_dir(setup.scratch());
    let ended = command.args(["token", "create", "--name", "desk", "--role", "viewer"]).output().unwrap();
    assert!(String::from_utf8(ended.stderr).unwrap().contains("no server answers at"));
    assert!(!setup.data_path().exists());
    // A variable names it as well as a flag.
    let ended = command.env("POE_DATA_DIR", setup.data_path()).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8(ended.stderr).unwrap());

    // What lies in this folder is somebody else's.
    let other = Setup::new();
    fs::create_dir(other.data_path()).unwrap();
    fs::write(other.data_path().join("letter.txt"), "Dear Anna").unwrap();
    let ended = run(&["user", "add", "anna", "--role", "admin"], &local(&other), PASSWORD);
    assert!(ended.stderr.contains("no server answers at"), "{}", ended.stderr);
    assert_eq!(fs::read_dir(other.data_path()).unwrap().count(), 1);
}

#[test]
fn at_a_terminal_a_password_is_typed_twice_and_not_shown() {
    let (_setup, flags) = stopped();
    let (is_done, shown) = types_passwords(&flags, &[PASSWORD, "eight white storks\n"]);
    assert!(!is_done && shown.contains("these are two passwords; nothing was changed"), "{shown}");
    let (is_done, shown) = types_passwords(&flags, &[PASSWORD, PASSWORD]);
    assert!(is_done && shown.contains("user anna has an account"), "{shown}");
    assert!(!shown.contains("heron"), "{shown}");
}

/// Whether `poe user add` is content with what a person types, and what they see.
fn types_passwords(flags: &[String], lines: &[&str]) -> (bool, String) {
    let pair = nix::pty::openpty(None, None).unwrap();
    let slave = || Stdio::from(pair.slave.try_clone().unwrap());
    let mut command = Command::new(POE);
    command.args(["user", "add", "anna", "--role", "admin"]).args(flags);
    let mut child = command.stdin(slave()).stdout(slave()).stderr(slave()).spawn().unwrap();
    drop(command);
    drop(pair.slave);
    let mut terminal = File::from(pair.master);
    let (mut shown, mut bytes) = (String::new(), [0; 1_024]);
    let mut lines = lines.iter();
    let mut asked = 0;
    // It ends with an error once nobody has the other end any more.
    while let Ok(count @ 1..) = terminal.read(&mut bytes) {
        shown.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        let questions = shown.matches("anna: ").count() + shown.matches("once more: ").count();
        if questions > asked {
            asked = questions;
            terminal.write_all(lines.next().unwrap().as_bytes()).unwrap();
        }
    }
    (child.wait().unwrap().success(), shown)
}

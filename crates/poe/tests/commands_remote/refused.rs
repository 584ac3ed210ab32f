//! What somebody is told who may not ask, and what to do about it.

use crate::doors::{Door, by_token, create_token, local, run};

#[test]
fn a_viewer_sees_and_is_told_which_role_acts() {
    let door = Door::http("viewer");
    let _node = door.burns();
    assert!(door.says(&["alarms"]).contains("1 unacknowledged"));
    let operator = "error: the role that you have there may not do this: it takes operator or more; `poe token create \
                    --role operator` on the server makes such a token\n";
    for words in [
        &["alarms", "ack", "1"][..],
        &["alarms", "shelve", "1", "10", "cleaning"],
        &["alarms", "emergency", "fire", "site"],
        &["node", "approve", "127.0.0.1"],
        &["node", "disconnect", "127.0.0.1"],
    ] {
        assert_eq!(door.refuses(words), operator, "{words:?}");
    }
    let engineer = "it takes engineer or more, not limited to buildings";
    for words in [&["building", "export"][..], &["node", "retire", "127.0.0.1"]] {
        assert!(door.refuses(words).contains(engineer), "{words:?}");
    }
    let admin = "it takes admin or more, not limited to buildings";
    for words in [&["users"][..], &["token", "list"], &["token", "create", "--name", "x", "--role", "admin"]]
    {
        assert!(door.refuses(words).contains(admin), "{words:?}");
    }
    assert!(door.says(&["alarms"]).contains("1 unacknowledged"), "nothing was done");
}

#[test]
fn who_has_no_token_or_a_useless_one_is_told_how_to_get_one() {
    let door = Door::http("viewer");
    let setup = door.server.setup();
    let url = format!("http://localhost:{}", door.server.http().port());
    let nobody = run(&["nodes"], &["--connect".to_owned(), url.clone()], "");
    let cure = "With this command, give a token with --token-file, or in POE_TOKEN; one that you gave is mistyped, \
                revoked or expired; `poe token create` on the server makes one\n";
    assert!(nobody.stderr.ends_with(cure), "{}", nobody.stderr);

    let password = "seven grey herons\n";
    let nobody =
        run(&["user", "add", "eve", "--role", "admin"], &["--connect".to_owned(), url.clone()], password);
    assert!(nobody.stderr.ends_with(cure), "{}", nobody.stderr);

    let token = create_token(setup, &["--name", "short-lived", "--role", "viewer"]);
    let flags = by_token(setup, &url, "short-lived", &token);
    assert!(run(&["nodes"], &flags, "").status.success());
    assert!(run(&["token", "revoke", "short-lived"], &local(setup), "").status.success());
    let revoked = run(&["sensors", "--json"], &flags, "");
    assert!(revoked.stderr.ends_with(cure), "{}", revoked.stderr);
    assert!(!revoked.stderr.contains(token.trim()) && revoked.stdout.is_empty());
}

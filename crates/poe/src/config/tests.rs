use std::fs;
use std::path::Path;

use clap::Command;
use expect_test::{Expect, expect};
use proptest::prelude::*;
use tempfile::TempDir;

use super::error::ConfigError;
use super::settings::{Config, Form, SETTINGS};
use super::values::{Choice, Console, LogFormat};
use super::{Loaded, arguments, example, file, load};

/// A start with this file, these variables and these flags; `poe.toml` stands for the file's path.
fn start(toml: &str, env: &[(&str, &str)], flags: &[&str]) -> (TempDir, Result<Loaded, ConfigError>) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("poe.toml");
    fs::write(&path, toml).unwrap();
    let path = path.to_str().unwrap();
    let flags = ["poe", "--config", path].into_iter().chain(flags.iter().copied());
    let matches = arguments(Command::new("poe")).get_matches_from(flags);
    let env = env.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
    let loaded = load(&matches, env);
    (dir, loaded)
}

fn loaded(toml: &str, env: &[(&str, &str)], flags: &[&str]) -> Loaded {
    start(toml, env, flags).1.unwrap()
}

fn check_refused(toml: &str, env: &[(&str, &str)], flags: &[&str], expected: &Expect) {
    let (dir, loaded) = start(toml, env, flags);
    let folder = format!("{}/", dir.path().display());
    expected.assert_eq(&loaded.unwrap_err().to_string().replace(&folder, ""));
}

fn check_file(toml: &str, expected: &Expect) {
    check_refused(toml, &[], &[], expected);
}

#[test]
fn flags_win_over_variables_and_these_over_the_file() {
    let file = "max_connections = 10\nlisten = [\"127.0.0.1:10\", \"127.0.0.1:11\"]";
    let env = [("POE_MAX_CONNECTIONS", "20"), ("POE_LISTEN", "127.0.0.1:20,[::1]:21")];
    let flags = ["--max-connections", "30", "--listen", "127.0.0.1:30", "--listen", "[::]:31"];
    let none: (&str, &[(&str, &str)], &[&str]) = ("", &[], &[]);
    let table = [
        (none, 1024, "0.0.0.0:1234", "default"),
        ((file, none.1, none.2), 10, "127.0.0.1:10,127.0.0.1:11", "poe.toml:1"),
        ((file, &env, none.2), 20, "127.0.0.1:20,[::1]:21", "POE_MAX_CONNECTIONS"),
        ((file, &env, &flags), 30, "127.0.0.1:30,[::]:31", "--max-connections"),
        (("", &env, &flags), 30, "127.0.0.1:30,[::]:31", "--max-connections"),
        ((file, none.1, &flags), 30, "127.0.0.1:30,[::]:31", "--max-connections"),
        (("", &env, none.2), 20, "127.0.0.1:20,[::1]:21", "POE_MAX_CONNECTIONS"),
    ];
    for ((toml, env, flags), connections, listen, origin) in table {
        let loaded = loaded(toml, env, flags);
        assert_eq!(loaded.config.max_connections, connections);
        assert_eq!(SETTINGS[0].get(&loaded.config), listen);
        let shown = loaded.origin("max_connections").to_string();
        assert!(shown.ends_with(origin), "{shown} is not {origin}");
    }
}

#[test]
fn a_mistake_in_the_file_is_told_even_if_a_flag_wins() {
    check_refused(
        "max_connections = 0",
        &[],
        &["--max-connections", "5"],
        &expect!["poe.toml:1: max_connections = 0: must be 1 to 1000000"],
    );
}

#[test]
fn the_variable_names_the_file_when_no_flag_does() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("other.toml");
    fs::write(&path, "table = \"other\"").unwrap();
    let env = || [("POE_CONFIG".to_owned(), path.to_str().unwrap().to_owned())].into_iter();
    let matches = |flags: &[&str]| arguments(Command::new("poe")).get_matches_from(flags);
    let by_variable = load(&matches(&["poe"]), env()).unwrap();
    assert_eq!((by_variable.config.table.as_str(), by_variable.warnings.len()), ("other", 0));

    let by_flag = load(&matches(&["poe", "--config", "nowhere.toml"]), env()).unwrap_err();
    expect!["--config: cannot read 'nowhere.toml': No such file or directory (os error 2); `poe config example` prints a file to start from"]
        .assert_eq(&by_flag.to_string());
}

#[test]
fn the_example_is_the_defaults() {
    let given = file::parse(Path::new("example"), example().as_bytes());
    assert_eq!(given.len(), SETTINGS.len(), "the example has every setting");
    let mut config = loaded(
        "",
        &[],
        &["--table=t", "--http=none", "--db=x", "--console=on", "--allow=::/0", "--max-sensors=7"],
    )
    .config;
    for (given, setting) in given.into_iter().zip(SETTINGS) {
        let given = given.unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(given.setting.key, setting.key);
        setting.set(&mut config, &given.text).unwrap();
    }
    assert_eq!(config, Config::default());
    assert_eq!(loaded(&example(), &[], &[]).config, Config::default());
}

#[test]
fn the_example_reads_like_this() {
    let example = example();
    let start: Vec<_> = example.lines().take(8).collect();
    expect![[r##"
        # The settings of `poe serve`, each with its default. Keep the lines you change; the rest may go.
        # Flags win over POE_* variables, these over this file. Use it with --config FILE or POE_CONFIG.

        # Where nodes connect over TCP. Port 0 picks a free port; IPv6 is written `[::]:1234`.
        # Takes any number of ADDR:PORT; default ["0.0.0.0:1234"].
        # Also --listen and POE_LISTEN.
        listen = ["0.0.0.0:1234"]
    "##]]
    .assert_eq(&start.join("\n"));
}

#[test]
fn every_setting_can_be_read_back() {
    let other = [
        ("listen", "127.0.0.1:0,[::]:1234"),
        ("udp", "0.0.0.0:1234"),
        ("http", "none"),
        ("tls_cert", "/etc/poe/cert.pem"),
        ("tls_key", "/etc/poe/key.pem"),
        ("behind_proxy", "true"),
        ("host_names", "poe.example,poe"),
        ("data_dir", "/var/lib/poe \"2\"\\\u{7}é"),
        ("db", "/tmp/poe.db"),
        ("table", "_Sensors9"),
        ("max_connections", "1000000"),
        ("max_connections_per_address", "1"),
        ("max_sensors", "16777216"),
        ("max_nodes", "1"),
        ("allow", "192.168.0.0/16,fe80::/10,10.1.2.3/32"),
        ("notify_allow", "127.0.0.0/8,10.1.2.3/32"),
        ("commit_interval_ms", "1"),
        ("history", "false"),
        ("history_keep_days", "365"),
        ("history_keep_days_of", "MOTION=30,SMOKE=90"),
        ("history_max_gib", "0.5"),
        ("rollup_keep_days", "3650"),
        ("console", "off"),
        ("log", "info,poe=debug"),
        ("log_format", "json"),
    ];
    let mut config = Config::default();
    for (setting, (key, text)) in SETTINGS.iter().zip(other) {
        assert_eq!(setting.key, key);
        let default = setting.get(&config);
        setting.set(&mut config, &default).unwrap();
        assert_eq!(config, loaded("", &[], &[]).config, "{key} takes its own default");

        setting.set(&mut config, text).unwrap();
        assert_eq!(setting.get(&config), text);
        // A certificate and its key go together.
        let (mate, mate_text) = match key {
            "tls_cert" => ("tls_key", "/etc/poe/key.pem"),
            "tls_key" => ("tls_cert", "/etc/poe/cert.pem"),
            _ => (key, text),
        };
        let mate = SETTINGS.iter().find(|setting| setting.key == mate).unwrap();
        mate.set(&mut config, mate_text).unwrap();
        let env = [(&*setting.env(), text), (&*mate.env(), mate_text)];
        assert_eq!(loaded("", &env, &[]).config, config, "{key} by variable");
        let flags =
            [(setting, text), (mate, mate_text)].map(|(one, text)| format!("--{}={text}", one.flag()));
        let flags: Vec<_> = flags[..if mate.key == key { 1 } else { 2 }].iter().map(String::as_str).collect();
        assert_eq!(loaded("", &[], &flags).config, config, "{key} by flag");
        let shown = loaded("", &[], &flags).show();
        assert_eq!(loaded(&shown, &[], &[]).config, config, "{key} by file");
        config = Config::default();
    }
    assert_eq!(SETTINGS.len(), other.len());
}

#[test]
fn a_size_may_be_part_of_a_gib() {
    let bytes = |size: &str| {
        let toml = format!("history_max_gib = {size}");
        loaded(&toml, &[], &[]).config.retention().unwrap().bytes
    };
    for (size, kept) in [
        ("0", None),
        ("0.0", None),
        ("0.5", Some(512 << 20)),
        ("\"2.25\"", Some(9 << 28)),
        ("5", Some(5 << 30)),
        ("0.000001", Some(1_074)),
        ("1000000", Some(1_000_000 << 30)),
    ] {
        assert_eq!(bytes(size), kept, "{size}");
    }
    for wrong in
        ["-1", "1e3", "nan", "0.0000001", "1000000.1", "\"\"", "\".5\"", "\"5.\"", "99999999999999999999"]
    {
        let (_dir, refused) = start(&format!("history_max_gib = {wrong}"), &[], &[]);
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("is not a number from 0 to 1000000"), "{wrong}: {refused}");
    }
}

#[test]
fn the_words_of_a_choice_are_those_of_its_form() {
    fn words<T: Choice>() -> String {
        T::WORDS.iter().map(|&(word, _)| word).collect::<Vec<_>>().join("|")
    }
    for (key, words) in [("console", words::<Console>()), ("log_format", words::<LogFormat>())] {
        let setting = SETTINGS.iter().find(|setting| setting.key == key).unwrap();
        assert!(matches!(setting.form, Form::Text(form) if form == words));
    }
}

#[test]
fn the_flags_make_a_sound_command() {
    let mut command = arguments(Command::new("poe"));
    command.clone().debug_assert();
    let help = command.render_long_help().to_string();
    for setting in SETTINGS {
        let value = if let Form::Switch = setting.form { "[=<" } else { " <" };
        assert!(help.contains(&format!("--{}{value}", setting.flag())), "{help}");
        assert!(help.contains(&setting.env()), "{help}");
    }
}

#[test]
fn a_command_without_the_flags_still_loads_the_rest() {
    let matches = Command::new("poe").get_matches_from(["poe"]);
    let env = [("POE_TABLE".to_owned(), "t".to_owned())];
    assert_eq!(load(&matches, env.into_iter()).unwrap().config.table, "t");
}

#[test]
fn show_tells_where_each_value_came_from() {
    let (dir, loaded) = start(
        "\nmax_connections = 0x10\nudp = \"0.0.0.0:1234\"",
        &[("POE_HTTP", "none")],
        &["--data-dir", "d", "--console", "off"],
    );
    let loaded = loaded.unwrap();
    assert_eq!(loaded.config.db_path(), Path::new("d/poe.db"));
    expect![[r#"
        listen = ["0.0.0.0:1234"]            # default
        udp = ["0.0.0.0:1234"]               # poe.toml:3
        http = "none"                        # POE_HTTP
        tls_cert = ""                        # default
        tls_key = ""                         # default
        behind_proxy = false                 # default
        host_names = []                      # default
        data_dir = "d"                       # --data-dir
        db = ""                              # default
        table = "sensors"                    # default
        max_connections = 16                 # poe.toml:2
        max_connections_per_address = 64     # default
        max_sensors = 1048576                # default
        max_nodes = 131072                   # default
        allow = ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fe80::/10", "fc00::/7"] # default
        notify_allow = []                    # default
        commit_interval_ms = 40              # default
        history = true                       # default
        history_keep_days = 0                # default
        history_keep_days_of = []            # default
        history_max_gib = 0                  # default
        rollup_keep_days = 0                 # default
        console = "off"                      # --console
        log = "info"                         # default
        log_format = "text"                  # default
    "#]].assert_eq(&loaded.show().replace(&format!("{}/", dir.path().display()), ""));
}

#[test]
fn an_unknown_variable_is_only_a_warning() {
    let env = [("POE_LISEN", "x"), ("POE_listen", "x"), ("POE_XY", "secret"), ("HOME", "/"), ("POE_", "")];
    let loaded = loaded("", &env, &[]);
    assert_eq!(loaded.config, Config::default());
    expect![[r#"
        POE_: ignored, since no setting has this variable
        POE_LISEN: ignored, since no setting has this variable; did you mean POE_LISTEN?
        POE_XY: ignored, since no setting has this variable
        POE_listen: ignored, since no setting has this variable; did you mean POE_LISTEN?"#]]
    .assert_eq(&loaded.warnings.join("\n"));
}

#[test]
fn the_networks_of_webhooks_have_two_names() {
    for toml in [
        "notify_allow = [\"10.0.0.0/8\"]",
        "notify.allow = [\"10.0.0.0/8\"]",
        "[notify]\nallow = [\"10.0.0.0/8\"]",
        "notify = { allow = [\"10.0.0.0/8\"] }",
    ] {
        let allowed = loaded(toml, &[], &[]).config.notify_allow;
        assert_eq!(allowed, ["10.0.0.0/8".parse().unwrap()], "{toml}");
    }
    check_file(
        "notify.allow = [\"10.0.0.0/33\"]\nnotify.deny = []",
        &expect![[r#"
        poe.toml:1: notify_allow: '10.0.0.0/33' is not a network; write it like 192.168.0.0/16
        poe.toml:2:8: unknown key 'notify.deny'; `poe config example` lists every key"#]],
    );
    check_file(
        "notify = 1",
        &expect!["poe.toml:1:1: unknown key 'notify'; `poe config example` lists every key"],
    );
    check_file(
        "notify_allow = []\n\n[notify]\nallow = []",
        &expect!["poe.toml:4: notify_allow: notify.allow is the same setting, which can be given once"],
    );
}

#[test]
fn mistakes_in_the_file() {
    check_file(
        "# a note\n\n  lisen = 1",
        &expect!["poe.toml:3:3: unknown key 'lisen'; did you mean 'listen'?"],
    );
    check_file(
        "max-connections = 1\n\"\\u001b[31m\" = 1\n[server]\nport = 1",
        &expect![[r#"
        poe.toml:1:1: unknown key 'max-connections'; did you mean 'max_connections'?
        poe.toml:2:1: unknown key '\u{1b}[31m'; `poe config example` lists every key
        poe.toml:3:2: unknown key 'server'; `poe config example` lists every key"#]],
    );
    check_file(
        "\nmax_connections = 0\nmax_sensors = \"many\"\ncommit_interval_ms = 1.5",
        &expect![[r#"
        poe.toml:2: max_connections = 0: must be 1 to 1000000
        poe.toml:3: max_sensors = many: must be 1 to 16777216
        poe.toml:4: commit_interval_ms = 1.5: must be 1 to 1000"#]],
    );
    check_file(
        "max_connections_per_address = -1\nhttp = 8080\nlisten = [\"1.2.3.4\"]",
        &expect![[r#"
        poe.toml:1: max_connections_per_address = -1: must be 1 to 1000000
        poe.toml:2: http: '8080' is not an address; write it like 127.0.0.1:8080, or none
        poe.toml:3: listen: '1.2.3.4' is not an address; write it like 0.0.0.0:1234"#]],
    );
    check_file(
        "http = [\"127.0.0.1:1\"]\nlisten = [[\"127.0.0.1:1\"]]\ntable.name = \"x\"",
        &expect![[r#"
        poe.toml:1: http: a list stands where one value belongs; write it without [ and ]
        poe.toml:2: listen: a list stands where one value belongs; write it without [ and ]
        poe.toml:3: table: a table stands where a value belongs; write the value after the = sign"#]],
    );
    check_file(
        "allow = [\"10.0.0.0/33\"]\nconsole = true\nlog_format = \"yaml\"",
        &expect![[r#"
        poe.toml:1: allow: '10.0.0.0/33' is not a network; write it like 192.168.0.0/16
        poe.toml:2: console: 'true' is not one of auto, on, off
        poe.toml:3: log_format: 'yaml' is not one of text, json"#]],
    );
    check_file(
        "data_dir = \"\"\nlog = \" \"\ntable = \"sensors; drop\"",
        &expect![[r#"
        poe.toml:1: data_dir: must not be empty; write for example ./data
        poe.toml:2: log: must not be empty; write for example info
        poe.toml:3: table: 'sensors; drop' is not a table name; use at most 64 letters, digits and underscores, not a digit or sqlite_ first"#]],
    );
    for name in ["9", "", "SQLite_master", "sénsors", &"t".repeat(65)] {
        let (_dir, refused) = start(&format!("table = \"{name}\""), &[], &[]);
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(&format!("'{name}' is not a table name")), "{refused}");
    }
}

#[test]
fn a_log_filter_that_the_server_could_not_use_is_refused() {
    check_refused(
        "log = \"info,poe=loud\"",
        &[("POE_LOG", "poe[")],
        &["--log", "poe=debug=info"],
        &expect![[r#"
            poe.toml:1: log: 'info,poe=loud' is not a log filter; write it like info, or info,poe::engine=debug
            POE_LOG: 'poe[' is not a log filter; write it like info, or info,poe::engine=debug
            --log: 'poe=debug=info' is not a log filter; write it like info, or info,poe::engine=debug"#]],
    );
    for right in ["off", "INFO", "info,poe::engine=debug", "warn,[round]=trace", "poe"] {
        assert_eq!(loaded("", &[("POE_LOG", right)], &[]).config.log, right);
    }
}

#[test]
fn blanks_in_a_log_filter_mean_nothing() {
    assert_eq!(loaded("log = \" info, poe=debug,\"", &[], &[]).config.log, "info,poe=debug");
    check_file(
        "log = \" é[\"",
        &expect!["poe.toml:1: log: ' é[' is not a log filter; write it like info, or info,poe::engine=debug"],
    );
}

#[test]
fn what_cannot_be_meant_together() {
    check_file(
        "listen = []",
        &expect![
            "poe.toml:1: listen: no address, and udp has none either, so no node could be heard; write it like 0.0.0.0:1234"
        ],
    );
    check_file(
        "allow = []",
        &expect![
            "poe.toml:1: allow: no network, so every node would be refused; write it like 192.168.0.0/16"
        ],
    );
    check_refused(
        "",
        &[("POE_LISTEN", "")],
        &[],
        &expect![
            "POE_LISTEN: no address, and udp has none either, so no node could be heard; write it like 0.0.0.0:1234"
        ],
    );
    assert!(loaded("listen = []\nudp = [\"0.0.0.0:1\"]", &[], &[]).config.listen.is_empty());
}

#[test]
fn a_certificate_and_its_key_go_together() {
    check_file(
        "tls_cert = \"cert.pem\"",
        &expect!["poe.toml:1: tls_cert: goes with tls_key, which is empty; give both, or none"],
    );
    check_refused(
        "",
        &[("POE_TLS_KEY", "key.pem")],
        &[],
        &expect!["POE_TLS_KEY: goes with tls_cert, which is empty; give both, or none"],
    );
}

/// How HTTP is served with these flags and this data folder, or why it is not.
fn tls(data_dir: &Path, flags: &[&str]) -> Result<Option<String>, String> {
    let data_dir = ["--data-dir", data_dir.to_str().unwrap()];
    let loaded = loaded("", &[], &[&data_dir, flags].concat());
    loaded.tls().map(|files| files.map(|files| files.cert.display().to_string())).map_err(|no| no.to_string())
}

#[test]
fn what_other_machines_can_reach_is_never_in_the_clear_by_accident() {
    let dir = TempDir::new().unwrap();
    let given = ["--tls-cert=given.pem", "--tls-key=given.key"];
    for here in ["127.0.0.1:80", "127.9.9.9:80", "[::1]:80", "[::ffff:127.0.0.1]:80", "none"] {
        assert_eq!(tls(dir.path(), &["--http", here]), Ok(None), "{here}");
    }
    for there in ["0.0.0.0:80", "[::]:80", "10.0.0.7:80", "[::ffff:10.0.0.7]:80"] {
        let refused = tls(dir.path(), &["--http", there]).unwrap_err();
        assert!(refused.starts_with(&format!("--http: '{there}' can be reached")), "{refused}");
        assert_eq!(tls(dir.path(), &["--http", there, "--behind-proxy"]), Ok(None));
        assert!(tls(dir.path(), &["--http", there, "--behind-proxy=false"]).is_err());
        let by_given = tls(dir.path(), &[&["--http", there], &given[..]].concat());
        assert_eq!(by_given, Ok(Some("given.pem".into())));
    }
    expect![[r#"--http: '0.0.0.0:8443' can be reached from other machines, and passwords would cross the network in the clear; make a certificate with `poe tls init`, name one with tls_cert and tls_key, set behind_proxy if a proxy has the TLS, or write 127.0.0.1:8443"#]]
        .assert_eq(&tls(dir.path(), &["--http", "0.0.0.0:8443"]).unwrap_err());

    let made = dir.path().join("tls");
    fs::create_dir(&made).unwrap();
    fs::write(made.join("server.pem"), "").unwrap();
    assert!(tls(dir.path(), &["--http", "0.0.0.0:80"]).is_err(), "half of it is not enough");
    fs::write(made.join("server.key"), "").unwrap();
    let made = made.join("server.pem").display().to_string();
    assert_eq!(tls(dir.path(), &["--http", "0.0.0.0:80"]), Ok(Some(made)));
    assert_eq!(tls(dir.path(), &["--http", "127.0.0.1:80"]), Ok(None), "loopback needs none");
    assert_eq!(tls(dir.path(), &["--http", "0.0.0.0:80", "--behind-proxy"]), Ok(None), "a proxy has its own");
    assert_eq!(
        tls(dir.path(), &[&["--http", "127.0.0.1:80"], &given[..]].concat()),
        Ok(Some("given.pem".into()))
    );
}

#[test]
fn names_of_hosts_are_names() {
    check_refused(
        "host_names = [\"poe.example:80\"]",
        &[("POE_HOST_NAMES", "10.0.0.7")],
        &["--behind-proxy=perhaps"],
        &expect![[r#"
            poe.toml:1: host_names: 'poe.example:80' is not a host name; write it like poe.example
            POE_HOST_NAMES: '10.0.0.7' is not a host name; write it like poe.example
            --behind-proxy: 'perhaps' is not one of true, false"#]],
    );
    assert!(loaded("behind_proxy = true", &[], &[]).config.behind_proxy);
}

#[test]
fn files_that_are_not_toml() {
    check_file(
        "table = \"sensors\"\nlisten 1234",
        &expect![
            "poe.toml:2:8: key with no value, expected `=`; `poe config example` shows how settings are written"
        ],
    );
    check_file(
        "table = \"sensors",
        &expect![[
            r#"poe.toml:1:17: invalid basic string, expected `"`; `poe config example` shows how settings are written"#
        ]],
    );
    check_file(
        "table = \"a\"\ntable = \"b\"",
        &expect!["poe.toml:2:1: duplicate key; `poe config example` shows how settings are written"],
    );
    assert_eq!(loaded("\u{feff}table = \"t\"\r\n", &[], &[]).config.table, "t");
}

#[test]
fn mistakes_in_variables_and_flags() {
    check_refused(
        "",
        &[("POE_HTTP", "foo"), ("POE_MAX_SENSORS", "0")],
        &[],
        &expect![[r#"
        POE_HTTP: 'foo' is not an address; write it like 127.0.0.1:8080, or none
        POE_MAX_SENSORS: max_sensors = 0: must be 1 to 16777216"#]],
    );
    check_refused(
        "",
        &[("POE_ALLOW", "lan"), ("POE_TABLE", "a b")],
        &[],
        &expect![[r#"
        POE_TABLE: 'a b' is not a table name; use at most 64 letters, digits and underscores, not a digit or sqlite_ first
        POE_ALLOW: 'lan' is not a network; write it like 192.168.0.0/16"#]],
    );
    check_refused(
        "",
        &[],
        &["--http", "nowhere", "--max-connections", "-1"],
        &expect![[r#"
        --http: 'nowhere' is not an address; write it like 127.0.0.1:8080, or none
        --max-connections: max_connections = -1: must be 1 to 1000000"#]],
    );
    check_refused(
        "",
        &[],
        &["--listen", "localhost", "--log", ""],
        &expect![[r#"
        --listen: 'localhost' is not an address; write it like 0.0.0.0:1234
        --log: must not be empty; write for example info"#]],
    );
}

#[test]
fn files_that_cannot_be_read() {
    let dir = TempDir::new().unwrap();
    let read = |name: &str, bytes: Option<&[u8]>| {
        let path = dir.path().join(name);
        bytes.inspect(|bytes| fs::write(&path, bytes).unwrap());
        let matches = arguments(Command::new("poe")).get_matches_from(["poe"]);
        let env = [("POE_CONFIG".to_owned(), path.to_str().unwrap().to_owned())];
        let error = load(&matches, env.into_iter()).unwrap_err();
        error.to_string().replace(&format!("{}/", dir.path().display()), "")
    };
    expect!["POE_CONFIG: cannot read 'missing.toml': No such file or directory (os error 2); `poe config example` prints a file to start from"].assert_eq(&read("missing.toml", None));
    expect!["latin1.toml:2:11: this is not UTF-8 text; `poe config example` shows how settings are written"]
        .assert_eq(&read("latin1.toml", Some(b"table = \"a\"\nlog = \"caf\xe9\"")));
    expect!["POE_CONFIG: cannot read 'long.toml': it is too long for a configuration; name a TOML file that this user may read"].assert_eq(&read("long.toml", Some(&vec![b'\n'; (4 << 20) + 1])));
    fs::create_dir(dir.path().join("folder")).unwrap();
    expect!["POE_CONFIG: cannot read 'folder': Is a directory (os error 21); name a TOML file that this user may read"].assert_eq(&read("folder", None));
}

proptest! {
    #[test]
    fn any_text_as_a_file_is_answered(text in "(?s).{0,200}") {
        answered(text.as_bytes());
    }

    #[test]
    fn any_bytes_as_a_file_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        answered(&bytes);
    }

    #[test]
    fn any_value_of_a_setting_is_answered(
        index in 0..SETTINGS.len(),
        value in r#"[\[\]{}"'0-9a-z.:/,#\\ é=\n-]{0,40}"#,
    ) {
        let setting = &SETTINGS[index];
        answered(format!("{} = {value}", setting.key).as_bytes());

        let mut config = Config::default();
        if setting.set(&mut config, &value).is_ok() {
            let mut again = Config::default();
            setting.set(&mut again, &setting.get(&config)).unwrap();
            prop_assert_eq!(config, again);
        }
    }
}

/// Whatever the file says, each entry is taken or refused with a line that names it.
fn answered(bytes: &[u8]) {
    let mut loaded = Loaded::default();
    for given in file::parse(Path::new("poe.toml"), bytes) {
        if let Err(problem) = given.and_then(|given| loaded.take(given)) {
            let named = problem.to_string();
            assert!(named.starts_with("poe.toml:"), "{named}");
        }
    }
}

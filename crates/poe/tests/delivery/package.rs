//! The Debian package: installed, started as its unit says, upgraded, removed and purged on a machine of its own.

use crate::{
    root::Root,
    support::{POE, ground::has_program},
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const UNIT: &str = "/lib/systemd/system/poe.service";
/// As other programs read the table: as nobody, from the file.
const READ: &str = "setpriv --reuid 65534 --regid 65534 --clear-groups sqlite3 'file:/var/lib/poe/poe.db?mode=ro' \
                    \"SELECT value FROM sensors WHERE ip_id = '127.0.0.1_7'\"";

/// Builds the package of the program under test.
#[track_caller]
fn build(version: &str, out: &Path) -> PathBuf {
    let mut command = Command::new("scripts/deb");
    command.args(["--binary", POE, "--version", version, "--compression", "none", "--out"]).arg(out);
    let output = command.current_dir(ROOT).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let packages = fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path());
    let name = format!("poe_{version}_");
    let mut named = packages.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(&name));
    named.next().expect("it is named by its version")
}

#[test]
fn the_package_lives_through_everything_that_is_done_to_packages() {
    let folder = tempfile::tempdir().unwrap();
    let test = "the_package_lives_through_everything_that_is_done_to_packages";
    let Some(mut root) = Root::make(test, folder.path()) else { return };
    build("1.0", folder.path());

    install(&mut root);
    start(&mut root);
    serves(&mut root);
    upgrade(&mut root, folder.path());
    remove(&mut root);
    purge(&mut root);
}

/// On a machine without systemd, as an image is made.
fn install(root: &mut Root) {
    // Debian's own way to leave out its index of all manual pages, which takes seconds.
    root.run("rm -f /var/lib/man-db/auto-update");
    root.run("dpkg -i /mnt/poe_1.0_*.deb");
    assert_eq!(root.run("getent passwd poe | cut -d: -f6,7"), "/var/lib/poe:/usr/sbin/nologin");
    for (path, mode) in [
        ("/usr/bin/poe", "755 root:root"),
        (UNIT, "644 root:root"),
        ("/etc/poe/poe.toml", "644 root:root"),
        ("/var/lib/poe", "755 poe:poe"),
        ("/usr/share/doc/poe/copyright", "644 root:root"),
        ("/usr/share/doc/poe/docs/operating.md", "644 root:root"),
        ("/usr/share/poe/prometheus/poe-alerts.yml", "644 root:root"),
        ("/usr/share/poe/grafana/poe.json", "644 root:root"),
        ("/usr/share/zsh/vendor-completions/_poe", "644 root:root"),
        ("/usr/share/fish/vendor_completions.d/poe.fish", "644 root:root"),
    ] {
        assert_eq!(root.run(&format!("stat -c '%a %U:%G' {path}")), mode, "{path}");
    }
    root.run("test -L /etc/systemd/system/multi-user.target.wants/poe.service");
    root.run("command -v systemd-analyze >/dev/null || exit 0; systemd-analyze verify poe.service");
    root.run("dpkg --verify poe");
    let page = root.run("gzip -dc /usr/share/man/man1/poe-serve.1.gz");
    assert!(page.contains("poe\\-serve \\- "), "{page}");
    let complete = ". /usr/share/bash-completion/completions/poe; COMP_WORDS=(poe ser); COMP_CWORD=1; \
                    _poe poe ser poe; echo ${COMPREPLY[@]}";
    assert_eq!(root.run(complete), "serve");
    assert_eq!(root.run("poe config check --config /etc/poe/poe.toml"), "ok");
}

/// What the unit says, by key.
fn unit(root: &mut Root) -> BTreeMap<String, String> {
    let text = root.run(&format!("cat {UNIT}"));
    let lines = text.lines().filter_map(|line| line.split_once('='));
    lines.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Starts the server as the unit has it: its user, its folder and none of root's rights.
#[track_caller]
fn start(root: &mut Root) {
    let unit = unit(root);
    let (user, umask) = (&unit["User"], &unit["UMask"]);
    assert_eq!(unit["StateDirectory"], "poe");
    let mode = unit["StateDirectoryMode"].trim_start_matches('0');
    assert_eq!(root.run("stat -c '%a %U' /var/lib/poe"), format!("{mode} {user}"));
    let mere =
        format!("setpriv --reuid {user} --regid {user} --clear-groups --no-new-privs --bounding-set=-all");
    let program = format!("{mere} env --ignore-environment {}", unit["ExecStart"]);
    root.run(&format!("cd / && umask {umask} && {program} >/run/poe.log 2>&1 &"));
    let ready = "for i in $(seq 400); do curl -fs http://127.0.0.1:8080/readyz && exit; sleep 0.05; done; \
                 cat /run/poe.log; exit 1";
    assert_eq!(root.run(ready), "ready");
}

/// As systemd would, and waits for its end.
#[track_caller]
fn stop(root: &mut Root) {
    let stop = "pid=$(cat /var/lib/poe/poe.lock); kill $pid; \
                for i in $(seq 400); do test -d /proc/$pid || exit 0; sleep 0.05; done; exit 1";
    root.run(stop);
}

fn serves(root: &mut Root) {
    root.run("curl -fs http://127.0.0.1:8080/healthz");
    // A flame, and the table as any other program reads it.
    root.run(r"printf '\001\007\000\000' >/dev/tcp/127.0.0.1/1234");
    root.run(&format!(
        "for i in $(seq 200); do test \"$({READ})\" = 0 && exit; sleep 0.05; done; {READ}; exit 1"
    ));
    still_has_the_alarm(root);
    for (file, mode) in [("poe.db", "644"), ("state.db", "600"), ("journal.mark", "600"), ("poe.sock", "600")]
    {
        assert_eq!(
            root.run(&format!("stat -c '%a %U:%G' /var/lib/poe/{file}")),
            format!("{mode} poe:poe"),
            "{file}"
        );
    }
}

#[track_caller]
fn still_has_the_alarm(root: &mut Root) {
    let alarms = root.run("poe alarms --config /etc/poe/poe.toml");
    assert!(alarms.contains("127.0.0.1_7"), "{alarms}");
}

/// From here on there is a systemd, of which we see what it is asked for.
fn upgrade(root: &mut Root, folder: &Path) {
    root.run("mkdir -p /run/systemd/system");
    root.run("printf '#!/bin/sh\\necho \"$*\" >>/run/asked\\n' >/usr/local/sbin/systemctl");
    root.run("cd /usr/local/sbin && chmod +x systemctl && cp systemctl deb-systemd-invoke");
    // The administrator has changed a line, and so has the next version.
    root.run("sed -i 's/^commit_interval_ms = .*/commit_interval_ms = 25/' /etc/poe/poe.toml");
    build("1.1", folder);
    root.run("cd /mnt && dpkg-deb -R poe_1.1_*.deb next && echo '# A new line.' >>next/etc/poe/poe.toml");
    root.run("cd /mnt && dpkg-deb -Znone --build next poe_1.1_*.deb");
    root.run("dpkg --force-confold -i /mnt/poe_1.1_*.deb");
    assert_eq!(
        root.run("dpkg-query --show --showformat '${Version} ${Status}' poe"),
        "1.1 install ok installed"
    );
    assert!(root.run("cat /run/asked").contains("restart poe.service"));
    let settings = root.run("poe config show --config /etc/poe/poe.toml");
    assert!(settings.contains("commit_interval_ms = 25"), "{settings}");
    root.run("tail -1 /etc/poe/poe.toml.dpkg-dist | grep -q 'A new line'");

    // The old program serves until the new one takes its place, and the new one knows what it knew.
    root.run("curl -fs http://127.0.0.1:8080/healthz");
    stop(root);
    start(root);
    still_has_the_alarm(root);
}

fn remove(root: &mut Root) {
    stop(root);
    root.run("dpkg --remove poe");
    assert!(root.run("cat /run/asked").contains("stop poe.service"));
    root.run("test ! -e /usr/bin/poe -a -e /etc/poe/poe.toml");
    root.run("test -e /var/lib/poe/state.db -a -e /var/lib/poe/poe.db");

    // Installed again, everything is as it was.
    root.run("rm /run/asked && dpkg -i /mnt/poe_1.1_*.deb");
    assert!(root.run("cat /run/asked").contains("start poe.service"));
    root.run("test ! -L /etc/systemd/system/poe.service");
    root.run("grep -q 'commit_interval_ms = 25' /etc/poe/poe.toml && dpkg -L poe >/run/files");
    start(root);
    still_has_the_alarm(root);
    stop(root);
}

fn purge(root: &mut Root) {
    root.run("touch /etc/poe/mail-password");
    let told = root.run("dpkg --purge poe");
    assert!(told.contains("/var/lib/poe are kept"), "{told}");
    root.run("test ! -e /etc/poe -a ! -e /etc/systemd/system/multi-user.target.wants/poe.service");
    root.run("test -e /var/lib/poe/state.db -a -e /var/lib/poe/journal.mark && getent passwd poe");
    // Of the files that came with it none is left; folders are shared.
    assert_eq!(
        root.run("while read -r path; do test ! -f \"$path\" || echo \"$path\"; done </run/files"),
        ""
    );
}

#[test]
fn the_package_has_no_errors() {
    let test = "the_package_has_no_errors";
    if !has_program(test, "lintian") || !has_program(test, "dpkg-deb") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // Only the test does without, for its program is large.
    let not_compressed = "uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball";
    let mut command = Command::new("lintian");
    command.args(["--allow-root", "--fail-on", "error", "--suppress-tags", not_compressed]);
    let output = command.arg(build("1.0", folder.path())).output().unwrap();
    let found = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{found}");
}

#[test]
fn the_same_program_gives_the_same_package() {
    if !has_program("the_same_program_gives_the_same_package", "dpkg-deb") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [first, second] =
        ["first", "second"].map(|name| fs::read(build("1.0", &folder.path().join(name))).unwrap());
    assert!(first == second, "two packages of one program differ");
}

//! A root of its own: the machine as it is, and what is changed in it goes with it.

use crate::support::{
    ground::{has, has_program},
    is_root,
};
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};
use tempfile::TempDir;

/// Whatever is started in there, and the root itself, ends after so many seconds.
const SECONDS_MAX: &str = "300";

/// Ends the answer to each command.
const END: &str = "--- the command has ended with";

/// `$1` is an empty folder, `$2` is what the root sees as /mnt. /run is empty, so that nobody speaks to the machine's
/// own systemd.
const MAKE: &str = r#"
    set -e
    exec 2>&1
    mount -t tmpfs tmpfs "$1"
    mkdir "$1/upper" "$1/work" "$1/root"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
    cd "$1/root"
    mount --rbind /dev dev
    mount --bind "$2" mnt
    mount -t proc proc proc
    mount -t tmpfs tmpfs run
    mount -t tmpfs tmpfs tmp
    ip link set lo up
    export LC_ALL=C DEBIAN_FRONTEND=noninteractive
    export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    exec chroot . bash --norc
"#;

/// A copy of the machine with processes, files and a network of its own. What runs in it ends with this value.
pub struct Root {
    shell: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
    _folder: TempDir,
}

impl Root {
    /// Where there are no rights or no overlays to make it of, the test is told as skipped.
    pub fn make(test: &str, shown_as_mnt: &Path) -> Option<Self> {
        let programs = ["unshare", "setpriv", "ip", "dpkg-deb", "adduser", "curl", "sqlite3"];
        if !is_root(test) || !programs.iter().all(|program| runs(test, program)) {
            return None;
        }
        let folder = TempDir::new().unwrap();
        let unshare = ["--mount", "--net", "--pid", "--fork", "--kill-child"];
        let mut shell = Command::new("timeout")
            .args(["--signal=KILL", SECONDS_MAX, "unshare"])
            .args(unshare)
            .args(["bash", "-c", MAKE, "make"])
            .args([folder.path(), shown_as_mnt])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let asks = shell.stdin.take().unwrap();
        let answers = BufReader::new(shell.stdout.take().unwrap());
        let mut root = Self { shell, asks, answers, _folder: folder };
        let made = root.ask("true");
        has(test, "mount namespaces and overlayfs", made.is_some_and(|(status, _)| status == 0))
            .then_some(root)
    }

    /// Runs a line of shell that has to succeed, and gives back what it prints.
    #[track_caller]
    pub fn run(&mut self, line: &str) -> String {
        let (status, printed) = self.ask(line).unwrap_or_else(|| panic!("the root has ended at: {line}"));
        assert_eq!(status, 0, "{line}\n{printed}");
        printed
    }

    /// Status and output; nothing, if the root is no more.
    fn ask(&mut self, line: &str) -> Option<(i32, String)> {
        writeln!(self.asks, "( {line}\n) </dev/null 2>&1; echo; echo \"{END} $?\"").ok()?;
        let mut printed = String::new();
        loop {
            let mut line = String::new();
            if self.answers.read_line(&mut line).ok()? == 0 {
                eprintln!("{printed}");
                return None;
            }
            if let Some(status) = line.strip_prefix(END) {
                return Some((status.trim().parse().ok()?, printed.trim_end().to_owned()));
            }
            printed.push_str(&line);
        }
    }
}

/// `adduser` and `ip` have their own ways to tell a version.
fn runs(test: &str, program: &str) -> bool {
    match program {
        "ip" => has(test, program, Command::new(program).arg("-V").output().is_ok()),
        _ => has_program(test, program),
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        // `timeout` would leave its child behind if it were killed; without its shell the root ends by itself.
        writeln!(self.asks, "exit").ok();
        self.shell.wait().ok();
    }
}

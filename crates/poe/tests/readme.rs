//! Every command of the README runs, and every link of the pages leads somewhere. A line that this test does not know
//! how to run fails it.
#![allow(clippy::unwrap_used, reason = "a test may end like this")]

#[path = "support/ground.rs"]
#[allow(dead_code, reason = "this uses a part of it")]
mod ground;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const README: &str = include_str!("../../../README.md");

/// The lines of the README's shell blocks, without their comments.
fn commands() -> Vec<String> {
    let blocks = README.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    let lines = blocks.flat_map(str::lines).map(|line| line.split(" # ").next().unwrap().trim().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

struct Server {
    child: Child,
    tcp: String,
    http: String,
}

impl Server {
    fn start(folder: &Path, arguments: &str) -> Self {
        let ports = "--listen 127.0.0.1:0 --http 127.0.0.1:0 --console off";
        let mut command = Command::new(env!("CARGO_BIN_EXE_poe"));
        command.args(format!("serve {arguments} {ports}").split_whitespace());
        let mut child = command.current_dir(folder).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut address = |kind: &str| {
            let line = lines.next().expect("the server starts");
            line.strip_prefix(&format!("listening {kind} ")).expect("each listener has its line").to_owned()
        };
        let (tcp, http) = (address("tcp"), address("http"));
        Self { child, tcp, http }
    }

    fn stop(mut self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id() as i32);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Whether the line needs a program that is not installed here; then it is told as skipped.
fn is_missing(line: &str) -> bool {
    let program = line.split_whitespace().next().unwrap();
    let missing = ["sqlite3", "curl"].contains(&program)
        && !Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if missing {
        let part = format!("every_command_of_the_readme_runs: {program}");
        ground::skip(&part, &format!("needs {program}"));
    }
    missing
}

/// Runs a line of shell in the folder, as a person would, and gives back what it prints.
fn shell(folder: &Path, line: &str) -> String {
    let path = format!("{}:{}", folder.join("target/release").display(), std::env::var("PATH").unwrap());
    let output =
        Command::new("sh").args(["-c", line]).current_dir(folder).env("PATH", path).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}\n{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Sends the server what the line would have a shell send to its usual port.
fn flame(server: &str, line: &str) {
    assert_eq!(line, r"printf '\001\007\000\000' > /dev/tcp/127.0.0.1/1234");
    TcpStream::connect(server).unwrap().write_all(&[1, 7, 0, 0]).unwrap();
}

/// Runs a line until it prints this: what the line before has caused may need a moment.
fn shown(folder: &Path, line: &str, wanted: &str) {
    let until = Instant::now() + Duration::from_secs(5);
    let mut printed = String::new();
    while Instant::now() < until {
        printed = shell(folder, &format!("{line} 2>&1 || true"));
        if printed.contains(wanted) {
            return;
        }
    }
    panic!("{line}\n{printed}");
}

#[test]
fn every_command_of_the_readme_runs() {
    let root = Path::new(ROOT);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir_all(folder.join("target/release")).unwrap();
    symlink(env!("CARGO_BIN_EXE_poe"), folder.join("target/release/poe")).unwrap();
    let server = Server::start(folder, "--data-dir data");

    for line in commands() {
        if is_missing(&line) {
            continue;
        }
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            // They build everything and run this very test: it is enough that make knows what to do.
            ["make", target] => _ = shell(root, &format!("make --dry-run {target}")),
            ["target/release/poe", "simulate", ..] => {
                let printed = shell(folder, &format!("{line} --connect {}", server.tcp));
                assert!(printed.contains("315 frames"), "{printed}");
            }
            ["sqlite3", ..] => assert_eq!(shell(folder, &line).lines().count(), 3, "{line}"),
            ["curl", ..] => {
                let printed = shell(folder, &line.replace("127.0.0.1:8080", &server.http));
                assert!(printed.contains(r#"poe_frames_total{result="valid"} 315"#), "{printed}");
            }
            ["poe", "serve", "--db", "/srv/site/db.sqlite3", "--table", table] => {
                let schema = format!(
                    "CREATE TABLE {table} (ip_id TEXT PRIMARY KEY NOT NULL, sensor TEXT NOT NULL, \
                     value INTEGER NOT NULL, time REAL NOT NULL, status TEXT NOT NULL)"
                );
                rusqlite::Connection::open(folder.join("site.db")).unwrap().execute_batch(&schema).unwrap();
                Server::start(folder, &format!("--db site.db --table {table} --data-dir beside-a-site"))
                    .stop();
            }
            ["poe", "serve", "--config", file] => {
                Server::start(folder, &format!("--config {file} --data-dir by-config")).stop();
            }
            ["poe", "config", ..] => _ = shell(folder, &line),
            ["printf", ..] => flame(&server.tcp, &line),
            ["poe", "alarms"] => shown(folder, &line, "127.0.0.1_7"),
            ["poe", "alarms", "ack", "1"] => shown(folder, &line, "acknowledged"),
            ["poe", "events", ..] => shown(folder, &line, "alarm.acknowledged"),
            ["poe", "sensors", ..] => shown(folder, &line, "127.0.0.1_7"),
            ["poe", "console"] => shown(folder, &format!("echo a | {line}"), "POE-TERM: "),
            ["poe", "token", "create", .., file] => {
                shell(folder, &line);
                assert!(fs::read_to_string(folder.join(file)).unwrap().starts_with("poe_"));
            }
            ["poe", "history", "verify"] => shown(folder, &line, "history: whole"),
            ["poe", "history", ..] => shown(folder, &line, "with readings"),
            ["poe", "export", .., file] => shown(folder, &format!("rm -f {file}; {line}"), "bytes"),
            ["poe", "import", file] => {
                let text = "time,node,sensor,kind,value\n2025-03-01T12:00:00Z,10.0.0.1,3,HUMIDITY,40\n";
                fs::write(folder.join(file), text).unwrap();
                shown(folder, &line, "1 reading");
            }
            ["poe", "verify"] => shown(folder, &line, "whole"),
            ["poe", "building", "check" | "import", file] => {
                let path = root.join(file).display().to_string();
                shown(folder, &line.replace(file, &path), "3 targets");
            }
            ["poe", "building", "export"] => shown(folder, &line, "north-campus"),
            // Nobody is at that address; that it says so is enough.
            ["poe", "notify", "test", target] => shown(folder, &format!("{line} 2>&1 || true"), target),
            _ => panic!("the README has a command that nobody has tried: {line}"),
        }
    }
    server.stop();
}

#[test]
fn every_subcommand_explains_itself() {
    let mut waiting = vec![vec![]];
    let mut seen = 0;
    while let Some(path) = waiting.pop() {
        let output = Command::new(env!("CARGO_BIN_EXE_poe")).args(&path).arg("--help").output().unwrap();
        assert!(output.status.success(), "poe {path:?} --help");
        let help = String::from_utf8(output.stdout).unwrap();
        seen += 1;
        let commands = help.split_once("Commands:\n").map_or("", |(_, commands)| commands);
        let names = commands.lines().take_while(|line| line.starts_with("  "));
        for name in
            names.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next())
        {
            if name != "help" {
                waiting.push([path.clone(), vec![name.to_owned()]].concat());
            }
        }
    }
    assert!(seen >= 7, "poe, serve, simulate, config and its three: only {seen} found");
}

/// Where the links of a page lead within the project, each with its line.
fn links(page: &str) -> Vec<(usize, &str)> {
    let of_line = |line| str::split(line, "](").skip(1).filter_map(|rest| rest.split([')', ' ', '#']).next());
    let all = (1..).zip(page.lines()).flat_map(|(number, line)| of_line(line).map(move |to| (number, to)));
    // What is empty now leads to a heading of the same page.
    all.filter(|(_, to)| !to.is_empty() && !to.contains("://") && !to.starts_with("mailto:")).collect()
}

#[test]
fn every_link_of_the_pages_leads_to_a_file() {
    let root = Path::new(ROOT);
    let mut pages: Vec<PathBuf> = ["README.md", "ARCHITECTURE.md"].map(|name| root.join(name)).into();
    for folder in ["docs", "docs/decisions"] {
        let listed = fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(listed.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    let mut seen = 0;
    let mut dead = Vec::new();
    for path in pages {
        let page = fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(root).unwrap().display();
        let folder = path.parent().unwrap();
        for (line, to) in links(&page) {
            seen += 1;
            if !folder.join(to).exists() {
                dead.push(format!("{name}:{line}: there is no {to}"));
            }
        }
    }
    assert!(dead.is_empty(), "\n{}\n", dead.join("\n"));
    assert!(seen >= 10, "only {seen} links found");
}

#[test]
fn a_link_is_known_by_where_it_leads() {
    let page = "see [a](a.md), [b](../b.rs#L3 \"b\")\n[web](https://example.org/) [here](#here) (c.md)\n![d](d/e.svg)";
    assert_eq!(links(page), [(1, "a.md"), (1, "../b.rs"), (3, "d/e.svg")]);
}

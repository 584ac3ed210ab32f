//! `kill -9` while readings are committed, imported, sealed, compacted and removed.

use crate::{
    counter::{Counting, seen},
    ledger::{Ledger, values},
    past::Seeded,
    support::{
        PATIENCE, POE, Server, Setup,
        ground::{has_program, long_tests},
        poe,
        tamper::tampered,
    },
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use poe_api::client::Client;
use std::{
    fmt::Write as _,
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

const DAY_MS: u64 = 86_400_000;
/// How many readings each sensor has in a file that is imported: half of them before a midnight.
const IMPORTED: u8 = 60;
/// How long ago that midnight was.
const DAYS_AGO: u64 = 40;
/// How long a server that is to die at some step may take to get there.
const LIFE_MAX: Duration = Duration::from_millis(1_500);
/// A counting node that connects counts that, and sends nothing.
const SKIPPED: u32 = 1;
/// At least so many lives have to leave readings behind; the first steps come before any node is let in. How many readings
/// there are says little: the faster the machine, the fewer come between two of its steps.
const LADEN_MIN: u32 = 4;
/// More than any of the steps has moments; the tests end where a life comes to its end.
const MOMENTS_MAX: u32 = 400;

/// A folder whose server dies again and again, and what must be found in it.
struct House {
    setup: Setup,
    ledgers: [Ledger; 2],
    sent: [u32; 2],
    imports: Vec<Import>,
    /// How many lives left readings of the nodes behind.
    laden: u32,
}

/// A file of readings of a node of its own.
struct Import {
    node: Ipv4Addr,
    file: PathBuf,
    /// Somebody was told that it is in the history.
    was_answered: bool,
}

/// How a life ends.
enum End {
    After(Duration),
    /// At a system call, as strace has it, or after some time if there is no such call.
    At(String),
}

impl House {
    fn new() -> Self {
        let ledgers = [1, 2].map(|last| Ledger::new(Ipv4Addr::new(127, 0, 15, last)));
        // What a debug build does at once, where others wait for an hour or for a gigabyte.
        let setup = Setup::new().env("HISTORY_PACE", "quick");
        Self { setup, ledgers, sent: [0; 2], imports: Vec::new(), laden: 0 }
    }

    /// The server lives under load and dies, and everything is where it should be. Returns false if it had to be killed, since
    /// it never came to the call at which it was to die.
    #[track_caller]
    fn live_and_die(&mut self, end: &End, args: &[&str]) -> bool {
        let setup = self.setup.clone().args(args);
        let started = match end {
            End::After(_) => Ok(setup.start()),
            End::At(call) => tampered(&setup, &format!("{call}:signal=KILL")).0.try_start(),
        };
        let before = self.sent;
        let mut shown = before;
        let mut has_died = true;
        if let Ok(mut server) = started {
            let counting = [0, 1].map(|at| Counting::start(self.ledgers[at].node, server.tcp(), before[at]));
            let mut importing = self.import();
            let time = if let End::After(time) = end { *time } else { LIFE_MAX };
            let until = Instant::now() + time;
            has_died = false;
            while Instant::now() < until && !has_died {
                shown = [0, 1].map(|at| seen(&setup.db_path(), self.ledgers[at].node).number);
                thread::sleep(Duration::from_millis(3));
                has_died = !Path::new(&format!("/proc/{}", server.pid())).exists();
            }
            // It may have gone already.
            kill(Pid::from_raw(server.pid() as i32), Signal::SIGKILL).ok();
            server.wait();
            self.sent = counting.map(Counting::stop);
            let was_answered = importing.wait().unwrap().success();
            self.imports.last_mut().unwrap().was_answered = was_answered;
        }
        self.check(&before, &shown);
        has_died
    }

    /// Begins to import one more file.
    fn import(&mut self) -> Child {
        let number = self.imports.len();
        let node = Ipv4Addr::new(10, 8, (number / 250) as u8, (number % 250) as u8);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
        let begin = (now / DAY_MS - DAYS_AGO) * DAY_MS - DAY_MS / 24;
        let mut text = "time,node,sensor,kind,value\n".to_owned();
        for value in 0..IMPORTED {
            let time_ms = begin + u64::from(value) * DAY_MS / 12 / u64::from(IMPORTED);
            for sensor in 0..2 {
                writeln!(text, "{time_ms},{node},{sensor},WATER,{value}").unwrap();
            }
        }
        let file = self.setup.scratch().join(format!("import-{number}.csv"));
        fs::write(&file, text).unwrap();
        let mut import = Command::new(POE);
        import.arg("import").arg(&file).arg("--data-dir").arg(self.setup.data_path());
        self.imports.push(Import { node, file, was_answered: false });
        import.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Looks for everything after a life that began with these numbers and showed those.
    #[track_caller]
    fn check(&mut self, after: &[u32; 2], shown: &[u32; 2]) {
        let mut server = self.setup.start();
        let client = self.client();
        let found_before = self.found();
        for (at, ledger) in self.ledgers.iter_mut().enumerate() {
            ledger.check(&client, after[at] + SKIPPED, shown[at], self.sent[at]);
        }
        self.laden += u32::from(self.found() > found_before);
        for import in &self.imports {
            import.check(&client, import.was_answered);
        }
        server.kill();
    }

    /// How many of the nodes' readings were found.
    fn found(&self) -> usize {
        self.ledgers.iter().map(Ledger::len).sum()
    }

    /// What was not imported is, and nothing is twice.
    #[track_caller]
    fn check_end(&mut self) {
        let server = self.setup.start();
        let client = self.client();
        for import in &self.imports {
            let args = ["import", import.file.to_str().unwrap(), "--data-dir"].map(str::to_owned);
            poe(args.into_iter().chain([self.setup.data_path().display().to_string()]));
            import.check(&client, true);
        }
        assert_eq!(server.metric("poe_history_damaged_files"), 0.0, "{}", server.stderr());
        assert!(self.laden >= LADEN_MIN, "hardly any load: readings of {} lives", self.laden);
    }

    fn client(&self) -> Client {
        Client::local(self.setup.data_path().join("poe.sock"))
    }
}

impl Import {
    /// It is there as a whole, or, where that may be, not at all.
    #[track_caller]
    fn check(&self, client: &Client, has_to_be_there: bool) {
        let told = [0, 1].map(|sensor| values(client, self.node, sensor));
        if has_to_be_there || told.iter().any(|told| !told.is_empty()) {
            let whole: Vec<u8> = (0..IMPORTED).collect();
            assert!(told.iter().all(|told| *told == whole), "{}: {told:?}", self.node);
        }
    }
}

#[test]
fn what_was_shown_is_in_the_history_once_after_kill_9_under_load() {
    let mut house = House::new();
    let mut seeded = Seeded(9);
    for _ in 0..if long_tests() { 200 } else { 20 } {
        let time = Duration::from_millis(20 + seeded.below(480));
        house.live_and_die(&End::After(time), &[]);
    }
    house.check_end();
}

/// Each of some calls kills the server in turn: in minutes every one of them, else as many as there is time for.
#[track_caller]
fn check_every_step(test: &str, calls: &str, few: u32, args: &[&str]) {
    if !has_program(test, "strace") {
        return;
    }
    let mut house = House::new();
    let (mut moment, mut step, mut deaths) = (1, 1, 0);
    while deaths < few || long_tests() {
        assert!(moment < MOMENTS_MAX, "there is no end");
        if !house.live_and_die(&End::At(format!("{calls}:when={moment}")), args) {
            break;
        }
        deaths += 1;
        // Later moments are more alike.
        step += u32::from(!long_tests() && deaths % 4 == 0);
        moment += step;
    }
    eprintln!("{calls}: killed {deaths} times, up to call {moment}");
    assert!(deaths > 5, "{calls}: only {deaths} deaths");
    house.check_end();
}

#[test]
fn a_kill_at_any_change_of_a_name_leaves_every_reading_in_the_history_once() {
    let test = "a_kill_at_any_change_of_a_name_leaves_every_reading_in_the_history_once";
    check_every_step(test, "rename,unlink,mkdir,rmdir", 12, &[]);
}

#[test]
fn a_kill_at_any_sync_leaves_every_reading_in_the_history_once() {
    check_every_step(
        "a_kill_at_any_sync_leaves_every_reading_in_the_history_once",
        "fsync,fdatasync",
        12,
        &[],
    );
}

/// Days that are too old go by whole days. Whatever happens on the way, the others are as they were, and the next start goes on.
#[test]
fn a_kill_at_any_step_of_retention_leaves_whole_days_and_touches_no_others() {
    let test = "a_kill_at_any_step_of_retention_leaves_whole_days_and_touches_no_others";
    if !has_program(test, "strace") {
        return;
    }
    let mut house = House::new();
    let (mut moment, mut deaths) = (1, 0);
    while deaths < if long_tests() { 60 } else { 8 } {
        assert!(moment < MOMENTS_MAX, "there is no end");
        // Something old for the next life to remove.
        let mut server = house.setup.start();
        assert!(house.import().wait().unwrap().success(), "{}", server.stderr());
        house.imports.last_mut().unwrap().was_answered = true;
        house.imports.last().unwrap().check(&house.client(), true);
        server.kill();

        let call = format!("rename,unlink,rmdir,fsync:signal=KILL:when={moment}");
        let setup = house.setup.clone().args(["--history-keep-days", "30"]);
        let counting_from = house.sent[0];
        let mut shown = [counting_from, house.sent[1]];
        let mut has_died = true;
        if let Ok(mut server) = tampered(&setup, &call).0.try_start() {
            let counting = Counting::start(house.ledgers[0].node, server.tcp(), counting_from);
            let until = Instant::now() + LIFE_MAX;
            has_died = false;
            while Instant::now() < until && !has_died {
                shown[0] = seen(&setup.db_path(), house.ledgers[0].node).number;
                thread::sleep(Duration::from_millis(3));
                has_died = !Path::new(&format!("/proc/{}", server.pid())).exists();
            }
            kill(Pid::from_raw(server.pid() as i32), Signal::SIGKILL).ok();
            server.wait();
            house.sent[0] = counting.stop();
        }
        deaths += u32::from(has_died);
        moment += if long_tests() { 1 } else { 3 };

        // What is left of an old day is all of it.
        let mut server = house.setup.start();
        let client = house.client();
        house.ledgers[0].check(&client, counting_from + SKIPPED, shown[0], house.sent[0]);
        let half: Vec<u8> = (0..IMPORTED / 2).collect();
        let rest: Vec<u8> = (IMPORTED / 2..IMPORTED).collect();
        let whole = [&half[..], &rest].concat();
        for import in &house.imports {
            for told in [0, 1].map(|sensor| values(&client, import.node, sensor)) {
                let is_by_days = told.is_empty() || told == rest || told == whole;
                assert!(is_by_days, "{}: {told:?}", import.node);
            }
        }
        assert_eq!(server.metric("poe_history_damaged_files"), 0.0, "{}", server.stderr());
        server.kill();
        if !has_died {
            break;
        }
    }
    assert!(deaths > 3, "only {deaths} deaths");
    // And a life in which nobody is killed.
    let mut server = house.setup.start();
    assert!(house.import().wait().unwrap().success(), "{}", server.stderr());
    server.kill();
    let server = house.setup.clone().args(["--history-keep-days", "30"]).start();
    let client = house.client();
    let is_gone = |import: &Import| (0..2).all(|sensor| values(&client, import.node, sensor).is_empty());
    server.wait_for(|_| house.imports.iter().all(is_gone), PATIENCE);
    let is_told = |_: &Server| {
        let removed = client.get("/api/v1/events?kind=history.removed").unwrap();
        removed["items"].as_array().unwrap().len() >= 2
    };
    server.wait_for(is_told, PATIENCE);
}

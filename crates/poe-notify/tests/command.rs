//! Pages to programs that end well, badly, late, and with children of their own.
#![allow(clippy::unwrap_used, reason = "a test may end like this")]

mod support;

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};
use support::{Desk, alarms, command, page, wait};

const LIMIT: Duration = Duration::from_secs(5);

/// Whether a process is there that is more than a name in a list.
fn lives(pid: &str) -> bool {
    let status = fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat")).unwrap_or_default();
    !status.is_empty() && !status.contains(") Z ")
}

#[test]
fn a_command_gets_json_and_a_clean_environment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display();
    let desk = Desk::new(vec![command("siren", &format!("cat >{path}/json; env >{path}/env"), LIMIT)]);
    desk.notifier.send(vec![page(5, "siren", poe_building::Class::Alarm, "smoke\n$(reboot)\0")]);
    desk.wait_confirmed(1);
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path().join("json")).unwrap()).unwrap();
    assert_eq!((json["version"].as_u64(), json["pages"][0]["promise"].as_u64()), (Some(1), Some(5)));
    let env = fs::read_to_string(folder.path().join("env")).unwrap();
    assert!(
        env.contains("POE_KEY=10.89.21.188_5/smoke.critical/5\n") && env.contains("POE_CLASS=alarm\n"),
        "{env}"
    );
    assert!(env.contains("POE_SUMMARY=ALARM: smoke $(reboot)\n"), "{env}");
    let names = env.lines().filter_map(|line| line.split('=').next());
    let known = ["PATH", "POE_KEY", "POE_CLASS", "POE_SUMMARY", "PWD", "SHLVL", "_", "OLDPWD"];
    assert!(names.clone().all(|name| known.contains(&name)), "{env}");
}

#[test]
fn a_command_that_fails_is_tried_again_and_its_complaint_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("tried");
    let mark = mark.display();
    let script = format!("[ -e {mark} ] && exit 0; touch {mark}; echo 'no modem' >&2; seq 10000 >&2; exit 3");
    let desk = Desk::new(vec![command("sms", &script, LIMIT)]);
    desk.notifier.send(alarms([1], "sms"));
    desk.wait_confirmed(1);
    let failure = desk.failures().remove(0);
    assert!(failure.starts_with("the command ended with exit status: 3: no modem 1 2 3"), "{failure}");
    assert!(failure.len() < 300, "{failure}");
}

#[test]
fn a_command_that_does_not_read_is_no_failure() {
    let desk = Desk::new(vec![command("siren", "exec <&-; exit 0", LIMIT)]);
    desk.notifier.send(alarms(0..200, "siren"));
    desk.wait_confirmed(200);
    assert_eq!(desk.figures("siren").failed, 0);
}

#[test]
fn a_command_that_hangs_is_ended_with_all_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let script = format!("sleep 600 & echo $! $$ >{}; trap '' TERM; sleep 600; sleep 600", pids.display());
    let desk = Desk::new(vec![command("siren", &script, Duration::from_millis(500))]);
    let began = Instant::now();
    desk.notifier.send(alarms([1], "siren"));
    let failure = desk.wait_failure();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(failure.starts_with("the command was ended after 0.5 s"), "{failure}");
    let pids = fs::read_to_string(pids).unwrap();
    wait("end of all", || pids.split(' ').all(|pid| !lives(pid)), || pids.clone());
}

#[test]
fn a_command_may_leave_a_child_behind_that_nobody_waits_for() {
    let desk = Desk::new(vec![command("siren", "sleep 20 & exit 0", LIMIT)]);
    let began = Instant::now();
    desk.notifier.send(alarms([1], "siren"));
    desk.wait_confirmed(1);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn commands_run_one_at_a_time_in_the_order_of_their_weight() {
    let folder = tempfile::tempdir().unwrap();
    let order = folder.path().join("order");
    let script = format!(
        "[ -e {0}.lock ] && exit 1; touch {0}.lock; sleep 0.2; cat >>{0}; echo >>{0}; rm {0}.lock",
        order.display()
    );
    let desk = Desk::new(vec![command("siren", &script, LIMIT)]);
    let of = |id, class| page(id, "siren", class, "signal");
    use poe_building::Class::{Alarm, Supervisory, Trouble};
    desk.notifier.send(vec![of(1, Trouble)]);
    wait("the first", || order.with_extension("lock").exists(), || ());
    desk.notifier.send(vec![of(2, Trouble), of(3, Supervisory), of(5, Alarm), of(4, Alarm)]);
    desk.wait_confirmed(5);
    assert_eq!(desk.confirmed(), [1, 4, 5, 3, 2]);
    assert_eq!(desk.figures("siren").failed, 0);
}

#[test]
fn a_stop_ends_what_runs() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let desk = Desk::new(vec![command("siren", &format!("echo $$ >{}; sleep 600", pid.display()), LIMIT)]);
    desk.notifier.send(alarms([1], "siren"));
    let written = || fs::read_to_string(&pid).unwrap_or_default();
    wait("a process", || !written().trim().is_empty(), || ());
    let began = Instant::now();
    desk.notifier.stop();
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    wait("its end", || !lives(&written()), || ());
}

#[test]
fn a_program_that_is_not_there_is_said() {
    let mut target = command("siren", "", LIMIT);
    target.delivery =
        poe_building::Delivery::Command { arguments: vec!["/no/such/siren".into()], time_limit: LIMIT };
    let desk = Desk::new(vec![target]);
    desk.notifier.send(alarms([1], "siren"));
    let failure = desk.wait_failure();
    assert!(failure.contains("/no/such/siren cannot be started: No such file"), "{failure}");
}

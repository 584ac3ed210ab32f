//! The program as it is delivered: the Debian package on a machine of its own, the image, what shells and `man` know.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

#[path = "delivery/container.rs"]
mod container;
#[path = "delivery/package.rs"]
mod package;
#[path = "delivery/root.rs"]
mod root;
mod support;

use std::fs;
use support::poe;

#[test]
fn every_shell_gets_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let printed = poe(["completions", shell]);
        assert!(printed.status.success(), "{shell}: {}", printed.stderr);
        for word in ["serve", "simulate", "alarms", "max-connections"] {
            assert!(printed.stdout.contains(word), "{shell} does not know {word}");
        }
    }
    let unknown = poe(["completions", "ksh"]);
    assert!(!unknown.status.success() && unknown.stderr.contains("bash"), "{}", unknown.stderr);
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("pages");
    assert!(poe(["man".as_ref(), pages.as_os_str()]).status.success());
    // The help names the commands, and those that are not for people are in neither.
    let help = poe(["--help"]).stdout;
    let commands =
        help.split_once("Commands:\n").unwrap().1.lines().take_while(|line| line.starts_with("  "));
    let names: Vec<_> = commands.filter(|line| !line.starts_with("   ")).map(first_word).collect();
    assert!(names.contains(&"serve") && !names.contains(&"man"), "{names:?}");
    for name in names.iter().filter(|name| **name != "help") {
        let page = fs::read_to_string(pages.join(format!("poe-{name}.1"))).unwrap();
        let title = format!(".TH poe-{name} 1  \"poe {}\"", env!("CARGO_PKG_VERSION"));
        assert!(page.contains(&title), "{title} is not in\n{page}");
    }
    assert!(!pages.join("poe-man.1").exists());
    assert!(fs::read_to_string(pages.join("poe.1")).unwrap().contains("not a listed fire alarm system"));
}

#[test]
fn a_folder_that_takes_no_pages_is_named() {
    let told = poe(["man", "/proc/pages"]);
    assert!(!told.status.success() && told.stderr.contains("/proc/pages"), "{}", told.stderr);
}

fn first_word(line: &str) -> &str {
    line.split_whitespace().next().unwrap()
}

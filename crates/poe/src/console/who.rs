//! Who types: the name that the journal keeps for every order of this console.

use super::plain::plain;
use nix::unistd::{Uid, User, getuid};
use poe::Who;
use std::{env, fs};

/// What Linux says of a process that no login has led to.
const NO_LOGIN: u32 = u32::MAX;

/// Whoever logged in, as far as the system knows it: the kernel keeps that through `su` and `sudo`, and nobody can talk
/// it out of it. Where it does not, whoever called `sudo`, and else the user of this process.
pub(crate) fn operator(origin: &str) -> Who {
    let login = fs::read_to_string("/proc/self/loginuid").ok().and_then(|uid| uid.trim().parse().ok());
    let sudo = env::var("SUDO_USER").ok();
    let by_uid = |uid| User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| user.name);
    let by_name = |name: &str| User::from_name(name).is_ok_and(|user| user.is_some());
    Who::new(name(login, getuid().as_raw(), sudo.as_deref(), by_uid, by_name), origin)
}

fn name(
    login: Option<u32>,
    uid: u32,
    sudo: Option<&str>,
    by_uid: impl Fn(u32) -> Option<String>,
    exists: impl Fn(&str) -> bool,
) -> String {
    let login = login.filter(|login| *login != NO_LOGIN).and_then(&by_uid);
    // Only root could be somebody else by `sudo`; from anybody else it is a mere word of the environment.
    let sudo = sudo.filter(|name| uid == 0 && exists(name)).map(str::to_owned);
    let name = login.or(sudo).or_else(|| by_uid(uid)).unwrap_or_else(|| format!("uid {uid}"));
    plain(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_names_the_person_and_not_what_the_environment_pretends() {
        let check = |login, uid, sudo| {
            let by_uid = |uid| match uid {
                0 => Some("root".to_owned()),
                1000 => Some("alice".to_owned()),
                998 => Some("poe".to_owned()),
                _ => None,
            };
            name(login, uid, sudo, by_uid, |name| name == "alice")
        };
        assert_eq!(check(None, 1000, None), "alice");
        assert_eq!(check(Some(NO_LOGIN), 0, None), "root");
        assert_eq!(check(Some(1000), 998, None), "alice");
        assert_eq!(check(Some(1000), 0, Some("mallory")), "alice");
        assert_eq!(check(None, 0, Some("alice")), "alice");
        assert_eq!(check(None, 0, Some("mallory")), "root");
        assert_eq!(check(None, 998, Some("alice")), "poe");
        assert_eq!(check(Some(4_000), 4_000, None), "uid 4000");
    }
}

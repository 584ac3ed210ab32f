#![allow(clippy::unwrap_used, reason = "a test may end like this")]

use super::*;
use crate::{EntryKind, OrderRefused};

const NOW: Time = Time::from_secs(1_000_000);

fn user(name: &str, role: Role) -> User {
    User { name: name.into(), role, reach: Reach::default(), password: "$argon2id$".into(), created: NOW }
}

fn session(user: &str, no: u8, last_used: Time) -> UserSession {
    UserSession { hash: SecretHash([no; 32]), user: user.into(), origin: "::1".into(), began: NOW, last_used }
}

fn with(users: &[User], sessions: &[UserSession]) -> Access {
    Access::restored(users.iter().cloned(), [], sessions.iter().cloned())
}

fn order(
    access: &mut Access,
    order: AccessOrder,
    now: Time,
) -> Result<Vec<(EntryKind, String)>, OrderRefused> {
    let decided = access.decide(order, now)?;
    decided.changes.iter().for_each(|change| access.apply(change));
    Ok(decided.notes)
}

#[test]
fn the_first_account_is_made_once() {
    let mut access = Access::default();
    let noted = order(&mut access, AccessOrder::SetUp(user("anna", Role::Admin)), NOW).unwrap();
    assert_eq!(noted, [(EntryKind::UserAdded, "user anna added: none -> admin".to_owned())]);
    let again = order(&mut access, AccessOrder::SetUp(user("mallory", Role::Admin)), NOW);
    assert_eq!(again, Err(OrderRefused::AlreadySetUp));
    assert!(access.user("mallory").is_none());
}

#[test]
fn another_role_or_password_ends_the_sessions_and_tells_before_and_after() {
    let anna = user("anna", Role::Admin);
    let mut access = with(
        &[anna, user("ben", Role::Operator)],
        &[session("anna", 1, NOW), session("ben", 2, NOW), session("ben", 3, NOW)],
    );
    let change = |role, password: Option<&str>| AccessOrder::ChangeUser {
        name: "ben".into(),
        role,
        reach: None,
        password: password.map(Text::from),
        from_version: None,
    };
    assert_eq!(order(&mut access, change(Some(Role::Operator), None), NOW), Ok(vec![]));
    assert_eq!(access.sessions().count(), 3);
    let noted = order(&mut access, change(Some(Role::Viewer), Some("$other$")), NOW).unwrap();
    assert_eq!(noted[0].1, "user ben: operator -> viewer, password old -> new");
    assert_eq!(access.sessions().map(|it| &*it.user).collect::<Vec<_>>(), ["anna"]);
}

#[test]
fn somebody_can_always_let_others_in() {
    let mut here = user("ben", Role::Admin);
    here.reach = Reach::of(vec!["main".into()]);
    let mut access = with(&[user("anna", Role::Admin), here], &[]);
    let demote = |reach| AccessOrder::ChangeUser {
        name: "anna".into(),
        role: Some(Role::Admin),
        reach,
        password: None,
        from_version: None,
    };
    let remove = || AccessOrder::RemoveUser { name: "anna".into(), from_version: None };
    assert_eq!(order(&mut access, remove(), NOW), Err(OrderRefused::LastAdmin));
    let limited = demote(Some(Reach::of(vec!["main".into()])));
    assert_eq!(order(&mut access, limited, NOW), Err(OrderRefused::LastAdmin));
    assert!(order(&mut access, AccessOrder::AddUser(user("carla", Role::Admin)), NOW).is_ok());
    assert!(order(&mut access, remove(), NOW).is_ok());
}

#[test]
fn names_are_not_to_be_taken_for_each_other() {
    let mut access = with(&[user("anna", Role::Viewer)], &[]);
    for name in ["Anna", "ANNA", "", " ben", "be n", "ben\u{200b}", &"x".repeat(65)] {
        assert!(order(&mut access, AccessOrder::AddUser(user(name, Role::Viewer)), NOW).is_err(), "{name:?}");
    }
    for name in ["server", "Nobody", "unknown"] {
        let refused = order(&mut access, AccessOrder::AddUser(user(name, Role::Viewer)), NOW);
        assert!(matches!(refused, Err(OrderRefused::Unfit { field: "name", .. })), "{name:?}: {refused:?}");
    }
}

#[test]
fn a_change_from_an_older_version_is_refused() {
    let mut access = with(&[user("anna", Role::Admin), user("ben", Role::Viewer)], &[]);
    let version = access.user("ben").unwrap().version();
    let change = |role| AccessOrder::ChangeUser {
        name: "ben".into(),
        role: Some(role),
        reach: None,
        password: None,
        from_version: Some(version),
    };
    assert!(order(&mut access, change(Role::Operator), NOW).is_ok());
    let now = access.user("ben").unwrap().version();
    assert_ne!(now, version);
    let refused = Err(OrderRefused::Changed { version: now });
    assert_eq!(order(&mut access, change(Role::Engineer), NOW), refused);
    let remove = |from_version| AccessOrder::RemoveUser { name: "ben".into(), from_version };
    assert_eq!(order(&mut access, remove(Some(version)), NOW), refused);
    assert!(order(&mut access, remove(Some(now)), NOW).is_ok());
    assert_eq!(order(&mut access, remove(Some(now)), NOW), Err(OrderRefused::Changed { version: 0 }));
}

#[test]
fn sessions_are_used_and_end_as_told_and_the_oldest_makes_room() {
    let later = NOW.after(Duration::from_secs(1));
    let sessions = [1, 2, 3].map(|no| session("anna", no, later));
    let mut access = with(&[user("anna", Role::Viewer)], &sessions);
    let touched = SecretHash([1; 32]);
    let touch = AccessOrder::Touch {
        sessions: vec![(touched, NOW)],
        over: vec![SecretHash([2; 32])],
        tokens: vec![],
    };
    let told = order(&mut access, touch, NOW).unwrap();
    assert_eq!(told, [(EntryKind::SessionEnded, "the session of anna is over".to_owned())]);
    assert_eq!(access.session(&touched).unwrap().last_used, NOW, "the clock was set back");
    assert!(access.session(&SecretHash([2; 32])).is_none());
    for no in 10..10 + SESSIONS_PER_USER_MAX as u8 {
        let later = later.after(Duration::from_secs(u64::from(no)));
        order(&mut access, AccessOrder::BeginSession(session("anna", no, later)), later).unwrap();
    }
    assert_eq!(access.sessions().count(), SESSIONS_PER_USER_MAX);
    assert!(access.session(&touched).is_none(), "it was used before all others");
}

#[test]
fn tokens_are_unique_and_end() {
    let token = |id: &str, name: &str, expires| Token {
        id: id.into(),
        name: name.into(),
        role: Role::Viewer,
        reach: Reach::default(),
        hash: SecretHash([7; 32]),
        created: NOW,
        created_by: "anna".into(),
        expires,
        last_used: None,
    };
    let mut access = Access::default();
    let tomorrow = NOW.after(Duration::from_secs(86_400));
    let made =
        order(&mut access, AccessOrder::CreateToken(token("a1", "grafana", Some(tomorrow))), NOW).unwrap();
    assert_eq!(made[0].1, "token grafana (a1) created: none -> viewer, until 1970-01-13 13:46:40 UTC");
    assert!(order(&mut access, AccessOrder::CreateToken(token("a2", "grafana", None)), NOW).is_err());
    assert!(order(&mut access, AccessOrder::CreateToken(token("a3", "late", Some(NOW))), NOW).is_err());
    assert!(order(&mut access, AccessOrder::CreateToken(token("a4", "graf\u{202e}ana", None)), NOW).is_err());
    assert!(!access.token("a1").unwrap().has_expired(NOW));
    assert!(access.token("a1").unwrap().has_expired(tomorrow));
    let revoked = order(&mut access, AccessOrder::RevokeToken("a1".into()), NOW).unwrap();
    let told = "token grafana (a1) revoked: viewer -> none".to_owned();
    assert_eq!(revoked, [(EntryKind::TokenRevoked, told)]);
    assert!(order(&mut access, AccessOrder::RevokeToken("a1".into()), NOW).is_err());
}

#[test]
fn a_limited_reach_covers_its_buildings_and_nothing_that_is_nowhere() {
    let reach = Reach::of(vec!["main".into()]);
    let place = |name: &str| Source::Place(name.into());
    assert!(reach.covers(&[Source::Node([10, 0, 0, 1].into()), place("kitchen"), place("main")]));
    assert!(!reach.covers(&[place("annex"), place("site")]));
    assert!(!reach.covers(&[Source::System]));
    assert!(Reach::default().covers(&[]));
}

#[test]
fn a_time_is_told_as_a_date() {
    for (secs, told) in [
        (0, "1970-01-01 00:00:00 UTC"),
        (951_782_399, "2000-02-28 23:59:59 UTC"),
        (951_782_400, "2000-02-29 00:00:00 UTC"),
        (1_795_424_659, "2026-11-23 09:04:19 UTC"),
        (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        (-1, "1969-12-31 23:59:59 UTC"),
    ] {
        assert_eq!(Time::from_secs(secs).to_string(), told);
    }
}

//! How long sessions last, and when they and tokens were used last. Uses are kept here and stored every minute or so: a row for
//! each request would cost more than the request.
//!
//! Sessions age by a clock that nobody sets. The wall's clock is asked once for each, when it is first seen after a start: a
//! clock that is set forward by a day ends none, and one that is set back makes none longer.

use std::collections::HashMap;
use std::mem::take;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use poe_building::{
    Access, AccessOrder, SESSION_ABSOLUTE, SESSION_IDLE, SecretHash, Text, Time, UserSession,
};

use crate::views::now;

/// Now, by both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// What people are shown, and what is stored.
    pub(crate) wall: Time,
    /// What time is measured by.
    pub(crate) steady: Instant,
}

impl Moment {
    pub(crate) fn now() -> Moment {
        Moment { wall: now(), steady: Instant::now() }
    }
}

/// How sessions and tokens are used.
#[derive(Debug, Default)]
pub(crate) struct Uses(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    sessions: HashMap<SecretHash, Age>,
    /// What was used since it was stored last.
    tokens: HashMap<Text, Time>,
}

#[derive(Debug, Clone, Copy)]
struct Age {
    seen: Instant,
    /// How old it was when it was first seen,
    old: Duration,
    /// and for how long nobody had used it.
    idle: Duration,
    used: Option<Instant>,
    /// When it was used, if that is not stored yet.
    unstored: Option<Time>,
}

impl Age {
    fn first_seen(session: &UserSession, now: Moment) -> Age {
        Age {
            seen: now.steady,
            // What was begun or used in the future was so by a clock that was set back since: it counts from here.
            old: now.wall.since(session.began),
            idle: now.wall.since(session.last_used),
            used: None,
            unstored: None,
        }
    }

    fn is_over(&self, now: Instant) -> bool {
        let seen = now.saturating_duration_since(self.seen);
        let idle = self.used.map_or(self.idle + seen, |used| now.saturating_duration_since(used));
        idle >= SESSION_IDLE || self.old + seen >= SESSION_ABSOLUTE
    }
}

impl Uses {
    /// A session has begun: its time runs from here, whatever the wall's clock says from now on.
    pub(crate) fn begun(&self, session: &UserSession, now: Moment) {
        self.kept().age(session, now);
    }

    /// Whether a session is over by itself.
    pub(crate) fn is_over(&self, session: &UserSession, now: Moment) -> bool {
        self.kept().age(session, now).is_over(now.steady)
    }

    /// Uses a session, unless it is over. Only those that are known are used, and their number is bounded.
    pub(crate) fn session(&self, session: &UserSession, now: Moment) -> bool {
        let mut kept = self.kept();
        let age = kept.age(session, now);
        let goes_on = !age.is_over(now.steady);
        if goes_on {
            (age.used, age.unstored) = (Some(now.steady), Some(now.wall));
        }
        goes_on
    }

    pub(crate) fn token(&self, id: &Text, now: Time) {
        let mut kept = self.kept();
        match kept.tokens.get_mut(id) {
            Some(used) => *used = now,
            None => drop(kept.tokens.insert(id.clone(), now)),
        }
    }

    /// When a session was used last, whether that is stored or not.
    pub(crate) fn last_used(&self, session: &UserSession) -> Time {
        let unstored = self.kept().sessions.get(&session.hash).and_then(|age| age.unstored);
        unstored.unwrap_or(session.last_used)
    }

    /// Takes note of the sessions that there are, and no longer of those that there were.
    pub(crate) fn look(&self, access: &Access, now: Moment) {
        let mut kept = self.kept();
        kept.sessions.retain(|hash, _| access.session(hash).is_some());
        for session in access.sessions() {
            kept.age(session, now);
        }
    }

    /// What is to be stored now, and which sessions are over; nothing, if there is neither.
    pub(crate) fn take(&self, access: &Access, now: Moment) -> Option<AccessOrder> {
        self.look(access, now);
        let mut kept = self.kept();
        let (mut sessions, mut over) = (Vec::new(), Vec::new());
        for (hash, age) in &mut kept.sessions {
            if age.is_over(now.steady) {
                over.push(*hash);
            } else if let Some(used) = age.unstored.take() {
                sessions.push((*hash, used));
            }
        }
        let tokens: Vec<_> = take(&mut kept.tokens).into_iter().collect();
        let is_any = !(sessions.is_empty() && over.is_empty() && tokens.is_empty());
        is_any.then_some(AccessOrder::Touch { sessions, over, tokens })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn age(&mut self, session: &UserSession, now: Moment) -> &mut Age {
        self.sessions.entry(session.hash).or_insert_with(|| Age::first_seen(session, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const HASH: SecretHash = SecretHash([7; 32]);

    fn session(at: Time) -> UserSession {
        UserSession { hash: HASH, user: "anna".into(), origin: "::1".into(), began: at, last_used: at }
    }

    /// The same moment by the steady clock and this much later, whatever the wall says.
    fn later(moment: Moment, span: Duration) -> Moment {
        Moment { wall: moment.wall.after(span), steady: moment.steady + span }
    }

    #[test]
    fn uses_are_stored_when_there_are_any_or_a_session_is_over() {
        let (uses, begun) =
            (Uses::default(), Moment { wall: Time::from_secs(1_000), steady: Instant::now() });
        let session = session(begun.wall);
        let access = Access::restored([], [], [session.clone()]);
        assert_eq!(uses.take(&access, begun), None);
        let soon = later(begun, Duration::from_secs(60));
        assert!(uses.session(&session, soon));
        uses.token(&"1a2b3c4d".into(), soon.wall);
        assert_eq!(uses.last_used(&session), soon.wall);
        let touch = AccessOrder::Touch {
            sessions: vec![(HASH, soon.wall)],
            over: vec![],
            tokens: vec![("1a2b3c4d".into(), soon.wall)],
        };
        assert_eq!(uses.take(&access, soon), Some(touch));
        assert_eq!(uses.take(&access, soon), None, "once");
        let over = AccessOrder::Touch { sessions: vec![], over: vec![HASH], tokens: vec![] };
        assert_eq!(uses.take(&access, later(soon, SESSION_IDLE)), Some(over));
        assert_eq!(uses.take(&Access::default(), soon), None);
        assert!(uses.kept().sessions.is_empty(), "what has ended is forgotten");
    }

    #[test]
    fn a_clock_that_is_set_neither_ends_a_session_nor_makes_it_longer() {
        let begun = Moment { wall: Time::from_secs(1_000_000_000), steady: Instant::now() };
        for wall in [
            begun.wall.after(DAY),
            begun.wall.after(1_000 * DAY),
            Time::default(),
            Time::from_secs(999_996_400),
        ] {
            let (uses, session) = (Uses::default(), session(begun.wall));
            uses.look(&Access::restored([], [], [session.clone()]), begun);
            let set = |span| Moment { wall, steady: begun.steady + span };
            assert!(!uses.is_over(&session, set(Duration::from_secs(1))), "{wall}");
            assert!(uses.is_over(&session, set(SESSION_IDLE)), "{wall}");
            // Used all the time.
            let hours =
                (1..=200).find(|hour| !uses.session(&session, set(*hour * Duration::from_secs(3_600))));
            assert_eq!(hours, Some(7 * 24), "{wall}");
        }
    }

    #[test]
    fn what_was_begun_in_the_future_ends_all_the_same() {
        let now = Moment { wall: Time::from_secs(1_000), steady: Instant::now() };
        let (uses, session) = (Uses::default(), session(Time::from_secs(1_000_000_000)));
        assert!(!uses.is_over(&session, now));
        assert!(uses.is_over(&session, later(now, SESSION_IDLE)));
    }
}

//! The answers to commands that were carried out.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode};
use poe_building::SecretHash;

/// Longer than any program goes on trying.
const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// Nine commands a minute for a day. When there are more, the oldest go.
const ANSWERS_MAX: usize = 10_000;
/// The same in bytes, headers and keys aside: most answers are below a kilobyte.
const ANSWERS_BYTES_MAX: usize = 16 * 1024 * 1024;
/// As many are under way at a time. They go on when their client leaves, so that the places of clients do not bound them.
const UNDER_WAY_MAX: usize = 256;
/// A larger answer is a list or a copy of something, which can be asked for again.
pub(super) const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A command as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Command {
    /// Of who sends it, where to, and the key.
    pub(super) scope: SecretHash,
    /// Of its body.
    pub(super) body: SecretHash,
}

/// As much of an answer as is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) content_type: Option<HeaderValue>,
    pub(super) location: Option<HeaderValue>,
    pub(super) body: Bytes,
}

/// What has become of a command with this key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// There was none; it is under way from now on.
    Never,
    UnderWay,
    Answered(Answer),
    /// It was carried out, and its answer is not kept.
    TooLarge,
    /// It had another body.
    Other,
    /// There was none, and too many are under way.
    Busy,
}

/// The answers that are kept.
#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    commands: HashMap<SecretHash, (SecretHash, State)>,
    /// Those that were carried out, the oldest first.
    by_age: VecDeque<(SecretHash, Instant)>,
    bytes: usize,
    under_way: usize,
}

#[derive(Debug)]
enum State {
    UnderWay,
    Done(Option<Answer>),
}

impl Answers {
    /// Begins a command, unless there was one with this key.
    pub(super) fn begin(&self, command: &Command, now: Instant) -> Before {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.let_go(now);
        match kept.commands.get(&command.scope) {
            Some((body, _)) if *body != command.body => Before::Other,
            Some((_, State::UnderWay)) => Before::UnderWay,
            Some((_, State::Done(Some(answer)))) => Before::Answered(answer.clone()),
            Some((_, State::Done(None))) => Before::TooLarge,
            None if kept.under_way >= UNDER_WAY_MAX => Before::Busy,
            None => {
                kept.under_way += 1;
                kept.commands.insert(command.scope, (command.body, State::UnderWay));
                Before::Never
            }
        }
    }

    /// It was carried out, and answered with this.
    pub(super) fn keep(&self, command: &Command, answer: Answer, now: Instant) {
        self.done(command, Some(answer), now);
    }

    /// It was carried out, with an answer that is not kept.
    pub(super) fn too_large(&self, command: &Command, now: Instant) {
        self.done(command, None, now);
    }

    /// It was not carried out.
    pub(super) fn forget(&self, command: &Command) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.commands.remove(&command.scope);
        kept.under_way -= 1;
    }

    fn done(&self, command: &Command, answer: Option<Answer>, now: Instant) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.under_way -= 1;
        kept.bytes += answer.as_ref().map_or(0, |answer| answer.body.len());
        kept.commands.insert(command.scope, (command.body, State::Done(answer)));
        kept.by_age.push_back((command.scope, now));
        kept.let_go(now);
    }
}

impl Kept {
    /// Lets go of the oldest, until what is left is young enough and not too much.
    fn let_go(&mut self, now: Instant) {
        while let Some((scope, kept)) = self.by_age.front()
            && (self.by_age.len() > ANSWERS_MAX
                || self.bytes > ANSWERS_BYTES_MAX
                || now.saturating_duration_since(*kept) >= KEPT_FOR)
        {
            if let Some((_, State::Done(Some(answer)))) = self.commands.remove(scope) {
                self.bytes -= answer.body.len();
            }
            self.by_age.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::hash_of;

    fn command(key: &str, body: &str) -> Command {
        Command { scope: hash_of(key.as_bytes()), body: hash_of(body.as_bytes()) }
    }

    fn answer(bytes: usize) -> Answer {
        Answer {
            status: StatusCode::OK,
            content_type: None,
            location: None,
            body: Bytes::from(vec![b'x'; bytes]),
        }
    }

    #[test]
    fn a_command_is_carried_out_once() {
        let (answers, now) = (Answers::default(), Instant::now());
        let once = command("a", "{}");
        assert_eq!(answers.begin(&once, now), Before::Never);
        assert_eq!(answers.begin(&once, now), Before::UnderWay);
        answers.keep(&once, answer(7), now);
        assert_eq!(answers.begin(&once, now), Before::Answered(answer(7)));
        assert_eq!(answers.begin(&command("a", "{ }"), now), Before::Other);
        assert_eq!(answers.begin(&command("b", "{}"), now), Before::Never);
        let just_before = now + KEPT_FOR - Duration::from_secs(1);
        assert_eq!(answers.begin(&once, just_before), Before::Answered(answer(7)));
        assert_eq!(answers.begin(&once, now + KEPT_FOR), Before::Never, "a day is over");
    }

    #[test]
    fn what_was_refused_may_be_tried_again_and_what_was_long_is_not() {
        let (answers, now) = (Answers::default(), Instant::now());
        let once = command("a", "{}");
        answers.begin(&once, now);
        answers.forget(&once);
        assert_eq!(answers.begin(&once, now), Before::Never);
        answers.too_large(&once, now);
        assert_eq!(answers.begin(&once, now), Before::TooLarge);
    }

    #[test]
    fn as_many_are_under_way_and_no_more() {
        let (answers, now) = (Answers::default(), Instant::now());
        let begin = |no: usize| answers.begin(&command(&no.to_string(), ""), now);
        assert!((0..UNDER_WAY_MAX).all(|no| begin(no) == Before::Never));
        assert_eq!(begin(UNDER_WAY_MAX), Before::Busy);
        assert_eq!(begin(0), Before::UnderWay);
        answers.forget(&command("0", ""));
        answers.keep(&command("1", ""), answer(1), now);
        assert_eq!([begin(0), begin(UNDER_WAY_MAX)], [Before::Never, Before::Never]);
        assert_eq!(begin(UNDER_WAY_MAX + 1), Before::Busy);
    }

    #[test]
    fn the_oldest_answers_go() {
        let (answers, now) = (Answers::default(), Instant::now());
        let store = |no: usize, bytes| {
            let command = command(&no.to_string(), "");
            assert_eq!(answers.begin(&command, now), Before::Never);
            answers.keep(&command, answer(bytes), now);
        };
        (0..ANSWERS_MAX + 10).for_each(|no| store(no, 1));
        assert_eq!(answers.0.lock().unwrap().commands.len(), ANSWERS_MAX);
        assert_eq!(answers.begin(&command("0", ""), now), Before::Never);
        assert_eq!(answers.begin(&command("10", ""), now), Before::Answered(answer(1)));
        (20_000..20_300).for_each(|no| store(no, ANSWER_BYTES_MAX));
        let kept = answers.0.lock().unwrap();
        assert!(kept.bytes <= ANSWERS_BYTES_MAX && kept.by_age.len() == 256, "{}", kept.by_age.len());
    }
}

//! Stories that mostly wait, told side by side, since tests have few threads.
//! The first test that asks for its story begins them all.

use crate::{silence, timers, troubles};
use std::{
    sync::{LazyLock, Mutex},
    thread::{self, JoinHandle},
};

/// A test for each story, and the list of them.
macro_rules! side_by_side {
    ($(#[test] fn $story:ident() in $module:ident;)+) => {
        const STORIES: &[(&str, fn())] = &[$((stringify!($story), $module::$story)),+];

        $(#[test]
        fn $story() {
            hear(stringify!($story));
        })+
    };
}

side_by_side! {
    #[test]
    fn a_node_that_falls_silent_is_late_after_10_s_and_in_trouble_after_30_s_whatever_befell_it() in silence;

    #[test]
    fn a_switch_that_is_lost_is_one_trouble_and_leaves_nothing_of_its_nodes_behind() in silence;

    #[test]
    fn a_server_that_was_stopped_for_40_s_accuses_none_of_its_nodes() in silence;

    #[test]
    fn a_restart_counts_silence_from_the_moment_of_listening() in silence;

    #[test]
    fn a_kill_within_an_on_delay_or_an_off_delay_costs_nothing_of_it() in timers;

    #[test]
    fn a_kill_within_an_escalation_or_before_people_are_asked_again_costs_nothing_of_it() in timers;

    #[test]
    fn a_clock_that_was_set_before_a_kill_neither_ends_nor_extends_a_delay() in timers;

    #[test]
    fn a_kill_within_a_shelving_neither_ends_nor_extends_it() in timers;

    #[test]
    fn a_target_that_takes_nothing_is_a_trouble_until_it_takes_something() in troubles;
}

type Told = Vec<(&'static str, JoinHandle<()>)>;

/// The stories that nobody has heard yet.
static TOLD: LazyLock<Mutex<Told>> = LazyLock::new(|| {
    let begin = |(name, story): &(&'static str, fn())| (*name, thread::spawn(*story));
    Mutex::new(STORIES.iter().map(begin).collect())
});

/// Waits for the end of a story. One that has failed is told once more, by itself: where a busy machine stood still for seconds,
/// it measured that. What is wrong is wrong twice.
fn hear(name: &str) {
    let story = {
        let mut told = TOLD.lock().unwrap();
        let at = told.iter().position(|(known, _)| *known == name).expect("every test has its story");
        told.swap_remove(at).1
    };
    let Err(panic) = story.join() else { return };
    let words = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    eprintln!("{name} failed and is told once more: {}", words.unwrap_or("no word of why"));
    let (_, again) = STORIES.iter().find(|(known, _)| *known == name).expect("it was told before");
    again();
}

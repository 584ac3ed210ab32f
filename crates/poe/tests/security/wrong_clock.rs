//! Sessions, while somebody sets the clock.

use crate::{
    house::House,
    support::{PATIENCE, clock::Clock},
};
use std::{thread, time::Duration};

const DAY_S: i64 = 24 * 60 * 60;

#[test]
fn a_clock_that_is_set_ends_no_session() {
    let Some((clock, setup)) = Clock::new("a_clock_that_is_set_ends_no_session") else { return };
    let mut house = House::of(&setup);
    house.user("anna", "viewer");
    let (used, idle) = (house.login("anna"), house.login("anna"));
    for offset in [DAY_S, -3_600, 400 * DAY_S, -20_000 * DAY_S, 0] {
        clock.set(offset);
        house.who(&used).check(200);
        let sessions = crate::speech::ask("GET", "/api/v1/sessions").header("Cookie", &used);
        let sessions = house.told(&sessions).check(200).json();
        assert_eq!(sessions["items"].as_array().unwrap().len(), 2, "{offset} s: {sessions}");
    }
    clock.set(DAY_S);
    // Whatever is looked at from time to time is looked at once.
    thread::sleep(Duration::from_secs(6));
    house.who(&idle).check(200);
    // What is stored is stored by the wrong clock, and a day is not forgiven after a restart.
    house.server.stop();
    clock.set(3 * DAY_S);
    let house = House { server: house.server.setup().start() };
    house.server.wait_for(|_| house.who(&used).status == 401, PATIENCE);
}

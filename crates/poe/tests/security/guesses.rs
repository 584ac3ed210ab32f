//! Somebody guesses passwords, as fast as they can.

use crate::{
    house::{House, PASSWORD, login},
    speech::{PATIENCE_IN_A_SIEGE, ask},
    support::{PATIENCE, connect_from},
};
use std::{
    io::Write,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

/// How often, and by how many at a time.
const GUESSES: usize = 10_000;
const GUESSERS: usize = 32;
/// How soon a flame is seen meanwhile: what it takes is measured by a benchmark; here it must not wait for the guesses' end.
const FLAME_SEEN_WITHIN: Duration = Duration::from_secs(5);

#[test]
fn ten_thousand_guesses_keep_nobody_out_and_no_alarm_back() {
    let house = House::open();
    house.user("anna", "operator");
    let memory = house.memory_bytes();
    let http = house.server.http();
    let made = AtomicUsize::new(0);
    let begun = Instant::now();
    thread::scope(|scope| {
        for no in 0..GUESSERS {
            let made = &made;
            scope.spawn(move || {
                loop {
                    let guess = made.fetch_add(1, Relaxed);
                    if guess >= GUESSES {
                        return;
                    }
                    // Loopback, which is treated most mildly; and as many names that nobody has.
                    let name = if no % 2 == 0 { "anna".to_owned() } else { format!("user{guess}") };
                    let source = [127, 0, 0, 1];
                    let stream = connect_from(source, http);
                    stream.set_read_timeout(Some(PATIENCE_IN_A_SIEGE)).unwrap();
                    let told = login(&name, "not the password").over(stream);
                    assert!([401, 429].contains(&told.status), "{told:?}");
                    assert_eq!(told.status == 429, told.header("retry-after").is_some(), "{told:?}");
                }
            });
        }
        let mut node = connect_from([127, 0, 0, 1], house.server.tcp());
        let mut rang = 0;
        while made.load(Relaxed) < GUESSES {
            let value = (rang + 1) % 2;
            let sent = Instant::now();
            node.write_all(&[1, 7, 0, value]).unwrap();
            let path = "/api/v1/sensors/127.0.0.1_7";
            let is_seen = || {
                let told = house.owner(ask("GET", path));
                told.status == 200 && told.json()["value"] == u64::from(value)
            };
            while !is_seen() {
                assert!(sent.elapsed() < FLAME_SEEN_WITHIN, "the flame is not seen in time");
                thread::sleep(Duration::from_millis(5));
            }
            if rang == 1 {
                let alarms = house.owner(ask("GET", "/api/v1/alarms?class=alarm")).json();
                assert!(alarms["items"][0].is_object(), "a flame has been seen: {alarms}");
            }
            rang += 1;
            thread::sleep(Duration::from_millis(50));
        }
        assert!(rang > 3, "the guesses were over too soon to tell");
    });
    let took = begun.elapsed();
    let grown = house.memory_bytes().saturating_sub(memory);
    eprintln!("{GUESSES} guesses in {took:.1?}, {} KiB more memory", grown / 1024);
    assert!(took < PATIENCE_IN_A_SIEGE * 2, "{took:?}");
    assert!(grown < 256 * 1024 * 1024, "{grown} bytes");

    let failed = house.entries("login.failed", 0);
    assert!(failed.len() <= 10, "{} entries", failed.len());
    assert!(failed.iter().all(|entry| entry["who"]["origin"] == "127.0.0.1"), "{failed:?}");
    let waits = Instant::now();
    loop {
        let told = house.try_login("anna", PASSWORD);
        if told.status == 200 {
            break;
        }
        assert!(waits.elapsed() < PATIENCE, "{told:?}");
        thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn the_right_password_gets_in_beside_those_who_guess_without_end_on_the_same_machine() {
    let house = House::open();
    house.user("anna", "operator");
    let http = house.server.http();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        // As Drop: also when the test fails, so that nobody guesses on.
        let over = Over(&is_over);
        for no in 0..12 {
            let is_over = &is_over;
            scope.spawn(move || {
                let mut guess = 0;
                while !is_over.load(Relaxed) {
                    guess += 1;
                    let name = if no < 4 { "anna".to_owned() } else { format!("user{no}.{guess}") };
                    let told = login(&name, "not the password").to(http);
                    assert!([401, 429].contains(&told.status), "{told:?}");
                }
            });
        }
        thread::sleep(Duration::from_secs(2));
        for _ in 0..2 {
            let begun = Instant::now();
            house.try_login("anna", PASSWORD).check(200);
            assert!(begun.elapsed() < PATIENCE_IN_A_SIEGE / 2, "{:?}", begun.elapsed());
        }
        let begun = Instant::now();
        house.user("bert", "viewer");
        assert!(begun.elapsed() < PATIENCE, "the socket waits for nobody: {:?}", begun.elapsed());
        drop(over);
    });
}

struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

#[test]
fn one_who_guesses_keeps_nobody_elsewhere_out() {
    let house = House::of(&crate::support::Setup::new().args(["--behind-proxy"]));
    house.user("anna", "operator");
    let from = |address: &str, password: &str| {
        house.told(&login("anna", password).header("X-Forwarded-For", address))
    };
    from("192.0.2.7", "not the password").check(401);
    from("2001:db8::1", "not the password").check(401);
    let begun = Instant::now();
    from("198.51.100.7", PASSWORD).check(200);
    from("2001:db8:0:1::1", PASSWORD).check(200);
    // Each of these hashes first, in a debug build for some tenths of a second: nobody has waited for a turn.
    let elsewhere = begun.elapsed();
    for waits in ["192.0.2.99", "2001:db8::2"] {
        from(waits, "not the password").check(401);
        let begun = Instant::now();
        from(waits, PASSWORD).check(200);
        assert!(
            begun.elapsed() > Duration::from_secs(1) + elsewhere / 4,
            "the whole network waits for its turn"
        );
    }
    let failed = house.entries("login.failed", 0);
    let text = failed[0]["text"].as_str().unwrap();
    assert_eq!(text, "logins of anna from 192.0.2.0/24: 1 with a wrong password");
    assert_eq!(failed[0]["who"]["origin"], "192.0.2.7");
}

#[test]
fn nothing_tells_which_names_are_users() {
    let house = House::open();
    house.user("anna", "operator");
    let time = |name: &str| {
        let begun = Instant::now();
        let told = house.try_login(name, "not the password").check(401);
        (begun.elapsed(), told)
    };
    // Each name has one try before it has to wait.
    let (_, of_anna) = time("anna");
    let (_, of_nobody) = time("bert");
    assert_eq!(of_anna, of_nobody);
    let mut nobody: Vec<_> = (0..5).map(|no| time(&format!("user{no}")).0).collect();
    let mut users: Vec<_> = (0..5)
        .map(|no| {
            house.user(&format!("guard{no}"), "viewer");
            time(&format!("guard{no}")).0
        })
        .collect();
    nobody.sort();
    users.sort();
    // Hashing takes most of the time, and it is the same: without it nobody would be answered in a hundredth of that.
    assert!(nobody[2] > users[2] / 4 && users[2] > nobody[2] / 4, "{nobody:?} {users:?}");
    let logged = house.entries("login.failed", 0);
    let texts: Vec<_> = logged.iter().filter_map(|entry| entry["text"].as_str()).collect();
    assert!(texts.iter().all(|text| !text.contains("bert") && !text.contains("user0")), "{texts:?}");
    let metric = |name: &str| house.owner(ask("GET", "/metrics")).body.contains(name);
    house.server.wait_for(|_| metric(r#"poe_login_failures_total{reason="password"} 12"#), PATIENCE);
}

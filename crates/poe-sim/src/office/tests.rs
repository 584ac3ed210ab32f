use super::*;
use poe_building::{ProfileName, Status, profile_rules as rules};

/// 2026-11-23, a Monday, at midnight.
const MONDAY_MS: i64 = 1_795_392_000_000;

fn sensor(room: &str, kind: SensorKind) -> OfficeSensor {
    let found = Office::sensors()
        .find(|(node, id)| SPOTS[*node].room == room && COMMON_NODE[usize::from(*id)] == kind);
    found.unwrap_or_else(|| panic!("{room} has no {kind} sensor"))
}

/// What the rules of a building make of a value.
fn status(kind: SensorKind, value: u8) -> Status {
    let fulfilled =
        rules(ProfileName::Building).iter().filter(|rule| rule.kind == kind && rule.rule.range.holds(value));
    fulfilled.map(|rule| rule.rule.level).max().unwrap_or(Status::Normal)
}

#[test]
fn a_week_in_peace_is_normal_throughout() {
    for seed in 0..3 {
        let office = Office::new(seed);
        for at in (MONDAY_MS..MONDAY_MS + 7 * DAY_MS).step_by(10 * MINUTE_MS as usize) {
            for sensor in Office::sensors() {
                let (value, kind) = (office.in_peace(sensor, at), COMMON_NODE[usize::from(sensor.1)]);
                assert_eq!(
                    status(kind, value),
                    Status::Normal,
                    "{sensor:?} reads {value} at {at} with seed {seed}"
                );
            }
        }
    }
}

#[test]
fn values_have_life_in_them() {
    let office = Office::new(4711);
    let span = |kind, from: i64, to: i64| {
        let sensor = sensor("office-west", kind);
        let values = (from..to).step_by(MINUTE_MS as usize).map(|at| office.in_peace(sensor, at));
        (values.clone().min().unwrap(), values.max().unwrap())
    };
    let day = |kind| span(kind, MONDAY_MS, MONDAY_MS + DAY_MS);
    let (cold, warm) = day(SensorKind::Temperature);
    assert!((4..=12).contains(&(warm - cold)), "{cold} to {warm} degF in a day");
    let (dry, humid) = day(SensorKind::Humidity);
    assert!(humid > dry + 3, "{dry} to {humid} % in a day");
    assert_eq!(day(SensorKind::Motion), (0, 1));
    assert_eq!(
        span(SensorKind::Motion, MONDAY_MS, MONDAY_MS + 5 * HOUR_MS),
        (0, 0),
        "nobody is there at night"
    );
    assert_eq!(day(SensorKind::Fire), (1, 1));
    let kitchen = sensor("kitchen", SensorKind::Smoke);
    let mean = |from: i64| {
        let values =
            (from..from + 30 * MINUTE_MS).step_by(MINUTE_MS as usize).map(|at| office.in_peace(kitchen, at));
        values.map(u32::from).sum::<u32>() / 30
    };
    assert!(mean(MONDAY_MS + 12 * HOUR_MS) > mean(MONDAY_MS + 3 * HOUR_MS) + 5, "somebody cooks at noon");
}

#[test]
fn a_seed_is_the_same_office_for_ever() {
    let office = Office::new(4711);
    let at = MONDAY_MS + 10 * HOUR_MS;
    let told: Vec<u8> = Office::sensors().take(11).map(|sensor| office.in_peace(sensor, at)).collect();
    expect_test::expect!["[1, 52, 0, 49, 72, 1, 52, 0, 51, 74, 2]"].assert_eq(&format!("{told:?}"));
    assert!(
        Office::sensors().any(|sensor| office.in_peace(sensor, at) != Office::new(4712).in_peace(sensor, at))
    );
}

#[test]
fn what_happens_in_a_cycle() {
    let office = Office::new(4711);
    let mut told = String::new();
    for sensor in Office::sensors() {
        let (room, kind) = (SPOTS[sensor.0].room, COMMON_NODE[usize::from(sensor.1)]);
        let mut before = Some(Status::Normal);
        for second in 0..CYCLE.as_secs() {
            let value = office.reading(sensor, MONDAY_MS, Duration::from_secs(second));
            let now = value.map(|value| status(kind, value));
            if now != before && (kind != SensorKind::Motion) {
                let what = now.map_or("silent".to_owned(), |now| now.to_string());
                told += &format!("{second:3} s {room} {kind} {what}\n");
            }
            before = now;
        }
        let again = office.reading(sensor, MONDAY_MS, CYCLE);
        assert_eq!(again, office.reading(sensor, MONDAY_MS, Duration::ZERO), "and so on for ever");
    }
    expect_test::expect![[r#"
        327 s canteen HUMIDITY warning
        389 s canteen HUMIDITY normal
         53 s kitchen SMOKE warning
         90 s kitchen SMOKE normal
        160 s archive FIRE silent
        235 s archive FIRE normal
        160 s archive SMOKE silent
        235 s archive SMOKE normal
        160 s archive HUMIDITY silent
        235 s archive HUMIDITY normal
        160 s archive TEMPERATURE silent
        235 s archive TEMPERATURE normal
        496 s servers TEMPERATURE warning
        536 s servers TEMPERATURE normal
    "#]]
    .assert_eq(&told);
}

use super::{
    address,
    folder::{mark, refuse_as_real, settle},
    office, past, plans,
    sample::BUILDING,
};
use poe::{
    Model, Source, building_file,
    config::{Loaded, Origin},
};
use poe_building::SensorKey;
use poe_sim::office::Office;
use std::{collections::HashSet, fs};

const HOUR_MS: i64 = 3_600_000;
/// 2026-11-23 12:01:30 UTC.
const NOW_MS: i64 = 1_795_435_290_000;

fn model() -> Model {
    building_file::parse(BUILDING, "building.toml").unwrap()
}

#[test]
fn the_building_has_the_rooms_and_the_nodes_of_the_office() {
    let model = model();
    let described: Vec<_> = model.nodes.iter().map(|node| (node.address, node.place.as_deref())).collect();
    let simulated: Vec<_> =
        Office::rooms().enumerate().map(|(node, room)| (address(node), Some(room))).collect();
    assert_eq!(described, simulated);
    let keys: HashSet<_> =
        Office::sensors().map(|(node, id)| SensorKey { address: address(node), id }).collect();
    assert!(
        model.sensors.iter().all(|sensor| keys.contains(&sensor.key)),
        "a sensor is described that nobody has"
    );
    assert!(model.targets.is_empty() && model.heartbeat.is_none(), "nobody is told of what is made up");
}

#[test]
fn every_node_is_on_a_plan_and_the_drawings_come_through_whole() {
    let folder = tempfile::tempdir().unwrap();
    let plans = plans::all(folder.path()).unwrap();
    let names: HashSet<_> = model().places.iter().map(|place| place.name.clone()).collect();
    let mut placed = Vec::new();
    for (plan, drawing) in plans.iter().zip([include_str!("ground.svg"), include_str!("first.svg")]) {
        let image = plan.image.as_ref().unwrap();
        assert_eq!((image.width, image.height), (1_200, 760));
        assert!(names.contains(plan.place.as_ref().unwrap()));
        assert!(plan.zones.iter().all(|zone| names.contains(&zone.place)));
        placed.extend(plan.placements.iter().map(|placement| placement.source.clone()));
        let kept = fs::read_dir(folder.path().join("plans")).unwrap().map(|entry| entry.unwrap().path());
        let kept = kept.map(|path| fs::read_to_string(path).unwrap());
        let count = |text: &str| {
            ["<g", "<use", "<path", "<rect", "<circle", "<text", "fill=", "stroke=", "href="]
                .map(|part| text.matches(part).count())
        };
        assert!(
            kept.into_iter().any(|kept| count(&kept) == count(drawing)),
            "{}: something was left out",
            plan.name
        );
    }
    let nodes = |source: &&Source| matches!(source, Source::Node(_));
    assert_eq!(placed.iter().filter(nodes).count(), Office::rooms().len());
    assert_eq!(placed.iter().collect::<HashSet<_>>().len(), placed.len(), "nothing is in two places");
}

#[test]
fn the_past_is_a_week_long_and_goes_on_where_it_ended() {
    let times: Vec<i64> = past::times(None, NOW_MS).collect();
    assert!(times.is_sorted() && times.windows(2).all(|two| two[0] < two[1]));
    assert!((NOW_MS - times[0] - 7 * 24 * HOUR_MS).abs() <= HOUR_MS);
    assert_eq!(times.last(), Some(&(NOW_MS - 30_000)), "up to the last whole minute");
    let of_last_day = times.iter().filter(|at| NOW_MS - **at <= 24 * HOUR_MS).count();
    assert_eq!(of_last_day, 24 * 60);
    let since = |last: i64| past::times(Some(last), NOW_MS).collect::<Vec<_>>();
    assert_eq!(since(NOW_MS - 90_000), [NOW_MS - 30_000]);
    assert_eq!(since(NOW_MS - 1), [0; 0], "nothing is told twice");
    assert_eq!(since(0), times, "and no more than a week");
}

#[test]
fn records_are_those_of_the_office_by_the_clock_on_the_wall() {
    let records = past::records(Some(NOW_MS - 90_000), NOW_MS, 2 * HOUR_MS);
    let [first, ..] = records.as_chunks::<13>().0 else { panic!("no record") };
    let sensor = Office::sensors().nth(1).unwrap();
    assert_eq!(first[..4], u32::from(sensor.1).to_le_bytes(), "a flame detector speaks by the hour");
    assert_eq!(first[4..12], (NOW_MS - 30_000).to_le_bytes());
    assert_eq!(first[12], office().in_peace(sensor, NOW_MS - 30_000 + 2 * HOUR_MS));
}

#[test]
fn a_demo_has_a_folder_and_listeners_of_its_own_unless_somebody_says() {
    let mut loaded = Loaded::default();
    settle(&mut loaded).unwrap();
    assert_eq!(loaded.config.data_dir.to_str(), Some("./data-demo"));
    assert_eq!(loaded.config.listen, ["127.0.0.1:1234".parse().unwrap()]);
    assert!(loaded.config.http.unwrap().ip().is_loopback());

    let mut loaded = Loaded::default();
    loaded.config.data_dir = "elsewhere".into();
    loaded.config.listen = vec!["0.0.0.0:1235".parse().unwrap()];
    let given = loaded.config.clone();
    loaded.origins.extend(["data_dir", "listen"].map(|key| (key, Origin::Flag(key.to_owned()))));
    settle(&mut loaded).unwrap();
    assert_eq!(loaded.config, given);

    loaded.config.listen = vec!["192.168.1.5:1234".parse().unwrap()];
    assert!(settle(&mut loaded).unwrap_err().contains("127.0.0.1"));
    let mut loaded = Loaded::default();
    loaded.config.db = Some("/srv/site/db.sqlite3".into());
    assert!(settle(&mut loaded).unwrap_err().contains("its own folder"), "what others own is left alone");
}

#[test]
fn what_is_made_up_and_what_is_real_never_share_a_folder() {
    let scratch = tempfile::tempdir().unwrap();
    let [new, real] = ["new", "real"].map(|name| scratch.path().join(name));
    fs::create_dir(&real).unwrap();
    assert_eq!(refuse_as_real(&real), Ok(()));
    fs::write(real.join("state.db"), "").unwrap();
    assert!(mark(&real).unwrap_err().contains("is not a demo's folder"));
    assert_eq!(fs::read_dir(&real).unwrap().count(), 1, "nothing is left there");
    assert_eq!(refuse_as_real(&new), Ok(()));
    mark(&new).unwrap();
    fs::write(new.join("state.db"), "").unwrap();
    assert_eq!(mark(&new), Ok(()), "the next start finds it again");
    assert!(refuse_as_real(&new).unwrap_err().contains("--demo"));
}

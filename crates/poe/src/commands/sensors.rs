//! `poe sensors`: the latest value of every sensor.

use super::{
    Done,
    ask::{self, clock, told},
    pages::Pages,
};
use crate::{
    console::{
        table::{Column, TableInParts, counted},
        when::When,
    },
    process,
};
use clap::{Arg, ArgMatches, Command};
use serde_json::Value;

const PATH: &str = "/api/v1/sensors";
const FILTERS: [&str; 5] = ["node", "zone", "kind", "status", "quality"];

pub(crate) fn command() -> Command {
    let filter = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(name.to_ascii_uppercase()).help(help)
    };
    let command = Command::new("sensors")
        .about("Show the sensors and their latest values")
        .arg(filter("node", "Only those on this node: its address or its name"))
        .arg(filter("zone", "Only those in this place, or in anything in it"))
        .arg(filter("kind", "Only those that measure this, such as SMOKE"))
        .arg(filter("status", "Only those whose value means this, such as critical"))
        .arg(filter(
            "quality",
            "Only those whose value can be trusted so far: good, late, lost, fault, conflict",
        ));
    ask::with_json(ask::of_server(command))
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    let server = ask::server(matches)?;
    let kind = ask::word(matches, "kind").map(str::to_ascii_uppercase);
    let filters = FILTERS.map(|name| match name {
        "kind" => (name, kind.as_deref()),
        name => (name, ask::word(matches, name)),
    });
    let path = ask::path(PATH, &filters);
    let pages = Pages::of(&server, &path);
    if matches.get_flag("json") {
        return pages.print_json();
    }
    let (mut table, when) = (table(), When::now());
    let count = pages.print(|sensors| table.part(sensors.iter().map(|sensor| row(sensor, &when))))?;
    let end = match count {
        0 if filters.iter().any(|(_, value)| value.is_some()) => "no such sensor".to_owned(),
        0 => "no sensor is known yet".to_owned(),
        count => counted(count, "sensor"),
    };
    Ok(process::print(&format!("{end}\n"))?)
}

fn table() -> TableInParts<9> {
    TableInParts::new([
        Column::Text("sensor"),
        Column::Text("name"),
        Column::Text("place"),
        Column::Text("kind"),
        Column::Number("value"),
        Column::Text("unit"),
        Column::Text("status"),
        Column::Text("quality"),
        Column::Text("time"),
    ])
}

fn row(sensor: &Value, when: &When) -> [String; 9] {
    [
        told(sensor, "ip_id"),
        told(sensor, "name"),
        told(sensor, "place"),
        told(sensor, "kind"),
        told(sensor, "value"),
        told(sensor, "unit"),
        told(sensor, "status"),
        told(sensor, "quality"),
        clock(sensor, "time", when),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_sensor_is_a_row_and_a_second_part_stands_under_the_first() {
        let when = When::spring();
        let sensor = |ip_id: &str, value: Option<u8>| {
            json!({ "ip_id": ip_id, "name": null, "place": "kitchen", "kind": "HUMIDITY", "value": value, "unit": "%",
                    "status": value.map(|_| "normal"), "quality": "good",
                    "time": value.map(|_| "2026-03-29T14:03:01.250Z") })
        };
        let mut table = table();
        let mut part = |ip_id: &str, value| table.part([row(&sensor(ip_id, value), &when)].into_iter());
        let parts = [part("10.89.21.188_17", Some(40)), part("10.0.0.7_1", None)];
        expect_test::expect![[r#"
            sensor           name  place    kind      value  unit  status  quality  time
            10.89.21.188_17  -     kitchen  HUMIDITY     40  %     normal  good     14:03:01
            10.0.0.7_1       -     kitchen  HUMIDITY      -  %     -       good     -
        "#]]
        .assert_eq(&parts.concat());
    }
}

//! `s`: the sensors and their latest stored values.

use super::{
    filter::Filter,
    table::{Column, footer, table},
    when::When,
};
use poe::Sensor;

pub(super) fn answer(sensors: &[Sensor], wanted: &Filter, when: &When) -> String {
    let found: Vec<_> =
        sensors.iter().filter(|sensor| wanted.has_sensor(sensor.address, &sensor.ip_id)).collect();
    if found.is_empty() {
        return match wanted {
            Filter::All => "no sensor has sent a value yet".to_owned(),
            some => {
                format!("no sensor is called `{some}`; `n` shows the nodes, `s ADDRESS` a node's sensors")
            }
        };
    }
    let columns = [
        Column::Text("sensor"),
        Column::Text("kind"),
        Column::Number("value"),
        Column::Text(""),
        Column::Text("status"),
        Column::Text("time"),
    ];
    let rows = found.iter().map(|sensor| {
        [
            sensor.ip_id.clone(),
            sensor.kind.to_string(),
            sensor.value.to_string(),
            sensor.kind.unit().to_owned(),
            sensor.status.to_string(),
            when.clock(sensor.time),
        ]
    });
    let rows = table(&columns, rows);
    let others = format!("`s {}` shows those of one node", found[found.len() - 1].address);
    format!("{rows}\n{}, times in {}", footer(found.len(), "sensor", &others), when.zone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use poe::{SensorKind, Status};

    fn sensor(id: u8, kind: SensorKind, value: u8, status: Status, when: &When) -> Sensor {
        let time = when.seconds_before(i64::from(id));
        let address = "10.89.21.188".parse().unwrap();
        Sensor {
            ip_id: format!("{address}_{id}"),
            address,
            id,
            kind,
            value,
            time,
            status,
            legacy_status: status,
        }
    }

    #[test]
    fn each_sensor_has_a_row() {
        let when = When::spring();
        let sensors = [
            sensor(1, SensorKind::Temperature, 72, Status::Normal, &when),
            sensor(7, SensorKind::Fire, 0, Status::Critical, &when),
            sensor(17, SensorKind::Humidity, 45, Status::Normal, &when),
        ];
        expect![[r#"
            sensor           kind         value        status    time
            10.89.21.188_1   TEMPERATURE     72  degF  normal    14:03:06
            10.89.21.188_7   FIRE             0        critical  14:03:00
            10.89.21.188_17  HUMIDITY        45  %     normal    14:02:50
            3 sensors, times in UTC"#]]
        .assert_eq(&answer(&sensors, &Filter::All, &when));
        expect![[r#"
            sensor          kind  value     status    time
            10.89.21.188_7  FIRE      0     critical  14:03:00
            1 sensor, times in UTC"#]]
        .assert_eq(&answer(&sensors, &Filter::new("10.89.21.188_7"), &when));
        expect![[
            r#"no sensor is called `10.89.21.188_8`; `n` shows the nodes, `s ADDRESS` a node's sensors"#
        ]]
        .assert_eq(&answer(&sensors, &Filter::new("10.89.21.188_8"), &when));
    }
}

//! The floor plans of the demonstration: their drawings, and where on them zones, nodes and sensors are.

use super::address;
use poe_building::{Outline, Placement, Plan, Point, SensorKey, Source};
use std::path::Path;

/// The sides of both drawings, in whose units everything here is.
const WIDTH: u32 = 1_200;
const HEIGHT: u32 = 760;

type At = (u32, u32);

struct Floor {
    place: &'static str,
    title: &'static str,
    drawing: &'static str,
    zones: &'static [(&'static str, &'static [At])],
    /// By their places among the nodes of the office.
    nodes: &'static [(usize, At)],
    /// Sensors that hang elsewhere than their nodes.
    sensors: &'static [(usize, u8, At)],
}

const GROUND: Floor = Floor {
    place: "ground",
    title: "Ground floor",
    drawing: include_str!("ground.svg"),
    zones: &[
        ("catering", &[(40, 40), (620, 40), (620, 290), (40, 290)]),
        ("works", &[(620, 40), (1160, 40), (1160, 290), (620, 290)]),
        ("entrance", &[(400, 400), (960, 400), (960, 720), (400, 720)]),
        ("ways-0", &[(40, 290), (1160, 290), (1160, 400), (210, 400), (210, 720), (40, 720)]),
    ],
    nodes: &[
        (0, (285, 178)),
        (1, (540, 160)),
        (2, (770, 140)),
        (3, (1010, 150)),
        (4, (580, 555)),
        (5, (870, 545)),
        (6, (860, 345)),
        (7, (165, 460)),
    ],
    sensors: &[(1, 8, (505, 180)), (1, 20, (568, 104)), (4, 16, (590, 672))],
};

const FIRST: Floor = Floor {
    place: "first",
    title: "First floor",
    drawing: include_str!("first.svg"),
    zones: &[
        ("offices", &[(40, 40), (620, 40), (620, 290), (40, 290)]),
        ("meeting", &[(620, 40), (1160, 40), (1160, 290), (620, 290)]),
        ("technology", &[(400, 400), (820, 400), (820, 720), (400, 720)]),
        ("ways-1", &[(40, 290), (1160, 290), (1160, 400), (210, 400), (210, 720), (40, 720)]),
    ],
    nodes: &[
        (8, (195, 168)),
        (9, (475, 168)),
        (10, (710, 170)),
        (11, (890, 170)),
        (12, (1070, 165)),
        (13, (520, 545)),
        (14, (730, 490)),
        (15, (860, 345)),
    ],
    sensors: &[(13, 17, (520, 640)), (14, 18, (705, 622)), (14, 20, (790, 680))],
};

/// The plans. Their pictures are put into the data folder, made harmless as any that somebody sends.
pub(super) fn all(data_dir: &Path) -> Result<Vec<Plan>, String> {
    let plan = |floor: Floor| {
        let image = poe_api::keep_picture(&data_dir.join("plans"), floor.drawing.into())?;
        Ok(Plan { image: Some(image), ..floor.plan() })
    };
    [GROUND, FIRST].into_iter().map(plan).collect()
}

impl Floor {
    fn plan(&self) -> Plan {
        let outline = |(place, corners): &(&'static str, &'static [At])| Outline {
            place: (*place).into(),
            corners: corners.iter().map(|at| point(*at)).collect(),
        };
        let node =
            |(node, at): &(usize, At)| Placement { source: Source::Node(address(*node)), at: point(*at) };
        let sensor = |(node, id, at): &(usize, u8, At)| Placement {
            source: Source::Sensor(SensorKey { address: address(*node), id: *id }),
            at: point(*at),
        };
        Plan {
            name: self.place.into(),
            title: Some(self.title.into()),
            place: Some(self.place.into()),
            image: None,
            zones: self.zones.iter().map(outline).collect(),
            placements: self.nodes.iter().map(node).chain(self.sensors.iter().map(sensor)).collect(),
            version: 0,
        }
    }
}

fn point((x, y): At) -> Point {
    Point { x: x * Point::MAX / WIDTH, y: y * Point::MAX / HEIGHT }
}

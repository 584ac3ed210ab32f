//! `poe nodes`: who sends, and whether it is heard.

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
use clap::{ArgMatches, Command};
use serde_json::Value;

const PATH: &str = "/api/v1/nodes";

pub(crate) fn command() -> Command {
    let command = Command::new("nodes")
        .about("Show the nodes, and whether each is heard")
        .after_help("`poe node` says things about one: approve, move, retire, disconnect.");
    ask::with_json(ask::of_server(command))
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    let server = ask::server(matches)?;
    let pages = Pages::of(&server, PATH);
    if matches.get_flag("json") {
        return pages.print_json();
    }
    let (mut table, when) = (table(), When::now());
    let count = pages.print(|nodes| table.part(nodes.iter().map(|node| row(node, &when))))?;
    let end = if count == 0 {
        "no node is known yet: none has sent a value".to_owned()
    } else {
        counted(count, "node")
    };
    Ok(process::print(&format!("{end}\n"))?)
}

fn table() -> TableInParts<11> {
    TableInParts::new([
        Column::Text("node"),
        Column::Text("name"),
        Column::Text("place"),
        Column::Text("heard"),
        Column::Text("last seen"),
        Column::Number("connections"),
        Column::Number("sensors"),
        Column::Number("frames"),
        Column::Number("invalid"),
        Column::Text("approved"),
        Column::Text("address is"),
    ])
}

fn row(node: &Value, when: &When) -> [String; 11] {
    [
        told(node, "node"),
        told(node, "name"),
        told(node, "place"),
        told(node, "supervision"),
        clock(node, "last_seen", when),
        told(node, "connections"),
        told(node, "sensors"),
        told(node, "frames"),
        told(node, "invalid_frames"),
        if node["approved"] == true { "yes" } else { "new" }.to_owned(),
        if node["authenticated"] == true { "authenticated" } else { "unauthenticated" }.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_node_is_a_row() {
        let when = When::spring();
        let nodes = [
            json!({ "node": "10.0.0.7", "name": "stove", "place": "kitchen", "supervision": "good",
                    "last_seen": "2026-03-29T14:03:01.250Z", "connections": 1, "sensors": 21, "frames": 210,
                    "invalid_frames": 0, "approved": true, "authenticated": false }),
            json!({ "node": "10.0.0.18", "name": null, "place": null, "supervision": "lost", "last_seen": null,
                    "connections": 0, "sensors": 1, "frames": 0, "invalid_frames": 0, "approved": false }),
        ];
        expect_test::expect![[r#"
            node       name   place    heard  last seen  connections  sensors  frames  invalid  approved  address is
            10.0.0.7   stove  kitchen  good   14:03:01             1       21     210        0  yes       unauthenticated
            10.0.0.18  -      -        lost   -                    0        1       0        0  new       unauthenticated
        "#]]
        .assert_eq(&table().part(nodes.iter().map(|node| row(node, &when))));
    }
}

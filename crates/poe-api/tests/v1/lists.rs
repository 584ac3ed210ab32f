//! Lists that are told as a whole, unless somebody asks for less.

use serde_json::{Value, json};

use crate::{FLAME, Hall};

/// Every list of this kind, by its path.
const LISTS: [&str; 10] = [
    "buildings",
    "zones",
    "plans",
    "rules",
    "targets",
    "target_groups",
    "users",
    "tokens",
    "sessions",
    "enrolment",
];

fn items(page: &Value) -> &[Value] {
    page["items"].as_array().unwrap()
}

#[test]
fn every_list_comes_in_pages_to_those_who_ask_for_them() {
    let hall = Hall::open();
    for list in LISTS {
        let whole = hall.get(list);
        let (mut told, mut after) = (Vec::new(), 0);
        loop {
            let page = hall.get(&format!("{list}?limit=1&after={after}"));
            assert!(items(&page).len() <= 1, "{list}: {page}");
            told.extend_from_slice(items(&page));
            match page["next"].as_u64() {
                Some(next) => after = next,
                None => break,
            }
        }
        assert_eq!((told.as_slice(), &whole["next"]), (items(&whole), &Value::Null), "{list}");
        let unfit = hall.client.get(&format!("/api/v1/{list}?limit=0")).unwrap_err().to_string();
        assert!(unfit.contains("Between 1 and 10000."), "{list}: {unfit}");
    }
    assert_eq!(items(&hall.get("zones")).len(), 2, "that was several pages");
    assert!(items(&hall.get("rules")).len() > 5);
}

#[test]
fn nodes_that_wait_are_a_list() {
    let hall = Hall::open();
    hall.client.put("/api/v1/enrolment", &json!({ "mode": "approve" })).unwrap();
    for node in ["10.0.0.11", "10.0.0.12"] {
        hall.engine.frames(node, &[FLAME]);
    }
    // Whoever knows them as `waiting` still does.
    let whole = hall.get("enrolment");
    assert_eq!((items(&whole).len(), &whole["waiting"]), (2, &whole["items"]));
    let first = hall.get("enrolment?limit=1");
    assert_eq!((&items(&first)[0]["node"], &first["next"]), (&json!("10.0.0.11"), &json!(1)));
    let second = hall.get("enrolment?limit=1&after=1");
    assert_eq!((&items(&second)[0]["node"], &second["next"]), (&json!("10.0.0.12"), &Value::Null));
}

//! What is in the folder of a demonstration before its first reading comes: the building, its plans, and a week of the past.

use super::{past, plans};
use poe::{Db, DbOptions, Order, Time, Who, building_file, config::Config};
use poe_building::Profile;
use poe_history::{History, ImportOptions, Options};
use poe_store::DataFolder;
use std::{error::Error, time::Instant};
use tracing::info;

pub(super) const BUILDING: &str = include_str!("building.toml");

/// Fills the folder with what is missing in it: everything at the first start, later the time while nobody was there.
pub(super) fn fill(config: &Config) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let db = open(config)?;
    let (is_new, last) = (db.model().version == 0, db.last_reading());
    if is_new {
        let (orders, who) = (orders(config)?, Who::new("demo", "demo"));
        db.carry_out_all(orders, &who)?;
    } else {
        drop(db);
    }
    let readings = fill_history(config, last)?;
    let folder = config.data_dir.display();
    info!(
        "this is a demo: the building in {folder} and its nodes are made up; {readings} readings of the past were added in {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    Ok(())
}

fn open(config: &Config) -> Result<Db, poe::OpenError> {
    let (data_dir, file, table) = (config.data_dir.clone(), config.db_path(), config.table.clone());
    Db::open_with(DbOptions { data_dir, file, table })
}

/// The building and its plans, whose pictures are put in their place.
fn orders(config: &Config) -> Result<Vec<Order>, Box<dyn Error>> {
    let model = building_file::parse(BUILDING, "building.toml")
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let mut orders = vec![Order::SetModel { model: Box::new(model), from_version: None }];
    for plan in plans::all(&config.data_dir)? {
        orders.push(Order::SetPlan { plan: Box::new(plan), from_version: None });
    }
    Ok(orders)
}

/// Adds what the sensors would have said since `last`, or for a week. Returns how many readings that are.
fn fill_history(config: &Config, last: Option<Time>) -> Result<u64, Box<dyn Error>> {
    let Some(retention) = config.retention() else { return Ok(0) };
    // Nobody starts a server meanwhile.
    let _folder = DataFolder::lock(&config.data_dir)?;
    let (history, _log, _keeper, _notices) =
        History::open(&Options { data_dir: config.data_dir.clone(), retention })?;
    let now = jiff::Zoned::now();
    let (now_ms, offset_ms) = (now.timestamp().as_millisecond(), i64::from(now.offset().seconds()) * 1_000);
    // A first start that was cut short has left a past, and no reading that tells of its end.
    if last.is_none() && history.figures_now().oldest_ms.is_some() {
        return Ok(0);
    }
    let records = past::records(last.map(|last| last.0 / 1_000), now_ms, offset_ms);
    let options = ImportOptions { profile: Profile::IIT_2022, lenient: false, again: false, now_ms };
    Ok(past::import(&history, &records, &options)?.readings)
}

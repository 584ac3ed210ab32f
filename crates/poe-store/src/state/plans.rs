//! Floor plans. Each is replaced by the next as a whole.

use crate::fields::{Fields, Flaw, read_all, signed};
use poe_building::{Outline, Placement, Plan, PlanImage, Point, SecretHash, Text};
use rusqlite::{Connection, Transaction, params};
use std::{fmt::Write, sync::Arc};

pub(crate) fn write(
    transaction: &Transaction<'_>,
    plans: &[(Text, Option<Arc<Plan>>)],
) -> rusqlite::Result<()> {
    for (name, plan) in plans {
        for table in ["plan_zones", "plan_placements"] {
            let delete = format!("DELETE FROM {table} WHERE plan = ?1");
            transaction.prepare_cached(&delete)?.execute([&**name])?;
        }
        transaction.prepare_cached("DELETE FROM plans WHERE name = ?1")?.execute([&**name])?;
        if let Some(plan) = plan {
            write_plan(transaction, plan)?;
        }
    }
    Ok(())
}

fn write_plan(transaction: &Transaction<'_>, plan: &Plan) -> rusqlite::Result<()> {
    let image = plan.image.as_ref();
    let mut insert = transaction.prepare_cached(
        "INSERT INTO plans (name, title, place, hash, format, width, height, bytes, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    insert.execute(params![
        &*plan.name,
        plan.title.as_deref(),
        plan.place.as_deref(),
        image.map(|image| image.hash.0),
        image.map(|image| image.format.name()),
        image.map(|image| image.width),
        image.map(|image| image.height),
        image.map(|image| signed(image.bytes)),
        signed(plan.version),
    ])?;
    let mut insert = transaction
        .prepare_cached("INSERT INTO plan_zones (plan, item, place, corners) VALUES (?1, ?2, ?3, ?4)")?;
    for (item, Outline { place, corners }) in (0_i64..).zip(&plan.zones) {
        insert.execute(params![&*plan.name, item, &**place, pairs(corners)])?;
    }
    let mut insert = transaction.prepare_cached(
        "INSERT INTO plan_placements (plan, item, source_kind, source, x, y) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (item, Placement { source, at }) in (0_i64..).zip(&plan.placements) {
        insert.execute(params![&*plan.name, item, source.kind(), source.to_string(), at.x, at.y])?;
    }
    Ok(())
}

pub(crate) fn read(connection: &Connection) -> Result<Vec<Plan>, Flaw> {
    let sql =
        "SELECT name, title, place, version, hash, format, width, height, bytes FROM plans ORDER BY name";
    let mut plans = read_all(connection, "plans", sql, &[], |fields| {
        Ok(Plan {
            name: fields.text()?,
            title: fields.maybe(1, Fields::text)?,
            place: fields.maybe(1, Fields::text)?,
            version: fields.number()?,
            image: fields.maybe(5, |fields| {
                Ok(PlanImage {
                    hash: fields.hash()?.map(SecretHash).ok_or_else(|| fields.broken("no SHA-256"))?,
                    format: fields.word()?,
                    width: fields.number()?,
                    height: fields.number()?,
                    bytes: fields.number()?,
                })
            })?,
            zones: Vec::new(),
            placements: Vec::new(),
        })
    })?;
    let sql = "SELECT plan, place, corners FROM plan_zones ORDER BY plan, item";
    let zones = read_all(connection, "plan_zones", sql, &[], |fields| {
        Ok((fields.text()?, Outline { place: fields.text()?, corners: corners(fields)? }))
    })?;
    let sql = "SELECT plan, source_kind, source, x, y FROM plan_placements ORDER BY plan, item";
    let placements = read_all(connection, "plan_placements", sql, &[], |fields| {
        let (plan, source) = (fields.text()?, fields.source()?);
        Ok((plan, Placement { source, at: Point { x: fields.number()?, y: fields.number()? } }))
    })?;
    let find = |name: &Text| plans.iter().position(|plan| plan.name == *name);
    let zones: Vec<_> = zones.into_iter().filter_map(|(plan, zone)| Some((find(&plan)?, zone))).collect();
    let placed: Vec<_> = placements.into_iter().filter_map(|(plan, it)| Some((find(&plan)?, it))).collect();
    zones.into_iter().for_each(|(at, zone)| plans[at].zones.push(zone));
    placed.into_iter().for_each(|(at, placement)| plans[at].placements.push(placement));
    Ok(plans)
}

fn pairs(corners: &[Point]) -> String {
    corners.iter().enumerate().fold(String::new(), |mut text, (no, Point { x, y })| {
        let comma = if no > 0 { "," } else { "" };
        write!(text, "{comma}{x} {y}").expect("a String takes any text");
        text
    })
}

fn corners(fields: &mut Fields<'_>) -> Result<Vec<Point>, Flaw> {
    let text = fields.str()?;
    let point = |pair: &str| {
        let (x, y) = pair.split_once(' ')?;
        Some(Point { x: x.parse().ok()?, y: y.parse().ok()? })
    };
    text.split(',').map(|pair| point(pair).ok_or_else(|| fields.broken(pair))).collect()
}

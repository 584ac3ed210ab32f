//! Who can be told, and who is told together.

use super::lists::{self, Lists};
use crate::fields::{Fields, Flaw, millis, read_all};
use poe_building::{Class, Delivery, Email, Hours, Target, TargetGroup, Text, Webhook};
use rusqlite::{Connection, Transaction, named_params, params};
use std::{collections::HashMap, str::FromStr};

pub(crate) fn write(transaction: &Transaction<'_>, targets: &[Target]) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO targets (position, name, expires_ms, delivery, host, port, security, user, password_file, sender,
         url, format, secret_file, ca_file, time_limit_ms)
         VALUES (:position, :name, :expires, :delivery, :host, :port, :security, :user, :password_file, :sender,
         :url, :format, :secret_file, :ca_file, :time_limit)",
    )?;
    for (position, target) in (0_i64..).zip(targets) {
        let (mut email, mut webhook, mut time_limit) = (None, None, None);
        let delivery = match &target.delivery {
            Delivery::Email(it) => {
                email = Some(it);
                lists::write(transaction, "targets", position, "to", it.to.iter().map(|to| &**to))?;
                "email"
            }
            Delivery::Webhook(it) => {
                webhook = Some(it);
                "webhook"
            }
            Delivery::Command { arguments, time_limit: limit } => {
                time_limit = Some(millis(*limit));
                let arguments = arguments.iter().map(|argument| &**argument);
                lists::write(transaction, "targets", position, "arguments", arguments)?;
                "command"
            }
        };
        let ca_file = match &target.delivery {
            Delivery::Email(email) => email.ca_file.as_deref(),
            Delivery::Webhook(webhook) => webhook.ca_file.as_deref(),
            Delivery::Command { .. } => None,
        };
        insert.execute(named_params! {
            ":position": position,
            ":name": &*target.name,
            ":expires": target.expires.map(millis),
            ":delivery": delivery,
            ":host": email.map(|email| &*email.host),
            ":port": email.map(|email| email.port),
            ":security": email.map(|email| email.security.name()),
            ":user": email.and_then(|email| email.user.as_deref()),
            ":password_file": email.and_then(|email| email.password_file.as_deref()),
            ":sender": email.map(|email| &*email.from),
            ":url": webhook.map(|webhook| &*webhook.url),
            ":format": webhook.map(|webhook| webhook.format.name()),
            ":secret_file": webhook.and_then(|webhook| webhook.secret_file.as_deref()),
            ":ca_file": ca_file,
            ":time_limit": time_limit,
        })?;
    }
    Ok(())
}

pub(crate) fn read(connection: &Connection, lists: &Lists) -> Result<Vec<Target>, Flaw> {
    let sql = "SELECT position, name, expires_ms, delivery, host, port, security, user, password_file, sender, ca_file
               FROM targets WHERE delivery = 'email' ORDER BY position";
    let emails = read_all(connection, "targets", sql, &[], |fields| {
        let (position, name, expires, _) = begin(fields)?;
        let delivery = Delivery::Email(Email {
            host: fields.text()?,
            port: fields.number()?,
            security: fields.word()?,
            user: fields.maybe(1, Fields::text)?,
            password_file: fields.maybe(1, Fields::text)?,
            from: fields.text()?,
            ca_file: fields.maybe(1, Fields::text)?,
            to: lists.get("targets", position, "to"),
        });
        Ok((position, Target { name, delivery, expires }))
    })?;
    let sql = "SELECT position, name, expires_ms, delivery, url, format, secret_file, ca_file, time_limit_ms
               FROM targets WHERE delivery <> 'email' ORDER BY position";
    let others = read_all(connection, "targets", sql, &[], |fields| {
        let (position, name, expires, delivery) = begin(fields)?;
        let delivery = match delivery {
            "webhook" => Delivery::Webhook(Webhook {
                url: fields.text()?,
                format: fields.word()?,
                secret_file: fields.maybe(1, Fields::text)?,
                ca_file: fields.maybe(1, Fields::text)?,
            }),
            "command" => {
                fields.skip(4);
                let arguments = lists.get("targets", position, "arguments");
                Delivery::Command { arguments, time_limit: fields.millis()? }
            }
            other => return Err(fields.broken(other)),
        };
        Ok((position, Target { name, delivery, expires }))
    })?;
    let mut targets: Vec<(i64, Target)> = emails.into_iter().chain(others).collect();
    targets.sort_by_key(|(position, _)| *position);
    Ok(targets.into_iter().map(|(_, target)| target).collect())
}

type Beginning<'a> = (i64, Text, Option<std::time::Duration>, &'a str);

fn begin<'a>(fields: &mut Fields<'a>) -> Result<Beginning<'a>, Flaw> {
    Ok((fields.number()?, fields.text()?, fields.maybe(1, Fields::millis)?, fields.str()?))
}

pub(crate) fn write_groups(transaction: &Transaction<'_>, groups: &[TargetGroup]) -> rusqlite::Result<()> {
    let mut insert = transaction
        .prepare_cached("INSERT INTO target_groups (position, name, level) VALUES (?1, ?2, ?3)")?;
    let mut hours = transaction.prepare_cached(
        "INSERT INTO duty_hours (position, item, days, from_minute, to_minute) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (position, group) in (0_i64..).zip(groups) {
        insert.execute(params![position, &*group.name, group.level])?;
        let list = |list, items| lists::write(transaction, "target_groups", position, list, items);
        list("targets", group.targets.iter().map(|name| &**name).collect::<Vec<_>>())?;
        list("classes", group.classes.iter().map(|class| class.name()).collect())?;
        list("places", group.places.iter().map(|name| &**name).collect())?;
        for (item, duty) in (0_i64..).zip(&group.hours) {
            let days = (0..7).fold(0_u8, |days, day| days | u8::from(duty.days[day]) << day);
            hours.execute(params![position, item, days, duty.from, duty.to])?;
        }
    }
    Ok(())
}

pub(crate) fn read_groups(connection: &Connection, lists: &Lists) -> Result<Vec<TargetGroup>, Flaw> {
    let sql = "SELECT position, days, from_minute, to_minute FROM duty_hours ORDER BY position, item";
    let hours = read_all(connection, "duty_hours", sql, &[], |fields| {
        let (position, days) = (fields.number::<i64>()?, fields.number::<u8>()?);
        let days = std::array::from_fn(|day| days >> day & 1 == 1);
        Ok((position, Hours { days, from: fields.number()?, to: fields.number()? }))
    })?;
    let mut duty: HashMap<i64, Vec<Hours>> = HashMap::new();
    for (position, hours) in hours {
        duty.entry(position).or_default().push(hours);
    }
    let sql = "SELECT position, name, level FROM target_groups ORDER BY position";
    read_all(connection, "target_groups", sql, &[], |fields| {
        let position = fields.number()?;
        let get = |list| lists.get("target_groups", position, list);
        let class = |word: &Text| {
            let broken = || Flaw::Broken(format!("there is no class {word:?}"));
            Class::from_str(word).map_err(|_| broken())
        };
        Ok(TargetGroup {
            name: fields.text()?,
            level: fields.number()?,
            targets: get("targets"),
            classes: get("classes").iter().map(class).collect::<Result<_, _>>()?,
            places: get("places"),
            hours: duty.get(&position).cloned().unwrap_or_default(),
        })
    })
}

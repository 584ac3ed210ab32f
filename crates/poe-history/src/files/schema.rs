//! The columns of the files, and what else their footers say. People rely on this: see `docs/history-format.md`.

use super::Step;
use parquet::{
    basic::{LogicalType, Repetition, TimeUnit, Type as Physical},
    errors::Result,
    schema::types::{Type, TypePtr},
};
use std::sync::Arc;

/// The version of the schema. A file with another one is not read.
pub(super) const VERSION: &str = "1";
/// The key of the version.
pub(super) const KEY_VERSION: &str = "poe.schema";
/// The key of a sentence for whoever finds the file.
pub(super) const KEY_DESCRIPTION: &str = "poe.description";
/// The key of the directory of sensors, base64.
pub(super) const KEY_SENSORS: &str = "poe.sensors";
/// The key of the blocks' CRCs, each four bytes, the lowest first, base64.
pub(super) const KEY_BLOCKS: &str = "poe.blocks";
/// The key of where the tail begins, in 16 hexadecimal digits, and of its CRC, in eight.
pub(super) const KEY_TAIL: &str = "poe.tail";

/// What a table is about, and its columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Table {
    Raw,
    Rollup(Step),
}

impl Table {
    pub(super) fn description(self) -> &'static str {
        match self {
            Self::Raw => {
                "Readings of a building's sensors, by node, sensor and time. status is what value meant then."
            }
            Self::Rollup(Step::Minute) => {
                "What each sensor said in each minute, which begins at time. The mean is sum / count."
            }
            Self::Rollup(Step::Hour) => {
                "What each sensor said in each hour, which begins at time. The mean is sum / count."
            }
        }
    }

    /// Its columns, in order.
    pub(super) fn schema(self) -> Result<TypePtr> {
        let columns: &[(&str, Column)] = match self {
            Self::Raw => &[
                ("time", Column::Time),
                ("node", Column::Text),
                ("sensor", Column::Byte),
                ("kind", Column::Text),
                ("value", Column::Byte),
                ("status", Column::Text),
            ],
            Self::Rollup(_) => &[
                ("time", Column::Time),
                ("node", Column::Text),
                ("sensor", Column::Byte),
                ("kind", Column::Text),
                ("count", Column::Count),
                ("min", Column::Byte),
                ("max", Column::Byte),
                ("sum", Column::Sum),
                ("last", Column::Byte),
            ],
        };
        let fields = columns.iter().map(|(name, column)| column.field(name)).collect::<Result<_>>()?;
        let name = if self == Self::Raw { "readings" } else { "rollups" };
        Ok(Arc::new(Type::group_type_builder(name).with_fields(fields).build()?))
    }
}

/// What a column holds.
enum Column {
    Time,
    Text,
    Byte,
    Count,
    Sum,
}

impl Column {
    fn field(&self, name: &str) -> Result<TypePtr> {
        let unsigned = |bits| Some(LogicalType::integer(bits, false));
        let (physical, logical) = match self {
            Self::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
            Self::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Self::Byte => (Physical::INT32, unsigned(8)),
            Self::Count => (Physical::INT32, unsigned(32)),
            Self::Sum => (Physical::INT64, None),
        };
        let field = Type::primitive_type_builder(name, physical);
        Ok(Arc::new(field.with_repetition(Repetition::REQUIRED).with_logical_type(logical).build()?))
    }
}

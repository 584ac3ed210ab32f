//! Tables that fit on a screen.

use comfy_table::{Cell, CellAlignment, Table};

/// Rows shown at once: a few screens. Who needs others names them.
pub(crate) const ROWS_MAX: usize = 200;

/// A column's head and the side on which it is even.
pub(crate) enum Column {
    Text(&'static str),
    Number(&'static str),
}

/// The first rows under their heads.
pub(crate) fn table<const N: usize>(
    columns: &[Column; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    whole_table(columns, rows.take(ROWS_MAX))
}

/// Every row, for those who have asked for that.
pub(crate) fn whole_table<const N: usize>(
    columns: &[Column; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(columns.iter().map(|column| match column {
        Column::Text(head) | Column::Number(head) => Cell::new(head),
    }));
    table.add_rows(rows);
    for (column, told) in table.column_iter_mut().zip(columns) {
        column.set_padding((0, 2));
        if let Column::Number(_) = told {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// The last line of a table: `21 sensors`, or how many of them are shown and how to see others.
pub(crate) fn footer(found: usize, noun: &str, others: &str) -> String {
    if found > ROWS_MAX {
        format!("the first {ROWS_MAX} of {}; {others}", counted(found, noun))
    } else {
        counted(found, noun)
    }
}

/// `1 sensor`, `2 sensors`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

//! Tables that fit on a screen.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, Table, Width};

/// Rows shown at once: a few screens. Who needs others names them.
pub(crate) const ROWS_MAX: usize = 200;

/// Blanks between two columns.
const GAP: u16 = 2;

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
    let mut table = bare(rows);
    table.set_header(columns.iter().map(heading));
    align(&mut table, columns);
    table.trim_fmt()
}

/// A table whose rows come in parts, each under the one before: what has been shown needs no memory. A wider part is
/// wider than those before it.
pub(crate) struct TableInParts<const N: usize> {
    columns: [Column; N],
    /// The widest that was in each column so far; none before the first part.
    widths: Vec<u16>,
}

impl<const N: usize> TableInParts<N> {
    pub(crate) fn new(columns: [Column; N]) -> Self {
        Self { columns, widths: Vec::new() }
    }

    /// The next rows, as whole lines; the first ones come under their heads.
    pub(crate) fn part(&mut self, rows: impl Iterator<Item = [String; N]>) -> String {
        let mut table = bare(rows);
        if self.widths.is_empty() {
            table.set_header(self.columns.iter().map(heading));
        }
        align(&mut table, &self.columns);
        for (column, width) in table.column_iter_mut().zip(&self.widths) {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width + GAP)));
        }
        let widths = table.column_max_content_widths();
        self.widths.resize(widths.len(), 0);
        self.widths.iter_mut().zip(widths).for_each(|(width, now)| *width = now.max(*width));
        format!("{}\n", table.trim_fmt())
    }
}

fn bare<const N: usize>(rows: impl Iterator<Item = [String; N]>) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.add_rows(rows);
    table
}

fn heading(column: &Column) -> Cell {
    match column {
        Column::Text(head) | Column::Number(head) => Cell::new(head),
    }
}

fn align(table: &mut Table, columns: &[Column]) {
    for (column, told) in table.column_iter_mut().zip(columns) {
        column.set_padding((0, GAP));
        if let Column::Number(_) = told {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
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

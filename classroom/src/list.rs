//! Shows which exercises there are.

use comfy_table::{ContentArrangement, Table, TableStyle};
use shared::println;

use crate::exercises::Exercise;

/// Not wider than a page of text.
const WIDTH: u16 = 100;

/// Prints a table of the exercises.
pub fn print(exercises: &[Exercise]) {
    let mut table = Table::new();
    let rows = exercises.iter().map(|exercise| {
        [
            exercise.name.clone(),
            exercise.kind.name().into(),
            exercise.level.to_string(),
            exercise.minutes.to_string(),
            exercise.before.clone(),
        ]
    });
    table
        .load_style(TableStyle::new())
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header(["exercise", "kind", "level", "minutes", "prerequisites"])
        .add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    println!("{}", table.trim_fmt());
}

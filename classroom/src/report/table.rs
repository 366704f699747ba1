//! A table for the terminal: a row for every student, a column for every exercise.

use comfy_table::{CellAlignment, ContentArrangement, Table, TableStyle};

use crate::grade::Grade;

/// Not wider than a page of text.
const WIDTH: u16 = 100;

/// The points, then why they are not all.
pub fn of_grades(grades: &[Grade]) -> String {
    let points = table(points(grades));
    let reasons = reasons(grades);
    if reasons.is_empty() {
        return points;
    }
    let mut reasons = table(reasons);
    reasons = format!("\n{reasons}");
    points + "\n" + &reasons
}

/// The exercises, in the order in which they come.
pub fn exercises(grades: &[Grade]) -> Vec<&str> {
    let first = grades.first().map(|grade| &grade.folder);
    let of_first = grades
        .iter()
        .take_while(|grade| Some(&grade.folder) == first);
    of_first.map(|grade| grade.exercise.as_str()).collect()
}

/// Points of one exercise: "7 of 10".
pub fn of_all(grade: &Grade) -> String {
    match grade.is_graded() {
        false => "?".into(),
        true => format!("{} of {}", grade.points(), grade.checks.len()),
    }
}

fn points(grades: &[Grade]) -> Vec<Vec<String>> {
    let exercises = exercises(grades);
    let head = ["student"].into_iter().chain(exercises.iter().copied());
    let mut rows = vec![head.map(str::to_owned).collect()];
    for of_student in grades.chunks(exercises.len().max(1)) {
        let mut row = vec![of_student[0].student()];
        row.extend(of_student.iter().map(of_all));
        rows.push(row);
    }
    rows
}

fn reasons(grades: &[Grade]) -> Vec<Vec<String>> {
    let several = exercises(grades).len() > 1;
    let reasons = grades.iter().filter(|grade| !grade.reason().is_empty());
    let row = |grade: &Grade| {
        let mut row = vec![grade.student()];
        if several {
            row.push(grade.exercise.clone());
        }
        row.push(grade.reason());
        row
    };
    let rows: Vec<_> = reasons.map(row).collect();
    if rows.is_empty() {
        return rows;
    }
    let head: &[&str] = if several {
        &["student", "exercise", "what is missing"]
    } else {
        &["student", "what is missing"]
    };
    [head.iter().copied().map(str::to_owned).collect()]
        .into_iter()
        .chain(rows)
        .collect()
}

fn table(mut rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new())
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header(rows.remove(0))
        .add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
        column.set_cell_alignment(CellAlignment::Left);
    }
    table.trim_fmt()
}

//! Writes the pages of what is handed out: all that a student has to know.

use crate::exercises::{Exercise, Hint, Kind};

/// The page of an exercise.
pub fn page(exercise: &Exercise, hints: &[Hint]) -> String {
    let Exercise {
        name,
        title,
        level,
        minutes,
        before,
        task,
        look_at,
        ..
    } = exercise;
    let crates = crates(exercise);
    let first = match exercise.kind {
        Kind::Write => "At first both say that nothing is written yet, and where.",
        Kind::Mend => "At first the program runs, and the tests say what is wrong with it.",
    };
    let folds: String = hints.iter().map(fold).collect();
    format!(
        "# {title}\n\n\
         Level {level} of 3, about {minutes} minutes. You should know: {before}.\n\n\
         ## Your task\n\n\
         {task}\n\
         All of it is in `src/main.rs`. You may use the standard library, {crates}.\n\n\
         ## What to look at\n\n\
         {look_at}\n\
         ## Run it and test it\n\n\
         ```sh\n\
         cargo run -p {name}\n\
         cargo test -p {name}\n\
         ```\n\n\
         {first}\n\
         Read the first test that fails, and mend that before you look at the next.\n\n\
         ## Hints\n\n\
         Two for every test. Take one at a time.\n\n\
         {folds}"
    )
}

/// The first page of the folder.
pub fn index(exercises: &[Exercise]) -> String {
    let row = |exercise: &Exercise| {
        let Exercise {
            name,
            title,
            level,
            minutes,
            ..
        } = exercise;
        format!("| [{title}]({name}/EXERCISE.md) | `{name}` | {level} | {minutes} |\n")
    };
    let rows: String = exercises.iter().map(row).collect();
    let name = exercises.first().map_or("NAME", |exercise| &exercise.name);
    format!(
        "# Exercises\n\n\
         Every folder but `shared` is an exercise; its `EXERCISE.md` says what to do. You need\n\
         [Rust](https://rustup.rs) and a C compiler. The first build takes about a minute.\n\n\
         ## How to work on an exercise\n\n\
         Change the file `src/main.rs` in the folder of the exercise, and only that file: it is what\n\
         you hand in. Then type one of these commands here, in the folder of this README. `NAME` is\n\
         the folder of your exercise, for example `{name}`.\n\n\
         ```sh\n\
         cargo run -p NAME\n\
         cargo test -p NAME\n\
         ```\n\n\
         `cargo run` runs your program. `cargo test` checks it: a check that passed says `ok`, one that\n\
         did not says `FAILED`, and one that did not run, because another has to pass first, says\n\
         `ignored`. Below the list every failed check says what it saw, and asks a question. Mend the\n\
         first of them, then test again.\n\n\
         ## The exercises\n\n\
         | exercise | folder | level | minutes |\n\
         |---|---|---|---|\n\
         {rows}"
    )
}

/// What is in the manifest.
fn crates(exercise: &Exercise) -> String {
    let names = exercise.dependencies.iter().map(String::as_str);
    let mut names: Vec<String> = names
        .chain(["shared"])
        .map(|name| format!("`{name}`"))
        .collect();
    let last = names.pop().unwrap_or_default();
    if names.is_empty() {
        return format!("and {last}");
    }
    format!("{} and {last}", names.join(", "))
}

fn fold(hint: &Hint) -> String {
    let Hint {
        check,
        first,
        second,
    } = hint;
    format!(
        "<details><summary><code>{check}</code></summary>\n\n\
         {first}\n\n\
         <details><summary>One more</summary>\n\n\
         {second}\n\n\
         </details>\n\
         </details>\n\n"
    )
}

//! Exercises are what they should be: `classroom check` says so of these few, and in CI of all.

mod running;

use running::{command, run};

#[test]
fn a_few_exercises_fail_as_handed_out_and_pass_when_solved() {
    let few = ["sync-cpu", "computed_once", "threads"];
    let checked = run(command(&["check", "--unconfined"]).args(few));
    checked.expect(0);
    assert_eq!(checked.stdout, "3 of 3 exercises are as they should be\n");
}

#[test]
#[ignore = "five minutes; `cargo run -p classroom -- check` does the same"]
fn all_exercises_fail_as_handed_out_and_pass_when_solved() {
    run(&mut command(&["check", "--unconfined"])).expect(0);
}

//! The grader of this lesson: `cargo test -p sync-cpu`, also for a solution of your own.

use shared::grader::Computer;

const LESSON: Computer = Computer {
    program: env!("CARGO_BIN_EXE_sync-cpu"),
    workers_option: false,
};

#[test]
fn does_every_job() {
    LESSON.does_every_job();
}

#[test]
fn keeps_every_worker_busy() {
    LESSON.keeps_every_worker_busy();
}

#[test]
fn refuses_senseless_options() {
    LESSON.refuses_senseless_options();
}
